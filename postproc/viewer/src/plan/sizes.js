// SPDX-License-Identifier: BSD-3-Clause
// Sizes that the user chooses: text of the picture, label column, lines of text in a row, and the size of saved pictures. Pure.

/** @typedef {{width: number, height: number, scale: number}} Figure CSS pixels; scale: image pixels of a PNG for each */
/** @typedef {{text: number, label: number|null, lines: number|null, figure: Figure|null, panel: number|null}} Sizes null: by the window, the row's height */

/** @type {Sizes} */
export const USUAL_SIZES = { text: 1, label: null, lines: null, figure: null, panel: null };

export const TEXT_SIZES = [0.85, 1, 1.25, 1.5, 2];
export const MOST_LINES = 4;
const LABEL = { least: 40, most: 900 };
const PANEL = { least: 240, most: 4000 };
const SIDE = { least: 200, most: 8000 };
const MOST_SCALE = 4;

/** Shapes to choose from: their name, and width and height. @type {[string, number, number][]} */
export const FIGURES = [
  ['16:9', 1600, 900],
  ['4:3', 1200, 900],
  ['3:2', 1500, 1000],
  ['2:1', 1600, 800],
  ['1:1', 1000, 1000],
  ['3:4', 900, 1200],
];

/** @param {number} v @param {{least: number, most: number}} limit */
const within = (v, { least, most }) => Math.min(most, Math.max(least, Math.round(v)));

/** Brings sizes into their limits; what cannot be read is as usual. @param {Partial<Sizes>} s @returns {Sizes} */
export function soundSizes({ text = 1, label = null, lines = null, figure = null, panel = null }) {
  const known = (/** @type {number|null} */ v) => v !== null && Number.isFinite(v);
  return {
    text: TEXT_SIZES.includes(text) ? text : 1,
    label: known(label) ? within(/** @type {number} */ (label), LABEL) : null,
    panel: known(panel) ? within(/** @type {number} */ (panel), PANEL) : null,
    lines: known(lines) ? within(/** @type {number} */ (lines), { least: 0, most: MOST_LINES }) : null,
    figure:
      figure && [figure.width, figure.height, figure.scale].every(known)
        ? { width: within(figure.width, SIDE), height: within(figure.height, SIDE), scale: within(figure.scale, { least: 1, most: MOST_SCALE }) }
        : null,
  };
}

/** The next size of text, larger or smaller. @param {number} text @param {number} step */
export const nextTextSize = (text, step) => TEXT_SIZES[Math.min(TEXT_SIZES.length - 1, Math.max(0, TEXT_SIZES.indexOf(text) + step))];

/** Width of the label column: what was asked, but never more than 60 % of the page. @param {number} width of the page @param {Sizes} [sizes] */
export function labelWidth(width, sizes = USUAL_SIZES) {
  const usual = Math.min(190, Math.max(90, width * 0.12)) * Math.max(1, sizes.text);
  return Math.round(Math.min(sizes.label ?? usual, width * 0.6));
}

/** Size of a saved picture: what was asked, else the window's. @param {Sizes} sizes @param {{width: number, height: number, dpr: number}} window */
export const figureSize = ({ figure }, window) => (figure ? { width: figure.width, height: figure.height, dpr: figure.scale } : window);

/** As it stands in the address; '' when all is as usual. @param {Sizes} s */
export function writeSizes(s) {
  const parts = [];
  if (s.text !== 1) parts.push(`t${s.text}`);
  if (s.label !== null) parts.push(`l${s.label}`);
  if (s.panel !== null) parts.push(`p${s.panel}`);
  if (s.lines !== null) parts.push(`n${s.lines}`);
  if (s.figure) parts.push(`f${s.figure.width}x${s.figure.height}x${s.figure.scale}`);
  return parts.join(' ');
}

/** @param {string} text */
export function readSizes(text) {
  /** @type {Partial<Sizes>} */
  const s = {};
  for (const part of text.split(' ')) {
    const value = part.slice(1);
    if (part[0] === 't') s.text = Number(value);
    if (part[0] === 'l') s.label = Number(value || NaN);
    if (part[0] === 'p') s.panel = Number(value || NaN);
    if (part[0] === 'n') s.lines = Number(value || NaN);
    if (part[0] === 'f') {
      const [width, height, scale] = value.split('x').map((v) => Number(v || NaN));
      s.figure = { width, height, scale: scale ?? 1 };
    }
  }
  return soundSizes(s);
}
