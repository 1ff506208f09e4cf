// SPDX-License-Identifier: BSD-3-Clause
// Which columns of a table are shown: those that were chosen, or else as many as fit, the least important out first. Pure.

/**
 * @param {{width: number, rank: number}[]} columns rank 0: never left out by itself; the higher, the sooner @param {number} room px
 * @returns {boolean[]}
 */
export function columnsThatFit(columns, room) {
  const shown = columns.map(() => true);
  let width = columns.reduce((sum, c) => sum + c.width, 0);
  const order = columns.map((c, i) => ({ ...c, i })).filter((c) => c.rank > 0);
  order.sort((a, b) => b.rank - a.rank || b.i - a.i);
  for (const { i, width: w } of order) {
    if (width <= room) break;
    shown[i] = false;
    width -= w;
  }
  return shown;
}

/** Chosen columns as they are kept: their numbers. @param {boolean[]} shown */
export const writeColumns = (shown) =>
  shown
    .map((on, i) => (on ? i : -1))
    .filter((i) => i >= 0)
    .join('.');

/** @param {string} text @param {number} n columns @returns {boolean[]|null} null: none were chosen */
export function readColumns(text, n) {
  if (!/^\d{1,2}(\.\d{1,2})*$/.test(text)) return null;
  const kept = new Set(text.split('.').map(Number));
  const shown = Array.from({ length: n }, (_, i) => i === 0 || kept.has(i));
  return shown;
}
