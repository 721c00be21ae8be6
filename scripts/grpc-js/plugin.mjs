// An esbuild plugin that leaves out of grpc-js what a client of etcd never uses, since loading it is most of the time
// that a command takes. Held against the installed version by test/cli/grpc-js.test.ts.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Files of the package that have a stand-in here. */
export const replaced = ["channelz", "http_proxy"];

/** Files that ask net.isIPv6 about any address: Node 20 compiles a regular expression for 3 ms to answer. */
export const askingForIPv6 = [
  "load-balancer-pick-first",
  "resolver-dns",
  "resolver-ip",
  "subchannel-address",
];
const question = "(0, net_1.isIPv6)(";
const quickQuestion = "((host) => host.includes(':') && net_1.isIPv6(host))(";

const sources = (names) => new RegExp(`grpc-js[\\\\/]build[\\\\/]src[\\\\/](${names.join("|")})\\.js$`);

export function withQuickQuestion(source) {
  return source.replaceAll(question, quickQuestion);
}

export const grpcJs = {
  name: "grpc-js",
  setup(build) {
    build.onResolve({ filter: /^@grpc\/grpc-js$/ }, () => ({ path: path.join(here, "client.mjs") }));
    build.onLoad({ filter: sources(replaced) }, ({ path: file }) => ({
      contents: readFileSync(path.join(here, `${path.basename(file, ".js")}.cjs`), "utf8"),
      loader: "js",
    }));
    build.onLoad({ filter: sources(askingForIPv6) }, ({ path: file }) => ({
      contents: withQuickQuestion(readFileSync(file, "utf8")),
      loader: "js",
    }));
  },
};
