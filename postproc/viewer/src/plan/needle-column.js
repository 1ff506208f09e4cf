// SPDX-License-Identifier: BSD-3-Clause
// A column of sample needles beside the timelines while needles are shown: what each position means.

import { FLAG_IPC, FLAG_LLC, ipcParts, ipcWords, llcMisses } from '../format/events.js';

/** @typedef {{flags: number, code: number, text: string}} Sample */

/** Left of the words. */
export const BEFORE = 32;
const LETTERS = 5.5;
/** On narrower pages time needs the room; the legend has the needles too. */
const LEAST_WIDTH = 700;

/** Pixels that the column takes. @param {number} flags of the trace @param {Record<string, number>|undefined} show @param {number} width of the picture @param {import('../kit/type.js').Type} type */
export const needleRoom = (flags, show, width, type) =>
  show?.ipc && (flags & (FLAG_IPC | FLAG_LLC)) !== 0 && width >= LEAST_WIDTH * type.scale ? Math.round(BEFORE + LETTERS * type.char) : 0;

/** @param {number} lines */
const short = (lines) => (lines >= 1024 ? `${lines / 1024}K` : String(lines));

/** The needles that a trace can have: 16, or 4 and 4 where both share a code. @param {number} flags @returns {Sample[]} */
export function needleSamples(flags) {
  const codes = Array.from({ length: 16 }, (_, i) => i);
  const parts = codes.map((code) => ipcParts(code, flags));
  const kinds = /** @type {const} */ ([
    ['ipc', FLAG_IPC, (/** @type {number} */ c) => ipcWords(c)],
    ['llc', FLAG_LLC, (/** @type {number} */ c) => `${short(llcMisses(c))}${c > 1 ? '+' : ''}`],
  ]);
  return kinds.flatMap(([key, flag, words]) =>
    [...new Set(parts.map((p) => p[key]).filter((c) => c !== null))].sort((a, b) => a - b).map((code) => ({ flags: flag, code, text: words(code) })),
  );
}
