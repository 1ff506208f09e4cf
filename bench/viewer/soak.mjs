// SPDX-License-Identifier: BSD-3-Clause
// Does memory grow while a page is used? Ten minutes of scripted work on one page (moving, searching, selecting, panels, themes,
// tabs, a second trace), then what the page holds after each minute, garbage collected: node bench/viewer/soak.mjs FILE.html OTHER.html [minutes]
// `bench/viewer/run --soak [minutes]` makes the pages. Ends with status 1 if the heap grew by more than ALLOWED in the second half: in the
// first, code is compiled, and histories fill until they drop their oldest entries.

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumOptions } from '../../postproc/viewer/test/browser/browsers.mjs';
import { random } from '../../postproc/viewer/test/synthetic.mjs';
import { chooseFile, open, rendererStatus } from './measure.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '../..');
const require = createRequire(path.join(root, 'postproc/viewer/package.json'));
const { chromium } = require('playwright-core');

const [file, otherFile, minutes = '10'] = process.argv.slice(2);
const rnd = random(7);
const one = (list) => list[Math.floor(rnd() * list.length)];
const ALLOWED = 0.5e6;
const QUERIES = ['write', '/^(read|write)$/', 'dur>1us -idle', 'cpu:2 ret<0', '!class:idle', 'wait:any', 'pid:server', '/(/', 'dur>soon', 'zzz'];
const PANELS = ['e', 'q', 't', 'h', 'r', 'v', 'x', 'l'];

const frame = (page) => page.evaluate(() => new Promise((r) => { requestAnimationFrame(() => r(undefined)); }));
const press = async (page, ...keys) => {
  for (const key of keys) {
    await page.keyboard.press(key);
    await frame(page);
  }
};
const found = (page) => page.waitForFunction(() => window.kutrace.state().search?.done ?? true);

/** A place in the timelines. */
async function somewhere(page) {
  const box = await page.locator('#picture').boundingBox();
  return [box.x + box.width * (0.15 + 0.6 * rnd()), box.y + box.height * (0.1 + 0.8 * rnd())];
}

/** What a person does, one kind of thing after the other. */
const WORK = {
  async move(page) {
    await page.mouse.move(...await somewhere(page));
    const way = one([-120, -240]);
    for (let i = 0; i < 8; i++) {
      await page.mouse.wheel(0, way);
      await frame(page);
    }
    for (let k = 0; k < 3; k++) {
      await page.mouse.move(...await somewhere(page));
      await page.mouse.down();
      const [x, y] = await somewhere(page);
      for (let i = 0; i < 12; i++) {
        await page.mouse.move(x + i * 10 * (k - 1), y + i * 3);
        await frame(page);
      }
      await page.mouse.up();
    }
    await press(page, 'w', 'd', 'a', 's', 'PageDown', 'PageUp', 'Backspace', 'Shift+Backspace', one(['0', '0', 'Home', 'End']));
  },
  async search(page) {
    await press(page, '/');
    for (const key of one(QUERIES)) {
      await page.keyboard.type(key);
      await frame(page);
    }
    await found(page);
    await press(page, 'Enter', 'Enter', 'Shift+Enter');
    await page.locator('#picture').focus();
    await press(page, 'i', 'i', 'Escape', 'Escape', 'Escape');
  },
  async select(page) {
    for (let i = 0; i < 4; i++) {
      await page.mouse.click(...await somewhere(page));
      await press(page, '.', ',', '[', ']', 'f');
    }
    await press(page, 'm', 'Escape', 'u', 'c', 'C', 'u', 'Escape', 'Escape', '0');
  },
  async panels(page) {
    for (const key of PANELS) {
      await press(page, key);
      await page.waitForTimeout(150);
      await press(page, 'w', 'd', 's');
      await press(page, key);
    }
    await press(page, '?', 'Escape', 'Control+k', 'Escape', 'Escape');
  },
  async looks(page) {
    await press(page, 'o', 'o', 'o', 'Shift+O', 'Shift+O', 'k', 'k', 'k', '}', '{', 'Shift+P', 'Shift+P', 'Shift+P');
    await page.locator('button[data-group=pid]').click();
    await page.mouse.move(...await somewhere(page));
    for (let i = 0; i < 5; i++) {
      await page.mouse.wheel(0, -120);
      await frame(page);
    }
    await page.locator('button[data-group=pid]').click();
    await press(page, '0');
  },
  async notes(page) {
    await page.mouse.move(...await somewhere(page));
    await press(page, 'b');
    await page.keyboard.type('here');
    await press(page, 'Enter');
    await page.locator('.bubble').first().focus();
    await press(page, 'Delete', 'Control+z', 'Control+y');
    await page.locator('#picture').focus();
    await press(page, 'Shift+Digit1', '1');
  },
  async tabs(page) {
    const count = await page.locator('#tabs [role=tab]').count();
    for (let i = 0; i < count; i++) await press(page, 'z', '.', 'w', 'd', 's', '0');
    await page.evaluate(() => { document.querySelector('[data-tab=timeline]')?.click(); });
    await page.locator('#picture').focus();
  },
  async second(page, session) {
    await press(page, 'x');
    await chooseFile(session, '#panel .panel-main input[type=file]', path.resolve(otherFile));
    const canvas = page.locator('.stage.other canvas');
    await canvas.waitFor();
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let i = 0; i < 6; i++) {
      await page.mouse.wheel(0, -120);
      await frame(page);
    }
    await page.locator('.other-title button').click();
    await page.locator('#picture').focus();
    await press(page, 'x', 'Escape', '0');
  },
};

