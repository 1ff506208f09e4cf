// SPDX-License-Identifier: BSD-3-Clause
// From a parsed query to tests of kinds (once each) and of records.

import { argOf, rpcKey, tidOf } from '../format/columns.js';
import {
  AUX,
  CLASS,
  CLASS_NAMES,
  ERRNO_NAMES,
  errnoOf,
  EV,
  ipcParts,
  ipcValue,
  llcMisses,
  markText,
  signedReturn,
  waitLetter,
  waitLetters,
  waitNames,
} from '../format/events.js';
import { isLockWait, lockBook } from '../trace/locks.js';
import { comparison, nearestKey, numberList, parseDuration, parseNumber, parseQuery, QUERY_KEYS } from './query.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./query.js').Term} Term */
/** @typedef {(record: number) => boolean} RecordTest */
/**
 * @typedef {object} Compiled
 * @property {string} error
 * @property {Uint8Array} execKinds 1: spans of this kind can match
 * @property {Uint8Array} auxKinds
 * @property {RecordTest[]} exec all must hold, besides the kind
 * @property {RecordTest[]} aux
 * @property {((cpu: number) => boolean)|null} cpu test of whole CPU rows
 * @property {boolean} invert
 */

/** @param {Model} model @param {string} text @returns {Compiled} */
export function compileQuery(model, text) {
  const { terms, invert, error } = parseQuery(text);
  /** @type {Compiled} */
  const out = {
    error,
    execKinds: new Uint8Array(model.kinds.length).fill(1),
    auxKinds: new Uint8Array(model.kinds.length).fill(1),
    exec: [],
    aux: [],
    cpu: null,
    invert,
  };
  // Without a positive name or wait, a query finds execution spans only: no frequency samples, arcs and the like.
  const named = terms.some((t) => !t.exclude && (t.type !== 'key' || ['name', 'wait', 'lock', 'mark', 'event', 'rpc'].includes(t.key)));
  model.kinds.forEach(({ event }, k) => {
    if (event === EV.LEFTMARK || event === EV.RIGHTMARK) out.auxKinds[k] = 0;
  });
  if (!named) out.auxKinds.fill(0);
  for (const term of terms) {
    const problem = out.error || applyTerm(model, term, out);
    if (problem) {
      out.error = problem;
      out.execKinds.fill(0);
      out.auxKinds.fill(0);
      return out;
    }
  }
  return out;
}

/** @param {Term} t @returns {(name: string) => boolean} */
function nameTest(t) {
  if (t.regex) {
    const { regex } = t;
    return (name) => regex.test(name);
  }
  const parts = (t.key === 'name' && t.type === 'key' ? t.value.split(/[|,]/) : t.value.split('|'))
    .map((p) => p.toLowerCase())
    .filter((p) => p !== '');
  const wanted = parts.length > 0 ? parts : [t.value.toLowerCase()];
  return (name) => {
    const low = name.toLowerCase();
    return wanted.some((p) => low.includes(p));
  };
}

/** @param {Model} model @param {Term} term @param {Compiled} out @returns {string} problem */
function applyTerm(model, term, out) {
  if (term.type !== 'key' || term.key === 'name') {
    const test = nameTest(term);
    const problem = unknownTerm(model, term, test);
    if (problem) return problem;
    byName(model, term, out, test);
    return '';
  }
  const apply = APPLY[term.key];
  return apply ? apply(model, term, out) : `Unknown key "${term.key}".`;
}

/** What is wrong with a text that looks like a term: no key is called so, and no name of the trace holds the text. @param {Model} model @param {Term} term @param {(name: string) => boolean} test */
function unknownTerm(model, term, test) {
  if (!term.unknown || model.kinds.some((k) => test(k.name))) return '';
  const near = nearestKey(term.unknown);
  const hint = near
    ? `did you mean ${near}, as in ${QUERY_KEYS.find(([k]) => k === near)?.[2] ?? near}?`
    : 'the list of terms is behind the button beside the box.';
  return `There is no term "${term.unknown}", and no name here holds "${term.value}": ${hint}`;
}

