// The embedded server refuses what etcd 3.7.1 refuses, with the same codes and texts. refusals.slow.test.ts asks etcd.
import { startEmbeddedServer } from "../../../src/server/server";
import { groups } from "./cases";
import { headerOutcomes } from "./headers";
import { rawOutcomes } from "./raw";
import recorded from "./refusals.json";
import { runCases, type Outcome } from "./run";

const recordedGroups = recorded as Readonly<Record<string, readonly Outcome[]>>;

test.each(Object.entries(groups))("group %s", async (name, cases) => {
  await using server = await startEmbeddedServer();
  expect(await runCases(server.endpoint, cases)).toEqual(recordedGroups[name]);
});

test("calls below the level of a client", async () => {
  await using server = await startEmbeddedServer();
  expect(await rawOutcomes(server.endpoint)).toEqual(recordedGroups.raw);
});

test("calls with headers that no client library sends", async () => {
  await using server = await startEmbeddedServer();
  expect(await headerOutcomes(server.endpoint)).toEqual(recordedGroups.headers);
});
