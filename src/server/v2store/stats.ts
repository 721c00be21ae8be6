// Counters of version 2's requests, in the order of the page /v2/stats/store.
// Go (etcd 3.4): etcdserver/api/v2store/stats.go

export const statNames = [
  "getsSuccess",
  "getsFail",
  "setsSuccess",
  "setsFail",
  "deleteSuccess",
  "deleteFail",
  "updateSuccess",
  "updateFail",
  "createSuccess",
  "createFail",
  "compareAndSwapSuccess",
  "compareAndSwapFail",
  "compareAndDeleteSuccess",
  "compareAndDeleteFail",
  "expireCount",
] as const;
type StatName = (typeof statNames)[number];

export type StoreStats = Record<StatName, number>;

export type CountedAction =
  "gets" | "sets" | "delete" | "update" | "create" | "compareAndSwap" | "compareAndDelete";

export function newStats(saved: Partial<StoreStats> = {}): StoreStats {
  return Object.fromEntries(statNames.map((name) => [name, saved[name] ?? 0])) as StoreStats;
}

export function statsJson(stats: StoreStats, watchers: number): string {
  const fields = statNames.map((name) => `"${name}":${stats[name]}`);
  return `{${fields.join(",")},"watchers":${watchers}}`;
}
