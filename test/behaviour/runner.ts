// What the behaviour suite runs on: a fresh server for every test, and a client of it. One runner per kind of server and
// of connection; the version tells which behaviours to expect where etcd's own versions differ.
import type { EtcdClient } from "../../src/client/client";
import { Requests } from "./requests";

export interface RunningServer {
  readonly client: EtcdClient;
  stop(): Promise<void>;
}

export interface Runner {
  readonly version: "3.4" | "3.5" | "3.7";
  start(): Promise<RunningServer>;
}

/** Registers start and stop around every test of the enclosing describe(); use the result inside tests only. */
export function freshServer(runner: Runner): { readonly etcd: Requests } {
  let server: RunningServer | undefined;
  beforeEach(async () => {
    server = await runner.start();
  });
  afterEach(async () => {
    await server?.client.close();
    await server?.stop();
    server = undefined;
  });
  return {
    get etcd() {
      if (!server) throw new Error("no server outside a test");
      return new Requests(server.client);
    },
  };
}

/** A test of what etcd has only since `version`. */
export function testSince(
  runner: Runner,
  version: Runner["version"],
  name: string,
  body: () => Promise<void>,
) {
  if (runner.version >= version) test(name, body);
  else test.skip(`${name} (since ${version})`, body);
}
