// SPDX-License-Identifier: BSD-3-Clause
// What is drawn, against pictures kept in test/golden. `npm run pictures` makes them anew; review them with git diff.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSpanJson } from '../../src/span-json.js';
import { encodePayload, fillTemplate, readSpanFile, spanJson } from '../encode-payload.mjs';
import { makeTrace } from '../synthetic.mjs';
import { dataFile, launch, openPage, pageOf, settle, template, writeTemporary } from './page.mjs';
import { SCENES } from './scenes.mjs';

const golden = path.join(path.dirname(fileURLToPath(import.meta.url)), '../golden');
const failed = path.join(golden, 'failed');
const renew = process.env.RENEW === '1';
/** A pixel differs when a channel is off by more than this; so may this share of a picture (text is drawn a little differently elsewhere). */
const CHANNEL = 40;
const SHARE = 0.006;

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const base64 = (bytes) => `data:image/png;base64,${bytes.toString('base64')}`;

/** Share of pixels that differ, over the whole picture or in cells of a sheet. */
const compare = (page, a, b, cell) => page.evaluate(async ([one, other, limit, size]) => {
  const load = async (url) => {
    const image = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const ctx = canvas.getContext('2d');
    ctx.drawImage(image, 0, 0);
    return ctx.getImageData(0, 0, image.width, image.height);
  };
  const [x, y] = [await load(one), await load(other)];
  if (x.width !== y.width || x.height !== y.height) return { size: `${x.width}x${x.height} and ${y.width}x${y.height}`, cells: [1], diff: one };
  const [cw, ch] = size ?? [x.width, x.height];
  const across = Math.ceil(x.width / cw);
  const counts = new Array(across * Math.ceil(x.height / ch)).fill(0);
  const diff = new ImageData(x.width, x.height);
  for (let i = 0; i < x.data.length; i += 4) {
    const off = Math.max(...[0, 1, 2].map((c) => Math.abs(x.data[i + c] - y.data[i + c])));
    diff.data.set(off > limit ? [255, 0, 0, 255] : [x.data[i], x.data[i + 1], x.data[i + 2], 60], i);
    if (off > limit) counts[Math.floor(Math.floor(i / 4 / x.width) / ch) * across + Math.floor(((i / 4) % x.width) / cw)]++;
  }
  const canvas = new OffscreenCanvas(x.width, x.height);
  canvas.getContext('2d').putImageData(diff, 0, 0);
  const reader = new FileReader();
  reader.readAsDataURL(await canvas.convertToBlob());
  await new Promise((resolve) => { reader.onload = resolve; });
  return { size: '', cells: counts.map((n) => n / (cw * ch)), diff: reader.result };
}, [a, b, CHANNEL, cell]);

/** Compares a picture with the one kept; `cell` and `names` for a sheet of small ones. */
async function check(page, name, url, cell, names = []) {
  const file = path.join(golden, `${name}.png`);
  const bytes = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  if (renew) {
    mkdirSync(golden, { recursive: true });
    writeFileSync(file, bytes);
    return;
  }
  assert.ok(existsSync(file), `${name}.png is missing: npm run pictures`);
  const { size, cells, diff } = await compare(page, base64(readFileSync(file)), url, cell);
  const bad = cells.map((share, i) => ({ share, what: names[i] ?? name })).filter(({ share }) => share > (cell ? 4 : 1) * SHARE);
  if (bad.length > 0) {
    mkdirSync(failed, { recursive: true });
    writeFileSync(path.join(failed, `${name}.png`), bytes);
    writeFileSync(path.join(failed, `${name}.diff.png`), Buffer.from(diff.slice(diff.indexOf(',') + 1), 'base64'));
  }
  assert.deepEqual(bad, [], `${size} see test/golden/failed/${name}.diff.png`);
}

const shot = (page) => page.evaluate(() => document.getElementById('picture').toDataURL());

/** Opens a scene and brings it to the state it shows. */
async function stage(page, scene) {
  await page.evaluate(([open, toggle, window_, search, select]) => {
    const k = window.kutrace;
    for (const group of open) k.actions.toggleGroup(group);
    for (const key of toggle) k.actions.toggle(key);
    const tick = 1e8; // 1 s in ticks of 10 ns
    if (window_) k.setWindow(tick + window_[0] * 100, tick + window_[1] * 100);
    if (search) k.actions.search(search);
    if (select) {
      const m = k.state().model;
      const record = m.wakeups.index[0];
      if (m.kinds[m.aux.kind[record]].name === select) k.actions.select({ cols: 'aux', record });
    }
  }, [scene.open ?? [], scene.toggle ?? [], scene.window ?? null, scene.search ?? '', scene.select ?? '']);
  await page.mouse.move(2, 2);
  await settle(page);
  await settle(page);
}

