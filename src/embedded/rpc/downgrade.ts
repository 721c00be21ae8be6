// Downgrades: asked about, begun and given up. Answers to Downgrade of etcd's v3rpc/maintenance.go and v3_server.go.
import {
  DowngradeRequest_DowngradeAction as Action,
  type DowngradeRequest,
  type DowngradeResponse,
} from "../../proto/gen/etcdserverpb";
import { EtcdError, StatusCode } from "../../errors";
import { enumName } from "../../proto/message";
import { serverError } from "../../transport/error-table";
import { proposeFor } from "./access";
import { header, type Member } from "./member";
import type { ServerCall } from "./routes";

export function downgrade(
  member: Member,
  { action, version }: DowngradeRequest,
  call: ServerCall,
): DowngradeResponse | Promise<DowngradeResponse> {
  const { versions } = member;
  if (enumName(Action, action) === `${action}`) {
    throw new EtcdError(StatusCode.Unknown, "etcdserver: unknown method", false);
  }
  if (action !== Action.CANCEL) {
    const refusal = versions.refusal(targetVersion(version));
    if (refusal !== undefined) throw serverError(refusal);
  }
  const answer = () => ({ header: header(member), version: versions.cluster.replace(/\.\d+$/, "") });
  // To give up what is not under way is no error here.
  if (action === Action.VALIDATE || (action === Action.CANCEL && versions.downgradeTarget === undefined)) {
    return answer();
  }
  return proposeFor(member, call, () => {
    versions.setDowngrade(action === Action.ENABLE ? targetVersion(version) : undefined);
    return answer();
  });
}

/** `3.6`, or any `3.6.1`: the patch does not count. */
function targetVersion(text: string): string {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\d+(?:[-+].*)?)?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined) throw serverError("wrongDowngradeVersionFormat");
  return `${major}.${minor}.0`;
}
