// `member remove MEMBER`: takes a member out of the cluster; it is stopped by that. Answers to etcdctl's member_command.go.
import { defineCommand } from "../command";
import { memberId, oneMember } from "./member-id";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const typed = oneMember(args);
    const { client, printer } = await context.session();
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const response = await client.cluster.memberRemove({ ID }, call);
    await context.io.stdout.write(printer.memberRemove(ID, response));
  },
});
