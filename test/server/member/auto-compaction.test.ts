// Automatic compaction on a clock that the test moves: the times and revisions are those of etcd's v3compactor.
import type { AutoCompaction } from "../../../src/server/member/auto-compaction";
import { startEmbeddedServer } from "../../../src/server/server";
import { Requests } from "../../support/requests";
import { ManualClock } from "../../support/manual-clock";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

async function compacting(autoCompaction: AutoCompaction) {
  const clock = new ManualClock();
  const server = await startEmbeddedServer({ listenClientUrls: [], clock, autoCompaction });
  const requests = new Requests(server.client());
  /** True when the revision cannot be read any more. */
  const isCompacted = (revision: bigint) =>
    requests.range("a", "", { revision }).then(
      () => false,
      (error: unknown) => {
        expect(error).toMatchObject({ message: expect.stringContaining("has been compacted") as string });
        return true;
      },
    );
  const putsEach = async (count: number, everyMs: number) => {
    for (let i = 0; i < count; i++) {
      await requests.put("a", `${i}`);
      clock.advance(everyMs);
    }
  };
  return { clock, server, requests, isCompacted, putsEach };
}

describe("periodic compaction", () => {
  test("It removes revisions older than the period, after the first period and then once a period.", async () => {
    const { server, isCompacted, putsEach } = await compacting({ mode: "periodic", keepMs: 10 * minuteMs });
    await putsEach(9, minuteMs);
    expect(await isCompacted(1n)).toBe(false);
    // The oldest revision at the tenth check is that of the start, at the twentieth that of the ninth minute.
    await putsEach(10, minuteMs);
    expect(await isCompacted(1n)).toBe(false);
    await putsEach(1, minuteMs);
    expect([await isCompacted(9n), await isCompacted(10n)]).toEqual([true, false]);
    await server.stop();
  });

  test("After the first period it compacts every hour if the period is longer than an hour.", async () => {
    const { server, isCompacted, putsEach } = await compacting({ mode: "periodic", keepMs: 3 * hourMs });
    await putsEach(3, hourMs);
    expect(await isCompacted(2n)).toBe(false);
    await putsEach(2, hourMs);
    expect(await isCompacted(1n)).toBe(true);
    expect(await isCompacted(5n)).toBe(false);
    await server.stop();
  });
});

describe("compaction by revision", () => {
  test("It keeps the given number of revisions and checks every five minutes.", async () => {
    const { clock, server, isCompacted, putsEach } = await compacting({ mode: "revision", keepRevisions: 5 });
    await putsEach(10, 1000);
    expect(await isCompacted(2n)).toBe(false);
    clock.advance(5 * minuteMs);
    expect([await isCompacted(5n), await isCompacted(6n)]).toEqual([true, false]);
    await server.stop();
  });

  test("It does nothing while there are fewer revisions.", async () => {
    const { clock, server, isCompacted, putsEach } = await compacting({
      mode: "revision",
      keepRevisions: 100,
    });
    await putsEach(10, 5 * minuteMs);
    clock.advance(hourMs);
    expect(await isCompacted(1n)).toBe(false);
    await server.stop();
  });

  test("No timer is left after the stop.", async () => {
    const { clock, server } = await compacting({ mode: "revision", keepRevisions: 5 });
    await server.stop();
    expect(clock.pending).toBe(0);
  });
});
