// SPDX-License-Identifier: BSD-3-Clause
// Panel: where time went by stack, on the CPU or off it, or by samples; of the window or the measured range. What `kutrace profile` counts.

import { button, checkbox, element, select } from '../kit/dom.js';
import { createRunner } from '../kit/runner.js';
import { Slices } from '../kit/slices.js';
import { makeTable } from '../kit/table.js';
import { tidOf } from '../format/columns.js';
import { flameMatches, flameNames } from '../plan/flame.js';
import { Profile } from '../search/profile.js';
import { choiceOf } from '../state/choices.js';
import { threadWords } from '../trace/lookups.js';
import { durationWords, exactNs, toNs } from '../trace/time.js';
import { percentWords } from '../words/why-summary.js';
import { makeFlame } from './flame.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../plan/flame.js').Box} Box */
/** @typedef {ReturnType<typeof flameNames>[number]} NameRow */

/** @type {[import('../search/profile.js').ProfileOf, string][]} */
const OFS = [
  ['running', 'running, on a CPU'],
  ['waiting', 'not running: ready or waiting'],
  ['samples', 'PC samples'],
];
/** @type {[import('../search/profile.js').ProfileBy, string][]} */
const BYS = [
  ['thread', 'thread'],
  ['cpu', 'CPU'],
  ['rpc', 'RPC'],
  ['function', 'function: what was done, then by whom'],
];

/** @param {Profile} p @param {number} value */
const valueWords = (p, value) => (p.of === 'samples' ? `${value.toLocaleString('en')} ${value === 1 ? 'sample' : 'samples'}` : durationWords(value));

/** What a frame is and took. @param {Profile} p @param {Box|null} b */
function boxWords(p, b) {
  if (!b) return 'Point at a frame, or go there by arrow keys; a click or Enter goes into it, Backspace out.';
  const share = percentWords(b.ns, p.total);
  const node = p.nodes[b.node];
  return node
    ? `${p.name(node.frame)}: ${valueWords(p, b.ns)}, ${share} of all; itself ${valueWords(p, node.ownNs)}, ${node.count.toLocaleString('en')} times`
    : `${b.more.toLocaleString('en')} narrow frames together: ${valueWords(p, b.ns)}, ${share} of all; a click widens them`;
}

/** @param {import('../state/store.js').Store} store @param {import('../state/choices.js').Choice} find @param {() => Profile|null} shown */
function nameTable(store, find, shown) {
  const value = (/** @type {string} */ label, /** @type {string} */ title, /** @type {'own'|'total'} */ key) => ({
    label,
    title,
    value: (/** @type {NameRow} */ r) => r[key],
    text: (/** @type {NameRow} */ r) => {
      const p = shown();
      return p ? valueWords(p, r[key]) : '';
    },
  });
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<NameRow>} */ ({
      label: 'Profile by name',
      file: 'profile',
      sort: 1,
      order: choiceOf(store, 'profile.order', ''),
      pickTitle: 'Find it in the graph',
      pick: (r) => find.set(find.get() === r.name ? '' : r.name.slice(0, 100)),
      picked: (r) => find.get() !== '' && r.name === find.get(),
      columns: [
        { label: 'Frame', title: 'Thread, call, code, or reason of a wait', value: (r) => r.name, up: true },
        value('Own', 'Time of this frame itself; all together are the whole', 'own'),
        {
          label: 'Own %',
          title: 'Share of the whole',
          value: (r) => (100 * r.own) / (shown()?.total || 1),
          text: (r) => percentWords(r.own, shown()?.total ?? 0),
        },
        value('With callees', 'Time of this frame and what it led to, each moment once', 'total'),
        { label: 'Count', title: 'Spans, waits or samples of its own', value: (r) => r.count, text: (r) => r.count.toLocaleString('en') },
      ],
    }),
  );
}

