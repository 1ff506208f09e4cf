// SPDX-License-Identifier: BSD-3-Clause
// What is said and shown is what was recorded: locks, waits, what a query means, selections at their place and length, saved pages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { useBrowser, dataFile, pageOfRecords, pageOfSample, saved, settle, template, timelines, writeTemporary } from './page.mjs';

const browser = useBrowser();
const opened = [];
afterEach(async () => {
  for (const { close, problems } of opened.splice(0)) {
    await close();
    assert.deepEqual(problems, []);
  }
});

async function show(file, options) {
  const one = await browser.open(file, options);
  opened.push(one);
  return one.page;
}

const HELD = 0x282;
const TRY = 0x283;
const lock = (t, dur, tid, event) => [t, dur, -1, tid, 0, event, 7, 0, 0, `${event === HELD ? '=' : '~'}big`];
/** Thread 12 tries for 0.4 s while 10 holds the lock 600 times and 11 once. */
const lockScene = () =>
  pageOfRecords([
    [1.0, 1.0, 0, 10, 0, 65546, 0, 0, 0, 'a.10'],
    [1.0, 0.5, 1, 11, 0, 65547, 0, 0, 0, 'b.11'],
    [1.5, 0.5, 1, 12, 0, 65548, 0, 0, 0, 'c.12'],
    lock(1.1, 0.4, 12, TRY),
    [1.1, 0.4, -1, 12, 0, 0x30b, 0, 0, 0, 'wait_lock'],
    ...Array.from({ length: 600 }, (_, i) => lock(1.1 + i * 0.0005, 0.0004, 10, HELD)),
    lock(1.4, 0.05, 11, HELD),
  ]);

const details = (page) => page.locator('#panel .panel-below dl').innerText();
const select = (page, find) =>
  page.evaluate((text) => {
    const m = window.kutrace.state().model;
    const record = [...m.aux.kind].findIndex((k) => m.kinds[k].name === text);
    window.kutrace.actions.go({ cols: 'aux', record });
  }, find);

describe('locks', () => {
  test('the table of locks leads to the worst try, which names all holders and lists every hold', async () => {
    const page = await show(lockScene());
    await page.keyboard.press('h');
    await page.locator('#panel .panel-main select').selectOption('locks');
    await page.waitForFunction(() => document.querySelectorAll('#panel table:not([hidden]) tbody tr').length > 0);
    const row = page.locator('#panel table[aria-label=Locks] tbody tr');
    assert.match(await row.innerText(), /^big\s+1\s+400\.0 ms\s+400\.0 ms\s+1\s+601\s+290\.0 ms\s+50\.00 ms\s+2$/);
    await row.locator('button.link').click();
    const text = await page.locator('#panel .panel-main').innerText();
    assert.match(text, /Nobody held big for 710\.0 ms, 71\.0 % of this time/);
    assert.match(text, /Who held big/);
    assert.match(await details(page), /Held by\s+a \(10\): 240\.0 ms in 600 holds, 60\.0 % of the try; longest 400\.0 µs/);
    assert.match(await details(page), /Held by nobody\s+110\.0 ms, 27\.5 % of the try/);
    await page.locator('#panel .panel-below dd button', { hasText: 'all 601 holds' }).click();
    await page.waitForFunction(() => window.kutrace.state().search?.done);
    assert.equal(await page.evaluate(() => window.kutrace.state().search.count), 601);
    assert.equal(await page.evaluate(() => window.kutrace.state().panel), 'results');
  });

  test('waits for a lock are counted alike by search and statistics', async () => {
    const page = await show(lockScene());
    await page.locator('#search').fill('wait:lock');
    await page.waitForFunction(() => window.kutrace.state().search?.done);
    assert.match(await page.locator('#search-result').innerText(), /^1 found, total 400\.0 ms, 400\.0 ms to 400\.0 ms/);
    await page.locator('#picture').focus();
    await page.keyboard.press('t');
    await page.locator('#panel select[aria-label=Count]').selectOption('wait');
    await page.waitForFunction(() => /^lock/.test(document.querySelector('#panel tbody tr')?.innerText ?? ''));
    assert.match(await page.locator('#panel tbody tr').first().innerText(), /^lock\s+1\s+400\.0 ms\s+100\.0 %/);
    assert.match(await page.locator('#panel .panel-main').innerText(), /100 % is 400\.0 ms of all rows/);
  });
});

test('a query that means nothing is told in the box, and finds nothing', async () => {
  const page = await show(pageOfSample('hello.span.json.gz'));
  for (const [query, said] of [
    ['cpuu:1', /There is no term "cpuu".*did you mean cpu/],
    ['dur>10', /dur wants a unit/],
  ]) {
    await page.locator('#search').fill(query);
    await settle(page);
    assert.match(await page.locator('#search-result').innerText(), said);
    assert.equal(await page.locator('#search').getAttribute('aria-invalid'), 'true');
  }
});

