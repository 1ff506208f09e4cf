// SPDX-License-Identifier: BSD-3-Clause
// Where a selected wait, queue or lock lies on the rows that show it: over its own length, whether its line has room to be drawn or not.

import { AUX } from '../format/events.js';
import { rpcKey, tidOf } from '../format/columns.js';
import { firstFrom } from '../format/bounds.js';
import { visibleRows } from '../plan/layout.js';
import { lockY } from './over/lock.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/layout.js').Layout} Layout */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */
/** @typedef {import('../plan/item-walk.js').Item} Item */

/** @type {Set<number>} */
const LONG = new Set([AUX.WAIT, AUX.QUEUED, AUX.LOCK]);

/** True of a record that is drawn as a line over its time on thread or RPC rows. @param {Model} model @param {number} record of aux */
export const isLine = (model, record) => LONG.has(model.category[record]);

/** Height of its line on a row. @param {Model} model @param {PlacedRow} placed @param {number} record @param {number} tpp */
function lineY(model, placed, record, tpp) {
  const { row, y, zones } = placed;
  const list = row.aux[AUX.LOCK];
  if (model.category[record] !== AUX.LOCK || !list) return y + zones.span + zones.spanHeight * 0.3;
  let i = firstFrom(list, model.aux, model.aux.start[record]);
  while (i < list.index.length && list.index[i] !== record) i++;
  return lockY(placed, model.aux, i, tpp);
}

/** @param {Model} model @param {Layout} layout @param {{t0: number, tpp: number}} frame @param {number} record @returns {Item[]} on each row that shows it */
export function lineItems(model, layout, { t0, tpp }, record) {
  const { aux } = model;
  const category = model.category[record];
  const x = (/** @type {number} */ t) => Math.min(layout.right + 8, Math.max(layout.left - 8, layout.left + (t - t0) / tpp));
  const [x0, x1] = [x(aux.start[record]), x(aux.start[record] + aux.dur[record])];
  if (x1 < layout.left || x0 > layout.right) return [];
  const keys = { cpu: -1, pid: category === AUX.QUEUED ? -1 : tidOf(aux, record), rpc: category === AUX.LOCK ? -1 : rpcKey(aux, record) };
  return visibleRows(layout)
    .filter(({ row }) => row.group !== 'cpu' && keys[row.group] === row.key)
    .map((placed) => {
      const y = lineY(model, placed, record, tpp);
      const { name } = model.kinds[aux.kind[record]];
      return { type: category === AUX.LOCK ? 'lock' : 'wait', record, x0, x1, y0: y, y1: y, h: placed.zones.spanHeight, text: name };
    });
}
