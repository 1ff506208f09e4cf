// SPDX-License-Identifier: BSD-3-Clause
// Statistics of an area, time by rows, of all kinds of records; and what every table can do: filter, copy, columns that fit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFirefox, pageOfSample, saved, settle, shiftDrag, useBrowser } from './page.mjs';

const browser = useBrowser();
const rpc = pageOfSample('rpc.span.json.gz');

const open = async (options) => {
  const opened = await browser.open(rpc, options);
  const { page } = opened;
  return {
    ...opened,
    counted: () => page.waitForFunction(() => !/% counted/.test(document.querySelector('#panel-main')?.innerText ?? '% counted')),
    heading: () => page.locator('#panel-main .lead').innerText(),
    column: (n) => page.locator(`#panel .table-box >> nth=0`).locator(`tbody tr > [aria-colindex="${n}"]`).allInnerTexts(),
  };
};

test('the rows that a drag crosses become the area; its box, words and address say so', async () => {
  const { page, problems, heading, counted, close } = await open();
  await page.evaluate(() => window.kutrace.actions.toggleGroup('pid'));
  await settle(page);
  const places = await page.evaluate(() => {
    const g = window.kutrace.layout().groups.find((b) => b.group === 'pid');
    return { top: g.top, row: g.rowHeight, keys: g.rows.slice(0, 3).map((r) => r.key) };
  });
  const box = await page.locator('#picture').boundingBox();
  const y = (row) => box.y + places.top + (row + 0.5) * places.row;
  await shiftDrag(page, [box.x + 400, y(0)], [box.x + 700, y(2)]);
  const { range } = await page.evaluate(() => window.kutrace.state());
  assert.deepEqual(range.rows, { group: 'pid', keys: places.keys });
  await page.keyboard.press('t');
  await counted();
  assert.match(await heading(), /^Area of [\d.]+ m?s × 3 threads$/);
  await page.locator('#panel select[aria-label=By]').selectOption('thread');
  await counted();
  const hash = await page.evaluate(() => window.kutrace.actions.encodeState());
  assert.match(decodeURIComponent(hash), new RegExp(`area=pid:${places.keys.join(',')}`));
  await page.evaluate((h) => window.kutrace.actions.applyState(h), hash);
  assert.deepEqual((await page.evaluate(() => window.kutrace.state())).range.rows, { group: 'pid', keys: places.keys });
  await page.getByRole('button', { name: 'All rows' }).click();
  await page.waitForFunction(() => !document.querySelector('#panel-main .lead').textContent.startsWith('Area'));
  assert.match(await heading(), /^Measured range of [\d.]+ m?s on 4 CPUs$/);
  assert.deepEqual(problems, []);
  await close();
});

test('along one row a drag measures the time on all rows', async () => {
  const { page, close } = await open();
  const box = await page.locator('#picture').boundingBox();
  await shiftDrag(page, [box.x + 400, box.y + 60], [box.x + 700, box.y + 66]);
  const { range } = await page.evaluate(() => window.kutrace.state());
  assert.ok(range.t1 > range.t0 && !range.rows);
  await close();
});

test('wakeup latencies: p99 has its number of values or a dash that says why; a bar lists its records, a click goes to one', async () => {
  const { page, problems, counted, column, close } = await open();
  await page.keyboard.press('t');
  await page.locator('#panel select[aria-label=Count]').selectOption('wakeup');
  await counted();
  const counts = (await column(2)).map((x) => Number(x.replaceAll(',', '')));
  const p99 = await column(8);
  assert.ok(counts.length > 3 && counts.some((n) => n >= 100) === p99.some((x) => x !== '–'));
  counts.forEach((n, i) => assert.equal(p99[i] === '–', n < 100, `${n}: ${p99[i]}`));
  const dash = page.locator('#panel tbody td', { hasText: '–' }).first();
  assert.match(await dash.getAttribute('title'), /^Only \d+ of the \d+ that it needs$/);
  const bar = page.locator('#panel .bar:not(:disabled)').last();
  const n = Number(await bar.locator('.count').innerText());
  await bar.click();
  await page.waitForFunction(() => document.querySelector('table[aria-label="Records of the bar"]')?.checkVisibility());
  const rows = page.locator('table[aria-label="Records of the bar"] tbody tr');
  assert.equal(await rows.count(), n);
  await rows.first().locator('button').click();
  const selected = await page.evaluate(() => {
    const { model, selection } = window.kutrace.state();
    return model.kinds[model.aux.kind[selection.record]].name;
  });
  assert.equal(selected, 'wait_cpu');
  assert.deepEqual(problems, []);
  await close();
});

