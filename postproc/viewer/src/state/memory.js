// SPDX-License-Identifier: BSD-3-Clause
// What the browser keeps between visits: the last searches, the last view of each trace, and with what a trace opens. Pages on disk may be denied it, and then nothing is kept.
// In some browsers all pages on disk share one store: what is found there may be anyone's, so it is taken only as far as it is of the right form.

const VIEWS = 'kutrace-views';
const VIEWS_KEPT = 40;
const SEARCHES = 'kutrace-recent';
export const SEARCHES_KEPT = 20;
/** Longer ones are nobody's: the search box takes 500 characters. */
const LONGEST_SEARCH = 500;
const LONGEST_VIEW = 20000;

/** With what a trace opens; each is kept only when the reader does not want it. @typedef {'summary'|'threads'} Opening */
const OPENING = { summary: 'kutrace-summary', threads: 'kutrace-threads' };

/** @param {string} key @returns {unknown[]} */
function listAt(key) {
  try {
    const list = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** @param {string} key @param {unknown[]} list */
function keepAt(key, list) {
  try {
    localStorage.setItem(key, JSON.stringify(list));
  } catch {
    /* full or forbidden */
  }
}

/** Searches, the last first. @returns {string[]} */
export const recallSearches = () =>
  /** @type {string[]} */ (listAt(SEARCHES).filter((text) => typeof text === 'string' && text.length <= LONGEST_SEARCH)).slice(0, SEARCHES_KEPT);

/** @param {string[]} list */
export const keepSearches = (list) => keepAt(SEARCHES, list.slice(0, SEARCHES_KEPT));

/** @returns {[string, string][]} */
const views = () =>
  /** @type {[string, string][]} */ (
    listAt(VIEWS).filter(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === 'string' && text.length <= LONGEST_VIEW),
    )
  ).slice(0, VIEWS_KEPT);

/** Last view of a trace, null when none is known. @param {string} trace */
export const recallView = (trace) => views().find(([t]) => t === trace)?.[1] ?? null;

/** @param {string} trace @param {string} hash */
export function keepView(trace, hash) {
  keepAt(VIEWS, [[trace, hash], ...views().filter(([t]) => t !== trace)].slice(0, VIEWS_KEPT));
}

/** Whether a trace opens with its summary, or its threads. @param {Opening} what */
export const opensWith = (what) => listAt(OPENING[what])[0] !== false;

/** @param {Opening} what @param {boolean} opens */
export const keepOpening = (what, opens) => keepAt(OPENING[what], [opens]);

/**
 * What tells one trace from another: an id alone may be that of another trace, or of another part of this one.
 * @param {{meta: Record<string, any>, exec: {n: number}, aux: {n: number}, t0: number, t1: number}} model
 */
export const traceName = ({ meta, exec, aux, t0, t1 }) =>
  JSON.stringify([meta.randomid, meta.tracebase, String(meta.title ?? '').slice(0, 200), exec.n, aux.n, t0, t1]);
