// SPDX-License-Identifier: BSD-3-Clause
// The JSON documents beside a trace: which kind a text is, and its records. The same for a file and for a part of a page.

import { PayloadError } from '../format/payload.js';
import { visibleTexts } from '../kit/visible.js';
import { jsonErrorOffset } from '../kit/json-offset.js';
import { FIELDS, rpcLogOf } from './rpc/rpc-log.js';
import { plotOf } from './plot/plot-data.js';

/** @typedef {{kind: 'rpc', name: string, data: import('./rpc/rpc-log.js').RpcLog}} RpcDocument */
/** @typedef {{kind: 'plot', name: string, data: import('./plot/plot-data.js').Plot}} PlotDocument */
/** @typedef {RpcDocument|PlotDocument} Document */

/** Fields of the first record of a list that begins at `at`; 0 when there is none whole. @param {string} text @param {number} at */
function fieldsAt(text, at) {
  let fields = 1;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (text[i] === ',') {
      fields++;
    } else if (text[i] === ']') {
      return fields;
    }
  }
  return 0;
}

/**
 * Kind of a document, from its beginning; null for anything else (a span JSON too).
 * @param {string} head @returns {'rpc'|'plot'|null}
 */
export function documentKind(head) {
  if (!head.trimStart().startsWith('{')) return null;
  if (/"points"\s*:\s*\[/.test(head)) return 'plot';
  const events = /"events"\s*:\s*\[\s*\[/.exec(head);
  if (!events) return null;
  return fieldsAt(head, events.index + events[0].length) >= FIELDS || /"(deltaT23|gbs)"\s*:/.test(head.slice(0, events.index)) ? 'rpc' : null;
}

/**
 * A document as read from its text.
 * @param {string} text @param {string} name of the file, for messages
 * @returns {Document}
 */
export function parseDocument(text, name) {
  let doc;
  try {
    doc = JSON.parse(text);
  } catch (e) {
    const { message } = /** @type {Error} */ (e);
    throw new PayloadError(`${name}: at offset ${jsonErrorOffset(text)}: not sound JSON: ${message}`);
  }
  return documentOf(doc, name);
}

/** @param {any} doc parsed JSON @param {string} name @returns {Document} */
export function documentOf(doc, name) {
  visibleTexts(doc);
  if (doc !== null && typeof doc === 'object') {
    if (Array.isArray(doc.points)) return { kind: 'plot', name, data: plotOf(doc) };
    if (Array.isArray(doc.events)) return { kind: 'rpc', name, data: rpcLogOf(doc) };
  }
  throw new PayloadError(`${name}: has neither "points" nor "events": it is no RPC log and no scatter plot.`);
}
