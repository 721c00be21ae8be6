// The options of startEmbeddedServer that the server itself does not have: what each of them makes before the server starts.
import { checkOptions, type OptionTable } from "../../client/library/options";
import { parseUrls } from "../cluster/urls";
import { backgroundClock, type Clock } from "../../clock";
import type { DatabaseContents } from "../../storage/contents";
import type { EtcdServer } from "../member/etcd-server";
import type { AuthOptions } from "../member/limits";
import type { ServerTls } from "../http/tls-server";
import type { Routes } from "../rpc/routes";
import type { ServerOptions } from "../server-options";
import type { ServerCertificates } from "./certificate-files";
import { keysOf, load, type LoadSource } from "./load";
import { ServerTools } from "./server-tools";
import { checkAuthSetup, type AuthSetup } from "./set-up-auth";
import { isTestRunner } from "./test-runner";

export interface TestOptions {
  /**
   * URLs to listen on for clients: `http://HOST:PORT`, `https://HOST:PORT`, `unix://PATH` or `unixs://PATH`. Port 0 lets the
   * system choose a free port. An empty list means no listener, only in-process clients.
   * Default: a free port on 127.0.0.1, with TLS if `tls` is set.
   */
  readonly listenClientUrls?: readonly string[] | undefined;
  /** Keys and values to put before the first request, all in one revision. Strings are UTF-8. Default: none. */
  readonly keys?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /**
   * The state to begin with: the path of a snapshot file, the bytes of a snapshot, or an object with keys and values. It
   * excludes `dataDir`. Default: an empty store.
   */
  readonly load?: LoadSource | undefined;
  /**
   * Certificate and key as PEM texts, or true: then the server makes an authority and certificates for itself and for
   * clients, see `server.certificates`. Default: none.
   */
  readonly tls?: ServerTls | true | undefined;
  /** Users and roles from the start, with authentication on; and settings for passwords and tokens. Default: none. */
  readonly auth?: (Omit<AuthOptions, "trustEverybody"> & AuthSetup) | undefined;
  /** Clock for leases, tokens and timers. `server.clock` runs with it. Default: the system clock, even under faked timers. */
  readonly clock?: Clock | undefined;
  /** True lets the process exit while the server still listens. Default: true under a test runner, otherwise false. */
  readonly unref?: boolean | undefined;
}

const tlsTable = { cert: "any", key: "any", clientCa: "list" } as const satisfies OptionTable<ServerTls>;

/** Of the bundle (scripts/bundle.mjs). Tests of the sources have none. */
declare const afterStop: (() => void) | undefined;

/** What is ready before the server starts. */
export interface Preparation {
  readonly contents?: DatabaseContents | undefined;
  readonly tools?: ServerTools | undefined;
  readonly certificates?: ServerCertificates | undefined;
  /** What this server shares with the other members of a pretended cluster. Default: nothing. */
  readonly shared?: SharedServer | undefined;
  /** Runs when the server has stopped. */
  readonly afterStop?: (() => void) | undefined;
}

/** The one server of a pretended cluster, as one member shows it. */
export interface SharedServer {
  readonly server: EtcdServer;
  readonly memberId: bigint;
  /** The routes of the member. */
  view(routes: Routes): Routes;
  hasLeader(): boolean;
}

/** With a user's password for every test, a strong hash would only cost time. The lowest cost of bcrypt. */
const testBcryptCost = 4;

/** Rejects with a TypeError for a wrong option. `prepared` are options of the server. */
export async function prepare(options: TestOptions & Pick<ServerOptions, "dataDir" | "walDir">) {
  const { users, roles, ...auth } = options.auth ?? {};
  checkAuthSetup({ users, roles });
  checkUrls(options.listenClientUrls ?? []);
  if (options.tls !== undefined && options.tls !== true) checkTls(options.tls);
  if (options.walDir !== undefined && options.dataDir === undefined)
    throw new TypeError(
      "option walDir of startEmbeddedServer needs dataDir: without it all data is in memory",
    );
  if (options.load !== undefined && options.dataDir !== undefined)
    throw new TypeError("options load and dataDir of startEmbeddedServer exclude each other");
  const keys = keysOf("keys", options.keys ?? {});
  const scheme = options.tls === undefined ? "http" : "https";
  const loaded = await load(options.load);
  const certificates = options.tls === true ? await makeCertificates() : undefined;
  const release = certificates?.hold();
  const preparation: Preparation = {
    contents: loaded.contents,
    tools: new ServerTools(options.clock ?? backgroundClock, { users, roles }),
    certificates,
    afterStop() {
      loaded.close();
      release?.();
      if (typeof afterStop === "function") afterStop();
    },
  };
  return {
    prepared: {
      listenClientUrls: options.listenClientUrls ?? [`${scheme}://127.0.0.1:0`],
      keys: [...loaded.keys, ...keys],
      tls: options.tls === true ? certificates?.serverTls(auth.clientCertAuth === true) : options.tls,
      auth: users === undefined ? auth : { bcryptCost: testBcryptCost, ...auth },
      unref: options.unref ?? isTestRunner(),
    },
    preparation,
  };
}

function checkUrls(urls: readonly string[]): void {
  try {
    if (urls.length > 0) parseUrls(urls);
  } catch (cause) {
    const bare = urls.find((url) => !url.includes("://") && !url.startsWith("unix"));
    const right = bare === undefined ? "" : `; write "http://${bare}"`;
    throw new TypeError(
      `option listenClientUrls of startEmbeddedServer: ${(cause as Error).message}${right}`,
      { cause },
    );
  }
}

function checkTls(tls: ServerTls): void {
  checkOptions("startEmbeddedServer", tls, tlsTable, "tls.");
  const missing = (["cert", "key"] as const).find((name) => (tls[name] as unknown) === undefined);
  if (missing !== undefined)
    throw new TypeError(
      `option tls.${missing} of startEmbeddedServer is missing; with tls: true the server makes certificates`,
    );
}

async function makeCertificates(): Promise<ServerCertificates> {
  const { ServerCertificates: Certificates } = await import("./certificate-files");
  return Certificates.make();
}
