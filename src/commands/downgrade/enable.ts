// `downgrade enable VERSION`: begins a downgrade of the cluster to a version. Answers to etcdctl's downgrade_command.go.
import { DowngradeRequest_DowngradeAction } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { targetVersion } from "./target-version";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const version = targetVersion(args);
    const { client, printer } = await context.session();
    const action = DowngradeRequest_DowngradeAction.ENABLE;
    const response = await client.maintenance.downgrade({ action, version }, context.call());
    await context.io.stdout.write(printer.downgradeEnable(response));
  },
});
