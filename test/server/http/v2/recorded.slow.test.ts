// The recorded responses are those of the real etcd 3.4.
import { describeWithEtcd, startEtcd } from "../../../support/real-etcd";
import { recordedFiles, replayRecorded } from "./replay-recorded";

describeWithEtcd("3.4", "recorded responses of version 2", () => {
  test.each(recordedFiles)("%s: etcd 3.4 gives the recorded responses", async (name) => {
    const group = await startEtcd("3.4", { flags: () => ["--enable-v2"] });
    try {
      const { recorded, now } = await replayRecorded(name, `http://${group.endpoints[0] ?? ""}`);
      expect(now).toEqual(recorded);
    } finally {
      await group.stop();
    }
  });
});
