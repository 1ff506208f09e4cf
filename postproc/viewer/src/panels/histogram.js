// SPDX-License-Identifier: BSD-3-Clause
// The histogram of a row of the statistics: bars of durations, each a list of its records.

import { button, element } from '../kit/dom.js';
import { createRunner } from '../kit/runner.js';
import { makeTable } from '../kit/table.js';
import { ENOUGH, histogram, nounOf } from '../search/statistics.js';
import { ListJob, SUBJECTS } from '../search/subjects.js';
import { threadWords } from '../trace/lookups.js';
import { durationWords, exactNs, secondsOf, toNs } from '../trace/time.js';

/** @typedef {import('../search/statistics.js').StatRow} StatRow */
/** @typedef {import('../search/statistics.js').Statistics} Statistics */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {{from: number, to: number, count: number}} Bar */

/** Terms that limit a search to a window. @param {Model} model @param {import('../plan/view.js').Window} w */
const windowTerms = (model, { t0, t1 }) => {
  return (t0 > model.t0 ? ` after:${secondsOf(model, t0)}` : '') + (t1 < model.t1 ? ` before:${secondsOf(model, t1)}` : '');
};

/** A duration as the query line wants it. @param {number} ns */
const queryDuration = (ns) => (ns >= 1e9 ? `${ns / 1e9}s` : ns >= 1e6 ? `${ns / 1e6}ms` : ns >= 1e3 ? `${ns / 1e3}us` : `${ns}ns`);

/** @param {Bar} bar */
const rangeWords = ({ from, to }) => (to === Infinity ? `${durationWords(from)} or more` : `${durationWords(from)} to ${durationWords(to)}`);

/** The percentiles that fall into a bar, where there are enough values for them. @param {Model} model @param {StatRow} row @param {Bar} bar */
function percentilesIn(model, row, { from, to }) {
  /** @type {['p50'|'p95'|'p99', number][]} */
  const wanted = [
    ['p50', 1],
    ['p95', ENOUGH.p95],
    ['p99', ENOUGH.p99],
  ];
  return wanted
    .filter(([name, least]) => row.count >= least && row[name] * model.nsPerTick >= from && row[name] * model.nsPerTick < to)
    .map(([name]) => name);
}

/** @param {{list: (query: string) => void, go: (s: import('../state/store.js').Selection) => void}} actions */
export function makeHistogram(actions) {
  const box = element('div', { class: 'histogram', role: 'group', 'aria-label': 'Histogram of durations' });
  const bars = element('div');
  const listed = makeListed(actions.go);
  box.append(bars, listed.box);
  /** @param {Model|null} model @param {StatRow|null} row @param {Statistics|null} stats */
  function show(model, row, stats) {
    bars.replaceChildren();
    listed.close();
    if (!model || !row || !stats) return;
    const many = nounOf(stats.ask)[1];
    bars.append(element('p', { class: 'dim' }, `${row.label}: ${row.count.toLocaleString('en')} ${many}. Click a bar to list them.`));
    const found = histogram(row.sorted, model.nsPerTick);
    const most = Math.max(1, ...found.map((b) => b.count));
    for (const bar of found) {
      const percentiles = percentilesIn(model, row, bar).join(' ');
      const b = button(
        '',
        `${bar.count.toLocaleString('en')} ${many} of ${rangeWords(bar)}${percentiles ? `, ${percentiles} among them` : ''}: list them`,
        () => {
          const query = queryOf(model, row, stats, bar);
          if (query === null) listed.show(model, row, stats, bar);
          else actions.list(query);
        },
        { class: 'bar', ...(bar.count === 0 ? { disabled: '' } : {}) },
      );
      const fill = element('span', { class: 'fill' });
      fill.style.width = `${(bar.count / most) * 100}%`;
      b.append(
        element('span', { class: 'from' }, durationWords(bar.from).replace(/\.0+ /, ' ')),
        fill,
        element('span', { class: 'percentile' }, percentiles),
        element('span', { class: 'count' }, bar.count.toLocaleString('en')),
      );
      bars.append(b);
    }
  }
  return { box, show };
}

/** Longest list that is made. */
const MOST = 20000;

/** Records of a bar that no search finds: a table of them. @param {(s: import('../state/store.js').Selection) => void} go */
function makeListed(go) {
  const runner = createRunner();
  const box = element('div');
  const heading = element('h3');
  const note = element('p', { class: 'dim' });
  /** @type {Model|null} */
  let model = null;
  /** @type {'exec'|'aux'} */
  let cols = 'aux';
  const ns = (/** @type {number} */ t) => (model ? toNs(model, t) : 0);
  const make = () =>
    makeTable(
      /** @type {import('../kit/table.js').TableOptions<ListJob['list'][number]>} */ ({
        label: 'Records of the bar',
        file: 'records',
        sort: 1,
        pickTitle: 'Go there',
        pick: (r) => go({ cols, record: r.record }),
        columns: [
          {
            label: 'Begins',
            title: 'Seconds after the base minute',
            value: (r) => ns(r.start),
            text: (r) => `${(ns(r.start) / 1e9).toFixed(6)} s`,
            up: true,
          },
          { label: 'Lasts', title: 'Whole', value: (r) => ns(r.dur), text: (r) => durationWords(ns(r.dur)), exact: (r) => exactNs(ns(r.dur)) },
          { label: 'Thread', title: 'Whose it is', value: (r) => (model ? threadWords(model, r.tid) : ''), up: true },
        ],
      }),
    );
  box.hidden = true;
  return {
    box,
    close() {
      runner.cancel();
      box.replaceChildren();
      box.hidden = true;
    },
    /** @param {Model} m @param {StatRow} row @param {Statistics} stats @param {Bar} bar */
    show(m, row, stats, bar) {
      model = m;
      ({ cols } = SUBJECTS[stats.ask.of]);
      runner.run(new ListJob(m, stats.window, stats.ask, { key: row.key, from: bar.from, to: bar.to }, MOST), (job) => {
        if (!job.done) return;
        heading.textContent = `${row.label}, ${rangeWords(bar)}`;
        note.hidden = job.count === job.list.length;
        note.textContent = `The first ${MOST.toLocaleString('en')} of ${job.count.toLocaleString('en')}.`;
        const table = make();
        box.replaceChildren(heading, note, table.box);
        box.hidden = false;
        table.show(job.list);
        box.scrollIntoView({ block: 'nearest' });
      });
    },
  };
}

/** What finds the records of a bar; null: no search does. @param {Model} model @param {StatRow} row @param {Statistics} stats @param {Bar} bar */
function queryOf(model, row, stats, bar) {
  const own = row.query || (row.key === '' ? SUBJECTS[stats.ask.of].query : null);
  if (own === null || stats.ask.rows || (own === '' && row.key !== '')) return null;
  const to = bar.to === Infinity ? '' : ` dur<${queryDuration(bar.to)}`;
  const filter = [stats.ask.matches?.text ?? '', own].filter(Boolean).join(' ');
  return `${filter} dur>=${queryDuration(bar.from)}${to}${windowTerms(model, stats.window)}`.trim();
}
