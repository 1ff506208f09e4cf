// SPDX-License-Identifier: BSD-3-Clause
// The strip above the timelines: how busy the CPUs were over the whole trace, where matches are, and a brush for the window.

import { CLASS, CLASS_COUNT } from '../format/events.js';
import { makePalette, paletteName } from '../plan/colors.js';
import { timelines } from '../plan/layout.js';
import { clampWindow, panWindow, timeScale } from '../plan/view.js';
import { matchBuckets } from '../search/search.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {import('../plan/view.js').Window} Window */
/** @typedef {{left: number, right: number, height: number}} Strip where the trace is drawn, CSS pixels */

const STACK = [CLASS.SYSCALL, CLASS.IRQ, CLASS.FAULT, CLASS.SCHED, CLASS.OTHER, CLASS.USER];
const HANDLE = 6;
const TICK_HEIGHT = 5;

/** Share of all CPUs' time in each class, for each of `width` columns. @param {import('../trace/coarse.js').Coarse} coarse @param {number} width @returns {Float32Array} */
export function activity(coarse, width) {
  const { bins, cpus, sums, t0, t1 } = coarse;
  const out = new Float32Array(width * CLASS_COUNT);
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * bins) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * bins) / width));
    const ticks = ((t1 - t0) / bins) * (to - from) * Math.max(1, cpus.length);
    for (let slot = 0; slot < cpus.length; slot++) {
      for (let b = from; b < to; b++) {
        const at = (slot * bins + b) * CLASS_COUNT;
        for (let c = 0; c < CLASS_COUNT; c++) out[x * CLASS_COUNT + c] += sums[at + c] / ticks;
      }
    }
  }
  return out;
}

/** What a press at x begins. @param {Strip} strip @param {Window} window @param {Window} range @param {number} x @returns {'left'|'right'|'pan'|'new'} */
export function partAt(strip, window, range, x) {
  const scale = timeScale(strip, range);
  const [a, b] = [scale(window.t0), scale(window.t1)];
  if (Math.abs(x - a) <= HANDLE && x < (a + b) / 2) return 'left';
  if (Math.abs(x - b) <= HANDLE) return 'right';
  const whole = window.t0 <= range.t0 && window.t1 >= range.t1;
  return x > a && x < b && !whole ? 'pan' : 'new';
}

/**
 * Window of a brush that began at time `from` and is at `to`.
 * @param {'left'|'right'|'pan'|'new'} part @param {Window} begin the window when it began @param {number} from @param {number} to @param {Window} range
 */
export function brush(part, begin, from, to, range) {
  if (part === 'pan') return panWindow(begin, to - from, range);
  const [a, b] = part === 'left' ? [to, begin.t1] : part === 'right' ? [begin.t0, to] : [from, to];
  return clampWindow({ t0: Math.min(a, b), t1: Math.max(a, b) }, range);
}

/** @param {HTMLCanvasElement} canvas @param {Store} store */
export function createOverview(canvas, store) {
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const ground = document.createElement('canvas');
  /** What the ground shows. @type {unknown[]} */
  let drawn = [];
  /** @type {import('../search/search.js').Search|null} */
  let ticked = null;
  /** @type {{part: 'left'|'right'|'pan'|'new', window: Window, from: number, x: number, moved: boolean}|null} */
  let press = null;

  /** @returns {Strip} */
  const strip = () => {
    const state = store.get();
    const { left, right } = timelines(/** @type {Model} */ (state.model), state, canvas.clientWidth);
    return { left, right, height: canvas.clientHeight };
  };
  /** @param {number} x @param {Model} model */
  const timeAt = (x, model) => timeScale(strip(), model).clamp(true).invert(x);

  function draw() {
    const state = store.get();
    const { model, window } = state;
    const dpr = globalThis.devicePixelRatio || 1;
    const pw = Math.round(canvas.clientWidth * dpr);
    const ph = Math.round(canvas.clientHeight * dpr);
    if (!model || pw === 0 || ph === 0) return;
    if (canvas.width !== pw || canvas.height !== ph) {
      canvas.width = pw;
      canvas.height = ph;
      drawn = [];
    }
    const s = strip();
    const palette = makePalette(paletteName(state.theme, state.safe));
    const key = [model, palette.name, pw, ph, s.left, s.right, state.sizes.text];
    const fresh = key.some((v, i) => v !== drawn[i]);
    if (fresh) {
      ground.width = canvas.width;
      ground.height = canvas.height;
      paintGround(ground, model, palette, s, dpr, state.sizes.text);
    }
    if (fresh || state.search !== ticked) paintTicks(ground, model, palette, state.search, s, dpr);
    drawn = key;
    ticked = state.search;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(ground, 0, 0);
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    const scale = timeScale(s, model);
    const a = scale(window.t0);
    const b = Math.max(a + 2, scale(window.t1));
    ctx.fillStyle = palette.css.background;
    ctx.globalAlpha = 0.6;
    ctx.fillRect(s.left, 0, a - s.left, s.height);
    ctx.fillRect(b, 0, s.right - b, s.height);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = palette.css.header;
    ctx.lineWidth = 1;
    ctx.strokeRect(a + 0.5, 0.5, Math.max(1, b - a - 1), s.height - 1);
    ctx.fillStyle = palette.css.header;
    for (const x of [a, b]) ctx.fillRect(x - 1.5, s.height * 0.3, 3, s.height * 0.4);
    if (state.selection) markSelection(ctx, model, palette, state.selection, s);
  }

  canvas.addEventListener('pointerdown', (e) => {
    const { model, window } = store.get();
    if (!model || e.button !== 0) return;
    canvas.setPointerCapture(e.pointerId);
    press = { part: partAt(strip(), window, model, e.offsetX), window, from: timeAt(e.offsetX, model), x: e.offsetX, moved: false };
  });
  canvas.addEventListener('pointermove', (e) => {
    const { model, window } = store.get();
    if (!model) return;
    if (!press) {
      const part = partAt(strip(), window, model, e.offsetX);
      canvas.style.cursor = part === 'pan' ? 'grab' : part === 'new' ? 'crosshair' : 'ew-resize';
      return;
    }
    if (!press.moved && Math.abs(e.offsetX - press.x) < 4) return;
    press.moved = true;
    store.set({ window: brush(press.part, press.window, press.from, timeAt(e.offsetX, model), model) });
  });
  canvas.addEventListener('pointerup', () => {
    const { model, window } = store.get();
    // A click outside the window brings it there.
    if (press && !press.moved && model && press.part === 'new') {
      store.set({ window: panWindow(window, press.from - (window.t0 + window.t1) / 2, model) });
    }
    press = null;
  });
  canvas.addEventListener('pointercancel', () => {
    press = null;
  });
  canvas.addEventListener('dblclick', () => {
    const { model } = store.get();
    if (model) store.set({ window: { t0: model.t0, t1: model.t1 } });
  });
  return { draw };
}

