// SPDX-License-Identifier: BSD-3-Clause
// Search over the whole trace, a slice of time after another, so that the page stays awake and first results show at once.

import { lowerBound } from '../format/bounds.js';
import { compileQuery } from './compile-query.js';
import { IntList, Longest } from '../kit/lists.js';
import { execRanges } from '../trace/profile-rows.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../state/store.js').Selection} Selection */
/**
 * What has been found so far. A new object for every step; the lists are shared.
 * @typedef {object} Search
 * @property {string} text
 * @property {string} error message when the query is bad
 * @property {(record: number) => boolean} exec test of a span
 * @property {(record: number) => boolean} aux test of another record
 * @property {Uint32Array[]} hits of each CPU row, then of spans without a CPU; records in time order
 * @property {Uint32Array} auxHits in time order
 * @property {number} count @property {number} total ticks @property {number} min @property {number} max
 * @property {Selection[]} longest hits first, at most LONGEST
 * @property {boolean} done @property {number} share of the records looked at, 0..1
 */

/** Hits kept in order of duration. */
export const LONGEST = 1000;
const STRIDE = 8192;

/** One running search. */
export class SearchJob {
  /** @param {Model} model @param {string} text */
  constructor(model, text) {
    this.model = model;
    const compiled = compileQuery(model, text);
    this.compiled = compiled;
    this.text = text;
    /** Ranges still to look at: number of the range of spans, or -1 for the other records. */
    this.ranges = compiled.error
      ? []
      : [...execRanges(model).map(({ lo, hi }, i) => ({ row: i, at: lo, end: hi })), { row: -1, at: 0, end: model.aux.n }];
    this.size = this.ranges.reduce((sum, { at, end }) => sum + end - at, 0);
    this.seen = 0;
    this.range = 0;
    this.lists = [...execRanges(model).map(() => new IntList()), new IntList()];
    this.longest = new Longest(LONGEST);
    this.count = 0;
    this.total = 0;
    this.min = Infinity;
    this.max = 0;
    this.exec = test(compiled.execKinds, model.exec.kind, compiled.exec, compiled, model);
    this.aux = test(compiled.auxKinds, model.aux.kind, compiled.aux, compiled, null);
  }

  get done() {
    return this.range >= this.ranges.length;
  }

  /** Looks at records until it is done or `now()` passes `deadline`. @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      const range = this.ranges[this.range];
      const end = Math.min(range.end, range.at + STRIDE);
      if (this.skips(range.row)) {
        this.seen += range.end - range.at;
        range.at = range.end;
      } else {
        this.scan(range.row, range.at, end);
        this.seen += end - range.at;
        range.at = end;
      }
      if (range.at >= range.end) this.range++;
      if (now() >= deadline) return;
    }
  }

  /** Whole ranges in which nothing can match. @param {number} row */
  skips(row) {
    const { compiled, model } = this;
    if (compiled.invert) return false;
    if (row < 0) return !compiled.auxKinds.includes(1);
    return !compiled.execKinds.includes(1) || (compiled.cpu !== null && !compiled.cpu(execRanges(model)[row].cpu));
  }

  /** @param {number} row @param {number} lo @param {number} hi */
  scan(row, lo, hi) {
    const { compiled, model } = this;
    const cols = row < 0 ? model.aux : model.exec;
    const kinds = row < 0 ? compiled.auxKinds : compiled.execKinds;
    const matches = row < 0 ? this.aux : this.exec;
    const list = this.lists[row < 0 ? this.lists.length - 1 : row];
    const { kind, dur } = cols;
    const { longest } = this;
    const names = { cols: /** @type {'exec'|'aux'} */ (row < 0 ? 'aux' : 'exec') };
    const plain = !compiled.invert && compiled[names.cols].length === 0;
    let { total, min, max, count } = this;
    for (let i = lo; i < hi; i++) {
      if (plain ? kinds[kind[i]] === 0 : !matches(i)) continue;
      list.push(i);
      const d = dur[i];
      count++;
      total += d;
      if (d < min) min = d;
      if (d > max) max = d;
      if (d > longest.least) longest.add(names.cols, i, d);
    }
    Object.assign(this, { total, min, max, count });
  }

  /** @returns {Search} */
  result() {
    return {
      text: this.text,
      error: this.compiled.error,
      exec: this.exec,
      aux: this.aux,
      hits: this.lists.slice(0, -1).map((l) => l.view()),
      auxHits: this.lists[this.lists.length - 1].view(),
      count: this.count,
      total: this.total,
      min: this.count === 0 ? 0 : this.min,
      max: this.max,
      longest: this.longest.sorted(),
      done: this.done,
      share: this.size === 0 ? 1 : this.seen / this.size,
    };
  }
}

