// Records what an etcdctl of Go prints for the responses of test/output/responses.ts. A gRPC server sends one response to
// every call, and the etcdctl runs once for each format, with --hex and without. With OTHER, only the rows that are not in
// this file are written. See test/output/from-etcdctl.test.ts.
//
//   node scripts/record-output.mjs ETCDCTL [OTHER] > FILE
import { spawn } from "node:child_process";
import { createServer } from "node:http2";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";

const [etcdctl, other] = process.argv.slice(2);
const formats = ["simple", "fields", "json", "protobuf", "table"];
const folder = mkdtempSync(join(tmpdir(), "record-output-"));
const bundle = join(folder, "responses.cjs");
writeFileSync(
  join(folder, "entry.ts"),
  ["responses", "../../src/proto/message", "../../src/proto/gen/etcdserverpb"]
    .map((path) => `export * from ${JSON.stringify(join(import.meta.dirname, "../test/output", path))};`)
    .join("\n"),
);
buildSync({ entryPoints: [join(folder, "entry.ts")], bundle: true, platform: "node", outfile: bundle });
const r = createRequire(import.meta.url)(bundle);

/** Arguments, the responses by method, and what is written to stdin. The names are those of prints.ts. */
const runs = {
  put: [["put", "a", "b"], { Put: [r.PutResponse, r.put] }],
  putOfNewKey: [["put", "a", "b"], { Put: [r.PutResponse, r.putOfNewKey] }],
  del: [["del", "a"], { DeleteRange: [r.DeleteRangeResponse, r.del] }],
  txn: [["txn"], { Txn: [r.TxnResponse, r.txn] }, "\nput a b\n\n\n"],
  range: [["get", "a"], { Range: [r.RangeResponse, r.range] }],
  emptyRange: [["get", "a"], { Range: [r.RangeResponse, r.emptyRange] }],
  "range --print-value-only": [["get", "a", "--print-value-only"], { Range: [r.RangeResponse, r.range] }],
  "emptyRange --count-only": [["get", "a", "--count-only"], { Range: [r.RangeResponse, r.emptyRange] }],
  leaseGrant: [["lease", "grant", "600"], { LeaseGrant: [r.LeaseGrantResponse, r.leaseGrant] }],
  leaseRevoke: [["lease", "revoke", "12ab"], { LeaseRevoke: [r.LeaseRevokeResponse, r.leaseRevoke] }],
  leaseKeepAlive: [
    ["lease", "keep-alive", "--once", "0123456789abcdef"],
    { LeaseKeepAlive: [r.LeaseKeepAliveResponse, r.leaseKeepAlive] },
  ],
  timeToLive: [
    ["lease", "timetolive", "0123456789abcdef"],
    { LeaseTimeToLive: [r.LeaseTimeToLiveResponse, r.timeToLive] },
  ],
  "timeToLive --keys": [
    ["lease", "timetolive", "--keys", "0123456789abcdef"],
    { LeaseTimeToLive: [r.LeaseTimeToLiveResponse, r.timeToLive] },
  ],
  expiredLease: [
    ["lease", "timetolive", "0123456789abcdef"],
    { LeaseTimeToLive: [r.LeaseTimeToLiveResponse, r.expiredLease] },
  ],
  leases: [["lease", "list"], { LeaseLeases: [r.LeaseLeasesResponse, r.leases] }],
  noLeases: [["lease", "list"], { LeaseLeases: [r.LeaseLeasesResponse, r.noLeases] }],
  members: [["member", "list"], { MemberList: [r.MemberListResponse, r.members] }],
  status: [["endpoint", "status"], { Status: [r.StatusResponse, r.status.status] }],
  hashKV: [["endpoint", "hashkv"], { HashKV: [r.HashKVResponse, r.hashKV.response] }],
  memberRemove: [["member", "remove", "abc"], { MemberRemove: [r.MemberRemoveResponse, r.memberRemove] }],
  memberUpdate: [
    ["member", "update", r.header.memberId.toString(16), "--peer-urls", "http://a:1"],
    { MemberUpdate: [r.MemberUpdateResponse, r.memberUpdate] },
  ],
  memberPromote: [
    ["member", "promote", "abc"],
    { MemberPromote: [r.MemberPromoteResponse, r.memberPromote] },
  ],
  memberAdd: [
    ["member", "add", 'new "é"', "--peer-urls", "http://b:2,http://a:1"],
    { MemberAdd: [r.MemberAddResponse, r.memberAdd] },
  ],
  memberAddLearner: [
    ["member", "add", "m1", "--learner", "--peer-urls", "http://a:1"],
    { MemberAdd: [r.MemberAddResponse, r.memberAddLearner] },
  ],
  moveLeader: [
    ["move-leader", "abc"],
    {
      Status: [r.StatusResponse, { ...r.status.status, leader: r.header.memberId }],
      MoveLeader: [r.MoveLeaderResponse, r.moveLeader],
    },
  ],
  alarm: [["alarm", "list"], { Alarm: [r.AlarmResponse, r.alarm] }],
  noAlarm: [["alarm", "list"], { Alarm: [r.AlarmResponse, r.noAlarm] }],
  downgradeValidate: [["downgrade", "validate", "3.4"], { Downgrade: [r.DowngradeResponse, r.downgrade] }],
  downgradeEnable: [["downgrade", "enable", "3.4"], { Downgrade: [r.DowngradeResponse, r.downgrade] }],
  downgradeCancel: [["downgrade", "cancel"], { Downgrade: [r.DowngradeResponse, r.downgrade] }],
  authStatus: [["auth", "status"], { AuthStatus: [r.AuthStatusResponse, r.authStatus] }],
  authOff: [["auth", "status"], { AuthStatus: [r.AuthStatusResponse, r.authOff] }],
  roleAdd: [["role", "add", "r é"], { RoleAdd: [r.AuthRoleAddResponse, r.roleAdd] }],
  roleGet: [["role", "get", "r"], { RoleGet: [r.AuthRoleGetResponse, r.roleGet] }],
  "roleGet root": [["role", "get", "root"], { RoleGet: [r.AuthRoleGetResponse, r.roleGetEmpty] }],
  "roleGet without permissions": [["role", "get", "r"], { RoleGet: [r.AuthRoleGetResponse, r.roleGetEmpty] }],
  roleList: [["role", "list"], { RoleList: [r.AuthRoleListResponse, r.roleList] }],
  "roleList without roles": [["role", "list"], { RoleList: [r.AuthRoleListResponse, r.roleListEmpty] }],
  roleDelete: [["role", "delete", "r"], { RoleDelete: [r.AuthRoleDeleteResponse, r.roleDelete] }],
  roleGrantPermission: [
    ["role", "grant-permission", "r", "read", "a"],
    { RoleGrantPermission: [r.AuthRoleGrantPermissionResponse, r.roleGrantPermission] },
  ],
  "roleRevokePermission of a key": revoke("a"),
  "roleRevokePermission of a range": revoke("a", "é"),
  "roleRevokePermission from a key on": revoke("a", "--from-key"),
  userAdd: [["user", "add", "alice:p"], { UserAdd: [r.AuthUserAddResponse, r.userAdd] }],
  userGet: [["user", "get", "alice"], { UserGet: [r.AuthUserGetResponse, r.userGet] }],
  "userGet without roles": [["user", "get", "alice"], { UserGet: [r.AuthUserGetResponse, r.userGetEmpty] }],
  userList: [["user", "list"], { UserList: [r.AuthUserListResponse, r.userList] }],
  userChangePassword: [
    ["user", "passwd", "alice", "--interactive=false"],
    { UserChangePassword: [r.AuthUserChangePasswordResponse, r.userChangePassword] },
    "p\n",
  ],
  userGrantRole: [
    ["user", "grant-role", "alice", "r"],
    { UserGrantRole: [r.AuthUserGrantRoleResponse, r.userGrantRole] },
  ],
  userRevokeRole: [
    ["user", "revoke-role", "alice", "r"],
    { UserRevokeRole: [r.AuthUserRevokeRoleResponse, r.userRevokeRole] },
  ],
  userDelete: [["user", "delete", "alice"], { UserDelete: [r.AuthUserDeleteResponse, r.userDelete] }],
  watch: [["watch", "a"], watching(r.watch)],
  watchProgress: [["watch", "a"], watching(r.watchProgress)],
  watchCompacted: [["watch", "a"], watching(r.watchCompacted)],
};

