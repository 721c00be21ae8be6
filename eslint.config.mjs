import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "executables/",
      "coverage/",
      "src/proto/gen/",
      "src/ui/gen/",
      "src/storage/gen/",
      "test/conformance/cases/",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/unified-signatures": "off",
      eqeqeq: "error",
    },
  },
  {
    // Streams, arguments, environment, signals and the exit belong to the Io of src/cli/system-io.ts. Other files may import
    // from node:process what does not change while the process runs, and functions that need no Io. Test frameworks fake the global
    // timers later; those that a file imports from node:timers stay real.
    files: ["src/**/*.ts"],
    ignores: ["src/cli/system-io.ts"],
    rules: {
      "no-restricted-globals": ["error", "process", "setTimeout", "setInterval", "setImmediate"],
      "no-restricted-imports": [
        "error",
        {
          paths: ["process", "node:process"].map((name) => ({
            name,
            allowImportNames: [
              "pid",
              "platform",
              "hrtime",
              "nextTick",
              "kill",
              "geteuid",
              "cpuUsage",
              "memoryUsage",
              "uptime",
            ],
          })),
        },
      ],
    },
  },
  {
    // Runs in a browser.
    files: ["src/ui/page/**/*.ts"],
    rules: { "no-restricted-globals": ["error", "process"] },
  },
  {
    files: ["**/*.mjs", "**/*.cjs", "bin/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        "process,console,Buffer,URL,setTimeout,clearTimeout,setImmediate,performance,AbortController,AbortSignal,__dirname,__filename,require,module,fetch"
          .split(",")
          .map((name) => [name, "readonly"]),
      ),
    },
  },
);
