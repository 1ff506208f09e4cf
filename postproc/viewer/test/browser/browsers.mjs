// SPDX-License-Identifier: BSD-3-Clause
// The browsers the tests run in, and what has to be asked of each in its own way. KUTRACE_BROWSER=firefox chooses the second;
// CHROMIUM and FIREFOX name programs other than Debian's.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import playwright from 'playwright-core';

export const browserName = process.env.KUTRACE_BROWSER || 'chromium';
export const inFirefox = browserName === 'firefox';
/** For tests of what only one browser lets a test ask. */
export const onlyChromium = inFirefox && 'asks by the DevTools protocol';

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A profile's settings: files are saved without a question; light or dark, as the system would say. @param {string} folder @param {boolean} dark */
const firefoxPrefs = (folder, dark) => ({
  'browser.download.folderList': 2,
  'browser.download.dir': folder,
  'browser.download.useDownloadDir': true,
  'browser.download.alwaysOpenPanel': false,
  'browser.download.always_ask_before_handling_new_types': false,
  'browser.helperApps.neverAsk.saveToDisk': 'text/html,text/csv,application/json,image/png,image/svg+xml',
  'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
});

/** @param {string} variable @param {string} usual */
export function program(variable, usual) {
  const file = process.env[variable] || usual;
  if (!existsSync(file))
    throw new Error(
      `no browser at ${file}: scripts/setup test installs it, ${variable}=/path/to/it names another, and KUTRACE_TEST_PARTS chooses what scripts/test runs`,
    );
  return file;
}

/**
 * Debian's Firefox as it is, by WebDriver BiDi; what playwright calls "firefox" is a build of its own. The name with an underscore is that of
 * the pinned playwright-core. @param {boolean} dark
 */
async function launchFirefox(dark) {
  const executablePath = program('FIREFOX', '/usr/bin/firefox-esr');
  const downloads = mkdtempSync(path.join(os.tmpdir(), 'kutrace-downloads-'));
  const browser = await playwright._bidiFirefox.launch({ executablePath, firefoxUserPrefs: firefoxPrefs(downloads, dark) });
  /** @type {Promise<any>|null} a second one, that a system with a dark theme would have */
  let other = null;
  const close = browser.close.bind(browser);
  return Object.assign(browser, {
    downloads,
    dark: () => {
      other ??= launchFirefox(true);
      return other;
    },
    close: async () => {
      await (await other)?.close();
      await close();
      rmSync(downloads, { recursive: true, force: true });
    },
  });
}

export const chromiumOptions = () => ({ executablePath: program('CHROMIUM', '/usr/bin/chromium'), args: CHROMIUM_ARGS });
export const launch = async () => (inFirefox ? launchFirefox(false) : playwright.chromium.launch(chromiumOptions()));

/** A context of one's own; Firefox takes the theme of the system from its settings. */
export async function newContext(browser, options) {
  const fitting = inFirefox && options.colorScheme === 'dark' ? await browser.dark() : browser;
  return fitting.newContext(options);
}

const bidi = (page) => playwright._toImpl(page).delegate._session;

/** Calls back with each exception nobody caught. */
export function onException(page, call) {
  if (!inFirefox) page.on('pageerror', (e) => call(e.stack));
  else
    bidi(page).on('log.entryAdded', ({ type, level, text }) => {
      if (type === 'javascript' && level === 'error') call(text);
    });
}

/** Input as WebDriver BiDi has it: what playwright does not pass on to Firefox. @param {object} page @param {object[]} actions of one or more pointers */
async function perform(page, actions) {
  const session = bidi(page);
  await session.send('input.performActions', { context: session.sessionId, actions });
}
const pointer = (id, type, ...actions) => ({ type: 'pointer', id, parameters: { pointerType: type }, actions });
const to = (x, y) => ({ type: 'pointerMove', x: Math.round(x), y: Math.round(y) });
const DOWN = { type: 'pointerDown', button: 0 };
const UP = { type: 'pointerUp', button: 0 };

/** Two clicks that Firefox counts as one double-click: both in one request. */
const firefoxDblclick = (page, x, y) => perform(page, [pointer('double', 'mouse', to(x, y), DOWN, UP, DOWN, UP)]);

let locatorsKnow = false;
/** Teaches a page, and all locators, what Firefox needs to be asked otherwise. */
export function adapt(page) {
  if (!inFirefox) return;
  page.mouse.dblclick = (x, y) => firefoxDblclick(page, x, y);
  page.touchscreen.tap = async (x, y) => {
    await perform(page, [pointer('tap', 'touch', to(x, y), DOWN, UP)]);
  };
  if (locatorsKnow) return;
  locatorsKnow = true;
  Object.getPrototypeOf(page.locator('body')).dblclick = async function dblclick() {
    const box = await this.boundingBox();
    await firefoxDblclick(this.page(), box.x + box.width / 2, box.y + box.height / 2);
  };
}

/**
 * Fingers on the glass: `touch('touchStart' | 'touchMove', [x, y], ...)` and `touch('touchEnd')`.
 * @returns {Promise<(type: string, ...points: number[][]) => Promise<unknown>>}
 */
export async function fingers(page) {
  if (!inFirefox) {
    const session = await page.context().newCDPSession(page);
    return (type, ...points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  }
  let down = 0;
  return (type, ...points) => {
    if (type === 'touchEnd') {
      const up = Array.from({ length: down }, (_, i) => pointer(`finger${i}`, 'touch', UP));
      down = 0;
      return perform(page, up);
    }
    const before = down;
    down = points.length;
    return perform(
      page,
      points.map(([x, y], i) => pointer(`finger${i}`, 'touch', to(x, y), ...(type === 'touchStart' && i >= before ? [DOWN] : []))),
    );
  };
}

/** Nothing when it is gone: Firefox makes an empty file by a random name, looks what that may do, and removes it. */
function bytesOf(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  }
}

/** What the browser saves when `act` is done. @returns {Promise<{name: string, bytes: Buffer}>} */
export async function saved(page, act) {
  if (!inFirefox) {
    const [file] = await Promise.all([page.waitForEvent('download'), act()]);
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  }
  const { downloads } = page.context().browser();
  const before = new Set(readdirSync(downloads));
  await act();
  // Its name is there at once, its bytes are in another file until all have come. Waits as long as playwright does.
  for (const end = Date.now() + 30000; Date.now() < end; ) {
    const now = readdirSync(downloads);
    const name = now.find((f) => !before.has(f) && !f.endsWith('.part'));
    const bytes = name && !now.some((f) => f.endsWith('.part')) ? bytesOf(path.join(downloads, name)) : '';
    if (bytes.length > 0) {
      rmSync(path.join(downloads, name));
      return { name, bytes };
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  throw new Error('nothing was saved');
}