describe('what is selected', () => {
  test('from a list it is wide enough to see, and marked in the overview', async () => {
    const page = await show(pageOfSample('rpc.span.json.gz'));
    const { record, start, dur } = await page.evaluate(() => {
      const { exec, t0, t1 } = window.kutrace.state().model;
      const record = [...exec.dur].findIndex((d, i) => d > 0 && d < 200 && exec.start[i] > (t0 + t1) / 2);
      window.kutrace.actions.go({ cols: 'exec', record });
      return { record, start: exec.start[record], dur: exec.dur[record] };
    });
    await settle(page);
    const w = await page.evaluate(() => window.kutrace.window());
    const place = await timelines(page);
    assert.ok(w.t0 <= start && w.t1 >= start + dur);
    const wide = (dur / (w.t1 - w.t0)) * place.width; // the panel that opens takes a part of it
    assert.ok(wide >= 8 && wide <= 12.5, `span ${record} is ${wide} px wide`);
    const marked = await page.evaluate(
      (x) => {
        const canvas = document.getElementById('overview');
        const { data } = canvas.getContext('2d').getImageData(Math.round(x * devicePixelRatio), 2, 1, 1);
        return [...data];
      },
      await markX(page, start + dur / 2),
    );
    assert.deepEqual(marked.slice(0, 3), [0, 0, 0], 'the colour of the selection');
    const again = await page.evaluate((r) => {
      window.kutrace.actions.go({ cols: 'exec', record: r });
      return window.kutrace.window();
    }, record);
    assert.deepEqual(again, w, 'what can be seen already is not zoomed');
  });

  test('a wait and a lock are framed over their own length', async () => {
    const page = await show(lockScene());
    for (const name of ['wait_lock', '~big']) {
      await select(page, name);
      await settle(page);
      const { x0, x1 } = await framed(page);
      const place = await timelines(page);
      const w = await page.evaluate(() => window.kutrace.window());
      const x = (t) => place.left + ((t - w.t0) / (w.t1 - w.t0)) * place.width;
      assert.ok(Math.abs(x0 - x(1.1e8)) < 6 && Math.abs(x1 - x(1.5e8)) < 6, `${name}: ${x0} to ${x1}, not ${x(1.1e8)} to ${x(1.5e8)}`);
    }
  });
});

/** Leftmost and rightmost pixel in the colour of the selection. */
const framed = (page) =>
  page.evaluate(() => {
    const canvas = document.getElementById('picture');
    const { width, height } = canvas;
    const words = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, width, height).data.buffer);
    let [x0, x1] = [Infinity, -Infinity];
    for (let i = 0; i < words.length; i++) {
      if (words[i] !== 0xff000000) continue;
      x0 = Math.min(x0, i % width);
      x1 = Math.max(x1, i % width);
    }
    return { x0: x0 / devicePixelRatio, x1: x1 / devicePixelRatio };
  });

/** Where a time is in the overview, CSS pixels. */
const markX = (page, t) =>
  page.evaluate((time) => {
    const { t0, t1 } = window.kutrace.state().model;
    const { left, right } = window.kutrace.layout();
    return left + ((time - t0) / (t1 - t0)) * (right - left);
  }, t);

test('a name of a group that is held in sight covers the whole line, and is no row', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => [1 + i * 0.001, 0.9, i, 100 + i, 0, 65636 + i, 0, 0, 0, `p.${100 + i}`]);
  const page = await show(pageOfRecords(rows));
  await page.evaluate(() => window.kutrace.actions.scroll(333));
  await settle(page);
  const held = page.locator('button.group[data-group=pid]');
  const box = await held.boundingBox();
  const place = await timelines(page);
  const y = box.y - place.top + box.height / 2;
  const seen = await page.evaluate(
    ([x0, x1, at]) => {
      const canvas = document.getElementById('picture');
      const k = devicePixelRatio;
      const { data } = canvas.getContext('2d').getImageData(x0 * k, Math.round(at * k), (x1 - x0) * k, 1);
      return new Set(new Uint32Array(data.buffer)).size;
    },
    [place.left + 2, place.left + place.width - 2, y],
  );
  assert.equal(seen, 1, 'nothing of the row behind it shows');
  await page.mouse.move(place.x + place.width / 2, place.top + y);
  assert.equal(await page.locator('#tooltip').isVisible(), false);
});

