// SPDX-License-Identifier: BSD-3-Clause
// The page's address holds the view; the last view of each trace is remembered.

import { recall, remember } from './memory.js';

const SOON_MS = 250;

/** Key under which the last view of a trace is kept. @param {import('./model.js').Model} model */
const lastKey = (model) => `kutrace-last-${model.meta.randomid ?? model.meta.tracebase ?? ''}`;

/** @param {import('./store.js').Store} store @param {import('./actions.js').Actions} actions */
export function connectAddress(store, actions) {
  let timer = 0;
  let written = '';

  function write() {
    clearTimeout(timer);
    if (!store.get().model) return;
    written = `#${actions.encodeState()}`;
    if (written === location.hash) return;
    try {
      history.replaceState(null, '', written);
    } catch {
      /* too many changes, or forbidden: the next one will do */
    }
  }
  window.addEventListener('hashchange', () => {
    if (location.hash !== written && store.get().model) actions.applyState(location.hash);
  });
  window.addEventListener('pagehide', () => {
    const { model } = store.get();
    if (!model) return;
    write();
    remember(lastKey(model), actions.encodeState());
  });
  return {
    write,
    /** Short bursts of changes are written once. */
    writeSoon() {
      clearTimeout(timer);
      timer = setTimeout(write, SOON_MS);
    },
    last: (/** @type {import('./model.js').Model} */ model) => recall(lastKey(model)),
  };
}
