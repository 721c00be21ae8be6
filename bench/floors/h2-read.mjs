// A floor: the smallest Node program that makes one call and writes all messages of the answer, undecoded, to stdout. It has the
// large window that a client for big data needs. Arguments: host:port, the path of the call, the request in hexadecimal.
import http2 from "node:http2";
import { writeSync } from "node:fs";

const [endpoint, path, request = ""] = process.argv.slice(2);
const windowBytes = 16 << 20;
const session = http2.connect(`http://${endpoint}`, { settings: { initialWindowSize: windowBytes } });
session.on("connect", () => session.setLocalWindowSize(windowBytes));
const stream = session.request({
  ":method": "POST",
  ":path": path,
  "content-type": "application/grpc",
  te: "trailers",
});
const message = Buffer.from(request, "hex");
stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
stream.on("data", (chunk) => {
  for (let at = 0; at < chunk.length;) at += writeSync(1, chunk, at);
});
stream.on("end", () => process.exit(0));
