// In a fresh process: loads the library, and starts servers until the response of the first put of each. Prints the times as JSON.
import { library } from "./programs.mjs";

const from = performance.now();
const { startEmbeddedServer, connect } = await library();
const loadMs = performance.now() - from;
const startsMs = [];
for (let i = 0; i < 11; i++) {
  const start = performance.now();
  const server = await startEmbeddedServer();
  const client = await connect({ endpoints: [server.endpoint] });
  await client.kv.put({ key: "k", value: "v" });
  startsMs.push(performance.now() - start);
  await client.close();
  await server.stop();
}
console.log(JSON.stringify({ loadMs, startsMs }));
