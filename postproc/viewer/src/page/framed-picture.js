// SPDX-License-Identifier: BSD-3-Clause
// What stands around a saved picture, so that it says by itself what it is: title, machine and window above, the key of its colours below.

import { colorsOf, paletteName } from '../plan/colors.js';
import { keyEntries } from '../plan/key-entries.js';
import { drawGlyph } from '../panels/legend.js';
import { fitText, typeOf } from '../kit/type.js';
import { machineWords } from '../words/summary-words.js';
import { areaWords } from '../words/area-words.js';
import { clockWords, durationWords, parseBase, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {{width: number, height: number}} Size */

const GLYPH = { width: 24, height: 22 };
/** A picture that is lower has no frame: there is no room for it. */
const LEAST = 240;
const PAD = 8;

/** What is said above: the trace, and what of it is shown. @param {State} state @returns {[string, string]} */
export function frameWords(state) {
  const { model, window, query, isolate, range } = state;
  if (!model) return ['', ''];
  const title = String(model.meta.title ?? '') || 'kutrace';
  const from = clockWords(parseBase(model.meta.tracebase), toNs(model, window.t0), 6);
  const parts = [`${durationWords(toNs(model, window.t1 - window.t0))} from ${from} UTC on`];
  if (range)
    parts.push(`${areaWords(model, { window: range, rows: range.rows ?? null, measured: true }).replace(/^./, (c) => c.toLowerCase())} marked`);
  if (query) parts.push(`${isolate ? 'only' : 'found'}: ${query}`);
  return [`${title}: ${machineWords(model)}`, parts.join('; ')];
}

/** Heights of what stands above and below a picture, and the places of the entries of its key. @param {State} state @param {Size} size */
export function frameRoom(state, { width, height }) {
  const { model } = state;
  const type = typeOf(state.sizes.text);
  const step = Math.round(24 * type.scale);
  /** @type {{entry: import('../plan/key-entries.js').KeyEntry, x: number, line: number}[]} */
  const places = [];
  let x = PAD;
  let line = 0;
  for (const entry of model ? keyEntries(model).filter((e) => !e.toggle || (state.show[e.toggle] ?? 0) > 0) : []) {
    const wide = GLYPH.width * type.scale + 6 + entry.word.length * type.char + 14;
    if (x + wide > width - PAD && x > PAD) {
      x = PAD;
      line++;
    }
    places.push({ entry, x, line });
    x += wide;
  }
  const below = places.length > 0 ? (line + 1) * step + 8 : 0;
  const above = Math.round(42 * type.scale);
  return model && height - above - below >= LEAST ? { above, below, places, step, type } : null;
}

/**
 * Paints the frame around a picture that lies `above` below the upper edge. @param {any} ctx a canvas context, or one of SVG @param {State} state @param {Size} size
 * @param {NonNullable<ReturnType<typeof frameRoom>>} room @param {(glyph: HTMLCanvasElement, x: number, y: number, width: number, height: number) => void} put draws a sign
 */
export function paintFrameAround(ctx, state, { width, height }, { above, below, places, step, type }, put) {
  const palette = paletteName(state.theme, state.safe);
  const c = colorsOf(palette);
  const k = type.scale;
  ctx.fillStyle = c.background;
  ctx.fillRect(0, 0, width, above);
  ctx.fillRect(0, height - below, width, below);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  const [title, window] = frameWords(state);
  ctx.font = type.label;
  ctx.fillStyle = c.text;
  ctx.fillText(fitText(title, width - 2 * PAD, type.labelChar), PAD, 16 * k);
  ctx.font = type.font;
  ctx.fillStyle = c.muted;
  ctx.fillText(fitText(window, width - 2 * PAD, type.char), PAD, 32 * k);
  for (const { entry, x, line } of places) {
    const y = height - below + 4 + line * step;
    put(drawGlyph(entry.glyph, palette), x, y, GLYPH.width * k, GLYPH.height * k);
    ctx.fillStyle = c.text;
    ctx.fillText(entry.word, x + GLYPH.width * k + 6, y + 14 * k);
  }
}
