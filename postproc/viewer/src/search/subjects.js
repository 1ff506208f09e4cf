// SPDX-License-Identifier: BSD-3-Clause
// What can be counted in an area of the picture, a window of time by rows: spans, waits, wakeup latencies, tries and holds of locks, calls of
// RPCs, regions of marks; what each is told apart by; and a walk over those that touch the area, some at a time.

import { lowerBound } from '../format/bounds.js';
import { rpcKey, tidOf } from '../format/columns.js';
import { AUX, CLASS_NAMES, EV, waitLetter, waitWord } from '../format/events.js';
import { firstEndingAfter } from '../trace/aggregate.js';
import { methodOf, outlineCalls } from '../trace/calls.js';
import { isLockWait, lockBook } from '../trace/locks.js';
import { threadWords, wakeupOf } from '../trace/lookups.js';
import { isRegionMark, regionPairs } from '../trace/mark-regions.js';
import { prepareGroup, prepareRow } from '../trace/model.js';
import { escapeRegex, quoted } from './query.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../plan/view.js').Window} Window */
/** @typedef {import('./search.js').Search} Search */
/** @typedef {'span'|'wait'|'wakeup'|'try'|'hold'|'call'|'mark'} Subject */
/** Rows of an area. @typedef {{group: Group, keys: number[]}} AreaRows */
/**
 * A question: of is what is counted, by and and what it is told apart by ('' nothing), matches counts only what a search finds, rows only what lies on them (null: all).
 * @typedef {{of: Subject, by: string, and?: string, matches?: Search|null, rows?: AreaRows|null}} Ask
 */
/** @typedef {{key: string, label: string, query: string}} GroupLabel query: term that finds its records, '' there is none */
/** What is counted, with what no record tells. @typedef {{record: number, start: number, dur: number, row: number, item: any}} Found row: of its CPU, -1 none */

/**
 * one, many: words. by: what they are told apart by, the usual first. cols: columns of the record. query: term of all of them, null: no search finds them.
 * @type {Record<Subject, {title: string, one: string, many: string, by: [string, string][], cols: 'exec'|'aux', query: string|null}>}
 */
export const SUBJECTS = {
  span: {
    title: 'Spans',
    one: 'span',
    many: 'spans',
    by: [
      ['name', 'Name'],
      ['thread', 'Thread'],
      ['cpu', 'CPU'],
      ['class', 'Class'],
    ],
    cols: 'exec',
    query: '',
  },
  wait: {
    title: 'Waits',
    one: 'wait',
    many: 'waits',
    by: [
      ['reason', 'Reason'],
      ['thread', 'Thread'],
    ],
    cols: 'aux',
    query: 'wait:any',
  },
  wakeup: {
    title: 'Wakeup to run',
    one: 'wakeup',
    many: 'wakeups',
    by: [
      ['thread', 'Thread'],
      ['waker', 'Woken by'],
      ['wakercpu', 'Waker’s CPU'],
    ],
    cols: 'aux',
    query: null,
  },
  try: {
    title: 'Tries of locks',
    one: 'try',
    many: 'tries',
    by: [
      ['lock', 'Lock'],
      ['thread', 'Thread'],
    ],
    cols: 'aux',
    query: null,
  },
  hold: {
    title: 'Holds of locks',
    one: 'hold',
    many: 'holds',
    by: [
      ['lock', 'Lock'],
      ['thread', 'Thread'],
    ],
    cols: 'aux',
    query: null,
  },
  call: {
    title: 'RPC calls',
    one: 'call',
    many: 'calls',
    by: [
      ['method', 'Method'],
      ['thread', 'Caller'],
      ['server', 'Server'],
    ],
    cols: 'aux',
    query: null,
  },
  mark: {
    title: 'Parts between marks',
    one: 'part',
    many: 'parts',
    by: [
      ['region', 'Mark'],
      ['thread', 'Thread'],
    ],
    cols: 'aux',
    query: null,
  },
};

/** @param {string} of @returns {of is Subject} */
export const isSubject = (of) => Object.hasOwn(SUBJECTS, of);

/** @param {Model} model @param {number} tid @param {string} [terms] that go before, with their blank */
const threadLabel = (model, tid, terms = '') => ({ label: threadWords(model, tid), query: `${terms}pid:${tid}` });

/** A thread of a record. @param {Model} model @param {(f: Found) => number} tidOfFound @param {string} [terms] */
const byThread = (model, tidOfFound, terms) => ({
  keyOf: tidOfFound,
  label: (/** @type {Found} */ f) => threadLabel(model, tidOfFound(f), terms),
});