/**
 * The test of one record. CPU rows are chosen as a whole while searching; here the row is looked up.
 * @param {Uint8Array} kinds @param {ArrayLike<number>} kind @param {((r: number) => boolean)[]} tests
 * @param {import('./compile-query.js').Compiled} compiled @param {Model|null} model of spans, null for other records
 * @returns {(record: number) => boolean}
 */
function test(kinds, kind, tests, compiled, model) {
  if (compiled.error) return () => false;
  const { invert } = compiled;
  const cpuTest = model ? compiled.cpu : null;
  if (invert && !model) return () => false; // an inverted query finds spans
  const cpuOf = model && cpuTest ? cpuFinder(model) : null;
  return (r) => {
    let ok = kinds[kind[r]] === 1 && (!cpuTest || !cpuOf || cpuTest(cpuOf(r)));
    for (let k = 0; ok && k < tests.length; k++) ok = tests[k](r);
    return ok !== invert;
  };
}

/** CPU of a span by its record number; neighbours are found at once. @param {Model} model */
function cpuFinder(model) {
  const ranges = execRanges(model);
  let last = ranges[0];
  return (/** @type {number} */ r) => {
    if (r < last.lo || r >= last.hi) last = ranges.find(({ lo, hi }) => r >= lo && r < hi) ?? last;
    return last.cpu;
  };
}

/** Runs a search to its end at once. @param {Model} model @param {string} text @returns {Search|null} null for an empty text */
export function runSearch(model, text) {
  if (text.trim() === '') return null;
  const job = new SearchJob(model, text);
  job.step(() => 0, 1);
  return job.result();
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

/** Lists of hits with their columns. @param {Search} search */
const listsOf = (search) => [
  ...search.hits.map((hits) => ({ cols: /** @type {'exec'} */ ('exec'), hits })),
  { cols: /** @type {'aux'} */ ('aux'), hits: search.auxHits },
];

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
  for (const { cols, hits } of listsOf(search)) {
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

/**
 * Hits number first..first+n in order of time, without sorting all of them.
 * @param {Model} model @param {Search} search @param {number} first @param {number} n @returns {Selection[]}
 */
export function hitsAt(model, search, first, n) {
  const lists = listsOf(search).filter(({ hits }) => hits.length > 0);
  const count = (/** @type {number} */ t) =>
    lists.reduce((sum, { cols, hits }) => sum + lowerBound(0, hits.length, (i) => model[cols].start[hits[i]], t), 0);
  // The last tick with at most `first` hits before it.
  let lo = model.t0 - 2 ** 40;
  let hi = model.t1 + 2 ** 40;
  while (hi - lo > 1) {
    const mid = Math.floor((lo + hi) / 2);
    if (count(mid) <= first) lo = mid;
    else hi = mid;
  }
  const at = lists.map(({ cols, hits }) => lowerBound(0, hits.length, (i) => model[cols].start[hits[i]], lo));
  const out = [];
  let skip = first - at.reduce((a, b) => a + b, 0);
  while (out.length < n) {
    let best = -1;
    for (let k = 0; k < lists.length; k++) {
      if (at[k] >= lists[k].hits.length) continue;
      if (best < 0 || compare(model, selectionAt(lists[k], at[k]), selectionAt(lists[best], at[best])) < 0) best = k;
    }
    if (best < 0) break;
    if (skip-- <= 0) out.push(selectionAt(lists[best], at[best]));
    at[best]++;
  }
  return out;
}

/** @param {{cols: 'exec'|'aux', hits: Uint32Array}} list @param {number} i @returns {Selection} */
const selectionAt = ({ cols, hits }, i) => ({ cols, record: hits[i] });

/** Position of a selection among the hits in order of time, -1 when it is none. @param {Model} model @param {Search} search @param {Selection} s */
export function hitNumber(model, search, s) {
  let before = 0;
  let found = false;
  for (const { cols, hits } of listsOf(search)) {
    let i = lowerBound(0, hits.length, (k) => model[cols].start[hits[k]], model[s.cols].start[s.record]);
    while (i < hits.length && compare(model, { cols, record: hits[i] }, s) < 0) i++;
    before += i;
    if (cols === s.cols && hits[i] === s.record) found = true;
  }
  return found ? before : -1;
}

/** Hits in each of n equal parts of the trace, for ticks. @param {Model} model @param {Search} search @param {number} n @returns {Uint32Array} */
export function matchBuckets(model, search, n) {
  const out = new Uint32Array(n);
  const width = (model.t1 - model.t0) / n;
  for (const { cols, hits } of listsOf(search)) {
    const { start } = model[cols];
    let lo = 0;
    for (let b = 0; b < n && lo < hits.length; b++) {
      const hi = b === n - 1 ? hits.length : lowerBound(lo, hits.length, (i) => start[hits[i]], model.t0 + (b + 1) * width);
      out[b] += hi - lo;
      lo = hi;
    }
  }
  return out;
}
