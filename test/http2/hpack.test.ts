// HPACK against the examples of RFC 7541, appendix C, and our two halves against each other.
import { HpackDecoder } from "../../src/http2/hpack/decoder";
import { HpackEncoder } from "../../src/http2/hpack/encoder";
import type { HeaderField } from "../../src/http2/hpack/table";
import { seeded } from "../support/seeded";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const lines = (fields: readonly HeaderField[]) => fields.map(({ name, value }) => `${name}: ${value}`);
const field = (name: string, value: string): HeaderField => ({ name, value });

const requests = [
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
  [
    ...[":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com"],
    "custom-key: custom-value",
  ],
];
const responses = [
  [
    ...[":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT"],
    "location: https://www.example.com",
  ],
  [
    ...[":status: 307", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT"],
    "location: https://www.example.com",
  ],
  [
    ...[":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT"],
    ...["location: https://www.example.com", "content-encoding: gzip"],
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ],
];

describe("the decoder reads the examples of RFC 7541", () => {
  test.each([
    [
      "C.2.1",
      "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
      "custom-key: custom-header",
    ],
    ["C.2.2", "040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path"],
    ["C.2.3", "1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret"],
    ["C.2.4", "82", ":method: GET"],
  ])("%s", (_section, block, line) => {
    const { fields } = new HpackDecoder().decode(hex(block));
    expect(lines(fields)).toEqual([line]);
    expect(fields[0]?.neverIndexed ?? false).toBe(line.startsWith("password"));
  });

  test.each([
    [
      "C.3: requests without Huffman",
      4096,
      requests,
      [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      ],
    ],
    [
      "C.4: requests with Huffman",
      4096,
      requests,
      [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      ],
    ],
    [
      "C.5: responses without Huffman, from a table of 256 bytes",
      256,
      responses,
      [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 " +
          "474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 " +
          "666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 " +
          "3630 303b 2076 6572 7369 6f6e 3d31",
      ],
    ],
    [
      "C.6: responses with Huffman, from a table of 256 bytes",
      256,
      responses,
      [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 " +
          "63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 " +
          "b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
      ],
    ],
  ])("%s", (_section, tableBytes, lists, blocks) => {
    const decoder = new HpackDecoder(tableBytes);
    expect(blocks.map((block) => lines(decoder.decode(hex(block)).fields))).toEqual(lists);
  });
});

describe("the decoder refuses", () => {
  test.each([
    ["an index in no table", "ff00"],
    ["index 0", "80"],
    ["a string past the end", "400a 63"],
    ["a name without a value", "0001 61"],
    ["an endless integer", "ffff ffff ffff ffff ff01"],
    ["a table larger than the limit", "3fe2 1f"],
    ["a change of the table after a field", "8220"],
    ["EOS in a Huffman code", "0001 6184 ffff ffff"],
    ["padding of a byte", "0001 6182 1fff"],
    ["padding with a zero", "0001 6181 18"],
  ])("%s", (_what, block) => {
    expect(() => new HpackDecoder().decode(hex(block))).toThrow(
      expect.objectContaining({ name: "ConnectionError", code: 9 }),
    );
  });
});

test.each([
  ["an upper-case name", "Name", "x"],
  ["a blank in a name", "a b", "x"],
  ["a line break in a value", "a", "x\r\ny"],
  ["NUL in a value", "a", "\0"],
  ["DEL in a value", "a", "x\x7f"],
  ["a field of HTTP/1", "connection", "close"],
])("A block with %s is marked, also when it comes from the table.", (_what, name, value) => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  for (let i = 0; i < 2; i++) {
    expect(decoder.decode(encoder.encode([field(name, value)])).hasInvalidField).toBe(true);
  }
});

test("A list above the limit is marked, and the next blocks are read as if nothing had happened.", () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096, 1000);
  const large = [field("a", "b"), field("c", "x".repeat(500)), field("d", "y".repeat(500))];
  expect(decoder.decode(encoder.encode(large))).toMatchObject({ isTooLarge: true, hasInvalidField: false });
  expect(
    lines(decoder.decode(encoder.encode([field("a", "b"), field("d", "y".repeat(500))])).fields),
  ).toEqual(["a: b", `d: ${"y".repeat(500)}`]);
});

describe("the encoder", () => {
  const answer = Object.freeze([field(":status", "200"), field("content-type", "application/grpc")]);

  test("A repeated list costs a byte for each field.", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    const sizes = [1, 2, 3].map(() => {
      const block = encoder.encode(answer);
      expect(lines(decoder.decode(block).fields)).toEqual(lines(answer));
      return block.length;
    });
    expect(sizes.slice(1)).toEqual([2, 2]);
  });

  test.each(["authorization", "token", "cookie"])("%s is never indexed.", (name) => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    const blocks = [1, 2].map(() => Buffer.from(encoder.encode([field(name, "secret")])));
    expect(blocks[0]).toEqual(blocks[1]);
    expect(decoder.decode(blocks[0] as Buffer).fields[0]).toMatchObject({
      value: "secret",
      neverIndexed: true,
    });
  });

  test("Values that change leave the table alone.", () => {
    const encoder = new HpackEncoder();
    encoder.encode(answer);
    for (let i = 0; i < 1000; i++) encoder.encode([field("grpc-timeout", `${i}m`)]);
    expect(encoder.encode(answer)).toHaveLength(2);
  });

  test("The peer's limit of the table is announced and kept.", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    decoder.decode(encoder.encode(answer));
    encoder.limitTable(0);
    encoder.limitTable(100);
    const block = Buffer.from(encoder.encode(answer));
    expect(block.subarray(0, 3)).toEqual(hex("203f45"));
    expect(lines(decoder.decode(block).fields)).toEqual(lines(answer));
    expect(lines(decoder.decode(encoder.encode(answer)).fields)).toEqual(lines(answer));
  });

  test("What it writes, the decoder reads: 4,000 random lists on one connection.", () => {
    const random = seeded(3);
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    const text = () => {
      const wide = random(4) === 0;
      return String.fromCharCode(
        ...Array.from({ length: random(30) }, () => (wide ? random(256) : 33 + random(94))),
      );
    };
    const pool = Array.from({ length: 60 }, (_each, i) => field(`name-${i}`, text()));
    for (let i = 0; i < 4000; i++) {
      const list = Array.from({ length: random(6) }, () =>
        random(3) === 0 ? field(`x-${text()}`, text()) : (pool[random(pool.length)] as HeaderField),
      );
      if (random(100) === 0) encoder.limitTable(random(5000));
      expect(lines(decoder.decode(encoder.encode(Object.freeze(list))).fields)).toEqual(lines(list));
    }
  });
});
