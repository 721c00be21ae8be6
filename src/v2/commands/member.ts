// member list, add, remove and update. Answers to ctlv2/command/member_commands.go.
import { CliError } from "../../errors";
import { quote } from "../../go/quote";
import { MembersApi } from "../api/members";
import { badArgsPlainly, defineCommand, ExitCode, type CommandContext } from "../command";
import { shown } from "./keys";

async function openMembers(context: CommandContext): Promise<MembersApi> {
  return new MembersApi(await context.client());
}

/** A failed step in Go's words for it; Ctrl-C stays what it is. */
async function orSay<T>(
  context: CommandContext,
  work: Promise<T>,
  words: (reason: string) => string,
): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    context.io.interrupt.throwIfAborted();
    if (!(cause instanceof Error) || cause instanceof CliError) throw cause;
    throw new CliError(ExitCode.badArgs, words(cause.message), { cause });
  }
}

export const list = defineCommand({
  flags: {},
  instead: () => "member list",
  async run(context, args) {
    if (args.length > 0) throw badArgsPlainly("No arguments accepted");
    const api = await openMembers(context);
    const lines = await context.inTime(async (signal) => {
      const members = await api.list(signal);
      const leader = await orSay(context, api.leader(signal), (why) => `Failed to get leader:  ${why}`);
      return members.map(({ id, name, peerURLs, clientURLs }) => {
        const peers = (peerURLs ?? []).join(",");
        if (name === "") return `${id}[unstarted]: peerURLs=${peers}`;
        const clients = (clientURLs ?? []).join(",");
        return `${id}: name=${name} peerURLs=${peers} clientURLs=${clients} isLeader=${id === leader.id}`;
      });
    });
    await context.io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  },
});

export const add = defineCommand({
  flags: {},
  instead: (args) => `member add ${shown(args[0], "NAME")} --peer-urls=${shown(args[1], "URL")}`,
  async run(context, args) {
    const [name, url] = args;
    if (args.length !== 2 || name === undefined || url === undefined) {
      throw badArgsPlainly("Provide a name and a single member peerURL");
    }
    const { stdout } = context.io;
    const api = await openMembers(context);
    await context.inTime(async (signal) => {
      const { id } = await api.add(url, signal);
      await stdout.write(`Added member named ${name} with ID ${id} to cluster\n`);
      const members = await api.list(signal);
      const cluster = members.flatMap((member) =>
        (member.peerURLs ?? []).map((peer) => `${member.id === id ? name : member.name}=${peer}`),
      );
      await stdout.write(
        `\nETCD_NAME=${quote(name)}\n` +
          `ETCD_INITIAL_CLUSTER=${quote(cluster.join(","))}\n` +
          `ETCD_INITIAL_CLUSTER_STATE="existing"\n`,
      );
    });
  },
});

export const remove = defineCommand({
  flags: {},
  instead: (args) => `member remove ${shown(args[0], "ID")}`,
  async run(context, args) {
    const [id] = args;
    if (args.length !== 1 || id === undefined) throw badArgsPlainly("Provide a single member ID");
    const api = await openMembers(context);
    await context.inTime(async (signal) => {
      const members = await orSay(
        context,
        api.list(signal),
        (why) => `Error while verifying ID against known members: ${why}`,
      );
      for (const member of members.filter(({ name }) => name === id)) {
        await context.io.stderr.write(
          `Found a member named ${member.name}; if this is correct, please use its ID, eg:\n` +
            `\tetcdctl member remove ${member.id}\n` +
            "For more details, read the documentation at https://github.com/etcd-io/etcd/blob/master/Documentation/runtime-configuration.md#remove-a-member\n\n",
        );
      }
      if (!members.some((member) => member.id === id)) {
        throw badArgsPlainly(`Couldn't find a member in the cluster with an ID of ${id}.`);
      }
      await orSay(
        context,
        api.remove(id, signal),
        (why) => `Received an error trying to remove member ${id}: ${why}`,
      );
    });
    await context.io.stdout.write(`Removed member ${id} from cluster\n`);
  },
});

export const update = defineCommand({
  flags: {},
  instead: (args) => `member update ${shown(args[0], "ID")} --peer-urls=${shown(args[1], "URLS")}`,
  async run(context, args) {
    const [id, urls] = args;
    if (args.length !== 2 || id === undefined || urls === undefined) {
      throw badArgsPlainly(
        "Provide an ID and a list of comma separated peerURL (0xabcd http://example.com,http://example1.com)",
      );
    }
    const api = await openMembers(context);
    await context.inTime((signal) => api.update(id, urls.split(","), signal));
    await context.io.stdout.write(`Updated member with ID ${id} in cluster\n`);
  },
});
