// SPDX-License-Identifier: BSD-3-Clause
// What is drawn, scene by scene, against pictures that are kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpanJson } from '../../src/format/span-json.js';
import { encodePayload, fillTemplate, readSpanFile, spanJson } from '../encode-payload.mjs';
import { makeTrace } from '../synthetic.mjs';
import { CELL_SHARE, checkPicture, compare, kept, renew, SHARE } from './golden.mjs';
import { useBrowser, dataFile, pageOf, settle, template, writeTemporary } from './page.mjs';
import { SCENES } from './scenes.mjs';

const browser = useBrowser();

const shot = (page) => page.evaluate(() => document.getElementById('picture').toDataURL());

/** Gives the picture a size of its own, whatever stands around it, and brings a scene to the state it shows. */
async function stage(page, scene, width = 760, height = 260) {
  await page.addStyleTag({ content: `#stage { position: fixed; left: 0; top: 0; width: ${width}px; height: ${height}px; z-index: 50; }` });
  await page.evaluate(
    ([open, toggle, window_, search, select]) => {
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
    },
    [scene.open ?? [], scene.toggle ?? [], scene.window ?? null, scene.search ?? '', scene.select ?? ''],
  );
  await page.mouse.move(2, 2);
  await settle(page);
  await settle(page);
}

for (const [name, scene] of Object.entries(SCENES)) {
  for (const theme of ['light', 'dark']) {
    test(`picture: ${name}, ${theme}`, async () => {
      const file = pageOf(parseSpanJson(spanJson(scene.events, scene.header)));
      const { page, problems, close } = await browser.open(file, { viewport: { width: 760, height: 420 }, colorScheme: theme });
      await stage(page, scene);
      await checkPicture(page, `${name}-${theme}`, await shot(page));
      assert.deepEqual(problems, []);
      await close();
    });
  }
}

test('picture: a scene at two device pixels a pixel', async () => {
  const file = pageOf(parseSpanJson(spanJson(SCENES.waits.events)));
  const { page, close } = await browser.open(file, { viewport: { width: 500, height: 360 }, deviceScaleFactor: 2 });
  await stage(page, SCENES.waits, 500, 170);
  await checkPicture(page, 'waits-2x', await shot(page));
  await close();
});

test('picture: inferred spans and a lost chunk', async () => {
  const trace = makeTrace({ spans: 70000, cpus: 2, seed: 4 });
  for (let i = 0; i < 30; i++) trace.exec.flags[i] = 1;
  const payload = encodePayload(trace);
  const bad = payload.meta.chunks.filter((c) => c.kind === 'exec')[1];
  payload.data[bad.offset + 1000] ^= 0xff;
  const { page, problems, close } = await browser.open(writeTemporary(fillTemplate(template, payload)), {
    viewport: { width: 760, height: 300 },
  });
  await stage(page, {}, 760, 140);
  await checkPicture(page, 'lost-chunk', await shot(page));
  await page.evaluate(() => {
    const { t0 } = window.kutrace.range();
    window.kutrace.setWindow(t0, t0 + 1500);
  });
  await settle(page);
  await checkPicture(page, 'inferred', await shot(page));
  assert.deepEqual(problems, []);
  await close();
});

for (const theme of ['light', 'dark']) {
  test(`picture: every glyph of the legend, ${theme}`, async () => {
    const { page, close } = await browser.open(writeTemporary(template), { colorScheme: theme });
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
    await checkPicture(page, `legend-${theme}`, url, [120, 34], names);
    await close();
  });
}

for (const [trace, from, to, open] of [
  ['hello', 0, 1, []],
  ['rpc', 0.104, 0.11, ['pid', 'rpc']],
]) {
  test(`picture: ${trace} and its overview`, async () => {
    const { page, close } = await browser.open(pageOf(readSpanFile(dataFile(`${trace}.span.json.gz`))), {
      viewport: { width: 1200, height: 700 },
    });
    await page.evaluate(
      ([a, b]) => {
        const { t0, t1 } = window.kutrace.range();
        window.kutrace.setWindow(t0 + (t1 - t0) * a, t0 + (t1 - t0) * b);
      },
      [from, to],
    );
    await stage(page, { open }, 1200, 571);
    await checkPicture(page, trace, await shot(page));
    await checkPicture(page, `${trace}-overview`, await page.evaluate(() => document.getElementById('overview').toDataURL()));
    await close();
  });
}

test('the comparison can fail', { skip: renew }, async () => {
  const { page, close } = await browser.open(writeTemporary(template));
  const { cells } = await compare(page, kept('locks-light'), kept('samples-light'));
  assert.ok(cells[0] > SHARE);
  const legends = await compare(page, kept('legend-light'), kept('legend-dark'), [120, 34]);
  assert.ok(legends.cells.slice(0, 45).every((share) => share > CELL_SHARE));
  await close();
});
