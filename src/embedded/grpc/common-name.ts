// The name in a client's certificate.
import { TLSSocket } from "node:tls";

/** Of a certificate that the listener has verified; it takes no other (http/listener.ts). */
export function commonNameOf(socket: unknown): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" ? name : undefined;
}
