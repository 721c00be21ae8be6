import { writeHints } from "../../src/cli/hints";
import { paletteFor, startProgress } from "../../src/cli/terminal";
import { testIo } from "../support/test-io";
import { until } from "../support/until";

jest.mock("chalk", () => ({
  Chalk: class {
    bold = (text: string): string => `<b>${text}</b>`;
    dim = (text: string): string => `<d>${text}</d>`;
  },
}));

const spinner = { text: "", start: jest.fn((): unknown => spinner), stop: jest.fn() };
const ora = jest.fn((options: { text: string }) => Object.assign(spinner, { text: options.text }));
jest.mock("ora", () => ({ __esModule: true, default: (options: never) => ora(options) }));

describe("colour", () => {
  test("is used on a terminal", async () => {
    const io = testIo({ terminal: true });
    expect((await paletteFor(io.stdout, io.env)).title("x")).toBe("<b>x</b>");
    await writeHints(["try this"], io);
    expect(io.stderr.text).toBe("<d>hint: try this</d>\n");
  });

  test.each([
    ["a pipe", { terminal: false }],
    ["NO_COLOR", { terminal: true, env: { NO_COLOR: "1" } }],
    ["a dumb terminal", { terminal: true, env: { TERM: "dumb" } }],
  ])("is not used with %s", async (_, options) => {
    const io = testIo(options);
    expect((await paletteFor(io.stdout, io.env)).title("x")).toBe("x");
  });
});

describe("progress", () => {
  const stream = (isTTY: boolean, columns = 80) => ({ isTTY, columns }) as NodeJS.WriteStream;
  beforeEach(() => jest.clearAllMocks());

  test("is one line that changes on a terminal, and goes at the end", async () => {
    const progress = startProgress(stream(true), {});
    progress.update("1 MB");
    progress.update("2 MB");
    await until("the spinner shows the last text", () => spinner.text === "2 MB");
    expect(ora).toHaveBeenCalledTimes(1);
    progress.update("3 MB");
    expect(spinner.text).toBe("3 MB");
    progress.stop();
    expect(spinner.stop).toHaveBeenCalledTimes(1);
  });

  test("that ends before it has shown never shows", async () => {
    const progress = startProgress(stream(true), {});
    progress.update("1 MB");
    progress.stop();
    await new Promise(setImmediate);
    expect(spinner.start).not.toHaveBeenCalled();
  });

  test.each([
    ["there is no terminal", stream(false)],
    ["the terminal has no width", stream(true, 0)],
  ])("is nothing where %s", async (_, output) => {
    const progress = startProgress(output, {});
    progress.update("1 MB");
    progress.stop();
    await new Promise(setImmediate);
    expect(ora).not.toHaveBeenCalled();
  });
});
