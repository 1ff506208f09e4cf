// SPDX-License-Identifier: BSD-3-Clause
// The histogram of a row of the statistics: bars of durations, each a list that a search finds.

import { button, element } from '../kit/dom.js';
import { histogram, nounOf } from '../search/statistics.js';
import { durationWords, secondsOf } from '../trace/time.js';

/** @typedef {import('../search/statistics.js').StatRow} StatRow */
/** @typedef {import('../search/statistics.js').Statistics} Statistics */
/** @typedef {import('../trace/model.js').Model} Model */

/** Terms that limit a search to a window. @param {Model} model @param {import('../plan/view.js').Window} w */
const windowTerms = (model, { t0, t1 }) => {
  return (t0 > model.t0 ? ` after:${secondsOf(model, t0)}` : '') + (t1 < model.t1 ? ` before:${secondsOf(model, t1)}` : '');
};

/** A duration as the query line wants it. @param {number} ns */
const queryDuration = (ns) => (ns >= 1e9 ? `${ns / 1e9}s` : ns >= 1e6 ? `${ns / 1e6}ms` : ns >= 1e3 ? `${ns / 1e3}us` : `${ns}ns`);

/** @param {(query: string) => void} list */
export function makeHistogram(list) {
  const box = element('div', { class: 'histogram', role: 'group', 'aria-label': 'Histogram of durations' });
  /** @param {Model|null} model @param {StatRow|null} row @param {Statistics|null} stats */
  function show(model, row, stats) {
    box.replaceChildren();
    if (!model || !row || !stats) return;
    const many = nounOf(stats.by)[1];
    box.append(element('p', { class: 'dim' }, `${row.label}: ${row.count.toLocaleString('en')} ${many}. Click a bar to list them.`));
    const found = histogram(row.sorted, model.nsPerTick);
    const most = Math.max(1, ...found.map((b) => b.count));
    for (const bar of found) {
      const range = bar.to === Infinity ? `${durationWords(bar.from)} or more` : `${durationWords(bar.from)} to ${durationWords(bar.to)}`;
      const b = button('', `${bar.count.toLocaleString('en')} ${many} of ${range}: list them`, () => list(queryOf(model, row, stats, bar)), {
        class: 'bar',
        ...(bar.count === 0 ? { disabled: '' } : {}),
      });
      const fill = element('span', { class: 'fill' });
      fill.style.width = `${(bar.count / most) * 100}%`;
      b.append(
        element('span', { class: 'from' }, queryDuration(bar.from)),
        fill,
        element('span', { class: 'count' }, bar.count.toLocaleString('en')),
      );
      box.append(b);
    }
  }
  return { box, show };
}

/** What finds the records of a bar. @param {Model} model @param {StatRow} row @param {Statistics} stats @param {{from: number, to: number}} bar */
function queryOf(model, row, stats, bar) {
  const to = bar.to === Infinity ? '' : ` dur<${queryDuration(bar.to)}`;
  const filter = [stats.filter, row.query].filter(Boolean).join(' ');
  return `${filter} dur>=${queryDuration(bar.from)}${to}${windowTerms(model, stats.window)}`.trim();
}
