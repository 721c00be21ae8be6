// A floor: the smallest Node program that watches a prefix. It counts the events without decoding them, and for each it writes as
// many bytes as a line-by-line watch would. Arguments: host:port, the prefix, the first revision (0: now), bytes for each event.
import http2 from "node:http2";
import { writeSync } from "node:fs";

const [endpoint, prefix, revision, bytesPerEvent] = process.argv.slice(2);
const session = http2.connect(`http://${endpoint}`, { settings: { initialWindowSize: 16 << 20 } });
session.on("connect", () => session.setLocalWindowSize(16 << 20));
const stream = session.request({
  ":method": "POST",
  ":path": "/etcdserverpb.Watch/Watch",
  "content-type": "application/grpc",
  te: "trailers",
});
const key = Buffer.from(prefix);
const end = Buffer.from(key);
end[end.length - 1]++;
const create = [
  10,
  key.length,
  ...key,
  18,
  end.length,
  ...end,
  ...(revision === "0" ? [] : [24, Number(revision)]),
];
stream.write(Buffer.from([0, 0, 0, 0, create.length + 2, 10, create.length, ...create]));

let waiting = [];
let waitingBytes = 0;
/** What the next whole message needs. */
let neededBytes = 5;
stream.on("data", (chunk) => {
  waiting.push(chunk);
  waitingBytes += chunk.length;
  if (waitingBytes < neededBytes) return;
  const bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting);
  let at = 0;
  let events = 0;
  while (bytes.length - at >= 5 && bytes.length - at >= 5 + bytes.readUInt32BE(at + 1)) {
    const messageEnd = at + 5 + bytes.readUInt32BE(at + 1);
    events += countEvents(bytes, at + 5, messageEnd);
    at = messageEnd;
  }
  const rest = bytes.subarray(at);
  waiting = [rest];
  waitingBytes = rest.length;
  neededBytes = rest.length < 5 ? 5 : 5 + rest.readUInt32BE(1);
  const text = Buffer.alloc(events * Number(bytesPerEvent), "x");
  for (let done = 0; done < text.length;) done += writeSync(1, text, done);
});

/** The fields 11 of a WatchResponse. */
function countEvents(bytes, from, to) {
  let count = 0;
  let at = from;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < to) {
    const tag = varint();
    const value = varint();
    if ((tag & 7) === 2) at += value;
    if (tag >>> 3 === 11) count++;
  }
  return count;
}
