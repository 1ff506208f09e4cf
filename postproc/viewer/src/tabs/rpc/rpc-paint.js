// SPDX-License-Identifier: BSD-3-Clause
// Puts an RPC scene on a canvas.

import { BLACK, WHITE } from '../../plan/shades.js';
import { makeAxis, tickCount } from '../../plan/axis.js';
import { css, hex, huesOf, lockColor, mix, waitColor } from '../../plan/colors.js';
import { waitLetter } from '../../format/events.js';
import { paintFrame } from '../../draw/paint-frame.js';
import { durationWords } from '../../trace/time.js';

/** @typedef {import('./rpc-scene.js').RpcScene} RpcScene */
/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('./rpc-look.js').RpcLook} RpcLook */
/** @typedef {import('../../plan/colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */

const HUES = 15;

/** @param {string} text */
function hashOf(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
  return hash ^ (hash >>> 16);
}

/**
 * A number 0..14 for each name, by its hash; the first 15 names get different ones.
 * @param {Iterable<string>} names most important first @returns {Map<string, number>}
 */
export function hueNumbers(names) {
  const numbers = new Map();
  const taken = new Set();
  for (const name of names) {
    let n = (hashOf(name) >>> 0) % HUES;
    for (let k = 0; k < HUES && taken.has(n) && taken.size < HUES; k++) n = (n + 1) % HUES;
    taken.add(n);
    numbers.set(name, n);
  }
  return numbers;
}

/** One of 15 hues. @param {Palette} palette @param {number} n */
export const hueOf = (palette, n) => css(huesOf(palette.name, n).band);

/** @param {number} scale */
const font = (scale) => `${Math.round(11 * scale)}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace`;
const CHAR_SHARE = 0.603;

/** Text cut at its end. @param {string} text @param {number} room characters */
const cut = (text, room) => (text.length <= room ? text : room < 2 ? '' : `${text.slice(0, room - 1)}…`);

/** @param {Ctx} ctx @param {RpcScene} scene @param {RpcLog} log @param {RpcLook} look @param {Palette} palette @param {Map<string, number>} hues */
export function paintRpcs(ctx, scene, log, look, palette, hues) {
  const { layout } = scene;
  const c = palette.css;
  ctx.fillStyle = c.background;
  ctx.fillRect(0, 0, layout.width, layout.height);
  const axis = makeAxis(look.t0, look.t1, look.relative ? null : log.base, tickCount(layout));
  if (look.relative)
    Object.assign(axis, { base: /^[0:.]*$/.test(axis.base) ? '' : axis.base, date: 'since T1', caption: `Time since each RPC began (${axis.unit})` });
  // The axis of the timeline, with ticks of one nanosecond.
  const context = /** @type {any} */ ({ model: { nsPerTick: 1 }, layout, palette, time: scene.time });
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
  ctx.clip();
  stripes(ctx, scene, palette, look);
  paintFrame.grid(ctx, context, axis);
  for (const row of scene.rows) paintRow(ctx, row, palette, hues);
  notes(ctx, scene, palette, look);
  edges(ctx, scene, palette);
  if (scene.measure) measure(ctx, scene, palette, look.textScale);
  ctx.restore();
  labels(ctx, scene, log, look, palette);
  paintFrame.axis(ctx, context, axis);
  scrollbar(ctx, layout, palette);
}

/** @param {Ctx} ctx @param {RpcScene} scene @param {Palette} palette @param {RpcLook} look */
function stripes(ctx, { rows, layout }, palette, look) {
  for (const row of rows) {
    if (row.row === look.selected) ctx.fillStyle = palette.css.select;
    else if (row.place % 2 === 1 && layout.rowHeight >= 12) ctx.fillStyle = palette.css.stripe;
    else continue;
    ctx.globalAlpha = row.row === look.selected ? 0.14 : 1;
    ctx.fillRect(layout.left, row.y - 2, layout.right - layout.left, layout.rowHeight);
    ctx.globalAlpha = 1;
  }
}