/** By name; a mark's number is its name too. @param {Model} model @param {Term} term @param {Compiled} out @param {(name: string) => boolean} test */
function byName(model, term, out, test) {
  const { kinds, aux } = model;
  const named = Uint8Array.from(kinds, (k) => (test(k.name) ? 1 : 0));
  const numbers = Uint8Array.from(kinds, (k, i) => (k.event === EV.MARKD && named[i] === 0 ? 1 : 0));
  byKind(
    model,
    term,
    out,
    (k) => named[k] === 1,
    (k) => numbers[k] === 1,
  );
  if (!numbers.includes(1)) return;
  const value = (/** @type {number} */ r) => markText(EV.MARKD, aux.arg[r], '');
  const holds = term.regex ? (/** @type {number} */ r) => test(value(r)) : (/** @type {number} */ r) => value(r) === term.value;
  out.aux.push((r) => (numbers[aux.kind[r]] === 0 ? true : holds(r) !== term.exclude));
}

/** Kinds for which `open` holds are left to tests of their records. @param {Model} model @param {Term} term @param {Compiled} out @param {(kind: number) => boolean} test @param {(kind: number) => boolean} [open] */
function byKind(model, term, out, test, open = () => false) {
  for (let k = 0; k < model.kinds.length; k++) {
    if (test(k) !== term.exclude) continue;
    if (open(k)) {
      out.execKinds[k] = 0;
      continue;
    }
    out.execKinds[k] = 0;
    out.auxKinds[k] = 0;
  }
}

/** @param {Term} term @param {RecordTest} test @returns {RecordTest} */
const signed = (term, test) => (term.exclude ? (r) => !test(r) : test);

/** Numbers in a list, or one comparison. @param {Term} term @param {(text: string) => number} parse @returns {((v: number) => boolean)|null} */
function numeric(term, parse) {
  if (term.op === '=' && parse === parseNumber) {
    const list = numberList(term.value);
    if (list) return list;
  }
  const limit = parse(term.value);
  return Number.isFinite(limit) ? comparison(term.op, limit) : null;
}

/** @param {Term} term @param {string} wanted */
const bad = (term, wanted) => `${term.key} wants ${wanted}, not "${term.value}".`;

