import {
  decodeJson,
  decodePartially,
  int,
  list,
  optional,
  struct,
  string,
  strings,
  uint64,
} from "../../src/go/decode-json";
import { seeded } from "../support/seeded";

const member = struct("Member", { id: string, urls: strings, count: uint64 });
const whole = struct("All", { members: list(member, "[]client.Member"), more: optional(int) });
const read = (json: string, options = {}) => decodeJson(whole, Buffer.from(json), options);

test("an absent or null field has Go's zero value", () => {
  expect(read('{"members":[{"id":"a"},{"urls":null}]}')).toEqual({
    members: [
      { id: "a", urls: null, count: 0n },
      { id: "", urls: null, count: 0n },
    ],
    more: undefined,
  });
  expect(read("null")).toEqual({ members: null, more: undefined });
});

test("half of a surrogate pair decodes to the replacement character", () => {
  const { id } = decodeJson(member, Buffer.from(String.raw`{"id": "\ud800x\ud800\u0041\udc00"}`));
  expect(Buffer.from(id).toString()).toBe("\ufffdx\ufffdA\ufffd");
});

test("field names match regardless of case, unless caseSensitive is set", () => {
  const json = '{"MEMBERS":[{"ID":"a"}]}';
  expect(read(json).members?.[0]?.id).toBe("a");
  expect(read(json, { caseSensitive: true }).members).toBeNull();
});

test.each([
  [
    '{"members":[{"id":1}]}',
    "json: cannot unmarshal number into Go struct field Member.members.id of type string",
  ],
  [
    '{"members":{}}',
    "json: cannot unmarshal object into Go struct field All.members of type []client.Member",
  ],
  [
    '{"members":[{"count":-1}]}',
    "json: cannot unmarshal number -1 into Go struct field Member.members.count of type uint64",
  ],
  ['{"more":1e3}', "json: cannot unmarshal number 1e3 into Go struct field All.more of type int"],
  ["[]", "json: cannot unmarshal array into Go value of type client.All"],
])("%s fails with Go's error text for a wrong type", (json, message) => {
  expect(() => read(json)).toThrow(message);
});

test("decoding continues after a value of the wrong type", () => {
  const { value, error } = decodePartially(whole, Buffer.from('{"members":[{"id":1,"count":2}],"more":3}'));
  expect(value).toEqual({ members: [{ id: "", urls: null, count: 2n }], more: 3n });
  expect(error?.message).toMatch("Member.members.id");
});

test("damaged JSON gives a value or a JSON error, whichever bytes change", () => {
  const random = seeded(7);
  const json = Buffer.from(
    '{"members":[{"id":"a\\u00e9","urls":["x","y"],"count":12}],"more":-5.0e1,"x":[true,null]}',
  );
  for (let i = 0; i < 5000; i++) {
    const damaged = Buffer.from(json.subarray(0, random(json.length) + 1));
    for (let changes = random(4); changes >= 0; changes--) damaged[random(damaged.length)] = random(256);
    try {
      decodeJson(whole, damaged);
    } catch (error) {
      expect((error as Error).name).toMatch(/^Json(Type)?Error$/);
    }
  }
});
