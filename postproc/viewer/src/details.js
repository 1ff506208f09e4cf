// SPDX-License-Identifier: BSD-3-Clause
// The panel at the right: details of the selection, or the list of diagnostics. Names are only ever set as text.

import { detailLines, linesAsText } from './words.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./store.js').Selection} Selection */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string>} [attributes] @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, text = '') {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  if (text) e.textContent = text;
  return e;
}

/** @param {HTMLElement} panel @param {string} title @param {() => void} close */
function open(panel, title, close) {
  panel.replaceChildren();
  panel.hidden = false;
  const head = element('div', { class: 'panel-head' });
  head.append(element('h2', {}, title));
  const button = element('button', { type: 'button', title: 'Close (Esc)', 'aria-label': 'Close panel' }, '✕');
  button.addEventListener('click', close);
  head.append(button);
  panel.append(head);
}

/**
 * @param {HTMLElement} panel @param {Model} model @param {Selection} selection
 * @param {{close: () => void, go: (s: Selection) => void}} actions
 */
export function showDetails(panel, model, selection, actions) {
  const lines = detailLines(model, selection);
  open(panel, 'Details', actions.close);
  const list = element('dl');
  for (const line of lines) {
    list.append(element('dt', {}, line.label));
    const value = element('dd', line.note ? { class: 'note' } : {});
    if (line.link) {
      const { link } = line;
      const button = element('button', { type: 'button', class: 'link', title: 'Go there' }, line.text);
      button.addEventListener('click', () => actions.go(link));
      value.append(button);
    } else {
      value.textContent = line.text;
    }
    list.append(value);
  }
  panel.append(list);
  const copy = element('button', { type: 'button', class: 'wide' }, 'Copy');
  copy.addEventListener('click', async () => {
    copy.textContent = (await copyText(linesAsText(lines))) ? 'Copied' : 'Copying is not allowed here';
  });
  panel.append(copy);
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element('textarea', { class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

const SEVERITIES = /** @type {[string, string][]} */ ([
  ['damage', 'Damage: time or events are missing or wrong'], ['repair', 'Repaired: what was recorded did not fit together and was mended'],
  ['info', 'For information'],
]);

/** @param {HTMLElement} panel @param {Model} model @param {() => void} close */
export function showDiagnostics(panel, model, close) {
  open(panel, 'Quality of this trace', close);
  if (model.diagnostics.length === 0) panel.append(element('p', {}, 'Nothing was dropped, repaired or inferred.'));
  for (const [severity, title] of SEVERITIES) {
    const found = model.diagnostics.filter((d) => (d.severity === severity) || (severity === 'info' && !SEVERITIES.some(([s]) => s === d.severity)));
    if (found.length === 0) continue;
    panel.append(element('h3', { class: `severity ${severity}` }, title));
    const list = element('ul');
    for (const d of found) {
      const item = element('li');
      item.append(element('b', {}, String(d.count)), document.createTextNode(` ${d.text} `), element('code', {}, d.id));
      list.append(item);
    }
    panel.append(list);
  }
}

/** Sums of the diagnostics by severity. @param {Model} model */
export function diagnosticCounts(model) {
  const sums = { damage: 0, repair: 0, info: 0 };
  for (const d of model.diagnostics) {
    const severity = d.severity === 'damage' || d.severity === 'repair' ? d.severity : 'info';
    sums[severity] += Number(d.count) || 0;
  }
  return sums;
}
