// The end of a durable member: the db file that is due in the background is not begun while the member closes.
import path from "node:path";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests } from "../../support/requests";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

test("a stop in the middle of writes leaves no save behind that would report a closed data dir", async () => {
  const errors: unknown[] = [];
  for (let round = 0; round < 10; round++) {
    const options = { listenClientUrls: [], dataDir: path.join(folder(), "d"), snapshotCount: 3 };
    const server = await startEmbeddedServer({ ...options, onError: (error) => errors.push(error) });
    const requests = new Requests(server.client());
    await Promise.all(Array.from({ length: 5 + round }, (_, i) => requests.put(`k${i}`, "x".repeat(20_000))));
    await server.stop();
  }
  // What a save would still do after the stop.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  expect(errors).toEqual([]);
});
