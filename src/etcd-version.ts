// The release of etcd whose command line and API this program follows. Knows nobody.

export const etcdVersion = "3.7.1";
export const apiVersion = "3.7";
