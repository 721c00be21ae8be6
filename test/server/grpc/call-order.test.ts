// The order of a client's requests on one connection, for clients such as jetcd that do not wait until a watch is created.
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { once } from "node:events";
import { startEmbeddedCluster, startEmbeddedServer } from "../../../src";
import { PutRequest, WatchCreateRequest, WatchRequest } from "../../../src/proto/gen/etcdserverpb";
import { encode } from "../../../src/proto/message";
import { RunningServer } from "../../../src/server/running-server";

function open(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  return session.request(headers);
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function expectOrder(endpoint: string): Promise<void> {
  const session = http2.connect(endpoint);
  await once(session, "remoteSettings");
  const watch = open(session, "/etcdserverpb.Watch/Watch");
  let received = "";
  watch.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  const create = (key: string) => {
    const value = WatchCreateRequest.create({ key: Buffer.from(key) });
    watch.write(framed(encode(WatchRequest, { requestUnion: { case: "createRequest", value } })));
  };
  const put = async (key: string, value: string) => {
    const stream = open(session, "/etcdserverpb.KV/Put");
    stream.end(
      framed(encode(PutRequest, PutRequest.create({ key: Buffer.from(key), value: Buffer.from(value) }))),
    );
    stream.resume();
    await once(stream, "end");
  };
  // The request of a watch and the first put leave in one packet. The second watch is on a stream that has had responses.
  for (const key of ["a", "b"]) {
    create(key);
    await put(key, `first ${key}`);
    await put(key, `last ${key}`);
    while (!received.includes(`last ${key}`)) await once(watch, "data");
    expect(received).toContain(`first ${key}`);
  }
  session.destroy();
}

test("a put does not overtake the watch that was requested before it", async () => {
  await using server = await startEmbeddedServer();
  await using cluster = await startEmbeddedCluster({ size: 1 });
  const plain = await RunningServer.start({ listenClientUrls: ["http://127.0.0.1:0"] });
  try {
    const endpoints = [server.endpoint, ...cluster.endpoints, ...plain.endpoints];
    await Promise.all(endpoints.map(expectOrder));
  } finally {
    await plain.stop();
  }
});
