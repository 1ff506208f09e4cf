// SPDX-License-Identifier: BSD-3-Clause
// Panel: every match of the search, in order of time or longest first, where they are, and how many on each row.

import { choiceOf } from '../state/choices.js';
import { button, download, element, select } from '../kit/dom.js';
import { csvText } from '../kit/csv.js';
import { hitsAt, LONGEST, matchBuckets } from '../search/search.js';
import { tidOf } from '../format/columns.js';
import { shortWords } from '../words/words.js';
import { cpuOfSpan, kindOf, threadWords, timesOf } from '../trace/lookups.js';
import { clockWords, durationWords, parseBase, toNs } from '../trace/time.js';
import { makeVirtualList } from '../kit/virtual-list.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/store.js').Selection} Selection */
/** @typedef {import('../trace/model.js').Model} Model */

const TICKS = 150;
const CSV_MOST = 200000;
/** CPUs with a button of their own; the others are counted together. */
const CHIPS = 24;

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function resultsPanel(context) {
  const { store, actions, say } = context;
  const order = choiceOf(store, 'results.order', 'time', (v) => v === 'longest');
  return { id: 'results', title: 'Matches', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const summary = element('p');
    const ticks = element('div', { class: 'ticks', role: 'img', 'aria-label': 'Where the matches are in the whole trace' });
    const rows = element('div', { class: 'chips' });
    const list = makeVirtualList({
      label: 'Matches',
      rows: rowsFrom,
      pick: (i) => {
        const s = at(i, 1)[0];
        if (s) actions.go(s);
      },
    });
    const choice = select(
      'Order',
      'Order of the list',
      [
        ['time', 'time'],
        ['longest', `the ${LONGEST.toLocaleString('en')} longest`],
      ],
      order.get(),
      (v) => order.set(v),
    );
    const csv = button('CSV', 'Save the list of matches as comma-separated values', () => saveCsv());
    const tools = element('div', { class: 'tools' });
    tools.append(choice.box, csv);
    body.append(element('h2', {}, 'Matches'), summary, ticks, rows, tools, list.box);

    /** @param {number} first @param {number} n */
    function at(first, n) {
      const { model, search } = store.get();
      if (!model || !search) return [];
      return order.get() === 'time' ? hitsAt(model, search, first, n) : search.longest.slice(first, first + n);
    }

    /** @param {number} first @param {number} n */
    function rowsFrom(first, n) {
      const { model, selection } = store.get();
      if (!model) return [];
      return at(first, n).map((s) => ({
        text: shortWords(model, s),
        dim: placeWords(model, s),
        current: selection?.cols === s.cols && selection.record === s.record,
      }));
    }

    function saveCsv() {
      const { model } = store.get();
      if (!model) return;
      const all = order.get() === 'time' ? (store.get().search?.count ?? 0) : (store.get().search?.longest.length ?? 0);
      if (all > CSV_MOST) say(`The file holds the first ${CSV_MOST.toLocaleString('en')} of ${all.toLocaleString('en')} matches.`);
      const lines = at(0, CSV_MOST).map((s) => {
        const t = timesOf(model, s);
        const cpu = s.cols === 'exec' ? cpuOfSpan(model, s.record) : /** @type {Int32Array} */ (model.aux.cpu)[s.record];
        return [t.start, t.dur, cpu, tidOf(model[s.cols], s.record), threadWords(model, tidOf(model[s.cols], s.record)), kindOf(model, s).name];
      });
      download(new Blob([csvText(['start ns', 'duration ns', 'CPU', 'tid', 'thread', 'name'], lines)], { type: 'text/csv' }), 'matches.csv');
    }

    /** @param {State} state */
    function refresh({ search, model, query }) {
      const ok = search && model && !search.error;
      summary.className = search?.error ? 'error' : '';
      summary.textContent =
        search?.error || (ok ? resultWords(model, search) : query ? '' : 'Type in the search box: text, /regex/ or terms such as dur>10us.');
      list.show(!ok ? 0 : order.get() === 'time' ? search.count : search.longest.length);
      fillTicks(actions, ticks, ok ? { model, search } : null);
      rows.replaceChildren(...(ok && search.done ? countChips(context, model, search) : []));
    }

    return {
      /** @param {State} state @param {Partial<State>} changed */
      update(state, changed) {
        choice.select.value = order.get();
        if ('search' in changed || 'query' in changed || 'model' in changed || 'choices' in changed) refresh(state);
        else if ('selection' in changed) list.redraw();
      },
    };
  }
}

/** @param {Model} model @param {import('../search/search.js').Search} search */
export function resultWords(model, search) {
  const words = (/** @type {number} */ ticks) => durationWords(toNs(model, ticks));
  const more = search.done ? '' : ` so far (${Math.floor(search.share * 100)} %)`;
  if (search.count === 0) return search.done ? 'no match' : `searching${more}`;
  return `${search.count.toLocaleString('en')} found${more}, total ${words(search.total)}, ${words(search.min)} to ${words(search.max)}`;
}

/** Where and when, short. @param {Model} model @param {Selection} s */
function placeWords(model, s) {
  const cpu = s.cols === 'exec' ? cpuOfSpan(model, s.record) : /** @type {Int32Array} */ (model.aux.cpu)[s.record];
  const tid = tidOf(model[s.cols], s.record);
  const when = clockWords(parseBase(model.meta.tracebase), timesOf(model, s).start, 6).split(' ').pop() ?? '';
  return [when, cpu >= 0 ? `CPU ${cpu}` : '', tid > 0 ? threadWords(model, tid) : ''].filter(Boolean).join('  ');
}

/** @param {import('./panels.js').PanelContext['actions']} actions @param {HTMLElement} box @param {{model: Model, search: import('../search/search.js').Search}|null} found */
function fillTicks(actions, box, found) {
  box.replaceChildren();
  if (!found) return;
  const { model, search } = found;
  const counts = matchBuckets(model, search, TICKS);
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const width = (model.t1 - model.t0) / TICKS;
  counts.forEach((n, i) => {
    if (n === 0) return;
    const tick = button(
      '',
      `${n.toLocaleString('en')} here: go there`,
      () => actions.show({ t0: model.t0 + (i - 1) * width, t1: model.t0 + (i + 2) * width }),
      { tabindex: '-1', 'aria-hidden': 'true' },
    );
    tick.style.left = `${(i / TICKS) * 100}%`;
    tick.style.height = `${25 + 75 * (Math.log1p(n) / Math.log1p(most))}%`;
    box.append(tick);
  });
}

/** How many on each CPU row; a click narrows the search. @param {import('./panels.js').PanelContext} context @param {Model} model @param {import('../search/search.js').Search} search */
function countChips({ store, actions }, model, search) {
  const chips = model.rows.cpu.map((row, i) => ({ text: row.label, count: search.hits[i].length, term: `cpu:${row.key}` }));
  const found = chips.filter((c) => c.count > 0).sort((a, b) => b.count - a.count);
  const rest = found.slice(CHIPS);
  const more = element('span', { class: 'dim' }, `${rest.length} more CPUs: ${rest.reduce((n, c) => n + c.count, 0).toLocaleString('en')}`);
  return [
    ...found.slice(0, CHIPS).map(({ text, count, term }) =>
      button(`${text}: ${count.toLocaleString('en')}`, `Search only there: adds ${term}`, () => actions.search(`${store.get().query} ${term}`), {
        class: 'chip',
      }),
    ),
    ...(rest.length > 0 ? [more] : []),
  ];
}
