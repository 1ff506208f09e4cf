// SPDX-License-Identifier: BSD-3-Clause
// What a user can do, as changes of the store. Keyboard, pointer and buttons all come here.

import { clampWindow, fitWindow, panWindow, reveal, zoomWindow } from './view.js';
import { layoutRows, rowTop, scrollTo } from './layout.js';
import { nextMatch, runSearch } from './search.js';
import { AUX } from './events.js';
import { cpuOfSpan } from './words.js';
import { rpcKey, tidOf } from './columns.js';
import { prepareGroup, prepareRow } from './model.js';
import { lowerBound } from './bounds.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Selection} Selection */
/** @typedef {import('./model.js').Group} Group */
/** @typedef {import('./model.js').Model} Model */

/** @param {Store} store @param {() => {width: number, height: number}} size */
export function createActions(store, size) {
  const model = () => store.get().model;
  const setWindow = (/** @type {import('./view.js').Window} */ window) => store.set({ window });
  /** Group in which the user selected last; next and previous follow it. @type {Group} */
  let along = 'cpu';

  const actions = {
    /** @param {number} factor @param {number} at */
    zoom(factor, at) {
      const m = model();
      if (m) setWindow(zoomWindow(store.get().window, factor, at, m));
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
    /** @param {boolean} end */
    jump(end) {
      const m = model();
      const { window } = store.get();
      const width = window.t1 - window.t0;
      if (m) setWindow(clampWindow(end ? { t0: m.t1 - width, t1: m.t1 } : { t0: m.t0, t1: m.t0 + width }, m));
    },
    fit() {
      const m = model();
      const s = store.get().selection;
      if (!m || !s) return;
      const cols = m[s.cols];
      const start = cols.start[s.record];
      const { window } = store.get();
      const dur = cols.dur[s.record];
      setWindow(dur > 0 ? fitWindow(start, start + dur, m) : fitWindow(start - (window.t1 - window.t0) / 20, start + (window.t1 - window.t0) / 20, m));
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
      actions.scroll(0);
    },
    /** @param {string} key */
    toggle(key) {
      const { show } = store.get();
      store.set({ show: { ...show, [key]: !show[key] } });
    },
    /** @param {Selection|null} selection @param {Group} [group] */
    select(selection, group) {
      if (group) along = group;
      store.set({ selection });
    },
    /** Selects and brings it into view. @param {Selection} s */
    go(s) {
      const m = model();
      if (!m) return;
      const cols = m[s.cols];
      const window = reveal(store.get().window, cols.start[s.record], cols.start[s.record] + cols.dur[s.record], m);
      const place = placeOf(m, s);
      let { open, scroll } = store.get();
      if (place) {
        const shown = place.find(({ group }) => open[group]) ?? place[0];
        open = { ...open, [shown.group]: true };
        const layout = layoutRows(m, { ...store.get(), open }, size());
        if (rowTop(m, layout, shown.group, shown.key)) scroll = scrollTo(m, layout, shown.group, shown.key);
      }
      store.set({ selection: s, window, open, scroll });
    },
    /** Next or previous span on the row of the selection. @param {number} step */
    neighbour(step) {
      const m = model();
      const s = store.get().selection;
      if (!m) return;
      if (!s || s.cols !== 'exec') return;
      const row = rowOf(m, s.record, along);
      if (!row) return;
      const i = row.index ? positionIn(m, row.index, s.record) : s.record - row.lo;
      const next = i + step;
      if (next < 0 || next >= row.n) return;
      actions.go({ cols: 'exec', record: row.index ? row.index[next] : row.lo + next });
    },
    /** @param {string} text */
    search(text) {
      const m = model();
      if (m) store.set({ search: runSearch(m, text) });
    },
    /** @param {boolean} forward */
    match(forward) {
      const m = model();
      const { search, selection, window } = store.get();
      if (!m || !search) return;
      const found = nextMatch(m, search, selection, forward ? window.t0 : window.t1, forward);
      if (found) actions.go(found);
    },
  };
  return actions;
}
/** @typedef {ReturnType<typeof createActions>} Actions */

/** The row a span is on, in the group preferred. @param {Model} m @param {number} record @param {Group} group @returns {import('./model.js').Row|undefined} */
function rowOf(m, record, group) {
  const key = group === 'cpu' ? cpuOfSpan(m, record) : group === 'pid' ? tidOf(m.exec, record) : rpcKey(m.exec, record);
  const p = m.position[group].get(key);
  if (p === undefined) return group === 'cpu' ? undefined : rowOf(m, record, 'cpu');
  if (group !== 'cpu') {
    prepareGroup(m, group);
    prepareRow(m, m.rows[group][p]);
  }
  return m.rows[group][p];
}

/** @param {Model} m @param {Uint32Array} index sorted by start @param {number} record */
function positionIn(m, index, record) {
  const { start } = m.exec;
  let i = lowerBound(0, index.length, (k) => start[index[k]], start[record]);
  while (i < index.length && index[i] !== record) i++;
  return i;
}

/** Rows that show a record, best first. @param {Model} m @param {Selection} s @returns {{group: Group, key: number}[]|null} */
export function placeOf(m, s) {
  /** @type {{group: Group, key: number}[]} */
  const places = [];
  if (s.cols === 'exec') places.push({ group: 'cpu', key: cpuOfSpan(m, s.record) }, { group: 'pid', key: tidOf(m.exec, s.record) });
  else {
    const cpu = /** @type {Int32Array} */ (m.aux.cpu)[s.record];
    const onThread = m.category[s.record] === AUX.WAIT || m.category[s.record] === AUX.LOCK;
    if (cpu >= 0 && !onThread) places.push({ group: 'cpu', key: cpu });
    places.push({ group: 'pid', key: tidOf(m.aux, s.record) }, { group: 'rpc', key: rpcKey(m.aux, s.record) });
  }
  const known = places.filter(({ group, key }) => m.position[group].has(key));
  return known.length > 0 ? known : null;
}
