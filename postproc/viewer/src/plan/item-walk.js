// SPDX-License-Identifier: BSD-3-Clause
// Things drawn over and behind the spans as items on the page, and how the records of a row are walked for them. Each item knows its record, for picking.

import { firstFrom, forEachOverlap } from '../format/bounds.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./layout.js').Layout} Layout */
/** @typedef {import('./layout.js').PlacedRow} PlacedRow */
/**
 * @typedef {object} Item
 * @property {'wait'|'arc'|'ipi'|'mark'|'sample'|'lock'|'packet'|'message'|'queued'|'point'|'rpc'|'usage'} type
 * @property {number} record of aux
 * @property {number} x0 @property {number} y0 @property {number} x1 @property {number} y1
 * @property {number} h span height of the row
 * @property {string} text
 * @property {number} [level] for stacked locks
 * @property {number} [top] of the row, where its name may stand
 * @property {import('./arc-curve.js').Piece} [piece] of an arc: what of it is in sight
 * @property {number} [room] of a mark or an RPC: pixels to the next of its kind on its row
 */
/**
 * Window start and ticks a pixel. With `words`, only what may be written on the canvas; without, all that can be picked.
 * @typedef {{t0: number, tpp: number, show: Record<string, number>, words?: boolean}} Frame
 */

/** @typedef {{model: Model, layout: Layout, frame: Frame, placed: PlacedRow}} RowAt a row on the page */

/** @param {Layout} layout @param {Frame} frame @param {number} t */
export const xOf = (layout, frame, t) => layout.left + (t - frame.t0) / frame.tpp;

/** @param {Layout} layout @param {Frame} frame */
export const endOf = (layout, frame) => frame.t0 + (layout.right - layout.left) * frame.tpp;

/**
 * Visits a row's interval records of at least `pixels`, clipped to the timelines.
 * @param {RowAt} at @param {number} category
 * @param {number} pixels @param {(record: number, x0: number, x1: number, position: number) => void} visit
 */
export function intervals({ model, layout, frame, placed }, category, pixels, visit) {
  const list = placed.row.aux[category];
  if (!list) return;
  let budget = layout.right - layout.left;
  forEachOverlap(list, model.aux, frame.t0, endOf(layout, frame), pixels * frame.tpp, (r, position) => {
    if (--budget < 0) return;
    const s = model.aux.start[r];
    visit(r, Math.max(layout.left - 2, xOf(layout, frame, s)), Math.min(layout.right + 2, xOf(layout, frame, s + model.aux.dur[r])), position);
  });
}

/**
 * Visits a row's point records, at most one for each `gap` pixels.
 * @param {RowAt} at @param {number} category
 * @param {number} gap @param {(record: number, x: number) => void} visit
 */
export function points({ model, layout, frame, placed }, category, gap, visit) {
  const list = placed.row.aux[category];
  if (!list) return;
  const { start } = model.aux;
  const end = endOf(layout, frame);
  let i = firstFrom(list, model.aux, frame.t0 - 60 * frame.tpp);
  while (i < list.index.length && start[list.index[i]] <= end) {
    const r = list.index[i];
    visit(r, xOf(layout, frame, start[r]));
    const next = start[r] + gap * frame.tpp;
    i++;
    if (i < list.index.length && start[list.index[i]] < next) i = firstFrom(list, model.aux, next, i);
  }
}

/** Number of a row's points in the window. @param {RowAt} at @param {number} category */
export function countPoints({ model, layout, frame, placed }, category) {
  const list = placed.row.aux[category];
  if (!list) return 0;
  return firstFrom(list, model.aux, endOf(layout, frame)) - firstFrom(list, model.aux, frame.t0);
}

/** @param {Model} model @param {number} record @returns {{event: number, name: string}} */
export const auxKind = (model, record) => model.kinds[model.aux.kind[record]];