function revoke(...key) {
  return [
    ["role", "revoke-permission", "r", ...key],
    { RoleRevokePermission: [r.AuthRoleRevokePermissionResponse, r.roleRevokePermission] },
  ];
}

/** The stream stays open: the watch ends with the time limit below. */
function watching(response) {
  const created = { header: response.header, created: true };
  return { Watch: [r.WatchResponse, created, { ...response, created: false }] };
}

let responses = {};
const server = createServer();
server.on("stream", (stream, headers) => {
  const method = headers[":path"].split("/").at(-1);
  const [type, ...messages] = responses[method] ?? fallback[method] ?? [];
  stream.on("error", () => undefined).resume();
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": type === undefined ? "12" : "0" }));
  stream.once("data", () => {
    for (const message of messages) {
      const bytes = r.encode(type, type.create(message));
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(bytes.length, 1);
      stream.write(Buffer.concat([frame, bytes]));
    }
    if (method !== "Watch") stream.end();
  });
});
const fallback = {
  MemberList: [r.MemberListResponse, r.members],
  Status: [r.StatusResponse, r.status.status],
};

const port = Number(r.endpoint.split(":")[1]);
await new Promise((done) => server.listen(port, "127.0.0.1", done));

const rows = [];
for (const [response, [args, wanted, input = ""]] of Object.entries(runs)) {
  responses = wanted;
  for (const format of formats) {
    for (const hex of [false, true]) {
      const row = { response, format, hex };
      const { code, stdout, stderr } = await run([...args, "-w", format, ...(hex ? ["--hex"] : [])], input);
      rows.push({ ...row, ...result(code, stdout, stderr) });
    }
  }
}
const known =
  other === undefined ? [] : JSON.parse(readFileSync(other, "utf8")).map((row) => JSON.stringify(row));