/** @param {Ctx} ctx @param {import('./rpc-scene.js').RpcRow} row @param {Palette} palette @param {Map<string, number>} hues */
function paintRow(ctx, row, palette, hues) {
  const c = palette.css;
  ctx.globalAlpha = row.faded ? 0.22 : 1;
  const full = hueOf(palette, hues.get(row.hue) ?? 0);
  for (const bar of row.bars) {
    ctx.fillStyle = bar.part === 'backward' ? c.faint : full;
    ctx.fillRect(bar.x0, bar.y, bar.x1 - bar.x0, bar.h);
  }
  // Ends of parts, so that neighbours of one hue stay apart.
  if (row.h >= 9) {
    const rim = css(mix(hex(c.background), hex(c.text), 0.75));
    ctx.strokeStyle = rim;
    ctx.lineWidth = 1;
    for (const bar of row.bars) if (bar.x1 - bar.x0 > 4) ctx.strokeRect(bar.x0 + 0.5, bar.y + 0.5, bar.x1 - bar.x0 - 1, bar.h - 1);
  }
  for (const wire of row.wires) {
    if (wire.x1 - wire.x0 < 1) continue;
    const thick = Math.max(1, Math.min(3, Math.floor(row.h / 4)));
    if (row.h >= 8) {
      ctx.fillStyle = BLACK;
      ctx.fillRect(wire.x0 - 1, wire.y - thick / 2 - 1, wire.x1 - wire.x0 + 2, thick + 2);
    }
    ctx.fillStyle = WHITE;
    ctx.fillRect(wire.x0, wire.y - thick / 2, wire.x1 - wire.x0, thick);
  }
  for (const strip of row.strips) paintStrip(ctx, strip, palette);
  ctx.globalAlpha = 1;
}

/** @param {Ctx} ctx @param {import('./rpc-scene.js').Strip} strip @param {Palette} palette */
function paintStrip(ctx, { x0, x1, y, kind, cls, event }, palette) {
  const width = Math.max(1, x1 - x0);
  if (kind === 'run') {
    ctx.fillStyle = palette.css.cls[cls];
    ctx.fillRect(x0, y, width, 3);
  } else if (kind === 'wait') {
    ctx.fillStyle = waitColor(palette, waitLetter(event));
    ctx.fillRect(x0, y + 1, width, 1);
  } else {
    ctx.fillStyle = lockColor(palette, event);
    for (let x = x0; x < x1; x += 4) ctx.fillRect(x, y, Math.min(2, x1 - x), 2);
  }
}

/**
 * Rows whose text has room: the selected one first, then from the top, `least` px apart.
 * @param {import('./rpc-scene.js').RpcRow[]} rows @param {number} least @param {number} selected record
 */
export function rowsWithRoom(rows, least, selected) {
  const middle = (/** @type {import('./rpc-scene.js').RpcRow} */ row) => row.y + row.h / 2;
  const chosen = rows.find((r) => r.row === selected);
  const kept = new Set(chosen ? [chosen] : []);
  let free = -Infinity;
  for (const row of rows) {
    if (row === chosen || middle(row) - free < least || (chosen && Math.abs(middle(row) - middle(chosen)) < least)) continue;
    kept.add(row);
    free = middle(row);
  }
  return kept;
}

/** Text right of each bar that has a note; left of it when there is more room. @param {Ctx} ctx @param {RpcScene} scene @param {Palette} palette @param {RpcLook} look */
function notes(ctx, { rows, layout }, palette, look) {
  const scale = Math.min(look.textScale, Math.max(0.8, layout.rowHeight / 11));
  ctx.font = font(scale);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  const char = Math.round(11 * scale) * CHAR_SHARE;
  for (const row of rowsWithRoom(
    rows.filter((r) => r.note !== '' && r.side === 0),
    11 * scale,
    look.selected,
  )) {
    const y = row.y + row.h / 2;
    const begin = Math.max(layout.left, row.bars[0]?.x0 ?? layout.left);
    const right = layout.right - row.end - 10;
    const left = begin - layout.left - 10;
    const after = right >= row.note.length * char || right >= left;
    const room = Math.max(after ? right : left, 0);
    let text = cut(row.note, Math.floor(room / char));
    let x = after ? row.end + 6 : begin - 6 - text.length * char;
    if (room < 10 * char) {
      text = cut(row.note, Math.floor((layout.right - layout.left - 20) / char)); // over the bar: there is no room beside it
      x = layout.left + 8;
    }
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = palette.css.background;
    ctx.fillRect(x - 2, y - 6 * scale, text.length * char + 4, 12 * scale);
    ctx.globalAlpha = row.faded ? 0.5 : 1;
    ctx.fillStyle = palette.css.text;
    ctx.fillText(text, x, y + 0.5);
    ctx.globalAlpha = 1;
  }
}

