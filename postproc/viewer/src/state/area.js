// SPDX-License-Identifier: BSD-3-Clause
// The area that is asked about: the measured range, on the rows that were measured with it, or else the window on all rows.

/** @typedef {import('./store.js').State} State */
/** @typedef {{window: import('../plan/view.js').Window, rows: import('../search/subjects.js').AreaRows|null, measured: boolean}} Area */

/** @param {Pick<State, 'window'|'range'>} state @returns {Area} */
export const areaOf = ({ window, range }) =>
  range ? { window: { t0: range.t0, t1: range.t1 }, rows: range.rows ?? null, measured: true } : { window, rows: null, measured: false };

/** Of rows as in an address: their group and keys. @param {import('../search/subjects.js').AreaRows} rows */
export const writeAreaRows = ({ group, keys }) => `${group}:${keys.join(',')}`;

/** @param {string|null} text @param {import('../trace/model.js').Model} model @returns {import('../search/subjects.js').AreaRows|null} */
export function readAreaRows(text, model) {
  const found = /^(cpu|pid|rpc):(\d+(?:,\d+)*)$/.exec(text ?? '');
  if (!found) return null;
  const group = /** @type {import('../trace/model.js').Group} */ (found[1]);
  const keys = [...new Set(found[2].split(',').map(Number))].filter((key) => model.position[group].has(key));
  return keys.length > 0 ? { group, keys } : null;
}