const changed = rows.filter((row) => !known.includes(JSON.stringify(row)));
process.stdout.write(`${JSON.stringify(changed, null, 2)}\n`);
rmSync(folder, { recursive: true });
process.exit(0);

/** A watch has no exit code here, or 5 after the server canceled it. With 1 and 2 the etcdctl has no such output. */
function result(code, stdout, stderr) {
  const errors = stderr.trim().split("\n");
  if (code === 1 || code === 2) return { missing: errors.find((text) => /^Error|^panic/.test(text)) };
  if (code === 4 || code === 128) return { exit: code, error: errors.at(-1).replace(/^Error: /, "") };
  const text = stdout.toString();
  return Buffer.from(text).equals(stdout) ? { stdout: text } : { stdoutBase64: stdout.toString("base64") };
}

function run(args, input) {
  return new Promise((done) => {
    const child = spawn(etcdctl, ["--endpoints", r.endpoint, ...args], { env: { ETCDCTL_API: "3" } });
    const stdout = [];
    let stderr = "";
    child.stdout.on("data", (data) => stdout.push(data));
    child.stderr.on("data", (data) => (stderr += data));
    child.stdin.end(input);
    if (args[0] === "watch") setTimeout(() => child.kill(), 700);
    child.on("close", (code) => done({ code, stdout: Buffer.concat(stdout), stderr }));
  });
}
