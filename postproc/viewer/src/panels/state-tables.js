// SPDX-License-Identifier: BSD-3-Clause
// The tables of the States panel: a row a thread, a row an RPC call; and the bar of where the time went.

import { EV, WAIT_LETTERS, waitFor, waitWord } from '../format/events.js';
import { element } from '../kit/dom.js';
import { makeTable } from '../kit/table.js';
import { choiceOf } from '../state/choices.js';
import { threadWords } from '../trace/lookups.js';
import { durationWords, toNs } from '../trace/time.js';
import { stateParts } from '../words/state-words.js';

/** @typedef {import('./panels.js').PanelContext} PanelContext */
/** @typedef {import('../search/thread-states.js').States} States */
/** @typedef {import('../search/thread-states.js').Call} Call */
/** @typedef {import('../state/store.js').Store} Store */

/** Parts of the time as a bar; its tooltip says them in words. @param {Store} store @param {States|null} s */
function stateBar(store, s) {
  const bar = element('span', { class: 'state-bar' });
  const { model } = store.get();
  if (!s || !model) return bar;
  const parts = stateParts(s);
  const total = parts.reduce((sum, p) => sum + p.time, 0);
  bar.title = parts.map((p) => `${p.label} ${durationWords(toNs(model, p.time))}`).join(', ');
  bar.setAttribute('role', 'img');
  bar.setAttribute('aria-label', bar.title);
  for (const p of parts) {
    const piece = element('span', { class: `part ${p.name}` });
    piece.style.width = `${(p.time / total) * 100}%`;
    bar.append(piece);
  }
  return bar;
}

/** What the columns of both tables are made of. @param {Store} store */
function columnsOf(store) {
  const ns = (/** @type {number} */ t) => {
    const { model } = store.get();
    return model ? toNs(model, t) : 0;
  };
  return {
    ns,
    /** @template R @param {string} label @param {string} title @param {(r: R) => number} of @param {number} [rank] @returns {import('../kit/table.js').Column<R>} */
    time: (label, title, of, rank = 0) => ({ label, title, rank, value: (r) => ns(of(r)), text: (r) => (of(r) > 0 ? durationWords(ns(of(r))) : '') }),
    /** @template R @param {string} label @param {string} title @param {(r: R) => number} of @param {number} [rank] @returns {import('../kit/table.js').Column<R>} */
    count: (label, title, of, rank = 0) => ({ label, title, rank, value: of, text: (r) => (of(r) > 0 ? of(r).toLocaleString('en') : '') }),
    /** @param {number} tid @param {string} otherwise */
    thread: (tid, otherwise) => {
      const { model } = store.get();
      return model ? threadWords(model, tid) : otherwise;
    },
  };
}

/** @param {PanelContext} context */
export function threadTable({ store, actions }) {
  const { ns, time, count, thread } = columnsOf(store);
  const reason = (/** @type {string} */ letter) => EV.WAITA + letter.charCodeAt(0) - 97;
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<States>} */ ({
      label: 'Thread states',
      file: 'thread-states',
      sort: 2,
      order: choiceOf(store, 'states.order', ''),
      columnsShown: choiceOf(store, 'states.columns', ''),
      pickTitle: 'Go to its longest wait here, or its row',
      pick: (r) => {
        actions.goRow('pid', r.key);
        if (r.longest >= 0) actions.go({ cols: 'aux', record: r.longest });
      },
      columns: [
        { label: 'Thread', title: 'Name and id', value: (r) => thread(r.key, r.label), up: true },
        { label: 'Time', title: 'Where the time went: running, ready, blocked', value: (r) => ns(r.running), node: (r) => stateBar(store, r) },
        time('Hurt', 'Time it did not choose to spend: ready and not running, and blocked for the disk, a lock or memory', (r) => r.hurt),
        time('Running', 'Executing on a CPU', (r) => r.running, 2),
        time('User', 'Executing in user mode', (r) => r.user, 4),
        time('Kernel', 'Executing in the kernel', (r) => r.kernel, 4),
        time('Ready', 'Could run and did not', (r) => r.ready, 1),
        count('Wakeups', 'Wakeups followed by a wait for a CPU', (r) => r.wakeups, 3),
        time('Latency p50', 'Wakeup latency: half of them are no longer', (r) => r.latency50, 2),
        time('Latency max', 'Longest wakeup latency', (r) => r.latencyMax),
        ...WAIT_LETTERS.filter((c) => c !== 'c').map((c) =>
          time(waitWord(reason(c)), `Blocked, waiting for ${waitFor(reason(c))}`, (/** @type {States} */ r) => r.blocked[c] ?? 0, 5),
        ),
        count(
          'Lock waits',
          'Waits for a lock that touch this time: tries, from the failed attempt to the acquisition, and sleeps without a recorded try',
          (r) => r.lockWaits,
          6,
        ),
        time('Longest lock wait', 'The longest of them, whole', (r) => r.longestLock, 6),
        time('Unknown', 'No record tells what it did', (r) => r.unknown, 7),
      ],
    }),
  );
}

/** @param {Store} store @param {{picked: (c: Call) => boolean, pick: (c: Call) => void}} how */
export function callTable(store, { picked, pick }) {
  const { ns, time, thread } = columnsOf(store);
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<Call>} */ ({
      label: 'RPC calls',
      file: 'rpc-calls',
      sort: 1,
      order: choiceOf(store, 'states.callorder', ''),
      pickTitle: 'Go to this call, and tell what it waited for',
      picked,
      pick,
      columns: [
        { label: 'RPC', title: 'Name and id', value: (c) => c.label, up: true },
        time('Elapsed', 'Request to response, as the caller saw it', (c) => c.t1 - c.t0),
        { label: 'Caller', title: 'Thread that sent the request', rank: 3, value: (c) => thread(c.tid, '') },
        time('Server', 'From the request to the response that a server recorded', (c) => c.t1 - c.t0 - c.outside, 2),
        time('Outside', 'The rest of the elapsed time: no server had it', (c) => c.outside, 4),
        {
          label: 'Caller did',
          title: 'What the calling thread did meanwhile',
          rank: 1,
          value: (c) => (c.client ? ns(c.client.running) : 0),
          node: (c) => stateBar(store, c.client),
        },
        {
          label: 'Server did',
          title: 'What the serving thread did meanwhile',
          rank: 5,
          value: (c) => (c.servers[0]?.states ? ns(c.servers[0].states.running) : 0),
          node: (c) => stateBar(store, c.servers[0]?.states ?? null),
        },
        time('Caller ready', 'The caller could run and did not', (c) => c.client?.ready ?? 0, 6),
        time('Server ready', 'The server could run and did not', (c) => c.servers.reduce((sum, s) => sum + (s.states?.ready ?? 0), 0), 6),
      ],
    }),
  );
}
