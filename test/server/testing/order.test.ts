// The order of a client's requests on one connection, for clients such as jetcd that do not wait until a watch is created.
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { once } from "node:events";
import { startEmbeddedCluster, startEmbeddedServer } from "../../../src";
import { PutRequest, WatchCreateRequest, WatchRequest } from "../../../src/proto/gen/etcdserverpb";
import { encode } from "../../../src/proto/message";

function open(session: ClientHttp2Session, path: string, message: Uint8Array): ClientHttp2Stream {
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  const stream = session.request(headers);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([prefix, message]));
  return stream;
}

test("a put does not overtake the watch that was requested before it", async () => {
  await using server = await startEmbeddedServer();
  await using cluster = await startEmbeddedCluster({ size: 1 });
  for (const endpoint of [server.endpoint, ...cluster.endpoints]) {
    const session = http2.connect(endpoint);
    await once(session, "remoteSettings");
    const key = Buffer.from("key");
    let received = "";
    // Both requests leave in one packet.
    const watch = open(
      session,
      "/etcdserverpb.Watch/Watch",
      encode(WatchRequest, {
        requestUnion: { case: "createRequest", value: WatchCreateRequest.create({ key }) },
      }),
    );
    watch.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    const put = async (value: string) => {
      const stream = open(
        session,
        "/etcdserverpb.KV/Put",
        encode(PutRequest, PutRequest.create({ key, value: Buffer.from(value) })),
      );
      stream.end();
      stream.resume();
      await once(stream, "end");
    };
    await put("first");
    await put("second");
    while (!received.includes("second")) await once(watch, "data");
    expect(received).toContain("first");
    session.destroy();
  }
});
