// SPDX-License-Identifier: BSD-3-Clause
// Draws over the picture: labels, cursors, the measured range and the lines of notes.

import { paintPath } from './over-path.js';
import { placeLabels } from '../plan/annotations.js';
import { colorsOf, paletteName } from '../plan/colors.js';
import { deltaWords } from '../plan/cursors.js';
import { headerPlaces, rowTop } from '../plan/layout.js';
import { durationWords, toNs } from '../trace/time.js';
import { rowNames } from '../words/area-words.js';
import { VIEWER_VERSION, versionWords } from '../format/version.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('./render.js').Scene} Scene */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {import('../kit/type.js').Type} Type */
/** @typedef {import('../plan/colors.js').PaletteColors} OverlayColors */

/** @param {Ctx} ctx @param {State} state @param {Scene} scene */
export function paintOverlay(ctx, state, scene) {
  const { model } = state;
  if (!model) return;
  const c = colorsOf(paletteName(state.theme, state.safe));
  const { layout } = scene;
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, 0, layout.right - layout.left, layout.height);
  ctx.clip();
  ctx.font = layout.type.font;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  paintPath(ctx, state, scene, c);
  paintRange(ctx, state, scene, c);
  paintLabels(ctx, state, scene, c);
  paintNotes(ctx, state, scene, c);
  paintCursors(ctx, state, scene, c);
  ctx.restore();
}

/** @param {Ctx} ctx @param {Type} type @param {OverlayColors} c @param {string} text @param {number} x @param {number} y @param {string} color */
function boxedText(ctx, type, c, text, x, y, color) {
  ctx.globalAlpha = 0.87;
  ctx.fillStyle = c.overBack;
  ctx.fillRect(x - 2, y - 9 * type.scale, text.length * type.char + 4, type.line);
  ctx.globalAlpha = 1;
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
}

