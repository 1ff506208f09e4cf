// SPDX-License-Identifier: BSD-3-Clause
// An area, a part of the time on some rows, in words.

import { durationWords, toNs } from '../trace/time.js';
import { threadWords } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../search/subjects.js').AreaRows} AreaRows */

const MANY = { cpu: 'CPUs', pid: 'threads', rpc: 'RPCs' };

/** Rows by their name where there is one, by their number else. @param {Model} model @param {AreaRows} rows */
export function rowNames(model, { group, keys }) {
  if (keys.length > 1) return `${keys.length.toLocaleString('en')} ${MANY[group]}`;
  const row = model.rows[group][model.position[group].get(keys[0]) ?? -1];
  return group === 'pid' ? threadWords(model, keys[0]) : (row?.label ?? '');
}

/** "Area of 120.0 ms × 4 threads" @param {Model} model @param {{window: import('../plan/view.js').Window, rows: AreaRows|null, measured: boolean}} area */
export function areaWords(model, { window, rows, measured }) {
  const time = durationWords(toNs(model, window.t1 - window.t0));
  if (rows) return `Area of ${time} × ${rowNames(model, rows)}`;
  const cpus = model.rows.cpu.length;
  return `${measured ? 'Measured range' : 'Window'} of ${time}${cpus > 0 ? ` on ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}` : ''}`;
}

/** What rows a count is of, where it is not of those of the area. @param {import('../search/subjects.js').Ask} ask */
export const rowsWords = ({ of, rows }) => (rows?.group === 'cpu' && of !== 'span' ? ', of all threads: they lie on no CPU' : '');
