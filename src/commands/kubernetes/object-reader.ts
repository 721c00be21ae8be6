// Stored values as objects, opened with the encryption configuration if there is one, and what lists show of them.
import { humanDuration } from "../../kubernetes/age";
import { DecryptionError, type EncryptionConfig } from "../../kubernetes/encryption";
import { decodeStored, type TreeObject } from "../../kubernetes/stored";
import { get, isList, textOf, type Tree } from "../../kubernetes/tree";
import type { RegistryObject } from "./registry";

export class ObjectReader {
  /** Values that were encrypted and did not open. */
  closed = 0;

  constructor(private readonly config: EncryptionConfig | undefined) {}

  /** Undefined for a value that is no object or does not open. */
  read(object: RegistryObject): TreeObject | undefined {
    const { encoding, object: tree } = decodeStored(this.open(object));
    if (encoding === "encrypted") this.closed++;
    return tree;
  }

  /** The value as the API server reads it, or the stored value if it does not open. */
  open({ kv, key }: RegistryObject): Uint8Array {
    if (this.config === undefined) return kv.value;
    try {
      return this.config.decrypt(kv.value, kv.key, key).value;
    } catch (error) {
      if (error instanceof DecryptionError) return kv.value;
      throw error;
    }
  }

  /** Undefined if everything was open. */
  get hint(): string | undefined {
    if (this.closed === 0) return undefined;
    const [what, it] = this.closed === 1 ? ["1 object is", "it"] : [`${this.closed} objects are`, "them"];
    const why =
      this.config === undefined
        ? `--encryption-config FILE opens ${it}`
        : `the configuration does not open ${it}`;
    return `${what} encrypted; ${why}`;
  }
}

export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly isController: boolean;
}

export function ownersOf(object: TreeObject | undefined): readonly Owner[] {
  const references: Tree | undefined = get(get(object, "metadata"), "ownerReferences");
  if (!isList(references)) return [];
  return references.map((reference) => ({
    kind: textOf(reference, "kind"),
    name: textOf(reference, "name"),
    uid: textOf(reference, "uid"),
    isController: get(reference, "controller") === true,
  }));
}

/** `ReplicaSet/web-1`: the controller, or the first owner. */
export function ownerText(object: TreeObject | undefined): string {
  const owners = ownersOf(object);
  const owner = owners.find(({ isController }) => isController) ?? owners[0];
  return owner === undefined ? "" : `${owner.kind}/${owner.name}`;
}

export function createdAt(object: TreeObject | undefined): string {
  return textOf(get(object, "metadata"), "creationTimestamp");
}

/** Empty if the object does not say when it was created. */
export function ageText(object: TreeObject | undefined, nowMs: number): string {
  const createdMs = Date.parse(createdAt(object));
  return Number.isNaN(createdMs) ? "" : humanDuration((nowMs - createdMs) / 1000);
}
