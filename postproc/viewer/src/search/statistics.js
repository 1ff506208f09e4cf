// SPDX-License-Identifier: BSD-3-Clause
// Statistics of an area: of what subjects.js lists, by one or two of what it tells them apart by. Totals are clipped to the window, so those of
// spans add up to its time exactly; counts, means and percentiles are of the whole records that touch it.

import { lowerBound } from '../format/bounds.js';
import { SliceSort } from '../kit/slice-sort.js';
import { Groups, SUBJECTS, Walk } from './subjects.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/view.js').Window} Window */
/** @typedef {import('./subjects.js').Ask} Ask */
/**
 * @typedef {object} StatRow times in ticks
 * @property {string} key @property {string} label @property {string} query term that finds its records, '' there is none
 * @property {number} count @property {number} total inside the window
 * @property {number} mean @property {number} p50 @property {number} p95 @property {number} p99 @property {number} min @property {number} max
 * @property {Float64Array} sorted durations of the whole records, shortest first
 */
/** @typedef {{window: Window, ask: Ask, rows: StatRow[], all: StatRow, done: boolean, share: number}} Statistics */

/** What is counted, one and many. @param {Ask} ask */
export const nounOf = ({ of }) => [SUBJECTS[of].one, SUBJECTS[of].many];

/** Values that a percentile needs: of fewer it would be one of the few longest. */
export const ENOUGH = { p95: 20, p99: 100 };
const STRIDE = 8192;

/** Value at a share of sorted numbers, by nearest rank. @param {Float64Array} sorted @param {number} share */
export const quantile = (sorted, share) => (sorted.length === 0 ? 0 : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]);

/** Statistics made slice by slice; `made` at the end. */
export class StatsJob {
  /** @param {Model} model @param {Window} window @param {Ask} ask */
  constructor(model, window, ask) {
    this.model = model;
    this.window = window;
    this.ask = ask;
    this.groups = new Groups(model, ask);
    this.n = 0;
    /** @type {number[]} */
    this.totals = [];
    /** Sums of whole durations, by group. @type {number[]} */
    this.wholes = [];
    const { t0, t1 } = window;
    const { totals, wholes, groups } = this;
    this.walk = new Walk(model, window, ask, (f) => {
      const g = groups.of(f);
      this.group[this.n] = g;
      this.dur[this.n++] = f.dur;
      totals[g] = (totals[g] ?? 0) + Math.max(0, Math.min(t1, f.start + f.dur) - Math.max(t0, f.start));
      wholes[g] = (wholes[g] ?? 0) + f.dur;
    });
    this.group = new Uint32Array(this.walk.size);
    this.dur = new Float64Array(this.walk.size);
    /** @type {Finish|null} */
    this.finish = null;
    /** @type {Statistics|null} */
    this.made = null;
  }

  get done() {
    return this.made !== null;
  }

  get share() {
    return this.walk.share;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    if (!this.walk.done) {
      this.walk.step(now, deadline);
      if (now() >= deadline) return;
    }
    this.finish ??= new Finish(this);
    this.finish.step(now, deadline);
    if (this.finish.done) this.made = this.finish.result();
  }
}

/** From durations with their groups to sorted durations of each group and of all, some at a time. */
class Finish {
  /** @param {StatsJob} job */
  constructor(job) {
    this.job = job;
    const { n } = job;
    const groups = job.groups.labels.length;
    this.offsets = new Uint32Array(groups + 1);
    this.next = new Uint32Array(groups);
    this.sorted = new Float64Array(n);
    this.at = 0;
    /** 0: groups are counted, 1: durations are put to their groups, 2: they are sorted. */
    this.phase = 0;
    this.group = 0;
    this.sort = new SliceSort(job.dur.subarray(0, 0));
    /** @type {Float64Array} */
    this.all = job.dur;
  }

