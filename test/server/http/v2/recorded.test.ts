// The pages of version 2 answer as etcd 3.4 does.
import { startEmbeddedServer } from "../../../../src/server/server";
import { recordedFiles, replayRecorded } from "./replay-recorded";

test.each(recordedFiles)("%s: each response is the one that etcd 3.4 has given", async (name) => {
  await using server = await startEmbeddedServer({ enableV2: true });
  const { recorded, now } = await replayRecorded(name, server.endpoint);
  expect(now).toEqual(recorded);
});
