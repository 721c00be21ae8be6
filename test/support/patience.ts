/** etcdctl gives up after 5 seconds. On a busy machine a server may need longer, so tests wait as long as they can. */
export const patience = { ETCDCTL_COMMAND_TIMEOUT: "60s" } as const;
