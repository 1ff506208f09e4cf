// SPDX-License-Identifier: BSD-3-Clause
// Panel: differences between a range kept as A and what is shown now, of this trace or of another.

import { choiceOf } from '../state/choices.js';
import { button, element, select } from '../kit/dom.js';
import { createRunner } from '../kit/runner.js';
import { differences, StatsJob } from '../search/statistics.js';
import { SUBJECTS } from '../search/subjects.js';
import { makeTable } from '../kit/table.js';
import { clockWords, durationWords, parseBase, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {ReturnType<typeof differences>[number]} Difference */
/** @typedef {{open: (file: File) => void, close: () => void, other: () => State|null, linked: () => boolean, link: (on: boolean) => void, onChange: (run: () => void) => void}} OtherTrace */

/** What can be compared: of spans all that they are told apart by, of the rest the first. @type {[string, string, import('../search/subjects.js').Ask][]} */
const ASKS = [
  ...SUBJECTS.span.by.map(([by, label]) => /** @type {[string, string, import('../search/subjects.js').Ask]} */ ([by, label, { of: 'span', by }])),
  ...Object.entries(SUBJECTS)
    .filter(([of]) => of !== 'span')
    .map(([of, { title, by }]) => /** @type {[string, string, import('../search/subjects.js').Ask]} */ ([of, title, { of, by: by[0][0] }])),
];

const RANGE = /^-?\d+(\.\d+)?~-?\d+(\.\d+)?$/;

/** @param {import('../state/store.js').Store} store @param {(t: number) => number} nsA @param {(t: number) => number} ns ticks of A, of B */
function differenceTable(store, nsA, ns) {
  const signed = (/** @type {number} */ v) => (v === 0 ? '' : `${v > 0 ? '+' : '−'}${durationWords(Math.abs(v))}`);
  /** @param {string} label @param {string} title @param {'total'|'mean'|'p99'} key @returns {import('../kit/table.js').Column<Difference>[]} */
  const pair = (label, title, key) => [
    {
      label: `${label} A`,
      title: `${title}, A`,
      rank: key === 'total' ? 1 : 2,
      value: (d) => nsA(d.a?.[key] ?? 0),
      text: (d) => (d.a ? durationWords(nsA(d.a[key])) : ''),
    },
    {
      label: `${label} B`,
      title: `${title}, B`,
      rank: key === 'total' ? 1 : 2,
      value: (d) => ns(d.b?.[key] ?? 0),
      text: (d) => (d.b ? durationWords(ns(d.b[key])) : ''),
    },
    {
      label: `Δ ${label}`,
      title: `${title}: B minus A`,
      rank: key === 'total' ? 0 : 1,
      value: (d) => ns(d.b?.[key] ?? 0) - nsA(d.a?.[key] ?? 0),
      text: (d) => signed(ns(d.b?.[key] ?? 0) - nsA(d.a?.[key] ?? 0)),
    },
  ];
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<Difference>} */ ({
      label: 'Differences',
      file: 'differences',
      sort: 4,
      order: choiceOf(store, 'compare.order', ''),
      columns: [
        { label: 'What', title: 'Name, thread, CPU or class', value: (d) => d.label, up: true },
        {
          label: 'Δ Count',
          title: 'Spans: B minus A',
          value: (d) => d.count,
          text: (d) => (d.count === 0 ? '' : `${d.count > 0 ? '+' : '−'}${Math.abs(d.count).toLocaleString('en')}`),
        },
        ...pair('Total', 'Time inside the range', 'total'),
        ...pair('Mean', 'Mean of whole spans', 'mean'),
        ...pair('p99', '99 of 100 spans are no longer', 'p99'),
      ],
    }),
  );
}

/** A range in words. @param {{model: Model, window: import('../plan/view.js').Window}} s */
const rangeWords = ({ model, window }) =>
  `${clockWords(parseBase(model.meta.tracebase), toNs(model, window.t0), 6).split(' ').pop()}, ${durationWords(toNs(model, window.t1 - window.t0))}`;

