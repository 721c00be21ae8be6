// The JSON of a message in pieces, so that a large response is made while the client takes it, over several turns of the
// event loop. The pieces of a small message are one.
import { fieldValue, type AnyMessageType, type FieldInfo } from "../../proto/message";
import { PartList } from "../mvcc/part-list";
import { asLongList, isLarge, isLargeValue, partItems, type LongList } from "../streams/large-message";
import { isAbsent, messageToJson, valueToJson } from "./message-json";

const pieceCharacters = 64 * 1024;

/** `before` and `after` are parts of the text. */
export function* jsonPieces(
  type: AnyMessageType,
  message: object,
  before = "",
  after = "",
): Generator<string> {
  if (!isLarge(type, message)) return yield before + JSON.stringify(messageToJson(type, message)) + after;
  let piece = before;
  for (const text of texts(type, message)) {
    piece += text;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = "";
  }
  yield piece + after;
}

function* texts(type: AnyMessageType, message: object): Generator<string> {
  if (!isLarge(type, message)) return yield JSON.stringify(messageToJson(type, message));
  let separator = "{";
  for (const field of type.fields) {
    const value = fieldValue(field, message);
    if (isAbsent(field, value)) continue;
    yield `${separator}${JSON.stringify(field.name)}:`;
    separator = ",";
    if (isLargeValue(field, value)) yield* largeValue(field, value);
    else yield JSON.stringify(valueToJson(field, value));
  }
  yield "}";
}

function* largeValue(field: FieldInfo, value: unknown): Generator<string> {
  const type = field.type?.() as AnyMessageType;
  const list = asLongList(value);
  if (list !== undefined) return yield* listTexts(field, list);
  if (!Array.isArray(value)) return yield* texts(type, value as object);
  let separator = "[";
  for (const item of value as object[]) {
    yield separator;
    yield* texts(type, item);
    separator = ",";
  }
  yield "]";
}

function* listTexts(field: FieldInfo, list: LongList): Generator<string> {
  let separator = "[";
  for (let from = 0; from < list.length;) {
    const to =
      list instanceof PartList
        ? list.partEnd(from, partItems, pieceCharacters)
        : Math.min(list.length, from + partItems);
    const array = JSON.stringify(valueToJson(field, list.slice(from, to)));
    yield separator + array.slice(1, -1);
    separator = ",";
    from = to;
  }
  yield "]";
}
