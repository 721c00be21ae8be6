// `member add NAME --peer-urls=…`: adds a member, which is started afterwards with the printed ETCD_ lines.
// Answers to etcdctl's member_command.go.
import { MemberAddRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import type { FlagTable, FlagValues } from "../flags";
import { badArgs } from "../key-range";
import { checkPeerUrls, peerUrls, peerUrlsFlag } from "./peer-urls";

const memberAddFlags = {
  ...peerUrlsFlag,
  learner: { kind: "bool", default: false, usage: "add it as a learner, which does not vote until promoted" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: memberAddFlags,
  async run(context, args, flags) {
    const { name, request } = memberAddRequest(args, flags);
    const { client, printer } = await context.session();
    checkPeerUrls(request.peerURLs);
    const response = await client.cluster.memberAdd(request, context.call());
    await context.io.stdout.write(printer.memberAdd(response));
    await context.io.stdout.write(printer.memberEnvironment(name, flags["peer-urls"], response));
  },
});

/** The name is not part of the request: a member brings its own when it starts. */
export function memberAddRequest(
  args: readonly string[],
  flags: FlagValues<typeof memberAddFlags>,
): { name: string; request: MemberAddRequest } {
  const [name] = args;
  if (name === undefined) throw badArgs("member name not provided");
  if (args.length > 1) {
    const urls = args.filter((word) => word.toLowerCase().startsWith("http"));
    throw badArgs(["too many arguments", ...urls.map((url) => `did you mean --peer-urls=${url}`)].join(", "));
  }
  const request = MemberAddRequest.create({
    peerURLs: peerUrls(flags["peer-urls"]),
    isLearner: flags.learner,
  });
  return { name, request };
}
