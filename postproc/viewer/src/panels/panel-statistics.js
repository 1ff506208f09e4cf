// SPDX-License-Identifier: BSD-3-Clause
// Panel: statistics of an area: the window or the measured range, on all rows or on those that were measured.

import { choiceOf } from '../state/choices.js';
import { areaOf } from '../state/area.js';
import { button, checkbox, element, select } from '../kit/dom.js';
import { createRunner } from '../kit/runner.js';
import { ENOUGH, nounOf, StatsJob } from '../search/statistics.js';
import { isSubject, SUBJECTS } from '../search/subjects.js';
import { makeHistogram } from './histogram.js';
import { makeTable } from '../kit/table.js';
import { areaWords, rowsWords } from '../words/area-words.js';
import { percent } from '../words/lock-words.js';
import { durationWords, exactNs, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../search/statistics.js').StatRow} StatRow */
/** @typedef {import('../search/subjects.js').Subject} Subject */
/** @typedef {import('../search/subjects.js').Ask} Ask */
/** @typedef {import('../trace/model.js').Model} Model */

/**
 * A column of times. @param {() => Model|null} model
 * @returns {(label: string, title: string, of: (r: StatRow) => number, least?: number) => import('../kit/table.js').Column<StatRow>} least: values that it needs
 */
export const timeColumns =
  (model) =>
  (label, title, of, least = 1) => {
    const ns = (/** @type {StatRow} */ r) => toNs(/** @type {Model} */ (model()), of(r));
    const known = (/** @type {StatRow} */ r) => model() !== null && r.count >= least;
    return {
      label,
      title: least > 1 ? `${title}; a dash where there are fewer than ${least} of them` : title,
      value: (r) => (known(r) ? ns(r) : -1),
      csv: (r) => (known(r) ? ns(r) : ''),
      text: (r) => (known(r) ? durationWords(ns(r)) : '–'),
      exact: (r) => (known(r) ? exactNs(ns(r)) : `Only ${r.count} of the ${least} that it needs`),
    };
  };

/**
 * @param {import('../state/store.js').Store} store @param {import('../state/choices.js').Choice} chosen key of the row whose histogram shows
 * @param {() => import('../search/statistics.js').Statistics|null} shown
 */
function statisticsTable(store, chosen, shown) {
  const time = timeColumns(() => store.get().model);
  const whole = () => shown()?.all.total ?? 0;
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<StatRow>} */ ({
      label: 'Statistics',
      file: 'statistics',
      sort: 2,
      pickTitle: 'Show its histogram',
      order: choiceOf(store, 'statistics.order', ''),
      columnsShown: choiceOf(store, 'statistics.columns', ''),
      picked: (r) => r.key === chosen.get() && chosen.get() !== '',
      pick: (r) => chosen.set(chosen.get() === r.key ? '' : r.key),
      columns: [
        { label: 'What', title: 'What the records are told apart by', value: (r) => r.label, up: true },
        { label: 'Count', title: 'Records that touch the area', value: (r) => r.count, text: (r) => r.count.toLocaleString('en') },
        time('Total', 'Time inside the area', (r) => r.total),
        {
          label: '% of all',
          title: 'Share of the total of all rows of this table',
          value: (r) => (whole() > 0 ? r.total / whole() : 0),
          text: (r) => (whole() > 0 ? percent(r.total, whole()) : ''),
          rank: 2,
        },
        { ...time('Mean', 'Mean duration of whole records', (r) => r.mean), rank: 4 },
        { ...time('p50', 'Half of them are no longer', (r) => r.p50), rank: 1 },
        { ...time('p95', '95 of 100 are no longer', (r) => r.p95, ENOUGH.p95), rank: 3 },
        time('p99', '99 of 100 are no longer', (r) => r.p99, ENOUGH.p99),
        time('Max', 'The longest, whole', (r) => r.max),
        { ...time('Min', 'The shortest, whole', (r) => r.min), rank: 5 },
      ],
    }),
  );
}

/** What the reader asks: kept choices that fit each other. @param {import('../state/store.js').Store} store */
function choicesOf(store) {
  const by = choiceOf(store, 'statistics.by', '');
  const of = choiceOf(store, 'statistics.of', '', (v) => v === '' || isSubject(v));
  const and = choiceOf(store, 'statistics.and', '');
  const onlyMatches = choiceOf(store, 'statistics.only', '', (v) => v === 'matches');
  const chosen = choiceOf(store, 'statistics.row', '');
  return {
    of,
    by,
    and,
    onlyMatches,
    chosen,
    /** @returns {Ask} */
    ask() {
      // Addresses from before there were subjects ask for waits by what they are counted by.
      const subject = /** @type {Subject} */ (of.get() || (by.get() === 'wait' ? 'wait' : 'span'));
      const dimensions = SUBJECTS[subject].by.map(([key]) => key);
      const first = dimensions.includes(by.get()) ? by.get() : dimensions[0];
      const second = dimensions.includes(and.get()) && and.get() !== first ? and.get() : '';
      const { search } = store.get();
      return { of: subject, by: first, and: second, matches: onlyMatches.get() ? search : null, rows: areaOf(store.get()).rows };
    },
  };
}

