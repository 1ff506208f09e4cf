// SPDX-License-Identifier: BSD-3-Clause
// Notes pinned to a time and a row, as records of the span JSON's `extra` list (event -4), and back.

import { EV } from '../format/events.js';

/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {{id: number, t: number, group: Group, key: number, text: string, dx: number, dy: number}} Note t in ticks; dx, dy: place of the bubble from its spike, px */
/** @typedef {(number|string)[]} ExtraRecord ten fields */

/** Bubble offsets are written in the unused number fields, shifted so that the two fit one value. */
const OFFSET = 2048;

/**
 * A note as a record: on a CPU row cpu is set, on a thread row only pid, on an RPC row rpc. The offset is in the return field.
 * @param {Note} n @param {number} nsPerTick @returns {ExtraRecord}
 */
export function noteRecord(n, nsPerTick) {
  const seconds = Number(((n.t * nsPerTick) / 1e9).toFixed(9));
  const at = (/** @type {Group} */ g, /** @type {number} */ none) => (n.group === g ? n.key : none);
  const clamp = (/** @type {number} */ v) => Math.max(-OFFSET, Math.min(OFFSET - 1, Math.round(v)));
  return [
    seconds,
    1e-8,
    at('cpu', -1),
    at('pid', n.group === 'cpu' ? 0 : -1),
    at('rpc', 0),
    EV.CALLOUT,
    0,
    (clamp(n.dx) + OFFSET) * 4096 + clamp(n.dy) + OFFSET,
    0,
    n.text,
  ];
}

/** Notes of an `extra` list; records that are no callouts stay where they are. @param {unknown} extra @param {number} nsPerTick @returns {{notes: Note[], others: unknown[]}} */
export function notesOf(extra, nsPerTick) {
  /** @type {Note[]} */
  const notes = [];
  const others = [];
  for (const r of Array.isArray(extra) ? extra : []) {
    if (!Array.isArray(r) || r.length < 10 || r[5] !== EV.CALLOUT || !Number.isFinite(r[0])) {
      others.push(r);
      continue;
    }
    const group = /** @type {Group} */ (r[2] >= 0 ? 'cpu' : r[4] > 0 ? 'rpc' : 'pid');
    const key = Number(group === 'cpu' ? r[2] : group === 'rpc' ? r[4] : r[3]);
    const offset = Number(r[7]) || 0;
    const ours = offset > 4096;
    notes.push({
      id: notes.length + 1,
      t: Math.round((r[0] * 1e9) / nsPerTick),
      group,
      key,
      text: String(r[9]),
      dx: ours ? Math.floor(offset / 4096) - OFFSET : 24,
      dy: ours ? (offset % 4096) - OFFSET : -34,
    });
  }
  return { notes, others };
}

/** @param {Note[]} notes */
export const nextId = (notes) => notes.reduce((m, n) => Math.max(m, n.id), 0) + 1;

/**
 * Where a new note goes: the selection, the pointer, or the middle of the first row; null when nothing is drawn.
 * @param {import('./store.js').State} state @param {import('../draw/render.js').Scene} scene
 * @param {(x: number, y: number) => import('../draw/pick.js').Picked|null} pickAt @returns {{t: number, row: import('../trace/model.js').Row}|null}
 */
export function placeOfNote({ model, selection, window, pointer }, scene, pickAt) {
  const item = selection?.cols === 'aux' ? scene.itemsOf(selection.record)[0] : null;
  const isThere = (/** @type {import('../plan/layout.js').PlacedRow} */ { row, y, h }) =>
    item
      ? item.y0 >= y && item.y0 <= y + h
      : selection?.cols === 'exec' && row.group === 'cpu' && selection.record >= row.lo && selection.record < row.lo + row.n;
  const placed = scene.rows.find(isThere) ?? (pointer ? pickAt(pointer.x, pointer.y)?.row : null) ?? scene.rows[0];
  if (!model || !placed) return null;
  if (selection) {
    const chosen = model[selection.cols];
    return { t: chosen.start[selection.record] + chosen.dur[selection.record] / 2, row: placed.row };
  }
  const pointed = pointer !== null && pointer.x > scene.layout.left;
  return { t: pointed ? scene.time.invert(pointer.x) : (window.t0 + window.t1) / 2, row: placed.row };
}