test('all kinds of records are counted, by one or two things', async () => {
  const { page, problems, counted, column, close } = await open();
  await page.keyboard.press('t');
  await page.locator('#panel select[aria-label=Count]').selectOption('call');
  await counted();
  assert.deepEqual(await column(1), ['ping', 'write', 'read']);
  assert.deepEqual(await column(2), ['20', '10', '10']);
  await page.locator('#panel select[aria-label="And by"]').selectOption('thread');
  await counted();
  assert.ok((await column(1)).every((x) => /^(ping|write|read), .+\(\d+\)$/.test(x)));
  for (const of of ['span', 'wait', 'wakeup', 'try', 'hold', 'mark']) {
    await page.locator('#panel select[aria-label=Count]').selectOption(of);
    await counted();
  }
  assert.deepEqual(problems, []);
  await close();
});

test('it is counted once when it opens, and again only when something else is asked', async () => {
  const { page, counted, close } = await open();
  // A count that is still to begin stands behind a timer: there is none left when all is done.
  await page.evaluate(() => {
    const { setTimeout: set, clearTimeout: clear } = window;
    window.timers = new Set();
    window.setTimeout = (act, ms, ...given) => {
      const id = set(() => {
        window.timers.delete(id);
        act(...given);
      }, ms);
      window.timers.add(id);
      return id;
    };
    window.clearTimeout = (id) => {
      window.timers.delete(id);
      clear(id);
    };
  });
  const atRest = async () => {
    await counted();
    await page.waitForFunction(() => window.timers.size === 0 && window.kutrace.settled());
    await counted();
  };
  // The bars are made anew at the end of each count; the table also when it gets more or less room.
  await page.evaluate(() => {
    window.counts = 0;
    const isCount = ({ target, addedNodes }) => target.matches?.('.histogram > div') && [...addedNodes].some((node) => node.matches?.('.bar'));
    new MutationObserver((list) => {
      if (list.some(isCount)) window.counts++;
    }).observe(document.getElementById('panel'), { childList: true, subtree: true });
  });
  await page.keyboard.press('t');
  await atRest();
  assert.equal(await page.evaluate(() => window.counts), 1);
  await page.locator('#panel select[aria-label=By]').selectOption('cpu');
  await atRest();
  assert.equal(await page.evaluate(() => window.counts), 2);
  await close();
});

test('a table leaves out the columns that have no room, and says how many; those that are chosen stay', async () => {
  const { page, problems, counted, close } = await open({ viewport: { width: 1100, height: 700 } });
  await page.keyboard.press('t');
  await counted();
  const fits = () =>
    page.evaluate(() => {
      const scroller = document.querySelector('#panel .table-scroll');
      return scroller.scrollWidth <= scroller.clientWidth;
    });
  assert.ok(await fits(), 'no number is cut');
  const summary = page.locator('#panel .columns summary').first();
  assert.match(await summary.innerText(), /Columns: \d of 10 left out/);
  const heads = () => page.locator('#panel .table-box >> nth=0').locator('thead th:visible').allInnerTexts();
  const before = await heads();
  assert.ok(before.some((x) => x.startsWith('p99')) && before.some((x) => x.startsWith('Max')) && !before.some((x) => x.startsWith('Min')));
  await summary.click();
  await page.locator('#panel .columns label', { hasText: 'Min' }).first().click();
  assert.ok((await heads()).some((x) => x.startsWith('Min')));
  const hash = await page.evaluate(() => window.kutrace.actions.encodeState());
  await page.evaluate((h) => window.kutrace.actions.applyState(h), hash);
  await counted();
  assert.ok((await heads()).some((x) => x.startsWith('Min')));
  await page.getByRole('button', { name: 'As many as fit' }).first().click();
  assert.deepEqual(await heads(), before);
  assert.ok(await fits());
  assert.deepEqual(problems, []);
  await close();
});

test('a table is filtered, copied as shown, and saved with all columns of what the filter leaves', async (t) => {
  const { page, counted, column, close } = await open();
  await page.keyboard.press('t');
  await counted();
  await page.locator('#panel input[type=search]').first().fill('bh:');
  await settle(page);
  const names = await column(1);
  assert.ok(names.length > 2 && names.every((x) => x.startsWith('BH:')));
  const file = await saved(page, () => page.locator('#panel .csv').first().click());
  const lines = file.bytes.toString().trim().split('\r\n');
  assert.equal(lines.length, names.length + 1);
  assert.match(lines[0], /^What,Count,Total,% of all,Mean,p50,p95,p99,Max,Min$/);
  if (inFirefox) t.diagnostic('the clipboard is not asked in Firefox');
  else {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).first().click();
    await page.waitForFunction(() => [...document.querySelectorAll('#panel button')].some((b) => b.textContent === 'Copied'));
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(text.trim().split('\n').length, names.length + 1);
    assert.ok(text.includes(`\n${names[0]}\t`));
  }
  await close();
});
