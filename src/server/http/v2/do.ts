// One request of version 2: a change or a quorum read through the raft log, any other read at once.
// Go (etcd 3.4): etcdserver/v2_server.go
import type { Request } from "../../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../../member/etcd-server";
import type { StoreEvent } from "../../v2store/event";
import type { Watcher } from "../../v2store/watcher-hub";

/** A request whose response is an event: everything but a watch. Throws V2Error, and EtcdError without a leader. */
export async function doV2(server: EtcdServer, request: Request): Promise<StoreEvent> {
  const { Method, Path = "", Recursive = false, Sorted = false, Quorum = false } = request;
  if (Method === "HEAD" || (Method === "GET" && !Quorum)) return server.v2.get(Path, Recursive, Sorted);
  const logged = Method === "GET" ? { ...request, Method: "QGET" } : request;
  // As in etcd, neither the size nor an alarm refuses a request of version 2.
  const { event } = await server.proposeRequest("v2", logged);
  if (event === undefined) throw new Error(`${Method ?? "the request"} has no response`);
  return event;
}

/** Throws V2Error when the history does not go back to `Since`. */
export function watchV2({ v2 }: EtcdServer, { Path = "", Recursive, Stream, Since = 0n }: Request): Watcher {
  return v2.watch(Path, { recursive: Recursive ?? false, stream: Stream ?? false, sinceIndex: Since });
}
