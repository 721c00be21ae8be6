import { OrderedOutput } from "../../../src/cli/session/ordered-output";
import { testIo } from "../../support/test-io";

test("the output of lines has their order, whatever the order in which they end", async () => {
  const io = testIo();
  const output = new OrderedOutput(io);
  const [first, second, third] = [output.nextLine(), output.nextLine(), output.nextLine()];
  await third.stdout.write("3\n");
  await second.stdout.write("2a\n");
  const ends = [third.end()];
  await first.stdout.write("1\n");
  await second.stdout.write("2b\n");
  ends.push(second.end(), first.end());
  await Promise.all(ends);
  expect(io.stdout.text).toBe("1\n2a\n2b\n3\n");
});

test("the first unfinished line writes at once, also after what it wrote before its turn", async () => {
  const io = testIo();
  const output = new OrderedOutput(io);
  const [first, second] = [output.nextLine(), output.nextLine()];
  await second.stderr.write("early ");
  await first.end();
  await second.stderr.write("late");
  await second.end();
  expect(io.stderr.text).toBe("early late");
});

test("a later line that writes more than a megabyte waits for its turn", async () => {
  const io = testIo();
  const output = new OrderedOutput(io);
  const [first, second] = [output.nextLine(), output.nextLine()];
  let isWritten = false;
  const writing = second.stdout.write(Buffer.alloc(1024 * 1024 + 1)).then(() => (isWritten = true));
  await new Promise(setImmediate);
  expect(isWritten).toBe(false);
  await first.end();
  await writing;
  expect(io.stdout.bytes.length).toBe(1024 * 1024 + 1);
});

test("a reader that has gone is an error of the line whose output it was", async () => {
  const io = testIo();
  const output = new OrderedOutput(io);
  const [first, second] = [output.nextLine(), output.nextLine()];
  await second.stdout.write("x");
  io.stdout.failWith = new Error("gone");
  await first.end();
  await expect(second.end()).rejects.toThrow("gone");
});
