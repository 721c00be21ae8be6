// What a user can do when a program cannot listen on the address that a flag has.
import { errorCode } from "../go/os";

const ofThisMachine = "use an address of this machine, such as 127.0.0.1";

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there: choose another port, or port 0 for any free one",
  EADDRNOTAVAIL: ofThisMachine,
  ENOTFOUND: ofThisMachine,
  EACCES: "only a privileged user may listen there: choose a port from 1024 on, or port 0 for any free one",
};

/** `error` is that of the system call. */
export function listenHints(error: unknown): readonly string[] {
  const hint = hints[String(errorCode(error))];
  return hint === undefined ? [] : [hint];
}
