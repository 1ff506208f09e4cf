// SPDX-License-Identifier: BSD-3-Clause
// Mouse, pen and touch on a canvas, for the timeline and the tabs alike. d3-zoom tells what moves and zooms the picture (drags, pinches, wheel,
// double-click and double-tap); pointer events tell the rest: clicks, long touches, and drags that do something else.

import { pointer, select } from 'd3-selection';
import { zoom, zoomIdentity, zoomTransform } from 'd3-zoom';

/** @typedef {import('d3-zoom').ZoomTransform} Transform */
/** @typedef {{x: number, y: number, shift: boolean, ctrl: boolean, alt: boolean, touch: boolean}} At CSS pixels on the canvas; ctrl: or the command key of a Mac */
/** @typedef {{cursor?: string, move: (at: At) => void, end?: (done: boolean) => void}} Drag cursor: a class while it moves; done: not broken off */
/**
 * @typedef {object} Gestures
 * @property {(at: At|null) => void} hover null: the pointer has left
 * @property {(at: At, again: boolean) => void} click where it was pressed; again: the second of two that are as one. The first may have moved the picture.
 * @property {(at: At) => Drag|null} drag what a press begins if it moves; null: to move the picture
 * @property {(from: At) => (moved: Transform) => void} move begins to move the picture; `moved`: from where it was then, on the canvas
 * @property {(at: At, factor: number, double: boolean) => void} zoom factor above 1: shows more; double: about what the first click was on
 * @property {(at: At) => boolean} double a double-click; true: taken, false: zooms
 * @property {(at: At, dx: number, dy: number) => boolean} wheel in px; true: taken, false: zooms
 * @property {(at: At) => void} [hold] a finger that stays
 */

const CLICK_SLOP = 4;
const TOUCH_SLOP = 9;
const HOLD_MS = 550;
/** Two taps are as one when they are at most this far apart, as d3-zoom has it. The clicks of a mouse are counted by the browser. */
const DOUBLE_MS = 500;
const DOUBLE_REACH = 10;
/** Pixels of wheel that double or halve; two fingers on a touchpad come as a wheel with Ctrl, in smaller steps. */
const WHEEL_OCTAVE = 240;
const PINCH_OCTAVE = 60;

const LINE_PX = 16;
const PAGE_PX = 400;
/** @param {WheelEvent} e */
const wheelUnit = (e) => (e.deltaMode === 1 ? LINE_PX : e.deltaMode === 2 ? PAGE_PX : 1);

