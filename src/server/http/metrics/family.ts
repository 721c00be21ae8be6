// A metric of the /metrics page: its name, type and help, and how its values are read from the server when the page is asked
// for. Labels are in alphabetical order, as Go's client library prints them.
import type { EtcdServer } from "../../member/etcd-server";
import type { Histogram, LabelledHistograms } from "../../metrics/histogram";

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Appended to the name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Without samples, the family is not on the page. */
  samples(server: EtcdServer): readonly Sample[];
}

type Read<T> = (server: EtcdServer) => T;

export function gauge(name: string, help: string, read: Read<number | bigint>): Family {
  return single("gauge", name, help, read);
}

export function counter(name: string, help: string, read: Read<number | bigint>): Family {
  return single("counter", name, help, read);
}

function single(type: Family["type"], name: string, help: string, read: Read<number | bigint>): Family {
  return { name, type, help, samples: (server) => [{ value: Number(read(server)) }] };
}

/** A family whose members differ in their labels. */
export function labelled(
  type: "counter" | "gauge",
  name: string,
  help: string,
  samples: Read<readonly Sample[]>,
): Family {
  return { name, type, help, samples };
}

export function histogram(name: string, help: string, read: Read<Histogram>): Family {
  return { name, type: "histogram", help, samples: (server) => histogramSamples(read(server)) };
}

export function histograms(name: string, help: string, read: Read<LabelledHistograms>): Family {
  return {
    name,
    type: "histogram",
    help,
    samples(server) {
      const { labels, byValues } = read(server);
      return [...byValues]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([values, each]) => histogramSamples(each, labelsOf(labels, values)));
    },
  };
}

/** `values` are joined by newlines, in the order of `names`. */
export function labelsOf(names: readonly string[], values: string): Labels {
  const parts = values.split("\n");
  return Object.fromEntries(names.map((name, place) => [name, parts[place] ?? ""]));
}

/** Samples of counts by label values, which are joined by newlines. */
export function counted(names: readonly string[], counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([values, value]) => ({ labels: labelsOf(names, values), value }));
}

export function histogramSamples({ bounds, counts, sum }: Histogram, labels: Labels = {}): Sample[] {
  let total = 0;
  const buckets = counts.map((count, place): Sample => {
    total += count;
    return { suffix: "_bucket", labels: { ...labels, le: goFloat(bounds[place]) }, value: total };
  });
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
}

/** A number as Go's client library prints it: `1.048576e+06`. */
export function goFloat(value = Infinity): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
