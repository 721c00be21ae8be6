// Version 2 in a data dir: what was acknowledged is there after a stop and after a crash, at the same indexes.
import { cpSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../../../src/server/server";
import { httpRequest } from "../../../support/http-request";
import { until } from "../../../support/until";
import { workFolder } from "../../../support/work-folder";
import { changeEverything, stateOf } from "./state";

const folder = workFolder();

test("a stopped server continues with the same keys, TTLs, users, members and history", async () => {
  const dataDir = path.join(folder(), "a");
  const first = await startEmbeddedServer({ enableV2: true, dataDir });
  await changeEverything(first.endpoint);
  const before = await stateOf(first.endpoint);
  await first.stop();
  await using second = await startEmbeddedServer({
    enableV2: true,
    dataDir,
    advertiseClientUrls: first.endpoints,
  });
  expect(await stateOf(second.endpoint)).toEqual(before);
});

test("a crashed server has lost nothing that it has acknowledged", async () => {
  const dataDir = path.join(folder(), "a");
  const copy = path.join(folder(), "b");
  await using first = await startEmbeddedServer({ enableV2: true, dataDir });
  await changeEverything(first.endpoint);
  cpSync(dataDir, copy, { recursive: true, filter: (file) => !file.endsWith("etcdctl.lock") });
  const advertiseClientUrls = first.endpoints;
  await using second = await startEmbeddedServer({ enableV2: true, dataDir: copy, advertiseClientUrls });
  expect(await stateOf(second.endpoint)).toEqual(await stateOf(first.endpoint));
});

test("without .snap files, a log from its beginning gives the same store", async () => {
  const dataDir = path.join(folder(), "a");
  const first = await startEmbeddedServer({ enableV2: true, dataDir });
  await changeEverything(first.endpoint);
  const before = await stateOf(first.endpoint);
  await first.stop();
  const snapDir = path.join(dataDir, "member", "snap");
  const newest =
    readdirSync(snapDir)
      .filter((name) => name.endsWith(".snap"))
      .sort()
      .at(-1) ?? "";
  rmSync(path.join(snapDir, newest));
  await using second = await startEmbeddedServer({
    enableV2: true,
    dataDir,
    advertiseClientUrls: first.endpoints,
  });
  expect(await stateOf(second.endpoint)).toEqual(before);
});

test("a key that an earlier server has made expires", async () => {
  const dataDir = path.join(folder(), "a");
  const day = 24 * 3_600_000;
  const first = await startEmbeddedServer({ enableV2: true, dataDir });
  await httpRequest({ url: `${first.endpoint}/v2/keys/a?value=1&ttl=3600`, method: "PUT" });
  await first.stop();
  await using second = await startEmbeddedServer({ enableV2: true, dataDir });
  second.clock.advance(day);
  const isGone = async () => (await httpRequest({ url: `${second.endpoint}/v2/keys/a` })).status === 404;
  await until("the key is gone", isGone);
});

test("a fork has the keys of version 2", async () => {
  await using first = await startEmbeddedServer({ enableV2: true });
  await changeEverything(first.endpoint);
  await using second = await first.fork();
  expect((await stateOf(second.endpoint)).keys.body).toEqual((await stateOf(first.endpoint)).keys.body);
});
