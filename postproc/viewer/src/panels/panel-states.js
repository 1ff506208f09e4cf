// SPDX-License-Identifier: BSD-3-Clause
// Panel: how each thread spent the window, each RPC call its time, and what locks cost; sorted by what hurt most.

import { choiceOf } from '../state/choices.js';
import { button, element, select } from '../kit/dom.js';
import { WAIT_LETTERS, waitFor, waitWord, EV } from '../format/events.js';
import { makeLocks } from './panel-locks.js';
import { createRunner } from '../kit/runner.js';
import { makeTable } from '../kit/table.js';
import { CallsJob, StatesJob } from '../search/thread-states.js';
import { callWords, stateParts } from '../words/state-words.js';
import { durationWords, toNs } from '../trace/time.js';
import { threadWords } from '../trace/lookups.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../search/thread-states.js').States} States */
/** @typedef {import('../search/thread-states.js').Call} Call */

/** Name of the choice that keeps which call was told, by the record of its request. */
const TOLD = 'states.call';
/** What the panel shows. */
const ASKED = 'states.show';

/** Shows a call, and tells what it waited for. @param {import('./panels.js').PanelContext} context @param {Call} c */
export function goCall({ store, actions }, c) {
  choiceOf(store, ASKED, '').set('calls');
  choiceOf(store, TOLD, '').set(String(c.request));
  actions.goRow('rpc', c.key);
  actions.setRange({ t0: c.t0, t1: c.t1 });
  actions.fit();
  store.set({ selection: { cols: 'aux', record: c.request }, panel: 'states' });
}

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function statesPanel(context) {
  const { store, actions } = context;
  const asked = choiceOf(store, ASKED, '', (v) => ['threads', 'calls', 'locks'].includes(v));
  const told = choiceOf(store, TOLD, '');
  const what = () => asked.get() || ((store.get().model?.rows.rpc.length ?? 0) > 0 ? 'calls' : 'threads');
  return { id: 'states', title: 'States', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const runner = createRunner();
    const model = () => store.get().model;
    const ns = (/** @type {number} */ t) => {
      const m = model();
      return m ? toNs(m, t) : 0;
    };
    const words = (/** @type {number} */ t) => (t > 0 ? durationWords(ns(t)) : '');
    /** @template R @param {string} label @param {string} title @param {(r: R) => number} of @returns {import('../kit/table.js').Column<R>} */
    const time = (label, title, of) => ({ label, title, value: (r) => ns(of(r)), text: (r) => words(of(r)) });
    const threads = makeTable(
      /** @type {import('../kit/table.js').TableOptions<States>} */ ({
        label: 'Thread states',
        file: 'thread-states',
        sort: 2,
        order: choiceOf(store, 'states.order', ''),
        pickTitle: 'Go to its longest wait here, or its row',
        pick: (r) => {
          actions.goRow('pid', r.key);
          if (r.longest >= 0) actions.go({ cols: 'aux', record: r.longest });
        },
        columns: [
          {
            label: 'Thread',
            title: 'Name and id',
            value: (r) => {
              const m = model();
              return m ? threadWords(m, r.key) : r.label;
            },
            up: true,
          },
          { label: 'Time', title: 'Where the time went: running, ready, blocked', value: (r) => ns(r.running), node: (r) => stateBar(r) },
          time('Hurt', 'Time it did not choose to spend: ready and not running, and blocked for the disk, a lock or memory', (r) => r.hurt),
          time('Running', 'Executing on a CPU', (r) => r.running),
          time('User', 'Executing in user mode', (r) => r.user),
          time('Kernel', 'Executing in the kernel', (r) => r.kernel),
          time('Ready', 'Could run and did not', (r) => r.ready),
          {
            label: 'Wakeups',
            title: 'Wakeups followed by a wait for a CPU',
            value: (r) => r.wakeups,
            text: (r) => (r.wakeups > 0 ? r.wakeups.toLocaleString('en') : ''),
          },
          time('Latency p50', 'Wakeup latency: half of them are no longer', (r) => r.latency50),
          time('Latency max', 'Longest wakeup latency', (r) => r.latencyMax),
          ...WAIT_LETTERS.filter((c) => c !== 'c').map((c) =>
            time(
              waitWord(EV.WAITA + c.charCodeAt(0) - 97),
              `Blocked, waiting for ${waitFor(EV.WAITA + c.charCodeAt(0) - 97)}`,
              (/** @type {States} */ r) => r.blocked[c] ?? 0,
            ),
          ),
          {
            label: 'Lock waits',
            title: 'Waits for a lock that touch this time: tries, from the failed attempt to the acquisition, and sleeps without a recorded try',
            value: (r) => r.lockWaits,
            text: (r) => (r.lockWaits > 0 ? r.lockWaits.toLocaleString('en') : ''),
          },
          time('Longest lock wait', 'The longest of them, whole', (r) => r.longestLock),
          time('Unknown', 'No record tells what it did', (r) => r.unknown),
        ],
      }),
    );
    const story = element('div', { class: 'story', 'aria-live': 'polite' });
    const calls = makeTable(
      /** @type {import('../kit/table.js').TableOptions<Call>} */ ({
        label: 'RPC calls',
        file: 'rpc-calls',
        sort: 1,
        order: choiceOf(store, 'states.callorder', ''),
        pickTitle: 'Go to this call, and tell what it waited for',
        picked: (c) => String(c.request) === told.get(),
        pick: (c) => {
          goCall(context, c);
          tell(c);
        },
        columns: [
          { label: 'RPC', title: 'Name and id', value: (c) => c.label, up: true },
          time('Elapsed', 'Request to response, as the caller saw it', (c) => c.t1 - c.t0),
          {
            label: 'Caller',
            title: 'Thread that sent the request',
            value: (c) => {
              const m = model();
              return m ? threadWords(m, c.tid) : '';
            },
          },
          time('Server', 'From the request to the response that a server recorded', (c) => c.t1 - c.t0 - c.outside),
          time('Outside', 'The rest of the elapsed time: no server had it', (c) => c.outside),
          {
            label: 'Caller did',
            title: 'What the calling thread did meanwhile',
            value: (c) => (c.client ? ns(c.client.running) : 0),
            node: (c) => stateBar(c.client),
          },
          {
            label: 'Server did',
            title: 'What the serving thread did meanwhile',
            value: (c) => (c.servers[0]?.states ? ns(c.servers[0].states.running) : 0),
            node: (c) => stateBar(c.servers[0]?.states ?? null),
          },
          time('Caller ready', 'The caller could run and did not', (c) => c.client?.ready ?? 0),
          time('Server ready', 'The server could run and did not', (c) => c.servers.reduce((sum, s) => sum + (s.states?.ready ?? 0), 0)),
        ],
      }),
    );
    /** What a call waited for. @param {Call|undefined} c */
    function tell(c) {
      const m = model();
      story.hidden = !c || what() !== 'calls';
      story.replaceChildren(
        ...(m && c ? callWords(m, c) : []).map((line) => {
          const p = element('p');
          const { link, query } = line;
          if (link) p.append(button(line.text, 'Go there', () => actions.go(link), { class: 'link' }));
          else if (query) p.append(button(line.text, 'List them', () => actions.list(query), { class: 'link' }));
          else p.textContent = line.text;
          return p;
        }),
      );
      calls.redraw();
    }
    const scope = element('p', { class: 'dim' });
    const choice = select(
      'Show',
      'Threads, RPC calls, or locks',
      [
        ['threads', 'threads'],
        ['calls', 'RPC calls'],
        ['locks', 'locks'],
      ],
      what(),
      (v) => asked.set(v),
    );
    const tools = element('div', { class: 'tools' });
    tools.append(choice.box);
    const locks = makeLocks(context);
    body.append(element('h2', {}, 'What hurt most'), scope, tools, story, calls.box, threads.box, locks.box);
    let timer = 0;
    let shown = '';

    function compute() {
      const { model: m, window, range } = store.get();
      if (!m) return;
      const isCalls = what() === 'calls';
      const isLocks = what() === 'locks';
      shown = `${what()} ${told.get()}`;
      choice.select.value = what();
      calls.box.hidden = !isCalls;
      threads.box.hidden = isCalls || isLocks;
      locks.box.hidden = !isLocks;
      if (!isLocks) locks.stop();
      const w = range ?? window;
      const where = `${range ? 'Measured range' : 'Window'} of ${durationWords(toNs(m, w.t1 - w.t0))}. `;
      if (isLocks) {
        runner.cancel();
        story.hidden = true;
        scope.textContent = `${where}Tries and holds that touch it; totals are clipped to it. A try lasts from the failed attempt to the acquisition.`;
        locks.show(w);
        return;
      }
      if (isCalls) {
        runner.run(new CallsJob(m, w), (job) => {
          scope.textContent = `${where}Calls that touch it, whole. Bars: ${LEGEND}.${job.done ? '' : ` ${Math.floor(job.share * 100)} % counted.`}`;
          if (!job.done) return;
          calls.show(job.calls);
          tell(job.calls.find((c) => String(c.request) === told.get()));
        });
        return;
      }
      story.hidden = true;
      runner.run(new StatesJob(m, w), (job) => {
        scope.textContent = `${where}Bars: ${LEGEND}.${job.done ? '' : ` ${Math.floor(job.share * 100)} % counted.`}`;
        if (job.done) threads.show(job.rows.filter((r) => r.running + r.ready + Object.keys(r.blocked).length > 0));
      });
    }

    return {
      /** @param {State} _ @param {Partial<State>} changed */
      update(_, changed) {
        if ('model' in changed || ('choices' in changed && shown !== `${what()} ${told.get()}`)) compute();
        else if ('choices' in changed) ({ calls, threads, locks })[what()]?.redraw();
        else if ('window' in changed || 'range' in changed) {
          clearTimeout(timer);
          timer = setTimeout(() => {
            if (what() !== 'calls') compute();
          }, 150);
        }
      },
    };
  }

  /** Parts of the time as a bar; its tooltip says them in words. @param {States|null} s */
  function stateBar(s) {
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
}

const LEGEND = 'running dark, ready and blocked in the colour of the key, unknown blank';
