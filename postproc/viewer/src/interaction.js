// SPDX-License-Identifier: BSD-3-Clause
// Pointer and keyboard events to actions.

import { actionOf } from './keys.js';
import { panWindow } from './view.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./actions.js').Actions} Actions */
/** @typedef {{scene: () => import('./render.js').Scene|null, pickAt: (x: number, y: number) => import('./pick.js').Picked|null}} View */

const CLICK_SLOP = 4;

/**
 * @param {HTMLCanvasElement} canvas @param {Store} store @param {Actions} actions @param {View} view
 */
export function listenPointer(canvas, store, actions, view) {
  /** @type {{x: number, y: number, window: import('./view.js').Window, scroll: number, moved: boolean, bar: boolean}|null} */
  let drag = null;
  const shareAt = (/** @type {number} */ x) => {
    const layout = view.scene()?.layout;
    if (!layout) return 0.5;
    return Math.min(1, Math.max(0, (x - layout.left) / (layout.right - layout.left)));
  };

  canvas.addEventListener('pointerdown', (e) => {
    const scene = view.scene();
    if (e.button !== 0 || !scene) return;
    canvas.setPointerCapture(e.pointerId);
    const { window, scroll } = store.get();
    drag = { x: e.offsetX, y: e.offsetY, window, scroll, moved: false, bar: e.offsetX >= scene.layout.right };
  });
  canvas.addEventListener('pointermove', (e) => {
    const scene = view.scene();
    if (!drag || !scene) {
      store.set({ pointer: { x: e.offsetX, y: e.offsetY } });
      return;
    }
    const dx = e.offsetX - drag.x;
    const dy = e.offsetY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < CLICK_SLOP) return;
    drag.moved = true;
    canvas.classList.add('dragging');
    const { model } = store.get();
    if (!model) return;
    const { layout } = scene;
    const most = Math.max(0, layout.contentHeight - layout.bottom);
    if (drag.bar) {
      store.set({ scroll: Math.min(most, Math.max(0, drag.scroll + (dy * layout.contentHeight) / layout.bottom)) });
      return;
    }
    const ticks = (-dx * (drag.window.t1 - drag.window.t0)) / (layout.right - layout.left);
    store.set({
      window: panWindow(drag.window, ticks, model), scroll: Math.min(most, Math.max(0, drag.scroll - dy)), pointer: null,
    });
  });
  const release = (/** @type {PointerEvent} */ e) => {
    canvas.classList.remove('dragging');
    if (drag && !drag.moved && e.type === 'pointerup') click(e);
    drag = null;
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => store.set({ pointer: null }));

  /** @param {PointerEvent} e */
  function click(e) {
    canvas.focus();
    const picked = view.pickAt(e.offsetX, e.offsetY);
    if (!picked) return;
    if (picked.header) actions.toggleGroup(picked.header);
    else actions.select(picked.selection, picked.row?.row.group);
  }

  canvas.addEventListener('dblclick', (e) => {
    const layout = view.scene()?.layout;
    if (!layout || e.offsetX < layout.left || view.pickAt(e.offsetX, e.offsetY)?.header) return;
    actions.zoom(e.shiftKey ? 2 : 0.5, shareAt(e.offsetX));
  });
  canvas.addEventListener('wheel', (e) => {
    e.preventDefault();
    const layout = view.scene()?.layout;
    if (!layout) return;
    const unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1;
    if (e.offsetX < layout.left || e.shiftKey) {
      actions.scroll((e.deltaY || e.deltaX) * unit);
      return;
    }
    if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) actions.pan((e.deltaX * unit) / (layout.right - layout.left));
    else actions.zoom(2 ** ((e.deltaY * unit) / 240), shareAt(e.offsetX));
  }, { passive: false });
}

/** Fields in which letters are text. @param {EventTarget|null} target */
const isField = (target) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

/**
 * @param {Store} store @param {Actions} actions @param {View} view
 * @param {{help: () => void, search: () => void, escape: () => void}} page
 */
export function listenKeyboard(store, actions, view, page) {
  const at = () => {
    const { pointer } = store.get();
    const layout = view.scene()?.layout;
    if (!pointer || !layout) return 0.5;
    return Math.min(1, Math.max(0, (pointer.x - layout.left) / (layout.right - layout.left)));
  };
  const pageHeight = () => (view.scene()?.layout.bottom ?? 600) * 0.9;
  /** @type {Record<string, () => void>} */
  const table = {
    zoomIn: () => actions.zoom(1 / 1.5, at()),
    zoomOut: () => actions.zoom(1.5, at()),
    panLeft: () => actions.pan(-0.15),
    panRight: () => actions.pan(0.15),
    scrollUp: () => actions.scroll(-60),
    scrollDown: () => actions.scroll(60),
    pageUp: () => actions.scroll(-pageHeight()),
    pageDown: () => actions.scroll(pageHeight()),
    home: () => actions.jump(false),
    end: () => actions.jump(true),
    full: () => actions.full(),
    fit: () => actions.fit(),
    next: () => actions.neighbour(1),
    previous: () => actions.neighbour(-1),
    nextMatch: () => actions.match(true),
    previousMatch: () => actions.match(false),
    lower: () => actions.rowHeight(1 / 1.25),
    taller: () => actions.rowHeight(1.25),
    search: () => page.search(),
    help: () => page.help(),
    escape: () => page.escape(),
  };
  document.addEventListener('keydown', (e) => {
    if (isField(e.target) && e.key !== 'Escape') return;
    const action = actionOf(e);
    if (!action) return;
    e.preventDefault();
    table[action]();
  });
}
