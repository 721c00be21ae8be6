// Formats the response to a request on keys as simple, extended or json.
// Go (etcd 3.4): etcdctl/ctlv2/command/format.go
import { jsonString } from "../go/quote";
import type { KeyNode, KeyResponse } from "./api/keys";
import type { CommandContext } from "./command";

export async function printResponse({ io, settings }: CommandContext, response: KeyResponse): Promise<void> {
  const { output } = settings;
  const text = responseText(response, output);
  if (text === undefined) await io.stderr.write(`Unsupported output format: ${output}\n`);
  else await io.stdout.write(text);
}

/** Returns undefined for an unknown format. */
export function responseText(response: KeyResponse, format: string): string | undefined {
  switch (format) {
    case "simple":
      return `${simpleText(response)}\n`;
    case "extended":
      return extendedText(response);
    case "json":
      return `${responseJson(response)}\n`;
    default:
      return undefined;
  }
}

function simpleText({ action, node, prevNode }: KeyResponse): string {
  return action === "delete" ? `PrevNode.Value: ${prevNode?.value ?? ""}` : node.value;
}

function extendedText({ action, node, prevNode, index }: KeyResponse): string {
  const lines = [
    `Key: ${node.key}`,
    `Created-Index: ${node.createdIndex}`,
    `Modified-Index: ${node.modifiedIndex}`,
    ...(prevNode ? [`PrevNode.Value: ${prevNode.value}`] : []),
    `TTL: ${node.ttl}`,
    `Index: ${index}`,
    ...(action === "delete" ? [] : ["", node.value]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function responseJson({ action, node, prevNode }: KeyResponse): string {
  const previous = prevNode ? nodeJson(prevNode) : "null";
  return `{"action":${jsonString(action)},"node":${nodeJson(node)},"prevNode":${previous}}`;
}

function nodeJson(node: KeyNode): string {
  return (
    `{"key":${jsonString(node.key)}` +
    (node.dir ? `,"dir":true` : "") +
    `,"value":${jsonString(node.value)}` +
    `,"nodes":${node.nodes ? `[${node.nodes.map(nodeJson).join(",")}]` : "null"}` +
    `,"createdIndex":${node.createdIndex},"modifiedIndex":${node.modifiedIndex}` +
    (node.expiration === undefined ? "" : `,"expiration":${jsonString(node.expiration)}`) +
    (node.ttl === 0n ? "" : `,"ttl":${node.ttl}`) +
    "}"
  );
}
