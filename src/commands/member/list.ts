// `member list`: the members of the cluster. A bad --consistency is told with get's default, as Go does it.
// Answers to etcdctl's member_command.go.
import { MemberListRequest } from "../../proto/gen/etcdserverpb";
import { consistencyFlag, isSerializable } from "../consistency";
import { defineCommand } from "../command";

export const command = defineCommand({
  flags: { consistency: consistencyFlag },
  async run(context, _args, { consistency }) {
    const linearizable = !isSerializable(consistency, consistencyFlag.default);
    const { client, printer } = await context.session();
    const request = MemberListRequest.create({ linearizable });
    await context.io.stdout.write(
      printer.memberList(await client.cluster.memberList(request, context.call())),
    );
  },
});
