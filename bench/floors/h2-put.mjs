// A floor: the smallest Node program that puts one key, with node:http2 and a request encoded by hand. Arguments: host:port, and
// for mutual TLS the files of the authority, the certificate and the key.
import http2 from "node:http2";
import { readFileSync, writeSync } from "node:fs";

const [endpoint, ...files] = process.argv.slice(2);
const [ca, cert, key] = files.map((file) => readFileSync(file));
const session = http2.connect(`${ca ? "https" : "http"}://${endpoint}`, { ca, cert, key });
const stream = session.request({
  ":method": "POST",
  ":path": "/etcdserverpb.KV/Put",
  "content-type": "application/grpc",
  te: "trailers",
});
const message = Buffer.from([10, 5, ...Buffer.from("floor"), 18, 1, 118]);
stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
stream.resume();
stream.on("end", () => {
  writeSync(1, "OK\n");
  process.exit(0);
});