/** The fields above the table. @param {ReturnType<typeof choicesOf>} choices */
function makeFields({ of, by, and, onlyMatches, chosen, ask }) {
  const box = element('div', { class: 'tools' });
  const subject = select(
    'Count',
    'What is counted',
    Object.entries(SUBJECTS).map(([key, { title }]) => [key, title]),
    'span',
    (v) => {
      for (const choice of [chosen, by, and]) choice.set('');
      of.set(v === 'span' ? '' : v);
    },
  );
  const first = select('By', 'What the rows of the table are', [], '', (v) => {
    chosen.set('');
    by.set(v);
  });
  const second = select('and', 'What they are told apart by besides', [], '', (v) => {
    chosen.set('');
    and.set(v);
  });
  second.select.setAttribute('aria-label', 'And by');
  const only = checkbox('only matches', 'Count only what the search finds', false, (on) => onlyMatches.set(on ? 'matches' : ''));
  box.append(subject.box, first.box, second.box, only.box);
  const options = (/** @type {HTMLSelectElement} */ list, /** @type {[string, string][]} */ entries, /** @type {string} */ value) => {
    list.replaceChildren(...entries.map(([v, text]) => element('option', { value: v }, text)));
    list.value = value;
  };
  return {
    box,
    fill() {
      const now = ask();
      const { by: dimensions } = SUBJECTS[now.of];
      subject.select.value = now.of;
      options(first.select, dimensions, now.by);
      options(second.select, [['', 'nothing'], ...dimensions.filter(([key]) => key !== now.by)], now.and ?? '');
      only.input.checked = onlyMatches.get() !== '';
    },
  };
}

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function statisticsPanel({ store, actions }) {
  const choices = choicesOf(store);
  const { chosen, ask } = choices;
  return { id: 'statistics', title: 'Statistics', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const runner = createRunner();
    const title = element('p', { class: 'lead', 'aria-live': 'polite' });
    const scope = element('p', { class: 'dim' });
    const fields = makeFields(choices);
    const bars = makeHistogram({ list: (query) => actions.list(query), go: (s) => actions.go(s) });
    const allRows = button('All rows', 'Count all rows, not only those that were measured', () => {
      const { range } = store.get();
      if (range) actions.setRange({ t0: range.t0, t1: range.t1 });
    });
    /** @type {import('../search/statistics.js').Statistics|null} */
    let stats = null;
    let timer = 0;
    const table = statisticsTable(store, chosen, () => stats);
    fields.box.append(allRows);
    body.append(element('h2', {}, 'Statistics'), title, scope, fields.box, table.box, element('h3', {}, 'Durations'), bars.box);

    /** What was counted: asked again, it need not be counted again. */
    const asked = () => {
      const { search, model } = store.get();
      const { matches, ...plain } = ask();
      const { window } = areaOf(store.get());
      return { text: JSON.stringify([plain, window.t0, window.t1]), matches: matches ? search : null, model };
    };
    /** @type {ReturnType<typeof asked>|null} */
    let counted = null;

    function compute() {
      const { model } = store.get();
      if (!model) return;
      counted = asked();
      const area = areaOf(store.get());
      const now = ask();
      const [, many] = nounOf(now);
      title.textContent = areaWords(model, area);
      allRows.hidden = !area.rows;
      fields.fill();
      runner.run(new StatsJob(model, area.window, now), (job) => {
        const progress = job.done ? '' : ` ${Math.floor(job.share * 100)} % counted.`;
        scope.textContent = `${many.replace(/^./, (c) => c.toUpperCase())} that touch it${rowsWords(now)}. Totals are clipped to it; other figures are of whole ${many}.${progress} ${base(job)}`;
        if (!job.made) return;
        stats = job.made;
        table.show(stats.rows);
        fillBars();
      });
    }

    function fillBars() {
      const { model } = store.get();
      const row = stats && (stats.rows.find((r) => r.key === chosen.get()) ?? stats.all);
      bars.show(model, row, stats);
    }

    /** What 100 % is. @param {StatsJob} job */
    const base = (job) =>
      job.made ? `100 % is ${durationWords(toNs(/** @type {Model} */ (store.get().model), job.made.all.total))} of all rows.` : '';

    const same = () => {
      const now = asked();
      return counted !== null && counted.text === now.text && counted.matches === now.matches && counted.model === now.model;
    };
    return {
      /** @param {State} _ @param {Partial<State>} changed */
      update(_, changed) {
        const moved = 'window' in changed || 'range' in changed || 'search' in changed;
        if (same()) {
          if ('choices' in changed) {
            fields.fill();
            table.redraw();
            fillBars();
          }
        } else if ('model' in changed || 'choices' in changed || !moved) compute();
        else {
          clearTimeout(timer);
          timer = setTimeout(() => {
            if (!same()) compute();
          }, 120);
        }
      },
    };
  }
}
