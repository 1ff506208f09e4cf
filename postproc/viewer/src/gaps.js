// SPDX-License-Identifier: BSD-3-Clause
// Where on a CPU something was lost: events the CPU could not store, records of unreadable chunks.

import { AUX, EV } from './events.js';
import { firstFrom } from './bounds.js';
import { startedBy } from './aggregate.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./model.js').Lost} Lost */

/**
 * Lost events are counted when the CPU can store again: they happened after its entry before.
 * @param {Model} model @param {import('./payload.js').Gap[]} chunks
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