/** Of the kind of a span: looked up once for each kind. @param {Model} model @param {(kind: number) => string} key @param {(kind: number) => {label: string, query: string}} label */
const byKind = ({ exec }, key, label) => ({
  keyOf: (/** @type {Found} */ f) => key(exec.kind[f.record]),
  label: (/** @type {Found} */ f) => label(exec.kind[f.record]),
});

/** Numbers the groups that records fall into. @typedef {{keyOf: (f: Found) => string|number, label: (f: Found) => {label: string, query: string}}} Dimension */

/** @type {Record<string, (model: Model, of: Subject) => Dimension>} */
const DIMENSIONS = {
  name: (model) =>
    byKind(
      model,
      (kind) => model.kinds[kind].name,
      (kind) => ({ label: model.kinds[kind].name, query: `name:/^${escapeRegex(model.kinds[kind].name)}$/` }),
    ),
  class: (model) =>
    byKind(
      model,
      (kind) => CLASS_NAMES[model.cls[kind]],
      (kind) => ({ label: CLASS_NAMES[model.cls[kind]], query: `class:${quoted(CLASS_NAMES[model.cls[kind]])}` }),
    ),
  cpu: (model) => ({
    keyOf: (f) => f.row,
    label: ({ row }) => (row < 0 ? { label: 'no CPU', query: '' } : { label: model.rows.cpu[row].label, query: `cpu:${model.rows.cpu[row].key}` }),
  }),
  thread: (model, of) =>
    byThread(
      model,
      of === 'span' ? (f) => tidOf(model.exec, f.record) : of === 'call' || of === 'mark' ? (f) => f.item.tid : (f) => tidOf(model.aux, f.record),
      of === 'wait' ? 'wait:any ' : '',
    ),
  reason: (model) => {
    const eventOf = (/** @type {Found} */ f) => model.kinds[model.aux.kind[f.record]].event;
    const letterOf = (/** @type {Found} */ f) => (model.category[f.record] === AUX.LOCK ? 'l' : waitLetter(eventOf(f)));
    return {
      keyOf: letterOf,
      label: (f) => {
        const letter = letterOf(f);
        return { label: letter === 'z' ? 'unknown' : letter === 'l' ? 'lock' : waitWord(eventOf(f)), query: `wait:${letter}` };
      },
    };
  },
  waker: (model) => byThread(model, (f) => tidOf(model.aux, f.item)),
  wakercpu: (model) => {
    const cpu = /** @type {Int32Array} */ (model.aux.cpu);
    return { keyOf: (f) => cpu[f.item], label: (f) => ({ label: cpu[f.item] < 0 ? 'no CPU' : `CPU ${cpu[f.item]}`, query: '' }) };
  },
  lock: (model) => ({
    keyOf: (f) => model.aux.arg[f.record],
    label: (f) => ({ label: lockBook(model).byKey.get(model.aux.arg[f.record])?.name ?? `lock ${model.aux.arg[f.record]}`, query: '' }),
  }),
  method: () => ({ keyOf: (f) => methodOf(f.item.label), label: (f) => ({ label: methodOf(f.item.label), query: '' }) }),
  server: (model) => ({
    keyOf: (f) => f.item.servers[0]?.tid ?? -1,
    label: (f) => ({ label: f.item.servers.length > 0 ? threadWords(model, f.item.servers[0].tid) : 'not recorded', query: '' }),
  }),
  region: () => ({ keyOf: (f) => f.item.text, label: (f) => ({ label: f.item.text, query: '' }) }),
};

/** Numbers the groups as they appear. */
export class Groups {
  /** @param {Model} model @param {Ask} ask */
  constructor(model, { of, by, and }) {
    /** @type {GroupLabel[]} */
    this.labels = [];
    this.dimensions = [by, and ?? ''].filter(Boolean).map((name) => DIMENSIONS[name](model, of));
    /** @type {Map<string|number, number>} */
    this.known = new Map();
    /** @type {Map<string|number, Map<string|number, number>>} */
    this.pairs = new Map();
  }

  /** Group of a record. @param {Found} f */
  of(f) {
    const [first, second] = this.dimensions;
    const key = first.keyOf(f);
    if (!second) return this.number(this.known, key, f);
    let inner = this.pairs.get(key);
    if (!inner) this.pairs.set(key, (inner = new Map()));
    return this.number(inner, second.keyOf(f), f);
  }

