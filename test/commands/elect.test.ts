// elect on an embedded server: campaign, leadership, resignation and observers.
import { parseFlags } from "../../src/input/parse-flags";
import { createClient } from "../../src/client/client";
import type { CommandContext } from "../../src/commands/command";
import { command } from "../../src/commands/elect";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { loadPrinter } from "../../src/output/load-printer";
import { openTransport } from "../../src/transport/open";
import { rangeRequest } from "../support/requests";
import { testIo } from "../support/test-io";
import { until } from "../support/until";

let server: EmbeddedServer;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await server.stop();
});

async function elect(...words: readonly string[]) {
  const io = testIo();
  const client = createClient(await openTransport({ endpoints: [server.endpoint], clock: io.clock }));
  open.push(client);
  const call = () => ({ signal: io.interrupt, deadlineAt: io.clock.now() + 5000 });
  const connect = async () => ({ client, printer: await loadPrinter("simple", { hex: false }) });
  const longCall = () => ({ signal: io.interrupt });
  const context = { io, connect, call, longCall } as unknown as CommandContext;
  const { values, args } = parseFlags(command.flags, words);
  const end = (async () => command.run(context, args, values))().catch((error: unknown) => error);
  return { io, end, client };
}

test("the second candidate leads after the first resigns, and an observer prints both", async () => {
  const observer = await elect("-l", "e");
  const first = await elect("e", "one");
  await until("the first leads", () => first.io.stdout.text.endsWith("\none\n"));
  const second = await elect("e", "two");
  const candidates = async () => (await first.client.kv.range(rangeRequest("e/", "e0"))).kvs.length;
  await until("two stand", async () => (await candidates()) === 2);
  await until("the first is seen", () => observer.io.stdout.text.includes("\none\n"));
  expect(second.io.stdout.text).toBe("");
  first.io.sendSignal("SIGINT");
  expect(await first.end).toBe(0);
  await until("the second leads", () => second.io.stdout.text.endsWith("\ntwo\n"));
  await until("the second is seen", () => observer.io.stdout.text.endsWith("\ntwo\n"));
  expect(observer.io.stdout.text).toBe(first.io.stdout.text + second.io.stdout.text);
  for (const each of [second, observer]) {
    each.io.sendSignal("SIGTERM");
    expect(await each.end).toBe(0);
  }
  expect(await candidates()).toBe(0);
});

test("a candidate that is interrupted while it waits leaves the election", async () => {
  const first = await elect("e", "one");
  await until("the first leads", () => first.io.stdout.text !== "");
  const second = await elect("e", "two");
  const candidates = async () => (await first.client.kv.range(rangeRequest("e/", "e0"))).kvs.length;
  await until("two stand", async () => (await candidates()) === 2);
  second.io.sendSignal("SIGINT");
  expect(await second.end).toMatchObject({ message: "context canceled" });
  expect(await candidates()).toBe(1);
  first.io.sendSignal("SIGINT");
  await first.end;
});

test.each([
  [[], "elect takes one election name argument and an optional proposal argument"],
  [["e", "v", "w"], "elect takes one election name argument and an optional proposal argument"],
  [["e"], "no proposal argument but -l not set"],
  [["-l", "e", "v"], "proposal given but -l is set"],
])("elect %j is rejected", async (words, message) => {
  expect(await (await elect(...words)).end).toMatchObject({ exitCode: 128, message });
});
