// Output into a pipe: no write waits in this thread, and only a full pipe needs another one.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { FdStream } from "../../src/cli/stdout";
import { notLinux, testUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";
import { until } from "../support/until";

const dir = sharedFolder();
const chunk = Buffer.alloc(10_000, "0123456789");
/** Together they are more than a pipe holds. */
const chunks = 20;

let count = 0;
let reader: number;
let writer: number;
beforeEach(() => {
  const fifo = path.join(dir, `fifo-${count++}`);
  execFileSync("mkfifo", [fifo]);
  reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  writer = fs.openSync(fifo, "w");
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const fd of [reader, writer]) fs.closeSync(fd);
});

const stream = (interrupt = new AbortController().signal) =>
  new FdStream(writer, () => process.stdout, interrupt);

/** Reads what there is. */
function readNow(): Buffer {
  const bytes = Buffer.alloc(1_000_000);
  try {
    return bytes.subarray(0, fs.readSync(reader, bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return Buffer.alloc(0);
    throw error;
  }
}

testUnless(notLinux, "no thread is used while the reader keeps up", async () => {
  const inThread = jest.spyOn(fs, "write");
  const output = stream();
  let read = Buffer.alloc(0);
  for (let at = 0; at < chunks; at++) {
    await output.write(chunk);
    read = Buffer.concat([read, readNow()]);
  }
  expect(read.equals(Buffer.concat(Array.from({ length: chunks }, () => chunk)))).toBe(true);
  expect(inThread).not.toHaveBeenCalled();
});

test("a full pipe keeps the order, and each write ends when the reader has made room", async () => {
  const output = stream();
  let isDone = false;
  const numbered = Array.from({ length: chunks }, (_, at) =>
    Buffer.alloc(10_000, String.fromCharCode(65 + at)),
  );
  const writing = (async () => {
    for (const each of numbered) await output.write(each);
    isDone = true;
  })();
  let read = Buffer.alloc(0);
  await until("all is read", () => {
    read = Buffer.concat([read, readNow()]);
    return isDone && read.length === chunks * 10_000;
  });
  await writing;
  expect(read.equals(Buffer.concat(numbered))).toBe(true);
});

test("an interrupt ends a write into a full pipe", async () => {
  const interrupt = new AbortController();
  const output = stream(interrupt.signal);
  const writing = (async () => {
    for (let at = 0; at < chunks; at++) await output.write(chunk);
  })();
  setImmediate(() => interrupt.abort(new Error("interrupted")));
  await expect(writing).rejects.toThrow("interrupted");
});
