// `k8s get KIND NAME`: stored objects as kubectl prints them, as YAML unless --write-out names another format.
import { badArgs } from "../../errors";
import type { RangeOptions } from "../../output/printer";
import { objectPrinter } from "../../output/objects/printer";
import { yamlPrinter } from "../../output/readable/printer";
import { ResponseHeader } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { openRegistry, printHint, selectionFlags, wantedObjects } from "./selection";

const flags = {
  ...selectionFlags,
  "show-secrets": { kind: "bool", default: false, usage: "also show the data of Secrets" },
  "show-managed-fields": {
    kind: "bool",
    default: false,
    usage: "also show metadata.managedFields: which program wrote which field",
  },
} as const;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    const wanted = wantedObjects(args, "get");
    if (wanted.length === 0) throw badArgs("k8s get takes a kind, and names or none for all objects");
    const format = await context.format();
    const isSimple = format === "simple";
    const plain = isSimple ? yamlPrinter() : await context.printer();
    const printer = objectPrinter(isSimple ? "yaml" : format, plain, {
      showSecrets: values["show-secrets"],
      showManagedFields: values["show-managed-fields"],
      isAutomatic: false,
      style: await context.tableStyle(),
    });
    const { reader, select } = await openRegistry(context, values);
    const selection = await select(wanted);
    const options: RangeOptions = { countOnly: false, valueOnly: false, isOneKey: selection.isOneObject };
    const output = printer.range(options);
    const { stdout } = context.io;
    let count = 0n;
    for await (const { object } of selection.objects()) {
      if (count++ === 0n) await stdout.write(output.begin(ResponseHeader.create()));
      reader.read(object);
      await stdout.write(output.kvs([{ ...object.kv, value: Buffer.from(reader.open(object)) }]));
    }
    if (count > 0n) await stdout.write(output.end({ more: false, count }));
    await printHint(context, reader);
    if (selection.failure !== undefined) throw selection.failure;
  },
});
