// SPDX-License-Identifier: BSD-3-Clause
// The part of a 2D canvas that the viewer draws with, writing SVG instead: the same code makes the picture for print.

/** What XML has no way to write: half of a pair, and characters it forbids even as references. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** @param {unknown} text */
const escapeXml = (text) =>
  String(text)
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"\u007f-\u009f]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '\ufffd');
/** @param {number} v */
const num = (v) => String(Math.round(v * 100) / 100);

/** Runs of one colour in a picture, joined downwards where they are alike. @param {Uint32Array} pixels @param {number} width @param {number} height @param {number} background left out */
export function colorRuns(pixels, width, height, background) {
  /** @type {{x: number, y: number, w: number, h: number, color: number}[]} */
  const out = [];
  /** @type {Map<number, {x: number, y: number, w: number, h: number, color: number}>} */
  let above = new Map();
  for (let y = 0; y < height; y++) {
    /** @type {typeof above} */
    const here = new Map();
    for (let x = 0; x < width; ) {
      const color = pixels[y * width + x];
      let end = x + 1;
      while (end < width && pixels[y * width + end] === color) end++;
      if (color !== background) {
        const old = above.get(x);
        if (old && old.w === end - x && old.color === color) {
          old.h++;
          here.set(x, old);
        } else {
          const run = { x, y, w: end - x, h: 1, color };
          out.push(run);
          here.set(x, run);
        }
      }
      x = end;
    }
    above = here;
  }
  return out;
}

/** @param {number} packed 0xAABBGGRR */
const cssOf = (packed) => `#${[packed & 255, (packed >> 8) & 255, (packed >> 16) & 255].map((v) => v.toString(16).padStart(2, '0')).join('')}`;

