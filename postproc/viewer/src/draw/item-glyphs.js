// SPDX-License-Identifier: BSD-3-Clause
// What is drawn over spans in plain pixels: waits, queues, locks, samples, packets, points, hatches. The legend uses it too.

import { lockHue, packCss, sampleHues, waitColor } from '../plan/colors.js';
import { EV, waitLetter } from '../format/events.js';

/** @typedef {import('./raster.js').Raster} Raster */
/** @typedef {import('../plan/colors.js').Palette} Palette */

const MORSE = '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'.split(' ');
const DASH = 9;
const DOT = 3;

/** Width of a letter, with the gap behind it. @param {string} code @param {number} k device pixels a pixel */
const morseWidth = (code, k) => [...code].reduce((w, c) => w + ((c === '-' ? DASH : DOT) + DOT) * k, 2 * DOT * k);

/** Pixels that the Morse letters at a wait's end take. @param {number} event @param {number} width of the wait @param {number} k */
export function morseRoom(event, width, k) {
  const w = morseWidth(MORSE[waitLetter(event).charCodeAt(0) - 97] ?? '.', k);
  return { letter: w, times: Math.max(0, Math.min(3, Math.floor((width - 12 * k) / w / 2))) };
}

/**
 * Wait: a line in the colour of its reason, ticks at its ends, and its letter in Morse before the right end.
 * @param {Raster} raster @param {Palette} palette @param {number} event @param {number} x0 @param {number} x1 @param {number} y @param {number} k @param {boolean} tall
 */
export function waitGlyph(raster, palette, event, x0, x1, y, k, tall) {
  const color = packCss(waitColor(palette, waitLetter(event)));
  const thick = Math.max(1, Math.round(1.5 * k));
  raster.rect(x0, y, x1, y + thick, color);
  if (!tall) return;
  const reach = Math.round(2 * k);
  if (x1 - x0 > 8 * k) for (const x of [x0, x1 - 1]) raster.rect(x, y - reach, x + 1, y + thick + reach, color);
  const { letter, times } = morseRoom(event, x1 - x0, k);
  const code = MORSE[waitLetter(event).charCodeAt(0) - 97] ?? '.';
  let x = x1 - Math.round(4 * k) - times * letter;
  for (let n = 0; n < times; n++) {
    for (const c of code) {
      const w = (c === '-' ? DASH : DOT) * k;
      raster.rect(Math.round(x), y - thick, Math.round(x + w), y + 2 * thick, color);
      x += w + DOT * k;
    }
    x += 2 * DOT * k;
  }
}

/**
 * First of the places `period` apart, one of them at `phase`, whose piece may reach into what is drawn from x on. So a pattern costs what is
 * seen of it, and begins where it would if all of its record were drawn.
 * @param {number} x @param {number} phase @param {number} period
 */
export const firstOfPattern = (x, phase, period) => x - ((((x - phase) % period) + period) % period);

/** Dots on a grid that moves with the picture. @param {Raster} raster @param {number} x0 @param {number} x1 @param {number} y @param {number} h @param {number} color @param {number} column @param {number} on @param {number} period */
export function dotted(raster, x0, x1, y, h, color, column, on, period) {
  const end = Math.min(x1, raster.right);
  for (let x = firstOfPattern(Math.max(x0, raster.left), -column, period); x < end; x += period) {
    raster.rect(Math.max(x, x0), y, Math.min(x + on, x1), y + h, color);
  }
}

/** What was inferred has a dotted line below; a short one is whole, so that it is never between the dots. @param {Raster} raster @param {Palette} palette @param {number} x0 @param {number} x1 @param {number} y @param {number} column */
export function inferredGlyph(raster, palette, x0, x1, y, column) {
  if (x1 - x0 < 4) raster.rect(x0, y, x1, y + 1, palette.raster.cexit);
  else dotted(raster, x0, x1, y, 1, palette.raster.cexit, column, 2, 4);
}

/** RPC in a queue: dotted in the queue's hue. @param {Raster} raster @param {Palette} palette @param {number} queue @param {number} x0 @param {number} x1 @param {number} y @param {number} k @param {number} column */
export const queuedGlyph = (raster, palette, queue, x0, x1, y, k, column) =>
  dotted(raster, x0, x1, y, Math.round(2 * k), lockHue(palette, queue), column, Math.round(2 * k), Math.round(6 * k));

