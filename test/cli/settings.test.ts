import { globalFlags } from "../../src/cli/global-flags";
import { parseFlags } from "../../src/input/parse-flags";
import { resolveSettings, settingsReport, variableOf } from "../../src/cli/settings";
import { offlinePath } from "../../src/offline/offline-flag";

const settle = (words: string[], env: Record<string, string> = {}) => {
  const { values, given } = parseFlags(globalFlags, words);
  return resolveSettings(values, given, env);
};

describe("a setting", () => {
  test("comes from its flag, else from its variable, else it is etcd's default", () => {
    const env = { ETCDCTL_WRITE_OUT: "json", ETCDCTL_ENDPOINTS: "a:1,b:2", ETCDCTL_COMMAND_TIMEOUT: "1m" };
    const settings = settle(["--endpoints=c:3"], env);
    expect(settings).toMatchObject({ "write-out": "json", endpoints: ["c:3"], "command-timeout": 60_000 });
    expect(settle([])).toMatchObject({
      "write-out": "simple",
      endpoints: ["127.0.0.1:2379"],
      "dial-timeout": 2000,
    });
  });

  test.each(Object.keys(globalFlags))("has a variable named after its flag: %s", (name) => {
    expect(variableOf(name)).toMatch(/^ETCDCTL_[A-Z_]+$/);
  });

  test("is not taken from a variable that is empty or invalid", () => {
    const env = { ETCDCTL_ENDPOINTS: "", ETCDCTL_HEX: "maybe", ETCDCTL_DIAL_TIMEOUT: "5" };
    expect(settle([], env)).toMatchObject({
      endpoints: ["127.0.0.1:2379"],
      hex: false,
      "dial-timeout": 2000,
    });
  });

  test("counts as given by flag or variable, not by default", () => {
    expect([...settle(["--hex"], { ETCDCTL_COMMAND_TIMEOUT: "1s" }).given].sort()).toEqual([
      "command-timeout",
      "hex",
    ]);
  });
});

describe("ETCDCTL_API", () => {
  test.each(["", "2", "3"])("%j prints nothing", (version) => {
    expect(() => settle([], { ETCDCTL_API: version })).not.toThrow();
  });

  test.each(["1", "4", "x"])("%s is an error with a hint", (version) => {
    expect(() => settle([], { ETCDCTL_API: version })).toThrow(
      expect.objectContaining({ exitCode: 128, message: expect.stringContaining(`ETCDCTL_API=${version}`) }),
    );
  });
});

describe("--compat", () => {
  test("is 3.7 by default, and the flag wins over the variable", () => {
    expect(settle([]).compat).toBe("3.7");
    expect(settle([], { ETCDCTL_COMPAT: "3.5" }).compat).toBe("3.5");
    expect(settle(["--compat=3.7"], { ETCDCTL_COMPAT: "3.5" }).compat).toBe("3.7");
  });

  test.each([[["--compat=3.6"], {}] as const, [[], { ETCDCTL_COMPAT: "3.6" }] as const])(
    "%j with %j is refused with the list of versions",
    (words, env) => {
      expect(() => settle([...words], { ...env })).toThrow(
        expect.objectContaining({
          exitCode: 128,
          message: 'invalid value "3.6" for --compat, choose 3.5 or 3.7',
        }),
      );
    },
  );
});

test("--debug prints every setting and unknown variables, but no secret", () => {
  const env = { ETCDCTL_FOO: "1", ETCDCTL_PASSWORD: "hidden", ETCDCTL_API: "3", ETCDCTL_WATCH_KEY: "a" };
  const report = settingsReport(settle(["--user=root:hidden", "--auth-jwt-token=hidden"], env), env);
  expect(report).toContain("ETCDCTL_USER=root:***");
  expect(report).toContain("ETCDCTL_PASSWORD=***");
  expect(report).toContain("ETCDCTL_COMMAND_TIMEOUT=5000ms");
  expect(report).toContain("ETCDCTL_FOO is not a variable of etcdctl");
  expect(report.join("\n")).not.toContain("ETCDCTL_WATCH_KEY is not");
  expect(report.join("\n")).not.toContain("hidden");
});

test.each([
  ["", undefined],
  ["0", undefined],
  ["false", undefined],
  ["1", ""],
  ["true", ""],
  ["backup.db", "backup.db"],
])("--offline=%s has the path %s", (text, path) => expect(offlinePath(text)).toBe(path));
