// SPDX-License-Identifier: BSD-3-Clause
// The frame of a view beside the timeline: tools, legend, canvas, tooltip, panel, status line. Names are only ever set as text.

import { download, element } from '../../kit/dom.js';
import { SvgContext } from '../../kit/svg-context.js';
import { keyOf } from './tab-keys.js';

/** @typedef {import('../../format/payload.js').Diagnostic} Diagnostic */
/** @typedef {ReturnType<typeof makePane>} Pane */

/** @param {HTMLElement} host @param {string} name */
export function makePane(host, name) {
  const root = element('div', { class: 'chart-pane' });
  const bar = element('div', { class: 'chart-tools', role: 'toolbar', 'aria-label': `Tools of ${name}` });
  const legend = element('div', { class: 'chart-legend', role: 'group', 'aria-label': 'Colours' });
  const body = element('div', { class: 'chart-body' });
  const area = element('div', { class: 'chart-area' });
  const canvas = element('canvas', { tabindex: '0', role: 'application', class: 'chart-canvas', 'aria-label': name });
  const tip = element('div', { class: 'chart-tip', role: 'tooltip', hidden: '' });
  const aside = element('aside', { class: 'chart-panel', 'aria-label': 'Details', 'aria-live': 'polite', hidden: '' });
  const status = element('output', { class: 'chart-status' });
  area.append(canvas, tip);
  body.append(area, aside);
  root.append(bar, legend, body, status);
  host.append(root);
  return { root, bar, legend, canvas, tip, aside, status };
}

/** Prepares the canvas for a frame; null when it has no size. @param {HTMLCanvasElement} canvas */
export function frameOf(canvas) {
  const dpr = window.devicePixelRatio || 1;
  const size = { width: canvas.clientWidth, height: canvas.clientHeight };
  if (size.width < 20 || size.height < 20) return null;
  const [w, h] = [Math.round(size.width * dpr), Math.round(size.height * dpr)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  return { ctx, size, dpr };
}

/** A button whose tooltip names its key and state. @param {HTMLElement} bar @param {string} label @param {string} action @param {string} text @param {() => void} run */
export function tool(bar, label, action, text, run) {
  const key = keyOf(action);
  const button = element('button', { type: 'button', 'data-action': action, 'aria-label': text }, label);
  button.addEventListener('click', run);
  bar.append(button);
  const say = (/** @type {string} */ state) => {
    button.title = `${text}${key ? ` (${key})` : ''}${state ? `: ${state}` : ''}`;
  };
  say('');
  return {
    button,
    say,
    /** @param {boolean} on */
    press(on) {
      button.setAttribute('aria-pressed', String(on));
      say(on ? 'on' : 'off');
    },
  };
}

/**
 * A list to choose from. @param {HTMLElement} bar @param {string} name @param {string} action @param {[string, string][]} options
 * @param {(value: string) => void} choose
 */
export function choice(bar, name, action, options, choose) {
  const label = element('label', { class: 'chart-choice' }, `${name} `);
  const select = element('select', { 'data-action': action });
  for (const [value, text] of options) select.append(element('option', { value }, text));
  select.addEventListener('change', () => choose(select.value));
  label.append(select);
  bar.append(label);
  return {
    select,
    /** @param {string} value */
    show(value) {
      select.value = value;
      label.title = `${name} (${keyOf(action)}): ${options.find(([v]) => v === value)?.[1] ?? value}`;
    },
  };
}

/** Lines in the panel. @param {HTMLElement} aside @param {string} title @param {{label: string, text: string, note?: boolean}[]} lines @param {() => void} close @param {HTMLElement[]} extra */
export function fillPanel(aside, title, lines, close, extra) {
  aside.replaceChildren();
  aside.hidden = false;
  const head = element('div', { class: 'panel-head' });
  const button = element('button', { type: 'button', title: 'Close (Esc)', 'aria-label': 'Close panel' }, '✕');
  button.addEventListener('click', close);
  head.append(element('h2', {}, title), button);
  const list = element('dl');
  for (const line of lines) list.append(element('dt', {}, line.label), element('dd', line.note ? { class: 'note' } : {}, line.text));
  aside.append(head, ...extra, list);
}

/** Places the tooltip beside the pointer. @param {HTMLElement} tip @param {string[]} lines @param {{x: number, y: number}} at @param {{width: number, height: number}} size */
export function placeTip(tip, lines, at, size) {
  tip.hidden = lines.length === 0;
  if (tip.hidden) return;
  tip.replaceChildren(...lines.map((text, i) => element('div', { class: i === 0 ? 'name' : 'dim' }, text)));
  const x = at.x + 14 + tip.offsetWidth > size.width ? at.x - tip.offsetWidth - 10 : at.x + 14;
  const y = at.y + 18 + tip.offsetHeight > size.height ? at.y - tip.offsetHeight - 10 : at.y + 18;
  tip.style.transform = `translate(${Math.max(0, x)}px, ${Math.max(0, y)}px)`;
}

/** A badge that counts what is wrong with the data. @param {HTMLElement} bar @param {Diagnostic[]} diagnostics @param {(lines: {label: string, text: string}[]) => void} show */
export function badge(bar, diagnostics, show) {
  if (diagnostics.length === 0) return;
  const damage = diagnostics.filter((d) => d.severity === 'damage');
  const counted = damage.length > 0 ? damage : diagnostics;
  const count = counted.reduce((n, d) => n + d.count, 0);
  const text = damage.length > 0 ? `⚠ ${count.toLocaleString('en')} damaged` : `${count.toLocaleString('en')} notes`;
  const button = element('button', { type: 'button', class: damage.length > 0 ? 'badge damage' : 'badge' }, text);
  button.title = diagnostics.map((d) => `${d.count} ${d.text}`).join('\n');
  button.addEventListener('click', () => show(diagnostics.map((d) => ({ label: d.severity, text: `${d.count} ${d.text}` }))));
  bar.append(button);
}

/** @param {HTMLCanvasElement} canvas @param {string} name */
export function downloadPicture(canvas, name) {
  canvas.toBlob((blob) => {
    if (blob) download(blob, name);
  });
}

/**
 * A picture as SVG: the painter of the page draws it. @param {string} name @param {{width: number, height: number}} size @param {string} title
 * @param {(ctx: CanvasRenderingContext2D) => void} paint
 */
export function downloadSvg(name, size, title, paint) {
  const ctx = new SvgContext();
  paint(/** @type {any} */ (ctx));
  download(new Blob([ctx.document(size.width, size.height, title)], { type: 'image/svg+xml' }), name);
}
