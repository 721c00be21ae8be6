// member list, add, remove and update. Go (etcd 3.4): etcdctl/ctlv2/command/member_commands.go
import { CliError } from "../../errors";
import { quote } from "../../go/quote";
import { MembersApi } from "../api/members";
import type { CommandContext } from "../command";
import { assertNoArguments, badArgsWithoutPrefix, defineCommand, ExitCode, shellArgument } from "../command";

export const list = defineCommand({
  flags: {},
  version3Command: () => "member list",
  async run(context, args) {
    assertNoArguments(args);
    const api = await openMembers(context);
    const lines = await context.withTotalTimeout(async (signal) => {
      const members = await api.list(signal);
      const leader = await explainError(context, "Failed to get leader:  ", api.leader(signal));
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
  version3Command: (args) =>
    `member add ${shellArgument(args[0], "NAME")} --peer-urls=${shellArgument(args[1], "URL")}`,
  async run(context, args) {
    const [name, url] = args;
    if (args.length !== 2 || name === undefined || url === undefined) {
      throw badArgsWithoutPrefix("Provide a name and a single member peerURL");
    }
    const { stdout } = context.io;
    const api = await openMembers(context);
    await context.withTotalTimeout(async (signal) => {
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
  version3Command: (args) => `member remove ${shellArgument(args[0], "ID")}`,
  async run(context, args) {
    const [id] = args;
    if (args.length !== 1 || id === undefined) throw badArgsWithoutPrefix("Provide a single member ID");
    const api = await openMembers(context);
    await context.withTotalTimeout(async (signal) => {
      const prefix = "Error while verifying ID against known members: ";
      const members = await explainError(context, prefix, api.list(signal));
      for (const member of members.filter(({ name }) => name === id)) {
        await context.io.stderr.write(
          `Found a member named ${member.name}; if this is correct, please use its ID, eg:\n` +
            `\tetcdctl member remove ${member.id}\n` +
            "For more details, read the documentation at https://github.com/etcd-io/etcd/blob/master/Documentation/runtime-configuration.md#remove-a-member\n\n",
        );
      }
      if (!members.some((member) => member.id === id)) {
        throw badArgsWithoutPrefix(`Couldn't find a member in the cluster with an ID of ${id}.`);
      }
      const removal = api.remove(id, signal);
      await explainError(context, `Received an error trying to remove member ${id}: `, removal);
    });
    await context.io.stdout.write(`Removed member ${id} from cluster\n`);
  },
});

export const update = defineCommand({
  flags: {},
  version3Command: (args) =>
    `member update ${shellArgument(args[0], "ID")} --peer-urls=${shellArgument(args[1], "URLS")}`,
  async run(context, args) {
    const [id, urls] = args;
    if (args.length !== 2 || id === undefined || urls === undefined) {
      throw badArgsWithoutPrefix(
        "Provide an ID and a list of comma separated peerURL (0xabcd http://example.com,http://example1.com)",
      );
    }
    const api = await openMembers(context);
    await context.withTotalTimeout((signal) => api.update(id, urls.split(","), signal));
    await context.io.stdout.write(`Updated member with ID ${id} in cluster\n`);
  },
});

async function openMembers(context: CommandContext): Promise<MembersApi> {
  return new MembersApi(await context.client());
}

/** Puts Go's text for the failed step before the error. An interrupt stays an interrupt. */
async function explainError<T>(context: CommandContext, prefix: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (cause) {
    context.io.interrupt.throwIfAborted();
    if (!(cause instanceof Error) || cause instanceof CliError) throw cause;
    throw new CliError(ExitCode.badArgs, `${prefix}${cause.message}`, { cause });
  }
}
