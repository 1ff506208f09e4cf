// SPDX-License-Identifier: BSD-3-Clause
// Statistics of a window: of spans by name, thread, CPU or class, or of waits by reason. Totals are clipped to the window, so those of
// spans add up to its time exactly; counts, means and percentiles are of the whole records that touch it.

import { AUX, CLASS_NAMES, waitLetter, waitWord } from '../format/events.js';
import { firstEndingAfter } from '../trace/aggregate.js';
import { lowerBound } from '../format/bounds.js';
import { tidOf } from '../format/columns.js';
import { isLockWait, lockBook } from '../trace/locks.js';
import { quoted } from './query.js';
import { SliceSort } from '../kit/slice-sort.js';
import { threadWords } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/view.js').Window} Window */
/** @typedef {'name'|'thread'|'cpu'|'class'|'wait'} GroupBy */
/**
 * @typedef {object} StatRow times in ticks
 * @property {string} key @property {string} label @property {string} query term that finds its spans
 * @property {number} count @property {number} total inside the window
 * @property {number} mean @property {number} p50 @property {number} p95 @property {number} p99 @property {number} min @property {number} max
 * @property {Float64Array} sorted durations of the whole spans, shortest first
 */
/** What is counted, one and many. @param {GroupBy} by */
export const nounOf = (by) => (by === 'wait' ? ['wait', 'waits'] : ['span', 'spans']);

/** @typedef {{window: Window, by: GroupBy, filter: string, rows: StatRow[], all: StatRow, done: boolean, share: number}} Statistics */

/** @type {[GroupBy, string][]} */
export const GROUP_BYS = [
  ['name', 'Name'],
  ['thread', 'Thread'],
  ['cpu', 'CPU'],
  ['class', 'Class'],
  ['wait', 'Wait'],
];
const STRIDE = 8192;

/** Value at a share of sorted numbers, by nearest rank. @param {Float64Array} sorted @param {number} share */
export const quantile = (sorted, share) => (sorted.length === 0 ? 0 : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]);

/** Statistics made slice by slice; result() at the end. */
export class StatsJob {
  /** @param {Model} model @param {Window} window @param {GroupBy} by @param {import('./search.js').Search|null} [search] only its matches */
  constructor(model, window, by, search = null) {
    this.model = model;
    this.window = window;
    this.by = by;
    this.search = search;
    this.groups = new Groups(model, by);
    this.waits = by === 'wait';
    this.tryOf = this.waits ? lockBook(model).tryOf : new Map();
    this.ranges = this.waits
      ? [{ row: -1, at: 0, end: model.aux.n }]
      : [...model.rows.cpu.map((row, i) => ({ row: i, ...positions(model, row, window) })), { row: -1, at: model.loose.lo, end: model.loose.hi }];
    this.size = this.ranges.reduce((sum, { at, end }) => sum + end - at, 0);
    this.group = new Uint32Array(this.size);
    this.dur = new Float64Array(this.size);
    this.n = 0;
    this.seen = 0;
    this.range = 0;
    /** @type {number[]} */
    this.totals = [];
    /** Sums of whole durations, by group. @type {number[]} */
    this.wholes = [];
    /** @type {Finish|null} */
    this.finish = null;
    /** @type {Statistics|null} */
    this.made = null;
  }

  get done() {
    return this.made !== null;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (this.range < this.ranges.length) {
      const range = this.ranges[this.range];
      const end = Math.min(range.end, range.at + STRIDE);
      this.scan(range.row, range.at, end);
      this.seen += end - range.at;
      range.at = end;
      if (range.at >= range.end) this.range++;
      if (now() >= deadline) return;
    }
    this.finish ??= new Finish(this);
    this.finish.step(now, deadline);
    if (this.finish.done) this.made = this.finish.result();
  }

