// SPDX-License-Identifier: BSD-3-Clause
// The page as it came, so that a copy with notes can be saved: its markup before any script changed it, and its data.

import { metaText } from '../format/encode-payload.js';

/** @type {string} */
let head = '';

/** Called before anything is changed. The data elements may have come already; the rest of the page stands before them. */
export function rememberPage() {
  const copy = /** @type {HTMLElement} */ (document.documentElement.cloneNode(true));
  for (const id of ['kutrace-meta', 'kutrace-data']) copy.querySelector(`#${id}`)?.remove();
  const html = copy.outerHTML;
  head = `${html.slice(0, html.lastIndexOf('</body>')).trimEnd()}\n`;
}

/** The trace of this page as text: meta, and the data kept outside the script's memory. */
/** @typedef {{meta: string, data: Blob}} Source */

/** @param {string} meta @param {BlobPart[]} data @returns {Source} */
export const makeSource = (meta, data) => ({ meta, data: new Blob(data) });

// Written in parts: these words may stand only once in a page.
const CLOSE = `</${'SCRIPT'.toLowerCase()}>\n`;
/** @param {string} what @param {string} type */
const open = (what, type) => `<${'SCRIPT'.toLowerCase()} id="kutrace-${what}" type="${type}">`;

/** A page with other meta. Null when the markup was not remembered. @param {Source} source @param {Record<string, unknown>} change @returns {Blob|null} */
export function pageWith(source, change) {
  if (head === '') return null;
  const meta = metaText({ ...JSON.parse(source.meta), ...change });
  const comment = ' SPDX-License-Identifier: BSD-3-Clause ';
  return new Blob(
    [
      '<!DOCTYPE html>\n<',
      `!--${comment}--`,
      `>\n${head}`,
      open('meta', 'application/json'),
      meta,
      CLOSE,
      open('data', 'text/plain'),
      source.data,
      CLOSE,
      '</body>\n</html>\n',
    ],
    { type: 'text/html' },
  );
}
