// SPDX-License-Identifier: BSD-3-Clause
// Making elements. Text is only ever set as text.

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

/** @param {string} text @param {string} title @param {() => void} run @param {Record<string, string>} [attributes] */
export function button(text, title, run, attributes = {}) {
  const b = element('button', { type: 'button', title, ...attributes }, text);
  b.addEventListener('click', run);
  return b;
}

/** A list to choose from, with its label. @param {string} label @param {string} title @param {[string, string][]} options @param {string} value @param {(v: string) => void} change */
export function select(label, title, options, value, change) {
  const box = element('label', { class: 'field', title });
  const s = element('select', { 'aria-label': label });
  for (const [v, text] of options) s.append(element('option', { value: v, ...(v === value ? { selected: '' } : {}) }, text));
  s.addEventListener('change', () => change(s.value));
  box.append(`${label} `, s);
  return { box, select: s };
}

/** @param {string} label @param {string} title @param {boolean} on @param {(on: boolean) => void} change */
export function checkbox(label, title, on, change) {
  const box = element('label', { class: 'field', title });
  const input = element('input', { type: 'checkbox' });
  input.checked = on;
  input.addEventListener('change', () => change(input.checked));
  box.append(input, ` ${label}`);
  return { box, input };
}

/** @param {string} text @returns {Promise<boolean>} */
export async function copyText(text) {
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

/** Offers a file for saving. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const a = element('a', { href: url, download: name });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** A title as the first part of a file name. @param {unknown} title */
export const fileStem = (title) =>
  String(title ?? '')
    .replaceAll(/[^\w.-]+/g, '_')
    .replace(/^[._]+/, '')
    .slice(0, 80) || 'kutrace';
