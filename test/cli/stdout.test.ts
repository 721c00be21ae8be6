import { closeSync, openSync } from "node:fs";
import { createContext } from "../../src/cli/context";
import { resolveSettings, type GlobalValues } from "../../src/cli/settings";
import { isTerminal } from "../../src/cli/stdout";
import { globalFlags } from "../../src/cli/global-flags";
import { testIo } from "../support/test-io";

const notAsked = (): never => {
  throw new Error("the runtime was asked for its terminal");
};

test.each(["/dev/null", __filename])(
  "%s is no terminal, and the runtime's terminal is not loaded for it",
  (file) => {
    const fd = openSync(file, "r");
    try {
      expect(isTerminal(fd, notAsked)).toBe(false);
    } finally {
      closeSync(fd);
    }
  },
);

test.each(["simple", "json"])(
  "the printer of -w %s does not ask how wide the terminal is",
  async (format) => {
    const io = testIo();
    Object.defineProperty(io.stdout, "columns", { get: notAsked });
    const values = Object.fromEntries(
      Object.entries(globalFlags).map(([name, flag]) => [name, flag.default]),
    );
    const given = { ...values, "write-out": format } as unknown as GlobalValues;
    const context = createContext(io, () => resolveSettings(given, new Set(["write-out"]), {}));
    await expect(context.printer()).resolves.toBeDefined();
    await context.close();
  },
);
