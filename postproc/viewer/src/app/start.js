// SPDX-License-Identifier: BSD-3-Clause
// Starts the viewer of a page that holds it compressed (docs/payload-format.md, "The viewer"). In the plain template it has run already.

import { LEAVE } from './leave.js';
import { DataArea, inflate } from '../format/payload.js';
import { wantedTheme } from '../page/theme.js';

/** @param {HTMLScriptElement} packed @returns {Promise<string>} what is wrong; nothing when the viewer runs */
async function start(packed) {
  document.documentElement.dataset.theme = wantedTheme(); // the page may be painted before the viewer runs
  if (typeof DecompressionStream === 'undefined') return 'this browser is too old';
  const area = new DataArea();
  area.add(packed.text);
  area.end();
  const script = document.createElement('script');
  try {
    script.text = LEAVE + new TextDecoder().decode(await inflate(area.slice(0, area.size), Number(packed.dataset.size)));
  } catch {
    return 'it is damaged';
  }
  document.head.append(script); // runs it
  return document.body.dataset.made === undefined ? 'it stopped' : '';
}

const packed = document.getElementById('kutrace-viewer');
if (packed instanceof HTMLScriptElement && packed.type === 'text/plain') {
  start(packed).then((wrong) => {
    if (wrong === '') return;
    const p = document.createElement('p');
    p.role = 'alert';
    p.textContent = `The viewer in this page cannot run: ${wrong}. Its trace can be opened from the viewer of another kutrace page.`;
    document.body.replaceChildren(p);
    document.body.dataset.made = '';
    document.body.dataset.state = 'failed';
  });
}
