// SPDX-License-Identifier: BSD-3-Clause
// What all actions have: the state, the trace in it, and the size of the picture.

import { timelines } from '../plan/layout.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/view.js').Window} Window */
/** @typedef {ReturnType<typeof actionsIo>} ActionsIo */

/** @param {Store} store @param {() => {width: number, height: number}} size */
export const actionsIo = (store, size) => ({
  store,
  size,
  model: () => store.get().model,
  setWindow: (/** @type {Window} */ window) => store.set({ window }),
  /** Width of the timelines. @param {Model} m */
  pixels: (m) => {
    const { left, right } = timelines(m, store.get(), size().width);
    return right - left;
  },
});