/** @param {import('./panels.js').PanelContext} context @param {OtherTrace} other @returns {import('./panels.js').Panel} */
export function comparePanel({ store }, other) {
  const by = choiceOf(store, 'compare.by', 'name', (v) => ASKS.some(([key]) => key === v));
  /** Range A of this trace, in ticks. */
  const kept = choiceOf(store, 'compare.a', '', (v) => RANGE.test(v));
  /** What a change of the other trace asks of the panel as it was last opened. */
  let otherChanged = () => {};
  other.onChange(() => {
    if (store.get().panel === 'compare') otherChanged();
  });
  return { id: 'compare', title: 'Compare', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const runnerA = createRunner();
    const runnerB = createRunner();
    const what = element('p', { class: 'dim' });
    const nsOf = (/** @type {Model|null|undefined} */ model, /** @type {number} */ t) => (model ? toNs(model, t) : 0);
    const table = differenceTable(
      store,
      (t) => nsOf(sideA()?.model, t),
      (t) => nsOf(store.get().model, t),
    );
    const choice = select(
      'By',
      'What the rows of the table are',
      ASKS.map(([key, label]) => [key, label]),
      by.get(),
      (v) => by.set(v),
    );
    const ask = () => /** @type {import('../search/subjects.js').Ask} */ (ASKS.find(([key]) => key === by.get())?.[2]);
    const keep = button('Keep as A', 'Keep the measured range, or else the window, as A; then go elsewhere: that is B', () => {
      const { range, window } = store.get();
      const { t0, t1 } = range ?? window;
      kept.set(`${t0}~${t1}`);
      compute();
    });
    const open = openField(other);
    const link = button(
      'Linked',
      'Pan and zoom both traces together',
      () => {
        other.link(!other.linked());
        compute();
      },
      { 'aria-pressed': 'true' },
    );
    const close = button('Close other', 'Close the second trace', () => {
      other.close();
      compute();
    });
    const tools = element('div', { class: 'tools' });
    tools.append(keep, open, link, close, choice.box);
    body.append(element('h2', {}, 'Compare'), what, tools, table.box);
    let timer = 0;
    otherChanged = () => {
      clearTimeout(timer);
      timer = setTimeout(compute, 150);
    };

    function keptSide() {
      const { model } = store.get();
      const [t0, t1] = kept.get().split('~').map(Number);
      return model && t1 > t0 ? { model, window: { t0, t1 } } : null;
    }

    function sideA() {
      const o = other.other();
      return o?.model ? { model: o.model, window: o.range ?? o.window } : keptSide();
    }

    function compute() {
      const { model, range, window } = store.get();
      const a = sideA();
      close.hidden = link.hidden = other.other() === null;
      link.setAttribute('aria-pressed', String(other.linked()));
      link.title = `Pan and zoom both traces together (${other.linked() ? 'on' : 'off'})`;
      if (!model) return;
      const b = { model, window: range ?? window };
      what.textContent = a
        ? `A: ${other.other() ? `${a.model.meta.title ?? 'other trace'}, ` : ''}${rangeWords(a)}.  B: ${rangeWords(b)}.`
        : 'Keep a range as A, or open another trace. B is the measured range, or the window.';
      if (!a) {
        table.show([]);
        return;
      }
      runnerA.run(new StatsJob(a.model, a.window, ask()), (jobA) => {
        if (!jobA.made) return;
        const { made } = jobA;
        runnerB.run(new StatsJob(b.model, b.window, ask()), (jobB) => {
          if (jobB.made) table.show(differences(made, jobB.made));
        });
      });
    }

    return {
      /** @param {State} _ @param {Partial<State>} changed */
      update(_, changed) {
        choice.select.value = by.get();
        if ('model' in changed || 'choices' in changed) compute();
        else if ('window' in changed || 'range' in changed) {
          otherChanged();
        }
      },
    };
  }
}

/** @param {OtherTrace} other */
function openField(other) {
  const open = element('label', { class: 'button', title: 'Open a second trace below this one; its window is A' }, 'Other trace…');
  const file = element('input', { type: 'file', accept: '.html,.json,.gz', 'aria-label': 'Open a second trace' });
  open.append(file);
  file.addEventListener('change', () => {
    const f = file.files?.[0];
    if (f) other.open(f);
    file.value = '';
  });
  return open;
}
