// SPDX-License-Identifier: BSD-3-Clause
// Pointer events on the picture to actions: mouse, pen and touch.

import { panWindow, zoomWindow } from './view.js';
import { snap } from './cursors.js';
import { rowAt } from './layout.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./actions.js').Actions} Actions */
/** @typedef {import('./pick.js').Picked} Picked */
/** @typedef {{scene: () => import('./render.js').Scene|null, pickAt: (x: number, y: number) => Picked|null}} View */
/** @typedef {{menu: (x: number, y: number, picked: Picked|null) => void, alike: (picked: Picked) => void}} PointerPage */
/** @typedef {'pan'|'bar'|'range'|'row'|'edge'} Mode */
/** @typedef {{id: number, x: number, y: number, window: import('./view.js').Window, scroll: number, moved: boolean, mode: Mode, row: import('./model.js').Row|null, from: number, shift: boolean, touch: boolean}} Drag */

const CLICK_SLOP = 4;
const TOUCH_SLOP = 9;
const LONG_TOUCH_MS = 550;
/** Pixels left of the timelines where the label column is taken by its edge. */
const EDGE_REACH = 5;

/**
 * @param {HTMLCanvasElement} canvas @param {Store} store @param {Actions} actions @param {View} view @param {PointerPage} page
 */