/** The coarse picture, painted when it changes. @param {HTMLCanvasElement} ground @param {Model} model @param {Palette} palette @param {Strip} s @param {number} dpr @param {number} text its scale */
function paintGround(ground, model, palette, s, dpr, text) {
  const g = /** @type {CanvasRenderingContext2D} */ (ground.getContext('2d', { alpha: false }));
  g.fillStyle = palette.css.background;
  g.fillRect(0, 0, ground.width, ground.height);
  const width = Math.max(1, Math.round((s.right - s.left) * dpr));
  const x0 = Math.round(s.left * dpr);
  const ticks = Math.round(TICK_HEIGHT * dpr);
  const bottom = ground.height - ticks - 1;
  const shares = activity(model.coarse, width);
  for (let x = 0; x < width; x++) {
    let y = bottom;
    for (const c of STACK) {
      const share = shares[x * CLASS_COUNT + c];
      if (share <= 0) continue;
      const h = Math.max(y === bottom ? 1 : 0, share * (bottom - 2)); // what little there is must be seen
      g.fillStyle = palette.css.cls[c];
      g.fillRect(x0 + x, y - h, 1, h);
      y -= h;
    }
  }
  g.fillStyle = palette.css.faint;
  g.fillRect(x0, bottom, width, 1);
  const scale = timeScale({ left: x0, right: x0 + width }, model);
  for (const gap of model.gaps) {
    g.fillStyle = palette.css.lost;
    const [a, b] = [scale(gap.t0), scale(gap.t1)];
    g.fillRect(a, 0, Math.max(dpr * 2, b - a), 2 * dpr);
  }
  g.fillStyle = palette.css.muted;
  g.font = `${11 * dpr * text}px system-ui, sans-serif`;
  g.textAlign = 'right';
  g.textBaseline = 'middle';
  g.fillText('all CPUs', x0 - 8 * dpr, (bottom + 2) / 2);
}

/** A tick below each column that holds a match. @param {HTMLCanvasElement} ground @param {Model} model @param {Palette} palette @param {import('../search/search.js').Search|null} search @param {Strip} s @param {number} dpr */
function paintTicks(ground, model, palette, search, s, dpr) {
  const g = /** @type {CanvasRenderingContext2D} */ (ground.getContext('2d', { alpha: false }));
  const width = Math.max(1, Math.round((s.right - s.left) * dpr));
  const x0 = Math.round(s.left * dpr);
  const height = Math.round(TICK_HEIGHT * dpr);
  g.fillStyle = palette.css.background;
  g.fillRect(0, ground.height - height, ground.width, height);
  if (!search || search.count === 0) return;
  g.fillStyle = palette.css.accent;
  matchBuckets(model, search, width).forEach((count, x) => {
    if (count > 0) g.fillRect(x0 + x, ground.height - height, Math.max(1, dpr), height);
  });
}

/** Where the selected record is in the whole trace: its length, at least a line, with a head that points at it. @param {CanvasRenderingContext2D} ctx @param {Model} model @param {Palette} palette @param {import('../state/store.js').Selection} selection @param {Strip} s */
function markSelection(ctx, model, palette, { cols, record }, s) {
  const scale = timeScale(s, model).clamp(true);
  const [x0, x1] = [scale(model[cols].start[record]), scale(model[cols].start[record] + model[cols].dur[record])];
  const middle = (x0 + x1) / 2;
  const width = Math.max(2, x1 - x0);
  ctx.fillStyle = palette.css.select;
  ctx.fillRect(middle - width / 2, s.height - 3, width, 3);
  ctx.fillRect(middle - 1, 0, 2, s.height);
  ctx.beginPath();
  ctx.moveTo(middle - 5, 0);
  ctx.lineTo(middle + 5, 0);
  ctx.lineTo(middle, 7);
  ctx.fill();
}
