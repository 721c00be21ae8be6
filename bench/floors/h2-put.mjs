// A floor: the smallest Node program that puts one key, with node:http2 and a request encoded by hand. Argument: host:port.
import http2 from "node:http2";
import { writeSync } from "node:fs";

const session = http2.connect(`http://${process.argv[2]}`);
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
