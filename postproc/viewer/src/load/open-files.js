// SPDX-License-Identifier: BSD-3-Clause
// Files dropped on the page or chosen: a trace replaces the one shown, an RPC log or a plot becomes a tab beside it.

import { PayloadError } from '../format/payload.js';
import { isOwnPage, referenceJson } from '../format/reference-page.js';
import { documentKind, parseDocument } from '../tabs/documents.js';

const HEAD = 65536;

/** @param {Blob} file @returns {Promise<Blob|ReadableStream<Uint8Array>>} */
async function opened(file) {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return head[0] === 0x1f && head[1] === 0x8b ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file;
}

/** First characters of a file, compressed or not; what can be read of it. @param {Blob} file */
async function headOf(file) {
  const source = await opened(file);
  if (source instanceof Blob) return source.slice(0, HEAD).text();
  const reader = source.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < HEAD) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return text; // whoever reads all of it says what is wrong
  }
  reader.cancel().catch(() => {});
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
  try {
    return await new Response(await opened(file)).text();
  } catch {
    throw new PayloadError(`${file.name}: the compressed file is damaged.`);
  }
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