  /** @param {Map<string|number, number>} known @param {string|number} key @param {Found} f */
  number(known, key, f) {
    let g = known.get(key);
    if (g === undefined) {
      known.set(key, (g = this.labels.length));
      const [a, b] = this.dimensions.map((d) => ({ key: String(d.keyOf(f)), ...d.label(f) }));
      this.labels.push(
        b ? { key: JSON.stringify([a.key, b.key]), label: `${a.label}, ${b.label}`, query: a.query && b.query ? `${a.query} ${b.query}` : '' } : a,
      );
    }
    return g;
  }
}

/** Records of a row that touch a window, by their place in it. @param {Model} model @param {import('../trace/model.js').Row} row @param {Window} w */
function positions(model, row, { t0, t1 }) {
  const { start } = model.exec;
  const at = (/** @type {number} */ i) => (row.index ? row.index[i] : row.lo + i);
  const first = row.n > 0 ? firstEndingAfter(row, model.exec, t0) : 0;
  return { at: first, end: lowerBound(first, row.n, (i) => start[at(i)], t1) };
}

/** Row of the CPU that a span ran on. @param {Model} model @returns {(record: number) => number} */
function cpuRows({ rows }) {
  const order = rows.cpu.map((row, i) => ({ i, lo: row.lo, hi: row.lo + row.n })).filter((r) => r.hi > r.lo);
  order.sort((a, b) => a.lo - b.lo);
  let last = order[0];
  return (record) => {
    if (last && record >= last.lo && record < last.hi) return last.i;
    const k = lowerBound(0, order.length, (i) => order[i].hi, record + 1);
    if (!order[k] || record < order[k].lo) return -1;
    last = order[k];
    return last.i;
  };
}

/** Records looked at between two looks at the clock. */
const STRIDE = 8192;
/** Rows of RPCs, each with all its calls. */
const RPC_STRIDE = 64;

/** What of one subject touches an area, some at a time: `found` is called for each. */
export class Walk {
  /** @param {Model} model @param {Window} window @param {Ask} ask @param {(f: Found) => void} found */
  constructor(model, window, ask, found) {
    this.model = model;
    this.window = window;
    this.ask = ask;
    this.found = found;
    this.match = ask.matches?.[SUBJECTS[ask.of].cols] ?? null;
    /** @type {{row: number, index: Uint32Array|null, whole: boolean, at: number, end: number}[]} whole: all of them touch the window */
    this.ranges = this.rangesOf(ask);
    /** Most that there can be. */
    this.size = this.ranges.reduce((sum, { at, end }) => sum + end - at, 0);
    if (ask.of === 'call') this.size = model.aux.n;
    this.length = Math.max(1, this.size);
    this.seen = 0;
    this.range = 0;
    this.keys = ask.rows && ask.rows.group !== 'cpu' ? new Set(ask.rows.keys) : null;
    this.look = this.looks();
    /** One for all: what is kept of it is copied. @type {Found} */
    this.f = { record: 0, start: 0, dur: 0, row: -1, item: null };
  }

  get done() {
    return this.range >= this.ranges.length;
  }

  get share() {
    return this.done ? 1 : this.seen / this.length;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    const stride = this.ask.of === 'call' ? RPC_STRIDE : STRIDE;
    while (!this.done) {
      const range = this.ranges[this.range];
      const end = Math.min(range.end, range.at + stride);
      for (let i = range.at; i < end; i++) this.look(range.index ? range.index[i] : i, range);
      this.seen += end - range.at;
      range.at = end;
      if (range.at >= range.end) this.range++;
      if (now() >= deadline) return;
    }
  }

  /** @param {Ask} ask */
  rangesOf({ of, rows }) {
    const { model, window } = this;
    const plain = (/** @type {number} */ end) => [{ row: -1, index: null, whole: false, at: 0, end }];
    if (of === 'call') return plain(model.rows.rpc.length);
    if (of !== 'span') return plain(lowerBound(0, model.aux.n, (i) => model.aux.start[i], window.t1));
    if (!rows || rows.group === 'cpu') {
      const wanted = rows ? new Set(rows.keys) : null;
      const cpus = model.rows.cpu.flatMap((row, i) => {
        if (wanted && !wanted.has(row.key)) return [];
        const { at, end } = positions(model, row, window);
        return [{ row: i, index: null, whole: true, at: row.lo + at, end: row.lo + end }];
      });
      // Spans without a CPU are not tiled: any may touch the window.
      return wanted ? cpus : [...cpus, { row: -1, index: null, whole: false, at: model.loose.lo, end: model.loose.hi }];
    }
    prepareGroup(model, rows.group);
    return rows.keys.flatMap((key) => {
      const row = model.rows[rows.group][model.position[rows.group].get(key) ?? -1];
      if (!row) return [];
      prepareRow(model, row);
      return row.index ? [{ row: -1, index: row.index, whole: false, ...positions(model, row, window) }] : [];
    });
  }

