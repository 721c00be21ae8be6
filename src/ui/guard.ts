// Who may call the page's server. Any web site that the user visits can send requests to 127.0.0.1, so:
//
//   Host            an address or localhost, but no other name: a site whose name now leads to 127.0.0.1 (DNS rebinding) fails
//   Authorization   the token from the address that the command printed; compared in constant time
//   Origin          the page's own, for every call
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { BadRequest } from "./bad-request";

export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** `listenHost`: the name in --listen is allowed too. */
export function checkHost({ headers }: IncomingMessage, listenHost: string): void {
  const name = hostName(headers.host ?? "");
  if (name === "localhost" || isIP(name) !== 0 || (name !== "" && name === listenHost.toLowerCase())) return;
  throw new BadRequest("this server has no such name: use the address that etcdctl ui printed", 403);
}

/** `[::1]:80` → `::1` */
function hostName(host: string): string {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d+)?$/i.exec(host) ?? [];
  return (bracketed ?? plain ?? "").toLowerCase();
}

export function checkCall({ headers, method }: IncomingMessage, token: string): void {
  if (method !== "POST") throw new BadRequest("calls are POST requests", 405);
  const { origin, host, authorization = "" } = headers;
  // A program that is no browser sends no Origin; it cannot be misled by a site.
  if (origin !== undefined && origin !== `http://${host}`)
    throw new BadRequest("this call comes from another site", 403);
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin")
    throw new BadRequest("this call comes from another site", 403);
  if (!isSame(authorization, `Bearer ${token}`)) {
    throw new BadRequest("the token is missing or wrong: open the address that etcdctl ui printed", 401);
  }
  if (!/^application\/json\b/.test(headers["content-type"] ?? ""))
    throw new BadRequest("the body must be JSON", 415);
}

function isSame(a: string, b: string): boolean {
  const [digestA, digestB] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(digestA as Buffer, digestB as Buffer);
}

/** The page may load its files from this server and call it, and nothing else. */
export const safetyHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Cache-Control": "no-store",
};
