// SPDX-License-Identifier: BSD-3-Clause
// Gets the trace, from this page or from a file the user opens: a worker reads and indexes it while the page shows what there is.

import { createJob, isPlaceholder } from './load-job.js';
import { parseMeta, PayloadError } from '../format/payload.js';
import { makeSource } from './page-source.js';
import { emptyCoarse } from '../trace/coarse.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./load-job.js').Request} Request */
/** @typedef {import('./load-job.js').Reply} Reply */
/**
 * @typedef {object} Show what the page does while a trace is read
 * @property {(share: number, text: string) => void} progress
 * @property {(meta: Record<string, any>, coarse: import('../trace/coarse.js').Coarse, share: number) => void} preview
 */

/** Text of the worker's script; set by build.mjs. */
const SCRIPT = String(globalThis.KUTRACE_WORKER ?? '');

/** Lets the page draw and answer. */
const breathe = () =>
  /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      setTimeout(resolve, 0);
    })
  );

/**
 * A worker made from the page's own text, which works from disk too, and what it says; null when the browser refuses one.
 * @typedef {{worker: Worker, failed: boolean, listen: (reply: Reply) => void, fail: (message: string) => void}} Helper
 * @returns {Helper|null}
 */
function makeHelper() {
  try {
    const url = URL.createObjectURL(new Blob([SCRIPT], { type: 'text/javascript' }));
    const worker = new Worker(url);
    /** @type {Helper} */
    const helper = { worker, failed: false, listen: () => {}, fail: () => {} };
    worker.onmessage = (e) => {
      URL.revokeObjectURL(url);
      helper.listen(e.data);
    };
    worker.onerror = (e) => {
      e.preventDefault();
      helper.failed = true;
      helper.fail(e.message || 'the reader stopped');
    };
    return helper;
  } catch {
    return null;
  }
}

/** For the trace of this page: a worker that starts while the page makes its buttons. @type {Helper|null} */
let first = makeHelper();

/**
 * A job in a worker; in the page itself when there is none.
 * @param {(reply: Reply) => void} reply
 * @returns {{send: (request: Request) => void, stop: () => void, inWorker: () => boolean}}
 */
function startJob(reply) {
  /** @type {Request[]} requests not known to have arrived */
  let sent = [];
  let heard = false;
  let helper = first ?? makeHelper();
  first = null;
  /** @type {((request: Request) => void)|null} */
  let here = null;
  const fallBack = () => {
    helper?.worker.terminate();
    helper = null;
    here = createJob(reply, breathe);
    for (const request of sent.splice(0)) here(request);
  };
  if (!helper || helper.failed) fallBack();
  else {
    helper.listen = (message) => {
      heard = true;
      sent = [];
      reply(message);
    };
    helper.fail = (message) => {
      if (!heard) fallBack();
      else reply({ type: 'error', message, known: false });
    };
  }
  return {
    send: (request) => {
      if (here) here(request);
      else helper?.worker.postMessage(request);
      if (!here && !heard) sent.push(request);
    },
    stop: () => helper?.worker.terminate(),
    inWorker: () => helper !== null,
  };
}

/** How the last trace was read, for tests and the console. */
export const lastLoad = { worker: false };

/**
 * Runs one job. @param {Show} show @param {(send: (request: Request) => void) => void} feed
 * @returns {Promise<Model>}
 */
function runJob(show, feed) {
  return new Promise((resolve, reject) => {
    const job = startJob((reply) => {
      if (reply.type === 'progress') show.progress(reply.share, reply.text);
      else if (reply.type === 'preview') show.preview(reply.meta, reply.coarse, reply.share);
      else {
        lastLoad.worker = job.inWorker();
        job.stop();
        if (reply.type === 'model') resolve(reply.model);
        else reject(reply.known ? new PayloadError(reply.message) : new Error(reply.message));
      }
    });
    feed(job.send);
  });
}

/** Rows and axis, as the description tells them, before any record is read. @param {string} metaText @param {Show} show */
function showRows(metaText, show) {
  try {
    const meta = parseMeta(metaText);
    const coarse = emptyCoarse(meta);
    if (coarse) show.preview(meta, coarse, 0);
  } catch {
    /* the job tells what is wrong with it */
  }
}

/** Rows and axis are shown after so many ms at most. */
const ROWS_MS = 200;

/** Characters sent to the reader at a time. */
const PIECE = 1 << 20;

/** True when the whole page has been parsed. */
const parsed = () => document.readyState !== 'loading';

/** @param {() => boolean} test */
async function until(test) {
  while (!test())
    await new Promise((resolve) => {
      setTimeout(resolve, 4);
    });
}

/**
 * Sends the data element's text as the browser parses it; what was sent is kept outside the script's memory only.
 * @param {(request: Request) => void} send @param {Blob[]} kept @param {() => void} begun called when the reader has something to do
 */
async function feedPage(send, kept, begun) {
  const data = document.getElementById('kutrace-data');
  for (;;) {
    const last = parsed(); // asked first: what comes after is complete
    while (data?.firstChild && (last || data.firstChild !== data.lastChild)) {
      const text = data.firstChild.textContent ?? '';
      data.firstChild.remove();
      if (last && isPlaceholder(text)) continue;
      // In pieces, so that the reader begins with the first; Chromium gives a script element's text as one.
      for (let at = 0; at < text.length; at += PIECE) {
        send({ type: 'text', text: text.slice(at, at + PIECE) });
        begun();
        await breathe();
      }
      kept.push(new Blob([text]));
    }
    if (last) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 4);
    });
  }
  send({ type: 'end' });
}

/**
 * The trace of this page; null when the page is a template without data.
 * @param {Show} show
 * @returns {Promise<Model|null>}
 */
export async function loadPage(show) {
  // The description is whole when the element behind it has begun.
  await until(() => parsed() || document.getElementById('kutrace-data') !== null);
  const element = document.getElementById('kutrace-meta');
  if (!element) throw new PayloadError('This file is cut short: it ends before its trace. Copy it again, or make it again.');
  const meta = element.textContent ?? '';
  if (meta.trim() === '' || isPlaceholder(meta)) {
    await until(parsed);
    return null;
  }
  /** @type {Blob[]} */
  const kept = [];
  const model = await runJob(show, (send) => {
    send({ type: 'meta', text: meta });
    // The first picture takes the page a while: the reader should have begun by then, unless its data are slow to come.
    let shown = false;
    const rows = () => {
      if (!shown) showRows(meta, show);
      shown = true;
    };
    feedPage(send, kept, rows);
    setTimeout(rows, ROWS_MS);
  });
  model.source = makeSource(meta, kept);
  return model;
}

/** A file the user chose: another kutrace page, or span JSON, plain or compressed by gzip. @param {Blob} file @param {Show} show */
export const loadFile = (file, show) => runJob(show, (send) => send({ type: 'file', file }));