  /** True where a record of a thread lies on the rows of the area. @param {number} r record of aux @param {number} tid */
  onRows(r, tid) {
    return !this.keys || this.keys.has(this.ask.rows?.group === 'rpc' ? rpcKey(this.model.aux, r) : tid);
  }

  /** @param {number} record @param {number} start @param {number} dur @param {number} row @param {any} item */
  tell(record, start, dur, row, item) {
    if (this.match && !this.match(record)) return;
    const { f } = this;
    f.record = record;
    f.start = start;
    f.dur = dur;
    f.row = row;
    f.item = item;
    this.found(f);
  }

  /** What is done with each record of a range. @returns {(i: number, range: {row: number, whole: boolean}) => void} */
  looks() {
    const { model, window, ask } = this;
    const { aux, exec, kinds, category } = model;
    const { t0, t1 } = window;
    const touches = (/** @type {number} */ start, /** @type {number} */ dur) => start < t1 && start + dur > t0;
    if (ask.of === 'span') {
      const cpuOf = cpuRows(model);
      return (r, { row, whole }) => {
        if (whole || touches(exec.start[r], exec.dur[r])) this.tell(r, exec.start[r], exec.dur[r], row < 0 ? cpuOf(r) : row, null);
      };
    }
    if (ask.of === 'call')
      return (i) => {
        const row = model.rows.rpc[i];
        for (const call of outlineCalls(model, row)) {
          const dur = call.t1 - call.t0;
          if (!touches(call.t0, dur) || (this.keys && !this.keys.has(ask.rows?.group === 'rpc' ? row.key : call.tid))) continue;
          this.tell(call.request, call.t0, dur, -1, call);
        }
      };
    if (ask.of === 'mark') {
      const pairs = regionPairs(model);
      const marks = Uint8Array.from(kinds, (k) => (isRegionMark(k.event) ? 1 : 0));
      return (r) => {
        const region = marks[aux.kind[r]] === 1 ? pairs.add(r) : null;
        if (region && touches(region.t0, region.t1 - region.t0) && this.onRows(r, region.tid))
          this.tell(region.record, region.t0, region.t1 - region.t0, -1, region);
      };
    }
    const { tryOf } = lockBook(model);
    const isTry = (/** @type {number} */ r) => kinds[aux.kind[r]].event === EV.LOCK_TRY;
    /** @type {Record<string, (r: number) => boolean>} */
    const wanted = {
      // A wait for a lock is as locks.js has it.
      wait: (r) =>
        category[r] === AUX.LOCK
          ? isLockWait(model, tryOf, r)
          : category[r] === AUX.WAIT && (waitLetter(kinds[aux.kind[r]].event) !== 'l' || isLockWait(model, tryOf, r)),
      wakeup: (r) => category[r] === AUX.WAIT && waitLetter(kinds[aux.kind[r]].event) === 'c',
      try: (r) => category[r] === AUX.LOCK && isTry(r),
      hold: (r) => category[r] === AUX.LOCK && !isTry(r),
    };
    const is = wanted[ask.of];
    return (r) => {
      if (!is(r) || !touches(aux.start[r], aux.dur[r]) || !this.onRows(r, tidOf(aux, r))) return;
      const wakeup = ask.of === 'wakeup' ? wakeupOf(model, r) : null;
      if (ask.of !== 'wakeup' || wakeup !== null) this.tell(r, aux.start[r], aux.dur[r], -1, wakeup);
    };
  }
}

/** Records of one group between two lengths, some at a time; none beyond `most`, but `count` has all. */
export class ListJob {
  /** @param {Model} model @param {Window} window @param {Ask} ask @param {{key: string, from: number, to: number}} wanted key of the group, '' any; ns @param {number} [most] */
  constructor(model, window, ask, { key, from, to }, most = Infinity) {
    const groups = new Groups(model, ask);
    /** @type {{record: number, start: number, dur: number, tid: number}[]} */
    this.list = [];
    this.count = 0;
    this.walk = new Walk(model, window, ask, (f) => {
      const ns = f.dur * model.nsPerTick;
      if (ns < from || ns >= to || (key !== '' && groups.labels[groups.of(f)].key !== key)) return;
      this.count++;
      if (this.list.length >= most) return;
      const tid = f.item?.tid ?? tidOf(model[SUBJECTS[ask.of].cols], f.record);
      this.list.push({ record: f.record, start: f.start, dur: f.dur, tid });
    });
  }

  get done() {
    return this.walk.done;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    this.walk.step(now, deadline);
  }
}
