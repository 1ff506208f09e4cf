// SPDX-License-Identifier: BSD-3-Clause
// Reads the span JSON (records of ten fields) into columns, as its text comes. Times become ticks of 10 ns.

import { groupBy } from './bounds.js';
import { makeColumns, permute, put, resized, setArg, setRpc } from './columns.js';
import { EV, isPointEvent } from './events.js';
import { EventsSplitter } from './events-splitter.js';
import { IntList } from '../kit/lists.js';
import { PayloadError } from './payload.js';
import { FINDINGS, SIZES } from './tables.js';
import { visibleName, visibleTexts } from '../kit/visible.js';

/** @typedef {import('./payload.js').RawTrace} RawTrace */
/** @typedef {[number, number, number, number, number, number, number, number, number, string]} SpanRecord */

export const JSON_NS_PER_TICK = 10;
const TICKS_PER_SECOND = 1e9 / JSON_NS_PER_TICK;

/** @param {SpanRecord} r */
const isExec = (r) => r[2] >= 0 && r[5] >= EV.TRAP;

/** Written with 10 ns. The point of this number has a CPU, the span of it has none. @param {SpanRecord} r */
const isPoint = (r) => (r[5] === EV.ENQUEUE ? r[2] >= 0 : isPointEvent(r[5]));

/** Times beyond 50 years are none. */
const MOST_SECONDS = 1.6e9;

/** A start or a duration. @param {unknown} v */
const isTime = (v) => typeof v === 'number' && Math.abs(v) < MOST_SECONDS;
/** A field of 32 bits, with a sign or without. @param {unknown} v */
const isField = (v) => typeof v === 'number' && v >= -(2 ** 31) && v < 2 ** 32;

/** The programs take and refuse the same (tests/data/span_json.vectors.json). @param {any} r @returns {r is SpanRecord} */
const isRecord = (r) =>
  Array.isArray(r) && r.length === 10 && isTime(r[0]) && isTime(r[1]) && r[1] >= 0 && r.slice(2, 9).every(isField) && typeof r[9] === 'string';

/** Ends the events. @param {SpanRecord} r */
const isTerminator = (r) => Math.round(r[0] * TICKS_PER_SECOND) === 999 * TICKS_PER_SECOND && r[5] === 0 && r[9] === '';

/** Start and duration in ticks. @param {SpanRecord} r */
function ticksOf(r) {
  const start = Math.round(r[0] * TICKS_PER_SECOND);
  const dur = Math.round(r[1] * TICKS_PER_SECOND);
  return { start, dur: dur === 1 && isPoint(r) ? 0 : dur };
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
    /** Records that are none, records beyond what a browser holds, names that are cut, and names that are no text of JSON. */
    this.malformed = 0;
    this.beyond = 0;
    this.longNames = 0;
    this.badNames = 0;
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
      list = elements.map(([from, to]) => this.parsed(text.slice(from, to)));
    }
    for (const r of list) this.put(r);
  }

  /** @param {string} text @returns {unknown} */
  parsed(text) {
    if (!LOOKS_LIKE_RECORD.test(text)) return undefined; // to try and fail takes far longer
    try {
      return JSON.parse(text);
    } catch {
      const parts = NAMED_RECORD.exec(text);
      const fields = parts && fieldsOf(parts[1]);
      if (!fields) return undefined;
      this.badNames++;
      return [...fields, printable(parts[2])];
    }
  }

  /** @param {unknown} r */
  put(r) {
    if (!isRecord(r)) {
      this.malformed++;
      return;
    }
    for (let k = 2; k < 9; k++) r[k] = /** @type {any} */ (r)[k] | 0; // 32 bits, whole
    if (isTerminator(r)) {
      if (this.ended) this.malformed++;
      this.ended = true;
    } else if (this.count >= SIZES.browser_records || (isExec(r) && !this.slots.has(r[2]) && this.slots.size >= SIZES.browser_cpus)) this.beyond++;
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
    if (r[9].length > SIZES.name) {
      this.longNames++;
      r[9] = r[9].slice(0, SIZES.name);
    }
    const key = `${r[5]} ${r[9]}`;
    let k = this.kindIndex.get(key);
    if (k === undefined) {
      this.kindIndex.set(key, (k = this.kinds.length));
      this.kinds.push({ event: r[5], name: visibleName(r[9]) });
    }
    return k;
  }

  /** No more comes. @returns {RawTrace} */
  end() {
    const { document, cut } = this.whole();
    const { events: _, extra, savedview, findings, ...header } = visibleTexts(document);
    const meta = { ...header, nsPerTick: JSON_NS_PER_TICK };
    if (extra !== undefined) meta.extra = extra;
    if (savedview !== undefined) meta.savedview = savedview;
    if (meta.presorted) meta.cpuOrder = [...this.slots.keys()];
    const malformed = this.malformed + this.splitter.damaged;
    const diagnostics = [
      ...told(findings),
      ...(malformed > 0 ? [damage('viewer.records', malformed, 'records of the JSON file are malformed and are not shown.')] : []),
      ...(this.beyond > 0 ? [damage('viewer.limit', this.beyond, 'records are more than a browser can hold and are not shown.')] : []),
      ...(this.longNames > 0 ? [damage('viewer.names', this.longNames, 'names are too long and are cut.')] : []),
      ...(this.splitter.badLines > 0 ? [damage('viewer.lines', this.splitter.badLines, 'lines of the JSON file cannot be read.')] : []),
      ...(this.badNames > 0
        ? [{ ...damage('viewer.characters', this.badNames, 'names hold what is no text of JSON; it is replaced.'), severity: 'repair' }]
        : []),
      ...(cut || !this.ended
        ? [damage('viewer.cut', 1, 'The JSON file is damaged behind its records, or ends before its end: records may be missing.')]
        : []),
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
/** Its fields before the name, and its name. */
const NAMED_RECORD = /^\[((?:[^,"[\]]*,){8}[^,"[\]]*),[ \t\r\n]*"((?:[^"\\\n]|\\[^\n])*)"[ \t\r\n]*\][ \t\r\n]*$/;

/** @param {string} text @returns {unknown[]|null} */
function fieldsOf(text) {
  try {
    return JSON.parse(`[${text}]`);
  } catch {
    return null;
  }
}

const utf8 = new TextEncoder();
/** What is not printable ASCII, and what begins an escape, becomes an underscore for each byte. @param {string} name */
const printable = (name) => name.replace(/[^ -~]|\\/gu, (c) => '_'.repeat(utf8.encode(c).length));

/** @param {string} id @param {number} count @param {string} text */
const damage = (id, count, text) => ({ id, severity: 'damage', count, text });

/** @param {string} id of FINDINGS @param {number} count */
export const finding = (id, count) => ({ id, count, ...FINDINGS[id] });

/** What the programs found before they wrote the file. @param {unknown} findings @returns {RawTrace['diagnostics']} */
function told(findings) {
  if (typeof findings !== 'object' || findings === null) return [];
  return Object.entries(findings)
    .filter(([id, count]) => Object.hasOwn(FINDINGS, id) && typeof count === 'number' && count >= 1)
    .map(([id, count]) => finding(id, Math.min(Math.floor(count), Number.MAX_SAFE_INTEGER)));
}

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
