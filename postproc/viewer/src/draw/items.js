// SPDX-License-Identifier: BSD-3-Clause
// From (model, view, layout) to the list of things drawn over the spans.

import { visibleRows } from '../plan/layout.js';
import { isShown, OVER_KINDS } from './over/kinds.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/layout.js').Layout} Layout */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */
/** @typedef {import('../plan/item-walk.js').Item} Item */
/** @typedef {import('../plan/item-walk.js').Frame} Frame */

/**
 * @param {Model} model @param {Layout} layout @param {Frame} frame
 * @returns {Item[]}
 */
export function buildOverlays(model, layout, frame) {
  /** @type {Item[]} */
  const items = [];
  for (const placed of visibleRows(layout)) addRow(model, layout, frame, placed, items);
  addAll(model, layout, frame, items);
  return items;
}

/** Farthest that an item reaches from its time and its row, in pixels. */
const NEAR_X = 64;
const NEAR_Y = 8;

/**
 * Those of all items that may be at x, and at y if that is given; arcs, which go anywhere, all.
 * @param {Model} model @param {Layout} layout @param {Frame} frame @param {number} x @param {number} [y]
 * @returns {Item[]}
 */
export function overlaysNear(model, layout, frame, x, y) {
  /** @type {Item[]} */
  const items = [];
  const left = Math.max(layout.left, x - NEAR_X);
  const near = { ...layout, left, right: Math.min(layout.right, x + NEAR_X) };
  const part = { ...frame, t0: frame.t0 + (left - layout.left) * frame.tpp };
  for (const placed of visibleRows(layout)) {
    if (y === undefined || (y >= placed.y - NEAR_Y && y <= placed.y + placed.h + NEAR_Y)) addRow(model, near, part, placed, items);
  }
  addAll(model, layout, frame, items);
  return items;
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addRow(model, layout, frame, placed, items) {
  const at = { model, layout, frame, placed };
  for (const kind of OVER_KINDS) if (isShown(kind, frame.show) && !(frame.words && kind.mute)) kind.collect?.(at, items);
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {Item[]} items */
function addAll(model, layout, frame, items) {
  for (const kind of OVER_KINDS) if (isShown(kind, frame.show)) kind.collectAll?.({ model, layout, frame }, items);
}
