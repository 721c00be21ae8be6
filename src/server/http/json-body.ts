// A body of JSON values as it arrives in chunks of any size. Must stay true: the work is linear in the bytes, however
// small the chunks are, and stops when the client has gone.
import { EtcdError, StatusCode } from "../../errors";
import { firstJson, JsonError } from "../../go/parse-json";
import { requestWindowBytes, type LargeRequests } from "../grpc/large-requests";

/** The whole body. Throws EtcdError(ResourceExhausted) beyond `maxBytes`. A large one waits for its turn among `others`. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  others?: LargeRequests,
): Promise<Buffer> {
  const buffer = new BodyBuffer(maxBytes);
  let leave: (() => void) | undefined;
  try {
    for await (const chunk of body) {
      buffer.append(chunk);
      if (buffer.bytes.length > requestWindowBytes) leave ??= await others?.entered(maxBytes);
    }
  } finally {
    leave?.();
  }
  return buffer.bytes;
}

/** The text of each JSON value, as soon as it is complete. Throws JsonError, and EtcdError for a value beyond `maxBytes`. */
export async function* jsonValues(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const buffer = new BodyBuffer(maxBytes);
  let scan = new ValueScan();
  let checkedBytes = firstCheckBytes;
  for await (const chunk of body) {
    buffer.append(chunk);
    for (let end = scan.end(buffer.bytes); end !== undefined; end = scan.end(buffer.bytes)) {
      if (signal.aborted) return;
      yield Buffer.from(buffer.bytes.subarray(0, end));
      buffer.drop(end);
      scan = new ValueScan();
      checkedBytes = firstCheckBytes;
    }
    if (signal.aborted) return;
    // The scan only counts brackets. A mistake in a value without an end is found at twice the size of the last check.
    if (buffer.bytes.length < checkedBytes) continue;
    checkedBytes = 2 * buffer.bytes.length;
    refuseMistake(buffer.bytes);
  }
  // A number may end with the body. Throws for an incomplete value.
  if (firstJson(buffer.bytes) !== undefined) yield buffer.bytes;
}

const firstCheckBytes = 64;

function refuseMistake(bytes: Buffer): void {
  try {
    firstJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonError) || !error.isCut) throw error;
  }
}

/** Appends in place: the memory doubles when it is full. */
class BodyBuffer {
  private memory: Buffer = Buffer.alloc(0);
  private start = 0;
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): Buffer {
    return this.memory.subarray(this.start, this.start + this.length);
  }

  append(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > this.maxBytes) {
      const desc = `grpc: received message larger than max (${length} vs. ${this.maxBytes})`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    if (this.start + length > this.memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.length));
      this.bytes.copy(larger);
      this.memory = larger;
      this.start = 0;
    }
    this.memory.set(chunk, this.start + this.length);
    this.length = length;
  }

  drop(sizeBytes: number): void {
    this.start += sizeBytes;
    this.length -= sizeBytes;
  }
}

const bracketOpen = new Set(Buffer.from("{["));
const bracketClose = new Set(Buffer.from("}]"));
const blanks = new Set(Buffer.from(" \t\r\n"));
const delimiters = new Set(Buffer.from(' \t\r\n,:{}[]"'));
const quoteByte = 0x22;
const backslash = 0x5c;

/** Finds the end of the first value of a text that grows. Looks at each byte once. */
class ValueScan {
  private at = 0;
  private depth = 0;
  private state: "before" | "scalar" | "string" | "between" = "before";

  /** Undefined as long as the value has no end. A wrong text ends somewhere, and its parser then reports the mistake. */
  end(bytes: Buffer): number | undefined {
    while (this.at < bytes.length) {
      const byte = bytes[this.at] as number;
      if (this.state === "string") this.inString(byte);
      else if (this.state === "scalar") {
        if (delimiters.has(byte)) return this.at;
      } else if (byte === quoteByte) this.state = "string";
      else if (bracketOpen.has(byte)) {
        this.depth++;
        this.state = "between";
      } else if (bracketClose.has(byte)) this.depth--;
      else if (this.state === "before" && !blanks.has(byte)) this.state = "scalar";
      this.at++;
      if (this.state === "between" && this.depth <= 0) return this.at;
      if (this.depth < 0) return this.at;
    }
    return undefined;
  }

  private inString(byte: number): void {
    if (byte === backslash) this.at++;
    else if (byte === quoteByte) this.state = "between";
  }
}
