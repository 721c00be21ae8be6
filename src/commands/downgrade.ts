// `downgrade validate VERSION`: whether the cluster could be downgraded to a version. Answers to etcdctl's downgrade_command.go.
import { badArgs } from "../errors";
import { DowngradeRequest, DowngradeRequest_DowngradeAction } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";

export const downgradeValidate = defineCommand({
  flags: {},
  async run(context, args) {
    const version = targetVersion(args);
    const { client, printer } = await context.connect();
    const action = DowngradeRequest_DowngradeAction.VALIDATE;
    const response = await client.maintenance.downgrade({ action, version }, context.call());
    await context.io.stdout.write(printer.downgradeValidate(response));
  },
});

// `downgrade enable VERSION`: begins a downgrade of the cluster to a version. Answers to etcdctl's downgrade_command.go.

export const downgradeEnable = defineCommand({
  flags: {},
  async run(context, args) {
    const version = targetVersion(args);
    const { client, printer } = await context.connect();
    const action = DowngradeRequest_DowngradeAction.ENABLE;
    const response = await client.maintenance.downgrade({ action, version }, context.call());
    await context.io.stdout.write(printer.downgradeEnable(response));
  },
});

// `downgrade cancel`: calls a downgrade off; surplus words are ignored, as in Go. Answers to etcdctl's downgrade_command.go.

export const downgradeCancel = defineCommand({
  flags: {},
  async run(context) {
    const { client, printer } = await context.connect();
    const request = DowngradeRequest.create({ action: DowngradeRequest_DowngradeAction.CANCEL });
    const response = await client.maintenance.downgrade(request, context.call());
    await context.io.stdout.write(printer.downgradeCancel(response));
  },
});

// The version that downgrade validate and enable take. Answers to the checks of etcdctl's downgrade_command.go.

export function targetVersion([version, ...surplus]: readonly string[]): string {
  if (version === undefined) throw badArgs("TARGET_VERSION not provided");
  if (surplus.length > 0) throw badArgs("too many arguments");
  if (version === "") throw badArgs("target version not provided");
  return version;
}
