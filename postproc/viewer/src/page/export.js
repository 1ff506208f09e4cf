// SPDX-License-Identifier: BSD-3-Clause
// The picture as PNG or SVG, and notes and views as JSON or in a copy of this page.

import { colorsOf, paletteName } from '../plan/colors.js';
import { download, fileStem } from '../kit/dom.js';
import { noteRecord, notesOf } from '../state/notes.js';
import { headerPlaces } from '../plan/layout.js';
import { createRenderer } from '../draw/render.js';
import { noteAnchor, paintOverlay } from '../draw/over-picture.js';
import { figureSize } from '../plan/sizes.js';
import { SvgContext } from '../kit/svg-context.js';
import { savedView, viewsOf } from '../state/views.js';
import { visibleTexts } from '../kit/visible.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {{width: number, height: number, dpr: number}} Size */

/** Draws the state with a context of its own. @param {any} ctx @param {State} state @param {Size} size */
function drawWith(ctx, state, size) {
  const canvas = /** @type {any} */ ({ width: 0, height: 0, getContext: (/** @type {string} */ kind) => (kind === '2d' ? ctx : null) });
  const scene = createRenderer(canvas).draw({ ...state, pointer: null }, size);
  if (!scene) return;
  paintOverlay(ctx, state, scene);
  const { type } = scene.layout;
  const colors = colorsOf(paletteName(state.theme, state.safe));
  ctx.font = type.font;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  for (const { group: g, y } of headerPlaces(scene.layout)) {
    ctx.fillStyle = colors.exported;
    ctx.fillText(`${g.open ? '▼' : '▶'} ${g.group.toUpperCase()} (${g.count})`, 6, y + 16 * type.scale);
  }
  for (const n of state.notes) {
    const at = noteAnchor(state, scene, n);
    if (!at) continue;
    const width = n.text.length * type.char + 10;
    ctx.fillStyle = colors.overBack;
    ctx.fillRect(at.x + n.dx, at.y + n.dy - 12, width, 20);
    ctx.strokeStyle = ctx.fillStyle = colors.note;
    ctx.strokeRect(at.x + n.dx, at.y + n.dy - 12, width, 20);
    ctx.fillText(n.text, at.x + n.dx + 5, at.y + n.dy + 2);
  }
}

/** @param {State} state @param {Size} size @returns {string} */
export function pictureSvg(state, size) {
  const ctx = new SvgContext();
  drawWith(ctx, state, { ...size, dpr: 1 });
  return ctx.document(size.width, size.height, String(state.model?.meta.title ?? 'kutrace'));
}

/** @param {State} state @param {Size} size */
export function pictureCanvas(state, size) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(size.width * size.dpr);
  canvas.height = Math.round(size.height * size.dpr);
  drawWith(/** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')), state, size);
  return canvas;
}

/** @param {State} state @param {Size} size @returns {Promise<Blob|null>} */
export const picturePng = (state, size) =>
  new Promise((resolve) => {
    pictureCanvas(state, size).toBlob(resolve, 'image/png');
  });

/** Saves the picture in the size that was chosen, or else the window's. @param {State} state @param {Size} window @param {'png'|'svg'} kind */
export async function savePicture(state, window, kind) {
  const size = figureSize(state.sizes, window);
  const name = `${fileStem(state.model?.meta.title)}.${kind}`;
  if (kind === 'svg') download(new Blob([pictureSvg(state, size)], { type: 'image/svg+xml' }), name);
  else {
    const blob = await picturePng(state, size);
    if (blob) download(blob, name);
  }
}

/** The lists of the span JSON that hold notes and views. @param {State} state */
export function keptLists(state) {
  const { model } = state;
  if (!model) return { extra: [], savedview: [] };
  const { others } = notesOf(model.meta.extra, model.nsPerTick);
  return { extra: [...others, ...state.notes.map((n) => noteRecord(n, model.nsPerTick))], savedview: savedView(state.views, model) };
}

/** @param {State} state */
export function saveJson(state) {
  download(
    new Blob([`${JSON.stringify(keptLists(state), null, 1)}\n`], { type: 'application/json' }),
    `${fileStem(state.model?.meta.title)}.notes.json`,
  );
}

/** Notes and views of a JSON text (also a whole span JSON). @param {string} text @param {import('../trace/model.js').Model} model */
export function readKept(text, model) {
  const doc = visibleTexts(JSON.parse(text));
  return { notes: notesOf(doc?.extra, model.nsPerTick).notes, views: viewsOf(doc?.savedview, model) };
}