/** Lock: held is solid with round ends, tried is dotted. @param {Raster} raster @param {Palette} palette @param {number} lock @param {boolean} held @param {number} x0 @param {number} x1 @param {number} y @param {number} k @param {number} column @param {boolean} [bold] */
export function lockGlyph(raster, palette, lock, held, x0, x1, y, k, column, bold = false) {
  const color = lockHue(palette, lock);
  const t = Math.max(1, Math.round((bold && held ? 3.2 : 1.6) * k));
  if (!held) {
    dotted(raster, x0, x1, y, t, color, column, Math.round(2 * k), Math.round(5 * k));
    return;
  }
  raster.rect(x0 + t, y, x1 - t, y + t, color);
  for (const x of [x0, x1 - t]) raster.rect(x, y + Math.ceil(t / 2), x + t, y + t + Math.round(2 * k), color);
}

/**
 * PC sample: a line that rises to the sample, a small V at its right end. Kernel code: thick with long dashes of a second hue.
 * @param {Raster} raster @param {Palette} palette @param {number} hash @param {boolean} kernel @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} k @param {number} column
 */
export function sampleGlyph(raster, palette, hash, kernel, x0, y0, x1, y1, k, column) {
  const { a, b } = sampleHues(palette.name, hash);
  const thick = (kernel ? 2.4 : 1.5) * k;
  const two = x1 - x0 >= 15 * k;
  const on = Math.round((kernel ? 10 : 4) * k);
  raster.slope(x0, y0, x1, y1, thick, packCss(a), two ? packCss(b) : null, on, column);
  if (x1 - x0 < 8 * k) return;
  const dark = packCss(palette.css.text);
  raster.slope(x1 - 2 * k, y1 - 4 * k, x1, y1, 1.2 * k, dark);
  raster.slope(x1, y1, x1 + 2 * k, y1 - 4 * k, 1.2 * k, dark);
}

/** Packet seen by the kernel or by user code: a slanted tick, falling when received. @param {Raster} raster @param {Palette} palette @param {boolean} received @param {number} x @param {number} y top of the spans @param {number} k */
export function packetGlyph(raster, palette, received, x, y, k) {
  const color = packCss(received ? palette.css.rx : palette.css.tx);
  const way = received ? 1 : -1;
  raster.slope(x - 2 * k * way, y - 7 * k, x + 1.5 * k * way, y + 2 * k, 1.6 * k, color);
}

/**
 * RPC message on the wire: a thick slanted line, cut into packets of 1500 bytes where they can be seen.
 * @param {Raster} raster @param {Palette} palette @param {boolean} received @param {number} bytes @param {number} x0 @param {number} x1 @param {number} top @param {number} bottom @param {number} k
 */
export function messageGlyph(raster, palette, received, bytes, x0, x1, top, bottom, k) {
  const color = packCss(received ? palette.css.rx : palette.css.tx);
  const [ya, yb] = received ? [top, bottom] : [bottom, top];
  const packets = Math.max(1, Math.ceil(bytes / 1400));
  const each = (x1 - x0) / packets;
  const cut = x1 - x0 >= 15 * k && each >= 3 * k;
  const n = cut ? packets : 1;
  const inSight = (/** @type {number} */ x) => Math.max(0, Math.min(n, Math.floor(((x - x0) * n) / Math.max(1, x1 - x0))));
  for (let i = inSight(raster.left - 1); i < Math.min(n, inSight(raster.right + 1) + 1); i++) {
    const a = x0 + ((x1 - x0) * i) / n;
    const b = x0 + ((x1 - x0) * (i + 1)) / n - (cut && i + 1 < n ? Math.max(1, each * 0.067) : 0);
    const y = (/** @type {number} */ x) => ya + ((yb - ya) * (x - x0)) / Math.max(1, x1 - x0);
    raster.slope(a, y(a), b, y(b), 2.6 * k, color);
  }
  for (const x of [x0, x1]) raster.rect(Math.round(x), Math.round(bottom - 3 * k), Math.round(x) + 1, Math.round(bottom + 3 * k), color);
}

