// An esbuild plugin that removes from grpc-js what a client of etcd never uses: most of a command's time is loading it.
// test/cli/grpc-js.test.ts checks the stand-ins against the installed version.
const { readFileSync } = require("node:fs");
const path = require("node:path");

/** Files of the package that have a stand-in in this directory. */
const replaced = ["channelz", "http_proxy"];

/** Files that call net.isIPv6 for every address. Node 20 compiles a regular expression for it, which takes 3 ms. */
const callingIsIPv6 = ["load-balancer-pick-first", "resolver-dns", "resolver-ip", "subchannel-address"];
const isIPv6Call = "(0, net_1.isIPv6)(";
const fastIsIPv6Call = "((host) => host.includes(':') && net_1.isIPv6(host))(";

const sources = (names) => new RegExp(`grpc-js[\\\\/]build[\\\\/]src[\\\\/](${names.join("|")})\\.js$`);

const plugin = {
  name: "grpc-js",
  setup(build) {
    build.onResolve({ filter: /^@grpc\/grpc-js$/ }, () => ({ path: path.join(__dirname, "client.mjs") }));
    build.onLoad({ filter: sources(replaced) }, ({ path: file }) => ({
      contents: readFileSync(path.join(__dirname, `${path.basename(file, ".js")}.cjs`), "utf8"),
      loader: "js",
    }));
    build.onLoad({ filter: sources(callingIsIPv6) }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll(isIPv6Call, fastIsIPv6Call),
      loader: "js",
    }));
  },
};

module.exports = { plugin, replaced, callingIsIPv6, isIPv6Call };
