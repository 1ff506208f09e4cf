// SPDX-License-Identifier: BSD-3-Clause
// Reads the span JSON (records of ten fields) into columns, as its text comes. Times become ticks of 10 ns.

import { groupBy } from './bounds.js';
import { makeColumns, permute, put, resized, setArg, setRpc } from './columns.js';
import { EV } from './events.js';
import { EventsSplitter } from './events-splitter.js';
import { LONGEST_NAME, MOST_CPUS, MOST_RECORDS } from './limits.js';
import { IntList } from './lists.js';
import { PayloadError } from './payload.js';
import { visibleName, visibleTexts } from './visible.js';

/** @typedef {import('./payload.js').RawTrace} RawTrace */
/** @typedef {[number, number, number, number, number, number, number, number, number, string]} SpanRecord */

export const JSON_NS_PER_TICK = 10;
const TICKS_PER_SECOND = 1e9 / JSON_NS_PER_TICK;

/** @param {SpanRecord} r */
const isExec = (r) => r[2] >= 0 && r[5] >= EV.EXEC_FIRST;

/** @param {any} r @returns {r is SpanRecord} */
const isRecord = (r) => Array.isArray(r) && r.length >= 10 && r.slice(0, 9).every((v) => Number.isFinite(v));

/** Ends the events. @param {SpanRecord} r */
const isTerminator = (r) => r[0] === 999 && r[5] === 0 && r[9] === '';

/**
 * Start and duration in ticks, made from rounded ends so that spans that meet in the text meet here.
 * Points are written with 10 ns.
 * @param {SpanRecord} r
 */
function ticksOf(r) {
  const start = Math.round(r[0] * TICKS_PER_SECOND);
  let dur = Math.max(0, Math.round(r[1] * TICKS_PER_SECOND));
  if (!isExec(r) && dur === 1) dur = 0;
  return { start, dur };
}

/** Columns that grow while records come. @param {boolean} aux */
function growing(aux) {
  let cols = makeColumns(0, 0, aux);
  let room = 0;
  return {
    /** The place of the next record. @param {number} kind */
    next(kind) {
      if (cols.n === room) {
        room = Math.max(1024, room * 2);
        cols = resized(cols, room);
      }
      if (kind > 0xffff && cols.kind instanceof Uint16Array) cols.kind = Uint32Array.from(cols.kind);
      return { cols, at: cols.n++ };
    },
    done: () => resized(cols, cols.n),
  };
}

/** Reads a span JSON that comes in pieces, of any size. */
export class SpanJsonReader {
  constructor() {
    this.splitter = new EventsSplitter((text, elements) => this.take(text, elements));
    this.exec = growing(false);
    this.aux = growing(true);
    /** @type {{event: number, name: string}[]} */
    this.kinds = [];
    /** @type {Map<string, number>} */
    this.kindIndex = new Map();
    /** CPUs in the order met, and the one of each execution span. @type {Map<number, number>} */
    this.slots = new Map();
    this.slotOf = new IntList();
    this.count = 0;
    /** Records that are none, and records beyond what a browser holds. */
    this.malformed = 0;
    this.beyond = 0;
    this.ended = false;
  }

  /** @param {string} piece */
  add(piece) {
    this.splitter.add(piece);
  }

  /** @param {string} text @param {[number, number][]} elements */
  take(text, elements) {
    let list;
    try {
      list = JSON.parse(`[${text.slice(elements[0][0], elements[elements.length - 1][1])}]`);
    } catch {
      list = elements.map(([from, to]) => parsedOr(text.slice(from, to)));
    }
    for (const r of list) this.put(r);
  }

  /** @param {unknown} r */
  put(r) {
    if (!isRecord(r)) this.malformed++;
    else if (isTerminator(r)) {
      if (this.ended) this.malformed++;
      this.ended = true;
    } else if (this.count >= MOST_RECORDS || (isExec(r) && !this.slots.has(r[2]) && this.slots.size >= MOST_CPUS)) this.beyond++;
    else {
      this.count++;
      const kind = this.kindOf(r);
      const exec = isExec(r);
      const { cols, at } = (exec ? this.exec : this.aux).next(kind);
      store(cols, at, r, kind);
      if (exec) this.slotOf.push(this.slot(r[2]));
      else put(cols, 'cpu', at, r[2]);
    }
  }

