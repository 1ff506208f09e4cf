// SPDX-License-Identifier: BSD-3-Clause
// Where on a CPU something was lost: events the CPU could not store, records of unreadable chunks.

import { AUX, EV } from '../format/events.js';
import { firstFrom, forEachOverlap } from '../format/bounds.js';
import { startedBy } from './aggregate.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./model.js').Lost} Lost */

/** What of a trace's gaps concerns a CPU's row: its own and those of all CPUs. @type {WeakMap<Lost[], Map<number, {gaps: Lost[], list: import('../format/bounds.js').RecordList, cols: any}>>} */
const byCpu = new WeakMap();

/** @param {Lost[]} all @param {number} cpu */
function gapsOfRow(all, cpu) {
  let rows = byCpu.get(all);
  if (!rows) byCpu.set(all, (rows = new Map()));
  let row = rows.get(cpu);
  if (!row) {
    const gaps = all.filter((gap) => gap.cpu === cpu || gap.cpu === -1);
    const cols = { start: Float64Array.from(gaps, (g) => g.t0), dur: Float64Array.from(gaps, (g) => g.t1 - g.t0) };
    rows.set(cpu, (row = { gaps, list: { index: Uint32Array.from(gaps, (_, i) => i), blocks: null }, cols }));
  }
  return row;
}

/** Calls visit for each gap of a CPU that touches t0..t1, in order of start. @param {Lost[]} all sorted by t0 @param {number} cpu @param {number} t0 @param {number} t1 @param {(gap: Lost) => void} visit */
export function forEachGap(all, cpu, t0, t1, visit) {
  if (all.length === 0) return;
  const { gaps, list, cols } = gapsOfRow(all, cpu);
  forEachOverlap(list, cols, t0, t1, 0, (i) => visit(gaps[i]));
}

/**
 * Lost events are counted when the CPU can store again: they happened after its entry before.
 * @param {Model} model @param {import('../format/payload.js').Gap[]} chunks
 * @returns {Lost[]}
 */
export function findGaps(model, chunks) {
  /** @type {Lost[]} */
  const gaps = chunks.map(({ cpu, t0, t1, count }) => ({
    cpu,
    t0,
    t1,
    count,
    why: `${count.toLocaleString('en')} records of this time are in a part of the file that cannot be read`,
  }));
  const { aux, exec, kinds } = model;
  for (const row of model.rows.cpu) {
    const list = row.aux[AUX.POINT];
    if (!list) continue;
    for (let k = 0; k < list.index.length; k++) {
      const r = list.index[k];
      if (kinds[aux.kind[r]].event !== EV.LOST) continue;
      const t = aux.start[r];
      const i = startedBy(row, exec, t - 1);
      let from = i > 0 ? exec.start[row.lo + i - 1] : model.t0;
      const before = firstFrom(list, aux, t) - 1;
      if (before >= 0) from = Math.max(from, aux.start[list.index[before]]);
      gaps.push({
        cpu: row.key,
        t0: from,
        t1: Math.max(t, from + 1),
        count: aux.arg[r],
        why: `${aux.arg[r].toLocaleString('en')} events were lost here: the CPU had no room to store them`,
      });
    }
  }
  return gaps.sort((a, b) => a.t0 - b.t0);
}
