// The programs that the trials run: this project's etcdctl and etcdutl, and those of etcd.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
export const ours = [process.execPath, path.join(root, "bin", "etcdctl.js")];
export const oursUtl = [process.execPath, path.join(root, "bin", "etcdutl.js")];
const file = path.join(root, "executables", `linux-${process.arch}`, "etcdctl");
/** The path of the executable; undefined where it is not built (`npm run build:executable`). */
export const executableFile = (name = "etcdctl") =>
  existsSync(file) ? path.join(path.dirname(file), name) : undefined;
/** The line of the executable for `words`; none where it is not built. */
export const executable = (words) =>
  existsSync(file) ? [{ name: "our executable", argv: [file, ...words] }] : [];
export const support = (name) => path.join(root, "bench", "support", name);
export const floor = (name) => path.join(root, "bench", "floors", name);
export const library = () =>
  import(path.join(root, "dist", "index.js")).then((module) => module.default ?? module);

/** How long Node takes to start and end: the floor of every start. */
export async function emptyProcessMs() {
  const from = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - from;
}

/** Ends this process with an error if something is missing that every measurement needs, or one of the programs of etcd. */
export function checkNeeds(...programs) {
  const missing = [
    ...(existsSync(path.join(root, "dist", "etcdctl.js")) ? [] : ["no dist/: npm run build"]),
    ...(existsSync("/usr/bin/time") ? [] : ["no GNU time at /usr/bin/time: install the package time"]),
    ...programs
      .filter((name) => !find(name))
      .map((name) => `no ${name} in ETCD_BIN_DIR or PATH: docs/PERFORMANCE.md says which version`),
  ];
  if (missing.length > 0) fail(missing);
}

/** Ends this process with an error if one of the names selects nothing. */
export function checkNames(names, known, selects) {
  const unknown = names.filter((name) => !known.some((each) => selects(each, name)));
  if (unknown.length > 0)
    fail([`nothing has the name ${unknown.join(", ")}: choose from ${known.join(", ")}`]);
}

function fail(lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}

/** Finds a program in ETCD_BIN_DIR or PATH. In ETCD_BIN_DIR, a list of folders with colons, the last folder wins. */
export function find(name) {
  const folders = [
    ...(process.env.ETCD_BIN_DIR ?? "").split(":").reverse(),
    ...(process.env.PATH ?? "").split(":"),
  ];
  for (const folder of folders.filter(Boolean)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder for data: on a disk, or on Linux in memory, where fsync costs nothing. */
export function dataFolder(durable) {
  return mkdtempSync(
    path.join(process.platform === "linux" && !durable ? "/dev/shm" : os.tmpdir(), "bench-"),
  );
}

/** An authority in `dir`, and a certificate of it for the server and its clients: the paths of the PEM files. */
export async function makeCertificates(dir) {
  const { startEmbeddedServer } = await library();
  const server = await startEmbeddedServer({ tls: true });
  const { ca, server: issued } = server.certificates;
  await server.stop();
  const files = {
    ca: path.join(dir, "ca.pem"),
    cert: path.join(dir, "cert.pem"),
    key: path.join(dir, "key.pem"),
  };
  for (const [name, text] of Object.entries({ ca, cert: issued.cert, key: issued.key })) {
    writeFileSync(files[name], text, { mode: 0o600 });
  }
  return files;
}

/**
 * Starts etcd. With the files of `makeCertificates`, it wants a certificate of each client. A `dataDir` stays. Undefined when there
 * is no etcd.
 */
export async function startEtcd({ durable = false, tls, dataDir } = {}) {
  const binary = find("etcd");
  if (!binary) return undefined;
  const dir = dataDir ?? dataFolder(durable);
  const client = `${tls ? "https" : "http"}://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const metrics = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    binary,
    [
      ["--data-dir", dir, "--log-level", "error", "--quota-backend-bytes", "8589934592"],
      ["--listen-client-urls", client, "--advertise-client-urls", client],
      [
        "--listen-peer-urls",
        peer,
        "--initial-advertise-peer-urls",
        peer,
        "--initial-cluster",
        `default=${peer}`,
      ],
      ["--heartbeat-interval", "10", "--election-timeout", "50"],
      ...(tls
        ? [
            ["--cert-file", tls.cert, "--key-file", tls.key],
            ["--trusted-ca-file", tls.ca, "--client-cert-auth"],
          ]
        : []),
      ["--listen-metrics-urls", metrics],
    ].flat(),
    { stdio: "ignore" },
  );
  const exited = new Promise((resolve) => child.once("exit", resolve));
  for (;;) {
    const healthy = await fetch(`${metrics}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) break;
    if (child.exitCode !== null) throw new Error(`${binary} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    binary,
    pid: child.pid,
    endpoint: client.replace(/^.*\/\//, ""),
    async stop(signal = "SIGKILL") {
      child.kill(signal);
      await exited;
      if (!dataDir) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Starts `etcdctl serve`, with its data in memory, in a new data dir on a disk, or in a `dataDir`, which stays. */
export async function startServe({ durable = false, dataDir } = {}) {
  const dir = dataDir ?? dataFolder(durable);
  const isOnDisk = durable || dataDir !== undefined;
  const flags = ["--listen-client-urls", "http://127.0.0.1:0", ...(isOnDisk ? ["--data-dir", dir] : [])];
  const child = spawn(ours[0], [ours[1], "serve", ...flags], { stdio: ["ignore", "pipe", "ignore"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let text = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (/127\.0\.0\.1:[1-9]\d*\s/.test(text)) break;
  }
  child.stdout.resume();
  return {
    pid: child.pid,
    endpoint: /127\.0\.0\.1:\d+/.exec(text)[0],
    async stop(signal = "SIGKILL") {
      child.kill(signal);
      await exited;
      if (!dataDir) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Bundles bench/load and returns the file to run. */
export async function bundleDriver() {
  const outfile = path.join(root, "node_modules", ".cache", "bench-load.cjs");
  const input = path.join(root, "bench", "load", "main.ts");
  await build({ entryPoints: [input], bundle: true, platform: "node", target: "node20", outfile });
  return outfile;
}

/**
 * Puts `count` keys `prefix%08d…` of `keySize` bytes with values of `valueSize` bytes, up to a hundred in a transaction.
 * `shuffled` changes their order: 7919 is a prime, so every key comes once unless it divides `count`.
 */
export async function fill(endpoint, { count, keySize, valueSize, prefix = "/bench/", shuffled = false }) {
  const { connect } = await library();
  const client = await connect({ endpoints: [endpoint] });
  const value = Buffer.alloc(valueSize, "v");
  const batch = Math.max(1, Math.min(100, Math.floor(1_000_000 / (valueSize + keySize))));
  for (let from = 0; from < count; from += batch) {
    const success = [];
    for (let i = from; i < Math.min(count, from + batch); i++) {
      const number = shuffled ? (i * 7919) % count : i;
      const key = Buffer.from((prefix + String(number).padStart(8, "0")).padEnd(keySize, "k"));
      success.push({
        request: {
          case: "requestPut",
          value: { key, value, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false },
        },
      });
    }
    await client.kv.txn({ compare: [], success, failure: [] });
  }
  await client.close();
}
