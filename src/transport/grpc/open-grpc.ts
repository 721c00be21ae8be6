// The door to everything that needs grpc-js: open.ts loads it when a command dials.
import type { BadEndpoint, Endpoint } from "../endpoint";
import type { TransportOptions } from "../options";
import type { TlsSetup } from "../tls-connection";
import type { Transport } from "../transport";
import { GrpcTransport } from "./grpc-transport";
import { Pool } from "./pool";

/** Begins to connect to all endpoints; waits only for the authentication, when there is a user. */
export async function openGrpc(
  endpoints: readonly (Endpoint | BadEndpoint)[],
  options: TransportOptions,
  tls: TlsSetup | undefined,
): Promise<Transport> {
  const transport = new GrpcTransport(new Pool(endpoints, options, tls), options);
  try {
    await transport.authenticate();
  } catch (error) {
    await transport.close();
    throw error;
  }
  return transport;
}