/** What was counted, and what was not. @param {Profile} p @param {string} where */
function scopeWords(p, where) {
  const { of: what, by, part, model, total } = p;
  const idle = what === 'running' ? `; idle CPUs, left out: ${durationWords(p.idleNs)}` : '';
  const cut = p.cut > 0 ? ` Of ${valueWords(p, what === 'samples' ? p.cut : toNs(model, p.cut))} the stacks are cut: the page holds no more.` : '';
  const none = what === 'samples' && total === 0 ? ' No PC samples are recorded here.' : '';
  const all = part.tid < 0 && what !== 'samples' ? ', all threads added up' : '';
  const name = by === 'cpu' || by === 'rpc' ? by.toUpperCase() : by;
  return `${where}, by ${name}: ${valueWords(p, total)}${all}${idle}.${cut}${none} User code is one frame: its stacks are not recorded.`;
}

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function profilePanel({ store }) {
  const of = choiceOf(store, 'profile.of', 'running', (v) => OFS.some(([key]) => key === v));
  const by = choiceOf(store, 'profile.by', 'thread', (v) => BYS.some(([key]) => key === v));
  const only = choiceOf(store, 'profile.only', '', (v) => v === 'thread');
  const find = choiceOf(store, 'profile.find', '');
  return { id: 'profile', title: 'Profile', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    body.classList.add('profile');
    const runner = createRunner();
    const scope = element('p', { class: 'dim', role: 'status' });
    const told = element('p', { class: 'told', 'aria-live': 'polite' });
    const matches = element('output', { class: 'dim', 'aria-live': 'polite' });
    const flame = makeFlame(store, (p, b) => {
      told.textContent = boxWords(p, b);
      told.title = b && p.of !== 'samples' ? exactNs(b.ns) : '';
    });
    /** @type {Profile|null} */
    let profile = null;
    let counted = '';
    let timer = 0;
    const ofs = select('Time', 'What is counted', OFS, of.get(), (v) => of.set(v));
    const bys = select('By', 'What the first row of the graph is', BYS, by.get(), (v) => by.set(v));
    const thread = checkbox('only the selected thread', 'Count only the thread of what is selected', only.get() !== '', (on) =>
      only.set(on ? 'thread' : ''),
    );
    const field = element('input', { type: 'search', 'aria-label': 'Find in the profile', placeholder: 'Find a frame', maxlength: '100' });
    field.addEventListener('input', () => find.set(field.value));
    const tools = element('div', { class: 'tools' });
    tools.append(ofs.box, bys.box, thread.box);
    const search = element('div', { class: 'tools' });
    search.append(field, matches, button('Out', 'One frame out (Backspace in the graph)', flame.out), button('All', 'The whole profile', flame.all));
    const list = nameTable(store, find, () => profile);
    body.append(element('h2', {}, 'Profile'), scope, tools, search, flame.box, told, element('h3', {}, 'By name'), list.box);

    const asked = () => `${of.get()} ${by.get()} ${only.get()}`;

    function compute() {
      const { model, window, range, selection } = store.get();
      counted = asked();
      if (!model) return;
      const w = range ?? window;
      const what = /** @type {import('../search/profile.js').ProfileOf} */ (of.get());
      // A thread that does not run is on no CPU.
      const how = /** @type {import('../search/profile.js').ProfileBy} */ (what === 'waiting' && by.get() === 'cpu' ? 'thread' : by.get());
      const tid = only.get() !== '' && selection ? tidOf(model[selection.cols], selection.record) : -1;
      const part = { t0: Math.round(w.t0), t1: Math.round(w.t1), tid };
      runner.run(new Slices(new Profile(model, what, how, part).count()), (job) => {
        const where = `${range ? 'Measured range' : 'Window'} of ${durationWords(toNs(model, w.t1 - w.t0))}${tid > 0 ? `, thread ${threadWords(model, tid)}` : ''}`;
        const p = job.made;
        if (!p) scope.textContent = `${where}. ${Math.floor(job.share * 100)} % counted.`;
        if (!p || store.get().model !== model) return;
        profile = p;
        scope.textContent = scopeWords(p, where);
        flame.show(p);
        list.show(flameNames(p).filter((r) => r.own > 0 || r.total > 0));
        showMatches();
      });
    }

    function showMatches() {
      const text = find.get();
      if (document.activeElement !== field) field.value = text;
      flame.search(text);
      const { found, ns } = profile ? flameMatches(profile, text) : { found: new Set(), ns: 0 };
      matches.textContent =
        text === '' || !profile ? '' : `${found.size.toLocaleString('en')} frames, ${valueWords(profile, ns)}, ${percentWords(ns, profile.total)}`;
    }

    return {
      /** @param {State} state @param {Partial<State>} changed */
      update(state, changed) {
        ofs.select.value = of.get();
        bys.select.value = by.get();
        thread.input.checked = only.get() !== '';
        if ('model' in changed || asked() !== counted) compute();
        else if ('choices' in changed) {
          showMatches();
          list.redraw();
        } else if ('theme' in changed || 'safe' in changed) flame.draw();
        // What was just begun is of this window.
        if ('model' in changed) return;
        if ('window' in changed || 'range' in changed || ('selection' in changed && only.get() !== '' && state.selection)) {
          clearTimeout(timer);
          timer = setTimeout(compute, 150);
        }
      },
    };
  }
}
