// SPDX-License-Identifier: BSD-3-Clause
// A try of a lock, or a hold, in words: who held it meanwhile and for how long, what nobody held, who waited.

import { EV } from '../format/events.js';
import { tidOf } from '../format/columns.js';
import { heldDuring, lockBook, triedDuring } from '../trace/locks.js';
import { quoted } from '../search/query.js';
import { statesOf } from '../search/thread-states.js';
import { threadRow } from '../trace/thread-runs.js';
import { durationWords, secondsOf, toNs } from '../trace/time.js';
import { partWords } from './state-words.js';
import { threadWords } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/locks.js').Share} Share */
/** @typedef {import('./words.js').Line} Line */

/** Lines of single threads; the others stand together in one. */
const MOST_LINES = 12;

/** @param {number} part @param {number} whole */
export const percent = (part, whole) => {
  const share = whole > 0 ? (part / whole) * 100 : 0;
  return share > 0 && share < 0.1 ? '<0.1 %' : `${share.toFixed(1)} %`;
};

/** @param {number} n @param {string} one @param {string} many */
const times = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** Term that finds the tries (or holds) of a lock that touch a window. @param {Model} model @param {import('../trace/locks.js').Lock} lock @param {boolean} tries @param {{t0: number, t1: number}} w */
export const lockQuery = (model, lock, tries, w) =>
  `lock:${quoted(lock.name)} event:0x${(tries ? EV.LOCK_TRY : EV.LOCK_HELD).toString(16)} after:${secondsOf(model, w.t0)} before:${secondsOf(model, w.t1)}`;

/** One line a thread, then the rest together. @param {Model} model @param {string} label @param {Share[]} shares @param {[string, string]} noun one, many @param {string} base @param {number} whole @returns {Line[]} */
function shareLines(model, label, shares, [one, many], base, whole) {
  const words = (/** @type {number} */ t) => durationWords(toNs(model, t));
  /** @type {Line[]} */
  const lines = shares.slice(0, MOST_LINES).map((s) => ({
    label,
    text: `${threadWords(model, s.tid)}: ${words(s.time)} in ${times(s.count, one, many)}, ${percent(s.time, whole)} of ${base}; longest ${words(s.longest)}`,
    link: { cols: /** @type {'aux'} */ ('aux'), record: s.record },
  }));
  const rest = shares.slice(MOST_LINES);
  if (rest.length > 0) {
    const time = rest.reduce((n, s) => n + s.time, 0);
    const count = rest.reduce((n, s) => n + s.count, 0);
    lines.push({ label, text: `${times(rest.length, 'more thread', 'more threads')}: ${words(time)} in ${times(count, one, many)}` });
  }
  return lines;
}

/** @param {Model} model @param {number} record of a lock @returns {Line[]} */
export function lockLines(model, record) {
  return model.kinds[model.aux.kind[record]].event === EV.LOCK_TRY ? tryLines(model, record) : holdLines(model, record);
}

/** @param {Model} model @param {number} record @returns {Line[]} */
function tryLines(model, record) {
  const { aux } = model;
  const found = heldDuring(model, record);
  if (!found) return [];
  const w = { t0: aux.start[record], t1: aux.start[record] + aux.dur[record] };
  const words = (/** @type {number} */ t) => durationWords(toNs(model, t));
  const row = threadRow(model, tidOf(aux, record));
  /** @type {Line[]} */
  const lines = [];
  if (row) lines.push({ label: 'Meanwhile it was', text: partWords(model, statesOf(model, row, w)) });
  lines.push(...shareLines(model, 'Held by', found.holders, ['hold', 'holds'], 'the try', aux.dur[record]));
  lines.push({ label: 'Held by nobody', text: `${words(found.free)}, ${percent(found.free, aux.dur[record])} of the try` });
  const twice = found.holders.reduce((n, h) => n + h.time, 0) + found.free - aux.dur[record];
  if (twice > 0) lines.push({ label: 'Held by several', text: `holds overlap by ${words(twice)}: readers, or records that raced` });
  if (found.lock.unseen > 0)
    lines.push({
      label: 'Not counted',
      text: `${times(found.lock.unseen, 'hold', 'holds')} of this lock without a record of its length, in the whole trace`,
    });
  if (found.count > 0)
    lines.push({ label: 'List', text: `all ${times(found.count, 'hold', 'holds')} meanwhile`, query: lockQuery(model, found.lock, false, w) });
  return lines;
}

/** @param {Model} model @param {number} record @returns {Line[]} */
function holdLines(model, record) {
  const { aux } = model;
  const found = triedDuring(model, record);
  if (!found) return [];
  if (found.count === 0) return [{ label: 'Tried meanwhile by', text: 'nobody' }];
  const w = { t0: aux.start[record], t1: aux.start[record] + aux.dur[record] };
  return [
    ...shareLines(model, 'Tried meanwhile by', found.waiters, ['try', 'tries'], 'the hold', aux.dur[record]),
    { label: 'List', text: `all ${times(found.count, 'try', 'tries')} meanwhile`, query: lockQuery(model, found.lock, true, w) },
  ];
}

/** The try of which a sleep for a lock is a part. @param {Model} model @param {number} record of a wait @returns {Line[]} */
export function sleepLines(model, record) {
  const t = lockBook(model).tryOf.get(record);
  if (t === undefined) return [];
  const lock = lockBook(model).byKey.get(model.aux.arg[t]);
  return [
    {
      label: 'Part of a try',
      text: `of ${lock?.name}, ${durationWords(toNs(model, model.aux.dur[t]))} in all`,
      link: { cols: 'aux', record: t },
    },
  ];
}
