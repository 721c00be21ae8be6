import { BoundedQueue } from "../../../src/server/streams/bounded-queue";

describe("a bounded queue", () => {
  test("The reader receives all messages in order, also those from before the end.", async () => {
    const box = new BoundedQueue<number>(8, () => undefined);
    box.put(1);
    box.put(2);
    box.end();
    const taken: number[] = [];
    for await (const each of box) taken.push(each);
    expect(taken).toEqual([1, 2]);
  });

  test("put() reports a full queue, and onRoom is called when there is room again.", async () => {
    let room = 0;
    const box = new BoundedQueue<number>(2, () => room++);
    expect([box.put(1), box.put(2), box.put(3)]).toEqual([true, false, false]);
    const reader = box[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    expect([box.takeNow(), box.takeNow(), room]).toEqual([2, 3, 0]);
    expect([box.takeNow(), room]).toEqual([undefined, 1]);
    expect(box.put(4)).toBe(true);
  });

  test("A waiting reader wakes up, and receives the error after the last message.", async () => {
    const box = new BoundedQueue<number>(2, () => undefined);
    const reader = box[Symbol.asyncIterator]();
    const first = reader.next();
    box.put(1);
    box.fail(new Error("gone"));
    expect(await first).toEqual({ done: false, value: 1 });
    await expect(reader.next()).rejects.toThrow("gone");
  });

  test("lets a producer wait until there is room, and no longer than until the end", async () => {
    const queue = new BoundedQueue<number>(2, () => undefined);
    await queue.room();
    queue.put(1);
    queue.put(2);
    let hasRoom = false;
    const waiting = Promise.resolve(queue.room()).then(() => (hasRoom = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    for (let i = 0; i < 3; i++) queue.takeNow();
    await waiting;
    queue.put(3);
    queue.put(4);
    const atTheEnd = queue.room();
    queue.end();
    await atTheEnd;
  });
});
