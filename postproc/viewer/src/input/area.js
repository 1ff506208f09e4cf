// SPDX-License-Identifier: BSD-3-Clause
// Selecting an area by a button: the next drag on the picture measures, without Shift, and its statistics open.

import { keyOf } from './keys.js';

/** @param {HTMLElement} button @param {import('../state/store.js').Store} store @param {Record<string, () => void>} commands */
export function connectArea(button, store, commands) {
  const update = (/** @type {boolean} */ on) => {
    button.setAttribute('aria-pressed', String(on));
    button.title = `Select area: ${on ? 'drag on the picture now' : 'the next drag on the picture measures'} (${keyOf('selectArea')}); Shift+drag does it at once`;
  };
  button.addEventListener('click', () => commands.selectArea());
  store.subscribe((state, changed) => {
    if ('selecting' in changed) update(state.selecting);
  });
  update(false);
}
