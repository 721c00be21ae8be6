// The answers of the server and of the model, in a form that can be compared: a response, of whose header only the revision
// counts, or the text of a refusal.
import { EtcdError } from "../../src/errors";
import type { ResponseHeader } from "../../src/proto/gen/etcdserverpb";
import { encode, type AnyMessageType } from "../../src/proto/message";
import { Refusal } from "./naive-store";

/** What a request was answered, or is answered by the model. */
export type Answer =
  { readonly type: AnyMessageType; readonly response: object } | { readonly refusal: string };

/** A txn with a key twice is refused before it is in the log, so that its answer may overtake others. */
export const isFromLog = ([, answer]: [number, Answer]) =>
  !("refusal" in answer && answer.refusal === "etcdserver: duplicate key given in txn request");

export async function answered(type: AnyMessageType, call: Promise<object>): Promise<Answer> {
  try {
    return { type, response: await call };
  } catch (error) {
    if (error instanceof EtcdError) return { refusal: error.message };
    throw error;
  }
}

export function expected(type: AnyMessageType, work: () => object): Answer {
  try {
    return { type, response: work() };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.message };
    throw error;
  }
}

/** Of the header, only the revision. */
function shown(answer: Answer): string {
  if ("refusal" in answer) return answer.refusal;
  const { header, ...rest } = answer.response as { header?: ResponseHeader };
  const bytes = encode(answer.type, { ...rest, header: undefined });
  return `revision ${header?.revision} ${Buffer.from(bytes).toString("latin1")}`;
}

export function compare(found: Answer, wanted: Answer): void {
  assertSame(shown(found), shown(wanted));
}

export function assertSame(found: string, wanted: string): void {
  if (found !== wanted)
    throw new Error(`the server: ${JSON.stringify(found)}\nthe model:  ${JSON.stringify(wanted)}`);
}
