// The one file of prom-client that the page needs: the package's index loads its default metrics and OpenTelemetry too.
declare module "prom-client/lib/registry" {
  export default class Registry {
    registerMetric(metric: { readonly name: string; get(): unknown }): void;
    metrics(): Promise<string>;
  }
}
