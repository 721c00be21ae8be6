// Events of version 2's store and the nodes in them, as clients and .snap files see them: values that never change.
// Go (etcd 3.4): etcdserver/api/v2store/event.go, node_extern.go
import { jsonString } from "../../go/quote";
import { formatTime } from "./time";

export type Action =
  "get" | "create" | "set" | "update" | "delete" | "compareAndSwap" | "compareAndDelete" | "expire";

/** A node at one moment. A value of undefined and `dir` false: only the key is known, as in a delete event. */
export interface NodeView {
  readonly key: string;
  readonly value?: string | undefined;
  readonly dir: boolean;
  /** Nanoseconds since the Unix epoch. */
  readonly expiresAtNs?: bigint | undefined;
  /** Seconds, rounded up. */
  readonly ttl: number;
  readonly nodes: readonly NodeView[];
  readonly modifiedIndex: number;
  readonly createdIndex: number;
}

export interface StoreEvent {
  readonly action: Action;
  readonly node: NodeView;
  readonly prevNode?: NodeView | undefined;
  /** The index of the store after the event, or at the time of a read. */
  readonly etcdIndex: number;
  /** The TTL was renewed: watchers do not see the event. */
  readonly refresh: boolean;
}

/** Whether the response has the status 201. */
export function isCreated({ action, prevNode }: StoreEvent): boolean {
  return action === "create" || (action === "set" && prevNode === undefined);
}

export interface EventJsonOptions {
  /** A prefix to take off all keys. */
  readonly trim: string;
  /** Leaves out both nodes. */
  readonly actionOnly?: boolean;
}

/** An event as clients receive it. */
export function eventJson({ action, node, prevNode }: StoreEvent, options: EventJsonOptions): string {
  if (options.actionOnly === true) return `{"action":"${action}"}`;
  const prev = prevNode === undefined ? "" : `,"prevNode":${nodeJson(prevNode, options.trim)}`;
  return `{"action":"${action}","node":${nodeJson(node, options.trim)}${prev}}`;
}

/** An event as a .snap file has it. */
export function savedEventJson(event: StoreEvent): string {
  const json = eventJson(event, { trim: "" });
  return event.refresh ? `${json.slice(0, -1)},"refresh":true}` : json;
}

function nodeJson(node: NodeView, trim: string): string {
  const key = node.key.startsWith(trim) ? node.key.slice(trim.length) : node.key;
  const fields: string[] = [];
  if (key !== "") fields.push(`"key":${jsonString(key)}`);
  if (node.value !== undefined) fields.push(`"value":${jsonString(node.value)}`);
  if (node.dir) fields.push(`"dir":true`);
  if (node.expiresAtNs !== undefined) fields.push(`"expiration":"${formatTime(node.expiresAtNs)}"`);
  if (node.ttl !== 0) fields.push(`"ttl":${node.ttl}`);
  if (node.nodes.length > 0) {
    fields.push(`"nodes":[${node.nodes.map((each) => nodeJson(each, trim)).join(",")}]`);
  }
  if (node.modifiedIndex !== 0) fields.push(`"modifiedIndex":${node.modifiedIndex}`);
  if (node.createdIndex !== 0) fields.push(`"createdIndex":${node.createdIndex}`);
  return `{${fields.join(",")}}`;
}
