// The container image, checked with the tools of other projects: skopeo reads it, umoci unpacks it, and the program runs in
// what is unpacked, with nothing but /proc.
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/server/server";
import { run } from "../support/child";
import { describeUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";

const target = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const image = path.resolve("executables", `image-${target}`);
const namespaces = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork"];
const works = (...argv: string[]) => spawnSync(argv[0] ?? "", argv.slice(1)).status === 0;
const missing =
  process.platform !== "linux"
    ? "only Linux can run it"
    : !works("skopeo", "--version") || !works("umoci", "--version")
      ? "skopeo or umoci is missing"
      : works(...namespaces, "true")
        ? undefined
        : "this machine allows no user namespaces";

const build = (): string => {
  const [, digest = ""] =
    /sha256:(\w+)/.exec(execFileSync(process.execPath, ["scripts/build-image.mjs"]).toString()) ?? [];
  return digest;
};

describeUnless(missing, "the image", () => {
  const folder = sharedFolder();
  let server: EmbeddedServer;
  let rootfs = "";
  let digest = "";

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-executable.mjs"], { stdio: "pipe" });
    digest = build();
    server = await startEmbeddedServer();
    const bundle = path.join(folder, "bundle");
    execFileSync("umoci", ["unpack", "--rootless", "--image", `${image}:0.1.0`, bundle], { stdio: "pipe" });
    rootfs = path.join(bundle, "rootfs");
  });
  afterAll(() => server.stop());

  const inImage = async (...argv: string[]) => {
    const words = [...namespaces, `--mount-proc=${rootfs}/proc`, "chroot", rootfs, ...argv];
    const env = { PATH: process.env["PATH"], ETCDCTL_ENDPOINTS: server.endpoint };
    const { exit, stdout, stderr } = await run(words, { env });
    return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
  };

  test("is one that skopeo reads, with etcdctl as its program", () => {
    const show = (...flags: string[]) =>
      JSON.parse(execFileSync("skopeo", ["inspect", ...flags, `oci:${image}:0.1.0`]).toString()) as unknown;
    expect(show()).toMatchObject({ Os: "linux", Layers: [expect.stringMatching(/^sha256:/)] });
    expect(show("--config")).toMatchObject({ config: { Entrypoint: ["/usr/bin/etcdctl"] } });
  });

  test("has all that the programs need", async () => {
    expect(await inImage("/usr/bin/etcdctl", "put", "image", "1")).toEqual({
      exit: 0,
      stdout: "OK\n",
      stderr: "",
    });
    expect((await inImage("/usr/bin/etcdctl", "get", "image")).stdout).toBe("image\n1\n");
    expect((await inImage("/usr/bin/etcdutl", "version")).stdout).toMatch(/^etcdutl version/);
    expect((await inImage("/usr/bin/etcdctl", "snapshot", "save", "/tmp/s.db")).stdout).toMatch(
      /^Snapshot saved/,
    );
  });

  test("is the same, byte for byte, when it is built again", () => {
    expect(build()).toBe(digest);
  });
});
