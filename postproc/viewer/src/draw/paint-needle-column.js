// SPDX-License-Identifier: BSD-3-Clause
// Paints the column of sample needles beside the timelines.

import { FLAG_IPC } from '../format/events.js';
import { BEFORE, needleRoom, needleSamples } from '../plan/needle-column.js';
import { paintNeedle } from './item-strokes.js';

const PITCH = 30;
const TITLE = 20;

/** @param {CanvasRenderingContext2D} ctx @param {import('./render.js').FrameContext} context */
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
