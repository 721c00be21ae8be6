// `member update MEMBER --peer-urls=…`: changes where the other members reach a member. Answers to etcdctl's member_command.go.
import { defineCommand } from "../command";
import { isId, memberId, oneMember } from "./member-id";
import { checkPeerUrls, peerUrls, peerUrlsFlag } from "./peer-urls";

export const command = defineCommand({
  flags: peerUrlsFlag,
  async run(context, args, { "peer-urls": urls }) {
    const typed = oneMember(args);
    // In Go's order a word that is no ID comes before URLs that are missing; whether it is a name is known later.
    if (isId(typed)) peerUrls(urls);
    const { client, printer } = await context.session();
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const peerURLs = peerUrls(urls);
    checkPeerUrls(peerURLs);
    const response = await client.cluster.memberUpdate({ ID, peerURLs }, call);
    await context.io.stdout.write(printer.memberUpdate(ID, response));
  },
});
