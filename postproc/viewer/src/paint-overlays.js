// SPDX-License-Identifier: BSD-3-Clause
// Draws overlay items on a canvas. Shared by the picture and the legend.

import { EV, ipcParts, ipcValue, waitLetter, waitWord } from './events.js';
import { waitColor } from './colors.js';
import { morseRoom } from './overlay-glyphs.js';

/** @typedef {import('./overlays.js').Item} Item */
/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */

export const FONT = '10px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
export const CHAR = 6.03;

/** Text that fits: cut in the middle, thread names keep their number. @param {string} text @param {number} px */
export function fitText(text, px) {
  const room = Math.floor(px / CHAR);
  if (text.length <= room) return text;
  if (room < 4) return '';
  if (room < 10) return `${text.slice(0, room - 1)}…`;
  const tail = Math.min(Math.floor(room / 3), text.length - text.lastIndexOf('.'));
  const end = text.includes('.') ? tail : Math.floor(room / 4);
  return `${text.slice(0, room - 1 - end)}…${end > 0 ? text.slice(-end) : ''}`;
}

/** @param {Ctx} ctx @param {Palette} palette @param {string} text @param {number} x @param {number} y @param {string} color */
function haloText(ctx, palette, text, x, y, color) {
  ctx.fillStyle = palette.css.background;
  ctx.globalAlpha = 0.82;
  ctx.fillRect(x - 2, y - 8, text.length * CHAR + 4, 11);
  ctx.globalAlpha = 1;
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
}

/** Word of a wait's reason, in the middle of what can be seen of it. @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {number} event */
export function paintWait(ctx, palette, item, event) {
  const word = waitWord(event);
  const { letter, times } = morseRoom(event, item.x1 - item.x0, 1);
  const width = item.x1 - item.x0 - letter * times;
  if (width < word.length * CHAR + 16 || item.h < 10) return;
  const color = waitColor(palette, waitLetter(event));
  for (let x = item.x0 + Math.min(width / 2, 300); x < item.x0 + width - 20; x += 600) {
    haloText(ctx, palette, word, x - (word.length * CHAR) / 2, item.y0 + 3.5, color);
  }
}

/** Wakeup or interprocessor interrupt: a curve with an arrow head. @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {boolean} strong @param {boolean} [bold] */
export function paintArc(ctx, palette, item, strong, bold = false) {
  const { x0, y0, x1, y1 } = item;
  const c = arcControls(item);
  const isWake = item.type === 'arc';
  ctx.strokeStyle = strong ? palette.css.select : isWake ? palette.css.arc : palette.css.ipi;
  ctx.lineWidth = strong || bold ? 2.4 : isWake ? 1.4 : 1;
  ctx.setLineDash(isWake ? [5, 3] : [10, 5]);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.bezierCurveTo(c.ax, c.ay, c.bx, c.by, x1, y1);
  ctx.stroke();
  ctx.setLineDash([]);
  const angle = Math.atan2(y1 - c.by, x1 - c.bx);
  ctx.fillStyle = ctx.strokeStyle;
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x1 - 7 * Math.cos(angle - 0.4), y1 - 7 * Math.sin(angle - 0.4));
  ctx.lineTo(x1 - 7 * Math.cos(angle + 0.4), y1 - 7 * Math.sin(angle + 0.4));
  ctx.fill();
}

/** Control points of an arc: it leaves flat and arrives steeply; on one row it rises above it. @param {Item} item */
export function arcControls({ x0, y0, x1, y1, h }) {
  const dx = x1 - x0;
  if (Math.abs(y1 - y0) < 2) {
    const rise = Math.min(h * 0.75, 6 + Math.abs(dx) * 0.2);
    return { ax: x0 + dx * 0.25, ay: y0 - rise, bx: x1 - dx * 0.2, by: y1 - rise };
  }
  return { ax: x0 + dx * 0.5, ay: y0, bx: x1 - dx * 0.1, by: y1 + (y0 < y1 ? -1 : 1) * Math.min(30, Math.abs(y1 - y0) * 0.6) };
}

