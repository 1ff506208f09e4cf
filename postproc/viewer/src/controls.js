// SPDX-License-Identifier: BSD-3-Clause
// The toolbar: toggles, search box, theme, diagnostics badge, group headers.

import { diagnosticCounts, element } from './details.js';
import { FLAG_IPC, FLAG_LLC } from './events.js';
import { GROUP_TITLES, HEADER_HEIGHT } from './layout.js';
import { hasFreq } from './model.js';
import { TOGGLES } from './store.js';
import { durationWords, toNs } from './time.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').State} State */
/** @typedef {import('./actions.js').Actions} Actions */

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {HTMLElement} bar @param {Store} store @param {Actions} actions */
export function makeToggles(bar, store, actions) {
  const buttons = TOGGLES.map(([key, label, title]) => {
    const button = element('button', { type: 'button', class: 'toggle', 'data-toggle': key, title }, label);
    button.addEventListener('click', () => actions.toggle(key));
    bar.append(button);
    return { key, button, title };
  });
  const update = (/** @type {State} */ state) => {
    const missing = state.model ? missingData(state.model) : {};
    for (const { key, button, title } of buttons) {
      button.disabled = missing[key] !== undefined;
      button.setAttribute('aria-pressed', String(state.show[key] && !button.disabled));
      button.title = missing[key] ?? `${title} (${state.show[key] ? 'shown' : 'hidden'})`;
    }
    const ipc = buttons.find((b) => b.key === 'ipc');
    const flags = state.model?.flags ?? 0;
    if (ipc) ipc.button.textContent = (flags & FLAG_LLC) === 0 ? 'IPC' : (flags & FLAG_IPC) === 0 ? 'LLC' : 'IPC+LLC';
  };
  store.subscribe((state, changed) => {
    if (changed.show || changed.model) update(state);
  });
  update(store.get());
}

/** @param {import('./model.js').Model} model @returns {Record<string, string>} */
function missingData(model) {
  /** @type {Record<string, string>} */
  const missing = {};
  if ((model.flags & (FLAG_IPC | FLAG_LLC)) === 0) missing.ipc = 'This trace has no instructions-per-cycle data';
  if (model.freq.max === 0) missing.freq = 'This trace has no clock frequency data';
  else if (!hasFreq(model)) missing.freq = `The clock frequency is constant: ${Math.round(model.freq.max)} MHz`;
  return missing;
}

/** @param {Store} store @param {Actions} actions */
export function connectSearch(store, actions) {
  const input = /** @type {HTMLInputElement} */ (byId('search'));
  const result = byId('search-result');
  const steps = [byId('search-previous'), byId('search-next')];
  input.addEventListener('input', () => actions.search(input.value));
  input.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter') return;
    e.preventDefault();
    actions.match(!e.shiftKey);
  });
  steps[0].addEventListener('click', () => actions.match(false));
  steps[1].addEventListener('click', () => actions.match(true));
  store.subscribe((state, changed) => {
    if (!('search' in changed)) return;
    const { search, model } = state;
    if (!search || !model) {
      result.textContent = '';
      input.removeAttribute('aria-invalid');
      return;
    }
    result.classList.toggle('error', search.error !== '');
    input.toggleAttribute('aria-invalid', search.error !== '');
    const words = (/** @type {number} */ ticks) => durationWords(toNs(model, ticks));
    result.textContent = search.error || (search.count === 0 ? 'no match'
      : `${search.count.toLocaleString('en')} found, total ${words(search.total)}, ${words(search.min)} to ${words(search.max)}`);
  });
  return { focus: () => { input.focus(); input.select(); }, clear: () => { input.value = ''; actions.search(''); input.blur(); } };
}

/** @param {Store} store */
export function connectTheme(store) {
  const button = byId('theme');
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = (/** @type {import('./colors.js').ThemeName} */ theme) => {
    document.documentElement.dataset.theme = theme;
    button.setAttribute('aria-pressed', String(theme === 'dark'));
    store.set({ theme });
  };
  let chosen = false;
  dark.addEventListener('change', () => { if (!chosen) apply(dark.matches ? 'dark' : 'light'); });
  button.addEventListener('click', () => {
    chosen = true;
    apply(store.get().theme === 'dark' ? 'light' : 'dark');
  });
  apply(dark.matches ? 'dark' : 'light');
}

/** @param {HTMLElement} badge @param {import('./model.js').Model} model */
export function fillBadge(badge, model) {
  const { damage, repair, info } = diagnosticCounts(model);
  badge.hidden = false;
  badge.className = damage > 0 ? 'badge damage' : repair > 0 ? 'badge repair' : 'badge';
  const parts = [];
  if (damage > 0) parts.push(`⚠ ${damage.toLocaleString('en')} damaged`);
  if (repair > 0) parts.push(`${repair.toLocaleString('en')} repaired`);
  if (info > 0) parts.push(`${info.toLocaleString('en')} notes`);
  badge.textContent = parts.length > 0 ? parts.join(', ') : '✓ complete';
  badge.title = 'What was dropped, repaired or inferred: click for the list';
}

/** Group headers are real buttons over the label column. @param {HTMLElement} box @param {Store} store @param {Actions} actions */
export function makeHeaders(box, store, actions) {
  /** @type {Map<string, HTMLButtonElement>} */
  const made = new Map();
  /** @param {import('./layout.js').Layout} layout */
  return (layout) => {
    for (const [group, button] of made) if (!layout.groups.some((g) => g.group === group)) button.hidden = true;
    layout.groups.forEach((g, i) => {
      let button = made.get(g.group);
      if (!button) {
        button = element('button', { type: 'button', class: 'group', 'data-group': g.group });
        button.addEventListener('click', () => actions.toggleGroup(g.group));
        made.set(g.group, button);
        box.append(button);
      }
      // Headers stay in sight: those above are kept at the top, those below at the bottom.
      const lowest = layout.bottom - (layout.groups.length - i) * HEADER_HEIGHT;
      const y = Math.max(0, Math.min(lowest, Math.max(g.header - layout.scroll, i * HEADER_HEIGHT)));
      const text = `${g.open ? '▼' : '▶'} ${GROUP_TITLES[g.group]} (${g.count})`;
      if (button.textContent !== text) button.textContent = text;
      button.setAttribute('aria-expanded', String(g.open));
      button.title = g.open ? 'Close this group' : 'Open this group';
      button.hidden = false;
      button.style.transform = `translateY(${y}px)`;
      button.style.width = `${layout.left - 2}px`;
    });
  };
}
