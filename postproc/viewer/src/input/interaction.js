// SPDX-License-Identifier: BSD-3-Clause
// Gestures on the timelines to actions.

import { clampWindow, panWindow, timeScale } from '../plan/view.js';
import { listenGestures } from '../kit/gestures.js';
import { snap } from '../plan/cursors.js';
import { barDrag, edgeDrag, mostScroll, rangeDrag, rowDrag } from './drags.js';
import { rowAt } from '../plan/layout.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/actions.js').Actions} Actions */
/** @typedef {import('../draw/pick.js').Picked} Picked */
/** @typedef {import('../kit/gestures.js').At} At */
/** @typedef {import('../kit/gestures.js').Drag} Drag */
/** @typedef {import('../plan/layout.js').Layout} Layout */
/** @typedef {{scene: () => import('../draw/render.js').Scene|null, pickAt: (x: number, y: number) => Picked|null}} View */
/** @typedef {{menu: (x: number, y: number, picked: Picked|null) => void, alike: (picked: Picked) => void}} PointerPage */

/** Pixels left of the timelines where the label column is taken by its edge. */
const EDGE_REACH = 5;
/** Pixels of wheel that double the height of rows. */
const ROW_OCTAVE = 400;

/**
 * @param {HTMLCanvasElement} canvas @param {Store} store @param {Actions} actions @param {View} view @param {PointerPage} page
 */
export function listenPointer(canvas, store, actions, view, page) {
  /** @param {{x: number, y: number}} at @param {Layout} layout */
  const onEdge = ({ x, y }, layout) => x < layout.left && x >= layout.left - EDGE_REACH && y < layout.bottom;
  /** @param {{x: number, y: number}} at @param {Layout} layout */
  const onAxis = ({ x, y }, layout) => y >= layout.bottom && x >= layout.left;
  const layoutNow = () => view.scene()?.layout ?? null;
  const shareAt = (/** @type {number} */ x) => {
    const layout = layoutNow();
    return layout ? Math.min(1, Math.max(0, (x - layout.left) / (layout.right - layout.left))) : 0.5;
  };
  /** Time at x on an edge of the row at y, when one is near. @param {number} x @param {number} y */
  const snapped = (x, y) => {
    const scene = view.scene();
    const { model } = store.get();
    if (!scene || !model) return 0;
    const row = rowAt(scene.layout, Math.min(y, scene.layout.bottom - 1)).row?.row;
    const t = snap(model, row, scene.time.invert(x), scene.tpp * 8);
    return Math.min(model.t1, Math.max(model.t0, t));
  };
  const on = { store, actions, layoutNow, snapped };
  /** @param {At} at @returns {Drag|null} */
  function drag(at) {
    const layout = layoutNow();
    if (!layout) return null;
    if (onEdge(at, layout) && !at.touch) return edgeDrag(on);
    if (at.x >= layout.right) return barDrag(on, at);
    const row = at.x < layout.left && !at.touch ? rowAt(layout, at.y).row?.row : null;
    if (row) return rowDrag(on, row);
    const { selecting } = store.get();
    return onAxis(at, layout) || ((at.shift || selecting) && at.x >= layout.left) ? rangeDrag(on, at) : null;
  }

  /** Moves the picture, by one pointer or two fingers. @param {At} from @returns {(moved: import('d3-zoom').ZoomTransform) => void} */
  function move(from) {
    const { window, scroll } = store.get();
    return (moved) => {
      const layout = layoutNow();
      const { model } = store.get();
      if (!layout || !model) return;
      const [t0, t1] = moved.rescaleX(timeScale(layout, window)).domain();
      const up = moved.applyY(from.y) - from.y;
      store.set({
        // Of the same width to the last bit when it was not zoomed: what is painted is moved then.
        window: moved.k === 1 ? panWindow(window, t0 - window.t0, model) : clampWindow({ t0, t1 }, model),
        scroll: Math.min(mostScroll(layout), Math.max(0, scroll - up)),
        pointer: null,
      });
    };
  }

  /** Time of the last click: the panel that it opens moves the picture before the second of a double-click. */
  let clicked = 0;
  /** @param {At} at @param {boolean} again */
  function click(at, again) {
    canvas.focus({ preventScroll: true });
    const layout = layoutNow();
    if (!layout || (onEdge(at, layout) && !at.touch)) return;
    if (again && at.x >= layout.left) return;
    clicked = view.scene()?.time.invert(at.x) ?? 0;
    const picked = view.pickAt(at.x, at.y);
    if (!picked) return;
    if (picked.header) actions.toggleGroup(picked.header);
    else if (at.x < layout.left && picked.row) {
      if (at.shift) actions.highlightRow(picked.row.row.group, picked.row.row.key);
      else page.menu(at.x, at.y, picked);
    } else if (onAxis(at, layout)) actions.setRange(null);
    else if (at.shift && picked.selection) actions.label(picked.selection);
    else {
      if (store.get().range) actions.setRange(null);
      actions.select(picked.selection, picked.row?.row.group);
    }
  }

  listenGestures(canvas, {
    hover: (at) => {
      store.set({ pointer: at && { x: at.x, y: at.y } });
      const layout = layoutNow();
      if (at && layout) canvas.classList.toggle('edge', onEdge(at, layout));
    },
    drag,
    move,
    click,
    hold: ({ x, y }) => page.menu(x, y, view.pickAt(x, y)),
    zoom: ({ x }, factor, double) => actions.zoom(factor, shareAt(x), double ? clicked : undefined),
    double: (at) => {
      const layout = layoutNow();
      if (!layout) return true;
      if (onEdge(at, layout)) actions.setSizes({ label: null });
      return at.x < layout.left || Boolean(view.pickAt(at.x, at.y)?.header);
    },
    wheel: (at, dx, dy) => {
      const layout = layoutNow();
      if (!layout) return true;
      if (at.alt) actions.rowHeight(2 ** (-dy / ROW_OCTAVE));
      else if (at.x < layout.left || at.shift) actions.scroll(dy || dx);
      else if (!at.ctrl && Math.abs(dx) > Math.abs(dy)) actions.pan(dx / (layout.right - layout.left));
      else return false;
      return true;
    },
  });

  listenMenu(canvas, { actions, view, page });
}

/** The menu of a point, by the right button. @param {HTMLCanvasElement} canvas @param {{actions: Actions, view: View, page: PointerPage}} io */
function listenMenu(canvas, { actions, view, page }) {
  /** What Shift+right-click means at a point, null: nothing but the menu. @param {MouseEvent} e @returns {(() => void)|null} */
  function alike(e) {
    const picked = e.shiftKey ? view.pickAt(e.offsetX, e.offsetY) : null;
    const layout = view.scene()?.layout;
    if (!picked || !layout) return null;
    const row = e.offsetX < layout.left ? picked.row?.row : null;
    if (row) return () => actions.highlightAlike(row);
    return picked.selection ? () => page.alike(picked) : null;
  }
  let touched = false;
  canvas.addEventListener('pointerdown', (e) => {
    touched = e.pointerType === 'touch';
    // Not left to contextmenu, which Firefox does not send with Shift: its own menu comes up then, whatever a page wants.
    if (e.button === 2 && !touched) alike(e)?.();
  });
  canvas.addEventListener('contextmenu', (e) => {
    e.preventDefault();
    if (touched) return; // the long touch has opened it
    if (alike(e)) return; // done when the button went down
    page.menu(e.offsetX, e.offsetY, view.pickAt(e.offsetX, e.offsetY));
  });
}
