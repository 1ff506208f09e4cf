// SPDX-License-Identifier: BSD-3-Clause
// Of the Why panel: the steps of the critical path. The longest stand there; between them a line says how many shorter ones there are, and opens them.

import { button, element } from '../kit/dom.js';
import { CERTAINTIES } from '../search/why-path.js';
import { partNs } from '../search/why-causes.js';
import { durationWords, exactNs, toNs } from '../trace/time.js';
import { NO_RECORD } from '../trace/why-records.js';
import { WhyWords } from '../words/why-words.js';
import { moreWords, recordWords } from '../words/why-summary.js';

/** @typedef {import('../search/why-answer.js').Answer} Answer */
/** Steps a..b: one, or a line that stands for several. @typedef {{a: number, b: number, gap: boolean, item: HTMLLIElement}} Entry */

/** Steps that are shown of any part of the path. */
export const MOST = 12;
/** Of indentation. */
const DEEPEST = 8;

/** The longest of steps a..b, in order. @param {Answer['steps']} steps @param {number} a @param {number} b */
export function longestSteps(steps, a, b) {
  const length = (/** @type {number} */ i) => steps[i].to - steps[i].from;
  const order = Array.from({ length: b - a }, (_, i) => a + i).sort((i, k) => length(k) - length(i) || i - k);
  return order.slice(0, MOST).sort((i, k) => i - k);
}

/** What a list of steps can do. @typedef {{go: (step: number) => void, mark: (step: number) => void, record: (r: number) => void}} How */

/** Makes the line of a step. @param {Answer} answer @param {How} how */
function itemMaker(answer, how) {
  const { records, path, steps } = answer;
  const words = new WhyWords(records, path);

  /** @param {number} link @returns {number[]} from the outermost on */
  const chain = (link) => {
    const found = [];
    for (let l = link; l !== 0; l = path.links[l].parent) found.unshift(l);
    return found;
  };

  /** Records that a sentence stands on. @param {number[]} found */
  function recordButtons(found) {
    const box = element('span', { class: 'stands-on' });
    for (const r of found) {
      if (r === NO_RECORD) continue;
      const { name, title } = recordWords(records, r);
      box.append(button(name, title, () => how.record(r), { class: 'link' }));
    }
    return box;
  }

  /** Why the path is in this thread, where the step above does not say it. @param {number} link @param {number} above */
  function linkLines(link, above) {
    const told = new Set(chain(above));
    return chain(link)
      .filter((l) => !told.has(l))
      .map((l) => {
        const { depth, wait, other } = path.links[l];
        const line = element('p', { class: 'dim' }, `${words.link(path.links[l])}:`);
        line.style.marginLeft = indent(depth - 1);
        line.append(' ', recordButtons([wait, other]));
        return line;
      });
  }

  /** @param {number} i @param {number} above link of the step above */
  return (i, above) => {
    const step = steps[i];
    const ns = partNs(records, step);
    const after = toNs(records.model, step.from) - toNs(records.model, path.from);
    const item = element('li', { 'data-step': String(i) });
    const go = button('', 'Show this step', () => how.go(i), { class: 'step' });
    go.style.marginLeft = indent(path.links[step.link].depth);
    const head = element('span', { class: 'step-head' });
    head.append(
      element('b', { class: 'number' }, String(i + 1)),
      element('span', { class: 'dim', title: 'After the beginning' }, moreWords(after)),
      element('span', { class: 'length', title: exactNs(ns) }, durationWords(ns)),
    );
    const sure = step.certainty > 0 ? ` (${CERTAINTIES[step.certainty]})` : '';
    go.append(head, element('span', { class: `text ${step.state}` }, words.step(step) + sure));
    const stands = recordButtons(step.records);
    stands.style.marginLeft = indent(path.links[step.link].depth);
    item.append(...linkLines(step.link, above), go, stands);
    // Not when it enters: a list that scrolls under a pointer at rest means nothing by it.
    item.addEventListener('pointermove', () => how.mark(i));
    return item;
  };
}

/** @param {Answer} answer @param {How} how */
export function makeSteps(answer, how) {
  const { records, steps } = answer;
  const stepItem = itemMaker(answer, how);
  const list = element('ol', { class: 'steps', 'aria-label': 'Steps of the critical path' });
  /** @type {Entry[]} */
  let entries = [];

  /** @param {number} a @param {number} b */
  function gapItem(a, b) {
    const ns = partNs(records, { from: steps[a].from, to: steps[b - 1].to });
    const item = element('li', { class: 'gap' });
    const one = b - a === 1;
    const text = `${(b - a).toLocaleString('en')} shorter ${one ? 'step' : 'steps'}, ${durationWords(ns)}${one ? '' : ' together'}`;
    item.append(
      button(text, one ? 'Show it here' : `Show the longest ${Math.min(MOST, b - a)} of them here`, () => open(a, b, longestSteps(steps, a, b)), {
        class: 'link',
      }),
    );
    return item;
  }

  /** Steps a..b with these shown and lines for the others. @param {number} a @param {number} b @param {number[]} shown @returns {Entry[]} */
  function entriesOf(a, b, shown) {
    /** @type {Entry[]} */
    const made = [];
    let at = a;
    let above = a > 0 ? steps[a - 1].link : 0;
    const gap = (/** @type {number} */ to) => {
      if (to > at) made.push({ a: at, b: to, gap: true, item: gapItem(at, to) });
    };
    for (const i of shown) {
      gap(i);
      made.push({ a: i, b: i + 1, gap: false, item: stepItem(i, above) });
      above = steps[i].link;
      at = i + 1;
    }
    gap(b);
    return made;
  }

  /** Puts steps in the place of the line that stands for them. @param {number} a @param {number} b @param {number[]} shown */
  function open(a, b, shown) {
    const place = entries.findIndex((e) => e.gap && e.a === a && e.b === b);
    const made = entriesOf(a, b, shown);
    entries[place].item.replaceWith(...made.map((e) => e.item));
    entries.splice(place, 1, ...made);
    /** @type {HTMLElement|null} */ (list.querySelector(`[data-step="${shown[0]}"] button.step`))?.focus({ preventScroll: true });
  }

  entries = entriesOf(0, steps.length, longestSteps(steps, 0, steps.length));
  list.append(...entries.map((e) => e.item));

  return {
    list,
    /** Marks a step, and shows it if a line stood for it. @param {number} i */
    mark(i) {
      const gap = entries.find((e) => e.gap && i >= e.a && i < e.b);
      if (gap) {
        const had = document.activeElement;
        open(gap.a, gap.b, [i]);
        if (had instanceof HTMLElement && had.isConnected) had.focus({ preventScroll: true });
      }
      for (const { item, a, gap: line } of entries) {
        if (!line && a === i) {
          item.setAttribute('aria-current', 'step');
          item.scrollIntoView({ block: 'nearest' });
        } else item.removeAttribute('aria-current');
      }
    },
  };
}

/** @param {number} depth */
const indent = (depth) => `${Math.min(depth, DEEPEST) * 14}px`;
