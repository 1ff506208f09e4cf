// SPDX-License-Identifier: BSD-3-Clause
// Of the Why panel: all of the time by cause, as a bar and as a table beside what is usual.

import { element } from '../kit/dom.js';
import { makeTable } from '../kit/table.js';
import { causeLook } from '../plan/why-look.js';
import { causeOf, keyOfCause, partNs } from '../search/why-causes.js';
import { durationWords, exactNs } from '../trace/time.js';
import { causeWords } from '../words/why-words.js';
import { moreWords, percentWords } from '../words/why-summary.js';

/** @typedef {import('../search/why-answer.js').Answer} Answer */
/** @typedef {import('../search/why-causes.js').Sum} Sum */

/** @param {string} cause */
export function swatch(cause) {
  const { color, pattern } = causeLook(cause);
  const box = element('span', { class: `cause ${pattern}`, 'aria-hidden': 'true' });
  box.style.setProperty('--cause', color);
  return box;
}

/** Parts of the time as a bar, largest first; its words are those of the table. @param {Answer} answer */
export function causeBar({ sums, elapsed }) {
  const bar = element('div', { class: 'cause-bar', role: 'img' });
  const order = [...sums].sort((a, b) => b.ns - a.ns);
  bar.setAttribute('aria-label', order.map((s) => `${causeWords(s)} ${percentWords(s.ns, elapsed)}`).join(', '));
  for (const s of order) {
    const piece = swatch(s.cause);
    piece.title = `${causeWords(s)}: ${durationWords(s.ns)}, ${percentWords(s.ns, elapsed)}`;
    piece.style.width = `${elapsed > 0 ? (100 * s.ns) / elapsed : 0}%`;
    bar.append(piece);
  }
  return bar;
}

/** The step in which the longest part of a cause lies. @param {Answer} answer @param {Sum} sum */
export function busiestStep({ records, path, steps }, sum) {
  let [found, most] = [-1, -1];
  steps.forEach((step, i) => {
    for (let k = step.first; k < step.first + step.count; k++) {
      const [cause, object] = causeOf(records, path, path.parts[k]);
      const ns = partNs(records, path.parts[k]);
      if (cause === sum.cause && object === sum.object && ns > most) [found, most] = [i, ns];
    }
  });
  return found;
}

/** @param {Answer} answer @param {(step: number) => void} go */
export function causeTable(answer, go) {
  const { elapsed, others } = answer;
  const usual = (/** @type {Sum} */ s) => others.mean(others.typical(keyOfCause(s.cause, s.object)));
  const time = (/** @type {string} */ label, /** @type {string} */ title, /** @type {(s: Sum) => number} */ of, words = durationWords) => ({
    label,
    title,
    value: of,
    node: (/** @type {Sum} */ s) => element('span', { title: exactNs(of(s)) }, words(of(s))),
  });
  const named = (/** @type {Sum} */ s) => {
    const b = element('button', { type: 'button', class: 'link', title: 'Go to the longest part of it' }, causeWords(s));
    b.addEventListener('click', () => go(busiestStep(answer, s)));
    const cell = element('span', { class: 'cause-name' });
    cell.append(swatch(s.cause), b);
    return cell;
  };
  const table = makeTable(
    /** @type {import('../kit/table.js').TableOptions<Sum>} */ ({
      label: 'Time by cause',
      file: 'why',
      sort: 1,
      columns: [
        { label: 'Cause', title: 'What the time was spent in', value: causeWords, node: named, up: true },
        time('Time', 'Time of this cause; all together are the elapsed time', (s) => s.ns),
        {
          label: 'Share',
          title: 'Share of the elapsed time',
          value: (s) => (elapsed > 0 ? (100 * s.ns) / elapsed : 0),
          text: (s) => percentWords(s.ns, elapsed),
        },
        ...(others.known
          ? [
              time('Usual', `Mean of the ${others.typicalCount} ${others.kind} whose time is about the median`, usual),
              time('More', 'Beyond what is usual', (s) => s.ns - usual(s), moreWords),
            ]
          : []),
      ],
    }),
  );
  table.show(answer.sums);
  return table.box;
}
