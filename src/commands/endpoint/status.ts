// `endpoint status`: what each endpoint says of itself. One that does not answer is told on stderr and left out; then
// the exit code is 1, without an error line of its own. Answers to etcdctl's ep_command.go.
import { ExitCode } from "../../errors";
import { defineCommand } from "../command";
import { answersOfEach, clusterFlag } from "./each-endpoint";

export const command = defineCommand({
  flags: clusterFlag,
  async run(context, _args, { cluster }) {
    const printer = await context.printer();
    const { rows, failure } = await answersOfEach(context, cluster, "status", (client) =>
      client.maintenance.status({}, context.call()),
    );
    const statuses = rows.map(({ endpoint, response }) => ({ endpoint, status: response }));
    await context.io.stdout.write(printer.endpointStatus(statuses));
    return failure ? ExitCode.error : ExitCode.success;
  },
});