for (const [name, scene] of Object.entries(SCENES)) {
  for (const theme of ['light', 'dark']) {
    test(`picture: ${name}, ${theme}`, async () => {
      const file = pageOf(parseSpanJson(spanJson(scene.events, scene.header)));
      const { page, problems, close } = await openPage(browser, file, { viewport: { width: 760, height: 420 }, colorScheme: theme });
      await stage(page, scene);
      await check(page, `${name}-${theme}`, await shot(page));
      assert.deepEqual(problems, []);
      await close();
    });
  }
}

test('picture: a scene at two device pixels a pixel', async () => {
  const file = pageOf(parseSpanJson(spanJson(SCENES.waits.events)));
  const { page, close } = await openPage(browser, file, { viewport: { width: 500, height: 360 }, deviceScaleFactor: 2 });
  await stage(page, SCENES.waits);
  await check(page, 'waits-2x', await shot(page));
  await close();
});

test('picture: inferred spans and a lost chunk', async () => {
  const trace = makeTrace({ spans: 70000, cpus: 2, seed: 4 });
  for (let i = 0; i < 30; i++) trace.exec.flags[i] = 1;
  const payload = encodePayload(trace);
  const bad = payload.meta.chunks.filter((c) => c.kind === 'exec')[1];
  payload.data[bad.offset + 1000] ^= 0xff;
  const { page, problems, close } = await openPage(browser, writeTemporary(fillTemplate(template, payload)), { viewport: { width: 760, height: 300 } });
  await stage(page, {});
  await check(page, 'lost-chunk', await shot(page));
  await page.evaluate(() => { const { t0 } = window.kutrace.range(); window.kutrace.setWindow(t0, t0 + 1500); });
  await settle(page);
  await check(page, 'inferred', await shot(page));
  assert.deepEqual(problems, []);
  await close();
});

for (const theme of ['light', 'dark']) {
  test(`picture: every glyph of the legend, ${theme}`, async () => {
    const { page, close } = await openPage(browser, writeTemporary(template), { colorScheme: theme });
    await page.locator('#help-button').click();
    const { url, names } = await page.evaluate(() => {
      const figures = [...document.querySelectorAll('#help figure')];
      const sheet = document.createElement('canvas');
      sheet.width = 4 * 120;
      sheet.height = Math.ceil(figures.length / 4) * 34;
      const ctx = sheet.getContext('2d');
      figures.forEach((f, i) => ctx.drawImage(f.querySelector('canvas'), (i % 4) * 120, Math.floor(i / 4) * 34));
      return { url: sheet.toDataURL(), names: figures.map((f) => f.querySelector('figcaption').textContent) };
    });
    assert.ok(names.length >= 45);
    await check(page, `legend-${theme}`, url, [120, 34], names);
    await close();
  });
}

for (const [trace, from, to, open] of [['hello', 0, 1, []], ['rpc', 0.104, 0.11, ['pid', 'rpc']]]) {
  test(`picture: ${trace} and its overview`, async () => {
    const { page, close } = await openPage(browser, pageOf(readSpanFile(dataFile(`${trace}.span.json.gz`))), { viewport: { width: 1200, height: 700 } });
    await page.evaluate(([a, b]) => { const { t0, t1 } = window.kutrace.range(); window.kutrace.setWindow(t0 + (t1 - t0) * a, t0 + (t1 - t0) * b); }, [from, to]);
    await stage(page, { open });
    await check(page, trace, await shot(page));
    await check(page, `${trace}-overview`, await page.evaluate(() => document.getElementById('overview').toDataURL()));
    await close();
  });
}

test('the comparison can fail', { skip: renew }, async () => {
  const { page, close } = await openPage(browser, writeTemporary(template));
  const kept = (name) => base64(readFileSync(path.join(golden, `${name}.png`)));
  const { cells } = await compare(page, kept('locks-light'), kept('samples-light'));
  assert.ok(cells[0] > SHARE);
  const legends = await compare(page, kept('legend-light'), kept('legend-dark'), [120, 34]);
  assert.ok(legends.cells.slice(0, 45).every((share) => share > 4 * SHARE));
  await close();
});
