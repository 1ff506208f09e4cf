// SPDX-License-Identifier: BSD-3-Clause
// What stands beside a group's name, below the names of rows, and in the line of what is folded.

import { CLASS, CLASS_COUNT } from '../format/events.js';
import { sumWindow } from '../trace/aggregate.js';
import { durationWords, toNs } from '../trace/time.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../plan/view.js').Window} Window */

const MANY = { cpu: ['CPU', 'CPUs'], pid: ['thread', 'threads'], rpc: ['RPC', 'RPCs'] };
const ORDERS = { key: '', time: 'busiest first', first: 'in order of first use', name: 'by name', hand: 'in the order made by hand' };

export const GROUP_TITLES = { cpu: 'CPUs', pid: 'Threads', rpc: 'RPCs' };

/** The head of a group: open or closed, its name and number. @param {import('../plan/layout.js').GroupBox} g @param {number} [lit] rows that are highlighted */
export const headTitle = (g, lit = 0) =>
  `${g.open ? '▼' : '▶'} ${GROUP_TITLES[g.group]} (${g.count}${g.missing > 0 ? ` of ${g.count + g.missing}` : ''})${lit > 0 ? ` ★${lit}` : ''}`;

/** A row of a group. @param {Group} group */
export const rowWord = (group) => MANY[group][0];

/** Beside the name of a group: what a column of pixels is, or how the rows are ordered. @param {Model} model @param {Group} group @param {import('../plan/rows.js').Order} order @param {number} tpp ticks a pixel */
export const headNote = (model, group, order, tpp) =>
  group === 'cpu' ? `a pixel is ${durationWords(tpp * model.nsPerTick)} wide` : group === 'pid' ? ORDERS[order] : 'a row a call';

/** The line of what is folded. @param {Group} group @param {number} folded */
export const footWords = (group, folded) =>
  `▸ ${folded.toLocaleString('en')} ${MANY[group][folded === 1 ? 0 : 1]} ${folded === 1 ? 'does' : 'do'} not run in this window`;

const sums = new Float64Array(CLASS_COUNT);

/** A CPU of which this much of a window is recorded has a share of it. */
const NEARLY_ALL = 0.999;

/** How much a row runs in a window: a thread as time, a CPU as a share, or as time too where not all of the window was recorded of it; '' when it does not, or is another row. @param {Model} model @param {Row} row @param {Window} w */
export function rowFigure(model, row, { t0, t1 }) {
  if (row.n === 0 || row.group === 'rpc' || model.partial) return '';
  sums.fill(0);
  sumWindow(row, model.exec, model.cls, t0, t1, sums);
  const all = sums.reduce((a, b) => a + b, 0);
  const busy = all - sums[CLASS.IDLE];
  if (all === 0) return '';
  const whole = Math.min(t1, model.t1) - Math.max(t0, model.t0);
  if (row.group === 'pid' || all < NEARLY_ALL * whole) return busy > 0 ? `ran ${durationWords(toNs(model, busy))}` : '';
  const share = (busy / all) * 100;
  return `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(1)} % busy`;
}