export function listenPointer(canvas, store, actions, view, page) {
  /** @type {Drag|null} */
  let drag = null;
  /** @type {Map<number, {x: number, y: number}>} */
  const touches = new Map();
  /** @type {{distance: number, middle: number, window: import('./view.js').Window}|null} */
  let pinch = null;
  let longTouch = 0;
  let touched = false; // the last tap was a touch: no compatibility menu

  /** @param {MouseEvent} e @param {import('./layout.js').Layout} layout */
  const onEdge = (e, layout) => e.offsetX < layout.left && e.offsetX >= layout.left - EDGE_REACH && e.offsetY < layout.bottom;
  const layoutNow = () => view.scene()?.layout ?? null;
  const shareAt = (/** @type {number} */ x) => {
    const layout = layoutNow();
    return layout ? Math.min(1, Math.max(0, (x - layout.left) / (layout.right - layout.left))) : 0.5;
  };
  const timeAt = (/** @type {number} */ x) => {
    const scene = view.scene();
    return scene ? scene.t0 + (x - scene.layout.left) * scene.tpp : 0;
  };
  /** Time at x on an edge of the row at y, when one is near. @param {number} x @param {number} y */
  const snapped = (x, y) => {
    const scene = view.scene();
    const { model } = store.get();
    if (!scene || !model) return 0;
    const row = rowAt(scene.layout, Math.min(y, scene.layout.bottom - 1)).row?.row;
    const t = snap(model, row, timeAt(x), scene.tpp * 8);
    return Math.min(model.t1, Math.max(model.t0, t));
  };

  canvas.addEventListener('pointerdown', (e) => {
    const scene = view.scene();
    touched = e.pointerType === 'touch';
    if (touched) touches.set(e.pointerId, { x: e.offsetX, y: e.offsetY });
    // Not left to contextmenu, which Firefox does not send with Shift: its own menu comes up then, whatever a page wants.
    if (scene && e.button === 2 && !touched) alike(e)?.();
    if (!scene || e.button !== 0) return;
    try {
      canvas.setPointerCapture(e.pointerId);
    } catch {
      /* a pointer that is gone already */
    }
    if (touches.size === 2) {
      startPinch();
      return;
    }
    const { layout } = scene;
    const { window, scroll, model } = store.get();
    const row = model && e.offsetX < layout.left ? (rowAt(layout, e.offsetY).row?.row ?? null) : null;
    const onAxis = e.offsetY >= layout.bottom && e.offsetX >= layout.left;
    /** @type {Mode} */
    const mode =
      onEdge(e, layout) && !touched
        ? 'edge'
        : e.offsetX >= layout.right
          ? 'bar'
          : row && !touched
            ? 'row'
            : (e.shiftKey || onAxis) && e.offsetX >= layout.left
              ? 'range'
              : 'pan';
    drag = {
      id: e.pointerId,
      x: e.offsetX,
      y: e.offsetY,
      window,
      scroll,
      moved: false,
      mode,
      row,
      from: mode === 'range' ? snapped(e.offsetX, e.offsetY) : 0,
      shift: e.shiftKey,
      touch: touched,
    };
    if (touched)
      longTouch = setTimeout(() => {
        if (drag && !drag.moved) openMenu(drag.x, drag.y);
      }, LONG_TOUCH_MS);
  });

  canvas.addEventListener('pointermove', (e) => {
    if (touches.has(e.pointerId)) touches.set(e.pointerId, { x: e.offsetX, y: e.offsetY });
    if (pinch && touches.size === 2) {
      movePinch();
      return;
    }
    const scene = view.scene();
    if (!drag || !scene || e.pointerId !== drag.id) {
      if (!touched) store.set({ pointer: { x: e.offsetX, y: e.offsetY } });
      canvas.classList.toggle('edge', scene !== null && onEdge(e, scene.layout));
      return;
    }
    if (!drag.moved && Math.hypot(e.offsetX - drag.x, e.offsetY - drag.y) < (drag.touch ? TOUCH_SLOP : CLICK_SLOP)) return;
    if (!drag.moved) canvas.classList.add(drag.mode === 'range' ? 'measuring' : drag.mode === 'edge' ? 'edge' : 'dragging');
    drag.moved = true;
    clearTimeout(longTouch);
    moveDrag(drag, scene, e);
  });

  /** @param {Drag} d @param {import('./render.js').Scene} scene @param {PointerEvent} e */
  function moveDrag(d, scene, e) {
    const { layout } = scene;
    const { model } = store.get();
    if (!model) return;
    const dx = e.offsetX - d.x;
    const dy = e.offsetY - d.y;
    const most = Math.max(0, layout.contentHeight - layout.bottom);
    if (d.mode === 'bar') {
      store.set({ scroll: Math.min(most, Math.max(0, d.scroll + (dy * layout.contentHeight) / layout.bottom)) });
    } else if (d.mode === 'range') {
      const t = snapped(Math.min(layout.right, Math.max(layout.left, e.offsetX)), e.offsetY);
      actions.setRange({ t0: Math.min(d.from, t), t1: Math.max(d.from, t) });
      store.set({ pointer: null });
    } else if (d.mode === 'edge') {
      actions.setSizes({ label: e.offsetX });
      store.set({ pointer: null });
    } else if (d.mode === 'row' && d.row) {
      store.set({ pointer: { x: e.offsetX, y: e.offsetY } });
    } else {
      const ticks = (-dx * (d.window.t1 - d.window.t0)) / (layout.right - layout.left);
      store.set({ window: panWindow(d.window, ticks, model), scroll: Math.min(most, Math.max(0, d.scroll - dy)), pointer: null });
    }
  }

  /** The place among the rows of its group where a label was dropped. @param {Drag} d @param {number} y */
  function dropRow(d, y) {
    const layout = layoutNow();
    const g = layout?.groups.find((b) => b.group === d.row?.group);
    if (!layout || !g || !d.row) return;
    const from = g.slot.get(d.row.key) ?? 0;
    const to = Math.floor((y + layout.scroll - g.top) / g.rowHeight);
    const place = Math.max(0, Math.min(g.count - 1, to));
    if (place !== from) actions.moveRow(g.group, d.row.key, place);
  }

  const release = (/** @type {PointerEvent} */ e) => {
    clearTimeout(longTouch);
    touches.delete(e.pointerId);
    if (touches.size < 2) pinch = null;
    if (!drag || drag.id !== e.pointerId) return;
    canvas.classList.remove('dragging', 'measuring');
    const done = drag;
    drag = null;
    if (e.type !== 'pointerup') return;
    if (!done.moved) click(e, done);
    else if (done.mode === 'row') dropRow(done, e.offsetY);
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => {
    if (!drag) store.set({ pointer: null });
  });

  function startPinch() {
    const [p, q] = [...touches.values()];
    clearTimeout(longTouch);
    drag = null;
    pinch = { distance: Math.max(10, Math.abs(p.x - q.x)), middle: (p.x + q.x) / 2, window: store.get().window };
  }

  function movePinch() {
    const [p, q] = [...touches.values()];
    const { model } = store.get();
    const layout = layoutNow();
    if (!pinch || !model || !layout) return;
    const at = shareAt(pinch.middle);
    const zoomed = zoomWindow(pinch.window, pinch.distance / Math.max(10, Math.abs(p.x - q.x)), at, model);
    const shift = (((p.x + q.x) / 2 - pinch.middle) * (zoomed.t1 - zoomed.t0)) / (layout.right - layout.left);
    store.set({ window: panWindow(zoomed, -shift, model) });
  }

  /** @param {PointerEvent} e @param {Drag} d */
  function click(e, d) {
    canvas.focus({ preventScroll: true });
    if (d.mode === 'edge') return;
    const picked = view.pickAt(e.offsetX, e.offsetY);
    const layout = layoutNow();
    if (!picked || !layout) return;
    if (picked.header) actions.toggleGroup(picked.header);
    else if (e.offsetX < layout.left && picked.row) {
      if (d.shift) actions.highlightRow(picked.row.row.group, picked.row.row.key);
      else page.menu(e.offsetX, e.offsetY, picked);
    } else if (d.mode === 'range' && e.offsetY >= layout.bottom) actions.setRange(null);
    else if (d.shift && picked.selection) actions.label(picked.selection);
    else {
      if (store.get().range) actions.setRange(null);
      actions.select(picked.selection, picked.row?.row.group);
    }
  }

  /** What Shift+right-click means at a point, null: nothing but the menu. @param {MouseEvent} e @returns {(() => void)|null} */
  function alike(e) {
    const picked = e.shiftKey ? view.pickAt(e.offsetX, e.offsetY) : null;
    const layout = layoutNow();
    if (!picked || !layout) return null;
    const row = e.offsetX < layout.left ? picked.row?.row : null;
    if (row) return () => actions.highlightAlike(row);
    return picked.selection ? () => page.alike(picked) : null;
  }

  /** @param {number} x @param {number} y */
  function openMenu(x, y) {
    drag = null;
    page.menu(x, y, view.pickAt(x, y));
  }
  canvas.addEventListener('contextmenu', (e) => {
    e.preventDefault();
    if (touched) return; // the long touch has opened it
    if (alike(e)) return; // done when the button went down
    page.menu(e.offsetX, e.offsetY, view.pickAt(e.offsetX, e.offsetY));
  });
  canvas.addEventListener('dblclick', (e) => {
    const layout = layoutNow();
    if (layout && onEdge(e, layout)) actions.setSizes({ label: null });
    if (!layout || e.offsetX < layout.left || view.pickAt(e.offsetX, e.offsetY)?.header) return;
    actions.zoom(e.shiftKey ? 2 : 0.5, shareAt(e.offsetX));
  });
  canvas.addEventListener(
    'wheel',
    (e) => {
      e.preventDefault();
      const layout = layoutNow();
      if (!layout) return;
      const unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1;
      if (e.altKey) {
        actions.rowHeight(2 ** (-(e.deltaY * unit) / 400));
      } else if (e.offsetX < layout.left || e.shiftKey) {
        actions.scroll((e.deltaY || e.deltaX) * unit);
      } else if (!e.ctrlKey && Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        actions.pan((e.deltaX * unit) / (layout.right - layout.left));
      } else {
        actions.zoom(2 ** ((e.deltaY * unit) / (e.ctrlKey ? 60 : 240)), shareAt(e.offsetX));
      }
    },
    { passive: false },
  );
}
