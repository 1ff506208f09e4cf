// SPDX-License-Identifier: BSD-3-Clause
// Opens pages in a browser from disk, with no network, and watches for errors.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseSpanJson } from '../../src/format/span-json.js';
import { encodePayload, fillTemplate, readSpanFile, spanJson } from '../encode-payload.mjs';
import { after } from 'node:test';
import { adapt, launch, newContext, onException } from './browsers.mjs';

export { fingers, inFirefox, launch, onlyChromium, saved } from './browsers.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const temporary = mkdtempSync(path.join(os.tmpdir(), 'kutrace-viewer-'));
export const template = readFileSync(path.join(here, '../../dist/template.html'), 'utf8');
export const dataFile = (name) => path.join(here, '../data', name);

let count = 0;
/** Writes a file and returns its path. */
export function writeTemporary(text, suffix = '.html') {
  const file = path.join(temporary, `page${count++}${suffix}`);
  writeFileSync(file, text);
  return file;
}

export const pageOf = (trace) => writeTemporary(fillTemplate(template, encodePayload(trace)));
export const pageOfRecords = (events, header) => pageOf(parseSpanJson(spanJson(events, header)));
export const pageOfSample = (name) => pageOf(readSpanFile(dataFile(name)));

// What a test does with the page ends when what it changed is drawn, so that the next line may read it. A page that the
// action leaves or closes has nothing to wait for.
const acts = {
  locator: ['click', 'dblclick', 'fill', 'press', 'selectOption', 'check', 'uncheck', 'focus', 'hover', 'dragTo', 'setInputFiles'],
  keyboard: ['press', 'type', 'up', 'down'],
  mouse: ['click', 'dblclick', 'down', 'up', 'move', 'wheel'],
};
function settleAfter(object, names, pageOfIt) {
  for (const name of names) {
    const act = object[name];
    object[name] = async function settled(...args) {
      if (name === 'click' && typeof this.evaluate === 'function') await openMenuOf(this);
      const result = await act.apply(this, args);
      await settle(pageOfIt(this)).catch(() => {});
      return result;
    };
  }
}
/** A control of a closed menu of the bar is reached as a reader reaches it: by the menu's button. */
async function openMenuOf(locator) {
  const menu = (await locator.count()) === 1 ? await locator.evaluate((e) => e.closest('.popup[hidden]')?.id) : undefined;
  if (menu) await locator.page().locator(`[aria-controls="${menu}"]`).click();
}
const WAIT_MS = 30000;
/** Asks at each frame. Playwright's own wait makes code of text between frames, which the page's policy forbids to all. */
async function waitUntil(page, test, arg) {
  for (const end = Date.now() + WAIT_MS; !(await page.evaluate(test, arg)); ) {
    if (Date.now() > end) throw new Error(`not so after ${WAIT_MS} ms: ${test}`);
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          requestAnimationFrame(() => resolve(undefined));
        }),
    );
  }
}

let locators = false;
function settleAfterActs(page) {
  settleAfter(page.keyboard, acts.keyboard, () => page);
  settleAfter(page.mouse, acts.mouse, () => page);
  if (!locators) settleAfter(Object.getPrototypeOf(page.locator('body')), acts.locator, (locator) => locator.page());
  locators = true;
}

/** A reader who once said that a trace shall open with its CPUs alone: the picture has the whole width. */
function plainOpening() {
  try {
    for (const what of ['summary', 'threads']) localStorage.setItem(`kutrace-${what}`, '[false]');
  } catch {
    /* denied here */
  }
}

/**
 * Opens a page file; `problems` collects console errors, exceptions, dialogs and any request that leaves the disk.
 * @param {any} browser @param {string} file @param {{first?: boolean}&Record<string, any>} [options] first: a first visit, with summary and threads
 */
export async function openPage(browser, file, { first = false, ...options } = {}) {
  const context = await newContext(browser, { viewport: { width: 1600, height: 1000 }, ...options });
  if (!first) await context.addInitScript(plainOpening);
  const page = await context.newPage();
  adapt(page);
  page.waitForFunction = (test, arg) => waitUntil(page, test, arg);
  settleAfterActs(page);
  const problems = [];
  page.on('console', (m) => {
    if (/getImageData/.test(m.text())) return; // the tests read pixels, the viewer does not
    if (m.type() === 'error' || m.type() === 'warning') problems.push(`console: ${m.text()}`);
  });
  onException(page, (text) => problems.push(`exception: ${text}`));
  page.on('dialog', (d) => {
    problems.push(`dialog: ${d.message()}`);
    d.dismiss();
  });
  page.on('request', (r) => {
    if (!/^(file|data|blob):/.test(r.url())) problems.push(`request: ${r.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('body:not([data-state=loading])');
  await settle(page);
  return { page, problems, close: () => context.close() };
}

/** The browser of a file of tests, or of a group in one: started for the first that asks, closed after the last. */
export function useBrowser() {
  /** @type {Promise<any>|null} */
  let started = null;
  const browser = () => {
    started ??= launch();
    return started;
  };
  after(async () => (await started)?.close());
  return {
    /** As openPage. @param {string} file @param {{first?: boolean}&Record<string, any>} [options] */
    open: async (file, options) => openPage(await browser(), file, options),
    /** @param {Record<string, any>} [options] */
    newContext: async (options) => (await browser()).newContext(options),
    newPage: async () => (await browser()).newPage(),
  };
}

/** Waits until what was asked for is drawn. */
export const settle = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const settled = () => (window.kutrace?.settled() === false ? requestAnimationFrame(settled) : resolve(undefined));
        requestAnimationFrame(() => requestAnimationFrame(settled));
      }),
  );

/** Measures: a drag with Shift. @param {import('playwright-core').Page} page @param {number[]} from x and y on the page @param {number[]} to @param {number} [steps] */
export async function shiftDrag(page, from, to, steps = 4) {
  await page.keyboard.down('Shift');
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps });
  await page.mouse.up();
  await page.keyboard.up('Shift');
}

/** Number of different colours, and the share of pixels unlike the first one, in a part of the canvas. */
export const pixels = (page, box) =>
  page.evaluate((b) => {
    const canvas = document.getElementById('picture');
    const k = devicePixelRatio;
    const area = b ?? { x: 0, y: 0, width: canvas.width / k, height: canvas.height / k };
    const { data } = canvas.getContext('2d').getImageData(area.x * k, area.y * k, area.width * k, area.height * k);
    const words = new Uint32Array(data.buffer);
    const colors = new Map();
    for (const w of words) colors.set(w, (colors.get(w) ?? 0) + 1);
    const [common, most] = [...colors].reduce((a, b) => (b[1] > a[1] ? b : a));
    return { colors: colors.size, painted: 1 - most / words.length, background: [common & 255, (common >> 8) & 255, (common >> 16) & 255] };
  }, box);

/** Timelines' place in the page. */
export const timelines = async (page) => {
  const box = await page.locator('#picture').boundingBox();
  const layout = await page.evaluate(() => window.kutrace.layout());
  return { x: box.x + layout.left, y: box.y, width: layout.right - layout.left, height: layout.bottom, left: layout.left, top: box.y };
};
