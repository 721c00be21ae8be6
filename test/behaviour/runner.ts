// A runner gives every test of the behaviour suite a fresh server and a client. There is one for each kind of server and of
// connection. Its version decides which behaviour a test expects where versions of etcd differ.
import type { EtcdClient } from "../../src/client/client";
import { testUnless } from "../support/skip";
import { Requests } from "../support/requests";

export interface RunningServer {
  readonly client: EtcdClient;
  /** A client that makes its calls as this user. */
  login(user: string, password: string): Promise<EtcdClient>;
  stop(): Promise<void>;
}

export interface Runner {
  readonly version: "3.4" | "3.5" | "3.7";
  start(): Promise<RunningServer>;
}

export interface FreshServer {
  readonly etcd: Requests;
  as(user: string, password?: string): Promise<Requests>;
}

/** Registers start and stop around every test of the enclosing describe(); use the result inside tests only. */
export function freshServer(runner: Runner): FreshServer {
  let server: RunningServer | undefined;
  let logins: EtcdClient[] = [];
  beforeEach(async () => {
    server = await runner.start();
  });
  afterEach(async () => {
    for (const login of logins) await login.close();
    logins = [];
    await server?.client.close();
    await server?.stop();
    server = undefined;
  });
  return {
    get etcd() {
      if (!server) throw new Error("no server outside a test");
      return new Requests(server.client);
    },
    /** Closed after the test. The password of a test user is its name. */
    async as(user, password = user) {
      if (!server) throw new Error("no server outside a test");
      const client = await server.login(user, password);
      logins.push(client);
      return new Requests(client);
    },
  };
}

/** A test of what etcd has since `version`; skipped on older ones. */
export function testSince(
  runner: Runner,
  version: Runner["version"],
  name: string,
  body: () => Promise<void>,
) {
  const isThere = runner.version >= version;
  testUnless(isThere ? undefined : `etcd ${runner.version} does not have it, ${version} does`, name, body);
}
