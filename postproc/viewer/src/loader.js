// SPDX-License-Identifier: BSD-3-Clause
// Gets the trace: from this page, or from a file the user opens.

import { parseMeta, PayloadError, readPayload } from './payload.js';
import { parseSpanJson } from './span-json.js';
import { buildModel } from './model.js';
import { makeSource } from './page-source.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {(share: number, text: string) => void} Progress */

/** Placeholder text, written in two parts so that it stands only once in the page. @param {string} what */
const placeholder = (what) => `@${'KUTRACE'}_${what}@`;

/** @param {string} text */
const isPlaceholder = (text) => [placeholder('META'), placeholder('DATA')].includes(text.trim());

/** Lets the page draw and answer. */
const breathe = () => new Promise((resolve) => { setTimeout(resolve, 0); });

/** A progress callback that pauses every 60 ms. @param {Progress} show */
function paced(show) {
  let last = performance.now();
  return async (/** @type {number} */ done, /** @type {number} */ total) => {
    if (performance.now() - last < 60) return;
    show(total > 0 ? (done / total) * 0.9 : 0, `${done.toLocaleString('en')} of ${total.toLocaleString('en')} records`);
    await breathe();
    last = performance.now();
  };
}

/**
 * The trace of this page; null when the page is a template without data.
 * @param {Progress} show
 * @returns {Promise<Model|null>}
 */
export async function loadPage(show) {
  const meta = document.getElementById('kutrace-meta')?.textContent ?? '';
  const data = document.getElementById('kutrace-data');
  if (meta.trim() === '' || isPlaceholder(meta)) return null;
  const model = await loadPayload(meta, data?.textContent ?? '', show);
  if (data) data.textContent = ''; // the text is no longer needed
  return model;
}

/** @param {string} metaText @param {string} data @param {Progress} show */
async function loadPayload(metaText, data, show) {
  const meta = parseMeta(metaText);
  const raw = await readPayload(meta, isPlaceholder(data) ? '' : data, paced(show));
  const model = buildModel(raw);
  model.source = makeSource(metaText, data);
  return model;
}

/**
 * Content of one of the two data elements of another page, found without running or parsing that page.
 * @param {string} html @param {string} id
 */
export function extractElement(html, id) {
  const tag = html.indexOf(`id="${id}"`);
  if (tag < 0) return null;
  const from = html.indexOf('>', tag);
  const to = html.indexOf('</scr' + 'ipt', from);
  return from < 0 || to < 0 ? null : html.slice(from + 1, to);
}

/** A file the user chose: another kutrace page, or span JSON, plain or compressed by gzip. @param {Blob} file @param {Progress} show */
export async function loadFile(file, show) {
  show(0, 'reading the file');
  const text = await readText(file);
  if (!text.trimStart().startsWith('<')) return buildModel(parseSpanJson(text));
  const meta = extractElement(text, 'kutrace-meta');
  const data = extractElement(text, 'kutrace-data');
  if (meta === null) throw new PayloadError('This page does not hold a kutrace trace.');
  if (isPlaceholder(meta)) throw new PayloadError('That file is an empty viewer template: it holds no trace.');
  return loadPayload(meta, data ?? '', show);
}

/** @param {Blob} file */
async function readText(file) {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (head[0] !== 0x1f || head[1] !== 0x8b) return file.text();
  try {
    return await new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text();
  } catch {
    throw new PayloadError('The compressed file is damaged.');
  }
}
