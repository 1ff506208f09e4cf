// SPDX-License-Identifier: BSD-3-Clause
// Draws overlay items on a canvas. Shared by the picture and the legend.

import { EV, ipcParts, ipcValue, waitWord } from '../format/events.js';
import { wholeArc } from '../plan/arc-curve.js';
import { morseRoom } from './item-glyphs.js';

/** @typedef {import('../plan/item-walk.js').Item} Item */
/** @typedef {import('../plan/item-names.js').NameBox} NameBox */
/** @typedef {import('../kit/type.js').Type} Type */
/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */

/** @param {Ctx} ctx @param {Palette} palette @param {NameBox} box @param {string} color */
function haloText(ctx, palette, box, color) {
  ctx.fillStyle = palette.css.background;
  ctx.globalAlpha = 0.82;
  ctx.fillRect(box.left, box.top, box.width, box.height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = color;
  ctx.fillText(box.text, box.x, box.y);
}

/** Word of a wait's reason, in the middle of what can be seen of it. @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {number} event @param {Type} type */
export function paintWait(ctx, palette, item, event, type) {
  const word = waitWord(event);
  const { letter, times } = morseRoom(event, item.x1 - item.x0, 1);
  const width = item.x1 - item.x0 - letter * times;
  const wide = word.length * type.char;
  if (width < wide + 16 || item.h < 10) return;
  for (let x = item.x0 + Math.min(width / 2, 300); x < item.x0 + width - 20; x += 600) {
    const [left, y] = [x - wide / 2, item.y0 + 3.5 * type.scale];
    haloText(
      ctx,
      palette,
      { left: left - 2, top: y - type.ascent, width: wide + 4, height: type.ascent + type.descent, text: word, x: left, y },
      palette.css.muted,
    );
  }
}

/**
 * Wakeup or interprocessor interrupt: a curve with an arrow head; of a long one the part in sight, its dashes where they would be if all were drawn.
 * @param {Ctx} ctx @param {Palette} palette @param {Item} item @param {boolean} strong @param {boolean} [bold]
 */
export function paintArc(ctx, palette, item, strong, bold = false) {
  const { x, y, skipped, last } = item.piece ?? wholeArc(item);
  const isWake = item.type === 'arc';
  ctx.strokeStyle = strong ? palette.css.select : isWake ? palette.css.arc : palette.css.ipi;
  ctx.lineWidth = strong || bold ? 2.4 : isWake ? 1.4 : 1;
  const dashes = isWake ? [5, 3] : [10, 5];
  ctx.setLineDash(dashes);
  ctx.lineDashOffset = skipped % (dashes[0] + dashes[1]);
  ctx.beginPath();
  ctx.moveTo(x[0], y[0]);
  ctx.bezierCurveTo(x[1], y[1], x[2], y[2], x[3], y[3]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.lineDashOffset = 0;
  if (!last) return;
  const [headX, headY] = [x[3], y[3]];
  const angle = Math.atan2(headY - y[2], headX - x[2]);
  ctx.fillStyle = ctx.strokeStyle;
  ctx.beginPath();
  ctx.moveTo(headX, headY);
  ctx.lineTo(headX - 7 * Math.cos(angle - 0.4), headY - 7 * Math.sin(angle - 0.4));
  ctx.lineTo(headX - 7 * Math.cos(angle + 0.4), headY - 7 * Math.sin(angle + 0.4));
  ctx.fill();
}

/** Text of a mark: a, b, c in a box open at one side, d a bare number. Its stem is in the raster. @param {Ctx} ctx @param {Palette} palette @param {NameBox} box @param {number} event */
export function paintMark(ctx, palette, box, event) {
  const lane = event - EV.MARKA;
  const color = palette.css.mark[lane] ?? palette.css.markText;
  if (lane === 3) {
    haloText(ctx, palette, box, color);
    return;
  }
  const { left, top, width, height, text } = box;
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.2;
  ctx.globalAlpha = 0.9;
  ctx.fillStyle = palette.css.background;
  ctx.fillRect(left, top, width, height);
  ctx.globalAlpha = 1;
  ctx.beginPath();
  const closing = text.startsWith('/');
  const open = closing ? left : left + width;
  const shut = closing ? left + width : left;
  ctx.moveTo(open, top);
  ctx.lineTo(shut, top);
  ctx.lineTo(shut, top + height);
  ctx.lineTo(open, top + height);
  ctx.stroke();
  ctx.fillStyle = color;
  ctx.fillText(text, box.x, box.y);
}

/** Number of a message beside its line. @param {Ctx} ctx @param {Palette} palette @param {NameBox} box @param {boolean} received */
export const paintMessage = (ctx, palette, box, received) => haloText(ctx, palette, box, received ? palette.css.rx : palette.css.tx);

/** Name of an RPC beside its flag. @param {Ctx} ctx @param {Palette} palette @param {NameBox} box @param {number} event */
export const paintRpc = (ctx, palette, box, event) => haloText(ctx, palette, box, event === EV.RPCIDREQ ? palette.css.rx : palette.css.muted);

/**
 * IPC needle, like a speedometer: left is 0, up is 1, right is 3.5; values between whole steps have a notch in the tail. The needle
 * for cache misses is orange.
 * @param {Ctx} ctx @param {Palette} palette @param {number} code @param {number} flags @param {number} x centre @param {number} y bottom of the zone @param {number} size
 */
export function paintNeedle(ctx, palette, code, flags, x, y, size) {
  const { ipc, llc } = ipcParts(code, flags);
  if (ipc !== null) {
    const v = ipcValue(ipc);
    needle(ctx, x, y, v, size, ipc % 2 === 1, palette.css.needle, palette.css.needles[v < 0.5 ? 0 : v < 2 ? 1 : 2]);
  }
  if (llc !== null) needle(ctx, x, y, (llc / 15) * 3.5, size * 0.75, llc % 2 === 1, palette.css.misses[0], palette.css.misses[2]);
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
