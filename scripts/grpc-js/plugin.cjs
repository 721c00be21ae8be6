// An esbuild plugin that leaves out of grpc-js what a client of etcd never uses, since loading it is most of the time
// that a command takes. Held against the installed version by test/cli/grpc-js.test.ts.
const { readFileSync } = require("node:fs");
const path = require("node:path");

/** Files of the package that have a stand-in here. */
const replaced = ["channelz", "http_proxy"];

/** Files that ask net.isIPv6 about any address: Node 20 compiles a regular expression for 3 ms to answer. */
const askingForIPv6 = ["load-balancer-pick-first", "resolver-dns", "resolver-ip", "subchannel-address"];
const question = "(0, net_1.isIPv6)(";
const quickQuestion = "((host) => host.includes(':') && net_1.isIPv6(host))(";

const sources = (names) => new RegExp(`grpc-js[\\\\/]build[\\\\/]src[\\\\/](${names.join("|")})\\.js$`);

const plugin = {
  name: "grpc-js",
  setup(build) {
    build.onResolve({ filter: /^@grpc\/grpc-js$/ }, () => ({ path: path.join(__dirname, "client.mjs") }));
    build.onLoad({ filter: sources(replaced) }, ({ path: file }) => ({
      contents: readFileSync(path.join(__dirname, `${path.basename(file, ".js")}.cjs`), "utf8"),
      loader: "js",
    }));
    build.onLoad({ filter: sources(askingForIPv6) }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll(question, quickQuestion),
      loader: "js",
    }));
  },
};

module.exports = { plugin, replaced, askingForIPv6, question };
