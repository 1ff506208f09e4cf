// SPDX-License-Identifier: BSD-3-Clause
// Rows at a first visit: what does not run is folded, heads are bands over the whole width, labels say how much a row runs. And what a saved picture says of itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOfRecords, pageOfSample, saved, settle, timelines, useBrowser } from './page.mjs';

const browser = useBrowser();
const rpc = pageOfSample('rpc.span.json.gz');

/** Shows a part of the trace in which few threads run. */
const part = async (page) => {
  await page.evaluate(() => {
    const { t0, t1 } = window.kutrace.range();
    window.kutrace.setWindow(t0 + (t1 - t0) * 0.11, t0 + (t1 - t0) * 0.12);
  });
  await settle(page);
};
const pids = (page) =>
  page.evaluate(() => {
    const { count, folded } = window.kutrace.layout().groups.find((g) => g.group === 'pid');
    return { count, folded };
  });

test('threads that do not run here are one line; a click shows them, and Rows folds them again', async () => {
  const { page, problems, close } = await browser.open(rpc, { first: true });
  assert.equal((await pids(page)).folded, 0, 'all run in the whole trace');
  assert.equal(await page.locator('button.foot').count(), 0);
  await part(page);
  const before = await pids(page);
  assert.ok(before.folded > 5);
  const foot = page.locator('button.foot');
  assert.equal(await foot.innerText(), `▸ ${before.folded} threads do not run in this window`);
  await foot.focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await pids(page), { count: before.count + before.folded, folded: 0 });
  assert.equal(await page.locator('button.foot:visible').count(), 0);
  await page.keyboard.press('r');
  await page.locator('#panel select[aria-label="Group"]').selectOption('pid');
  await page.locator('#panel label', { hasText: 'fold rows' }).locator('input').check();
  assert.deepEqual(await pids(page), before);
  assert.deepEqual(problems, []);
  await close();
});

test('while the picture is dragged no row comes or goes; it folds when it rests', async () => {
  const { page, problems, close } = await browser.open(rpc, { first: true });
  await part(page);
  const before = await pids(page);
  const t = await timelines(page);
  await page.mouse.move(t.x + 300, t.y + 100);
  await page.mouse.down();
  for (let i = 1; i <= 8; i++) {
    await page.mouse.move(t.x + 300 + i * 60, t.y + 100);
    assert.deepEqual(await pids(page), before, `${i}`);
  }
  await page.mouse.up();
  await page.waitForFunction(() => window.kutrace.state().foldBy === null);
  await settle(page);
  assert.notDeepEqual(await pids(page), before);
  assert.deepEqual(problems, []);
  await close();
});

test('a jump to a thread that is folded shows its row', async () => {
  const { page, problems, close } = await browser.open(rpc, { first: true });
  await part(page);
  const key = await page.evaluate(() => {
    const { model } = window.kutrace.state();
    const shown = new Set(
      window.kutrace
        .layout()
        .groups.find((g) => g.group === 'pid')
        .rows.map((r) => r.key),
    );
    return model.rows.pid.find((r) => !shown.has(r.key)).key;
  });
  await page.evaluate((k) => window.kutrace.actions.goRow('pid', k), key);
  await settle(page);
  assert.ok(
    await page.evaluate(
      (k) =>
        window.kutrace
          .layout()
          .groups.find((g) => g.group === 'pid')
          .slot.has(k),
      key,
    ),
  );
  assert.deepEqual(problems, []);
  await close();
});

test('a head is a band from edge to edge, and is no part of a row', async () => {
  const { page, close } = await browser.open(rpc, { first: true });
  const { y, left, right } = await page.evaluate(() => {
    const l = window.kutrace.layout();
    const g = l.groups.find((b) => b.group === 'pid');
    return { y: g.header - l.scroll + l.headerHeight - 4, left: l.left, right: l.right };
  });
  const colours = await page.evaluate(
    ({ y, xs }) => {
      const k = devicePixelRatio;
      const ctx = document.getElementById('picture').getContext('2d');
      return xs.map((x) => [...ctx.getImageData(Math.round(x * k), Math.round(y * k), 1, 1).data].join());
    },
    { y, xs: [left - 6, left + 300, left + 600, right - 3] },
  );
  assert.equal(new Set(colours).size, 1, colours.join(' '));
  await close();
});

test('a saved picture says what it is of: trace, machine, window, key', async () => {
  const { page, problems, close } = await browser.open(rpc, { acceptDownloads: true });
  await part(page);
  await page.keyboard.press('v');
  const svg = (await saved(page, () => page.locator('#panel button', { hasText: 'SVG' }).click())).bytes.toString();
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((m) => m[1]);
  assert.match(texts.join('\n'), /^rpc: goldvm, 4 CPUs/m);
  assert.ok(
    texts.some((x) => /^29\.70 ms from 2026-11-21 02:59:44\.\d{6} UTC on$/.test(x)),
    texts.slice(-30).join('\n'),
  );
  for (const word of ['user', 'system call', 'interrupt', 'idle', 'ready']) assert.ok(texts.includes(word), word);
  const size = /<svg [^>]*width="(\d+)" height="(\d+)"/.exec(svg).slice(1).map(Number);
  assert.deepEqual(
    size,
    await page.evaluate(() => {
      const c = document.getElementById('picture');
      return [c.clientWidth, c.clientHeight];
    }),
  );
  assert.deepEqual(problems, []);
  await close();
});

test('names from a trace stay text in heads, lines, tables and saved pictures', async () => {
  const evil = '<img src=x onerror=alert(1)>"&\'';
  const { page, problems, close } = await browser.open(
    pageOfRecords(
      [
        [1.0, 0.001, 0, 41, 0, 65536 + 41, 0, 0, 8, `${evil}.41`],
        [1.001, 0.001, 1, 42, 0, 65536 + 42, 0, 0, 8, 'b.42'],
        [1.0, 0.00000001, 0, 41, 0, 522, 1, 0, 0, `mark_a=${evil}`],
      ],
      { title: evil, cpuModelName: evil, hostName: evil },
    ),
    { acceptDownloads: true },
  );
  await page.keyboard.press('t');
  await page.waitForSelector('#panel tbody tr');
  await page.keyboard.press('v');
  const svg = (await saved(page, () => page.locator('#panel button', { hasText: 'SVG' }).click())).bytes.toString();
  assert.ok(!svg.includes('<img'));
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(problems, []);
  await close();
});

test('help begins with what is seen: the signs of this trace; a question leads to its answer', async () => {
  const { page, problems, close } = await browser.open(rpc);
  await part(page);
  await page.keyboard.press('?');
  const seen = page.locator('#help .seen');
  assert.match(await seen.innerText(), /^What do I see\?\s+Time runs to the right: 29\.70 ms are shown of 2\.970 s\./);
  assert.equal(await seen.locator('.signs li').count(), await page.locator('.key-entry').count());
  assert.match(await seen.innerText(), /System call: tall, thin edges/);
  await seen.locator('[data-ask="panel:statistics"]').click();
  assert.equal(await page.locator('#help').isVisible(), false);
  assert.equal((await page.evaluate(() => window.kutrace.state())).panel, 'statistics');
  for (const action of await page.evaluate(() => {
    document.getElementById('help-button').click();
    return [...document.querySelectorAll('#help [data-ask]')].map((b) => b.dataset.ask);
  })) {
    await page.locator(`#help [data-ask="${action}"]`).click();
    if (action.startsWith('panel:')) assert.equal((await page.evaluate(() => window.kutrace.state())).panel, action.slice(6));
    await page.locator('#help-button').click();
  }
  assert.deepEqual(problems, []);
  await close();
});
