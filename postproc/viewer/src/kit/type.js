// SPDX-License-Identifier: BSD-3-Clause
// Text in the picture: one fixed-width font at two sizes, so that widths are known without asking a canvas.

const FAMILY = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
const SMALL = 10;
const LARGE = 11;
/** Width of a character in parts of the size. */
const ADVANCE = 0.605;

/**
 * `font` is for names and what lies over the spans, `label` for row labels and the axis. Heights are of a line of `font`.
 * @typedef {{scale: number, font: string, char: number, label: string, labelChar: number, ascent: number, descent: number, line: number}} Type
 */

/** @type {Map<number, Type>} */
const made = new Map();

/** @param {number} scale 1 is the usual size @returns {Type} */
export function typeOf(scale) {
  let type = made.get(scale);
  if (!type) {
    type = {
      scale,
      font: `${SMALL * scale}px ${FAMILY}`,
      char: SMALL * ADVANCE * scale,
      label: `${LARGE * scale}px ${FAMILY}`,
      labelChar: LARGE * ADVANCE * scale,
      ascent: 8 * scale,
      descent: 2 * scale,
      line: 12 * scale,
    };
    made.set(scale, type);
  }
  return type;
}

/** Text that fits: cut in the middle, thread names keep their number. @param {string} text @param {number} px @param {number} [char] width of one */
export function fitText(text, px, char = SMALL * ADVANCE) {
  const room = Math.floor(px / char);
  if (text.length <= room) return text;
  if (room < 4) return '';
  if (room < 10) return `${text.slice(0, room - 1)}…`;
  const tail = Math.min(Math.floor(room / 3), text.length - text.lastIndexOf('.'));
  const end = text.includes('.') ? tail : Math.floor(room / 4);
  return `${text.slice(0, room - 1 - end)}…${end > 0 ? text.slice(-end) : ''}`;
}
