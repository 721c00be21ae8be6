// Version 2 as a program. Without a server each command opens the data dir and leaves it as a server would.
import path from "node:path";
import { startEmbeddedServer } from "../../src/server/server";
import { etcdctl } from "../support/etcdctl";
import { httpRequest } from "../support/http-request";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
// Version 2 gives up after two seconds (bcrypt takes longer on a busy machine) unless its flags say otherwise.
const offline = (...args: string[]) =>
  etcdctl(["--timeout=1m", "--total-timeout=1m", `--offline=${path.join(folder(), "data")}`, ...args], {
    env: { PATH: process.env["PATH"], ETCDCTL_API: "2" },
  });

test("a value that one command sets is there for the next, and for a server on the directory", async () => {
  expect(await offline("set", "/d/key", "value")).toMatchObject({ exit: 0, stdout: "value\n" });
  expect(await offline("get", "/d/key")).toMatchObject({ exit: 0, stdout: "value\n" });
  expect(await offline("ls", "--recursive", "/")).toMatchObject({ exit: 0, stdout: "/d\n/d/key\n" });
  await using server = await startEmbeddedServer({ enableV2: true, dataDir: path.join(folder(), "data") });
  const { body } = await httpRequest({ url: `${server.endpoint}/v2/keys/d/key` });
  expect(body.toString()).toContain('"value":"value"');
});

test("errors have the texts and exit codes that a server's have", async () => {
  await offline("set", "/a", "1");
  expect(await offline("get", "/none")).toMatchObject({
    exit: 4,
    stderr: expect.stringContaining("Error:  100: Key not found (/none) [2]") as string,
  });
});

test("a path without a data dir is refused by a read, and a watch that nothing can end is refused", async () => {
  expect(await offline("get", "/a")).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining("there is no database at") as string,
  });
  await offline("set", "/a", "1");
  expect(await offline("watch", "/a")).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining("would wait for ever") as string,
  });
  expect(await offline("watch", "--after-index", "1", "/a")).toMatchObject({ exit: 0, stdout: "1\n" });
});

test("authentication that is enabled does not lock out who may read the files", async () => {
  await offline("set", "/a", "1");
  expect(await offline("user", "add", "root:pw")).toMatchObject({ exit: 0 });
  expect(await offline("auth", "enable")).toMatchObject({ exit: 0, stdout: "Authentication Enabled\n" });
  expect(await offline("set", "/a", "2")).toMatchObject({ exit: 0, stdout: "2\n" });
});

test("the same program reaches a server", async () => {
  await using server = await startEmbeddedServer({ enableV2: true });
  const online = (...args: string[]) =>
    etcdctl([`--endpoints=${server.endpoint}`, ...args], {
      env: { PATH: process.env["PATH"], ETCDCTL_API: "2" },
    });
  expect(await online("set", "/a", "1")).toMatchObject({ exit: 0, stdout: "1\n" });
  expect(await online("get", "/a")).toMatchObject({ exit: 0, stdout: "1\n" });
});
