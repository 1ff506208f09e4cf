// SPDX-License-Identifier: BSD-3-Clause
// What occurs in a trace, for the key below the overview: by the kinds of its records, so it costs nothing that grows with the trace.

import { AUX, auxCategory, CLASS, EV, WAIT_LETTERS, waitLetter, waitNames } from '../format/events.js';

/** @typedef {import('../trace/model.js').Model} Model */
/**
 * @typedef {object} KeyEntry
 * @property {string} glyph of the legend @property {string} word
 * @property {string} [query] finds it: a click greys the rest @property {string} [toggle] shows or hides it: a click does
 */

/** Classes of spans, programs first. @type {[number, KeyEntry][]} */
const CLASSES = [
  [CLASS.USER, { glyph: 'user', word: 'user', query: 'class:user' }],
  [CLASS.SYSCALL, { glyph: 'syscall', word: 'system call', query: 'class:syscall' }],
  [CLASS.IRQ, { glyph: 'irq', word: 'interrupt', query: 'class:irq' }],
  [CLASS.FAULT, { glyph: 'fault', word: 'fault', query: 'class:fault' }],
  [CLASS.SCHED, { glyph: 'sched', word: 'scheduler', query: 'class:sched' }],
  [CLASS.IDLE, { glyph: 'idle', word: 'idle', query: 'class:idle' }],
];

/** What lies over the spans, with the toggle that shows it. @type {[(event: number) => boolean, KeyEntry][]} */
const OVERLAYS = [
  [(e) => e === EV.ARC_WAKEUP, { glyph: 'wakeup', word: 'wakeup', toggle: 'arcs' }],
  [(e) => e === EV.ARC_IPI, { glyph: 'ipi', word: 'interprocessor interrupt', toggle: 'arcs' }],
  [(e) => auxCategory(e, 0) === AUX.MARK, { glyph: 'mark-b', word: 'mark', toggle: 'marks' }],
  [(e) => e === EV.RPCIDREQ, { glyph: 'rpc-req', word: 'RPC request', toggle: 'marks' }],
  [(e) => e === EV.RPCIDRESP, { glyph: 'rpc-resp', word: 'RPC response', toggle: 'marks' }],
  [(e) => e === EV.LOCK_HELD, { glyph: 'lock-held', word: 'lock held', toggle: 'locks' }],
  [(e) => e === EV.LOCK_TRY, { glyph: 'lock-try', word: 'lock tried', toggle: 'locks' }],
  [(e) => e === EV.PC_K, { glyph: 'sample-k', word: 'PC sample', toggle: 'samples' }],
  [(e) => e === EV.TICK, { glyph: 'usage', word: 'what the CPU used', toggle: 'usage' }],
];

/** The glyph of a wait. @param {string} letter */
export const waitGlyphOf = (letter) => ('cdlmnpt'.includes(letter) ? `wait-${letter}` : 'wait-x');

/** Kinds that records have. @param {Model} model @returns {{spans: Set<number>, others: Set<number>}} classes of spans, events of the rest */
function occurring({ kinds, cls, rows, exec }) {
  const spans = new Set(kinds.flatMap((k, i) => (k.event >= EV.TRAP ? [cls[i]] : [])));
  if (exec.n === 0) spans.clear();
  if (rows.cpu.length === 0) spans.delete(CLASS.IDLE);
  return { spans, others: new Set(kinds.filter((k) => k.event < EV.TRAP).map((k) => k.event)) };
}

/** @param {Model} model @returns {KeyEntry[]} */
export function keyEntries(model) {
  const { spans, others } = occurring(model);
  const letters = new Set([...others].filter((e) => e >= EV.WAITA && e <= EV.WAITZ).map(waitLetter));
  const names = new Map(waitNames());
  const waits = WAIT_LETTERS.filter((c) => letters.has(c)).map((c) => ({
    glyph: waitGlyphOf(c),
    word: c === 'c' ? 'ready' : c === 'z' ? 'waits, not recorded for what' : `waits: ${names.get(c)?.[0] ?? c}`,
    query: `wait:${c}`,
  }));
  return [
    ...CLASSES.filter(([c]) => spans.has(c)).map(([, entry]) => entry),
    ...waits,
    ...OVERLAYS.filter(([test]) => [...others].some(test)).map(([, entry]) => entry),
  ];
}