/** @param {Ctx} ctx @param {State} state @param {Scene} scene @param {OverlayColors} c */
function paintLabels(ctx, state, scene, c) {
  if (state.annotate === 'off' && state.labelled.length === 0) return;
  const { model } = state;
  if (!model) return;
  const { labels, left } = placeLabels(model, scene, state);
  const { layout } = scene;
  ctx.save();
  clipToRows(ctx, layout);
  ctx.strokeStyle = c.label;
  ctx.lineWidth = 1;
  for (const l of labels) {
    ctx.globalAlpha = l.long ? 1 : 0.35;
    ctx.setLineDash([]);
    ctx.beginPath();
    if (state.annotStyle === 'tall') {
      ctx.moveTo(l.x, l.y - 4);
      ctx.lineTo(l.x, layout.bottom);
      ctx.stroke();
      ctx.setLineDash([1, 5]);
      ctx.beginPath();
      ctx.moveTo(l.x, l.y - 4);
      ctx.lineTo(l.x, 0);
    } else {
      ctx.moveTo(l.x, l.y - 4);
      ctx.lineTo(l.x, l.textY - 4);
      ctx.lineTo(l.x + 2, l.textY - 4);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
  for (const l of labels) boxedText(ctx, layout.type, c, l.text, l.textX + 3, l.textY, c.label);
  if (left > 0)
    boxedText(ctx, layout.type, c, `${left.toLocaleString('en')} more labels have no room: zoom in`, layout.left + 6, layout.bottom - 6, c.label);
  ctx.restore();
}

/** Leaves out the names of groups that are held in sight over rows. @param {Ctx} ctx @param {import('../plan/layout.js').Layout} layout */
function clipToRows(ctx, layout) {
  const held = headerPlaces(layout).filter((p) => p.held);
  const top = Math.max(0, ...held.filter((p) => p.y < layout.bottom / 2).map((p) => p.y + layout.headerHeight));
  const bottom = Math.min(layout.height, ...held.filter((p) => p.y >= layout.bottom / 2).map((p) => p.y));
  ctx.beginPath();
  ctx.rect(layout.left, top, layout.right - layout.left, bottom - top);
  ctx.clip();
}

/** Pixels beside the timelines at which anything may as well end. */
const BESIDE = 20;

/** x of a time; of one out of sight a place just outside. @param {Scene} scene @param {number} t */
const nearBy = ({ layout, time }, t) => Math.max(layout.left - BESIDE, Math.min(layout.right + BESIDE, time(t)));

/** @param {Ctx} ctx @param {State} state @param {Scene} scene @param {OverlayColors} c */
function paintRange(ctx, { range, model }, scene, c) {
  if (!range || !model) return;
  const { layout } = scene;
  const x0 = nearBy(scene, range.t0);
  const x1 = nearBy(scene, range.t1);
  ctx.fillStyle = c.range;
  const { rows } = range;
  ctx.globalAlpha = 0.1;
  if (rows) paintArea(ctx, layout, rows, x0, x1);
  else ctx.fillRect(x0, 0, x1 - x0, layout.bottom);
  ctx.globalAlpha = rows ? 0.4 : 1;
  ctx.fillRect(x0 - 0.5, 0, 1, layout.bottom);
  ctx.fillRect(x1 - 0.5, 0, 1, layout.bottom);
  ctx.globalAlpha = 1;
  ctx.fillRect(x0, layout.bottom - 4, x1 - x0, 4);
  const text = `${deltaWords(model, range.t0, range.t1)}${rows ? ` × ${rowNames(model, rows)}` : ''}`;
  const width = text.length * layout.type.char;
  const x = Math.max(layout.left + 4, Math.min((Math.max(x0, layout.left) + Math.min(x1, layout.right)) / 2 - width / 2, layout.right - width - 4));
  boxedText(ctx, layout.type, c, text, x, layout.bottom - 8, c.range);
}

/** The rows of an area, each with its edges. @param {Ctx} ctx @param {import('../plan/layout.js').Layout} layout @param {import('../search/subjects.js').AreaRows} rows @param {number} x0 @param {number} x1 */
function paintArea(ctx, layout, { group, keys }, x0, x1) {
  for (const key of keys) {
    const at = rowTop(layout, group, key);
    if (!at || at.y + at.h < 0 || at.y > layout.bottom) continue;
    ctx.fillRect(x0, at.y, x1 - x0, at.h);
    ctx.globalAlpha = 1;
    ctx.fillRect(x0 - 1, at.y, 2, at.h);
    ctx.fillRect(x1 - 1, at.y, 2, at.h);
    ctx.globalAlpha = 0.1;
  }
}

/** @param {Ctx} ctx @param {State} state @param {Scene} scene @param {OverlayColors} c */
function paintCursors(ctx, { cursors, model }, scene, c) {
  const { layout } = scene;
  const { a, b } = cursors;
  if (!model) return;
  [a, b].forEach((t, i) => {
    if (t === null) return;
    const x = nearBy(scene, t);
    ctx.fillStyle = c.cursor[i];
    ctx.fillRect(Math.round(x), 0, 1, layout.bottom + 6);
    ctx.fillRect(Math.round(x) - 6, 0, 13, 13);
    ctx.fillStyle = c.overBack;
    ctx.fillText('AB'[i], Math.round(x) - 2.5, 10);
  });
  if (a === null || b === null) return;
  const text = `B − A = ${deltaWords(model, a, b)}`;
  const middle = (nearBy(scene, a) + nearBy(scene, b)) / 2;
  const width = text.length * layout.type.char;
  boxedText(ctx, layout.type, c, text, Math.max(layout.left + 8, Math.min(layout.right - width - 8, middle - width / 2)), 24, c.overText);
}

/** Lines from the bubbles to what they point at. @param {Ctx} ctx @param {State} state @param {Scene} scene @param {OverlayColors} c */
function paintNotes(ctx, state, scene, c) {
  for (const n of state.notes) {
    const at = noteAnchor(state, scene, n);
    if (!at) continue;
    ctx.strokeStyle = c.note;
    ctx.fillStyle = c.note;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.moveTo(at.x, at.y);
    ctx.lineTo(at.x + n.dx, at.y + n.dy + 10);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(at.x, at.y, 3, 0, 2 * Math.PI);
    ctx.fill();
  }
}

/** Where a note points; null when it is out of sight. @param {State} state @param {Scene} scene @param {import('../state/notes.js').Note} n */
export function noteAnchor(state, scene, n) {
  const { model } = state;
  const row = model ? rowTop(scene.layout, n.group, n.key) : null;
  const x = scene.time(n.t);
  if (!row || x < scene.layout.left - 1 || x > scene.layout.right + 1 || row.y + row.h < 0 || row.y > scene.layout.bottom) return null;
  return { x, y: row.y + row.zones.span + row.zones.spanHeight / 2 };
}

/** The read-out below the picture: what is in sight, and exactly. @param {State} state @param {Scene} scene */
export function viewWords(state, scene) {
  const { model, window } = state;
  if (!model) return { text: '', title: '' };
  const rows = scene.layout.groups.filter((g) => g.open).reduce((n, g) => n + g.count, 0);
  const missing = scene.layout.groups.reduce((n, g) => n + g.missing, 0);
  const first = scene.rows[0]?.row.label ?? 'none';
  return {
    text: `${durationWords(toNs(model, window.t1 - window.t0))} shown, rows ${scene.rows.length} of ${rows}${missing > 0 ? ` (${missing} left out)` : ''} · v${VIEWER_VERSION}`,
    title: `x: ${(toNs(model, window.t0) / 1e9).toFixed(9)} s + ${(toNs(model, window.t1 - window.t0) / 1e3).toFixed(3)} µs;  y: ${first} + ${scene.rows.length} rows;  ${versionWords()}`,
  };
}
