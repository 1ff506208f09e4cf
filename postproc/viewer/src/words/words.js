// SPDX-License-Identifier: BSD-3-Clause
// Everything about one record, in words. Pure; the panel and the tooltip show the result as text.

import { argOf, rpcKey, tidOf } from '../format/columns.js';
import { EV, eventWords, ipcParts, ipcWords, llcWords, returnWords } from '../format/events.js';
import { clockWords, durationWords, exactNs, parseBase, toNs } from '../trace/time.js';
import { threadWords, kindOf, timesOf, cpuOfSpan } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../state/store.js').Selection} Selection */
/** @typedef {{label: string, text: string, link?: Selection, query?: string, note?: boolean}} Line query: a list of records that a search finds */

/** One line for the tooltip: name, arguments, duration. @param {Model} model @param {Selection} s */
export function shortWords(model, s) {
  const { name, event } = kindOf(model, s);
  const { dur } = timesOf(model, s);
  const cols = model[s.cols];
  const isCall = s.cols === 'exec' && event >= 0x800 && event <= 0xfff && event !== EV.SCHED && event !== EV.SCHED_SYSCALL;
  const call = isCall ? `(${argOf(cols, s.record)}) = ${returnWords(cols.ret[s.record])}` : '';
  return `${name}${call}${cols.dur[s.record] > 0 ? `  ${durationWords(dur)}` : ''}`;
}

/** What is said of any record; of one beside the spans its kind says more (draw/over/kinds.js). @param {Model} model @param {Selection} s @returns {Line[]} */
export function detailLines(model, s) {
  const cols = model[s.cols];
  const { record } = s;
  const { event, name } = kindOf(model, s);
  const dur = cols.dur[record];
  const base = parseBase(model.meta.tracebase);
  const times = timesOf(model, s);
  const cpu = s.cols === 'exec' ? cpuOfSpan(model, record) : /** @type {Int32Array} */ (cols.cpu)[record];
  const tid = tidOf(cols, record);
  /** @type {Line[]} */
  const lines = [
    { label: 'Name', text: name },
    { label: 'What', text: eventWords(event, name, argOf(cols, record), dur) },
    { label: 'Event number', text: `${event} (${event < 0 ? '-' : ''}0x${Math.abs(event).toString(16)})` },
  ];
  if (cols.flags[record] & 1) {
    lines.push({ label: 'Inferred', text: 'this record, or one of its ends, was repaired or guessed, not recorded', note: true });
  }
  lines.push({ label: 'CPU', text: cpu < 0 ? 'none' : String(cpu) });
  lines.push({ label: 'Thread', text: threadWords(model, tid) });
  const rpc = rpcKey(cols, record);
  if (rpc > 0) lines.push({ label: 'RPC', text: rpcWords(model, rpc) });
  lines.push({ label: base === null ? 'Start (h:mm:ss)' : 'Start', text: clockWords(base, times.start, 9) });
  lines.push({ label: 'After trace start', text: exactNs(times.start - toNs(model, model.t0)) });
  if (s.cols === 'exec' || dur > 0) lines.push({ label: 'Duration', text: `${durationWords(times.dur)} (${exactNs(times.dur)})` });
  else lines.push({ label: 'Duration', text: 'an instant' });
  if (s.cols === 'exec') lines.push(...execLines(model, record, event));
  return lines;
}

/** @param {Model} model @param {number} rpc */
function rpcWords(model, rpc) {
  const p = model.position.rpc.get(rpc);
  return p === undefined ? String(rpc) : `${model.rows.rpc[p].label} (${rpc})`;
}

/** @param {Model} model @param {number} record @param {number} event @returns {Line[]} */
function execLines(model, record, event) {
  const { exec } = model;
  /** @type {Line[]} */
  const lines = [];
  const isCall = event >= 0x400 && event < 0x1000 && event !== EV.SCHED && event !== EV.SCHED_SYSCALL;
  const arg = argOf(exec, record);
  if (isCall) lines.push({ label: 'Argument', text: event >= 0x800 && arg >= 10 ? `${arg} (0x${(arg >>> 0).toString(16)})` : String(arg) });
  if (isCall && event >= 0x800)
    lines.push({ label: 'Return', text: `${returnWords(exec.ret[record])} (0 also for a piece that does not end the call)` });
  if (event !== EV.IDLE) lines.push(...ipcLines(exec.ipc[record], model.flags));
  return lines;
}

/** @param {number} code @param {number} flags @returns {Line[]} */
function ipcLines(code, flags) {
  const { ipc, llc } = ipcParts(code, flags);
  const lines = [];
  if (ipc !== null) lines.push({ label: 'IPC', text: `${ipcWords(ipc)} instructions per cycle` });
  if (llc !== null) lines.push({ label: 'LLC misses', text: llcWords(llc) });
  return lines;
}

/** The lines as text for the clipboard. @param {Line[]} lines */
export const linesAsText = (lines) => lines.map((l) => `${l.label}: ${l.text}`).join('\n');
