import { BoundedQueue } from "../../../src/server/rpc/bounded-queue";

describe("an outbox", () => {
  it("gives everything in order, also what came before it ended", async () => {
    const box = new BoundedQueue<number>(8, () => undefined);
    box.put(1);
    box.put(2);
    box.end();
    const taken: number[] = [];
    for await (const each of box) taken.push(each);
    expect(taken).toEqual([1, 2]);
  });

  it("says when it is full, and when there is room again", async () => {
    let room = 0;
    const box = new BoundedQueue<number>(2, () => room++);
    expect([box.put(1), box.put(2), box.put(3)]).toEqual([true, false, false]);
    const reader = box[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    expect(room).toBe(1);
    expect(box.put(4)).toBe(true);
    await reader.return(undefined);
  });

  it("wakes its reader, and fails it after the last message", async () => {
    const box = new BoundedQueue<number>(2, () => undefined);
    const reader = box[Symbol.asyncIterator]();
    const first = reader.next();
    box.put(1);
    box.fail(new Error("gone"));
    expect(await first).toEqual({ done: false, value: 1 });
    await expect(reader.next()).rejects.toThrow("gone");
  });
});