  /** @param {number} row @param {number} lo record @param {number} hi */
  scan(row, lo, hi) {
    const {
      model,
      window: { t0, t1 },
      groups,
      totals,
      wholes,
      search,
    } = this;
    const { start, dur } = this.waits ? model.aux : model.exec;
    const matches = this.waits ? search?.aux : search?.exec;
    for (let r = lo; r < hi; r++) {
      if (this.waits && !this.isWait(r)) continue;
      if (matches && !matches(r)) continue;
      const d = dur[r];
      if (row < 0 && (start[r] >= t1 || start[r] + d <= t0)) continue; // spans without a CPU are not tiled: any may touch the window
      const g = groups.of(r, row);
      this.group[this.n] = g;
      this.dur[this.n++] = d;
      totals[g] = (totals[g] ?? 0) + Math.max(0, Math.min(t1, start[r] + d) - Math.max(t0, start[r]));
      wholes[g] = (wholes[g] ?? 0) + d;
    }
  }

  /** A wait; one for a lock is as locks.js has it. @param {number} r record of aux */
  isWait(r) {
    const { category, kinds, aux } = this.model;
    if (category[r] === AUX.LOCK) return isLockWait(this.model, this.tryOf, r);
    if (category[r] !== AUX.WAIT) return false;
    return waitLetter(kinds[aux.kind[r]].event) !== 'l' || isLockWait(this.model, this.tryOf, r);
  }

  get share() {
    return this.size === 0 ? 1 : this.seen / this.size;
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
    return { window: job.window, by: job.by, filter: job.search?.text ?? '', rows, all: whole, done: true, share: 1 };
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

/** Records of a CPU row that touch a window. @param {Model} model @param {import('../trace/model.js').Row} row @param {Window} w */
function positions(model, row, { t0, t1 }) {
  const { start } = model.exec;
  const first = row.n > 0 ? firstEndingAfter(row, model.exec, t0) : 0;
  const last = lowerBound(first, row.n, (i) => start[row.lo + i], t1);
  return { at: row.lo + first, end: row.lo + last };
}

/** Numbers the groups as they appear. */
class Groups {
  /** @param {Model} model @param {GroupBy} by */
  constructor(model, by) {
    this.model = model;
    this.by = by;
    /** @type {{key: string, label: string, query: string}[]} */
    this.labels = [];
    /** @type {Map<string|number, number>} */
    this.known = new Map();
    this.ofKind = new Int32Array(model.kinds.length).fill(-1);
    this.lastTid = -2;
    this.last = 0;
  }

  /** Group of a span. @param {number} r @param {number} row of its CPU, -1 none */
  of(r, row) {
    const { model } = this;
    if (this.by === 'wait') {
      const { event } = model.kinds[model.aux.kind[r]];
      const letter = model.category[r] === AUX.LOCK ? 'l' : waitLetter(event);
      return this.number(letter, () => ({ label: letter === 'z' ? 'unknown' : letter === 'l' ? 'lock' : waitWord(event), query: `wait:${letter}` }));
    }
    if (this.by === 'cpu')
      return this.number(row, () =>
        row < 0 ? { label: 'no CPU', query: '' } : { label: model.rows.cpu[row].label, query: `cpu:${model.rows.cpu[row].key}` },
      );
    if (this.by === 'thread') {
      const tid = tidOf(model.exec, r);
      if (tid !== this.lastTid) {
        this.lastTid = tid;
        this.last = this.number(tid, () => ({ label: threadWords(model, tid), query: `pid:${tid}` }));
      }
      return this.last;
    }
    const kind = model.exec.kind[r];
    if (this.ofKind[kind] < 0) this.ofKind[kind] = this.kindGroup(kind);
    return this.ofKind[kind];
  }

  /** @param {number} kind */
  kindGroup(kind) {
    const { model } = this;
    if (this.by === 'class') {
      const name = CLASS_NAMES[model.cls[kind]];
      return this.number(name, () => ({ label: name, query: `class:${quoted(name)}` }));
    }
    const { name } = model.kinds[kind];
    return this.number(name, () => ({ label: name, query: `name:/^${escapeRegex(name)}$/` }));
  }

  /** @param {string|number} key @param {() => {label: string, query: string}} make */
  number(key, make) {
    let g = this.known.get(key);
    if (g === undefined) {
      this.known.set(key, (g = this.labels.length));
      this.labels.push({ key: String(key), ...make() });
    }
    return g;
  }
}

/** A name as a pattern that holds no blank, so that it stays one term. @param {string} text */
export const escapeRegex = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s/g, '\\s');

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
