// SPDX-License-Identifier: BSD-3-Clause
// The summary with which a trace opens: what it shows, where it leads, and that it can be closed for good.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launch, openPage, pageOfSample, settle, template, writeTemporary } from './page.mjs';

let browser;
let rpc;
before(async () => {
  browser = await launch();
  rpc = pageOfSample('rpc.span.json.gz');
});
after(() => browser.close());

const counted = (page) => page.waitForFunction(() => document.querySelector('#panel .entries') !== null);
const opened = async (options = {}) => {
  const v = await openPage(browser, rpc, { summary: true, ...options });
  await counted(v.page);
  return v;
};
const panel = (page) => page.evaluate(() => window.kutrace.state().panel);

test('a trace opens with its summary, which says what was recorded and what was slow', async () => {
  const { page, problems, close } = await opened();
  assert.equal(await panel(page), 'summary');
  const text = await page.locator('#panel').innerText();
  assert.match(text, /2\.970 s: 20 threads, 40 RPCs, 19,867 records\. The CPUs were idle for 92\.1 %/);
  assert.match(text, /Slowest RPCs of 40 calls, request to response; median 899\.1 µs/);
  const table = page.locator('#panel table[aria-label="CPU time by class"]');
  assert.deepEqual(await table.locator('tbody th').allInnerTexts(), ['0', '1', '2', '3', 'All']);
  const shown = await page.evaluate(() => {
    const { t0, t1 } = window.kutrace.range();
    return window.kutrace.classTime(t0, t1).map(({ ticks }) => {
      const whole = Object.values(ticks).reduce((a, b) => a + b, 0);
      return ((ticks.idle / whole) * 100).toFixed(1);
    });
  });
  assert.deepEqual((await table.locator('tbody tr td:last-child').allInnerTexts()).slice(0, 4), shown);
  assert.deepEqual(problems, []);
  await close();
});

test('each entry leads to its record, and the summary stays a tab away', async () => {
  const { page, problems, close } = await opened();
  await page.locator('#panel .entry', { hasText: 'ping.58512' }).click();
  assert.equal(await panel(page), 'states');
  assert.match(await page.locator('#panel .story').innerText(), /ping\.58512: 14\.45 ms from request to response/);
  await page.locator('[data-panel=summary]').click();
  await page.locator('#panel .entry', { hasText: 'local_timer_vector' }).click();
  const interrupt = await page.evaluate(() => {
    const { model, selection } = window.kutrace.state();
    return [
      model.exec.dur[selection.record],
      Math.max(...model.exec.dur.filter((_, i) => model.kinds[model.exec.kind[i]].name === 'local_timer_vector')),
    ];
  });
  assert.equal(interrupt[0], interrupt[1]);
  await page.locator('#panel .entry', { hasText: 'kworker/1:1' }).click();
  const wait = await page.evaluate(() => {
    const { model, selection } = window.kutrace.state();
    return [selection.cols, model.kinds[model.aux.kind[selection.record]].event];
  });
  assert.deepEqual(wait, ['aux', 0x302]);
  await page.keyboard.press('0');
  await page.locator('#panel button', { hasText: 'Show that part' }).click();
  const { t0, t1 } = await page.evaluate(() => window.kutrace.window());
  assert.ok((t1 - t0) / 1e5 > 124 && (t1 - t0) / 1e5 < 140, 'the 125 ms of the RPCs, and a little around');
  assert.deepEqual(problems, []);
  await close();
});

test('it can be closed for good, for all traces, and opened again', async () => {
  const { page, problems, close } = await opened();
  await page.locator('#panel .foot input').check();
  await page.locator('#panel .close').click();
  const again = await page.context().newPage();
  await again.goto(pathToFileURL(rpc).href);
  await again.waitForSelector('body[data-state=ready]');
  assert.equal(await panel(again), '');
  await again.keyboard.press('Control+k');
  await again.keyboard.type('summary of');
  await again.keyboard.press('Enter');
  await again.waitForSelector('#panel .foot input');
  assert.equal(await again.locator('#panel .foot input').isChecked(), true);
  assert.deepEqual(problems, []);
  await close();
});

test('an address, and a page without a trace, open without it', async () => {
  const { page, close } = await openPage(browser, rpc, { summary: true });
  await page.goto(`${pathToFileURL(rpc).href}#open=cpu+pid`);
  await page.reload();
  await page.waitForSelector('body[data-state=ready]');
  await settle(page);
  assert.equal(await panel(page), '');
  await close();
  const empty = await openPage(browser, writeTemporary(template), { summary: true });
  assert.equal(await empty.page.locator('#panel').isVisible(), false);
  assert.deepEqual(empty.problems, []);
  await empty.close();
});

test('on a phone it lies below the picture, and nothing of it is wider than the page', async () => {
  const { page, problems, close } = await opened({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('#panel :is(p, h2, h3, li, .table-box)')]
      .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map((e) => e.textContent),
  );
  assert.deepEqual(wide, []);
  assert.ok((await page.locator('#picture').boundingBox()).height > 120);
  assert.deepEqual(problems, []);
  await close();
});

test('the key: a click on a class or a wait greys the rest, one on what lies over the spans hides it; what is pointed at is lit', async () => {
  const { page, problems, close } = await openPage(browser, rpc);
  const state = () =>
    page.evaluate(() => {
      const { query, isolate, show } = window.kutrace.state();
      return [query, isolate, show.arcs];
    });
  const entry = (word) => page.locator('#key .key-entry', { hasText: word });
  await entry('interrupt').first().click();
  assert.deepEqual((await state()).slice(0, 2), ['class:irq', true]);
  assert.equal(await entry('interrupt').first().getAttribute('aria-pressed'), 'true');
  await entry('waits: network').click();
  assert.deepEqual((await state()).slice(0, 2), ['wait:n', true]);
  await entry('waits: network').click();
  assert.deepEqual((await state()).slice(0, 2), ['', false]);
  await entry('wakeup').click();
  assert.equal((await state())[2], 0);
  assert.equal(await entry('wakeup').getAttribute('aria-pressed'), 'false');
  await entry('wakeup').click();
  assert.equal((await state())[2], 1);
  const at = await page.evaluate(() => {
    const { model } = window.kutrace.state();
    const r = [...model.exec.kind].findIndex((k, i) => model.kinds[k].name === 'local_timer_vector' && model.exec.dur[i] > 1e6);
    const [start, dur] = [model.exec.start[r], model.exec.dur[r]];
    window.kutrace.setWindow(start - dur, start + 2 * dur);
    const row = model.rows.cpu.findIndex(({ lo, n }) => r >= lo && r < lo + n);
    const { left, right, groups } = window.kutrace.layout();
    return { x: (left + right) / 2, y: groups[0].top + groups[0].rowHeight * (row + 0.5) };
  });
  const box = await page.locator('#picture').boundingBox();
  await page.mouse.move(box.x + at.x, box.y + at.y);
  await page.waitForFunction(() => document.querySelector('.key-entry.lit')?.dataset.glyph === 'irq');
  assert.deepEqual(problems, []);
  await close();
});
