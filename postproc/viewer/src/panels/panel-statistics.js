// SPDX-License-Identifier: BSD-3-Clause
// Panel: statistics of the window or the measured range.

import { choiceOf } from '../state/choices.js';
import { checkbox, element, select } from '../kit/dom.js';
import { createRunner } from '../kit/runner.js';
import { GROUP_BYS, nounOf, StatsJob } from '../search/statistics.js';
import { makeHistogram } from './histogram.js';
import { makeTable } from '../kit/table.js';
import { durationWords, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../search/statistics.js').StatRow} StatRow */
/** @typedef {import('../search/statistics.js').GroupBy} GroupBy */
/** @typedef {import('../trace/model.js').Model} Model */

/** Columns of times. @param {() => Model|null} model @returns {(label: string, title: string, of: (r: StatRow) => number) => import('../kit/table.js').Column<StatRow>} */
export const timeColumns = (model) => (label, title, of) => ({
  label,
  title,
  value: (r) => {
    const m = model();
    return m ? toNs(m, of(r)) : 0;
  },
  text: (r) => {
    const m = model();
    return m ? durationWords(toNs(m, of(r))) : '';
  },
});

/**
 * @param {import('../state/store.js').Store} store @param {import('../state/choices.js').Choice} chosen key of the row whose histogram shows
 * @param {() => import('../search/statistics.js').Statistics|null} shown
 */
function statisticsTable(store, chosen, shown) {
  const time = timeColumns(() => store.get().model);
  const share = (/** @type {StatRow} */ r) => {
    const all = shown()?.all.total ?? 0;
    return all > 0 ? r.total / all : null;
  };
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<StatRow>} */ ({
      label: 'Statistics',
      file: 'statistics',
      sort: 2,
      pickTitle: 'Show its histogram',
      order: choiceOf(store, 'statistics.order', ''),
      picked: (r) => r.key === chosen.get() && chosen.get() !== '',
      pick: (r) => chosen.set(chosen.get() === r.key ? '' : r.key),
      columns: [
        { label: 'What', title: 'Name, thread, CPU, class, or reason of a wait', value: (r) => r.label, up: true },
        { label: 'Count', title: 'Records that touch the window', value: (r) => r.count, text: (r) => r.count.toLocaleString('en') },
        time('Total', 'Time inside the window', (r) => r.total),
        {
          label: '% of all',
          title: 'Share of the total of all rows of this table',
          value: (r) => share(r) ?? 0,
          text: (r) => {
            const part = share(r);
            return part === null ? '' : `${(part * 100).toFixed(1)} %`;
          },
        },
        time('Mean', 'Mean duration of whole records', (r) => r.mean),
        time('p50', 'Half of them are no longer', (r) => r.p50),
        time('p95', '95 of 100 are no longer', (r) => r.p95),
        time('p99', '99 of 100 are no longer', (r) => r.p99),
        time('Max', 'The longest, whole', (r) => r.max),
        time('Min', 'The shortest, whole', (r) => r.min),
      ],
    }),
  );
}

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function statisticsPanel({ store, actions }) {
  const by = choiceOf(store, 'statistics.by', 'name', (v) => GROUP_BYS.some(([key]) => key === v));
  const onlyMatches = choiceOf(store, 'statistics.only', '', (v) => v === 'matches');
  const chosen = choiceOf(store, 'statistics.row', '');
  return { id: 'statistics', title: 'Statistics', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const runner = createRunner();
    const scope = element('p', { class: 'dim' });
    const tools = element('div', { class: 'tools' });
    const bars = makeHistogram((query) => actions.list(query));
    /** @type {import('../search/statistics.js').Statistics|null} */
    let stats = null;
    let timer = 0;
    const table = statisticsTable(store, chosen, () => stats);
    const choice = select('By', 'What the rows of the table are', GROUP_BYS, by.get(), (v) => {
      chosen.set('');
      by.set(v);
    });
    const only = checkbox('only matches', 'Count only spans that match the search', onlyMatches.get() !== '', (on) =>
      onlyMatches.set(on ? 'matches' : ''),
    );
    tools.append(choice.box, only.box);
    body.append(element('h2', {}, 'Statistics'), scope, tools, table.box, element('h3', {}, 'Durations'), bars.box);

    /** What was counted. */
    const asked = () => `${by.get()} ${onlyMatches.get()}`;
    let counted = '';

    function compute() {
      const { model, window, range, search } = store.get();
      if (!model) return;
      counted = asked();
      const w = range ?? window;
      runner.run(new StatsJob(model, w, /** @type {GroupBy} */ (by.get()), onlyMatches.get() ? search : null), (job) => {
        scope.textContent = `${range ? 'Measured range' : 'Window'} of ${durationWords(toNs(model, w.t1 - w.t0))} on ${model.rows.cpu.length} CPUs${job.done ? '' : `, ${Math.floor(job.share * 100)} % counted`}. ${nounOf(/** @type {GroupBy} */ (by.get()))[1].replace(/^./, (c) => c.toUpperCase())} that touch it. Totals are clipped to it; other figures are of whole ${nounOf(/** @type {GroupBy} */ (by.get()))[1]}. ${base(job)}`;
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

    return {
      /** @param {State} _ @param {Partial<State>} changed */
      update(_, changed) {
        if ('choices' in changed) {
          choice.select.value = by.get();
          only.input.checked = onlyMatches.get() !== '';
        }
        if ('model' in changed || asked() !== counted) compute();
        else if ('choices' in changed) {
          table.redraw();
          fillBars();
        }
        if ('window' in changed || 'range' in changed || ('search' in changed && onlyMatches.get())) {
          clearTimeout(timer);
          timer = setTimeout(compute, 120);
        }
      },
    };
  }
}
