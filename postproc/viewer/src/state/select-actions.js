// SPDX-License-Identifier: BSD-3-Clause
// Actions that select a record or a row and bring it into view, and go from one to the next.

import { lowerBound } from '../format/bounds.js';
import { rpcKey, tidOf } from '../format/columns.js';
import { AUX } from '../format/events.js';
import { layoutRows, rowTop, scrollTo, visibleRows } from '../plan/layout.js';
import { reveal } from '../plan/view.js';
import { firstEndingAfter } from '../trace/aggregate.js';
import { cpuOfSpan } from '../trace/lookups.js';
import { prepareGroup, prepareRow, spanAt } from '../trace/model.js';
import { wakeeOf, wakerOf } from '../trace/neighbours.js';

/** @typedef {import('./actions-io.js').ActionsIo} ActionsIo */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./store.js').Selection} Selection */

/** @param {ActionsIo} io @param {Pick<ReturnType<typeof import('./edits.js').createEdits>, 'hideRow'>} edits */
export function selectActions({ store, size, model, pixels }, edits) {
  /** Group in which the user selected last; next and previous follow it. @type {Group} */
  let along = 'cpu';
  const select = {
    /** @param {Selection|null} selection @param {Group} [group] */
    select(selection, group) {
      if (group) along = group;
      const panel = store.get().panel === 'why' ? 'why' : 'details';
      store.set(selection ? { selection, panel } : { selection });
    },
    /** Selects and brings it into view. @param {Selection} s */
    go(s) {
      const m = model();
      if (!m) return;
      const cols = m[s.cols];
      const window = reveal(store.get().window, cols.start[s.record], cols.start[s.record] + cols.dur[s.record], m, pixels(m));
      const place = placeOf(m, s);
      let { open, scroll } = store.get();
      if (place) {
        const shown = place.find(({ group }) => group === along && open[group]) ?? place.find(({ group }) => open[group]) ?? place[0];
        open = { ...open, [shown.group]: true };
        const layout = layoutRows(m, { ...store.get(), open, window }, size());
        if (rowTop(layout, shown.group, shown.key)) scroll = scrollTo(layout, shown.group, shown.key);
      }
      const { panel } = store.get();
      store.set({ selection: s, window, open, scroll, panel: panel === '' ? 'details' : panel });
    },
    /** Brings a row into view. @param {Group} group @param {number} key */
    goRow(group, key) {
      const m = model();
      if (!m) return;
      const { rows } = store.get();
      if (rows[group].hidden.includes(key)) edits.hideRow(group, key);
      along = group;
      const open = { ...store.get().open, [group]: true };
      if (group !== 'cpu') prepareGroup(m, group);
      const layout = layoutRows(m, { ...store.get(), open }, size());
      store.set({ open, scroll: rowTop(layout, group, key) ? scrollTo(layout, group, key) : layout.scroll });
    },
    /** Next or previous span on the row of the selection; without one, the first in the window. @param {number} step */
    neighbour(step) {
      const m = model();
      const s = store.get().selection;
      if (!m) return;
      if (s?.cols !== 'exec') {
        select.selectFirst();
        return;
      }
      const row = rowOf(m, s.record, along);
      if (!row) return;
      const i = row.index ? positionIn(m, row.index, s.record) : s.record - row.lo;
      const next = i + step;
      if (next < 0 || next >= row.n) return;
      select.go({ cols: 'exec', record: row.index ? row.index[next] : row.lo + next });
    },
    /** Selects the first span that starts in the window, on the uppermost row that has one. */
    selectFirst() {
      const m = model();
      if (!m) return;
      const { window } = store.get();
      for (const { row } of visibleRows(layoutRows(m, store.get(), size()))) {
        prepareRow(m, row);
        const i = lowerBound(0, row.n, (k) => m.exec.start[spanAt(row, k)], window.t0);
        if (i >= row.n || m.exec.start[spanAt(row, i)] >= window.t1) continue;
        select.select({ cols: 'exec', record: spanAt(row, i) }, row.group);
        return;
      }
    },
    /** Selects what runs at the same time on the row above or below. @param {number} step */
    otherRow(step) {
      const m = model();
      const s = store.get().selection;
      if (!m || !s) return;
      const layout = layoutRows(m, store.get(), size());
      const list = layout.groups.filter((g) => g.open).flatMap((g) => g.rows);
      const here = placeOf(m, s)?.find((p) => p.group === along) ?? placeOf(m, s)?.[0];
      const at = list.findIndex((r) => r.group === here?.group && r.key === here?.key);
      const t = m[s.cols].start[s.record];
      for (let k = at + step; k >= 0 && k < list.length; k += step) {
        prepareRow(m, list[k]);
        const i = firstEndingAfter(list[k], m.exec, t);
        if (i >= list[k].n) continue;
        along = list[k].group;
        select.go({ cols: 'exec', record: spanAt(list[k], i) });
        return;
      }
    },
    /** Follows a wakeup: back to the waker (-1) or on to the thread woken (1). @param {number} direction @returns {boolean} */
    follow(direction) {
      const m = model();
      const s = store.get().selection;
      const to = m && s ? (direction < 0 ? wakerOf(m, s) : wakeeOf(m, s)) : null;
      if (to) select.go(to);
      return to !== null;
    },
  };
  return select;
}

/** The row a span is on, in the group preferred. @param {Model} m @param {number} record @param {Group} group @returns {import('../trace/model.js').Row|undefined} */
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
  if (s.cols === 'exec')
    places.push(
      { group: 'cpu', key: cpuOfSpan(m, s.record) },
      { group: 'pid', key: tidOf(m.exec, s.record) },
      { group: 'rpc', key: rpcKey(m.exec, s.record) },
    );
  else {
    const cpu = /** @type {Int32Array} */ (m.aux.cpu)[s.record];
    const onThread = m.category[s.record] === AUX.WAIT || m.category[s.record] === AUX.LOCK;
    if (cpu >= 0 && !onThread) places.push({ group: 'cpu', key: cpu });
    places.push({ group: 'pid', key: tidOf(m.aux, s.record) }, { group: 'rpc', key: rpcKey(m.aux, s.record) });
  }
  const known = places.filter(({ group, key }) => m.position[group].has(key));
  return known.length > 0 ? known : null;
}
