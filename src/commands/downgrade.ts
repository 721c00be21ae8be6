// Go: etcdctl/ctlv3/command/downgrade_command.go.
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

/** Ignores arguments, as in Go. */
export const downgradeCancel = defineCommand({
  flags: {},
  async run(context) {
    const { client, printer } = await context.connect();
    const request = DowngradeRequest.create({ action: DowngradeRequest_DowngradeAction.CANCEL });
    const response = await client.maintenance.downgrade(request, context.call());
    await context.io.stdout.write(printer.downgradeCancel(response));
  },
});

function targetVersion([version, ...surplus]: readonly string[]): string {
  if (version === undefined) throw badArgs("TARGET_VERSION not provided");
  if (surplus.length > 0) throw badArgs("too many arguments");
  if (version === "") throw badArgs("target version not provided");
  return version;
}