test('one window has one base time, however it was reached', async () => {
  const page = await show(pageOfRecords([[44, 2, 0, 5, 0, 65541, 0, 0, 0, 'x.5']]));
  const pixels = () =>
    page.evaluate(() => {
      const canvas = document.getElementById('picture');
      const { left, bottom } = window.kutrace.layout();
      const k = devicePixelRatio;
      return canvas
        .getContext('2d')
        .getImageData(0, bottom * k, left * k, 40 * k)
        .data.join();
    });
  const go = async (t0, t1) => {
    await page.evaluate(([a, b]) => window.kutrace.setWindow(a, b), [t0, t1]);
    await settle(page);
  };
  await go(45e8, 45.001e8);
  const direct = await pixels();
  for (const from of [44.9993711e8, 45.0000377e8, 45.00031e8]) {
    await go(from, from + 1e5);
    await go(45e8, 45.001e8);
    assert.equal(await pixels(), direct, `coming from ${from}`);
  }
});

test('our own saved page opens where one was; light or dark stay the reader’s', async () => {
  const page = await show(pageOfSample('rpc.span.json.gz'), { acceptDownloads: true, colorScheme: 'dark' });
  await page.evaluate(() => {
    const { t0 } = window.kutrace.range();
    window.kutrace.setWindow(t0 + 3e7, t0 + 3.1e7);
    window.kutrace.actions.toggleGroup('pid');
  });
  await settle(page);
  const where = await page.evaluate(() => [window.kutrace.window(), window.kutrace.state().open]);
  const download = await saved(page, () => page.keyboard.press('Control+s'));
  const file = writeTemporary(download.bytes);
  const copy = await show(file, { colorScheme: 'light' });
  assert.deepEqual(await copy.evaluate(() => [window.kutrace.window(), window.kutrace.state().open]), where);
  assert.equal(await copy.evaluate(() => document.documentElement.dataset.theme), 'light');
});

describe('pages of the reference', () => {
  const root = fileURLToPath(new URL('../../../../tests/data', import.meta.url));
  const theirPage = (json) =>
    writeTemporary(`<!DOCTYPE html>\n<!-- selfcontained1 -->\nvar myString = '${json.replaceAll('\n', ' ')}';\n<p>viewer</p>\n`);

  test('a timeline, an RPC log and plots open with their titles', async () => {
    const page = await show(writeTemporary(template));
    const span = gunzipSync(readFileSync(dataFile('hello.span.json.gz'))).toString('utf8');
    await page.locator('#welcome-file').setInputFiles(theirPage(span));
    await page.waitForFunction(() => window.kutrace.state().model?.exec.n > 1000);
    assert.equal(await page.locator('#title').innerText(), JSON.parse(span).title);
    for (const name of ['rpc_log.json', 'disk_read_times.json', 'tcp_offsets.json']) {
      const text = readFileSync(path.join(root, name), 'utf8');
      await page.locator('header input[type=file]').first().setInputFiles(theirPage(text));
      const { title } = JSON.parse(text);
      await page.waitForFunction((t) => document.querySelector('#tabs [aria-selected=true]')?.textContent === t, title);
    }
  });

  test('a saved view shows the highlighted rows alone, at its place, with its options', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => [1 + i * 0.001, 0.9, i % 4, 100 + i, 0, 65636 + i, 0, 0, 0, `p.${100 + i}`]);
    const view = {
      xleft_ts: 1.2,
      xright_ts: 1.4,
      grouplength: [4, 40, 0, 0],
      groupcompress: [0, 1, 0, 0],
      grouphashilite: [0, 3, 0, 0],
      rowToHilite: [9, 1, 2, 1, 20, 1],
      ytop_track: 0,
      ybot_track: 80,
      ipc_value: 3,
      arcs_value: 1,
      freq_value: 0,
      cb_value: 1,
      search_text: 'p.10[0-9]',
    };
    const page = await show(pageOfRecords(rows, { flags: 128, savedview: [[], [], [], [], [], ['fig29.10', view]] }));
    await page.locator('#views button', { hasText: 'fig29.10' }).click();
    await page.waitForFunction(() => window.kutrace.state().search?.done);
    const s = await page.evaluate(() => {
      const { open, safe, show: shown, query } = window.kutrace.state();
      return { open, safe, ipc: shown.ipc, arcs: shown.arcs, freq: shown.freq, query };
    });
    assert.deepEqual(s.open, { cpu: false, pid: true, rpc: false });
    assert.deepEqual([s.safe, s.ipc, s.arcs, s.freq, s.query], [true, 1, 2, 0, '/p.10[0-9]/']);
    assert.deepEqual(await page.evaluate(() => window.kutrace.state().rows.pid.highlit), [105, 108, 129]);
    const pid = await page.evaluate(() => {
      const g = window.kutrace.layout().groups[1];
      return { count: g.count, keys: g.rows.map((r) => r.key) };
    });
    assert.deepEqual(pid, { count: 3, keys: [105, 108, 129] });
  });
});