  get done() {
    return this.phase === 3;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      if (this.phase < 2) this.distribute();
      else this.sortNext(now, deadline);
      if (now() >= deadline) return;
    }
  }

  distribute() {
    const { job, offsets, next, sorted } = this;
    const stop = Math.min(job.n, this.at + 8 * STRIDE);
    if (this.phase === 0) for (let i = this.at; i < stop; i++) offsets[job.group[i] + 1]++;
    else for (let i = this.at; i < stop; i++) sorted[next[job.group[i]]++] = job.dur[i];
    this.at = stop;
    if (stop < job.n) return;
    this.at = 0;
    if (this.phase++ > 0) return;
    for (let g = 0; g < next.length; g++) offsets[g + 1] += offsets[g];
    next.set(offsets.subarray(0, next.length));
  }

  /** Each group, then all together. @param {() => number} now @param {number} deadline */
  sortNext(now, deadline) {
    const { offsets, sorted, next, sort } = this;
    sort.step(now, deadline);
    if (!sort.done) return;
    if (this.group > 0 && this.group <= next.length) sorted.set(sort.values, offsets[this.group - 1]);
    if (this.group > next.length) {
      this.all = sort.values;
      this.phase = 3;
      return;
    }
    const part = this.group < next.length ? sorted.subarray(offsets[this.group], offsets[this.group + 1]) : sorted.slice();
    this.sort = new SliceSort(part);
    this.group++;
  }

  /** @returns {Statistics} */
  result() {
    const { job, offsets, sorted, all } = this;
    const { totals, wholes } = job;
    const rows = job.groups.labels.map(({ key, label, query }, g) =>
      statRow(key, label, query, totals[g] ?? 0, wholes[g] ?? 0, sorted.subarray(offsets[g], offsets[g + 1])),
    );
    const sum = (/** @type {number[]} */ list) => list.reduce((a, b) => a + b, 0);
    const whole = statRow('', 'all', '', sum(totals), sum(wholes), all);
    rows.sort((a, b) => b.total - a.total);
    return { window: job.window, ask: job.ask, rows, all: whole, done: true, share: 1 };
  }
}

/** @param {string} key @param {string} label @param {string} query @param {number} total @param {number} whole sum of whole durations @param {Float64Array} sorted @returns {StatRow} */
function statRow(key, label, query, total, whole, sorted) {
  return {
    key,
    label,
    query,
    count: sorted.length,
    total,
    mean: sorted.length > 0 ? whole / sorted.length : 0,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    min: sorted[0] ?? 0,
    max: sorted[sorted.length - 1] ?? 0,
    sorted,
  };
}

/** Edges of the histogram in ns: 0, then 1, 2, 5 of every power of ten. */
export const HISTOGRAM_EDGES = [0, ...Array.from({ length: 13 }, (_, p) => [1, 2, 5].map((v) => v * 10 ** p)).flat()];

/**
 * Counts between the edges, without empty ends.
 * @param {Float64Array} sorted ticks @param {number} nsPerTick @returns {{from: number, to: number, count: number}[]} ns
 */
export function histogram(sorted, nsPerTick) {
  const bars = [];
  let lo = 0;
  for (let e = 0; e < HISTOGRAM_EDGES.length; e++) {
    const to = HISTOGRAM_EDGES[e + 1] ?? Infinity;
    const hi = to === Infinity ? sorted.length : lowerBound(lo, sorted.length, (i) => sorted[i] * nsPerTick, to);
    bars.push({ from: HISTOGRAM_EDGES[e], to, count: hi - lo });
    lo = hi;
  }
  while (bars.length > 0 && bars[bars.length - 1].count === 0) bars.pop();
  while (bars.length > 0 && bars[0].count === 0) bars.shift();
  return bars;
}

/** Rows of two statistics, joined by key. @param {Statistics} a @param {Statistics} b */
export function differences(a, b) {
  const keys = new Map([...a.rows, ...b.rows].map((r) => [r.label, r]));
  const find = (/** @type {Statistics} */ s, /** @type {string} */ label) => s.rows.find((r) => r.label === label) ?? null;
  return [...keys.keys()]
    .map((label) => {
      const x = find(a, label);
      const y = find(b, label);
      return {
        label,
        a: x,
        b: y,
        count: (y?.count ?? 0) - (x?.count ?? 0),
        total: (y?.total ?? 0) - (x?.total ?? 0),
        mean: (y?.mean ?? 0) - (x?.mean ?? 0),
        p99: (y?.p99 ?? 0) - (x?.p99 ?? 0),
      };
    })
    .sort((p, q) => Math.abs(q.total) - Math.abs(p.total));
}
