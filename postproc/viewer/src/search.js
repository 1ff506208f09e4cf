// SPDX-License-Identifier: BSD-3-Clause
// Search over the whole trace: names are tested once each, spans by the number of their name.

import { lowerBound } from './bounds.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./store.js').Selection} Selection */
/**
 * @typedef {object} Search
 * @property {string} text
 * @property {string} error message when the pattern is bad
 * @property {Uint8Array} kinds 1 for each kind that matches
 * @property {Uint32Array[]} hits of each CPU row, records in time order
 * @property {Uint32Array} auxHits in time order
 * @property {number} count @property {number} total ticks @property {number} min @property {number} max
 */

const ERROR_PREFIX = /^Invalid regular expression:\s*/;

/**
 * A test of names: /regex/ (flags allowed) or text, upper and lower case alike.
 * @param {string} text
 * @returns {{test: (name: string) => boolean, error: string}}
 */
export function makeMatcher(text) {
  const m = /^\/(.+)\/([a-z]*)$/.exec(text);
  if (!m) {
    const low = text.toLowerCase();
    return { test: (name) => name.toLowerCase().includes(low), error: '' };
  }
  try {
    const regex = new RegExp(m[1], m[2].replaceAll('g', '').replaceAll('y', ''));
    return { test: (name) => regex.test(name), error: '' };
  } catch (e) {
    return { test: () => false, error: `Bad pattern: ${/** @type {Error} */ (e).message.replace(ERROR_PREFIX, '')}` };
  }
}

/** @param {Model} model @param {string} text @returns {Search|null} null for an empty text */
export function runSearch(model, text) {
  if (text === '') return null;
  const { test, error } = makeMatcher(text);
  const kinds = error ? new Uint8Array(model.kinds.length) : matchingKinds(model, test);
  /** @type {Search} */
  const search = { text, error, kinds, hits: [], auxHits: new Uint32Array(0), count: 0, total: 0, min: Infinity, max: 0 };
  const { exec, aux } = model;
  const any = kinds.includes(1);
  for (const row of model.rows.cpu) search.hits.push(any ? collect(search, exec, kinds, row.lo, row.lo + row.n) : new Uint32Array(0));
  if (any && model.loose.hi > model.loose.lo) search.hits.push(collect(search, exec, kinds, model.loose.lo, model.loose.hi));
  if (any) search.auxHits = collect(search, aux, kinds, 0, aux.n);
  if (search.count === 0) search.min = 0;
  return search;
}

/** @param {Model} model @param {(name: string) => boolean} test */
function matchingKinds(model, test) {
  const byName = new Map();
  return Uint8Array.from(model.kinds, ({ name }) => {
    if (!byName.has(name)) byName.set(name, test(name) ? 1 : 0);
    return byName.get(name);
  });
}

/** @param {Search} search @param {import('./columns.js').Columns} cols @param {Uint8Array} kinds @param {number} lo @param {number} hi */
function collect(search, { kind, dur }, kinds, lo, hi) {
  let n = 0;
  for (let i = lo; i < hi; i++) n += kinds[kind[i]];
  const hits = new Uint32Array(n);
  if (n === 0) return hits;
  let k = 0;
  let { total, min, max } = search;
  for (let i = lo; k < n; i++) {
    if (kinds[kind[i]] === 0) continue;
    hits[k++] = i;
    const d = dur[i];
    total += d;
    if (d < min) min = d;
    if (d > max) max = d;
  }
  Object.assign(search, { total, min, max, count: search.count + n });
  return hits;
}

/**
 * Order of two hits: by start, then spans before others, then by record.
 * @param {Model} model @param {Selection} a @param {Selection} b
 */
function compare(model, a, b) {
  const d = model[a.cols].start[a.record] - model[b.cols].start[b.record];
  if (d !== 0) return d;
  if (a.cols !== b.cols) return a.cols === 'exec' ? -1 : 1;
  return a.record - b.record;
}

/**
 * The match after (or before) a selection or a time; wraps around at the end.
 * @param {Model} model @param {Search} search @param {Selection|null} from @param {number} t used without `from`
 * @param {boolean} forward
 * @returns {Selection|null}
 */
export function nextMatch(model, search, from, t, forward) {
  return neighbour(model, search, from, t, forward) ?? neighbour(model, search, null, forward ? -Infinity : Infinity, forward);
}

/** @param {Model} model @param {Search} search @param {Selection|null} from @param {number} t @param {boolean} forward @returns {Selection|null} */
function neighbour(model, search, from, t, forward) {
  const at = from ? model[from.cols].start[from.record] : t;
  /** @type {Selection|null} */
  let best = null;
  const lists = [...search.hits.map((hits) => ({ cols: /** @type {'exec'} */ ('exec'), hits })), { cols: /** @type {'aux'} */ ('aux'), hits: search.auxHits }];
  for (const { cols, hits } of lists) {
    const { start } = model[cols];
    const value = (/** @type {number} */ i) => start[hits[i]];
    let i = forward ? lowerBound(0, hits.length, value, at) : lowerBound(0, hits.length, (k) => (value(k) > at ? 1 : 0), 1) - 1;
    const step = forward ? 1 : -1;
    while (from && i >= 0 && i < hits.length) {
      const c = compare(model, { cols, record: hits[i] }, from);
      if (forward ? c > 0 : c < 0) break;
      i += step;
    }
    if (i < 0 || i >= hits.length) continue;
    const candidate = { cols, record: hits[i] };
    if (!best || (forward ? compare(model, candidate, best) < 0 : compare(model, candidate, best) > 0)) best = candidate;
  }
  return best;
}

/** Hits among records lo..hi of a sorted list. @param {Uint32Array} hits @param {number} lo @param {number} hi */
export function hitsBetween(hits, lo, hi) {
  const value = (/** @type {number} */ i) => hits[i];
  return lowerBound(0, hits.length, value, hi) - lowerBound(0, hits.length, value, lo);
}
