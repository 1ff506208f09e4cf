// SPDX-License-Identifier: BSD-3-Clause
// A column of sample needles beside the timelines while needles are shown: what each position means.

import { FLAG_IPC, FLAG_LLC, ipcParts, ipcWords, llcMisses } from '../format/events.js';
import { paintNeedle } from '../draw/item-strokes.js';

/** @typedef {{flags: number, code: number, text: string}} Sample */

/** Left of the words. */
const BEFORE = 32;
const LETTERS = 5.5;
/** On narrower pages time needs the room; the legend has the needles too. */
const LEAST_WIDTH = 700;
const PITCH = 30;
const TITLE = 20;

/** Pixels that the column takes. @param {number} flags of the trace @param {Record<string, number>|undefined} show @param {number} width of the picture @param {import('../kit/type.js').Type} type */
export const needleRoom = (flags, show, width, type) =>
  show?.ipc && (flags & (FLAG_IPC | FLAG_LLC)) !== 0 && width >= LEAST_WIDTH * type.scale ? Math.round(BEFORE + LETTERS * type.char) : 0;

/** @param {number} lines */
const short = (lines) => (lines >= 1024 ? `${lines / 1024}K` : String(lines));

/** The needles that a trace can have: 16, or 4 and 4 where both share a code. @param {number} flags @returns {Sample[]} */
export function needleSamples(flags) {
  const codes = Array.from({ length: 16 }, (_, i) => i);
  const parts = codes.map((code) => ipcParts(code, flags));
  const kinds = /** @type {const} */ ([
    ['ipc', FLAG_IPC, (/** @type {number} */ c) => ipcWords(c)],
    ['llc', FLAG_LLC, (/** @type {number} */ c) => `${short(llcMisses(c))}${c > 1 ? '+' : ''}`],
  ]);
  return kinds.flatMap(([key, flag, words]) =>
    [...new Set(parts.map((p) => p[key]).filter((c) => c !== null))].sort((a, b) => a - b).map((code) => ({ flags: flag, code, text: words(code) })),
  );
}

/** @param {CanvasRenderingContext2D} ctx @param {import('../draw/render.js').FrameContext} context */
export function paintNeedleColumn(ctx, { model, layout, palette, state }) {
  if (needleRoom(model.flags, state.show, layout.width, layout.type) === 0) return;
  const x = layout.right + 14;
  const samples = needleSamples(model.flags);
  ctx.fillStyle = palette.css.stripe;
  ctx.fillRect(x, 0, layout.width - x, layout.bottom);
  ctx.font = layout.type.font;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const titles = new Set(samples.map((s) => s.flags)).size;
  const pitch = Math.min(PITCH, (layout.bottom - titles * TITLE) / samples.length);
  let y = 0;
  let last = 0;
  for (const { flags, code, text } of samples) {
    if (flags !== last) {
      ctx.fillStyle = palette.css.muted;
      ctx.fillText(flags === FLAG_IPC ? 'IPC' : 'misses', x + 4, y + TITLE / 2);
      y += TITLE;
    }
    last = flags;
    paintNeedle(ctx, palette, code, flags, x + 16, y + pitch * 0.72, Math.min(15, pitch * 0.6));
    ctx.fillStyle = palette.css.text;
    ctx.fillText(text, x + BEFORE, y + pitch / 2);
    y += pitch;
  }
}
