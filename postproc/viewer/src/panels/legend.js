// SPDX-License-Identifier: BSD-3-Clause
// The legend: every glyph, drawn by the code that draws the picture.

import { CLASS, CLASS_COUNT, EV, FLAG_IPC, FLAG_LLC, SHAPE } from '../format/events.js';
import { huesOf, kindPaint, makePalette, pack, packCss } from '../plan/colors.js';
import { densityTick, shareColumn, spanGlyph } from '../draw/glyphs.js';
import { Raster } from '../draw/raster.js';
import { paintArc, paintMark, paintMessage, paintNeedle, paintRpc, paintWait } from '../draw/item-strokes.js';
import {
  hatch,
  lockGlyph,
  lostGlyph,
  markStem,
  messageGlyph,
  overheadGlyph,
  packetGlyph,
  queuedGlyph,
  rpcGlyph,
  sampleGlyph,
  waitGlyph,
} from '../draw/item-glyphs.js';
import { element } from '../kit/dom.js';
import { markBox, messageBox, rpcBox } from '../plan/item-names.js';
import { typeOf } from '../kit/type.js';

/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {import('../plan/item-names.js').NameBox} Box */
/** @typedef {{id: string, text: string, raster?: (r: Raster, p: Palette) => void, paint?: (c: Ctx, p: Palette) => void}} Entry */

const W = 120;
const H = 34;
const TOP = 8;
const SPAN = 22;
const TYPE = typeOf(1);

/** @param {number} event @param {number} cls @param {number} shape @param {boolean} [lowPower] */
const span =
  (event, cls, shape, lowPower = false) =>
  (/** @type {Raster} */ r, /** @type {Palette} */ p) =>
    spanGlyph(r, p, kindPaint(p, event, cls, shape), lowPower, 10, W - 10, TOP, SPAN);

/** @param {Partial<import('../plan/items.js').Item>} over @returns {import('../plan/items.js').Item} */
const item = (over) => ({ type: 'wait', record: 0, x0: 10, y0: 17, x1: W - 10, y1: 17, h: SPAN, text: '', ...over });

/** @param {Partial<import('../plan/items.js').Item>} over @param {number} event */
const mark = (over, event) => /** @type {Box} */ (markBox(item(over), event, 90, TYPE));

/** @param {string} id @param {string} text @param {number} event @param {number} x @param {number} y of its words @param {string} words @returns {Entry} */
const markSample = (id, text, event, x, y, words) => ({
  id,
  text,
  raster: (r, p) => markStem(r, p, event, x, y, 20, 1),
  paint: (c, p) => paintMark(c, p, mark({ x0: x, y0: y, text: words }, event), event),
});

/** @param {string} letter */
const waits = (letter) => {
  const event = EV.WAITA + letter.charCodeAt(0) - 97;
  return {
    raster: (/** @type {Raster} */ r, /** @type {Palette} */ p) => waitGlyph(r, p, event, 10, W - 10, 17, 1, true),
    paint: (/** @type {Ctx} */ c, /** @type {Palette} */ p) => paintWait(c, p, item({}), event, TYPE),
  };
};

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
  [
    'Waiting (thread and RPC rows)',
    [
      { id: 'wait-c', text: 'Ready, not running; at the end its letter in Morse code', ...waits('c') },
      { id: 'wait-d', text: 'Waits for the disk', ...waits('d') },
      { id: 'wait-l', text: 'Waits for a lock', ...waits('l') },
      { id: 'wait-m', text: 'Waits for memory', ...waits('m') },
      { id: 'wait-n', text: 'Waits for the network', ...waits('n') },
      { id: 'wait-p', text: 'Waits for a pipe', ...waits('p') },
      { id: 'wait-t', text: 'Waits for a timer', ...waits('t') },
      { id: 'wait-x', text: 'Waits, other reason', ...waits('k') },
      { id: 'queued', text: 'RPC waits in a queue', raster: (r, p) => queuedGlyph(r, p, 1, 10, W - 10, 17, 1, 0) },
    ],
  ],
  [
    'Between and beside spans',
    [
      {
        id: 'wakeup',
        text: 'Wakeup: from the waker to the thread made to run',
        paint: (c, p) => paintArc(c, p, item({ type: 'arc', y0: 6, y1: 26 }), false),
      },
      { id: 'ipi', text: 'Interprocessor interrupt', paint: (c, p) => paintArc(c, p, item({ type: 'ipi', y0: 26, y1: 6 }), false) },
      {
        id: 'sample-k',
        text: 'PC sample, kernel: taken at the right end (samples of an idle CPU show on demand)',
        raster: (r, p) => sampleGlyph(r, p, 54618, true, 10, 20, W - 10, 13, 1, 0),
      },
      { id: 'sample-u', text: 'PC sample, user', raster: (r, p) => sampleGlyph(r, p, 1234, false, 10, 20, W - 10, 13, 1, 0) },
      { id: 'lock-held', text: 'Lock held', raster: (r, p) => lockGlyph(r, p, 3, true, 10, W - 10, 17, 1, 0) },
      {
        id: 'lock-try',
        text: 'Lock tried: from the failed attempt to the acquisition',
        raster: (r, p) => lockGlyph(r, p, 3, false, 10, W - 10, 17, 1, 0),
      },
      { id: 'rx', text: 'Packet received', raster: (r, p) => packetGlyph(r, p, true, 60, 20, 1) },
      { id: 'tx', text: 'Packet sent', raster: (r, p) => packetGlyph(r, p, false, 60, 20, 1) },
      {
        id: 'msg-rx',
        text: 'RPC message received, on the wire, in packets',
        raster: (r, p) => messageGlyph(r, p, true, 6000, 10, W - 10, 8, 26, 1),
        paint: (c, p) => paintMessage(c, p, /** @type {Box} */ (messageBox(item({ y0: 12, text: 'rx.7' }), TYPE)), true),
      },
      { id: 'msg-tx', text: 'RPC message sent', raster: (r, p) => messageGlyph(r, p, false, 6000, 10, W - 10, 8, 26, 1) },
      {
        id: 'rpc-req',
        text: 'RPC request',
        raster: (r, p) => rpcGlyph(r, p, EV.RPCIDREQ, 20, 12, 20, 1),
        paint: (c, p) => paintRpc(c, p, /** @type {Box} */ (rpcBox(item({ x0: 20, y0: 12, text: 'read.7' }), 90, [13], [], TYPE)), EV.RPCIDREQ),
      },
      { id: 'rpc-resp', text: 'RPC response', raster: (r, p) => rpcGlyph(r, p, EV.RPCIDRESP, 60, 12, 20, 1) },
      markSample('mark-a', 'Mark a, with text', EV.MARKA, 30, 8, 'begin'),
      markSample('mark-a-end', 'Mark a that ends a region', EV.MARKA, 80, 8, '/begin'),
      markSample('mark-b', 'Mark b', EV.MARKB, 30, 8, 'mark-b'),
      markSample('mark-c', 'Mark c', EV.MARKC, 60, 8, 'mark-c'),
      markSample('mark-d', 'Mark d, a number', EV.MARKD, 40, 12, '12345'),
      { id: 'point', text: 'Other point event', raster: (r, p) => r.rect(60, 6, 61, 24, pack(huesOf(p.name, EV.MWAIT).core)) },
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
  [
    'Clock frequency, behind the spans',
    [
      { id: 'freq-low', text: 'Lowest eighth of the range', raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[0]) },
      { id: 'freq-mid', text: 'Between', raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[3]) },
      { id: 'freq-high', text: 'Highest eighth', raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[7]) },
    ],
  ],
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
