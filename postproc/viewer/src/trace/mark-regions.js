// SPDX-License-Identifier: BSD-3-Clause
// Regions that a program marks: from the mark "name" of a thread to its next mark "/name".

import { EV, markText } from '../format/events.js';
import { tidOf } from '../format/columns.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {{text: string, tid: number, record: number, t0: number, t1: number}} Region record: of the mark that opens it */

/** Whether records of a number can open or close a region. @param {number} event */
export const isRegionMark = (event) => event >= EV.MARKA && event < EV.MARKD;

/** Pairs marks as they come. @param {Model} model */
export function regionPairs({ aux, kinds }) {
  /** @type {Map<string, number>} */
  const open = new Map();
  return {
    /** The next mark, in order of time: the region that it closes, null when it closes none. @param {number} r record of aux @returns {Region|null} */
    add(r) {
      const tid = tidOf(aux, r);
      const { event, name } = kinds[aux.kind[r]];
      const mark = markText(event, aux.arg[r], name);
      if (!mark.startsWith('/')) {
        open.set(`${tid} ${mark}`, r);
        return null;
      }
      const text = mark.slice(1);
      const record = open.get(`${tid} ${text}`);
      if (record === undefined) return null;
      open.delete(`${tid} ${text}`);
      return { text, tid, record, t0: aux.start[record], t1: aux.start[r] };
    },
  };
}
