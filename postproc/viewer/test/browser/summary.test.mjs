// SPDX-License-Identifier: BSD-3-Clause
// The summary with which a trace opens: what it shows, where it leads, and that it can be closed for good.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { useBrowser, pageOfSample, settle, template, writeTemporary } from './page.mjs';

const browser = useBrowser();
let rpc;
before(async () => {
  rpc = pageOfSample('rpc.span.json.gz');
});

const counted = (page) => page.waitForFunction(() => document.querySelector('#panel .entries') !== null);
const opened = async (options = {}) => {
  const v = await browser.open(rpc, { first: true, ...options });
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
  const { page, close } = await browser.open(rpc, { first: true });
  const other = await page.context().newPage();
  await other.goto(`${pathToFileURL(rpc).href}#open=cpu+pid`);
  await other.waitForSelector('body[data-state=ready]');
  await settle(other);
  assert.equal(await panel(other), '');
  await close();
  const empty = await browser.open(writeTemporary(template), { first: true });
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

test('one bar of at most 15 controls in words; every menu opens, is used by keys, and closes', async () => {
  const { page, problems, close } = await browser.open(rpc);
  const controls = await page.evaluate(() =>
    [...document.querySelectorAll('#toolbar > *, #toolbar > :is(#moves, #right-tools) > *')]
      .filter((e) => !['moves', 'right-tools', 'title'].includes(e.id) && e.checkVisibility())
      .map((e) => e.querySelector('[aria-label]')?.getAttribute('aria-label') || e.getAttribute('aria-label') || e.textContent?.trim()),
  );
  assert.ok(controls.length >= 12 && controls.length <= 15, controls.join(', '));
  for (const menu of ['trace-menu', 'show-menu', 'colour-menu']) {
    const button = page.locator(`[aria-controls=${menu}]`);
    await button.focus();
    await page.keyboard.press('Enter');
    assert.equal(await button.getAttribute('aria-expanded'), 'true');
    const box = await page.locator(`#${menu}`).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 1600 && box.y + box.height <= 1000, JSON.stringify(box));
    await page.keyboard.press('ArrowDown');
    assert.ok(await page.evaluate((id) => document.getElementById(id).contains(document.activeElement), menu), 'an arrow goes in');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator(`#${menu}`).isVisible(), false);
  }
  await page.locator('[aria-controls=show-menu]').click();
  await page.locator('[aria-controls=colour-menu]').click();
  assert.equal(await page.locator('#show-menu').isVisible(), false, 'one at a time');
  assert.deepEqual(problems, []);
  await close();
});

test('select area: the next drag measures, and its statistics open', async () => {
  const { page, problems, close } = await browser.open(rpc);
  await page.locator('#area-button').click();
  assert.equal(await page.locator('#area-button').getAttribute('aria-pressed'), 'true');
  const box = await page.locator('#picture').boundingBox();
  const drag = async () => {
    await page.mouse.move(box.x + 400, box.y + 120);
    await page.mouse.down();
    await page.mouse.move(box.x + 700, box.y + 130, { steps: 4 });
    await page.mouse.up();
  };
  const before_ = await page.evaluate(() => window.kutrace.window());
  await drag();
  const { range, panel: open, window: shown } = await page.evaluate(() => window.kutrace.state());
  assert.deepEqual(shown, before_, 'the picture stays');
  assert.ok(range && range.t1 > range.t0);
  assert.equal(open, 'statistics');
  assert.equal(await page.locator('#area-button').getAttribute('aria-pressed'), 'false');
  await page.locator('#picture').focus();
  await page.keyboard.press('Shift+A');
  assert.equal(await page.locator('#area-button').getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#area-button').getAttribute('aria-pressed'), 'false');
  assert.deepEqual(problems, []);
  await close();
});

test('the panel opens and closes by its button, with what was open last', async () => {
  const { page, close } = await browser.open(rpc);
  await page.locator('#panel-button').click();
  assert.equal(await panel(page), 'summary');
  await page.locator('#rows-button').click();
  assert.equal(await panel(page), 'rows');
  await page.locator('#panel-button').click();
  assert.equal(await panel(page), '');
  await page.locator('#panel-button').click();
  assert.equal(await panel(page), 'rows');
  await close();
});

test('the key: a click on a class or a wait greys the rest, one on what lies over the spans hides it; what is pointed at is lit', async () => {
  const { page, problems, close } = await browser.open(rpc);
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

test('back and forward bring back the open groups with the time', async () => {
  const { page, close } = await browser.open(rpc);
  const seen = () => page.evaluate(() => [window.kutrace.state().open.pid, window.kutrace.window()]);
  const first = await seen();
  await page.locator('button[data-group=pid]').click();
  const opened_ = await seen();
  assert.equal(opened_[0], true);
  await page.locator('#zoom-back').click();
  assert.deepEqual(await seen(), first);
  await page.locator('#zoom-forward').click();
  assert.deepEqual(await seen(), opened_);
  await close();
});

test('a first visit shows the threads too, busiest first; the panel of rows says otherwise for good', async () => {
  const { page, problems, close } = await opened();
  const shown = await page.evaluate(() =>
    window.kutrace.layout().groups.map(({ group, open, rows }) => ({ group, open, keys: rows.map((r) => r.key) })),
  );
  assert.deepEqual(
    shown.map(({ group, open }) => [group, open]),
    [
      ['cpu', true],
      ['pid', true],
      ['rpc', false],
    ],
  );
  const times = await page.evaluate(() => {
    const { t0, t1 } = window.kutrace.range();
    return window.kutrace.classTime(t0, t1, 'pid').map(({ key, ticks }) => [key, Object.values(ticks).reduce((a, b) => a + b, 0)]);
  });
  const of = new Map(times);
  const list = shown[1].keys.map((key) => of.get(key));
  assert.deepEqual(
    list,
    [...list].sort((a, b) => b - a),
  );
  await page.locator('#rows-button').click();
  await page.locator('#panel label', { hasText: 'open traces with their threads' }).locator('input').uncheck();
  const again = await page.context().newPage();
  await again.goto(pathToFileURL(rpc).href);
  await again.waitForSelector('body[data-state=ready]');
  assert.equal(await again.evaluate(() => window.kutrace.state().open.pid), false);
  assert.deepEqual(problems, []);
  await close();
});
