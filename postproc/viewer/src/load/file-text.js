// SPDX-License-Identifier: BSD-3-Clause
// The text of a file from anyone, as it comes: inflated where it is gzip data, within the limits that the programs have, too. What a page
// cannot read is refused by what it is by its first bytes (tables.js), with what to do instead.

import { PayloadError } from '../format/payload.js';
import { FILE_KINDS, LIMITS } from '../format/tables.js';

/** @typedef {(typeof FILE_KINDS)[number]} FileKind */

/** Bytes that tell what a file is. */
const HEAD = Math.max(...FILE_KINDS.map(({ offset, magic }) => offset + magic.length / 2));

/** Letters of one text; a span JSON may have more. */
export const LONGEST_TEXT = 2 ** 29 - 64;

/** What begins with these bytes; undefined: nothing that has a name. @param {Uint8Array} bytes @returns {FileKind|undefined} */
export function fileKind(bytes) {
  return FILE_KINDS.find(({ offset, magic }) => {
    if (bytes.length < offset + magic.length / 2) return false;
    return [...magic].every((digit, i) => {
      const half = (bytes[offset + (i >> 1)] >> (i % 2 === 0 ? 4 : 0)) & 15;
      return digit === '?' || half === Number.parseInt(digit, 16);
    });
  });
}

/** @param {Uint8Array} head @param {string} inside of what it was unpacked */
function refuse(head, inside) {
  const kind = fileKind(head);
  if (kind && kind.how !== 'mark') throw new PayloadError(`This is ${kind.words}${inside}: ${kind.remedy}.`);
  // No text of ours begins so; what has no name of its own is a raw trace, if it is anything of ours.
  if (head.subarray(0, 16).includes(0)) throw new PayloadError('This is no text. If it is a raw trace, make a page of it: kutrace report FILE.');
}

/** Bytes of a file that are looked through at once. */
const LOOK = 1 << 22;
/** Bytes of a file that are inflated at once. */
const CHUNK = 1 << 18;
/** Chunks that a browser has taken before it tells that one of them is bad. */
const AHEAD = 4;
/** Places of a file that looked like the beginning of another member and were none. */
const MOST_WRONG = 16;

/** Where the header of a gzip member may be. @param {Uint8Array} b @param {number} i */
const mayBegin = (b, i) => b[i] === 0x1f && b[i + 1] === 0x8b && b[i + 2] === 8 && b[i + 3] < 32 && (b[i + 8] & ~6) === 0;

/** Where another member may begin behind this place; -1: nowhere. @param {Blob} file @param {number} from @returns {Promise<number>} */
async function nextMember(file, from) {
  for (let at = from; at < file.size; at += LOOK) {
    const bytes = new Uint8Array(await file.slice(at, at + LOOK + 9).arrayBuffer());
    for (let i = bytes.indexOf(0x1f); i >= 0 && i < LOOK; i = bytes.indexOf(0x1f, i + 1)) if (mayBegin(bytes, i)) return at + i;
  }
  return -1;
}

/**
 * A part of a file in chunks, and how far they have been asked for: small ones behind a place.
 * @param {Blob} file @param {number} start @param {number} end @param {{from: number, step: number}} [fine]
 */
function chunks(file, start, end, fine = { from: end, step: 1 }) {
  const part = { at: start, stream: new ReadableStream({ pull }) };
  return part;
  /** @param {ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>} controller */
  async function pull(controller) {
    if (part.at >= end) return controller.close();
    const to = part.at < fine.from ? Math.min(part.at + CHUNK, fine.from) : part.at + fine.step;
    const bytes = new Uint8Array(await file.slice(part.at, Math.min(to, end)).arrayBuffer());
    part.at += bytes.length;
    controller.enqueue(bytes);
  }
}

/**
 * The bytes of a stream behind the first few. Gives how many there were in all, and whether the stream ended as it should.
 * @param {ReadableStream<Uint8Array>} stream @param {number} skip @returns {AsyncGenerator<Uint8Array, {length: number, whole: boolean}>}
 */
async function* bytesOf(stream, skip) {
  const reader = stream.getReader();
  let length = 0;
  try {
    for (;;) {
      let value;
      try {
        value = (await reader.read()).value;
      } catch {
        return { length, whole: false };
      }
      if (!value) return { length, whole: true };
      const fresh = value.subarray(Math.min(value.length, Math.max(0, skip - length)));
      length += value.length;
      if (fresh.length > 0) yield fresh;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {ReturnType<typeof chunks>} part @param {number} skip */
const inflate = (part, skip) => bytesOf(part.stream.pipeThrough(new DecompressionStream('gzip')), skip);

export class FileText {
  /** @param {Blob} file */
  constructor(file) {
    this.file = file;
    /** What was found while it was read, by the names in FINDINGS. @type {string[]} */
    this.findings = [];
  }

  /** @returns {AsyncGenerator<string>} */
  async *pieces() {
    const head = new Uint8Array(await this.file.slice(0, HEAD).arrayBuffer());
    const packed = fileKind(head)?.id === 'gzip';
    if (!packed) refuse(head, '');
    const decoder = new TextDecoder(); // takes a byte order mark away
    let left = packed ? LIMITS.inflated.base + LIMITS.inflated.perByte * this.file.size : this.file.size;
    let any = false;
    for await (const value of packed ? this.inflated() : this.plain()) {
      if (packed && !any) refuse(value.subarray(0, HEAD), ' inside gzip data');
      any = true;
      const text = decoder.decode(value.subarray(0, left), { stream: true });
      if (text !== '') yield text;
      left -= value.length;
      if (left >= 0) continue;
      this.findings.push('limit_reached');
      break;
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  }

  /** @returns {AsyncGenerator<Uint8Array>} */
  async *plain() {
    if (!(yield* bytesOf(this.file.stream(), 0)).whole) throw new PayloadError('The file cannot be read.');
  }

  /**
   * All members of gzip data, one behind the other. Browsers inflate one, and do not say where it ends: what does not end well as one
   * is tried up to each place where another may begin.
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *inflated() {
    const { file } = this;
    let [start, end, given, wrong, asOne] = [0, file.size, 0, 0, true];
    for (;;) {
      const { length, whole } = yield* inflate(chunks(file, start, end), given);
      if (whole && end === file.size) return;
      given = whole ? 0 : Math.max(given, length);
      if (!whole && (wrong++ === MOST_WRONG || (end === file.size && !asOne))) break;
      const next = await nextMember(file, (asOne ? start : end) + 1);
      if (asOne && next < 0) break;
      if (whole) start = end;
      end = next < 0 ? file.size : next;
      asOne = false;
    }
    given = yield* this.damaged(start, given);
    if (start === 0 && given === 0) throw new PayloadError('The gzip data is damaged before anything of it can be read.');
    this.findings.push('damaged_stream');
  }

  /**
   * What a damaged member has before the damage: browsers give nothing of the chunk that has it, so this one is cut finer and finer.
   * @param {number} start @param {number} given bytes of the member that are known @returns {AsyncGenerator<Uint8Array, number>}
   */
  async *damaged(start, given) {
    let [from, step] = [start, CHUNK];
    for (;;) {
      const part = chunks(this.file, start, this.file.size, { from, step });
      given = Math.max(given, (yield* inflate(part, given)).length);
      if (step === 1) return given;
      from = Math.max(from, part.at - AHEAD * step);
      step = Math.max(1, step >> 6);
    }
  }
}
