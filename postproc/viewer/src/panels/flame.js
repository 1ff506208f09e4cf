// SPDX-License-Identifier: BSD-3-Clause
// The graph of a profile: callers above what they called, as wide as their time. By pointer or keys to a frame, and into it.

import { element } from '../kit/dom.js';
import { onDensity } from '../kit/density.js';
import { colorsOf, paletteName } from '../plan/colors.js';
import { tintOf } from '../plan/meanings.js';
import { FLAME_ROW, flameBoxes, flameMatches, flameStep } from '../plan/flame.js';

/** @typedef {import('../search/profile.js').Profile} Profile */
/** @typedef {import('../plan/flame.js').Box} Box */

const FONT = '11px ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace';
/** px of a letter, of the edge in the colour of what a frame is, and below which width no name is written. */
const LETTER = 6.7;
const EDGE = 3;
const NAMED = 18;

/** Colour of what a frame is: of the class of a call, of a reason to wait; '' of a thread, CPU or RPC. @param {Profile} profile @param {import('../plan/colors.js').PaletteColors} c */
function frameColors({ model }, c) {
  const classes = new Map(model.kinds.map(({ name }, i) => [name, c.cls[model.cls[i]]]));
  return (/** @type {import('../search/profile.js').Frame} */ { kind, id }) => {
    if (kind === 'reason') return c.wait[String.fromCharCode(97 + Number(id))] ?? c.wait.x;
    if (kind === 'user') return c.cls[5];
    return kind === 'call' ? (classes.get(String(id)) ?? c.muted) : '';
  };
}

/** Draws boxes, those that do not hold the text paler, and a frame round one. @param {CanvasRenderingContext2D} ctx @param {Profile} p @param {Box[]} boxes @param {import('../state/store.js').State} state @param {number} at @param {string} text */
function paintBoxes(ctx, p, boxes, { theme, safe }, at, text) {
  const c = colorsOf(paletteName(theme, safe));
  const colorOf = frameColors(p, c);
  const { found } = flameMatches(p, text);
  ctx.font = FONT;
  ctx.textBaseline = 'middle';
  for (const b of boxes) {
    const y = b.depth * FLAME_ROW;
    const frame = b.node < 0 ? null : p.nodes[b.node].frame;
    const color = frame ? colorOf(frame) : '';
    const w = Math.max(1, b.w - 1);
    ctx.globalAlpha = text !== '' && !found.has(b.node) ? 0.35 : 1;
    ctx.fillStyle = color === '' ? c.on : tintOf(color, theme, c.background);
    ctx.fillRect(b.x, y, w, FLAME_ROW - 1);
    if (color !== '') {
      ctx.fillStyle = color;
      ctx.fillRect(b.x, y, Math.min(EDGE, w), FLAME_ROW - 1);
    }
    ctx.fillStyle = c.text;
    const letters = Math.floor((w - EDGE - 4) / LETTER);
    if (frame && w >= NAMED) {
      const name = p.name(frame);
      ctx.fillText(name.length <= letters ? name : `${name.slice(0, Math.max(0, letters - 1))}…`, b.x + EDGE + 2, y + FLAME_ROW / 2);
    }
    if (b.node >= 0 && b.node === at) {
      ctx.strokeStyle = c.text;
      ctx.lineWidth = 2;
      ctx.strokeRect(b.x + 1, y + 1, Math.max(1, w - 2), FLAME_ROW - 3);
    }
  }
  ctx.globalAlpha = 1;
}

/** @param {import('../state/store.js').Store} store @param {(profile: Profile, box: Box|null) => void} tell what is pointed at */
export function makeFlame(store, tell) {
  const box = element('div', { class: 'flame-box' });
  const canvas = element('canvas', {
    tabindex: '0',
    role: 'application',
    'aria-label': 'Profile as a graph. Arrow keys go to a frame, Enter into it, Backspace out.',
  });
  box.append(canvas);
  /** @type {Profile|null} */
  let profile = null;
  let [of, at, width] = [-1, -1, 0];
  let text = '';
  /** @type {Box[]} */
  let boxes = [];

  function draw() {
    width = box.clientWidth;
    if (!profile || width === 0) return;
    boxes = flameBoxes(profile, of, width);
    const height = (boxes.reduce((most, b) => Math.max(most, b.depth), 0) + 1) * FLAME_ROW;
    const dpr = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * dpr);
    canvas.height = Math.round(height * dpr);
    canvas.style.height = `${height}px`;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    ctx.scale(dpr, dpr);
    paintBoxes(ctx, profile, boxes, store.get(), at, text);
  }

  /** @param {PointerEvent|MouseEvent} e */
  const under = (e) => {
    const { left, top } = canvas.getBoundingClientRect();
    const [x, depth] = [e.clientX - left, Math.floor((e.clientY - top) / FLAME_ROW)];
    return boxes.find((b) => b.depth === depth && x >= b.x && x < b.x + b.w) ?? null;
  };

  /** Goes to a frame, and into it. @param {number} node @param {boolean} into */
  function go(node, into) {
    at = node;
    if (into) of = node;
    draw();
    if (profile) tell(profile, boxes.find((b) => b.node === at) ?? null);
  }
  const out = () => {
    if (profile && of >= 0) go(profile.nodes[of].parent, true);
  };

  canvas.addEventListener('pointermove', (e) => profile && tell(profile, under(e)));
  canvas.addEventListener('click', (e) => {
    const b = under(e);
    // What shares a box is told apart inside its caller.
    if (b) go(b.node < 0 ? b.parent : b.node, true);
  });
  canvas.addEventListener('keydown', (e) => {
    if (!profile || e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key.startsWith('Arrow') || e.key === 'Home') go(flameStep(boxes, at, e.key), false);
    else if (e.key === 'Enter') go(at < 0 ? (boxes[0]?.node ?? -1) : at, true);
    else if (e.key === 'Backspace') out();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  new ResizeObserver(() => {
    if (box.clientWidth !== width) draw();
  }).observe(box);
  onDensity(draw);

  return {
    box,
    draw,
    out,
    /** @param {Profile} next */
    show(next) {
      profile = next;
      [of, at] = [-1, -1];
      draw();
      tell(next, null);
    },
    /** @param {string} next */
    search(next) {
      text = next;
      draw();
    },
    all: () => go(-1, true),
    /** Of the tests. */
    boxes: () => boxes,
  };
}
