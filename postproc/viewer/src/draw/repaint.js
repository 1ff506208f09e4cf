// SPDX-License-Identifier: BSD-3-Clause
// Which part of the raster must be painted for the next frame: what comes into view when the picture moves; and, when the zoom or the
// look changes, one row after another within a budget. A row that has to wait shows what it had before, stretched to the new zoom.

/** @typedef {import('./raster.js').Raster} Raster */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {[number, number, number, number]} Box left, top, right, bottom */
/**
 * What the raster holds.
 * @typedef {object} Painted
 * @property {unknown[]} ground where rows are, and on what: all is painted at once when it changes
 * @property {unknown[]} look
 * @property {number} column of the left edge, on the grid of device pixels
 * @property {number} device ticks a device pixel
 * @property {number} scroll device pixels
 */

/** @param {unknown[]} a @param {unknown[]} b */
const alike = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);

export function createRepaint() {
  /** @type {Painted|null} */
  let painted = null;
  /** Rows that wait, the longest first. @type {Set<Row>} */
  const late = new Set();
  /** View that the rows in `late` show, when it is another. @type {Painted|null} */
  let shown = null;

  return {
    /** Nothing of the raster can be kept. */
    forget() {
      painted = null;
    },

    /** Some rows show an earlier view. */
    waits: () => late.size > 0,

    painted: () => painted,

    /**
     * Moves what the raster holds to where the new view wants it.
     * @param {Raster} raster @param {Painted} now @param {Row[]} rows in sight @param {boolean} mayWait
     * @returns {Box[]} parts to paint now, of the rows that do not wait
     */
    plan(raster, now, rows, mayWait) {
      const { width, height } = raster;
      const old = painted;
      painted = now;
      shown = null;
      const inSight = new Set(rows);
      for (const row of late) if (!inSight.has(row)) late.delete(row);
      const kept = old !== null && alike(old.ground, now.ground);
      if (kept && old.device === now.device && alike(old.look, now.look)) {
        const dx = old.column - now.column;
        const dy = old.scroll - now.scroll;
        if (Math.abs(dx) <= width / 2 && Math.abs(dy) <= height / 2 && Number.isInteger(dy)) {
          return moveBy(raster, dx, dy);
        }
      }
      if (kept && mayWait && old.scroll === now.scroll) {
        for (const row of rows) late.add(row);
        shown = old;
        return [];
      }
      late.clear();
      return [[0, 0, width, height]];
    },

    isLate: (/** @type {Row} */ row) => late.has(row),

    /**
     * Paints rows that wait, at least one, as long as the next is likely to be done in time; stretches those that go on waiting.
     * @param {Raster} raster @param {number} until of performance.now()
     * @param {(row: Row) => void} paint @param {(row: Row) => [number, number]} band top and bottom of a row in the raster
     * @returns {number} of performance.now(), when the last row was painted
     */
    paintLate(raster, until, paint, band) {
      let time = performance.now();
      for (const row of late) {
        const begin = time;
        paint(row);
        late.delete(row);
        time = performance.now();
        if (time + (time - begin) > until) break;
      }
      const now = /** @type {Painted} */ (painted);
      if (!shown || late.size === 0 || (shown.device === now.device && shown.column === now.column)) return time;
      const from = sourceColumns(raster.width, shown, now);
      for (const row of late) stretch(raster, from, ...band(row));
      return time;
    },
  };
}

/** @param {Raster} raster @param {number} dx @param {number} dy @returns {Box[]} what came into view */
function moveBy(raster, dx, dy) {
  const { width, height } = raster;
  if (dx !== 0 || dy !== 0) raster.shift(dx, dy);
  /** @type {Box[]} */
  const boxes = [];
  if (dx > 0) boxes.push([0, 0, dx, height]);
  if (dx < 0) boxes.push([width + dx, 0, width, height]);
  if (dy > 0) boxes.push([0, 0, width, dy]);
  if (dy < 0) boxes.push([0, height + dy, width, height]);
  return boxes;
}

/** For each pixel column the one of the old view at its time, -1 outside of it. @param {number} width @param {Painted} old @param {Painted} now */
function sourceColumns(width, old, now) {
  const from = new Int32Array(width);
  for (let x = 0; x < width; x++) {
    const at = Math.floor(((now.column + x + 0.5) * now.device) / old.device - old.column);
    from[x] = at >= 0 && at < width ? at : -1;
  }
  return from;
}

/** @param {Raster} raster @param {Int32Array} from source of each column @param {number} top @param {number} bottom */
function stretch({ pixels, width, height, ground }, from, top, bottom) {
  const line = new Uint32Array(width);
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    const at = y * width;
    line.set(pixels.subarray(at, at + width));
    for (let x = 0; x < width; x++) pixels[at + x] = from[x] < 0 ? ground : line[from[x]];
  }
}
