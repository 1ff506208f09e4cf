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
    const bytes = this.file.stream();
    const reader = (packed ? bytes.pipeThrough(new DecompressionStream('gzip')) : bytes).getReader();
    const decoder = new TextDecoder(); // takes a byte order mark away
    let left = packed ? LIMITS.inflated.base + LIMITS.inflated.perByte * this.file.size : this.file.size;
    let any = false;
    try {
      for (;;) {
        const value = await this.next(reader, packed, any);
        if (!value) break;
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
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  /**
   * The next bytes; none at the end, or where compressed data is damaged behind what has come.
   * @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {boolean} packed @param {boolean} any
   */
  async next(reader, packed, any) {
    try {
      return (await reader.read()).value;
    } catch {
      if (!packed) throw new PayloadError('The file cannot be read.');
      if (!any) throw new PayloadError('The gzip data is damaged before anything of it can be read.');
      this.findings.push('damaged_stream');
      return undefined;
    }
  }
}
