// HPACK's Huffman code. RFC 7541, section 5.2 and appendix B.
//
// The code is canonical: sorted by length and then by symbol, each code is the one before it plus one. So the lengths of
// the 257 codes are the whole table. Symbol 256 is EOS, which must not be in a string.
import { ConnectionError, ErrorCode } from "../protocol";

const eos = 256;
const longestBits = 30;
/** The fast table is indexed by the next nine bits: all letters and digits have shorter codes. */
const fastBits = 9;

/** Bits of the code of each symbol, as a letter: a is 1, z is 26, and {|}~ are 27 to 30. RFC 7541, appendix B */
const codeLetters =
  "mw|||||||x~||~||||||||~|||||||||fjjlmfhkjjhkhfffeeefffffffghoflj" +
  "mfgggggggggggggggggggggghghmsmnfoefefefffeggfffefgfeefgggggoknm|" +
  "tvttvvvwvwwwwwxwxxvwxwwwwuvwvwwxvutvvwwuwvvxuvwwuuvuwvwwtvvvwvvw" +
  "zztsvwvyzzz{{zxysuz{{z{xuuzz|{{{txtuvuuwvvyyxxzwz{zz{{{{{|{{{{{z" +
  "~";

// Plain loops: every short command waits for these tables.
const codeBits = new Uint8Array(codeLetters.length);
/** By length: where the codes of this length begin in `symbols`, their first code, and how many there are. */
const firstIndex = new Uint16Array(longestBits + 1);
const firstCode = new Uint32Array(longestBits + 1);
const countOf = new Uint16Array(longestBits + 1);
/** Sorted by the length of their codes, then by symbol. */
const symbols = new Uint16Array(codeLetters.length);
const codes = new Uint32Array(codeLetters.length);
/** By the next nine bits: symbol * 16 + length; 0 for longer codes. */
const fast = new Uint16Array(1 << fastBits);
assignCodes();

function bitsOf(symbol: number): number {
  return codeBits[symbol] as number;
}

function assignCodes(): void {
  for (let symbol = 0; symbol < codeBits.length; symbol++) {
    const bits = codeLetters.charCodeAt(symbol) - 96;
    codeBits[symbol] = bits;
    countOf[bits] = (countOf[bits] as number) + 1;
  }
  const next = new Uint16Array(longestBits + 1);
  for (let bits = 1, index = 0, code = 0; bits <= longestBits; bits++) {
    code *= 2;
    firstIndex[bits] = next[bits] = index;
    firstCode[bits] = code;
    index += countOf[bits] as number;
    code += countOf[bits] as number;
  }
  for (let symbol = 0; symbol < codeBits.length; symbol++) {
    const bits = bitsOf(symbol);
    const index = next[bits] as number;
    next[bits] = index + 1;
    symbols[index] = symbol;
    const code = (firstCode[bits] as number) + index - (firstIndex[bits] as number);
    codes[symbol] = code;
    if (bits > fastBits) continue;
    const from = code << (fastBits - bits);
    fast.fill(symbol * 16 + bits, from, from + (1 << (fastBits - bits)));
  }
}

export function huffmanBytes(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += bitsOf(text.charCodeAt(i) & 255);
  return (bits + 7) >>> 3;
}

/** Writes `text` (latin1) at `at`. Returns where it ends. */
export function huffmanEncode(text: string, out: Buffer, at: number): number {
  let held = 0;
  let heldBits = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 255;
    let bits = bitsOf(symbol);
    const code = codes[symbol] as number;
    while (bits > 0) {
      // At most eight bits at a time: `held` never has more than fifteen.
      const part = Math.min(bits, 8);
      bits -= part;
      held = ((held << part) | ((code >>> bits) & ((1 << part) - 1))) & 0xffff;
      heldBits += part;
      if (heldBits >= 8) {
        heldBits -= 8;
        out[at++] = (held >>> heldBits) & 255;
      }
    }
  }
  // The rest is filled with ones, the beginning of EOS.
  if (heldBits > 0) out[at++] = ((held << (8 - heldBits)) | (255 >>> heldBits)) & 255;
  return at;
}

// Grows to the longest text that was decoded at once; a header block has at most tens of kilobytes.
let decoded: Buffer = Buffer.allocUnsafe(256);

/** Decodes bytes `start` to `end` as latin1. Throws ConnectionError. */
export function huffmanDecode(bytes: Buffer, start: number, end: number): string {
  // The shortest code has five bits.
  const most = Math.ceil(((end - start) * 8) / 5);
  if (decoded.length < most) decoded = Buffer.allocUnsafe(most);
  let length = 0;
  let at = start * 8;
  const endBit = end * 8;
  while (at < endBit) {
    const window = windowAt(bytes, at, end);
    const entry = fast[window >>> (32 - fastBits)] as number;
    let symbol = entry >>> 4;
    let bits = entry & 15;
    if (bits === 0) {
      bits = longCodeBits(window);
      symbol = symbols[
        (firstIndex[bits] as number) + ((window >>> (32 - bits)) - (firstCode[bits] as number))
      ] as number;
    }
    if (bits > endBit - at) {
      // Not a code: the padding, less than a byte of ones. `windowAt` gives ones after the end.
      if (endBit - at > 7 || window !== 0xffffffff) fail();
      break;
    }
    if (symbol === eos) fail();
    decoded[length++] = symbol;
    at += bits;
  }
  return decoded.toString("latin1", 0, length);
}

/** The length of the code that begins `window`; it is longer than the fast table knows. */
function longCodeBits(window: number): number {
  let bits = fastBits + 1;
  while ((window >>> (32 - bits)) - (firstCode[bits] as number) >= (countOf[bits] as number)) {
    if (++bits > longestBits) fail();
  }
  return bits;
}

/** The 32 bits at a bit position, followed by ones after the end. */
function windowAt(bytes: Buffer, bit: number, end: number): number {
  const byte = bit >>> 3;
  const shift = bit & 7;
  const at = (i: number) => (i < end ? (bytes[i] as number) : 255);
  const high = (at(byte) << 24) | (at(byte + 1) << 16) | (at(byte + 2) << 8) | at(byte + 3);
  return ((high << shift) | (at(byte + 4) >>> (8 - shift))) >>> 0;
}

function fail(): never {
  throw new ConnectionError(ErrorCode.compressionError, "a header has a damaged Huffman code");
}
