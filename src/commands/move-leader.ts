// `move-leader MEMBER`: the leader hands its part to another member. It must be among the endpoints, since only it can.
// Each endpoint is asked in turn until the leader is found; one that does not answer ends the command, as in Go.
// Answers to etcdctl's move_leader_command.go.
import type { EtcdClient } from "../client/client";
import type { CallOptions } from "../transport/transport";
import { defineCommand, type CommandContext } from "./command";
import { badArgs } from "./key-range";
import { memberId } from "./member/member-id";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const [typed] = args;
    if (typed === undefined || args.length !== 1) throw badArgs("move-leader command needs 1 argument");
    const { printer } = await context.session();
    const call = context.call();
    const targetID = await memberId(context, typed, call, (reason) => reason);
    const { client, leader } = await findLeader(context, call);
    const response = await client.maintenance.moveLeader({ targetID }, call);
    await context.io.stdout.write(printer.moveLeader(leader, targetID, response));
  },
});

async function findLeader(
  context: CommandContext,
  call: CallOptions,
): Promise<{ client: EtcdClient; leader: bigint }> {
  const endpoints = await context.endpoints();
  for (const endpoint of endpoints) {
    const client = await context.clientOf(endpoint);
    const { header, leader } = await client.maintenance.status({}, call);
    if (header?.memberId === leader) return { client, leader };
  }
  throw badArgs(`no leader endpoint given at [${endpoints.join(" ")}]`);
}
