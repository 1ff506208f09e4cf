// SPDX-License-Identifier: BSD-3-Clause
// Mouse, pen and touch on a canvas: click, double-click, drag, wheel, pinch, hover.

const CLICK_SLOP = 4;
const WHEEL_STEP = 240;
/** Two fingers on a touchpad come as a wheel with Ctrl. */
const PINCH_STEP = 60;

/** @typedef {{x: number, y: number, shift: boolean, ctrl: boolean}} At ctrl: or the command key of a Mac */
/**
 * @typedef {object} Gestures
 * @property {(at: At|null) => void} hover null: the pointer has left
 * @property {(at: At) => void} click
 * @property {(at: At) => void} double
 * @property {(at: At) => {move: (at: At) => void, end: (done: boolean) => void}} drag begins when the pointer has moved; done: not broken off
 * @property {(at: At, factor: number, sideways: number) => void} wheel factor above 1: out; sideways in px, 0 when it zooms
 */

/** @param {HTMLCanvasElement} canvas @param {Gestures} gestures */
export function listenGestures(canvas, gestures) {
  /** @type {Map<number, At>} */
  const down = new Map();
  /** @type {{from: At, drag: ReturnType<Gestures['drag']>|null}|null} */
  let one = null;
  /** @type {number|null} distance of two fingers */
  let spread = null;
  const at = (/** @type {MouseEvent} */ e) => ({ x: e.offsetX, y: e.offsetY, shift: e.shiftKey, ctrl: e.ctrlKey || e.metaKey });

  /** @returns {{middle: At, distance: number}} */
  const twoFingers = () => {
    const [a, b] = [...down.values()];
    return {
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, shift: false, ctrl: false },
      distance: Math.max(10, Math.hypot(a.x - b.x, a.y - b.y)),
    };
  };

  canvas.addEventListener('pointerdown', (e) => {
    if (e.button !== 0) return;
    canvas.setPointerCapture(e.pointerId);
    down.set(e.pointerId, at(e));
    if (down.size === 1) {
      one = { from: at(e), drag: null };
    } else if (down.size === 2) {
      one?.drag?.end(false);
      one = null;
      spread = twoFingers().distance;
    }
  });
  canvas.addEventListener('pointermove', (e) => {
    if (!down.has(e.pointerId)) {
      gestures.hover(at(e));
      return;
    }
    down.set(e.pointerId, at(e));
    if (down.size >= 2 && spread !== null) {
      const { middle, distance } = twoFingers();
      gestures.wheel(middle, spread / distance, 0);
      spread = distance;
      return;
    }
    if (!one) return;
    if (!one.drag && Math.hypot(e.offsetX - one.from.x, e.offsetY - one.from.y) < CLICK_SLOP) return;
    one.drag ??= gestures.drag(one.from);
    canvas.classList.add('dragging');
    one.drag.move(at(e));
  });
  const release = (/** @type {PointerEvent} */ e) => {
    if (!down.delete(e.pointerId)) return;
    canvas.classList.remove('dragging');
    if (one && !one.drag && e.type === 'pointerup') gestures.click(at(e));
    one?.drag?.end(e.type === 'pointerup');
    one = null;
    spread = null;
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => gestures.hover(null));
  canvas.addEventListener('contextmenu', (e) => {
    if (e.ctrlKey) e.preventDefault();
  }); // Ctrl+drag on a Mac
  canvas.addEventListener('dblclick', (e) => gestures.double(at(e)));
  canvas.addEventListener(
    'wheel',
    (e) => {
      e.preventDefault();
      const unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1;
      if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) gestures.wheel(at(e), 1, e.deltaX * unit);
      else gestures.wheel(at(e), 2 ** ((e.deltaY * unit) / (e.ctrlKey ? PINCH_STEP : WHEEL_STEP)), 0);
    },
    { passive: false },
  );
}
