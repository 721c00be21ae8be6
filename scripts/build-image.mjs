// Builds a container image of the executable, as an OCI image layout: node scripts/build-image.mjs [linux-x64|linux-arm64 [ROOT]]
// It needs no Docker. The image has the executable, the C library files that it names, and CA certificates, and nothing else.
// The C library is that of this machine, or of the directory ROOT, such as /usr/aarch64-linux-gnu. The same files give the same
// image, byte for byte. https://github.com/opencontainers/image-spec
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { gzipSync } from "node:zlib";
import { inRoot } from "./bundle.mjs";

const platforms = {
  "linux-x64": {
    architecture: "amd64",
    loader: "/lib64/ld-linux-x86-64.so.2",
    folders: ["/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/lib"],
  },
  "linux-arm64": {
    architecture: "arm64",
    loader: "/lib/ld-linux-aarch64.so.1",
    folders: ["/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/lib"],
  },
};
/** What the executable of Bun names as NEEDED. */
const libraries = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6"];

const machine = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const [target = machine, root = ""] = process.argv.slice(2);
const platform = platforms[target];
const executable = inRoot("executables", target, "etcdctl");
if (!platform || !existsSync(executable)) {
  console.error(
    platform
      ? `${executable} is missing: run npm run build:executable -- ${target}`
      : `unknown target ${target}: choose from ${Object.keys(platforms).join(", ")}`,
  );
  process.exit(1);
}

const { version, license, description, homepage } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
const image = inRoot("executables", `image-${target}`);
rmSync(image, { recursive: true, force: true });
mkdirSync(path.join(image, "blobs", "sha256"), { recursive: true });

const layer = tar(layerEntries());
const layerBlob = addBlob("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(layer, { level: 9 }));
const os = { architecture: platform.architecture, os: "linux" };
const config = addJson("application/vnd.oci.image.config.v1+json", {
  ...os,
  config: {
    Entrypoint: ["/usr/bin/etcdctl"],
    Env: ["PATH=/usr/bin"],
    WorkingDir: "/",
    Labels: {
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.description": description,
      "org.opencontainers.image.licenses": license,
      "org.opencontainers.image.url": homepage,
    },
  },
  rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
  history: [{ created_by: "scripts/build-image.mjs" }],
});
const manifest = addJson("application/vnd.oci.image.manifest.v1+json", {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config,
  layers: [layerBlob],
});
writeJson("index.json", {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [{ ...manifest, platform: os, annotations: { "org.opencontainers.image.ref.name": version } }],
});
writeJson("oci-layout", { imageLayoutVersion: "1.0.0" });
console.log(
  `${path.relative(inRoot(), image)}: one layer of ${layerBlob.size} bytes, sha256:${manifest.digest.slice(7, 19)}`,
);

/** Each directory before what is in it. */
function layerEntries() {
  const files = [
    ["/usr/bin/etcdctl", readFileSync(executable), 0o755],
    ["/etc/ssl/certs/ca-certificates.crt", Buffer.from(`${rootCertificates.join("\n")}\n`), 0o644],
    [platform.loader, readLibrary(path.basename(platform.loader)).bytes, 0o755],
    ...libraries.map((name) => {
      const { folder, bytes } = readLibrary(name);
      return [path.posix.join(folder, name), bytes, 0o755];
    }),
  ];
  // Container runtimes mount the first three.
  const folders = new Set(["/proc", "/dev", "/sys", "/tmp"]);
  for (const [name] of files) {
    for (let at = name.indexOf("/", 1); at > 0; at = name.indexOf("/", at + 1))
      folders.add(name.slice(0, at));
  }
  return [
    ...[...folders].sort().map((name) => ({ name, type: "folder", mode: name === "/tmp" ? 0o1777 : 0o755 })),
    ...files
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, bytes, mode]) => ({ name, type: "file", bytes, mode })),
    { name: "/usr/bin/etcdutl", type: "link", target: "etcdctl", mode: 0o777 },
  ];
}

/** The folder where the loader of that C library looks for it, and the content. */
function readLibrary(name) {
  for (const folder of platform.folders) {
    const file = path.join(root, folder, name);
    if (existsSync(file)) return { folder, bytes: readFileSync(file) };
  }
  console.error(`${name} of the C library is not in ${platform.folders.map((f) => root + f).join(", ")}`);
  process.exit(1);
}

/** A tar archive in the format of POSIX (ustar), with no times and no owners. */
function tar(entries) {
  const blocks = entries.flatMap(({ name, type, bytes = Buffer.alloc(0), mode, target: link = "" }) => {
    const header = Buffer.alloc(512);
    const octal = (value, at, size) =>
      header.write(`${value.toString(8).padStart(size - 1, "0")}\0`, at, "latin1");
    header.write(name.slice(1) + (type === "folder" ? "/" : ""), 0, "latin1");
    octal(mode, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(bytes.length, 124, 12);
    octal(0, 136, 12);
    header.write("        ", 148, "latin1"); // the checksum counts as blanks
    header.write({ file: "0", link: "2", folder: "5" }[type], 156, "latin1");
    header.write(link, 157, "latin1");
    header.write("ustar\u000000", 257, "latin1");
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      148,
      7,
    );
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function addJson(mediaType, value) {
  return addBlob(mediaType, Buffer.from(JSON.stringify(value)));
}

function addBlob(mediaType, bytes) {
  const digest = sha256(bytes);
  writeFileSync(path.join(image, "blobs", "sha256", digest), bytes);
  return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
}

function writeJson(name, value) {
  writeFileSync(path.join(image, name), JSON.stringify(value));
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
