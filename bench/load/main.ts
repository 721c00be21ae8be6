// Sends one load to a server and prints its rate and latencies as JSON: main.ts ENDPOINT SHAPE [CALLERS CONNECTIONS]
import { GrpcClient } from "./grpc-client";
import { shapes } from "./shapes";

async function main([
  endpoint = "",
  name = "",
  callers = "100",
  connections = "10",
]: string[]): Promise<void> {
  const shape = shapes[name];
  if (shape === undefined)
    throw new Error(`${name}: no such load; there are ${Object.keys(shapes).join(", ")}`);
  const clients = await Promise.all(
    Array.from({ length: Number(connections) }, () => GrpcClient.connect(endpoint)),
  );
  const { latenciesMs, seconds } = await shape.run({
    ...{ clients, callers: Number(callers) },
    total: callers === "1" ? shape.total / 10 : shape.total,
  });
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  console.log(JSON.stringify({ perSecond: sorted.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }));
  for (const client of clients) client.close();
}

void main(process.argv.slice(2));
