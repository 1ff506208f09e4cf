// SPDX-License-Identifier: BSD-3-Clause
// Bytes as text of a page: 13 bits in two letters (docs/payload-format.md, "Bytes as text").

/** Printable ASCII without what means something in HTML. */
export const LETTERS = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  .filter((c) => !'&<>'.includes(c))
  .join('');
const BASE = LETTERS.length;
const PAIR_BITS = 13;
const PAIR_LIMIT = 1 << PAIR_BITS;
/** What a single letter at the end holds. */
const LAST_BITS = 6;

/** So many letters hold whole bytes: 8 pairs in 13 bytes. */
const BLOCK = 16;
const BLOCK_BYTES = (BLOCK / 2) * (PAIR_BITS / 8);

/** The number of a pair of letters, by its two bytes as one little-endian number; NO_PAIR for what is none. */
const PAIRS = new Uint16Array(1 << 16);
const NO_PAIR = 0xffff;
PAIRS.fill(NO_PAIR);
for (let v = 0; v < PAIR_LIMIT; v++) PAIRS[LETTERS.charCodeAt(v % BASE) | (LETTERS.charCodeAt(Math.floor(v / BASE)) << 8)] = v;

/** Without white space, and with any other character as one, so that the letters behind it keep their places. @param {string} text */
const plain = (text) => text.replace(/\s+/g, '').replace(/[^!-~]/gu, '&');

/** Text that comes in pieces of any length, to bytes. White space is passed over. */
export class Decoder {
  constructor() {
    /** Letters that do not make a block yet. */
    this.rest = '';
    /** Letters as bytes and as pairs. */
    this.letters = new Uint8Array(1 << 16);
    this.pairs = new Uint16Array(this.letters.buffer);
    this.utf8 = new TextEncoder();
  }

  /** Bytes that a piece of text gives at most. @param {number} length */
  static room(length) {
    return Math.ceil((length + BLOCK) / BLOCK) * BLOCK_BYTES;
  }

  /**
   * @param {string} piece @param {Uint8Array} out with room @param {number} at
   * @param {(from: number, to: number) => void} damaged told of bytes whose text is not of this code; they come as they may
   * @returns {number} behind the last whole block
   */
  decode(piece, out, at, damaged) {
    const text = this.rest + (/[^!-~]/.test(piece) ? plain(piece) : piece);
    const end = text.length - (text.length % BLOCK);
    this.rest = text.slice(end);
    for (let i = 0; i < end; i += this.letters.length) {
      const { written } = this.utf8.encodeInto(text.slice(i, Math.min(end, i + this.letters.length)), this.letters);
      at = this.blocks(written / BLOCK, out, at, damaged);
    }
    return at;
  }

  /** @param {number} count @param {Uint8Array} out @param {number} at @param {(from: number, to: number) => void} damaged */
  blocks(count, out, at, damaged) {
    const { pairs } = this;
    for (let i = 0; i < count * 8; i += 8) {
      const a = PAIRS[pairs[i]];
      const b = PAIRS[pairs[i + 1]];
      const c = PAIRS[pairs[i + 2]];
      const d = PAIRS[pairs[i + 3]];
      const e = PAIRS[pairs[i + 4]];
      const f = PAIRS[pairs[i + 5]];
      const g = PAIRS[pairs[i + 6]];
      const h = PAIRS[pairs[i + 7]];
      if ((a | b | c | d | e | f | g | h) === NO_PAIR) damaged(at, at + BLOCK_BYTES);
      out[at] = a;
      out[at + 1] = (a >> 8) | (b << 5);
      out[at + 2] = b >> 3;
      out[at + 3] = (b >> 11) | (c << 2);
      out[at + 4] = (c >> 6) | (d << 7);
      out[at + 5] = d >> 1;
      out[at + 6] = (d >> 9) | (e << 4);
      out[at + 7] = e >> 4;
      out[at + 8] = (e >> 12) | (f << 1);
      out[at + 9] = (f >> 7) | (g << 6);
      out[at + 10] = g >> 2;
      out[at + 11] = (g >> 10) | (h << 3);
      out[at + 12] = h >> 5;
      at += BLOCK_BYTES;
    }
    return at;
  }

  /** No more text comes: the letters that make no block, the last of them alone if their number is odd. @param {Uint8Array} out with room @param {number} at @param {(from: number, to: number) => void} damaged */
  end(out, at, damaged) {
    const { length } = this.rest;
    if (length > 0) this.decode(LETTERS[0].repeat(BLOCK - length), out, at, damaged);
    return at + ((PAIR_BITS * (length >> 1) + LAST_BITS * (length & 1)) >> 3);
  }
}

const CODES = Uint8Array.from(LETTERS, (c) => c.charCodeAt(0));

/** Bytes that come in pieces of any length, to text (as bytes of ASCII, the parts of a blob). */
export class Encoder {
  constructor() {
    this.bits = 0;
    this.held = 0;
  }

  /** @param {Uint8Array} bytes */
  encode(bytes) {
    const out = new Uint8Array(2 * Math.ceil(((bytes.length + 2) * 8) / PAIR_BITS));
    let n = 0;
    for (const byte of bytes) {
      this.bits |= byte << this.held;
      this.held += 8;
      if (this.held < PAIR_BITS) continue;
      const pair = this.bits & (PAIR_LIMIT - 1);
      out[n++] = CODES[pair % BASE];
      out[n++] = CODES[Math.floor(pair / BASE)];
      this.bits >>= PAIR_BITS;
      this.held -= PAIR_BITS;
    }
    return out.subarray(0, n);
  }

  /** What is left. */
  end() {
    const { bits, held } = this;
    this.bits = this.held = 0;
    if (held === 0) return new Uint8Array(0);
    const letters = [CODES[bits % BASE]];
    if (held > LAST_BITS) letters.push(CODES[Math.floor(bits / BASE)]);
    return Uint8Array.from(letters);
  }
}
