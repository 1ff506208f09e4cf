// SPDX-License-Identifier: BSD-3-Clause
// The legend: every glyph, drawn by the code that draws the picture.

import { CLASS, CLASS_COUNT, EV, FLAG_IPC, FLAG_LLC, SHAPE } from '../format/events.js';
import { kindPaint, makePalette, packCss } from '../plan/colors.js';
import { densityTick, shareColumn, spanGlyph } from '../draw/glyphs.js';
import { Raster } from '../draw/raster.js';
import { paintNeedle } from '../draw/item-strokes.js';
import { hatch, lostGlyph, overheadGlyph } from '../draw/item-glyphs.js';
import { legendOf } from '../draw/over/kinds.js';
import { H, SPAN, TOP, TYPE, W } from '../draw/over/over-kind.js';
import { element } from '../kit/dom.js';

/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {import('../draw/over/over-kind.js').Entry} Entry */

/** @param {number} event @param {number} cls @param {number} shape @param {boolean} [lowPower] */
const span =
  (event, cls, shape, lowPower = false) =>
  (/** @type {Raster} */ r, /** @type {Palette} */ p) =>
    spanGlyph(r, p, kindPaint(p, event, cls, shape), lowPower, 10, W - 10, TOP, SPAN);

/** @type {[string, Entry[]][]} */
const SECTIONS = [
  [
    'Execution on a CPU',
    [
      {
        id: 'syscall',
        text: 'System call: tall, thin edges, green; the core is darker or lighter by name',
        raster: span(0x801, CLASS.SYSCALL, SHAPE.KERNEL),
      },
      { id: 'irq', text: 'Interrupt or softirq: tall, dark edges, blue', raster: span(0x5ec, CLASS.IRQ, SHAPE.KERNEL) },
      { id: 'fault', text: 'Fault: tall, no edges, red', raster: span(0x40e, CLASS.FAULT, SHAPE.KERNEL) },
      { id: 'sched', text: 'Scheduler: tall, grey, a pale core', raster: span(EV.SCHED, CLASS.SCHED, SHAPE.KERNEL) },
      {
        id: 'user',
        text: 'A thread’s own code (user mode, or a kernel thread): half height, amber; the upper half is darker or lighter by thread',
        raster: span(0x10000 + 1234, CLASS.USER, SHAPE.USER),
      },
      { id: 'idle', text: 'Idle', raster: span(EV.IDLE, CLASS.IDLE, SHAPE.IDLE) },
      { id: 'idlelp', text: 'Idle, low power', raster: span(EV.IDLE, CLASS.IDLE, SHAPE.IDLE, true) },
      { id: 'cexit', text: 'Leaving low-power idle', raster: span(EV.CEXIT, CLASS.OTHER, SHAPE.CEXIT) },
      { id: 'shares', text: 'Finer than two pixels: true share of each class of time, stacked; below it, darker for more spans', raster: shares },
      {
        id: 'inferred',
        text: 'Inferred span: dotted line below; below a pixel of many spans, a short mark where any was inferred',
        raster: (r, p) => {
          span(0x803, CLASS.SYSCALL, SHAPE.KERNEL)(r, p);
          for (let x = 10; x < W - 10; x += 4) r.rect(x, TOP + SPAN + 1, x + 2, TOP + SPAN + 2, p.raster.cexit);
        },
      },
    ],
  ],
  ['Waiting (thread and RPC rows)', legendOf('waiting')],
  [
    'Between and beside spans',
    [
      ...legendOf('beside'),
      {
        id: 'ipc',
        text: 'IPC needle: left 0, up 1, right 3.5',
        raster: span(0x10000 + 77, CLASS.USER, SHAPE.USER),
        paint: (c, p) => {
          [2, 8, 14].forEach((code, i) => paintNeedle(c, p, code, FLAG_IPC, 30 + i * 30, 24, 13));
        },
      },
      {
        id: 'llc',
        text: 'Needle of cache misses; the orange line below is the time that memory is busy, at an assumed 5 ns a line',
        raster: span(0x10000 + 78, CLASS.USER, SHAPE.USER),
        paint: (c, p) => {
          [2, 8, 14].forEach((code, i) => paintNeedle(c, p, code, FLAG_LLC, 30 + i * 30, 24, 13));
          c.fillStyle = p.css.misses[0];
          c.fillRect(10, TOP + SPAN + 1, 60, 2);
        },
      },
      {
        id: 'overhead',
        text: 'What tracing itself cost at the head of a span, estimated (windows below 8 µs; 40 µs on a slow board)',
        raster: (r, p) => {
          span(0x801, CLASS.SYSCALL, SHAPE.KERNEL)(r, p);
          overheadGlyph(r, p, 10, 30, W - 10, TOP, SPAN);
        },
      },
      {
        id: 'lost',
        text: 'Something was lost here: events without room, or an unreadable part of the file',
        raster: (r, p) => lostGlyph(r, p, 30, W - 30, TOP, TOP + SPAN, 0, 1),
      },
      { id: 'zone', text: 'A part of time that a person hatched', raster: (r, p) => hatch(r, packCss(p.css.wait.c), 30, W - 30, 2, H - 2, 0, 11) },
    ],
  ],
  ['Clock frequency, behind the spans', legendOf('behind')],
];

