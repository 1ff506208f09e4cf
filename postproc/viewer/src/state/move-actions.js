// SPDX-License-Identifier: BSD-3-Clause
// Actions that move the picture: zoom, pan, scroll, fit, and back through what was seen.

import { GROUPS, layoutRows } from '../plan/layout.js';
import { soundSizes } from '../plan/sizes.js';
import { clampWindow, fitWindow, panWindow, zoomWindow } from '../plan/view.js';
import { createHistory } from '../kit/history.js';
import { parseTimeJump } from '../search/query.js';

/** @typedef {import('./actions-io.js').ActionsIo} ActionsIo */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../plan/view.js').Window} Window */

/** @param {ActionsIo} io */
export function moveActions({ store, size, model, setWindow }) {
  /** What was seen: the time and the open groups. @type {ReturnType<typeof createHistory<{window: Window, open: Record<Group, boolean>}>>} */
  const seen = createHistory({
    quiet: 500,
    same: (a, b) => a.window.t0 === b.window.t0 && a.window.t1 === b.window.t1 && GROUPS.every((g) => a.open[g] === b.open[g]),
  });
  store.subscribe((s, changed) => {
    if (changed.model) seen.reset({ window: s.window, open: s.open });
    else if (changed.window || changed.open) seen.record({ window: s.window, open: s.open }, performance.now());
  });
  /** @param {{window: Window, open: Record<Group, boolean>}|undefined} view */
  const showAgain = (view) => {
    if (view) store.set(view);
    if (view) move.scroll(0);
    return view !== undefined;
  };
  const move = {
    /** @param {number} factor @param {number} at share of the width @param {number} [t] what is to be there, when not what is there */
    zoom(factor, at, t) {
      const m = model();
      if (m) setWindow(zoomWindow(store.get().window, factor, at, m, t));
    },
    /** @param {number} share of the width */
    pan(share) {
      const m = model();
      const { window } = store.get();
      if (m) setWindow(panWindow(window, (window.t1 - window.t0) * share, m));
    },
    /** @param {number} px */
    scroll(px) {
      const m = model();
      if (!m) return;
      const layout = layoutRows(m, { ...store.get(), scroll: store.get().scroll + px }, size());
      store.set({ scroll: layout.scroll });
    },
    full() {
      const m = model();
      if (m) setWindow(clampWindow({ t0: m.t0, t1: m.t1 }, m));
    },
    /** @param {Window} w */
    show(w) {
      const m = model();
      if (m) setWindow(clampWindow(w, m));
    },
    zoomBack: () => showAgain(seen.back()),
    zoomForward: () => showAgain(seen.forward()),
    /** @param {boolean} end */
    jump(end) {
      const m = model();
      const { window } = store.get();
      const width = window.t1 - window.t0;
      if (m) setWindow(clampWindow(end ? { t0: m.t1 - width, t1: m.t1 } : { t0: m.t0, t1: m.t0 + width }, m));
    },
    fit() {
      const m = model();
      const { selection: s, range, window } = store.get();
      if (!m) return;
      if (range) {
        setWindow(fitWindow(range.t0, range.t1, m, 0.02));
        return;
      }
      if (!s) return;
      const start = m[s.cols].start[s.record];
      const dur = m[s.cols].dur[s.record];
      setWindow(
        dur > 0 ? fitWindow(start, start + dur, m) : fitWindow(start - (window.t1 - window.t0) / 20, start + (window.t1 - window.t0) / 20, m),
      );
    },
    /** @param {Group} group */
    toggleGroup(group) {
      const m = model();
      if (!m) return;
      const open = { ...store.get().open, [group]: !store.get().open[group] };
      const scroll = layoutRows(m, { ...store.get(), open }, size()).scroll;
      store.set({ open, scroll });
    },
    /** @param {number} factor */
    rowHeight(factor) {
      store.set({ rowScale: Math.min(4, Math.max(0.3, store.get().rowScale * factor)) });
      move.scroll(0);
    },
    /** @param {Partial<import('../plan/sizes.js').Sizes>} change */
    setSizes(change) {
      store.set({ sizes: soundSizes({ ...store.get().sizes, ...change }) });
      move.scroll(0);
    },
    /** Goes to a typed time such as 50.084+. @param {string} text @returns {boolean} */
    jumpToTime(text) {
      const m = model();
      const jump = m ? parseTimeJump(text) : null;
      if (!m || !jump) return false;
      move.show({ t0: (jump.from * 1e9) / m.nsPerTick, t1: (jump.to * 1e9) / m.nsPerTick });
      return true;
    },
  };
  return move;
}
