// `k8s tree`: which object belongs to which, by their owner references. It shows owners that are gone: their objects are
// leftovers that nothing deletes.
import { badArgs, CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { resourceOfKey } from "../../kubernetes/registry-keys";
import { get, textOf } from "../../kubernetes/tree";
import type { JsonObject } from "../../output/json-value";
import { objectWriter } from "../../output/readable/printer";
import { defineCommand } from "../command";
import { ageText, ownersOf, type ObjectReader } from "./object-reader";
import type { RegistryObject } from "./registry";
import {
  namespaceHint,
  openRegistry,
  printHint,
  selectionFlags,
  wantedObjects,
  type Selection,
} from "./selection";

export const command = defineCommand({
  flags: selectionFlags,
  async run(context, args, values) {
    const wanted = wantedObjects(args, "tree");
    if (wanted.some(({ names }) => names.length === 0)) {
      throw badArgs("k8s tree takes a kind and a name, or neither");
    }
    const print = treePrinter(await context.format());
    const { registry, reader, namespace, select } = await openRegistry(context, values);
    const forest = new Forest(namespace === undefined);
    const now = context.io.clock.now();
    for await (const objects of registry.objects()) {
      for (const object of objects) {
        const isInside = namespace === undefined || ["", namespace].includes(object.key.namespace);
        if (isInside) forest.add(object, reader, now);
      }
    }
    const selection = wanted.length === 0 ? undefined : await select(wanted);
    const roots = selection === undefined ? forest.roots() : await namedRoots(forest, selection);
    const failure = selection?.failure ?? (roots.length === 0 ? noOwners(namespace) : undefined);
    if (roots.length > 0) await context.io.stdout.write(print(roots));
    await printHint(context, reader);
    if (failure !== undefined) throw failure;
  },
});

function noOwners(namespace: string | undefined): CliError {
  if (namespace === undefined) return new CliError(ExitCode.error, "no object has an owner");
  const message = `no object in namespace ${namespace} has an owner`;
  return new CliError(ExitCode.error, message, { hints: [namespaceHint] });
}

interface Node {
  /** `Deployment/web`, with the namespace where objects of several are shown. */
  readonly name: string;
  readonly key: string;
  readonly age: string;
  readonly uid: string;
  readonly owners: readonly { readonly name: string; readonly uid: string }[];
  /** Owners that are not stored. */
  gone: readonly string[];
  readonly children: Node[];
}

class Forest {
  private readonly nodes: Node[] = [];

  constructor(private readonly withNamespaces: boolean) {}

  add(object: RegistryObject, reader: ObjectReader, now: number): void {
    const tree = reader.read(object);
    const uid = textOf(get(tree, "metadata"), "uid");
    if (uid === "") return;
    const { namespace, name } = object.key;
    const kind = textOf(tree, "kind") || resourceOfKey(object.key);
    const where = this.withNamespaces && namespace !== "" ? ` in ${namespace}` : "";
    this.nodes.push({
      name: `${kind}/${name}${where}`,
      key: Buffer.from(object.kv.key).toString("latin1"),
      age: ageText(tree, now),
      uid,
      owners: ownersOf(tree).map((owner) => ({ name: `${owner.kind}/${owner.name}`, uid: owner.uid })),
      gone: [],
      children: [],
    });
  }

  private link(): void {
    const byUid = new Map(this.nodes.map((node) => [node.uid, node]));
    for (const node of this.nodes) {
      node.gone = node.owners.filter(({ uid }) => !byUid.has(uid)).map(({ name }) => name);
      for (const { uid } of node.owners) byUid.get(uid)?.children.push(node);
    }
  }

  /** Objects without an owner here, as far as they own something or their owner is gone. */
  roots(): Node[] {
    this.link();
    return this.nodes.filter(({ owners, gone, children }) => {
      return owners.length === gone.length && (children.length > 0 || gone.length > 0);
    });
  }

  withKeys(keys: ReadonlySet<string>): Node[] {
    this.link();
    return this.nodes.filter(({ key }) => keys.has(key));
  }
}

async function namedRoots(forest: Forest, selection: Selection): Promise<Node[]> {
  const keys = new Set<string>();
  for await (const { object } of selection.objects()) {
    keys.add(Buffer.from(object.kv.key).toString("latin1"));
  }
  return forest.withKeys(keys);
}

function treePrinter(format: string): (roots: readonly Node[]) => string | Uint8Array {
  if (format === "simple") {
    return (roots) => {
      const seen = new Set<Node>();
      return roots.map((root) => drawn(root, { before: "", below: "", depth: 0, seen })).join("");
    };
  }
  const objects = (roots: readonly Node[]) => {
    const seen = new Set<Node>();
    return roots.map((root) => objectOf(root, 0, seen));
  };
  if (format === "json") return (roots) => objectWriter("jsonl")([{ items: objects(roots) }]);
  if (format === "yaml" || format === "jsonl") return (roots) => objectWriter(format)(objects(roots));
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: ["k8s tree prints simple, json, yaml or jsonl"],
  });
}

/** Owners in a circle, and chains that only an attacker makes, must end. */
const maxDepth = 50;

interface Place {
  readonly before: string;
  /** Before the lines of the children. */
  readonly below: string;
  readonly depth: number;
  /** An object with several owners shows its children once. */
  readonly seen: Set<Node>;
}

function drawn(node: Node, { before, below, depth, seen }: Place): string {
  const isKnown = seen.has(node);
  seen.add(node);
  const isCut = node.children.length > 0 && (isKnown || depth === maxDepth);
  const notes = [node.age, ...node.gone.map((owner) => `owner ${owner} is gone`), isCut ? "…" : ""];
  const line = `${before}${oneSafeLine([node.name, ...notes.filter(Boolean)].join("  "))}\n`;
  if (isCut) return line;
  const children = node.children.map((child, at) => {
    const isLast = at === node.children.length - 1;
    const [branch, next] = isLast ? ["└── ", "    "] : ["├── ", "│   "];
    return drawn(child, { before: below + branch, below: below + next, depth: depth + 1, seen });
  });
  return line + children.join("");
}

function objectOf(node: Node, depth: number, seen: Set<Node>): JsonObject {
  const { name, age, uid, gone, children } = node;
  const isCut = seen.has(node) || depth === maxDepth;
  seen.add(node);
  return {
    name,
    uid,
    ...(age !== "" && { age }),
    ...(gone.length > 0 && { owners_gone: gone }),
    ...(!isCut && children.length > 0 && { children: children.map((it) => objectOf(it, depth + 1, seen)) }),
  };
}
