// SPDX-License-Identifier: BSD-3-Clause
// A picture of flat rectangles in memory; put on the canvas with one call.

export class Raster {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.image = new ImageData(Math.max(1, width), Math.max(1, height));
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.left = 0;
    this.right = width;
    this.top = 0;
    this.bottom = height;
    /** Colour where nothing is. */
    this.ground = 0;
  }

  /** Limits drawing to a part. @param {number} left @param {number} top @param {number} right @param {number} bottom */
  clip(left, top, right, bottom) {
    this.left = Math.max(0, left);
    this.top = Math.max(0, top);
    this.right = Math.min(this.width, right);
    this.bottom = Math.min(this.height, bottom);
  }

  /** Moves the picture; what comes into view holds rubbish and must be painted. @param {number} dx @param {number} dy */
  shift(dx, dy) {
    const by = dy * this.width + dx;
    if (by > 0) this.pixels.copyWithin(by, 0, this.pixels.length - by);
    else this.pixels.copyWithin(0, -by);
  }

  /** Empties the clip. */
  clear() {
    this.rect(this.left, this.top, this.right, this.bottom, this.ground);
  }

  /**
   * Fills x0..x1, y0..y1 (whole pixels, ends excluded).
   * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} color
   */
  rect(x0, y0, x1, y1, color) {
    const { width, pixels, left, right } = this;
    const a = x0 < left ? left : x0;
    const b = x1 > right ? right : x1;
    if (a >= b) return;
    const bottom = y1 > this.bottom ? this.bottom : y1;
    for (let y = y0 < this.top ? this.top : y0; y < bottom; y++) {
      const line = y * width;
      if (b - a < 12) for (let p = line + a; p < line + b; p++) pixels[p] = color;
      else pixels.fill(color, line + a, line + b);
    }
  }

  /** Fills one pixel column, y0..y1. @param {number} x @param {number} y0 @param {number} y1 @param {number} color */
  column(x, y0, y1, color) {
    const { width, pixels } = this;
    if (x < this.left || x >= this.right) return;
    const end = (y1 > this.bottom ? this.bottom : y1) * width + x;
    for (let p = (y0 < this.top ? this.top : y0) * width + x; p < end; p += width) pixels[p] = color;
  }

  /** Mixes a colour into one pixel. @param {number} x @param {number} y @param {number} color @param {number} share 0..1 */
  blend(x, y, color, share) {
    if (x < this.left || x >= this.right || y < this.top || y >= this.bottom || share <= 0) return;
    const p = y * this.width + x;
    const old = this.pixels[p];
    const k = share >= 1 ? 256 : (share * 256) | 0;
    const rb = (((old & 0xff00ff) * (256 - k) + (color & 0xff00ff) * k) >>> 8) & 0xff00ff;
    const g = (((old & 0xff00) * (256 - k) + (color & 0xff00) * k) >>> 8) & 0xff00;
    this.pixels[p] = (0xff000000 | rb | g) >>> 0;
  }

  /**
   * A straight line with smooth edges; with `second`, dashes of two colours on a grid that moves with the picture.
   * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} thick @param {number} color
   * @param {number|null} [second] @param {number} [on] @param {number} [column]
   */
  slope(x0, y0, x1, y1, thick, color, second = null, on = 1, column = 0) {
    const flat = Math.abs(x1 - x0) >= Math.abs(y1 - y0);
    let [a0, b0, a1, b1] = flat ? [x0, y0, x1, y1] : [y0, x0, y1, x1];
    if (a0 > a1) [a0, b0, a1, b1] = [a1, b1, a0, b0];
    const rise = a1 > a0 ? (b1 - b0) / (a1 - a0) : 0;
    const half = (thick * Math.sqrt(1 + rise * rise)) / 2;
    const from = Math.max(Math.floor(a0), flat ? this.left : this.top);
    const to = Math.min(Math.ceil(a1), flat ? this.right : this.bottom);
    for (let a = from; a < to; a++) {
      const end = Math.min(a + 1, a1) - Math.max(a, a0); // part of this pixel that the line covers along its way
      const b = b0 + (a + 0.5 - a0) * rise;
      const paint = second !== null && Math.floor((a + column) / on) % 2 !== 0 ? second : color;
      for (let c = Math.floor(b - half); c < b + half; c++) {
        const share = (Math.min(c + 1, b + half) - Math.max(c, b - half)) * end;
        if (flat) this.blend(a, c, paint, share);
        else this.blend(c, a, paint, share);
      }
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y device pixels */
  putOn(ctx, x, y) {
    ctx.putImageData(this.image, x, y);
  }
}
