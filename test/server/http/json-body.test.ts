import { JsonError } from "../../../src/go/parse-json";
import { jsonValues, readBody } from "../../../src/server/http/json-body";

const signal = new AbortController().signal;

async function* inChunks(text: string, sizeBytes: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function valuesOf(text: string, chunkBytes: number, limitBytes = 1 << 20): Promise<string[]> {
  const values: string[] = [];
  for await (const value of jsonValues(inChunks(text, chunkBytes), limitBytes, signal)) {
    values.push(value.toString());
  }
  return values;
}

test("values come out whole however the body is cut", async () => {
  const values = [
    '{"a":"}\\"{","b":[1,{}]}',
    '"x\\\\"',
    "12",
    "true",
    "[]",
    '{"long":"' + "y".repeat(300) + '"}',
  ];
  for (const chunkBytes of [1, 2, 3, 7, 100, 10_000]) {
    expect(await valuesOf(values.join(" "), chunkBytes)).toEqual(
      values.map((value, i) => (i === 0 ? value : ` ${value}`)),
    );
  }
});

test("a value is there before the rest of the body", async () => {
  let asked = 0;
  async function* body() {
    asked++;
    yield Buffer.from('{"a":1}{"b"');
    asked++;
    yield Buffer.from(":2}");
  }
  const values = jsonValues(body(), 1 << 20, signal);
  expect(String((await values.next()).value)).toBe('{"a":1}');
  expect(asked).toBe(1);
});

test("a mistake is found although its value never ends", async () => {
  const endless = '{"a" 1' + " ".repeat(100);
  await expect(valuesOf(endless, 1)).rejects.toThrow("invalid character '1' after object key");
  await expect(valuesOf('{"a":[1,2', 1)).rejects.toThrow(JsonError);
  // The reader of the value reports this one.
  await expect(valuesOf("}", 1)).resolves.toEqual(["}"]);
});

test("a large body in small chunks is looked at a few times, not once for each chunk", async () => {
  let parsedBytes = 0;
  const toString = jest.spyOn(Buffer.prototype, "toString").mockImplementation(function (
    this: Buffer,
    ...args
  ) {
    parsedBytes++;
    return toStringOf.apply(this, args as []);
  });
  const count = 20_000;
  await expect(valuesOf(`{"x":[${"1,".repeat(count)}`, 16)).rejects.toThrow("unexpected end");
  toString.mockRestore();
  expect(parsedBytes).toBeLessThan(5 * count);
});
const toStringOf = Buffer.prototype.toString;

test("a body beyond the limit is refused", async () => {
  await expect(readBody(inChunks("x".repeat(101), 10), 100)).rejects.toThrow("larger than max (101 vs. 100)");
  await expect(valuesOf(`"${"x".repeat(101)}"`, 10, 100)).rejects.toThrow("larger than max");
});

test("nothing more is read for a client that has gone", async () => {
  const gone = new AbortController();
  let asked = 0;
  async function* body() {
    for (;;) {
      asked++;
      yield Buffer.from("{}");
      gone.abort();
    }
  }
  for await (const _value of jsonValues(body(), 1 << 20, gone.signal)) void _value;
  expect(asked).toBeLessThan(4);
});
