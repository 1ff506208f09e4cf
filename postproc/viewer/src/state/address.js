// SPDX-License-Identifier: BSD-3-Clause
// The page's address holds the view; the last view of each trace is remembered.

import { keepView, recallView, traceName } from './memory.js';

const SOON_MS = 250;

/** @param {import('./store.js').Store} store @param {import('./actions.js').Actions} actions */
export function connectAddress(store, actions) {
  let timer = 0;
  /** The address as last written or read here. */
  let known = location.hash;

  function write() {
    clearTimeout(timer);
    // Another address than the known one was given a moment ago: its event is on the way.
    if (!store.get().model || location.hash !== known) return;
    const hash = `#${actions.encodeState()}`;
    if (hash === known) return;
    try {
      history.replaceState(null, '', hash);
    } catch {
      /* too many changes, or forbidden: the next one will do */
    }
    known = location.hash;
  }
  window.addEventListener('hashchange', () => {
    if (location.hash === known) return;
    known = location.hash;
    if (store.get().model) actions.applyState(location.hash);
  });
  window.addEventListener('pagehide', () => {
    const { model } = store.get();
    if (!model) return;
    write();
    keepView(traceName(model), actions.encodeState());
  });
  return {
    write,
    /** Short bursts of changes are written once. */
    writeSoon() {
      clearTimeout(timer);
      timer = setTimeout(write, SOON_MS);
    },
    last: (/** @type {import('../trace/model.js').Model} */ model) => recallView(traceName(model)),
  };
}