/** @type {Record<string, (model: Model, term: Term, out: Compiled) => string>} */
const APPLY = {
  cpu(model, term, out) {
    const test = numeric(term, parseNumber);
    if (!test) return bad(term, 'a CPU number, as in cpu:2');
    const { cpu } = out;
    out.cpu = (v) => test(v) !== term.exclude && (!cpu || cpu(v));
    const column = /** @type {Int32Array} */ (model.aux.cpu);
    out.aux.push(signed(term, (r) => test(column[r])));
    return '';
  },
  pid(model, term, out) {
    const test = idTest(model, term, 'pid');
    out.exec.push(signed(term, (r) => test(tidOf(model.exec, r))));
    out.aux.push(signed(term, (r) => test(tidOf(model.aux, r))));
    return '';
  },
  rpc(model, term, out) {
    const test = idTest(model, term, 'rpc');
    out.exec.push(signed(term, (r) => rpcKey(model.exec, r) > 0 && test(rpcKey(model.exec, r))));
    out.aux.push(signed(term, (r) => rpcKey(model.aux, r) > 0 && test(rpcKey(model.aux, r))));
    return '';
  },
  dur(model, term, out) {
    const test = numeric(term, parseDuration);
    if (!test && Number.isFinite(parseNumber(term.value))) return `dur wants a unit: dur${term.op}${term.value}us, ms, ns or s.`;
    if (!test) return bad(term, 'a duration, as in dur>10us');
    for (const cols of /** @type {const} */ (['exec', 'aux'])) {
      const { dur } = model[cols];
      out[cols].push(signed(term, (r) => test(dur[r] * model.nsPerTick)));
    }
    return '';
  },
  ret(model, term, out) {
    const errno = errnoOf(term.value);
    const { regex } = term;
    const named = regex && new Set(ERRNO_NAMES.map((name, i) => (regex.test(name) ? -1 - i : 1)).filter((v) => v < 0));
    const test = named ? (/** @type {number} */ v) => named.has(v) : errno > 0 ? comparison(term.op, -errno) : numeric(term, parseNumber);
    if (!test) return bad(term, 'a number or an errno name, as in ret<0 or ret:EAGAIN');
    const { exec, cls } = model;
    out.exec.push((r) => cls[exec.kind[r]] === CLASS.SYSCALL && test(signedReturn(exec.ret[r])) !== term.exclude);
    out.aux.push(() => false);
    return '';
  },
  arg(model, term, out) {
    const test = numeric(term, parseNumber);
    if (!test) return bad(term, 'a number, as in arg=3');
    const { exec, aux, cls } = model;
    const has = (/** @type {number} */ c) => c !== CLASS.USER && c !== CLASS.IDLE;
    out.exec.push((r) => has(cls[exec.kind[r]]) && test(argOf(exec, r)) !== term.exclude);
    out.aux.push(signed(term, (r) => test(argOf(aux, r))));
    return '';
  },
  ipc: (model, term, out) => counterTerm(model, term, out, 'ipc', ipcValue),
  llc: (model, term, out) => counterTerm(model, term, out, 'llc', llcMisses),
  wait(model, term, out) {
    const wanted = term.value.toLowerCase();
    const { regex } = term;
    const any = !regex && ['any', '*'].includes(wanted);
    const letters = new Set(
      regex
        ? waitNames()
            .filter(([, names]) => names.some((n) => regex.test(n)))
            .map(([c]) => c)
        : waitLetters(wanted),
    );
    if (!any && letters.size === 0) return bad(term, 'a reason: cpu, disk, lock, memory, network, pipe, timer, rcu, scheduler, task, unknown or any');
    // Waits for a lock are those of locks.js: tries, and sleeps outside any. So every answer about locks is of the same records.
    const lock = any || letters.has('l');
    const { kinds, aux } = model;
    const { tryOf } = lockBook(model);
    const mode = Uint8Array.from(kinds, ({ event }) => {
      if (event === EV.LOCK_TRY) return lock ? 1 : 0;
      if (event < EV.WAITA || event > EV.WAITZ) return 0;
      const letter = waitLetter(event);
      return letter === 'l' ? (lock ? 2 : 0) : any || letters.has(letter) ? 1 : 0;
    });
    byKind(
      model,
      term,
      out,
      (k) => mode[k] > 0,
      (k) => mode[k] === 2,
    );
    if (lock) out.aux.push((r) => mode[aux.kind[r]] !== 2 || isLockWait(model, tryOf, r) !== term.exclude);
    return '';
  },
  lock(model, term, out) {
    const { aux, category } = model;
    const test = ['any', '*'].includes(term.value.toLowerCase()) && !term.regex ? () => true : lockTest(model, term);
    out.exec.push(() => term.exclude);
    out.aux.push(signed(term, (r) => category[r] === AUX.LOCK && test(aux.arg[r])));
    return '';
  },
  mark(model, term, out) {
    const { aux, category, kinds } = model;
    const number = term.regex ? null : numeric(term, parseNumber);
    const any = !term.regex && ['any', '*'].includes(term.value.toLowerCase());
    const text = nameTest(term);
    const test = (/** @type {number} */ r) => {
      const { event, name } = kinds[aux.kind[r]];
      if (any) return true;
      return event === EV.MARKD && number ? number(aux.arg[r] >>> 0) : text(markText(event, aux.arg[r], name));
    };
    out.exec.push(() => term.exclude);
    out.aux.push(signed(term, (r) => category[r] === AUX.MARK && test(r)));
    return '';
  },
  class(model, term, out) {
    const wanted = term.value.toLowerCase();
    const names = CLASS_NAMES.map((n) => n.replace(' ', ''));
    const kernel = (/** @type {number} */ c) => c !== CLASS.USER && c !== CLASS.IDLE;
    const alias = /** @type {Record<string, string>} */ ({ irq: 'interrupt', sched: 'scheduler', syscall: 'systemcall', other: 'otherkernel' });
    const name = alias[wanted] ?? wanted.replace(' ', '');
    const { regex } = term;
    if (regex) {
      byKind(model, term, out, (k) => regex.test(CLASS_NAMES[model.cls[k]]));
      out.aux.push(() => false);
      return '';
    }
    if (name !== 'kernel' && !names.some((n) => n.startsWith(name))) return bad(term, 'one of kernel, user, idle, syscall, irq, fault, sched');
    byKind(model, term, out, (k) => (name === 'kernel' ? kernel(model.cls[k]) : names[model.cls[k]].startsWith(name)));
    out.aux.push(() => false);
    return '';
  },
  event(model, term, out) {
    const test = numeric(term, parseNumber);
    if (!test) return bad(term, 'an event number, as in event:0x801');
    byKind(model, term, out, (k) => test(model.kinds[k].event));
    return '';
  },
  after: (model, term, out) => timeTerm(model, term, out, '>'),
  before: (model, term, out) => timeTerm(model, term, out, '<'),
};