/** @param {Raster} r @param {Palette} p */
function shares(r, p) {
  for (let x = 10; x < W - 10; x++) {
    const v = new Float32Array(CLASS_COUNT);
    const k = (x - 10) / (W - 20);
    v[CLASS.SYSCALL] = 0.3 * k;
    v[CLASS.IRQ] = 0.15;
    v[CLASS.USER] = 0.5 * (1 - k * 0.4);
    v[CLASS.IDLE] = 1 - v[0] - v[1] - v[CLASS.USER];
    shareColumn(r, p, v, 0, x, TOP, SPAN);
    densityTick(r, p, 2 ** (k * 8), x, TOP + SPAN + 1);
  }
}

/** What the key shows of a sign, without its words. */
const SMALL = { x: 44, y: 5, width: 30, height: 28 };

/** A sign of the legend, small. @param {string} id @param {import('../plan/colors.js').PaletteName} theme */
export function drawGlyph(id, theme) {
  const entry = SECTIONS.flatMap(([, entries]) => entries).find((e) => e.id === id);
  const dpr = window.devicePixelRatio || 1;
  const canvas = element('canvas', { width: String(SMALL.width * dpr), height: String(SMALL.height * dpr), 'aria-hidden': 'true' });
  canvas.style.width = `${SMALL.width}px`;
  canvas.style.height = `${SMALL.height}px`;
  if (!entry) return canvas;
  const { x, y, width, height } = SMALL;
  const whole = drawEntry(entry.raster ? { ...entry, paint: undefined } : entry, theme);
  const ctx = /** @type {Ctx} */ (canvas.getContext('2d'));
  ctx.drawImage(whole, x * dpr, y * dpr, width * dpr, height * dpr, 0, 0, width * dpr, height * dpr);
  return canvas;
}

/** @param {Entry} entry @param {import('../plan/colors.js').PaletteName} theme */
function drawEntry(entry, theme) {
  const palette = makePalette(theme);
  const dpr = window.devicePixelRatio || 1;
  const canvas = element('canvas', { width: String(W * dpr), height: String(H * dpr), role: 'img', 'aria-label': entry.text });
  canvas.style.width = `${W}px`;
  canvas.style.height = `${H}px`;
  const ctx = /** @type {Ctx} */ (canvas.getContext('2d'));
  const raster = new Raster(W, H);
  raster.ground = palette.raster.background;
  raster.clear();
  entry.raster?.(raster, palette);
  const plain = element('canvas', { width: String(W), height: String(H) });
  raster.putOn(/** @type {Ctx} */ (plain.getContext('2d')), 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(plain, 0, 0, W * dpr, H * dpr);
  ctx.scale(dpr, dpr);
  ctx.font = TYPE.font;
  entry.paint?.(ctx, palette);
  return canvas;
}

/** @param {HTMLElement} target @param {import('../plan/colors.js').PaletteName} theme */
export function fillLegend(target, theme) {
  target.replaceChildren();
  for (const [title, entries] of SECTIONS) {
    target.append(element('h3', {}, title));
    const list = element('div', { class: 'legend' });
    for (const entry of entries) {
      const figure = element('figure', { 'data-glyph': entry.id });
      figure.append(drawEntry(entry, theme), element('figcaption', {}, entry.text));
      list.append(figure);
    }
    target.append(list);
  }
}
