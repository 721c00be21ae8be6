// `downgrade cancel`: calls a downgrade off; surplus words are ignored, as in Go. Answers to etcdctl's downgrade_command.go.
import { DowngradeRequest, DowngradeRequest_DowngradeAction } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";

export const command = defineCommand({
  flags: {},
  async run(context) {
    const { client, printer } = await context.session();
    const request = DowngradeRequest.create({ action: DowngradeRequest_DowngradeAction.CANCEL });
    const response = await client.maintenance.downgrade(request, context.call());
    await context.io.stdout.write(printer.downgradeCancel(response));
  },
});
