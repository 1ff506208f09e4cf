// SPDX-License-Identifier: BSD-3-Clause
// What the page says: a short remark, an error that stays, the titles of what is shown.

import { byId } from './controls.js';

const REMARK_MS = 5000;
let remarkTimer = 0;

/** A short remark. @param {string} text */
export function note(text) {
  byId('toast').textContent = text;
  byId('toast').hidden = text === '';
  clearTimeout(remarkTimer);
  remarkTimer = setTimeout(() => {
    byId('toast').hidden = true;
  }, REMARK_MS);
}

/** An error, which stays until it is closed; none: closes it. @param {string} text */
export function say(text) {
  byId('message-text').textContent = text;
  byId('message').hidden = text === '';
}

/** Title and machine, as soon as they are known. @param {Record<string, any>} meta */
export function showTitles(meta) {
  const title = String(meta.title ?? '') || 'kutrace';
  const machine = [meta.hostName, meta.cpuModelName, meta.kernelVersion].filter(Boolean).join('  ·  ');
  byId('title').textContent = byId('title').title = title;
  byId('machine').textContent = byId('machine').title = machine;
  document.title = `${title} (kutrace)`;
}
