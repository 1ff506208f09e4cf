// SPDX-License-Identifier: BSD-3-Clause
// Theme of the page: light, dark, high contrast; what the system asks for until the user chooses.

import { element } from '../kit/dom.js';
import { makePalette, paletteName } from '../plan/colors.js';
import { applyTokens } from '../plan/tokens.js';

/** @typedef {import('../plan/colors.js').ThemeName} ThemeName */

export const THEMES = /** @type {[ThemeName, string][]} */ ([
  ['light', 'light'],
  ['dark', 'dark'],
  ['contrast', 'high contrast'],
]);

const dark = () => window.matchMedia('(prefers-color-scheme: dark)');
const contrast = () => window.matchMedia('(prefers-contrast: more)');

/** What the system asks for. @returns {ThemeName} */
export const wantedTheme = () => (contrast().matches ? 'contrast' : dark().matches ? 'dark' : 'light');

/** @param {import('../state/store.js').Store} store @param {HTMLElement} button @param {string} key */
export function connectTheme(store, button, key) {
  let chosen = false;
  const show = (/** @type {ThemeName} */ theme) => {
    document.documentElement.dataset.theme = theme;
    button.setAttribute('aria-pressed', String(theme !== 'light'));
    const name = THEMES.find(([t]) => t === theme)?.[1];
    button.title = `Theme: ${name}. Click for the next (${key})`;
    button.setAttribute('aria-label', `Theme: ${name}`);
    button.replaceChildren(element('span', {}, 'Theme'), element('small', {}, name ?? ''), element('kbd', {}, key));
  };
  for (const query of [dark(), contrast()])
    query.addEventListener('change', () => {
      if (!chosen) store.set({ theme: wantedTheme() });
    });
  store.subscribe((state, changed) => {
    if (changed.theme) show(state.theme);
    if (changed.theme || 'safe' in changed) applyTokens(document.documentElement, makePalette(paletteName(state.theme, state.safe)));
  });
  store.set({ theme: wantedTheme() });
  const next = () => {
    chosen = true;
    const at = THEMES.findIndex(([t]) => t === store.get().theme);
    store.set({ theme: THEMES[(at + 1) % THEMES.length][0] });
  };
  button.addEventListener('click', next);
  return {
    next,
    choose: () => {
      chosen = true;
    },
  };
}
