// SPDX-License-Identifier: BSD-3-Clause
// Where the steps of a critical path lie in the picture: on the row of their thread, and, while it runs, on that of its CPU, too.

import { lowerBound } from '../format/bounds.js';
import { rowTop } from './layout.js';

/** @typedef {import('./layout.js').Layout} Layout */
/** @typedef {import('../search/why-answer.js').Step} Step */
/** One step in sight, px. @typedef {{step: number, state: string, x0: number, x1: number, y: number, top: number, height: number, cpu: {top: number, height: number}|null}} Piece y: of the line */

/** Px from a row's spans to the line. */
const BELOW = 3;
/** Px of the time axis below which a step is no piece of its own. */
const FINEST = 0.5;
/** Px beside the timelines at which a line may as well end. */
const BESIDE = 20;

/**
 * @param {Layout} layout @param {(t: number) => number} x of a time @param {{t0: number, t1: number}} window @param {Step[]} steps in order, without gaps
 * @returns {Piece[]} in order; of the many that share a pixel the first
 */
export function pathPieces(layout, x, { t0, t1 }, steps) {
  /** @type {Map<number, ReturnType<typeof rowTop>>} */
  const threads = new Map();
  const threadRow = (/** @type {number} */ tid) => {
    const known = threads.get(tid);
    if (known !== undefined) return known;
    const found = rowTop(layout, 'pid', tid);
    threads.set(tid, found);
    return found;
  };
  const near = (/** @type {number} */ t) => Math.min(layout.right + BESIDE, Math.max(layout.left - BESIDE, x(t)));
  /** @type {Piece[]} */
  const pieces = [];
  let filled = -Infinity;
  for (let i = lowerBound(0, steps.length, (k) => steps[k].to, t0); i < steps.length && steps[i].from < t1; i++) {
    const { from, to, tid, cpu, state } = steps[i];
    const [x0, x1] = [near(from), near(to)];
    if (x1 - filled < FINEST) continue;
    const onCpu = cpu >= 0 ? rowTop(layout, 'cpu', cpu) : null;
    const row = threadRow(tid) ?? onCpu;
    if (!row) continue;
    filled = x1;
    const span = row.y + row.zones.span;
    pieces.push({
      step: i,
      state,
      x0,
      x1,
      y: span + row.zones.spanHeight + BELOW,
      top: span,
      height: row.zones.spanHeight,
      cpu: onCpu && onCpu !== row && state === 'running' ? { top: onCpu.y + onCpu.zones.span, height: onCpu.zones.spanHeight } : null,
    });
  }
  return pieces;
}