export class SvgContext {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.path = '';
    this.fillStyle = '#000';
    this.strokeStyle = '#000';
    this.lineWidth = 1;
    this.globalAlpha = 1;
    this.font = '10px monospace';
    this.textAlign = 'left';
    this.textBaseline = 'alphabetic';
    this.lineCap = 'butt';
    /** @type {number[]} */
    this.dash = [];
    this.lineDashOffset = 0;
    this.clips = 0;
    /** @type {{props: any[], open: number}[]} */
    this.stack = [];
    this.open = 0;
  }

  get opacity() {
    return this.globalAlpha < 1 ? ` opacity="${num(this.globalAlpha)}"` : '';
  }
  setTransform() {
    /* the picture is drawn in CSS pixels */
  }
  scale() {
    /* as above */
  }
  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }
  save() {
    this.stack.push({
      props: [
        this.fillStyle,
        this.strokeStyle,
        this.lineWidth,
        this.globalAlpha,
        this.font,
        this.textAlign,
        this.textBaseline,
        this.dash,
        this.lineCap,
      ],
      open: this.open,
    });
    this.open = 0;
  }
  restore() {
    this.parts.push('</g>'.repeat(this.open));
    const old = this.stack.pop();
    if (!old) return;
    [this.fillStyle, this.strokeStyle, this.lineWidth, this.globalAlpha, this.font, this.textAlign, this.textBaseline, this.dash, this.lineCap] =
      old.props;
    this.open = old.open;
  }
  /** @param {number} x @param {number} y */
  translate(x, y) {
    this.group(`translate(${num(x)} ${num(y)})`);
  }
  /** @param {number} angle */
  rotate(angle) {
    this.group(`rotate(${num((angle * 180) / Math.PI)})`);
  }
  /** All that follows until restore() is moved. @param {string} transform */
  group(transform) {
    this.parts.push(`<g transform="${transform}">`);
    this.open++;
  }
  beginPath() {
    this.path = '';
  }
  closePath() {
    this.path += 'Z';
  }
  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${num(x)} ${num(y)}`;
  }
  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `L${num(x)} ${num(y)}`;
  }
  /** @param {number[]} v */
  bezierCurveTo(...v) {
    this.path += `C${v.map(num).join(' ')}`;
  }
  /** @param {number[]} v */
  quadraticCurveTo(...v) {
    this.path += `Q${v.map(num).join(' ')}`;
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  rect(x, y, w, h) {
    this.path += `M${num(x)} ${num(y)}h${num(w)}v${num(h)}h${num(-w)}Z`;
  }
  /** A whole circle, or a piece of one. @param {number} x @param {number} y @param {number} r @param {number} a @param {number} b */
  arc(x, y, r, a, b) {
    if (b - a >= 2 * Math.PI - 1e-9) {
      this.path += `M${num(x - r)} ${num(y)}a${num(r)} ${num(r)} 0 1 0 ${num(2 * r)} 0a${num(r)} ${num(r)} 0 1 0 ${num(-2 * r)} 0`;
      return;
    }
    const from = `${num(x + r * Math.cos(a))} ${num(y + r * Math.sin(a))}`;
    this.path += `${this.path === '' ? 'M' : 'L'}${from}A${num(r)} ${num(r)} 0 ${b - a > Math.PI ? 1 : 0} 1 ${num(x + r * Math.cos(b))} ${num(y + r * Math.sin(b))}`;
  }
  clip() {
    const id = `clip${++this.clips}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
    this.open++;
  }
  stroke() {
    const offset = this.lineDashOffset === 0 ? '' : ` stroke-dashoffset="${num(this.lineDashOffset)}"`;
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.join(' ')}"${offset}` : '';
    this.parts.push(
      `<path d="${this.path}" fill="none" stroke="${escapeXml(this.strokeStyle)}" stroke-width="${num(this.lineWidth)}"${dash}${this.lineCap === 'butt' ? '' : ` stroke-linecap="${this.lineCap}"`}${this.opacity}/>`,
    );
  }
  fill() {
    this.parts.push(`<path d="${this.path}" fill="${escapeXml(this.fillStyle)}"${this.opacity}/>`);
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  fillRect(x, y, w, h) {
    if (w > 0 && h > 0)
      this.parts.push(`<rect x="${num(x)}" y="${num(y)}" width="${num(w)}" height="${num(h)}" fill="${escapeXml(this.fillStyle)}"${this.opacity}/>`);
  }
  clearRect() {
    /* nothing is below */
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  strokeRect(x, y, w, h) {
    this.parts.push(
      `<rect x="${num(x)}" y="${num(y)}" width="${num(w)}" height="${num(h)}" fill="none" stroke="${escapeXml(this.strokeStyle)}" stroke-width="${num(this.lineWidth)}"${this.opacity}/>`,
    );
  }
  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    const anchor = /** @type {Record<string, string>} */ ({ center: ' text-anchor="middle"', right: ' text-anchor="end"' })[this.textAlign] ?? '';
    const base =
      /** @type {Record<string, string>} */ ({ middle: ' dominant-baseline="central"', bottom: ' dominant-baseline="text-after-edge"' })[
        this.textBaseline
      ] ?? '';
    const size = /([\d.]+)px/.exec(this.font)?.[1] ?? '10';
    const bold = /\bbold\b/.test(this.font) ? ' font-weight="bold"' : '';
    this.parts.push(
      `<text x="${num(x)}" y="${num(y)}" font-size="${size}"${bold}${anchor}${base} fill="${escapeXml(this.fillStyle)}"${this.opacity} xml:space="preserve">${escapeXml(text)}</text>`,
    );
  }
  /** @param {string} text */
  measureText(text) {
    return { width: text.length * Number(/([\d.]+)px/.exec(this.font)?.[1] ?? 10) * 0.603 };
  }
  /** A picture of pixels becomes rectangles. @param {ImageData} image @param {number} x0 @param {number} y0 */
  putImageData(image, x0, y0) {
    const pixels = new Uint32Array(image.data.buffer, image.data.byteOffset, image.width * image.height);
    const counts = new Map();
    for (const p of pixels) counts.set(p, (counts.get(p) ?? 0) + 1);
    const background = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0])[0];
    /** @type {Map<number, string[]>} */
    const paths = new Map();
    for (const { x, y, w, h, color } of colorRuns(pixels, image.width, image.height, background)) {
      const list = paths.get(color) ?? [];
      paths.set(color, list);
      list.push(`M${x + x0} ${y + y0}h${w}v${h}h${-w}z`);
    }
    this.parts.push(`<rect x="${x0}" y="${y0}" width="${image.width}" height="${image.height}" fill="${cssOf(background)}"/>`);
    for (const [color, list] of paths) this.parts.push(`<path d="${list.join('')}" fill="${cssOf(color)}" shape-rendering="crispEdges"/>`);
  }

  /** @param {number} width @param {number} height @param {string} title */
  document(width, height, title) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace"><title>${escapeXml(title)}</title>${this.parts.join('')}${'</g>'.repeat(this.open)}</svg>\n`;
  }
}
