// SPDX-License-Identifier: BSD-3-Clause
// Reading and indexing a trace, as a job that talks by messages: the same in a worker and, where there is none, in the page.

import { buildModel, prepareAll } from '../trace/model.js';
import { FileText, LONGEST_TEXT } from './file-text.js';
import { makeSource } from './page-source.js';
import { parseMeta, PayloadError } from '../format/payload.js';
import { referenceJson } from '../format/reference-page.js';
import { finding, parseSpanJson, SpanJsonReader } from '../format/span-json.js';
import { TraceReader } from './trace-reader.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/coarse.js').Coarse} Coarse */
/**
 * To the job: the page's description, then its text in pieces, then the end; or a file.
 * @typedef {{type: 'meta', text: string}|{type: 'text', text: string}|{type: 'end'}|{type: 'file', file: Blob}} Request
 */
/**
 * From the job. A preview is a coarse picture of what has been read; the model comes last, or else the error.
 * @typedef {{type: 'progress', share: number, text: string}|{type: 'preview', meta: Record<string, any>, coarse: Coarse, share: number}
 *   |{type: 'model', model: Model}|{type: 'error', message: string, known: boolean}} Reply
 */

const PROGRESS_MS = 60;
const PREVIEW_MS = 120;

/** Placeholder text, written in two parts so that it stands only once in the page. @param {string} what */
const placeholder = (what) => `@${'KUTRACE'}_${what}@`;

/** @param {string} text */
export const isPlaceholder = (text) => [placeholder('META'), placeholder('DATA')].includes(text.trim());

/**
 * @param {(reply: Reply) => void} post
 * @param {() => Promise<void>|void} pause called now and then: lets the page draw when the job runs in it
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a job is one state that its messages share
export function createJob(post, pause) {
  /** @type {TraceReader|null} */
  let reader = null;

  /** @param {Record<string, any>} meta */
  function progress(meta) {
    let said = 0;
    let shown = 0;
    return async (/** @type {number} */ done, /** @type {number} */ total, /** @type {Coarse|null} */ coarse) => {
      const now = performance.now();
      if (coarse && (shown === 0 || now - shown > PREVIEW_MS || done === total)) {
        shown = now;
        post({ type: 'preview', meta, coarse, share: total > 0 ? done / total : 0 });
      }
      if (now - said < PROGRESS_MS) return;
      said = now;
      post({
        type: 'progress',
        share: total > 0 ? (done / total) * 0.9 : 0,
        text: `${done.toLocaleString('en')} of ${total.toLocaleString('en')} records`,
      });
      await pause();
    };
  }

  /**
   * @param {import('../format/payload.js').RawTrace} raw @param {import('../format/payload.js').Diagnostic[]} [found] in its file
   * @param {import('./page-source.js').Source} [source]
   */
  async function finish(raw, found = [], source) {
    raw.diagnostics.push(...found);
    post({ type: 'progress', share: 0.92, text: 'indexing' });
    await pause();
    const model = buildModel(raw);
    prepareAll(model);
    if (source) model.source = source;
    post({ type: 'model', model });
  }

  /** @param {() => Promise<void>} work */
  async function guard(work) {
    try {
      await work();
    } catch (e) {
      const { message } = /** @type {Error} */ (e);
      post({ type: 'error', message, known: e instanceof PayloadError });
    }
  }

  /** @param {string} metaText */
  function start(metaText) {
    return guard(async () => {
      const meta = parseMeta(metaText);
      reader = new TraceReader(meta, progress(meta));
      for (const text of early.splice(0)) reader.add(text);
      if (ended) reader.end();
      await finish(await reader.read());
    });
  }

  /** A page as text, or else what reads a span JSON, which may be larger than any text. @param {FileText} source @returns {Promise<string|SpanJsonReader>} */
  async function readFile(source) {
    /** @type {SpanJsonReader|null} */
    let json = null;
    let text = '';
    let read = 0;
    let said = performance.now();
    for await (const piece of source.pieces()) {
      read += piece.length;
      if (json) json.add(piece);
      else if ((text += piece).trim() !== '' && !text.trimStart().startsWith('<')) {
        if (text.trimStart().startsWith('# ## ')) throw new PayloadError('This is event text; make a page of it: kutrace report FILE.');
        json = new SpanJsonReader();
        json.add(text);
        text = '';
      } else if (read > LONGEST_TEXT) throw new PayloadError('This page is larger than the longest text that a browser has.');
      if (performance.now() - said < PROGRESS_MS) continue;
      said = performance.now();
      post({
        type: 'progress',
        share: Math.min(0.9, (0.9 * read) / source.file.size),
        text: `${Math.floor(read / 1e6).toLocaleString('en')} MB read`,
      });
      await pause();
    }
    if (json || text.trim() !== '') return json ?? text;
    return new SpanJsonReader(); // which says that nothing is no JSON
  }

  /** @type {string[]} */
  const early = [];
  let ended = false;

  /** @param {Request} request */
  return (request) => {
    switch (request.type) {
      case 'meta':
        start(request.text);
        break;
      case 'text':
        if (reader) reader.add(request.text);
        else early.push(request.text);
        break;
      case 'end':
        ended = true;
        reader?.end();
        break;
      default:
        guard(async () => {
          post({ type: 'progress', share: 0, text: 'reading the file' });
          await pause();
          const source = new FileText(request.file);
          const text = await readFile(source);
          const found = source.findings.map((id) => finding(id, 1));
          if (typeof text !== 'string') {
            await finish(text.end(), found);
            return;
          }
          const theirs = referenceJson(text);
          if (theirs !== null) {
            await finish(parseSpanJson(theirs), found);
            return;
          }
          const { meta, data } = elementsOf(text);
          const description = parseMeta(meta);
          reader = new TraceReader(description, progress(description));
          reader.add(data);
          reader.end();
          await finish(await reader.read(), found, makeSource(meta, [data]));
        });
    }
  };
}

/** The two data elements of a page's text. @param {string} text */
function elementsOf(text) {
  const meta = extractElement(text, 'kutrace-meta');
  const data = extractElement(text, 'kutrace-data') ?? '';
  if (meta === null) throw new PayloadError('This page does not hold a kutrace trace.');
  if (isPlaceholder(meta)) throw new PayloadError('That file is an empty viewer template: it holds no trace.');
  return { meta, data: isPlaceholder(data) ? '' : data };
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
  if (from < 0) return null;
  return html.slice(from + 1, to < 0 ? html.length : to); // a page that is cut short has no end tag
}
