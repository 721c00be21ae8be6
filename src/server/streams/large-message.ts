// Responses that take more than one turn of the event loop to encode: ranges of many keys, also in transactions, and watch
// responses with many events. Encodings of protobuf can be joined: the parts of a message, each encoded alone, are the message.
import { fieldValue, encode, type AnyMessageType, type FieldInfo } from "../../proto/message";
import { Writer } from "../../proto/wire";
import type { Steps } from "../../storage/steps";
import { PartList } from "../mvcc/part-list";

/** A repeated field of messages that is encoded in parts. */
export type LongList = PartList<object> | readonly object[];

/** Longer arrays are encoded in parts. */
const longListItems = 2048;
export const partItems = 512;
const partBytes = 64 * 1024;
/** Encoded bytes that take as long as one unit of work. */
const bytesPerUnit = 4096;

/** The value if it is a list to be encoded in parts. */
export function asLongList(value: unknown): LongList | undefined {
  if (value instanceof PartList) return value;
  return Array.isArray(value) && value.length > longListItems ? (value as object[]) : undefined;
}

export function isLarge(type: AnyMessageType, message: object): boolean {
  return listFields(type).some((field) => isLargeValue(field, fieldValue(field, message)));
}

export function isLargeValue(field: FieldInfo, value: unknown): boolean {
  if (field.type === undefined || value === undefined) return false;
  if (asLongList(value) !== undefined) return true;
  const type = field.type();
  if (!Array.isArray(value)) return isLarge(type, value as object);
  return listFields(type).length > 0 && value.some((item: object) => isLarge(type, item));
}

const known = new WeakMap<AnyMessageType, readonly FieldInfo[]>();

/** The fields of a message that are lists of messages, or may contain one at any depth. */
function listFields(type: AnyMessageType): readonly FieldInfo[] {
  const found = known.get(type);
  if (found !== undefined) return found;
  // A transaction can contain transactions: while the fields of a type are looked up, it counts as one with lists.
  known.set(type, type.fields.slice(0, 1));
  const fields = type.fields.filter(
    (field) => field.type !== undefined && (field.repeated === true || listFields(field.type()).length > 0),
  );
  known.set(type, fields);
  return fields;
}

/** Sorts the lists of a message. */
export function* prepareLists(type: AnyMessageType, message: object): Steps<void> {
  for (const field of listFields(type)) {
    const value = fieldValue(field, message);
    if (value instanceof PartList) yield* value.prepare();
    if (!isLargeValue(field, value) || asLongList(value) !== undefined) continue;
    for (const item of Array.isArray(value) ? (value as object[]) : [value as object]) {
      yield* prepareLists(field.type?.() as AnyMessageType, item);
    }
  }
}

/** The encoding of a message in parts, in order. */
export function* encodeInSteps(type: AnyMessageType, message: object): Steps<Buffer[]> {
  const parts: Buffer[] = [];
  yield* encodeTo((part) => parts.push(part), type, message);
  return parts;
}

/** Size of the encoding, of which only one part exists at a time. */
export function* sizeInSteps(type: AnyMessageType, message: object): Steps<number> {
  let sizeBytes = 0;
  yield* encodeTo((part) => (sizeBytes += part.length), type, message);
  return sizeBytes;
}

type TakePart = (part: Buffer) => void;

function* encodeTo(take: TakePart, type: AnyMessageType, message: object): Steps<void> {
  let small: Record<string, unknown> = {};
  const flush = () => {
    take(encode(type, type.create(small)));
    small = {};
  };
  for (const field of type.fields) {
    const value = fieldValue(field, message);
    if (!isLargeValue(field, value)) {
      if (field.oneof === undefined) small[field.prop] = value;
      else if (value !== undefined) small[field.oneof] = { case: field.prop, value };
      continue;
    }
    flush();
    const list = asLongList(value);
    if (list !== undefined) yield* encodeList(take, type, field, list);
    else {
      for (const item of Array.isArray(value) ? (value as object[]) : [value as object]) {
        yield* encodeField(take, field, item);
      }
    }
  }
  flush();
}

/** A message as a field: its length comes before its parts. */
function* encodeField(take: TakePart, field: FieldInfo, message: object): Steps<void> {
  const type = field.type?.() as AnyMessageType;
  const inner = yield* encodeInSteps(type, message);
  const head = new Writer();
  head.varint(tagOf(field));
  head.varint(inner.reduce((sum, part) => sum + part.length, 0));
  take(head.finish());
  inner.forEach(take);
}

function* encodeList(take: TakePart, type: AnyMessageType, field: FieldInfo, list: LongList): Steps<void> {
  if (list instanceof PartList) yield* list.prepare();
  for (let from = 0; from < list.length;) {
    const to =
      list instanceof PartList
        ? list.partEnd(from, partItems, partBytes)
        : Math.min(list.length, from + partItems);
    const part =
      list instanceof PartList
        ? list.encode(tagOf(field), from, to)
        : encode(type, type.create({ [field.prop]: list.slice(from, to) }));
    take(part);
    yield to - from + part.length / bytesPerUnit;
    from = to;
  }
}

/** Wire type 2: a value with its length. */
function tagOf({ no }: FieldInfo): number {
  return (no << 3) | 2;
}
