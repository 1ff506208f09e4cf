// SPDX-License-Identifier: BSD-3-Clause
// Thread states and RPC calls in words.

import { AUX, EV, waitWord } from '../format/events.js';
import { firstEndingAfter } from '../trace/aggregate.js';
import { forEachOverlap } from '../format/bounds.js';
import { durationWords, secondsOf, toNs } from '../trace/time.js';
import { waitSentence } from './wait-words.js';
import { threadWords } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../search/thread-states.js').States} States */
/** @typedef {import('../search/thread-states.js').Call} Call */

/** Parts of the time, in order of a bar: name for the colour, words. @param {States} s @returns {{name: string, label: string, time: number}[]} */
export function stateParts(s) {
  const parts = [
    { name: 'running', label: 'running', time: s.running },
    { name: 'ready', label: 'ready', time: s.ready },
  ];
  for (const [letter, time] of Object.entries(s.blocked).sort((a, b) => b[1] - a[1])) {
    parts.push({ name: `wait-${letter}`, label: `blocked: ${waitWord(EV.WAITA + letter.charCodeAt(0) - 97)}`, time });
  }
  parts.push({ name: 'unknown', label: 'unknown', time: s.unknown });
  return parts.filter((p) => p.time > 0);
}

/** What a call waited for, sentence by sentence. @param {Model} model @param {Call} c @returns {{text: string, link?: import('../state/store.js').Selection, query?: string}[]} */
export function callWords(model, c) {
  const words = (/** @type {number} */ t) => durationWords(toNs(model, t));
  /** @type {{text: string, link?: import('../state/store.js').Selection, query?: string}[]} */
  const lines = [{ text: `${c.label}: ${words(c.t1 - c.t0)} from request to response, called by ${threadWords(model, c.tid)}.` }];
  if (c.servers.length === 0) lines.push({ text: 'No server side of it is in this trace.' });
  for (const s of c.servers) {
    lines.push({
      text: `The server ${threadWords(model, s.tid)} had it for ${words(s.t1 - s.t0)}, from ${words(s.t0 - c.t0)} after the request to ${words(c.t1 - s.t1)} before the response${s.states ? `: ${partWords(model, s.states)}` : ''}${s.states ? '' : '; the thread has no row'}.`,
    });
    lines.push(...ranWords(model, s.tid, s, 'The server'));
    if (s.states) lines.push(...longestWaits(model, s.tid, s, 'The server'));
  }
  if (c.client) lines.push({ text: `The caller meanwhile: ${partWords(model, c.client)}.` });
  lines.push(...ranWords(model, c.tid, c, 'The caller'), ...longestWaits(model, c.tid, c, 'The caller'));
  return lines;
}

/** How a thread spent a time. @param {Model} model @param {States} s */
export const partWords = (model, s) =>
  stateParts(s)
    .map((p) => `${p.label} ${durationWords(toNs(model, p.time))}`)
    .join(', ');

const MOST_NAMES = 4;
const MOST_WAITS = 3;

/** Names of what a thread ran in a window, with their time, most first. @param {Model} model @param {number} tid @param {{t0: number, t1: number}} w @returns {[string, number][]} */
export function namesRun(model, tid, { t0, t1 }) {
  const row = model.rows.pid[model.position.pid.get(tid) ?? -1];
  if (!row?.index) return [];
  const { exec } = model;
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (let i = firstEndingAfter(row, exec, t0); i < row.n && exec.start[row.index[i]] < t1; i++) {
    const r = row.index[i];
    const { name } = model.kinds[exec.kind[r]];
    sums.set(name, (sums.get(name) ?? 0) + Math.min(t1, exec.start[r] + exec.dur[r]) - Math.max(t0, exec.start[r]));
  }
  return [...sums].filter(([, time]) => time > 0).sort((a, b) => b[1] - a[1]);
}

/** What a thread ran in a window. @param {Model} model @param {number} tid @param {{t0: number, t1: number}} w @param {string} who */
function ranWords(model, tid, w, who) {
  const words = (/** @type {number} */ time) => durationWords(toNs(model, time));
  const list = namesRun(model, tid, w);
  const rest = list.slice(MOST_NAMES);
  const parts = list.slice(0, MOST_NAMES).map(([name, time]) => `${name} ${words(time)}`);
  if (rest.length > 0) parts.push(`${rest.length} more names ${words(rest.reduce((n, [, time]) => n + time, 0))}`);
  return parts.length === 0 ? [] : [{ text: `${who} ran ${parts.join(', ')}.` }];
}

/** The longest waits of a thread in a window, each with who ended it, and how many there are. @param {Model} model @param {number} tid @param {{t0: number, t1: number}} w @param {string} who */
function longestWaits(model, tid, { t0, t1 }, who) {
  const list = model.rows.pid[model.position.pid.get(tid) ?? -1]?.aux[AUX.WAIT];
  /** @type {{record: number, time: number}[]} */
  const found = [];
  const { aux } = model;
  if (list)
    forEachOverlap(list, aux, t0, t1, 0, (record) => {
      const time = Math.min(t1, aux.start[record] + aux.dur[record]) - Math.max(t0, aux.start[record]);
      if (time > 0) found.push({ record, time });
    });
  found.sort((a, b) => b.time - a.time);
  /** @type {{text: string, link?: import('../state/store.js').Selection, query?: string}[]} */
  const lines = found.slice(0, MOST_WAITS).map(({ record, time }) => ({
    text: waitSentence(model, record, who, time),
    link: { cols: /** @type {'aux'} */ ('aux'), record },
  }));
  const rest = found.slice(MOST_WAITS);
  if (rest.length > 0) {
    const time = rest.reduce((n, w) => n + w.time, 0);
    const query = `wait:any pid:${tid} after:${secondsOf(model, t0)} before:${secondsOf(model, t1)}`;
    lines.push({
      text: `${who} waited ${rest.length.toLocaleString('en')} more times, ${durationWords(toNs(model, time))} together: list all.`,
      query,
    });
  }
  return lines;
}
