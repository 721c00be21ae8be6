// The runners that connect over the network: the embedded server and real etcd.
import { readFileSync } from "node:fs";
import { createClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import { startEmbeddedServer } from "../../src/server/server";
import { openTransport } from "../../src/transport/open";
import type { Credentials, TlsOptions } from "../../src/transport/transport";
import { makeCertificates } from "../support/certificates";
import { startEtcd, type EtcdVersion } from "../support/real-etcd";
import { sharedFolder } from "../support/work-folder";
import type { Runner, RunningServer } from "./runner";

interface Stoppable {
  stop(): Promise<void>;
}

async function connect(server: Stoppable, endpoint: string, tls?: TlsOptions): Promise<RunningServer> {
  try {
    const clientOf = async (credentials?: Credentials) =>
      createClient(await openTransport({ endpoints: [endpoint], clock: systemClock, tls, credentials }));
    return {
      client: await clientOf(),
      login: (user, password) => clientOf({ user, password }),
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

export const embeddedOverTcp: Runner = {
  version: "3.7",
  async start() {
    const server = await startEmbeddedServer({ auth: { bcryptCost: 4 } });
    return connect(server, server.endpoint);
  },
};

/** Server and client use certificates of one authority. */
export function embeddedOverTls(): Runner {
  const certificates = makeCertificates(sharedFolder());
  const server = certificates("server");
  const client = certificates("client");
  return {
    version: "3.7",
    async start() {
      const tls = {
        cert: readFileSync(server.cert),
        key: readFileSync(server.key),
        clientCa: [readFileSync(server.ca)],
      };
      const running = await startEmbeddedServer({ tls, auth: { bcryptCost: 4 } });
      return connect(running, running.endpoint, { cacert: client.ca, cert: client.cert, key: client.key });
    },
  };
}

export function realEtcd(version: EtcdVersion): Runner {
  return {
    version,
    async start() {
      const group = await startEtcd(version);
      return connect(group, group.endpoints[0] ?? "");
    },
  };
}