  /** @param {number} cpu */
  slot(cpu) {
    let slot = this.slots.get(cpu);
    if (slot === undefined) this.slots.set(cpu, (slot = this.slots.size));
    return slot;
  }

  /** @param {SpanRecord} r */
  kindOf(r) {
    const key = `${r[5]} ${r[9]}`;
    let k = this.kindIndex.get(key);
    if (k === undefined) {
      this.kindIndex.set(key, (k = this.kinds.length));
      this.kinds.push({ event: r[5], name: visibleName(String(r[9]).slice(0, LONGEST_NAME)) });
    }
    return k;
  }

  /** No more comes. @returns {RawTrace} */
  end() {
    const { document, cut } = this.whole();
    const { events: _, extra, savedview, ...header } = visibleTexts(document);
    const meta = { ...header, nsPerTick: JSON_NS_PER_TICK };
    if (extra !== undefined) meta.extra = extra;
    if (savedview !== undefined) meta.savedview = savedview;
    if (meta.presorted) meta.cpuOrder = [...this.slots.keys()];
    const malformed = this.malformed + this.splitter.damaged;
    const diagnostics = [
      ...(malformed > 0 ? [damage('viewer.records', malformed, 'records of the JSON file are malformed and are not shown.')] : []),
      ...(this.beyond > 0 ? [damage('viewer.limit', this.beyond, 'records are more than a browser can hold and are not shown.')] : []),
      ...(cut ? [damage('viewer.cut', 1, 'The JSON file is damaged behind its records, or ends before its end: records may be missing.')] : []),
    ];
    return { ...this.columns(), meta, diagnostics };
  }

  whole() {
    let found;
    try {
      found = this.splitter.end();
    } catch (e) {
      throw new PayloadError(`This is not a span JSON file: ${/** @type {Error} */ (e).message}`);
    }
    if (found.document === null || typeof found.document !== 'object' || !Array.isArray(found.document.events)) {
      throw new PayloadError('This JSON has no "events" list, so it is not a span JSON file.');
    }
    return found;
  }

  /** Execution spans CPU after CPU, in the order that they came. @returns {Pick<RawTrace, 'kinds'|'exec'|'cpus'|'aux'>} */
  columns() {
    const { kinds } = this;
    const exec = this.exec.done();
    const slotOf = this.slotOf.view();
    const sorted = [...this.slots].sort((a, b) => a[0] - b[0]);
    const place = new Uint32Array(sorted.length);
    sorted.forEach(([, slot], i) => {
      place[slot] = i;
    });
    const { offsets, items } = groupBy(exec.n, sorted.length, (i) => place[slotOf[i]]);
    permute(exec, 0, items);
    return { kinds, exec, cpus: sorted.map(([cpu], i) => ({ cpu, lo: offsets[i], hi: offsets[i + 1] })), aux: this.aux.done() };
  }
}

const LOOKS_LIKE_RECORD = /^\[(\s*-?[\d.eE+-]+\s*,){9}/;

/** @param {string} text @returns {unknown} */
function parsedOr(text) {
  if (!LOOKS_LIKE_RECORD.test(text)) return undefined; // to try and fail takes far longer
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {string} id @param {number} count @param {string} text */
const damage = (id, count, text) => ({ id, severity: 'damage', count, text });

/** @param {string} text @returns {RawTrace} */
export function parseSpanJson(text) {
  const reader = new SpanJsonReader();
  reader.add(text);
  return reader.end();
}

/** @param {import('./columns.js').Columns} cols @param {number} i @param {SpanRecord} r @param {number} kind */
function store(cols, i, r, kind) {
  const { start, dur } = ticksOf(r);
  cols.start[i] = start;
  put(cols, 'dur', i, dur);
  cols.kind[i] = kind;
  cols.pid[i] = r[3];
  setRpc(cols, i, r[4]);
  setArg(cols, i, r[6]);
  put(cols, 'ret', i, r[7]);
  cols.ipc[i] = r[8];
}
