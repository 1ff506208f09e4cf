// SPDX-License-Identifier: BSD-3-Clause
// Names and texts come from traces, and are shown as they are, but for characters that are not seen themselves and change how others are: controls
// (C0, C1), marks of writing direction, invisible separators and tags. These are shown by their numbers, as <U+202E>.

const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;
const BREAKS = /[\t\n]/g;

/** @param {string} c */
const numberOf = (c) => `<U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** A text of one or more lines. @param {string} text */
export const visibleText = (text) => text.replace(UNSEEN, numberOf);

/** A name: one line. @param {string} text */
export const visibleName = (text) => visibleText(text).replace(BREAKS, numberOf);

/** Values may stand in so many others; nothing of ours needs more, and what is deeper no function that calls itself could go through. */
const MOST_DEPTH = 100;
/** What would stand in the way of making a text or a number of its holder: String() throws then. */
const IN_THE_WAY = new Set(['toString', 'valueOf']);

/** All texts of a value as parsed from JSON of anyone, which can be used as texts and numbers from then on. @template T @param {T} value @returns {T} */
export function visibleTexts(value) {
  if (typeof value === 'string') return /** @type {any} */ (visibleText(value));
  let level = /** @type {any[]} */ (value !== null && typeof value === 'object' ? [value] : []);
  for (let depth = 0; level.length > 0; depth++) {
    const next = [];
    for (const holder of level) {
      for (const key of Object.keys(holder)) {
        const inner = holder[key];
        if (IN_THE_WAY.has(key)) delete holder[key];
        else if (typeof inner === 'string') holder[key] = visibleText(inner);
        else if (inner === null || typeof inner !== 'object') continue;
        else if (depth < MOST_DEPTH) next.push(inner);
        else holder[key] = null;
      }
    }
    level = next;
  }
  return value;
}
