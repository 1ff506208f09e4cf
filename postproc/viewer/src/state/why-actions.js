// SPDX-License-Identifier: BSD-3-Clause
// Actions on the answer to "why was this slow" that is shown: its steps, one after another.

import { fitWindow } from '../plan/view.js';
import { layoutRows, rowTop, scrollTo } from '../plan/layout.js';
import { prepareGroup } from '../trace/model.js';

/** @param {import('./actions-io.js').ActionsIo} io */
export function whyActions({ store, size, model }) {
  /** Scroll that brings the row of a thread on the screen, if it has one. @param {import('../trace/model.js').Model} m @param {number} tid */
  function scrollFor(m, tid) {
    const layout = layoutRows(m, store.get(), size());
    return rowTop(layout, 'pid', tid) ? scrollTo(layout, 'pid', tid) : layout.scroll;
  }
  const actions = {
    /** Shows an answer over the picture, with the rows of the threads that its path goes through. @param {import('../search/why-answer.js').Answer|null} answer @returns {boolean} true: the rows were closed before */
    showAnswer(answer) {
      const { open, model: m } = store.get();
      const opens = answer !== null && m !== null && !open.pid && m.rows.pid.length > 0;
      if (opens) prepareGroup(m, 'pid');
      store.set({ why: answer && { answer, step: -1 }, ...(opens ? { open: { ...open, pid: true } } : {}) });
      if (answer && m) store.set({ scroll: scrollFor(m, answer.asked.tid) });
      return opens;
    },
    /** Marks a step of the path; -1: none. @param {number} step */
    markStep(step) {
      const { why } = store.get();
      if (why && why.step !== step) store.set({ why: { ...why, step } });
    },
    /** Marks a step and shows it. @param {number} i */
    goStep(i) {
      const { why } = store.get();
      const m = model();
      const step = why?.answer.steps[i];
      if (!m || !why || !step) return;
      const window = fitWindow(step.from, step.to, m, 0.4);
      const scroll = scrollFor(m, step.tid);
      store.set({ why: { ...why, step: i }, window, scroll });
    },
    /** Goes one step on or back along the path. @param {number} direction @returns {boolean} */
    walkPath(direction) {
      const { why, panel } = store.get();
      if (!why || panel !== 'why') return false;
      const last = why.answer.steps.length - 1;
      const from = why.step < 0 ? (direction > 0 ? -1 : last + 1) : why.step;
      actions.goStep(Math.min(last, Math.max(0, from + direction)));
      return true;
    },
    /** Shows all of the path. */
    fitPath() {
      const { why } = store.get();
      const m = model();
      if (m && why) store.set({ window: fitWindow(why.answer.path.from, why.answer.path.to, m, 0.03), why: { ...why, step: -1 } });
    },
  };
  return actions;
}
