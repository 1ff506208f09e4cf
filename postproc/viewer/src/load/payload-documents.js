// SPDX-License-Identifier: BSD-3-Clause
// The documents in a page's payload (docs/payload-format.md): each is a run of chunks, each chunk a whole JSON document with
// the same header and some of the records, so that a damaged one costs only its own.

import { documentOf } from '../tabs/documents.js';

/** @typedef {import('../format/payload.js').Chunk & {document?: number, name?: string}} DocumentChunk */
/** @typedef {import('../tabs/documents.js').Document} Document */

/**
 * @param {DocumentChunk[]} chunks @param {(c: DocumentChunk) => Promise<Uint8Array>} load
 * @param {import('../format/payload.js').Diagnostic[]} diagnostics where losses are told
 * @returns {Promise<Document[]>}
 */
export async function readDocuments(chunks, load, diagnostics) {
  /** @type {Map<number, {name: string, doc: any, lost: number}>} */
  const found = new Map();
  for (const chunk of chunks) {
    if (chunk.kind !== 'document') continue;
    const number = chunk.document ?? 0;
    const entry = found.get(number) ?? { name: String(chunk.name ?? `document ${number + 1}`), doc: null, lost: 0 };
    found.set(number, entry);
    try {
      const part = JSON.parse(new TextDecoder().decode(await load(chunk)));
      if (entry.doc === null) entry.doc = part;
      else
        for (const list of ['events', 'points'])
          if (Array.isArray(entry.doc[list])) for (const record of part[list] ?? []) entry.doc[list].push(record);
    } catch {
      entry.lost += Number(chunk.count) || 0;
    }
  }
  /** @type {Document[]} */
  const documents = [];
  for (const [, { name, doc, lost }] of [...found].sort((a, b) => a[0] - b[0])) {
    const note = { id: 'viewer.document', severity: 'damage', count: lost, text: `records of ${name} are in an unreadable part of this page.` };
    if (doc === null) {
      diagnostics.push(note);
      continue;
    }
    try {
      const document = documentOf(doc, name);
      if (lost > 0) document.data.diagnostics.push(note);
      documents.push(document);
    } catch (e) {
      diagnostics.push({ ...note, text: /** @type {Error} */ (e).message, count: 1 });
    }
  }
  return documents;
}
