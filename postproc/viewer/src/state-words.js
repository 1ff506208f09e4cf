// SPDX-License-Identifier: BSD-3-Clause
// Thread states and RPC calls in words.

import { AUX, EV, waitReason, waitWord } from './events.js';
import { firstEndingAfter } from './aggregate.js';
import { forEachOverlap } from './bounds.js';
import { durationWords, toNs } from './time.js';
import { threadWords, wakeupOf } from './words.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./thread-states.js').States} States */
/** @typedef {import('./thread-states.js').Call} Call */

/** Parts of the time, in order of a bar: name for the colour, words. @param {States} s @returns {{name: string, label: string, time: number}[]} */
export function stateParts(s) {
  const parts = [
    { name: 'running', label: 'running', time: s.running },
    { name: 'ready', label: 'ready, no CPU', time: s.ready },
  ];
  for (const [letter, time] of Object.entries(s.blocked).sort((a, b) => b[1] - a[1])) {
    parts.push({ name: `wait-${letter}`, label: `blocked: ${waitWord(EV.WAIT_FIRST + letter.charCodeAt(0) - 97)}`, time });
  }
  parts.push({ name: 'unknown', label: 'unknown', time: s.unknown });
  return parts.filter((p) => p.time > 0);
}

/** What a call waited for, sentence by sentence. @param {Model} model @param {Call} c @returns {{text: string, link?: import('./store.js').Selection}[]} */
export function callWords(model, c) {
  const words = (/** @type {number} */ t) => durationWords(toNs(model, t));
  const lines = [{ text: `${c.label}: ${words(c.t1 - c.t0)} from request to response, called by ${threadWords(model, c.tid)}.` }];
  if (c.servers.length === 0) lines.push({ text: 'No server side of it is in this trace.' });
  for (const s of c.servers) {
    lines.push({
      text: `The server ${threadWords(model, s.tid)} worked on it for ${words(s.t1 - s.t0)}, from ${words(s.t0 - c.t0)} after the request to ${words(c.t1 - s.t1)} before the response${s.states ? `: ${partWords(model, s.states)}` : ''}.`,
    });
    lines.push(...ranWords(model, s.tid, s, 'The server'));
    if (s.states) lines.push(...longestWaits(model, s.tid, s, 'The server'));
  }
  if (c.client) lines.push({ text: `The caller meanwhile: ${partWords(model, c.client)}.` });
  lines.push(...ranWords(model, c.tid, c, 'The caller'), ...longestWaits(model, c.tid, c, 'The caller'));
  return lines;
}

/** @param {Model} model @param {States} s */
const partWords = (model, s) =>
  stateParts(s)
    .map((p) => `${p.label} ${durationWords(toNs(model, p.time))}`)
    .join(', ');

/** What a thread ran in a window, most first. @param {Model} model @param {number} tid @param {{t0: number, t1: number}} w @param {string} who */
function ranWords(model, tid, { t0, t1 }, who) {
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
  const top = [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .filter(([, time]) => time > 0);
  return top.length === 0
    ? []
    : [{ text: `${who} ran mostly ${top.map(([name, time]) => `${name} ${durationWords(toNs(model, time))}`).join(', ')}.` }];
}

/** The three longest waits of a thread in a window, each with who ended it. @param {Model} model @param {number} tid @param {{t0: number, t1: number}} w @param {string} who */
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
  return found
    .sort((a, b) => b.time - a.time)
    .slice(0, 3)
    .map(({ record, time }) => {
      const r = wakeupOf(model, record);
      const by = r === null ? '' : `, woken by ${threadWords(model, aux.pid[r] >>> 0)} on CPU ${/** @type {Int32Array} */ (aux.cpu)[r]}`;
      return {
        text: `${who} waited ${durationWords(toNs(model, time))} for ${waitReason(model.kinds[aux.kind[record]].event)}${by}.`,
        link: { cols: /** @type {'aux'} */ ('aux'), record },
      };
    });
}
