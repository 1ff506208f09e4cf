// SPDX-License-Identifier: BSD-3-Clause
// A rubber band: its shape is pure, its picture small. A thin one stands for one axis only, and is drawn over all of the other.

/** @typedef {'move'|'measure'|'zoom'} Drag what dragging does */
/** @typedef {{x0: number, y0: number, x1: number, y1: number, axes: 'both'|'x'|'y'|'none'}} Band px; axes that it zooms */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */

const THIN = 10;

/** What dragging does: Ctrl zooms, Shift measures, else the tool that is on. @param {import('../../kit/gestures.js').At} from @param {Drag} drag @returns {Drag} */
export const dragOf = (from, drag) => (from.ctrl ? 'zoom' : from.shift ? 'measure' : drag);

/** @param {{x: number, y: number}} from @param {{x: number, y: number}} to @param {Box} box it stays inside @returns {Band} */
export function bandOf(from, to, { left, right, top, bottom }) {
  const x = (/** @type {number} */ v) => Math.min(right, Math.max(left, v));
  const y = (/** @type {number} */ v) => Math.min(bottom, Math.max(top, v));
  const [x0, x1] = [Math.min(x(from.x), x(to.x)), Math.max(x(from.x), x(to.x))];
  const [y0, y1] = [Math.min(y(from.y), y(to.y)), Math.max(y(from.y), y(to.y))];
  const wide = x1 - x0 >= THIN;
  const high = y1 - y0 >= THIN;
  if (wide && high) return { x0, y0, x1, y1, axes: 'both' };
  if (wide) return { x0, y0: top, x1, y1: bottom, axes: 'x' };
  if (high) return { x0: left, y0, x1: right, y1, axes: 'y' };
  return { x0, y0, x1, y1, axes: 'none' };
}

/** A drag that draws a band and zooms to it when it ends; Esc takes the band away before. @param {import('../../kit/gestures.js').At} from
 *  @param {() => Box|null} box @param {{band: () => Band|null, set: (change: {band: Band|null}) => void, zoom: (band: Band) => void}} io */
export function banding(from, box, io) {
  let begun = false;
  return {
    move: (/** @type {import('../../kit/gestures.js').At} */ at) => {
      const inside = box();
      if (!inside || (begun && io.band() === null)) return;
      begun = true;
      io.set({ band: bandOf(from, at, inside) });
    },
    end: (/** @type {boolean} */ done) => {
      const band = io.band();
      if (!band) return;
      io.set({ band: null });
      if (done && band.axes !== 'none') io.zoom(band);
    },
  };
}

/** @param {CanvasRenderingContext2D} ctx @param {Band} band @param {import('../../plan/colors.js').Palette} palette */
export function paintBand(ctx, { x0, y0, x1, y1 }, palette) {
  ctx.fillStyle = ctx.strokeStyle = palette.css.accent;
  ctx.globalAlpha = 0.14;
  ctx.fillRect(x0, y0, x1 - x0, y1 - y0);
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1;
  ctx.strokeRect(x0 + 0.5, y0 + 0.5, Math.max(0, x1 - x0 - 1), Math.max(0, y1 - y0 - 1));
}
