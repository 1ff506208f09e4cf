// SPDX-License-Identifier: BSD-3-Clause
// Files dropped on the page or chosen: a trace replaces the one shown, an RPC log or a plot becomes a tab beside it.

import { PayloadError } from '../format/payload.js';
import { FINDINGS } from '../format/tables.js';
import { FileText, LONGEST_TEXT } from './file-text.js';
import { isOwnPage, referenceJson } from '../format/reference-page.js';
import { documentKind, parseDocument } from '../tabs/documents.js';

const HEAD = 65536;

/** First characters of a file, compressed or not; what can be read of it. @param {Blob} file */
async function headOf(file) {
  let text = '';
  try {
    for await (const piece of new FileText(file).pieces()) {
      text += piece;
      if (text.length >= HEAD) break;
    }
  } catch {
    return text; // whoever reads all of it says what is wrong
  }
  return text;
}

/** The document in a file, JSON or a page of KUtrace's own viewers; null when it is something else. @param {File} file */
export async function documentOfFile(file) {
  const head = await headOf(file);
  if (head.trimStart().startsWith('<') && !isOwnPage(head)) {
    const json = referenceJson(await textOf(file)) ?? '';
    return documentKind(json.slice(0, HEAD)) === null ? null : parseDocument(json, file.name);
  }
  return documentKind(head) === null ? null : parseDocument(await textOf(file), file.name);
}

/** @param {File} file */
async function textOf(file) {
  const source = new FileText(file);
  let text = '';
  for await (const piece of source.pieces()) {
    if (text.length + piece.length > LONGEST_TEXT) throw new PayloadError(`${file.name}: is larger than the longest text that a browser has.`);
    text += piece;
  }
  if (source.findings.length > 0) throw new PayloadError(`${file.name}: ${FINDINGS[source.findings[0]].text}.`);
  return text;
}

/** @param {HTMLElement} target @param {(files: File[]) => void} take */
export function listenDrop(target, take) {
  const isFiles = (/** @type {DragEvent} */ e) => Array.from(e.dataTransfer?.types ?? []).includes('Files');
  target.addEventListener('dragover', (e) => {
    if (!isFiles(e)) return;
    e.preventDefault();
    target.classList.add('dropping');
  });
  target.addEventListener('dragleave', (e) => {
    if (e.relatedTarget === null) target.classList.remove('dropping');
  });
  target.addEventListener('drop', (e) => {
    target.classList.remove('dropping');
    if (!isFiles(e)) return;
    e.preventDefault();
    take([...(e.dataTransfer?.files ?? [])]);
  });
}
