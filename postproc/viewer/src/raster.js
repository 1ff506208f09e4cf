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

  /** Fills the clip. @param {number} color packed */
  clear(color) {
    this.rect(this.left, this.top, this.right, this.bottom, color);
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

  /** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y device pixels */
  putOn(ctx, x, y) {
    ctx.putImageData(this.image, x, y);
  }
}
