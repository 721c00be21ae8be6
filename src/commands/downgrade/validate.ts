// `downgrade validate VERSION`: whether the cluster could be downgraded to a version. Answers to etcdctl's downgrade_command.go.
import { DowngradeRequest_DowngradeAction } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { targetVersion } from "./target-version";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const version = targetVersion(args);
    const { client, printer } = await context.session();
    const action = DowngradeRequest_DowngradeAction.VALIDATE;
    const response = await client.maintenance.downgrade({ action, version }, context.call());
    await context.io.stdout.write(printer.downgradeValidate(response));
  },
});
