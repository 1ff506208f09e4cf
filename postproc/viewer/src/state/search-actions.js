// SPDX-License-Identifier: BSD-3-Clause
// Actions that search.

import { createRunner } from '../kit/runner.js';
import { parseTimeJump } from '../search/query.js';
import { nextMatch, SearchJob } from '../search/search.js';

/** @typedef {import('./actions-io.js').ActionsIo} ActionsIo */
/** @typedef {import('./store.js').Selection} Selection */

/** @param {ActionsIo} io @param {(s: Selection) => void} go */
export function searchActions({ store, model }, go) {
  const searching = createRunner();
  const find = {
    /** @param {string} text */
    search(text) {
      const m = model();
      store.set({ query: text });
      if (!m || text.trim() === '' || (parseTimeJump(text) && text.includes('.'))) {
        searching.cancel();
        store.set({ search: null, isolate: false });
        return;
      }
      searching.run(new SearchJob(m, text), (job) => store.set({ search: job.result() }));
    },
    /** Lists what a query finds. @param {string} text */
    list(text) {
      find.search(text);
      store.set({ panel: 'results' });
    },
    /** @param {boolean} forward */
    match(forward) {
      const m = model();
      const { search, selection, window } = store.get();
      if (!m || !search) return;
      const found = nextMatch(m, search, selection, forward ? window.t0 : window.t1, forward);
      if (found) go(found);
    },
  };
  return find;
}
