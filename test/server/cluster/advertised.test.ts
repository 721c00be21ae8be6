// Whether the advertised peer URLs fit --initial-cluster: equal URLs, or hosts of the same addresses.
import { advertisedMismatch } from "../../../src/server/cluster/advertised";
import { parseUrls } from "../../../src/server/cluster/urls";
import { ManualClock } from "../../support/manual-clock";

interface Line {
  readonly level: string;
  readonly message: string;
}

/** Resolves `hosts`; each failure takes one from `failures` first. Collects the log. */
async function mismatch(
  advertised: string,
  initial: string,
  { hosts = {}, failures = 0 }: { hosts?: Record<string, string>; failures?: number } = {},
): Promise<{ text: string | undefined; log: Line[]; ms: number }> {
  const clock = new ManualClock();
  const log: Line[] = [];
  let left = failures;
  let result: { text: string | undefined } | undefined;
  const done = advertisedMismatch("m", parseUrls(advertised.split(",")), parseUrls(initial.split(",")), {
    clock,
    log: (level, message) => void log.push({ level, message }),
    lookup(host) {
      const address = hosts[host];
      if (address === undefined || left-- > 0) return Promise.reject(new Error("ENOTFOUND"));
      return Promise.resolve({ address, family: address.includes(":") ? 6 : 4 });
    },
  }).then((text) => (result = { text }));
  await clock.runUntil(() => result !== undefined);
  return { ...(await done), log, ms: clock.now() };
}

test.each([
  ["http://a:1", "http://a:1"],
  ["http://a:1,http://b:2", "http://b:2,http://a:1"],
  ["HTTP://a:1", "http://a:1"],
  ["http://user:pw@10.0.0.1:1", "http://10.0.0.1:1?x=1"],
  ["http://[0:0:0:0:0:0:0:1]:1", "http://[::1]:1"],
])("%s is the same as %s and needs no DNS", async (advertised, initial) => {
  expect(await mismatch(advertised, initial)).toEqual({ text: undefined, log: [], ms: 0 });
});

test("a name and its address are the same, also when DNS knows the name only later", async () => {
  const hosts = { "m.example": "10.0.0.1", "10.0.0.1": "10.0.0.1" };
  expect((await mismatch("http://m.example:1", "http://10.0.0.1:1", { hosts })).text).toBeUndefined();
  const late = await mismatch("http://m.example:1", "http://10.0.0.1:1", { hosts, failures: 3 });
  expect(late.text).toBeUndefined();
  expect(late.log.map(({ level, message }) => `${level} ${message}`)).toEqual([
    ...Array<string>(3).fill("warn failed to resolve URL Host"),
    ...Array<string>(2).fill("info resolved URL Host"),
  ]);
});

test("a name that DNS does not learn within 30 seconds is an error", async () => {
  const { text, log, ms } = await mismatch("http://no.example:1", "http://10.0.0.1:1");
  expect(text).toBe(
    "--initial-cluster has m=http://10.0.0.1:1 but missing from --initial-advertise-peer-urls=http://no.example:1 " +
      '(failed to resolve "http://no.example:1" (lookup no.example: no such host))',
  );
  expect(ms).toBe(30_000);
  expect(log.at(-1)).toEqual({ level: "warn", message: "failed to resolve URL Host; returning" });
});

test.each([
  [
    "http://localhost:1",
    "http://127.0.0.1:1",
    "--initial-cluster has m=http://127.0.0.1:1 but missing from --initial-advertise-peer-urls=http://localhost:1 " +
      '(resolved urls: "http://localhost:1" != "http://127.0.0.1:1")',
  ],
  [
    "http://a:1,http://b:2",
    "http://a:1",
    "--initial-advertise-peer-urls has http://b:2 but missing from --initial-cluster=m=http://a:1,m=http://b:2",
  ],
  [
    "http://a:1",
    "http://a:1,http://b:2",
    "--initial-cluster has m=http://b:2 but missing from --initial-advertise-peer-urls=http://a:1 " +
      '(len(["http://a:1"]) != len(["http://a:1" "http://b:2"]))',
  ],
])("%s does not fit %s, with etcd's text", async (advertised, initial, text) => {
  const hosts = { "127.0.0.1": "127.0.0.1" };
  expect((await mismatch(advertised, initial, { hosts })).text).toBe(text);
});