/** @param {HTMLCanvasElement} canvas @param {Gestures} gestures */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: what is under way is one state that all of its listeners share
export function listenGestures(canvas, gestures) {
  /** The pointer that is down, until it is up or another joins. @type {{id: number, from: At, drag: Drag|null, moved: boolean}|null} */
  let press = null;
  /** Fingers that are down. @type {Set<number>} */
  const fingers = new Set();
  let held = 0;
  let lastByTouch = false;
  let lastTap = { x: 0, y: 0, time: -Infinity };
  let clicks = 0;

  /** Gestures of d3-zoom under way: a wheel's goes on for a moment after its last turn. */
  let busy = 0;
  /** Where the movement under way begins. */
  let from = { at: /** @type {At|null} */ (null), transform: zoomIdentity };
  /** @type {((moved: Transform) => void)|null} */
  let move = null;
  let lastScale = 1;

  /** @param {MouseEvent|TouchEvent} e @returns {At} */
  const at = (e) => {
    const touch = 'changedTouches' in e;
    const [x, y] = pointer(touch ? e.changedTouches[0] : e, canvas);
    return { x, y, shift: e.shiftKey, ctrl: e.ctrlKey || e.metaKey, alt: e.altKey, touch: touch || lastByTouch };
  };
  /** What follows is one movement: of one finger, or of two. @param {At|null} place */
  const beginMove = (place) => {
    from = { at: place, transform: zoomTransform(canvas) };
    move = null;
  };
  /** @param {boolean} done false: broken off */
  const letGo = (done) => {
    clearTimeout(held);
    canvas.classList.remove(press?.drag?.cursor ?? 'dragging');
    const drag = press?.moved ? press.drag : null;
    press = null;
    drag?.end?.(done);
  };

  canvas.addEventListener('pointerdown', (e) => {
    lastByTouch = e.pointerType === 'touch';
    if (e.button !== 0) return;
    try {
      canvas.setPointerCapture(e.pointerId);
    } catch {
      /* a pointer that is gone already */
    }
    if (lastByTouch) fingers.add(e.pointerId);
    if (fingers.size > 1) {
      letGo(false);
      return;
    }
    const place = at(e);
    press = { id: e.pointerId, from: place, drag: gestures.drag(place), moved: false };
    if (lastByTouch && gestures.hold)
      held = setTimeout(() => {
        if (!press || press.moved) return;
        press = null;
        move = () => {}; // until the finger is up
        gestures.hold?.(place);
      }, HOLD_MS);
  });
  canvas.addEventListener('pointermove', (e) => {
    if (!press || e.pointerId !== press.id) {
      if (e.pointerType !== 'touch') gestures.hover(at(e));
      return;
    }
    const place = at(e);
    if (!press.moved) {
      if (Math.hypot(place.x - press.from.x, place.y - press.from.y) < (place.touch ? TOUCH_SLOP : CLICK_SLOP)) return;
      press.moved = true;
      clearTimeout(held);
      canvas.classList.add(press.drag?.cursor ?? 'dragging');
    }
    press.drag?.move(place);
  });
  const release = (/** @type {PointerEvent} */ e) => {
    if (fingers.delete(e.pointerId) && busy > 0) beginMove(null); // the finger that stays goes on alone
    if (press?.id !== e.pointerId) return;
    const { from: place, moved } = press;
    const done = e.type === 'pointerup';
    letGo(done);
    if (!done || moved) return;
    // With Shift a click switches something: two switch it twice.
    gestures.click(place, !place.shift && (place.touch ? isSecondTap(place, e.timeStamp) : clicks % 2 === 0));
  };
  /** @param {At} place @param {number} time ms */
  function isSecondTap({ x, y }, time) {
    const second = time - lastTap.time < DOUBLE_MS && Math.hypot(x - lastTap.x, y - lastTap.y) < DOUBLE_REACH;
    lastTap = { x, y, time: second ? -Infinity : time };
    return second;
  }
  canvas.addEventListener('mousedown', (e) => {
    clicks = e.detail;
  });
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => {
    if (!press) gestures.hover(null);
  });

  canvas.addEventListener('contextmenu', (e) => {
    if (e.ctrlKey) e.preventDefault(); // a drag with Ctrl on a Mac
  });

  const behaviour = /** @type {import('d3-zoom').ZoomBehavior<HTMLCanvasElement, unknown>} */ (zoom())
    .duration(0)
    .touchable(true)
    // The caller keeps what is shown inside its bounds. Two fingers on one point have no distance.
    .constrain((t) => (Number.isFinite(t.k) && t.k > 0 && Number.isFinite(t.x) && Number.isFinite(t.y) ? t : zoomTransform(canvas)))
    .wheelDelta((e) => (-e.deltaY * wheelUnit(e)) / (e.ctrlKey ? PINCH_OCTAVE : WHEEL_OCTAVE))
    .filter(takes)
    .on('start', ({ sourceEvent }) => {
      if (!sourceEvent) return;
      busy++;
      if (sourceEvent.type === 'mousedown' || sourceEvent.type === 'touchstart') beginMove(press?.from ?? from.at);
    })
    .on('zoom', ({ sourceEvent, transform }) => {
      const factor = lastScale / transform.k;
      lastScale = transform.k;
      if (!sourceEvent) return;
      if (sourceEvent.type === 'mousemove' || sourceEvent.type === 'touchmove') moving(sourceEvent, transform);
      else gestures.zoom(at(sourceEvent), factor, sourceEvent.type !== 'wheel');
    })
    .on('end', ({ sourceEvent }) => {
      if (!sourceEvent) return;
      busy--;
      if (sourceEvent.type !== 'wheel') move = null;
    });

  /** @param {MouseEvent|TouchEvent} e @param {Transform} now */
  function moving(e, now) {
    if (press && !press.moved) return;
    move ??= gestures.move(from.at ?? at(e));
    const { k, x, y } = from.transform;
    const scale = now.k / k;
    move(zoomIdentity.translate(now.x - x * scale, now.y - y * scale).scale(scale));
  }

  /** Whether an event is one that moves or zooms the picture. @param {WheelEvent|MouseEvent|TouchEvent} e */
  function takes(e) {
    if (e.type === 'wheel') {
      const wheel = /** @type {WheelEvent} */ (e);
      const unit = wheelUnit(wheel);
      e.preventDefault();
      if (gestures.wheel(at(wheel), wheel.deltaX * unit, wheel.deltaY * unit)) return false;
    } else if (e.type === 'mousedown') {
      if (/** @type {MouseEvent} */ (e).button !== 0 || !press || press.drag || lastByTouch) return false;
    } else if (e.type === 'touchstart') {
      const { touches } = /** @type {TouchEvent} */ (e);
      if (touches.length > 2 || (touches.length === 1 && (!press || press.drag))) return false;
      if (touches.length === 2) {
        const [a, b] = [...touches].map((t) => pointer(t, canvas));
        beginMove({ ...at(/** @type {TouchEvent} */ (e)), x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2 });
      }
    } else if (e.type === 'dblclick' && lastByTouch) {
      return false; // told as two taps
    } else if (gestures.double(at(/** @type {MouseEvent} */ (e)))) {
      return false;
    }
    // What it counts is relative: begin anew, so that years of wheel turns do not end in numbers too large.
    if (busy === 0) select(canvas).call(behaviour.transform, zoomIdentity);
    return true;
  }

  select(canvas).call(behaviour);
}
