// SPDX-License-Identifier: BSD-3-Clause
// Draws a critical path over the picture: one ink line through the rows, its steps numbered; all that is not on it stands back.

import { pathPieces } from '../plan/path-line.js';

/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {import('../plan/path-line.js').Piece} Piece */
/** @typedef {import('../plan/colors.js').PaletteColors} Colors */

/** How far the rest stands back. */
const BACK = { usual: 0.66, contrast: 0.5 };
/** Px. */
const LINE = 3.2;
const CASING = 6;
const NUMBER_ROOM = 26;
/** Around a piece that does not stand back. */
const EDGE = 3;
/** A second sign of what the thread did: it runs, is ready, waits, is not seen. @type {Record<string, number[]>} */
const DASHES = { running: [], ready: [7, 3], waiting: [2, 4], unseen: [1, 7] };

/** @param {Ctx} ctx @param {import('../state/store.js').State} state @param {import('./render.js').Scene} scene @param {Colors} c */
export function paintPath(ctx, state, scene, c) {
  const { why, panel, window, theme } = state;
  if (!why || panel !== 'why') return;
  const { layout } = scene;
  const pieces = pathPieces(layout, scene.time, window, why.answer.steps);
  if (pieces.length === 0) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
  ctx.clip();
  paintRest(ctx, layout, pieces, c.background, theme === 'contrast' ? BACK.contrast : BACK.usual);
  for (const [color, width] of /** @type {[string, number][]} */ ([
    [c.background, CASING],
    [c.text, LINE],
  ]))
    paintLine(ctx, pieces, color, width);
  paintCpus(ctx, pieces, c.text);
  paintNumbers(ctx, layout.type.scale, pieces, c, why.step);
  ctx.restore();
}

/** @param {Ctx} ctx @param {import('../plan/layout.js').Layout} layout @param {Piece[]} pieces @param {string} color @param {number} alpha */
function paintRest(ctx, layout, pieces, color, alpha) {
  ctx.save();
  // Each piece is left out by itself: where two overlap, a common path would fill their overlap again.
  ctx.fillStyle = color;
  ctx.globalAlpha = alpha;
  ctx.beginPath();
  ctx.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
  for (const p of pieces) {
    hole(ctx, p.x0, p.x1, p.top, p.height);
    if (p.cpu) hole(ctx, p.x0, p.x1, p.cpu.top, p.cpu.height);
  }
  ctx.fill('nonzero');
  ctx.restore();
}

/** A rectangle that turns the other way, so that nothing is filled there. @param {Ctx} ctx @param {number} x0 @param {number} x1 @param {number} top @param {number} height */
function hole(ctx, x0, x1, top, height) {
  ctx.moveTo(x0, top - EDGE);
  ctx.lineTo(x0, top + height + EDGE);
  ctx.lineTo(x1, top + height + EDGE);
  ctx.lineTo(x1, top - EDGE);
  ctx.closePath();
}

/** @param {Ctx} ctx @param {Piece[]} pieces @param {string} color @param {number} width */
function paintLine(ctx, pieces, color, width) {
  ctx.strokeStyle = color;
  ctx.lineCap = 'butt';
  ctx.lineJoin = 'round';
  // From row to row.
  ctx.lineWidth = Math.max(1.2, width - 1.6);
  ctx.setLineDash([]);
  ctx.beginPath();
  pieces.forEach((p, i) => {
    const before = pieces[i - 1];
    if (!before || before.y === p.y) return;
    ctx.moveTo(before.x1, before.y);
    ctx.lineTo(p.x0, p.y);
  });
  ctx.stroke();
  ctx.lineWidth = width;
  for (const state of Object.keys(DASHES)) {
    ctx.setLineDash(width > LINE ? [] : DASHES[state]);
    ctx.beginPath();
    for (const p of pieces) {
      if (p.state !== state) continue;
      ctx.moveTo(p.x0, p.y);
      ctx.lineTo(Math.max(p.x1, p.x0 + 1), p.y);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** Where a thread of the path ran: a bracket below the span of its CPU. @param {Ctx} ctx @param {Piece[]} pieces @param {string} color */
function paintCpus(ctx, pieces, color) {
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  for (const { cpu, x0, x1 } of pieces) {
    if (!cpu) continue;
    const y = cpu.top + cpu.height + 2;
    if (x1 - x0 > 6) ctx.moveTo(x0, y - 4);
    else ctx.moveTo(x0, y);
    ctx.lineTo(x0, y);
    ctx.lineTo(Math.max(x1, x0 + 1), y);
    if (x1 - x0 > 6) ctx.lineTo(x1, y - 4);
  }
  ctx.stroke();
}

/** Numbers of the steps that have room, and a frame round the marked one. @param {Ctx} ctx @param {number} scale @param {Piece[]} pieces @param {Colors} c @param {number} marked */
function paintNumbers(ctx, scale, pieces, c, marked) {
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const r = 8 * scale;
  let free = -Infinity;
  for (const { step, x0, x1, y, top, height } of pieces) {
    const mine = step === marked;
    if (mine) {
      ctx.strokeStyle = c.text;
      ctx.lineWidth = 2;
      ctx.strokeRect(x0 - 2, top - EDGE, Math.max(4, x1 - x0 + 4), height + 2 * EDGE);
    }
    if (!mine && (x1 - x0 < NUMBER_ROOM * scale || x0 < free)) continue;
    const x = Math.max(x0, 0) + Math.min(r + 2, (x1 - x0) / 2);
    const text = String(step + 1);
    const w = Math.max(r, text.length * 3.4 * scale + 4);
    ctx.fillStyle = c.text;
    ctx.beginPath();
    ctx.arc(x - w + r, y, r, Math.PI / 2, 1.5 * Math.PI);
    ctx.arc(x + w - r, y, r, -Math.PI / 2, Math.PI / 2);
    ctx.fill();
    ctx.fillStyle = c.background;
    ctx.fillText(text, x, y + 0.5);
    free = x + w;
  }
}
