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

/** All texts of a value as parsed from JSON, however deep it is. @template T @param {T} value @returns {T} */
export function visibleTexts(value) {
  if (typeof value === 'string') return /** @type {any} */ (visibleText(value));
  const left = [value];
  while (left.length > 0) {
    const holder = /** @type {any} */ (left.pop());
    if (holder === null || typeof holder !== 'object') continue;
    for (const key of Object.keys(holder)) {
      const inner = holder[key];
      if (typeof inner === 'string') holder[key] = visibleText(inner);
      else if (inner !== null && typeof inner === 'object') left.push(inner);
    }
  }
  return value;
}