/** What the page holds when garbage is collected. */
async function held(session, page, pid) {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  const heap = await session.send('Runtime.getHeapUsage');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name) => metrics.find((m) => m.name === name)?.value ?? 0;
  return {
    heap: heap.usedSize, embedder: heap.embedderHeapUsedSize ?? 0, backing: heap.backingStorageSize ?? 0, nodes: metric('Nodes'), listeners: metric('JSEventListeners'),
    resident: rendererStatus(pid, 'RssAnon'), arrays: await page.evaluate(() => window.kutrace.bytes()),
  };
}

const MB = (bytes) => (bytes / 1e6).toFixed(2);
const CELLS = [['minute', 8, (r) => r.minute], ['rounds', 8, (r) => r.rounds], ['JS heap MB', 12, (r) => MB(r.heap)], ['DOM heap MB', 13, (r) => MB(r.embedder)],
  ['buffers MB', 12, (r) => MB(r.backing)], ['trace MB', 10, (r) => MB(r.arrays)], ['DOM nodes', 11, (r) => r.nodes], ['listeners', 11, (r) => r.listeners], ['process MB', 12, (r) => MB(r.resident)]];

async function main() {
  const server = await chromium.launchServer(chromiumOptions());
  const browser = await chromium.connect(server.wsEndpoint());
  const pid = server.process().pid;
  const { page, problems } = await open(browser, file);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  for (const name of ['rpc_log.json', 'tcp_offsets.json']) await page.locator('header input[type=file]').setInputFiles(path.join(root, 'tests/data', name));
  await page.waitForFunction(() => document.querySelectorAll('#tabs [role=tab]').length >= 3);
  await page.evaluate(() => { document.querySelector('[data-tab=timeline]').click(); });
  await page.locator('#picture').focus();
  console.log(CELLS.map(([name, width]) => name.padStart(width)).join(''));
  const rows = [];
  const note = async (minute, rounds) => {
    const r = { minute, rounds, ...await held(session, page, pid) };
    rows.push(r);
    console.log(CELLS.map(([, width, cell]) => String(cell(r)).padStart(width)).join(''));
  };
  await note(0, 0);
  const begin = Date.now();
  let rounds = 0;
  for (let minute = 1; minute <= Number(minutes); minute++) {
    while (Date.now() - begin < minute * 60000) {
      for (const [name, work] of Object.entries(WORK)) {
        if (process.env.ONLY && !process.env.ONLY.split(',').includes(name)) continue;
        await work(page, session);
      }
      rounds++;
    }
    await note(minute, rounds);
  }
  if (problems.length > 0) throw new Error(problems[0]);
  const [half, end] = [rows[Math.ceil((rows.length - 1) / 2)], rows.at(-1)];
  const grown = end.heap + end.backing - half.heap - half.backing;
  console.log(`heap and buffers since minute ${half.minute}: ${grown >= 0 ? '+' : ''}${(grown / 1e6).toFixed(2)} MB`);
  await browser.close();
  await server.close();
  process.exitCode = grown > ALLOWED ? 1 : 0;
}

await main();
