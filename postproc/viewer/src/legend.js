// SPDX-License-Identifier: BSD-3-Clause
// The legend: every glyph, drawn by the code that draws the picture.

import { CLASS, CLASS_COUNT, EV, FLAG_IPC, SHAPE } from './events.js';
import { kindPaint, makePalette } from './colors.js';
import { densityTick, shareColumn, spanGlyph } from './glyphs.js';
import { Raster } from './raster.js';
import {
  FONT, paintArc, paintLock, paintMark, paintMessage, paintNeedle, paintPacket, paintPoint, paintQueued, paintRpc, paintSample, paintWait,
} from './paint-overlays.js';
import { element } from './dom.js';

/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {{id?: string, text: string, raster?: (r: Raster, p: Palette) => void, paint?: (c: Ctx, p: Palette) => void}} Entry */

const W = 120;
const H = 34;
const TOP = 8;
const SPAN = 22;

/** @param {number} event @param {number} cls @param {number} shape @param {boolean} [lowPower] */
const span = (event, cls, shape, lowPower = false) => (/** @type {Raster} */ r, /** @type {Palette} */ p) =>
  spanGlyph(r, p, kindPaint(p, event, cls, shape), lowPower, 10, W - 10, TOP, SPAN);

/** @param {Partial<import('./overlays.js').Item>} over @returns {import('./overlays.js').Item} */
const item = (over) => ({ type: 'wait', record: 0, x0: 10, y0: 17, x1: W - 10, y1: 17, h: SPAN, text: '', ...over });

/** @param {string} letter */
const wait = (letter) => (/** @type {Ctx} */ c, /** @type {Palette} */ p) =>
  paintWait(c, p, item({}), EV.WAIT_FIRST + letter.charCodeAt(0) - 97);

