// SPDX-License-Identifier: BSD-3-Clause
// The legend of a tab: in the page as elements, below a saved picture as drawing.

import { element } from '../../kit/dom.js';
import { typeOf } from '../../kit/type.js';

/**
 * @typedef {object} LegendItem
 * @property {string} text
 * @property {string} [color] CSS, of its swatch; without one it is words
 * @property {'dot'|'line'|'line waits'} [swatch] else a box
 * @property {'title'|'thin'} [look]
 * @property {string} [title] tooltip
 * @property {() => void} [pick] what a click on it does
 */
/** @typedef {{items: LegendItem[], palette: import('../../plan/colors.js').Palette}} Legend */
/** @typedef {{item: LegendItem, x: number, y: number}} PlacedItem y: middle of its line, below the top of the legend */

const { label: FONT, labelChar: CHAR } = typeOf(1);
const SWATCH = 11;
const LINE = 17;
const MARGIN = 10;
const GAP = 14;

/** @param {LegendItem} item */
export function legendElement({ text, color, swatch, look, title, pick }) {
  if (color === undefined) return element('span', { class: look === 'title' ? 'plot-title' : 'more' }, text);
  const type = look === 'thin' ? 'chip thin' : 'chip';
  const chip = pick ? element('button', { type: 'button', class: type, title: title ?? text }) : element('span', { class: type });
  const box = element('i', swatch ? { class: swatch, 'aria-hidden': 'true' } : { 'aria-hidden': 'true' });
  box.style.background = color;
  chip.append(box, document.createTextNode(text));
  if (pick) chip.addEventListener('click', pick);
  return chip;
}

/** Where the items go, line by line. @param {LegendItem[]} items @param {number} width px @returns {{placed: PlacedItem[], height: number}} */
export function placeLegend(items, width) {
  /** @type {PlacedItem[]} */
  const placed = [];
  let x = MARGIN;
  let y = LINE / 2 + 3;
  for (const item of items) {
    const wide = item.text.length * CHAR + (item.color === undefined ? 0 : SWATCH + 5);
    if (x > MARGIN && x + wide > width - MARGIN) {
      x = MARGIN;
      y += LINE;
    }
    placed.push({ item, x, y });
    x += wide + GAP;
  }
  return { placed, height: items.length > 0 ? y + LINE / 2 + 3 : 0 };
}

/** @param {CanvasRenderingContext2D} ctx @param {Legend} legend @param {number} top @param {number} width px */
function paintLegend(ctx, { items, palette }, top, width) {
  const { placed, height } = placeLegend(items, width);
  ctx.fillStyle = palette.css.background;
  ctx.fillRect(0, top, width, height);
  ctx.font = FONT;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const { item, x, y } of placed) {
    const text = item.color === undefined ? x : x + SWATCH + 5;
    if (item.color !== undefined) paintSwatch(ctx, item.color, item.swatch, x, top + y);
    ctx.fillStyle = item.look === 'title' || item.color !== undefined ? palette.css.text : palette.css.muted;
    ctx.fillText(item.text, text, top + y + 0.5);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {string} color @param {LegendItem['swatch']} kind @param {number} x left @param {number} y middle */
function paintSwatch(ctx, color, kind, x, y) {
  ctx.fillStyle = color;
  if (kind === 'dot') {
    ctx.beginPath();
    ctx.arc(x + SWATCH / 2, y, SWATCH / 2, 0, 2 * Math.PI);
    ctx.fill();
    return;
  }
  const height = kind === 'line' ? 3 : kind === 'line waits' ? 1 : SWATCH;
  ctx.fillRect(x, Math.round(y - height / 2), SWATCH, height);
}

/** The canvas with its legend below. @param {HTMLCanvasElement} canvas @param {Legend} legend @returns {HTMLCanvasElement} */
export function withLegend(canvas, legend) {
  const width = canvas.clientWidth;
  const dpr = canvas.width / width;
  const out = document.createElement('canvas');
  out.width = canvas.width;
  out.height = canvas.height + Math.ceil(placeLegend(legend.items, width).height * dpr);
  const ctx = /** @type {CanvasRenderingContext2D} */ (out.getContext('2d', { alpha: false }));
  ctx.drawImage(canvas, 0, 0);
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  paintLegend(ctx, legend, canvas.height / dpr, width);
  return out;
}

/**
 * The same for a picture that is drawn again, for print. @param {{width: number, height: number}} size of the picture
 * @param {(ctx: CanvasRenderingContext2D) => void} paint @param {Legend} legend
 */
export const legendBelow = ({ width, height }, paint, legend) => ({
  size: { width, height: height + placeLegend(legend.items, width).height },
  paint: (/** @type {CanvasRenderingContext2D} */ ctx) => {
    paint(ctx);
    paintLegend(ctx, legend, height, width);
  },
});