/** Text of a mark: a, b, c in a box open at one side, d a bare number. Its stem is in the raster. @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {number} event @param {number} room px to the next mark */
export function paintMark(ctx, palette, item, event, room) {
  const lane = event - EV.MARK_A;
  const { x0: x, y0: y, h, text } = item;
  const color = palette.css.mark[lane] ?? palette.css.markText;
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.2;
  if (lane === 3) {
    if (room >= text.length * CHAR + 4) haloText(ctx, palette, text, x + 3, y + 2, color);
    return;
  }
  const width = text.length * CHAR + 6;
  const closing = text.startsWith('/');
  const top = y + (lane === 1 ? h * 0.45 : lane === 2 ? h * 0.22 : -3);
  const height = Math.min(13, Math.max(8, h * 0.5));
  if (room < Math.min(width, 32)) return;
  const shown = fitText(text, Math.min(room, width) - 4);
  const w = shown.length * CHAR + 6;
  const left = lane === 2 ? x - w / 2 : closing ? x - w : x;
  ctx.globalAlpha = 0.9;
  ctx.fillStyle = palette.css.background;
  ctx.fillRect(left, top, w, height);
  ctx.globalAlpha = 1;
  ctx.beginPath();
  const open = closing ? left : left + w;
  const shut = closing ? left + w : left;
  ctx.moveTo(open, top);
  ctx.lineTo(shut, top);
  ctx.lineTo(shut, top + height);
  ctx.lineTo(open, top + height);
  ctx.stroke();
  ctx.fillStyle = color;
  ctx.fillText(shown, left + 3, top + height / 2 + 3.5);
}

/** Number of a message beside its line. @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {boolean} received */
export function paintMessage(ctx, palette, item, received) {
  if (item.text && item.x1 - item.x0 >= 24) haloText(ctx, palette, item.text, item.x0 + 4, Math.max(9, item.y0 + 8), received ? palette.css.rx : palette.css.tx);
}

/** Name of an RPC beside its flag. @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {number} event @param {number} room */
export function paintRpc(ctx, palette, item, event, room) {
  const shown = fitText(item.text, room - 12);
  if (shown.length > 2 && event !== EV.RPC_RESP) haloText(ctx, palette, shown, item.x0 + 8, item.y0 + 1, event === EV.RPC_REQ ? palette.css.rx : palette.css.muted);
}

/**
 * IPC needle, like a speedometer: left is 0, up is 1, right is 3.5; values between whole steps have a notch in the tail. The needle
 * for cache misses is orange.
 * @param {Ctx} ctx @param {Palette} palette @param {number} code @param {number} flags @param {number} x centre @param {number} y bottom of the zone @param {number} size
 */
export function paintNeedle(ctx, palette, code, flags, x, y, size) {
  const { ipc, llc } = ipcParts(code, flags);
  if (ipc !== null) {
    const v = ipcValue(ipc);
    needle(ctx, x, y, v, size, ipc % 2 === 1, palette.css.needle, v < 0.5 ? '#555b66' : v < 2 ? '#1e50c8' : '#d11f1f');
  }
  if (llc !== null) needle(ctx, x, y, (llc / 15) * 3.5, size * 0.75, llc % 2 === 1, '#f5a623', '#7a4a00');
}

/** @param {Ctx} ctx @param {number} x @param {number} y @param {number} value 0..3.5 @param {number} length @param {boolean} notch @param {string} fill @param {string} rim */
function needle(ctx, x, y, value, length, notch, fill, rim) {
  const angle = Math.PI * (value <= 1 ? 1 - value / 2 : Math.max(0, 0.5 - (value - 1) / 5));
  const cx = Math.cos(angle);
  const cy = -Math.sin(angle);
  const px = x - cx * length * 0.3;
  ctx.beginPath();
  ctx.moveTo(px + cx * length, y + cy * length);
  ctx.lineTo(px - cy * 3, y + cx * 3);
  if (notch) ctx.lineTo(px + cx * length * 0.25, y + cy * length * 0.25);
  ctx.lineTo(px + cy * 3, y - cx * 3);
  ctx.closePath();
  ctx.fillStyle = fill;
  ctx.strokeStyle = rim;
  ctx.lineWidth = 1;
  ctx.fill();
  ctx.stroke();
}
