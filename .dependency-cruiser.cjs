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

const ground = [
  "errors\\.ts$",
  "io\\.ts$",
  "system-clock\\.ts$",
  "etcd-version\\.ts$",
  "prefix-end\\.ts$",
  "goformat/",
  "proto/",
];

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    only("errors-and-io-know-nobody", "(errors|io|etcd-version|prefix-end)\\.ts$", []),
    only("goformat-knows-nobody", "goformat/", ["goformat/"]),
    only("proto-knows-nobody", "proto/", ["proto/"]),
    only("formats-know-no-one-above", "formats/", ["formats/", ...ground]),
    only("transport-knows-no-command-and-no-printer", "transport/", ["transport/", ...ground]),
    only("client-knows-the-transport", "client/", ["client/", "transport/", ...ground]),
    only("output-knows-no-transport", "output/", ["output/", ...ground]),
    only("commands-know-no-cli-and-no-server", "commands/", [
      "commands/",
      "client/",
      "transport/",
      "output/printer\\.ts$",
      ...ground,
    ]),
    only("utl-knows-files-and-the-engine", "utl/", [
      "utl/",
      "commands/",
      "formats/",
      "embedded/(mvcc|backend)/",
      "embedded/cluster/",
      "output/(table-layout|readable-answer)\\.ts$",
      ...ground,
    ]),
    only("engine-knows-no-grpc", "embedded/(mvcc|lease|backend|apply|auth)/", [
      "embedded/(mvcc|lease|backend|apply|auth)/",
      "formats/",
      ...ground,
    ]),
    only("v2-stands-alone", "v2/", [
      "v2/",
      "formats/",
      "client/sleep\\.ts$",
      "utl/(database-file|rewrite-database|write-file)\\.ts$",
      "transport/(tls-files|tls-connection|discovery|on-abort)\\.ts$",
      ...ground,
    ]),
    only("embedded-sees-no-flag", "embedded/", ["embedded/", "formats/", "transport/", "client/", ...ground]),
    oneImporter("commander-in-program", ["commander"], "cli/program\\.ts$"),
    oneImporter("terminal-owns-colour-and-spinners", ["chalk", "ora"], "cli/terminal\\.ts$"),
    oneImporter("one-table-drawer", ["cli-table3"], "output/table-layout\\.ts$"),
    oneImporter("one-hasher-of-passwords", ["bcryptjs"], "embedded/auth/passwords\\.ts$"),
    oneImporter("grpc-in-channel-and-server", ["@grpc/grpc-js"], "(transport/grpc/|embedded/grpc/)"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
