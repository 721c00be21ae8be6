// The /metrics page in Prometheus' text format. prom-client writes the format; it is loaded with the first request of the page.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- an import would be one at run time
/// <reference path="./prom-client-registry.d.ts" />
import type { EtcdServer } from "../../member/etcd-server";
import { diskFamilies } from "./disk";
import { goFloat, type Family } from "./family";
import { processFamilies } from "./process";
import { rpcFamilies } from "./rpc";
import { serverFamilies } from "./server";
import { storeFamilies } from "./store";

/** Every metric that the page can have, by name. */
export const families: readonly Family[] = [
  ...diskFamilies,
  ...processFamilies,
  ...rpcFamilies,
  ...serverFamilies,
  ...storeFamilies,
].sort((a, b) => (a.name < b.name ? -1 : 1));

export async function metricsPage(server: EtcdServer): Promise<string> {
  const { default: Registry } = await import("prom-client/lib/registry");
  const registry = new Registry();
  for (const { name, type, help, samples } of families) {
    const values = samples(server).map(({ suffix = "", labels, value }) => ({
      metricName: name + suffix,
      labels,
      value,
    }));
    if (values.length > 0) registry.registerMetric({ name, get: () => ({ name, type, help, values }) });
  }
  const page = await registry.metrics();
  server.metrics.scrapes++;
  // prom-client writes finite numbers as JavaScript does, and +Inf, -Inf and Nan.
  return page
    .replaceAll("\n\n", "\n")
    .replace(
      /^(?!#)(.*) (\S+)$/gm,
      (_line, sample: string, value: string) =>
        `${sample} ${goFloat(Number(value.replace("Inf", "Infinity")))}`,
    );
}
