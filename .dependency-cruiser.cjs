// Who may import whom (docs/ARCHITECTURE.md has the reasons). Checked by `npm run lint`.
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: `^src/${from}` },
  to: { path: "^src/", pathNot: allowed.map((path) => `^src/${path}`) },
});

/** A package that is slow to load has one importer, which is loaded only when needed. */
const oneImporter = (name, packages, importer) => ({
  name,
  severity: "error",
  from: { path: "^src/", pathNot: `^src/${importer}` },
  to: { path: `^node_modules/(${packages.join("|")})/` },
});

const ground = ["(errors|io|clock|hints)\\.ts$", "go/", "proto/", "etcd/"];

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    only("errors-and-clock-know-nobody", "(errors|clock)\\.ts$", []),
    only("io-knows-the-clock", "io\\.ts$", ["clock\\.ts$"]),
    only("hints-know-the-io", "hints\\.ts$", ["io\\.ts$", "go/"]),
    only("go-knows-nobody", "go/", ["go/"]),
    only("proto-knows-nobody", "proto/", ["proto/"]),
    only("http2-knows-the-clock", "http2/", ["http2/", "clock\\.ts$"]),
    only("etcd-knows-the-ground", "etcd/", ground),
    only("kubernetes-knows-the-ground", "kubernetes/", ["kubernetes/", ...ground]),
    only("storage-knows-the-ground", "storage/", ["storage/", ...ground]),
    only("input-knows-the-ground", "input/", ["input/", ...ground]),
    only("transport-knows-no-command-and-no-printer", "transport/", ["transport/", "http2/", ...ground]),
    only("client-knows-the-transport", "client/", ["client/", "transport/", ...ground]),
    only("output-knows-no-transport", "output/", ["output/", "kubernetes/", ...ground]),
    only("engine-knows-no-rpc", "server/(mvcc|lease|apply|auth|cluster|v2store)/", [
      "server/(mvcc|lease|apply|auth|cluster|v2store|metrics)/",
      "storage/",
      ...ground,
    ]),
    only("member-knows-no-rpc", "server/(member|streams)/", [
      "server/(member|streams|mvcc|lease|apply|auth|cluster|v2store|metrics)/",
      "storage/",
      ...ground,
    ]),
    only("metrics-know-nobody", "server/metrics/", ["server/metrics/", "errors\\.ts$"]),
    only("server-sees-no-flag", "server/", [
      "server/",
      "storage/",
      "transport/",
      "client/",
      "http2/",
      ...ground,
    ]),
    only("offline-knows-files-and-the-server", "offline/", [
      "offline/",
      "storage/",
      "server/",
      "transport/",
      ...ground,
    ]),
    only("commands-know-no-program", "commands/", [
      "commands/",
      "input/",
      "client/",
      "transport/",
      "output/(printer|table|text|json-value)\\.ts$",
      "output/(readable|objects)/",
      "offline/",
      "server/",
      "ui/",
      "storage/files\\.ts$",
      "kubernetes/",
      ...ground,
    ]),
    only("ui-knows-the-client", "ui/", ["ui/", "client/", "transport/", "kubernetes/", ...ground]),
    only("page-knows-its-calls", "ui/page/", ["ui/page/", "ui/api\\.ts$"]),
    only("v2-stands-alone", "v2/", [
      "v2/",
      "input/password\\.ts$",
      "storage/",
      "offline/",
      "transport/(tls/|discovery|lifetime)",
      ...ground,
    ]),
    oneImporter("commander-in-help", ["commander"], "cli/help\\.ts$"),
    oneImporter("terminal-owns-colour-and-spinners", ["chalk", "ora"], "cli/terminal\\.ts$"),
    oneImporter("one-table-drawer", ["cli-table3"], "output/table\\.ts$"),
    oneImporter("one-hasher-of-passwords", ["bcryptjs"], "server/auth/passwords\\.ts$"),
    oneImporter("certificates-in-one-file", ["@peculiar"], "server/testing/certificates\\.ts$"),
    oneImporter("websockets-in-one-file", ["ws"], "server/http/websocket\\.ts$"),
    oneImporter("one-writer-of-metrics", ["prom-client"], "server/http/metrics/page\\.ts$"),
    oneImporter("grpc-js-in-transport", ["@grpc/grpc-js"], "transport/grpc-js/"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
