// Tables that are wider than the terminal, and chosen columns. What tables look like is in from-etcdctl.test.ts.
import { main } from "../../src/cli/main";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { tableDrawer } from "../../src/output/table";
import { testIo } from "../support/test-io";

const rows = {
  head: ["endpoint", "ID", "db size"],
  body: [
    ["127.0.0.1:2379", "8e9e05c52164694d", "20 kB"],
    ["127.0.0.1:22379", "", "21 kB"],
  ],
};
const drawn = (style: Partial<Parameters<typeof tableDrawer>[0]>): string =>
  Buffer.from(tableDrawer({ compat: "3.7", ...style })(rows)).toString();
const widthOf = (text: string): number => text.indexOf("\n");

test.each(["3.7", "3.5"] as const)("a table of %s that fits the terminal is not changed", (compat) => {
  const table = drawn({ compat });
  expect(drawn({ compat, fitTo: () => widthOf(table) })).toBe(table);
});

test.each(["3.7", "3.5"] as const)("a wider table of %s becomes a block for each row", (compat) => {
  const table = drawn({ compat });
  expect(drawn({ compat, fitTo: () => widthOf(table) - 1 })).toBe(
    [
      "ENDPOINT  127.0.0.1:2379",
      "ID        8e9e05c52164694d",
      "DB SIZE   20 kB",
      "",
      "ENDPOINT  127.0.0.1:22379",
      "ID",
      "DB SIZE   21 kB",
      "",
    ].join("\n"),
  );
});

test("a table without rows stays a table", () => {
  const empty = { head: rows.head, body: [] };
  const draw = (fitTo?: number) =>
    Buffer.from(tableDrawer({ compat: "3.7", fitTo: () => fitTo })(empty)).toString();
  expect(draw(5)).toBe(draw());
});

test("columns are chosen by name, in the order of the names", () => {
  const table = drawn({ chosen: ["db-size", "Endpoint"] });
  expect(table).toBe(
    Buffer.from(
      tableDrawer({ compat: "3.7" })({
        head: ["db size", "endpoint"],
        body: rows.body.map(([endpoint = "", , size = ""]) => [size, endpoint]),
      }),
    ).toString(),
  );
});

test("an unknown column is an error that lists the columns", () => {
  expect(() => drawn({ chosen: ["size"] })).toThrow(
    expect.objectContaining({
      message: 'no column "size" in this table',
      hints: ["the columns are endpoint,id,db-size"],
    }),
  );
});

describe("endpoint status", () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer();
  });
  afterAll(() => server.stop());

  async function status(flags: readonly string[], isTTY: boolean) {
    const io = testIo({ terminal: isTTY });
    const argv = ["endpoint", "status", "--endpoints", server.endpoint, ...flags];
    return { exit: await main(argv, io), stdout: io.stdout.text, stderr: io.stderr.text };
  }

  test("prints the whole table into a pipe, and with --wide", async () => {
    const piped = await status(["-w", "table"], false);
    expect(piped.stdout).toMatch(/^┌─{10,}.*│\s+ENDPOINT/s);
    expect(await status(["-w", "table", "--wide"], true)).toEqual(piped);
  });

  test("prints blocks, or the chosen columns, on a terminal of 80 columns", async () => {
    const { stdout } = await status(["-w", "table"], true);
    expect(stdout).toContain(`ENDPOINT                  ${server.endpoint}\n`);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const chosen = await status(["-w", "table", "--columns", "endpoint,is-leader"], true);
    expect(chosen.stdout).toMatch(/^┌.*│ +ENDPOINT +│ +IS LEADER +│/s);
  });

  test("refuses --columns without a table", async () => {
    expect(await status(["--columns", "endpoint"], false)).toEqual({
      exit: 128,
      stdout: "",
      stderr: "Error: --columns chooses the columns of a table; add -w table\n",
    });
  });
});
