// Connections of one server share the turns of the event loop: a flood on one of them does not hold up the others.
import { TurnShares } from "../../src/http2/intake";
import type { Http2Stream } from "../../src/http2/stream";
import { LargeRequests } from "../../src/server/grpc/large-requests";
import { isLargeRequest, OpenRequests } from "../../src/server/grpc/open-requests";
import { turnsUntil } from "../support/turns";
import { frame, RawPeer, requestBlock, uint32 } from "./raw-peer";

/** Peers of one server, and the streams that it got from each, in the order of their frames. */
function peersOfOneServer(count: number) {
  const shares = new TurnShares();
  const served: string[] = [];
  const peers = Array.from({ length: count }, (_each, no) => {
    const onStream = (stream: Http2Stream) => {
      stream.events = { onData: (chunk) => void served.push(`${no}: ${chunk.toString()}`) };
    };
    return new RawPeer({ role: "server", onStream, shares });
  });
  return { peers, served };
}

const wider = Buffer.concat(new Array<Buffer>(1000).fill(frame(8, 0, 0, uint32(1))));
const request = (streamId: number, text: string) =>
  Buffer.concat([frame(1, 4, streamId, requestBlock), frame(0, 0, streamId, text)]);

test("A flood is read over several turns, in its order, and its socket is paused meanwhile.", async () => {
  const { peers, served } = peersOfOneServer(1);
  const [flooding] = peers as [RawPeer];
  flooding.receive(...new Array<Buffer>(20).fill(wider), request(1, "first"));
  flooding.receive(request(3, "second"), Buffer.from(frame(6, 0, 0, "12345678").subarray(0, 3)));
  flooding.receive(frame(6, 0, 0, "12345678").subarray(3), request(5, "third"));
  expect([flooding.isPaused, served]).toEqual([true, []]);
  expect(await turnsUntil(() => !flooding.isPaused)).toBeGreaterThan(2);
  expect(served).toEqual(["0: first", "0: second", "0: third"]);
  expect(await flooding.answers()).toContain("ping 0");
});

test("Others are served in the same turn, however many connections are flooded.", async () => {
  const { peers, served } = peersOfOneServer(31);
  const decent = peers[0] as RawPeer;
  const flooding = peers.slice(1);
  for (const each of flooding) each.receive(...new Array<Buffer>(10).fill(wider), request(1, "late"));
  let asked = 0;
  const askAgain = () => {
    decent.receive(request(2 * asked + 1, String(asked)));
    expect(served.at(-1)).toBe(`0: ${asked++}`);
  };
  const turns = await turnsUntil(() => flooding.every(({ isPaused }) => !isPaused), askAgain);
  // Ten thousand frames of thirty connections: a hundred of each in a turn.
  expect(turns).toBeGreaterThan(30);
  expect(served.filter((text) => text.endsWith("late"))).toHaveLength(30);
});

test("A connection that is closed reads nothing more.", async () => {
  const { peers, served } = peersOfOneServer(1);
  const [flooding] = peers as [RawPeer];
  flooding.receive(...new Array<Buffer>(10).fill(wider), request(1, "first"));
  flooding.connection.destroy();
  for (let i = 0; i < 10; i++) await flooding.answers();
  expect(served).toEqual([]);
});

test("A connection with too many large requests is read when some are answered.", async () => {
  const { peers, served } = peersOfOneServer(1);
  const [peer] = peers as [RawPeer];
  const requests = new OpenRequests(() => peer.connection.intake, new LargeRequests(8 << 20));
  const answers: (() => void)[] = [];
  const ask = (sizeBytes: number) =>
    requests.run(sizeBytes, () => new Promise<void>((resolve) => answers.push(resolve)));
  ask(1_000_000);
  expect(peer.isPaused).toBe(false);
  ask(1_000_000);
  peer.receive(request(1, "waits"));
  expect([peer.isPaused, served]).toEqual([true, []]);
  answers.at(-1)?.();
  await peer.answers();
  expect([peer.isPaused, served]).toEqual([false, ["0: waits"]]);
});

test("The large requests of all connections are applied a few at a time, in the order in which they came.", async () => {
  const applied = new LargeRequests(250);
  const started: string[] = [];
  const answers = new Map<string, () => void>();
  const reading = () => ({ holdBack: () => undefined, goOn: () => undefined });
  const ofOne = ["a", "b", "c"].map((name) => ({ name, requests: new OpenRequests(reading, applied) }));
  for (const round of [1, 2]) {
    for (const { name, requests } of ofOne) {
      requests.run(100, () => {
        started.push(`${name}${round}`);
        // The second ones are answered at once.
        return round === 2 ? undefined : new Promise<void>((resolve) => answers.set(name, resolve));
      });
    }
  }
  expect(started).toEqual(["a1", "b1"]);
  answers.get("b")?.();
  await turnsUntil(() => started.length > 2);
  expect(started).toEqual(["a1", "b1", "c1"]);
  answers.get("a")?.();
  await turnsUntil(() => started.length === 6);
  expect(started).toEqual(["a1", "b1", "c1", "a2", "b2", "c2"]);
});

test.each([
  ["/etcdserverpb.KV/Put", 16_384, true],
  ["/etcdserverpb.KV/Put", 16_383, false],
  ["/etcdserverpb.KV/Txn", 1_000_000, true],
  ["/v3lockpb.Lock/Lock", 1_000_000, false],
  ["/v3electionpb.Election/Campaign", 1_000_000, false],
])("A call of %s with %d bytes waits for other large ones: %s", (path, sizeBytes, waits) => {
  expect(isLargeRequest(path, sizeBytes)).toBe(waits);
});
