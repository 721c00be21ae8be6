// The errors of version 2's keys: code, text, cause and the index of the store.
// Go (etcd 3.4): etcdserver/api/v2error/error.go
import { jsonString } from "../../go/quote";

export const ErrorCode = {
  keyNotFound: 100,
  testFailed: 101,
  notFile: 102,
  notDir: 104,
  nodeExist: 105,
  rootReadOnly: 107,
  dirNotEmpty: 108,
  unauthorized: 110,
  prevValueRequired: 201,
  ttlNaN: 202,
  indexNaN: 203,
  invalidField: 209,
  invalidForm: 210,
  refreshValue: 211,
  refreshTtlRequired: 212,
  raftInternal: 300,
  eventIndexCleared: 401,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const messages: Readonly<Record<ErrorCode, string>> = {
  100: "Key not found",
  101: "Compare failed",
  102: "Not a file",
  104: "Not a directory",
  105: "Key already exists",
  107: "Root is read only",
  108: "Directory not empty",
  110: "The request requires user authentication",
  201: "PrevValue is Required in POST form",
  202: "The given TTL in POST form is not a number",
  203: "The given index in POST form is not a number",
  209: "Invalid field",
  210: "Invalid POST form",
  211: "Value provided on refresh",
  212: "A TTL must be provided on refresh",
  300: "Raft Internal Error",
  401: "The event in requested index is outdated and cleared",
};

/** Codes without an entry are 400. */
const httpStatus: Partial<Record<ErrorCode, number>> = {
  100: 404,
  101: 412,
  102: 403,
  105: 412,
  108: 403,
  110: 401,
  300: 500,
};

export class V2Error extends Error {
  override name = "V2Error";

  constructor(
    readonly code: ErrorCode,
    readonly reason: string,
    /** The index of the store. 0 for a request that did not reach it. */
    readonly index = 0,
  ) {
    super(`${messages[code]} (${reason})`);
  }

  get status(): number {
    return httpStatus[this.code] ?? 400;
  }

  /** The body of the response. `trim` takes a prefix off the cause, which often is a path of the store. */
  json(trim = ""): string {
    const reason = this.reason.startsWith(trim) ? this.reason.slice(trim.length) : this.reason;
    const cause = reason === "" ? "" : `,"cause":${jsonString(reason)}`;
    return `{"errorCode":${this.code},"message":${jsonString(messages[this.code])}${cause},"index":${this.index}}`;
  }
}
