// Profiles for hosts on which a Kubernetes distribution runs etcd: where each keeps the certificates of a client. They are
// found on the host itself, and where a debugging pod has mounted the host's files (`kubectl debug node/…` uses /host).
import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { Io } from "../../io";
import type { ProfileValues } from "./profile";

/** Paths from the root of the host. In the last part, `*` stands for anything. The first that exists counts. */
interface Place {
  readonly endpoint: string;
  readonly cacert?: readonly string[];
  /** The key of a certificate has its name with this in place of the ending. */
  readonly cert?: readonly string[];
  readonly keyEnding?: readonly [certificate: RegExp, key: string];
  /** Exists exactly where the endpoint is served without TLS. */
  readonly socket?: string;
}

const local = "https://127.0.0.1:2379";
const crtToKey = [/\.crt$/, ".key"] as const;
const pemToKey = [/\.pem$/, "-key.pem"] as const;
const minikube = "/var/lib/minikube/certs";
const microk8s = "/var/snap/microk8s/current";
const openshift = ["/etc/kubernetes/static-pod-resources/etcd-certs", "/etc/kubernetes/static-pod-certs"];

const places: Readonly<Record<string, readonly Place[]>> = {
  kubeadm: [
    {
      endpoint: local,
      cacert: ["/etc/kubernetes/pki/etcd/ca.crt"],
      cert: [
        "/etc/kubernetes/pki/etcd/healthcheck-client.crt",
        "/etc/kubernetes/pki/apiserver-etcd-client.crt",
        "/etc/kubernetes/pki/etcd/server.crt",
      ],
      keyEnding: crtToKey,
    },
  ],
  k3s: [rancher("k3s", ["client.crt", "server-client.crt"])],
  rke2: [rancher("rke2", ["server-client.crt", "client.crt"])],
  kubespray: [
    {
      endpoint: local,
      cacert: ["/etc/ssl/etcd/ssl/ca.pem"],
      cert: ["admin", "member", "node"].map((kind) => `/etc/ssl/etcd/ssl/${kind}-*.pem`),
      keyEnding: pemToKey,
    },
  ],
  minikube: [
    {
      endpoint: local,
      cacert: [`${minikube}/etcd/ca.crt`],
      cert: [
        `${minikube}/etcd/healthcheck-client.crt`,
        `${minikube}/apiserver-etcd-client.crt`,
        `${minikube}/etcd/server.crt`,
      ],
      keyEnding: crtToKey,
    },
  ],
  microk8s: [
    // dqlite, with kine in front of it, which speaks a part of etcd's API. Older and smaller installations run etcd.
    {
      endpoint: `unix://${microk8s}/var/kubernetes/backend/kine.sock:12379`,
      socket: `${microk8s}/var/kubernetes/backend/kine.sock:12379`,
    },
    {
      endpoint: "https://127.0.0.1:12379",
      cacert: [`${microk8s}/certs/ca.crt`],
      cert: [`${microk8s}/certs/server.crt`],
      keyEnding: crtToKey,
    },
  ],
  openshift: openshift.map((certs) => ({
    endpoint: local,
    cacert: [
      `${certs}/configmaps/etcd-all-bundles/server-ca-bundle.crt`,
      `${certs}/configmaps/etcd-serving-ca/ca-bundle.crt`,
    ],
    cert: [`${certs}/secrets/etcd-all-certs/etcd-peer-*.crt`],
    keyEnding: crtToKey,
  })),
};

function rancher(name: string, clientCertificates: readonly string[]): Place {
  const folder = `/var/lib/rancher/${name}/server/tls/etcd`;
  return {
    endpoint: local,
    cacert: [`${folder}/server-ca.crt`],
    cert: clientCertificates.map((file) => `${folder}/${file}`),
    keyEnding: crtToKey,
  };
}

export const builtInNames: readonly string[] = Object.keys(places);

/** Where the host's files are mounted. */
const rootVariable = "ETCDCTL_HOST_ROOT";

/** The profile with the paths of this host; undefined if the host has not all of its files. */
export function builtInProfile(name: string, env: Io["env"]): ProfileValues | undefined {
  const known = Object.hasOwn(places, name) ? places[name] : undefined;
  const roots = env[rootVariable] ? [env[rootVariable]] : ["/", "/host"];
  for (const root of roots) {
    for (const place of known ?? []) {
      const found = foundAt(root, place);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function foundAt(
  root: string,
  { endpoint, socket, cacert, cert, keyEnding }: Place,
): ProfileValues | undefined {
  if (socket !== undefined) {
    const path = join(root, socket);
    return existsSync(path) ? { endpoints: [endpoint.replace(socket, path)] } : undefined;
  }
  const ca = firstExisting(root, cacert ?? []);
  const certificate = firstExisting(root, cert ?? [], keyEnding);
  if (ca === undefined || certificate === undefined || keyEnding === undefined) return undefined;
  return { endpoints: [endpoint], cacert: ca, cert: certificate, key: certificate.replace(...keyEnding) };
}

/** With `keyEnding`, only a certificate whose key exists too. */
function firstExisting(
  root: string,
  paths: readonly string[],
  keyEnding?: Place["keyEnding"],
): string | undefined {
  const usable = (path: string) =>
    existsSync(path) && (keyEnding === undefined || existsSync(path.replace(...keyEnding)));
  return paths.flatMap((path) => matches(join(root, path))).find(usable);
}

/** Files that fit, the one that is named after this host first. */
function matches(pattern: string): readonly string[] {
  const [before, after] = pattern.split("*");
  if (before === undefined || after === undefined) return [pattern];
  const folder = dirname(pattern);
  const start = before.slice(folder.length + 1);
  const own = `${before}${hostname()}${after}`;
  const found = namesIn(folder).filter(
    (name) => name.startsWith(start) && name.endsWith(after) && !name.endsWith(`-key${after}`),
  );
  return [own, ...found.sort().map((name) => join(folder, name))];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** For a default connection that failed. */
export function builtInHints(env: Io["env"]): readonly string[] {
  return builtInNames
    .filter((name) => builtInProfile(name, env) !== undefined)
    .map(
      (name) =>
        `this host has the certificates of ${name}: add --profile ${name}, or set ETCDCTL_PROFILE=${name}`,
    );
}