/** RPC request, response, middle: a flag; the response's points back. @param {Raster} raster @param {Palette} palette @param {number} event @param {number} x @param {number} y top of the spans @param {number} h @param {number} k */
export function rpcGlyph(raster, palette, event, x, y, h, k) {
  const color = packCss(event === EV.RPCIDRESP ? palette.css.tx : palette.css.rx);
  raster.rect(x, y - Math.round(5 * k), x + Math.max(1, Math.round(k)), y + Math.round(h * 0.5), color);
  const reach = Math.round(6 * k);
  for (let i = 0; i < reach; i++) {
    const half = Math.round(((reach - i) / reach) * 3 * k);
    const at = event === EV.RPCIDRESP ? x - i : x + i;
    raster.column(at, y - Math.round(2 * k) - half, y - Math.round(2 * k) + half, color);
    if (event === EV.RPCIDMID && i > reach / 2) break;
  }
}

/** Stem of a mark: its box stands beside where there is room. @param {Raster} raster @param {Palette} palette @param {number} event @param {number} x @param {number} y @param {number} h @param {number} k */
export function markStem(raster, palette, event, x, y, h, k) {
  const lane = event - EV.MARKA;
  const color = packCss(palette.css.mark[lane] ?? palette.css.markText);
  if (lane === 3) {
    for (let i = 0; i < Math.round(h * 0.4) + 3 * k; i++) {
      const half = Math.max(0, Math.round(1.5 * k * (1 - i / (h * 0.4 + 3 * k))));
      raster.rect(x - half, y - Math.round(3 * k) + i, x + half + 1, y - Math.round(3 * k) + i + 1, color);
    }
  } else raster.rect(x, y - Math.round(4 * k), x + Math.max(1, Math.round(k)), y + h, color);
}

/**
 * Diagonal lines over a part of a row; they move with the picture.
 * @param {Raster} raster @param {number} color @param {number} x0 @param {number} x1 @param {number} y0 @param {number} y1 @param {number} column @param {number} period @param {number} [thick]
 */
export function hatch(raster, color, x0, x1, y0, y1, column, period, thick = 1) {
  const from = Math.max(x0, raster.left);
  const end = Math.min(x1, raster.right);
  for (let y = Math.max(y0, raster.top); y < Math.min(y1, raster.bottom); y++) {
    for (let x = firstOfPattern(from, y - y0 - column, period); x < end; x += period) {
      raster.rect(Math.max(x, x0), y, Math.min(x + thick, x1), y + 1, color);
    }
  }
}

/** Where a patch ends: one too narrow to be seen is wider. @param {number} x0 @param {number} x1 @param {number} k */
export const lostRight = (x0, x1, k) => Math.max(x1, x0 + Math.round(3 * k));

/** Something was lost here: a hatched patch with edges. @param {Raster} raster @param {Palette} palette @param {number} x0 @param {number} x1 @param {number} y0 @param {number} y1 @param {number} column @param {number} k */
export function lostGlyph(raster, palette, x0, x1, y0, y1, column, k) {
  const color = packCss(palette.css.lost);
  const right = lostRight(x0, x1, k);
  hatch(raster, color, x0, right, y0, y1, column, Math.round(7 * k), Math.max(1, Math.round(1.5 * k)));
  for (const y of [y0, y1 - 1]) raster.rect(x0, y, right, y + 1, color);
  for (const x of [x0, right - 1]) raster.rect(x, y0, x + 1, y1, color);
}

/** What tracing itself cost, at the head of a span: five diagonal lines over an estimate. @param {Raster} raster @param {Palette} palette @param {number} x0 @param {number} width px of the cost @param {number} x1 end of the span @param {number} y @param {number} h */
export function overheadGlyph(raster, palette, x0, width, x1, y, h) {
  for (let i = 0; i < 5; i++) {
    const a = x0 + (width * i) / 5;
    const b = Math.min(x1, a + width / 5);
    if (a < x1) raster.slope(a, y + h, b, y, 1.2, palette.raster.overhead);
  }
}
