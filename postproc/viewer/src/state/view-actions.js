// SPDX-License-Identifier: BSD-3-Clause
// Actions that put a whole state of the view on the page: as at the start, or as in an address.

import { layoutRows, placeTracks } from '../plan/layout.js';
import { hasTimeline, TIMELINE } from '../tabs/catalog.js';
import { prepareGroup } from '../trace/model.js';
import { initialState } from './store.js';
import { decodeState, encodeState } from './url-state.js';

/** @typedef {import('./actions-io.js').ActionsIo} ActionsIo */

/** @param {ActionsIo} io @param {(text: string) => void} search @param {() => void} showAllRows */
export function viewActions({ store, size, model }, search, showAllRows) {
  const encode = () => {
    const m = model();
    return m ? encodeState(store.get(), m) : '';
  };
  return {
    encodeState: encode,
    /** Everything as at the start; what was seen goes to the first view slot. */
    resetAll() {
      const m = model();
      if (!m) return;
      const { theme, safe, notes } = store.get();
      const hash = encode();
      search('');
      showAllRows();
      const { rows, views } = store.get();
      store.set({
        ...initialState(),
        model: m,
        theme,
        safe,
        rows,
        notes,
        views: views.map((v, i) => (i === 0 ? { ...v, hash } : v)),
        window: { t0: m.t0, t1: m.t1 },
      });
    },
    /** Puts a state of the view, as in the URL, on the page. @param {string} hash */
    applyState(hash) {
      const m = model();
      if (!m) return;
      const { show, rows, tracks, ...rest } = decodeState(hash, m);
      const plain = initialState();
      const { theme, safe, tab, charts } = store.get();
      const looks = Object.fromEntries(Object.entries(rest.looks ?? {}).filter(([id]) => charts.some((s) => s.id === id)));
      if (rest.open?.pid) prepareGroup(m, 'pid');
      if (rest.open?.rpc) prepareGroup(m, 'rpc');
      store.set({
        window: { t0: m.t0, t1: m.t1 },
        open: plain.open,
        scroll: 0,
        rowScale: 1,
        sizes: plain.sizes,
        colorBy: 'class',
        annotate: 'off',
        annotStyle: 'tall',
        labelled: [],
        choices: {},
        cursors: plain.cursors,
        range: null,
        selection: null,
        panel: '',
        theme,
        safe,
        ...rest,
        looks,
        isolate: false,
        tab: charts.some((s) => s.id === rest.tab) ? rest.tab : hasTimeline(m) ? TIMELINE : tab,
        show: { ...plain.show, ...show },
        rows: rows ?? plain.rows,
      });
      if (tracks) store.set(placeTracks((rowScale) => layoutRows(m, { ...store.get(), scroll: 0, rowScale }, size()), tracks));
      search(rest.query ?? '');
      if (rest.isolate && rest.query) store.set({ isolate: true });
    },
  };
}
