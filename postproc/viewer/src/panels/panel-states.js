// SPDX-License-Identifier: BSD-3-Clause
// Panel: how each thread spent the window, each RPC call its time, and what locks cost; sorted by what hurt most.

import { choiceOf } from '../state/choices.js';
import { button, element, select } from '../kit/dom.js';
import { makeLocks } from './panel-locks.js';
import { callTable, threadTable } from './state-tables.js';
import { createRunner } from '../kit/runner.js';
import { CallsJob, StatesJob } from '../search/thread-states.js';
import { callWords } from '../words/state-words.js';
import { durationWords, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../search/thread-states.js').Call} Call */
/** @typedef {import('./panels.js').PanelContext} PanelContext */

/** Name of the choice that keeps which call was told, by the record of its request. */
const TOLD = 'states.call';
/** What the panel shows. */
const ASKED = 'states.show';
const LEGEND = 'running dark, ready and blocked in the colour of the key, unknown blank';

/** Shows a call, and tells what it waited for. @param {PanelContext} context @param {Call} c */
export function goCall({ store, actions }, c) {
  choiceOf(store, ASKED, '').set('calls');
  choiceOf(store, TOLD, '').set(String(c.request));
  actions.goRow('rpc', c.key);
  actions.setRange({ t0: c.t0, t1: c.t1 });
  actions.fit();
  store.set({ selection: { cols: 'aux', record: c.request }, panel: 'states' });
}

/** @param {PanelContext} context @returns {import('./panels.js').Panel} */
export const statesPanel = (context) => ({ id: 'states', title: 'States', mount: (body) => mountStates(context, body) });

/** The story of a call: each line may lead somewhere. @param {PanelContext} context @param {{text: string, link?: import('../state/store.js').Selection, query?: string}} line */
function storyLine({ actions }, { text, link, query }) {
  const p = element('p');
  if (link) p.append(button(text, 'Go there', () => actions.go(link), { class: 'link' }));
  else if (query) p.append(button(text, 'List them', () => actions.list(query), { class: 'link' }));
  else p.textContent = text;
  return p;
}

/** @param {PanelContext} context @param {HTMLElement} body */
function mountStates(context, body) {
  const { store } = context;
  const asked = choiceOf(store, ASKED, '', (v) => ['threads', 'calls', 'locks'].includes(v));
  const told = choiceOf(store, TOLD, '');
  const what = () => asked.get() || ((store.get().model?.rows.rpc.length ?? 0) > 0 ? 'calls' : 'threads');
  const runner = createRunner();
  const threads = threadTable(context);
  const story = element('div', { class: 'story', 'aria-live': 'polite' });
  const calls = callTable(store, {
    picked: (c) => String(c.request) === told.get(),
    pick: (c) => {
      goCall(context, c);
      tell(c);
    },
  });
  /** What a call waited for. @param {Call|undefined} c */
  function tell(c) {
    const { model } = store.get();
    story.hidden = !c || what() !== 'calls';
    story.replaceChildren(...(model && c ? callWords(model, c) : []).map((line) => storyLine(context, line)));
    calls.redraw();
  }
  const scope = element('p', { class: 'dim' });
  /** @type {[string, string][]} */
  const kinds = [
    ['threads', 'threads'],
    ['calls', 'RPC calls'],
    ['locks', 'locks'],
  ];
  const choice = select('Show', 'Threads, RPC calls, or locks', kinds, what(), (v) => asked.set(v));
  const tools = element('div', { class: 'tools' });
  tools.append(choice.box);
  const locks = makeLocks(context);
  body.append(element('h2', {}, 'What hurt most'), scope, tools, story, calls.box, threads.box, locks.box);
  let timer = 0;
  let shown = '';

  function compute() {
    const { model: m, window, range } = store.get();
    if (!m) return;
    const now = what();
    shown = `${now} ${told.get()}`;
    choice.select.value = now;
    calls.box.hidden = now !== 'calls';
    threads.box.hidden = now !== 'threads';
    locks.box.hidden = now !== 'locks';
    if (now !== 'calls') story.hidden = true;
    if (now !== 'locks') locks.stop();
    const w = range ?? window;
    const where = `${range ? 'Measured range' : 'Window'} of ${durationWords(toNs(m, w.t1 - w.t0))}. `;
    const counted = (/** @type {{done: boolean, share: number}} */ job) => (job.done ? '' : ` ${Math.floor(job.share * 100)} % counted.`);
    if (now === 'locks') {
      runner.cancel();
      scope.textContent = `${where}Tries and holds that touch it; totals are clipped to it. A try lasts from the failed attempt to the acquisition.`;
      locks.show(w);
    } else if (now === 'calls')
      runner.run(new CallsJob(m, w), (job) => {
        scope.textContent = `${where}Calls that touch it, whole. Bars: ${LEGEND}.${counted(job)}`;
        if (!job.done) return;
        calls.show(job.calls);
        tell(job.calls.find((c) => String(c.request) === told.get()));
      });
    else
      runner.run(new StatesJob(m, w), (job) => {
        scope.textContent = `${where}Bars: ${LEGEND}.${counted(job)}`;
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
