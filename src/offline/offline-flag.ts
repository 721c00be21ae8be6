// What the value of --offline and ETCDCTL_OFFLINE means, in both versions of the command line.

/** The path of --offline: undefined without it, empty for the user's own data directory. */
export function offlinePath(text: string): string | undefined {
  if (text === "" || text === "0" || text === "false") return undefined;
  return text === "1" || text === "true" ? "" : text;
}
