// Gets hold of a socket that grpc-js is about to make. It hands out none before TCP stands, which to a silent address
// takes minutes, and a program that has closed its transport could not end. Node announces every new socket; between the
// expectation and the socket there are only promises, so the sockets of one turn come in the order they were expected.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const announcements = "net.client.socket";
const expected: ((socket: Socket) => void)[] = [];

export function expectSocket(take: (socket: Socket) => void): void {
  if (expected.push(take) === 1) subscribe(announcements, announced);
  // A tick set from within a promise runs when all promises are done: what has not come by then does not come.
  queueMicrotask(() => process.nextTick(forget, take));
}

function announced(message: unknown): void {
  const take = expected.shift();
  if (expected.length === 0) unsubscribe(announcements, announced);
  take?.((message as { socket: Socket }).socket);
}

function forget(take: (socket: Socket) => void): void {
  const index = expected.indexOf(take);
  if (index < 0) return;
  expected.splice(index, 1);
  if (expected.length === 0) unsubscribe(announcements, announced);
}