/** Arrow heads where an RPC lies left or right of the window. @param {Ctx} ctx @param {RpcScene} scene @param {Palette} palette */
function edges(ctx, { rows, layout }, palette) {
  if (layout.rowHeight < 7) return;
  ctx.fillStyle = palette.css.faint;
  for (const { side, y, h } of rows) {
    if (side === 0) continue;
    const x = side < 0 ? layout.left + 2 : layout.right - 2;
    const middle = y + h / 2;
    ctx.beginPath();
    ctx.moveTo(x, middle);
    ctx.lineTo(x - side * 5, middle - 3);
    ctx.lineTo(x - side * 5, middle + 3);
    ctx.fill();
  }
}

/** @param {Ctx} ctx @param {RpcScene} scene @param {Palette} palette @param {number} scale */
function measure(ctx, { measure: m, layout }, palette, scale) {
  if (!m) return;
  const y = layout.bottom - 14 * scale;
  ctx.strokeStyle = ctx.fillStyle = palette.css.accent;
  ctx.lineWidth = 1;
  for (const [x, from] of [
    [m.x0, m.y0],
    [m.x1, m.y1],
  ]) {
    ctx.beginPath();
    ctx.moveTo(x, from);
    ctx.lineTo(x, layout.bottom);
    ctx.stroke();
    ctx.fillRect(x - 3, from - 3, 6, 6);
  }
  ctx.fillRect(Math.min(m.x0, m.x1), y, Math.max(1, Math.abs(m.x1 - m.x0)), 3);
  const text = durationWords(Math.abs(m.ns));
  ctx.font = `bold ${font(scale * 1.15)}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  const half = (text.length * 13 * scale * CHAR_SHARE) / 2 + 3;
  const x = Math.min(layout.right - half, Math.max(layout.left + half, (m.x0 + m.x1) / 2));
  ctx.fillStyle = palette.css.background;
  ctx.globalAlpha = 0.85;
  ctx.fillRect(x - half, y - 17 * scale, half * 2, 16 * scale);
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette.css.accent;
  ctx.fillText(text, x, y - 2);
}

/** Row numbers and names, as many as have room. @param {Ctx} ctx @param {RpcScene} scene @param {RpcLog} log @param {RpcLook} look @param {Palette} palette */
function labels(ctx, { rows, layout }, log, look, palette) {
  ctx.fillStyle = palette.css.background;
  ctx.fillRect(0, 0, layout.left, layout.bottom);
  ctx.fillStyle = palette.css.faint;
  ctx.fillRect(layout.left - 1, 0, 1, layout.bottom);
  const scale = Math.min(look.textScale, Math.max(1, layout.rowHeight / 12));
  ctx.font = font(scale);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  const room = Math.floor((layout.left - 14) / (Math.round(11 * scale) * CHAR_SHARE));
  const inside = rows.filter(({ y, h }) => y + h / 2 >= 6 && y + h / 2 <= layout.bottom - 6);
  const named = rowsWithRoom(inside, 13 * scale, look.selected);
  for (const row of rows) {
    const y = row.y + row.h / 2;
    if (!named.has(row)) {
      ctx.fillStyle = palette.css.faint;
      ctx.fillRect(layout.left - 4, y, 3, 1);
      continue;
    }
    const number = `${row.row + 1}`;
    const name = `${log.method[row.row]}.${log.rpcid[row.row]}`;
    ctx.fillStyle = row.faded ? palette.css.muted : palette.css.text;
    ctx.fillText(cut(`${number}  ${name}`, room), layout.left - 8, y);
  }
}

/** @param {Ctx} ctx @param {import('./rpc-scene.js').RpcLayout} layout @param {Palette} palette */
function scrollbar(ctx, layout, palette) {
  const { contentHeight } = layout;
  if (contentHeight <= layout.bottom) return;
  const h = Math.max(24, (layout.bottom * layout.bottom) / contentHeight);
  ctx.fillStyle = palette.css.faint;
  ctx.fillRect(layout.right + 4, (layout.scroll / (contentHeight - layout.bottom)) * (layout.bottom - h), 6, h);
}