/** Test of a lock's number, by number or by part of a name. @param {Model} model @param {Term} term */
function lockTest(model, term) {
  const test = term.regex ? null : numeric(term, parseNumber);
  if (test) return test;
  const holds = nameTest(term);
  const keys = new Set(
    lockBook(model)
      .locks.filter((l) => holds(l.name))
      .map((l) => l.key),
  );
  return (/** @type {number} */ v) => keys.has(v) === (term.op !== '!=');
}

/** Test of an id by number or by part of its row's label. @param {Model} model @param {Term} term @param {'pid'|'rpc'} group */
function idTest(model, term, group) {
  const test = term.regex ? null : numeric(term, parseNumber);
  if (test) return test;
  const holds = nameTest(term);
  const ids = new Set(model.rows[group].filter((r) => holds(r.label)).map((r) => r.key));
  return term.op === '!=' ? (/** @type {number} */ v) => !ids.has(v) : (/** @type {number} */ v) => ids.has(v);
}

/** @param {Model} model @param {Term} term @param {Compiled} out @param {'ipc'|'llc'} which @param {(index: number) => number} value @returns {string} */
function counterTerm(model, term, out, which, value) {
  if (ipcParts(0, model.flags)[which] === null) return `This trace holds no ${which.toUpperCase()} data.`;
  const test = numeric(term, parseNumber);
  if (!test) return bad(term, which === 'ipc' ? 'a number, as in ipc<0.5' : 'a number, as in llc>=64');
  const { exec, cls } = model;
  out.exec.push((r) => {
    const index = ipcParts(exec.ipc[r], model.flags)[which];
    return cls[exec.kind[r]] !== CLASS.IDLE && index !== null && test(value(index)) !== term.exclude;
  });
  out.aux.push(() => false);
  return '';
}

/** @param {Model} model @param {Term} term @param {Compiled} out @param {import('./query.js').Operator} op @returns {string} */
function timeTerm(model, term, out, op) {
  const seconds = parseNumber(term.value);
  if (!Number.isFinite(seconds)) return bad(term, 'seconds, as in after:49.42');
  // Seconds to ticks may be off in the last bit: the nearest tick is meant.
  const ticks = (seconds * 1e9) / model.nsPerTick;
  const near = Math.abs(ticks - Math.round(ticks)) < 1e-3 ? Math.round(ticks) : ticks;
  const test = comparison(op, near);
  for (const cols of /** @type {const} */ (['exec', 'aux'])) {
    const { start, dur } = model[cols];
    out[cols].push(signed(term, op === '<' ? (r) => test(start[r]) : (r) => test(start[r] + dur[r])));
  }
  return '';
}