/** @type {[string, Entry[]][]} */
const SECTIONS = [
  ['Execution on a CPU', [
    { id: 'syscall', text: 'System call: tall, grey edges, green ground; the two inner hues tell the call', raster: span(0x801, CLASS.SYSCALL, SHAPE.KERNEL) },
    { id: 'irq', text: 'Interrupt or softirq: dark edges, blue ground', raster: span(0x5ec, CLASS.IRQ, SHAPE.KERNEL) },
    { id: 'fault', text: 'Fault: red ground', raster: span(0x40e, CLASS.FAULT, SHAPE.KERNEL) },
    { id: 'sched', text: 'Scheduler', raster: span(EV.SCHED, CLASS.SCHED, SHAPE.KERNEL) },
    { id: 'user', text: 'User mode: half height, two hues for each thread', raster: span(0x10000 + 1234, CLASS.USER, SHAPE.USER) },
    { id: 'idle', text: 'Idle', raster: span(EV.IDLE, CLASS.IDLE, SHAPE.IDLE) },
    { id: 'idlelp', text: 'Idle, low power', raster: span(EV.IDLE, CLASS.IDLE, SHAPE.IDLE, true) },
    { id: 'cexit', text: 'Leaving low-power idle', raster: span(EV.CEXIT, CLASS.OTHER, SHAPE.CEXIT) },
    { id: 'shares', text: 'Finer than two pixels: true share of each class of time, stacked; below it, darker for more spans', raster: shares },
    { id: 'inferred', text: 'Inferred span: dotted line below', raster: (r, p) => {
      span(0x803, CLASS.SYSCALL, SHAPE.KERNEL)(r, p);
      for (let x = 10; x < W - 10; x += 4) r.rect(x, TOP + SPAN + 1, x + 2, TOP + SPAN + 2, p.raster.cexit);
    } },
  ]],
  ['Waiting (thread and RPC rows)', [
    { id: 'wait-c', text: 'Ready, waits for a CPU', paint: wait('c') }, { id: 'wait-d', text: 'Waits for disk', paint: wait('d') },
    { id: 'wait-l', text: 'Waits for a lock', paint: wait('l') }, { id: 'wait-m', text: 'Waits for memory', paint: wait('m') },
    { id: 'wait-n', text: 'Waits for network', paint: wait('n') }, { id: 'wait-p', text: 'Waits for a pipe', paint: wait('p') },
    { id: 'wait-t', text: 'Waits for a timer', paint: wait('t') }, { id: 'wait-x', text: 'Waits, other reason', paint: wait('k') },
    { id: 'queued', text: 'RPC waits in a queue', paint: (c, p) => paintQueued(c, p, item({}), 1) },
  ]],
  ['Between and beside spans', [
    { id: 'wakeup', text: 'Wakeup: from the waker to the thread made to run', paint: (c, p) => paintArc(c, p, item({ type: 'arc', y0: 6, y1: 26 }), false) },
    { id: 'ipi', text: 'Interprocessor interrupt', paint: (c, p) => paintArc(c, p, item({ type: 'ipi', y0: 26, y1: 6 }), false) },
    { id: 'sample-k', text: 'PC sample, kernel: taken at the right end (samples of an idle CPU are not shown)', paint: (c, p) => paintSample(c, p, item({ y0: 20, y1: 13 }), 54618, true) },
    { id: 'sample-u', text: 'PC sample, user', paint: (c, p) => paintSample(c, p, item({ y0: 20, y1: 13 }), 1234, false) },
    { id: 'lock-held', text: 'Lock held', paint: (c, p) => paintLock(c, p, item({}), 3, true) },
    { id: 'lock-try', text: 'Lock waited for', paint: (c, p) => paintLock(c, p, item({}), 3, false) },
    { id: 'rx', text: 'Packet received', paint: (c, p) => paintPacket(c, p, item({ x0: 60 }), true) },
    { id: 'tx', text: 'Packet sent', paint: (c, p) => paintPacket(c, p, item({ x0: 60 }), false) },
    { id: 'msg-rx', text: 'RPC message received, on the wire', paint: (c, p) => paintMessage(c, p, item({ y0: 10, y1: 24 }), true) },
    { id: 'msg-tx', text: 'RPC message sent', paint: (c, p) => paintMessage(c, p, item({ y0: 10, y1: 24 }), false) },
    { id: 'rpc-req', text: 'RPC request', paint: (c, p) => paintRpc(c, p, item({ x0: 20, y0: 12, text: 'read.7' }), EV.RPC_REQ, 90) },
    { id: 'rpc-resp', text: 'RPC response', paint: (c, p) => paintRpc(c, p, item({ x0: 60, y0: 12, text: 'read.7' }), EV.RPC_RESP, 90) },
    { id: 'mark-a', text: 'Mark a, with text', paint: (c, p) => paintMark(c, p, item({ x0: 30, y0: 8, text: 'begin' }), EV.MARK_A, 90) },
    { id: 'mark-a-end', text: 'Mark a that ends a region', paint: (c, p) => paintMark(c, p, item({ x0: 80, y0: 8, text: '/begin' }), EV.MARK_A, 90) },
    { id: 'mark-b', text: 'Mark b', paint: (c, p) => paintMark(c, p, item({ x0: 30, y0: 8, text: 'mark-b' }), EV.MARK_B, 90) },
    { id: 'mark-c', text: 'Mark c', paint: (c, p) => paintMark(c, p, item({ x0: 60, y0: 8, text: 'mark-c' }), EV.MARK_C, 90) },
    { id: 'mark-d', text: 'Mark d, a number', paint: (c, p) => paintMark(c, p, item({ x0: 40, y0: 12, text: '12345' }), EV.MARK_D, 90) },
    { id: 'point', text: 'Other point event', paint: (c, p) => paintPoint(c, p, item({ x0: 60, y0: 4, y1: 24 }), EV.MWAIT) },
    { id: 'ipc', text: 'IPC needle: left 0, up 1, right 3.5', raster: span(0x10000 + 77, CLASS.USER, SHAPE.USER), paint: (c, p) => {
      [2, 8, 14].forEach((code, i) => paintNeedle(c, p, code, FLAG_IPC, 30 + i * 30, 24, 13));
    } },
  ]],
  ['Clock frequency, behind the spans', [
    { id: 'freq-0', text: 'Lowest eighth of the range', raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[0]) },
    { id: 'freq-1', text: 'Between', raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[1]) },
    { id: 'freq-2', text: 'Highest eighth', raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[2]) },
  ]],
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

/** @param {Entry} entry @param {import('./colors.js').PaletteName} theme */
function drawEntry(entry, theme) {
  const palette = makePalette(theme);
  const dpr = window.devicePixelRatio || 1;
  const canvas = element('canvas', { width: String(W * dpr), height: String(H * dpr), role: 'img', 'aria-label': entry.text });
  canvas.style.width = `${W}px`;
  canvas.style.height = `${H}px`;
  const ctx = /** @type {Ctx} */ (canvas.getContext('2d'));
  const raster = new Raster(W, H);
  raster.clear(palette.raster.background);
  entry.raster?.(raster, palette);
  const plain = element('canvas', { width: String(W), height: String(H) });
  raster.putOn(/** @type {Ctx} */ (plain.getContext('2d')), 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(plain, 0, 0, W * dpr, H * dpr);
  ctx.scale(dpr, dpr);
  ctx.font = FONT;
  entry.paint?.(ctx, palette);
  return canvas;
}

/** @param {HTMLElement} target @param {import('./colors.js').PaletteName} theme */
export function fillLegend(target, theme) {
  target.replaceChildren();
  for (const [title, entries] of SECTIONS) {
    target.append(element('h3', {}, title));
    const list = element('div', { class: 'legend' });
    for (const entry of entries) {
      const figure = element('figure', entry.id ? { 'data-glyph': entry.id } : {});
      figure.append(drawEntry(entry, theme), element('figcaption', {}, entry.text));
      list.append(figure);
    }
    target.append(list);
  }
}
