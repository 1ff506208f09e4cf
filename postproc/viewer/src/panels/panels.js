// SPDX-License-Identifier: BSD-3-Clause
// The side panel: one tab at a time, and the details of the selection below it.

import { button, element } from '../kit/dom.js';
import { withKey } from '../input/keys.js';
import { soundSizes } from '../plan/sizes.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {{update: (state: State, changed: Partial<State>) => void}} Mounted */
/**
 * @typedef {object} Panel
 * @property {string} id @property {string} title
 * @property {(body: HTMLElement) => Mounted} mount
 */
/** @typedef {{store: Store, actions: import('../state/actions.js').Actions, view: import('../input/interaction.js').View, say: (text: string) => void}} PanelContext */

/** Below each other panel while something is selected. */
const DETAILS = 'details';

/**
 * @param {HTMLElement} aside @param {Store} store @param {Panel[]} panels one of them the details
 */
export function createPanels(aside, store, panels) {
  const tabs = element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Panels' });
  const close = button('✕', 'Close this panel (Esc)', () => store.set({ panel: '' }), { 'aria-label': 'Close panel', class: 'close' });
  const head = element('div', { class: 'panel-head' });
  const main = element('div', { class: 'panel-main', role: 'tabpanel', id: 'panel-main' });
  const below = element('div', { class: 'panel-below', role: 'region', 'aria-label': 'Details of the selection' });
  const grip = makeGrip(aside, store);
  head.append(tabs, close);
  aside.append(grip, head, main, below);
  const tabOf = new Map(
    panels.map((p) => {
      const tab = button(p.title, withKey(p.title, `panel:${p.id}`), () => store.set({ panel: p.id }), {
        role: 'tab',
        'data-panel': p.id,
        id: `panel-tab-${p.id}`,
        'aria-controls': 'panel-main',
      });
      tabs.append(tab);
      return [p.id, tab];
    }),
  );
  let open = '';
  /** @type {Mounted|null} */
  let mounted = null;
  const details = /** @type {Panel} */ (panels.find((p) => p.id === DETAILS)).mount(below);
  let pending = false;
  /** @type {Partial<State>} */
  let changes = {};

  function flush() {
    pending = false;
    const changed = changes;
    changes = {};
    const state = store.get();
    mounted?.update(state, changed);
    const both = open !== '' && open !== DETAILS && state.selection !== null && panels.find((p) => p.id === open)?.id !== 'quality';
    below.hidden = !both;
    if (both && ('selection' in changed || 'panel' in changed || 'model' in changed)) details.update(state, { selection: state.selection });
  }

  function switchTo(/** @type {string} */ id) {
    const panel = panels.find((p) => p.id === id);
    open = panel ? id : '';
    aside.hidden = !panel;
    aside.dataset.open = open;
    main.replaceChildren();
    mounted = null;
    for (const [key, tab] of tabOf) {
      tab.setAttribute('aria-selected', String(key === open));
      tab.tabIndex = key === open || open === '' ? 0 : -1;
    }
    tabOf.get(open)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    main.setAttribute('aria-labelledby', `panel-tab-${open}`);
    if (panel) mounted = panel.mount(main);
  }
  tabs.addEventListener('keydown', (e) => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    e.preventDefault();
    e.stopPropagation();
    const at = panels.findIndex((p) => p.id === open);
    const next = panels[(at + step + panels.length) % panels.length];
    store.set({ panel: next.id });
    tabOf.get(next.id)?.focus();
  });

  store.subscribe((state, changed) => {
    if ('pointer' in changed && Object.keys(changed).length === 1 && open !== 'legend') return;
    if ('sizes' in changed) aside.style.width = state.sizes.panel === null ? '' : `${state.sizes.panel}px`;
    const first = state.panel !== open || 'model' in changed;
    if (first) switchTo(state.panel);
    Object.assign(changes, first ? { ...state } : changed);
    if (first) flush();
    else if (!pending) {
      pending = true;
      requestAnimationFrame(flush);
    }
  });
  aside.hidden = true;
}

/** The edge that changes the width. @param {HTMLElement} aside @param {Store} store */
function makeGrip(aside, store) {
  const grip = element('div', {
    class: 'grip',
    role: 'separator',
    'aria-orientation': 'vertical',
    'aria-label': 'Panel width',
    tabindex: '0',
    title: 'Drag, or use the arrow keys, to change the width',
  });
  /** @param {number} px */
  const resize = (px) => store.set({ sizes: soundSizes({ ...store.get().sizes, panel: Math.min(window.innerWidth * 0.8, px) }) });
  grip.addEventListener('pointerdown', (e) => {
    grip.setPointerCapture(e.pointerId);
    const move = (/** @type {PointerEvent} */ m) => resize(aside.getBoundingClientRect().right - m.clientX);
    grip.addEventListener('pointermove', move);
    grip.addEventListener('pointerup', () => grip.removeEventListener('pointermove', move), { once: true });
  });
  grip.addEventListener('keydown', (e) => {
    if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return;
    e.preventDefault();
    e.stopPropagation();
    resize(aside.offsetWidth + (e.key === 'ArrowLeft' ? 40 : -40));
  });
  return grip;
}
