// SPDX-License-Identifier: BSD-3-Clause
// Working with the picture: every key, button and gesture does what it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, beforeEach, describe, test } from 'node:test';
import { KEYS } from '../../src/input/keys.js';
import { useBrowser, fingers, pageOfSample, pixels, saved, settle, shiftDrag, timelines, writeTemporary } from './page.mjs';

const browser = useBrowser();
let v;
let page;
before(async () => {
  v = await browser.open(pageOfSample('rpc.span.json.gz'));
  page = v.page;
});
beforeEach(async () => {
  await page.evaluate(() => {
    const d = document.querySelector('dialog[open]');
    d?.close();
    window.kutrace.actions.resetAll();
    window.kutrace.actions.clearCursors();
  });
  await page.locator('#picture').focus();
  await page.mouse.move(3, 3);
  await settle(page);
});

const state = (f, arg) => page.evaluate(f, arg);
const S = (key) => page.evaluate((k) => window.kutrace.state()[k], key);
const windowNow = () => state(() => window.kutrace.window());
const width = (w) => w.t1 - w.t0;
const press = async (...keys) => {
  for (const k of keys) await page.keyboard.press(k);
};
const panel = () => page.locator('#panel').innerText();
const until = (f, arg) => page.waitForFunction(f, arg);
const find = async (text) => {
  await page.locator('#search').fill(text);
  await until(() => window.kutrace.state().search?.done);
};

describe('keyboard', () => {
  test('every key of the table runs without complaint', async () => {
    for (const { keys, action } of KEYS) {
      if (action === 'saveCopy') continue; // has a test of its own
      for (const key of keys) {
        await press(key.length === 1 && /[A-Z]/.test(key) ? `Shift+${key}` : key.replace('Ctrl+', 'Control+'));
        await press('Escape');
        await page.locator('#picture').focus();
      }
    }
    assert.deepEqual(v.problems, []);
  });

  test('what was seen comes back, and forward again', async () => {
    const full = await windowNow();
    await press('w');
    await state(
      () =>
        new Promise((r) => {
          setTimeout(r, 600);
        }),
    );
    await press('d');
    const moved = await windowNow();
    await press('Backspace');
    const zoomed = await windowNow();
    assert.ok(Math.abs(width(zoomed) - width(moved)) < 2 && zoomed.t0 < moved.t0);
    await press('Backspace');
    assert.deepEqual(await windowNow(), full);
    await press('Shift+Backspace', 'Alt+ArrowRight');
    assert.deepEqual(await windowNow(), moved);
    await page.locator('#zoom-back').click();
    assert.deepEqual(await windowNow(), zoomed);
    await page.locator('#zoom-forward').click();
    assert.deepEqual(await windowNow(), moved);
    await page.locator('#zoom-full').click();
    assert.deepEqual(await windowNow(), full);
  });

  test('a keyboard alone reaches a span, its waker and other rows', async () => {
    await press('Enter');
    assert.equal((await S('selection')).cols, 'exec');
    const first = await S('selection');
    await state(() => document.getElementById('picture').dispatchEvent(new PointerEvent('pointerleave')));
    await press('.');
    assert.match(await page.locator('#hover-line').innerText(), /^Selected: /);
    assert.equal((await S('selection')).record, first.record + 1);
    await press('Shift+ArrowDown');
    const below = await S('selection');
    assert.notEqual(below.record, first.record + 1);
    await press('Shift+ArrowUp');
    await page.locator('button[data-group=pid]').focus();
    await press('Enter');
    assert.equal((await S('open')).pid, true);
    const wait = await state(() => {
      const m = window.kutrace.state().model;
      return [...m.aux.kind].findIndex((k, i) => m.kinds[k].name === 'wait_cpu' && m.aux.start[i] > m.t0 + 1e7);
    });
    await state((record) => window.kutrace.actions.select({ cols: 'aux', record }, 'pid'), wait);
    await page.locator('#picture').focus();
    await press('[');
    const waker = await S('selection');
    assert.equal(waker.cols, 'exec');
    await press(']');
    assert.equal((await S('selection')).cols, 'exec');
    assert.notDeepEqual(await S('selection'), waker);
  });

  test('Escape closes one thing at a time', async () => {
    await find('read');
    await page.locator('#picture').focus();
    await press('u', 'Enter');
    await press('Escape');
    assert.equal(await S('selection'), null);
    assert.equal(await S('annotate'), 'user');
    await press('Escape');
    assert.equal(await S('annotate'), 'off');
    assert.equal(await S('query'), 'read');
    await press('Escape');
    assert.equal(await S('query'), '');
  });
});

describe('details', () => {
  test('a span tells its neighbours; links jump', async () => {
    const record = await state(() => {
      const m = window.kutrace.state().model;
      return [...m.exec.kind].findIndex((k, i) => m.kinds[k].name === 'server4.53' && m.exec.start[i] > m.t0 + 3.4e7);
    });
    await state((r) => window.kutrace.actions.go({ cols: 'exec', record: r }), record);
    await settle(page);
    const text = await panel();
    for (const word of ['Before on this thread', 'Next on this thread', 'Before on CPU', 'Next on CPU', 'server4 (53)'])
      assert.ok(text.includes(word), word);
    await page.locator('#panel dt', { hasText: 'Next on CPU' }).locator('xpath=following-sibling::dd[1]').locator('button').click();
    assert.equal((await S('selection')).record, record + 1);
    await page.locator('#panel button[aria-label="Previous span on this row"]').click();
    assert.equal((await S('selection')).record, record);
  });

  test('an arc is clicked, told and followed', async () => {
    const r = await state(() => {
      const m = window.kutrace.state().model;
      const w = [...m.wakeups.index].find((i) => m.aux.cpu[i] !== m.aux.arg[i] && m.aux.dur[i] > 2000 && m.aux.start[i] > m.t0 + 1000);
      window.kutrace.setWindow(m.aux.start[w] - 300, m.aux.start[w] + m.aux.dur[w] + 300);
      return w;
    });
    await settle(page);
    const t = await timelines(page);
    let hit = false;
    for (let y = 30; y < 440 && !hit; y += 3) {
      // it passes the middle of its time somewhere between its two rows
      await state(() => {
        window.kutrace.actions.select(null);
        if (window.kutrace.state().panel) window.kutrace.actions.openPanel(window.kutrace.state().panel);
      });
      await settle(page);
      await page.mouse.click(t.x + t.width / 2, t.y + y);
      const s = await S('selection');
      hit = s?.cols === 'aux' && s.record === r;
    }
    assert.ok(hit, 'the arc can be hit');
    assert.equal(await S('panel'), 'details');
    assert.match(await panel(), /Wakes/);
    await press('[');
    assert.equal((await S('selection')).cols, 'exec');
  });
});

describe('search', () => {
  test('terms, result line, list, chips and ticks', async () => {
    await find('class:syscall dur>1ms');
    assert.match(await page.locator('#search-result').innerText(), /^17 found, total 38\.96 ms/);
    await page.locator('#search-result').click();
    await settle(page);
    assert.equal((await page.locator('#panel .item').count()) >= 10, true);
    await page.locator('#panel .virtual').focus();
    await press('ArrowDown');
    const second = await S('selection');
    await press('End', 'Home', 'ArrowDown');
    assert.deepEqual(await S('selection'), second);
    await page.locator('#panel select').selectOption('longest');
    await page.locator('#panel .item').first().click();
    const longest = await S('selection');
    assert.equal(await state((s) => window.kutrace.state().model.exec.dur[s.record] - window.kutrace.state().search.max, longest), 0);
    await page.locator('#panel .ticks button').first().click({ force: true });
    assert.ok(width(await windowNow()) < 1e7);
    await page.locator('#panel .chip').first().click();
    assert.match(await S('query'), / cpu:1$/);
    await until(() => window.kutrace.state().search.count === 9);
  });

  test('a bad query is told, never thrown; ! inverts; isolate greys', async () => {
    await page.locator('#search').fill('dur>soon');
    assert.match(await page.locator('#search-result').innerText(), /dur wants a duration/);
    assert.equal(await page.locator('#search').getAttribute('aria-invalid'), 'true');
    await find('cpu:0');
    const plain = (await S('search')).count;
    await page.locator('#search-invert').click();
    await until(() => window.kutrace.state().search.done);
    assert.equal(await S('query'), '!cpu:0');
    assert.equal((await S('search')).count + plain, await state(() => window.kutrace.counts().exec));
    await find('page_fault');
    const before = await pixels(page);
    await page.locator('#search-isolate').click();
    await settle(page);
    assert.equal(await page.locator('#search-isolate').getAttribute('aria-pressed'), 'true');
    assert.ok((await pixels(page)).colors < before.colors, 'fewer colours');
  });

  test('a typed time jumps, @@ becomes the time shown, and searches are remembered', async () => {
    await page.locator('#search').fill('44.72+');
    assert.equal(await page.locator('#search-result').innerText(), 'a time: Enter goes there');
    await page.locator('#search').press('Enter');
    const w = await windowNow();
    assert.ok(Math.abs((w.t0 + w.t1) / 2 - 44.72e8) < 1e3, `${w.t0} ${w.t1}`);
    await page.locator('#search').fill('@@');
    const text = await S('query');
    assert.match(text, /^44\.7\d*$/);
    await page.locator('#search').fill('newfstatat');
    await page.locator('#search').press('Enter');
    await page.locator('#search').fill('');
    await page.locator('#search-terms').click();
    await page.locator('#search-help .recent', { hasText: 'newfstatat' }).click();
    assert.equal(await S('query'), 'newfstatat');
    await page.locator('#search-help [data-term=cpu]').click();
    assert.equal(await S('query'), 'newfstatat cpu:0,2-3');
    await page.locator('#search-terms').click();
    assert.equal(await page.locator('#search-help').isVisible(), false);
  });
});

describe('statistics, states and comparison', () => {
  test('the table adds up to the window, sorts, and bars list their spans', async () => {
    await press('t');
    await page.waitForSelector('#panel table tbody tr');
    const total = () => page.locator('#panel table tbody tr').count();
    assert.ok((await total()) > 20);
    await page.locator('#panel button.sort', { hasText: 'Count' }).click();
    assert.equal(await page.locator('#panel th[aria-sort=descending]').innerText(), 'Count');
    const counts = (await page.locator('#panel tbody tr td:nth-child(2)').allInnerTexts()).map((x) => Number(x.replaceAll(',', '')));
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => b - a),
    );
    await page.locator('#panel tbody button.link', { hasText: 'page_fault' }).click();
    const bar = page.locator('#panel .bar:not(:disabled)').nth(1);
    const count = Number((await bar.locator('.count').innerText()).replaceAll(',', ''));
    await bar.click();
    await until(() => window.kutrace.state().search?.done);
    assert.equal((await S('search')).count, count, await S('query'));
    assert.equal(await S('panel'), 'results');
  });

  test('a measured range limits the statistics', async () => {
    const r = await state(() => {
      const { t0, t1 } = window.kutrace.range();
      window.kutrace.actions.setRange({ t0: t0 + 3e7, t1: t0 + 4e7 });
      return { t0, t1 };
    });
    await press('t');
    await page.waitForSelector('#panel table tbody tr');
    assert.match(await panel(), /Measured range of 100\.0 ms on 4 CPUs/);
    await page.locator('#panel select[aria-label=By]').selectOption('cpu');
    await page.waitForFunction(() => document.querySelectorAll('#panel tbody tr').length === 4);
    assert.ok(r.t1 > r.t0);
  });

  test('which RPC was slowest, and what was it waiting for?', async () => {
    await press('h');
    await page.waitForSelector('#panel table tbody tr');
    const first = page.locator('#panel table:visible tbody tr').first();
    assert.match(await first.innerText(), /ping\.58512\s+14\.45 ms\s+sh\+client4 \(61\)/);
    await first.locator('button.link').click();
    await settle(page);
    const text = await page.locator('#panel .story').innerText();
    assert.match(text, /The caller meanwhile: running 13\.80 ms/);
    assert.match(text, /The caller ran write /);
    await page.locator('#panel .story button', { hasText: 'network' }).click();
    assert.equal(
      await state(() => {
        const s = window.kutrace.selection();
        const m = window.kutrace.state().model;
        return m.kinds[m.aux.kind[s.record]].name;
      }),
      'wait_net',
    );
    await page.locator('#panel .panel-main select').selectOption('threads');
    await page.waitForFunction(() => /Latency max/.test(document.getElementById('panel').innerText));
    const hurt = page.locator('#panel table:visible tbody tr');
    assert.ok((await hurt.count()) > 1);
    await hurt.first().locator('button.link').click();
    assert.equal((await S('open')).pid, true);
  });

  test('two ranges of one trace, and two traces', async () => {
    const r = await state(() => window.kutrace.range());
    await state(({ t0 }) => window.kutrace.setWindow(t0, t0 + 1e7), r);
    await press('x');
    await page.locator('#panel button', { hasText: 'Keep as A' }).click();
    await state(({ t0 }) => window.kutrace.setWindow(t0 + 3e7, t0 + 4e7), r);
    await page.waitForFunction(() => document.querySelectorAll('#panel tbody tr').length > 10);
    assert.match(await panel(), /A: .*100\.0 ms\.\s+B: .*100\.0 ms/);
    await page.locator('#panel .panel-main input[type=file]').setInputFiles(pageOfSample('hello.span.json.gz'));
    await page.waitForSelector('.stage.other canvas');
    await page.waitForFunction(() => /A: t1/.test(document.getElementById('panel').innerText));
    await settle(page);
    const box = await page.locator('.stage.other canvas').boundingBox();
    assert.ok(box.height > 200);
    const widths = () =>
      state(() => {
        const w = window.kutrace.window();
        return w.t1 - w.t0;
      });
    const before = await windowNow();
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.wheel(0, -240);
    await settle(page);
    assert.ok(Math.abs((await widths()) / width(before) - 0.5) < 0.01, 'linked: both zoom');
    await page.locator('#panel button', { hasText: 'Linked' }).click();
    const kept = await windowNow();
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.wheel(0, -240);
    await settle(page);
    assert.deepEqual(await windowNow(), kept);
    await page.locator('.other-title button').click();
    assert.equal(await page.locator('.stage.other').count(), 0);
  });
});

describe('pointer', () => {
  test('Shift+drag measures from edge to edge; a click ends it', async () => {
    const row = await state(() => {
      const m = window.kutrace.state().model;
      const { lo, n } = m.rows.cpu[1];
      const r = lo + [...m.exec.dur.subarray(lo, lo + n)].findIndex((d, i) => i > 300 && d > 50000);
      window.kutrace.setWindow(m.exec.start[r] - 20000, m.exec.start[r] + m.exec.dur[r] + 20000);
      return { from: 20000, to: 20000 + m.exec.dur[r], all: m.exec.dur[r] + 40000 };
    });
    await settle(page);
    const t = await timelines(page);
    const y = t.y + 24 + 104 + 50;
    const at = (ticks) => t.x + (t.width * ticks) / row.all;
    await shiftDrag(page, [at(row.from) + 2, y], [at(row.to) - 2, y], 5);
    const range = await S('range');
    assert.ok(range.t1 > range.t0);
    const edges = await state(
      ({ range: g }) => {
        const { exec } = window.kutrace.state().model;
        const set = new Set();
        for (let i = 0; i < exec.n; i++) {
          set.add(exec.start[i]);
          set.add(exec.start[i] + exec.dur[i]);
        }
        return [set.has(g.t0), set.has(g.t1)];
      },
      { range },
    );
    assert.deepEqual(edges, [true, true], 'both ends lie on edges');
    await press('f');
    assert.ok(Math.abs(width(await windowNow()) / (range.t1 - range.t0) - 1.04) < 0.01);
    await page.mouse.click(t.x + 100, y);
    assert.equal(await S('range'), null);
  });

  test('dragging on the time axis measures too', async () => {
    const t = await timelines(page);
    await page.mouse.move(t.x + 300, t.y + t.height + 10);
    await page.mouse.down();
    await page.mouse.move(t.x + 500, t.y + t.height + 10, { steps: 4 });
    await page.mouse.up();
    assert.ok(await S('range'));
  });

  test('cursors: A, then B, and the difference', async () => {
    const t = await timelines(page);
    await page.mouse.move(t.x + 300, t.y + 60);
    await press('c');
    await page.mouse.move(t.x + 600, t.y + 60);
    await press('c');
    const { a, b } = await S('cursors');
    assert.ok(a !== null && b > a);
    await page.mouse.move(t.x + 700, t.y + 60);
    await press('c');
    assert.ok((await S('cursors')).b > b, 'the nearer moves');
    await press('Shift+C');
    assert.deepEqual(await S('cursors'), { a: null, b: null });
  });

  test('Shift+click labels a span, Shift+right-click isolates its name', async () => {
    await state(() => {
      const m = window.kutrace.state().model;
      const r = [...m.exec.kind].findIndex((k, i) => m.kinds[k].name === 'local_timer_vector' && m.exec.dur[i] > 5000);
      window.kutrace.setWindow(m.exec.start[r] - 20000, m.exec.start[r] + 60000);
    });
    await settle(page);
    const t = await timelines(page);
    const at = await state(() => {
      const m = window.kutrace.state().model;
      const w = window.kutrace.window();
      for (const row of m.rows.cpu)
        for (let r = row.lo; r < row.lo + row.n; r++)
          if (m.kinds[m.exec.kind[r]].name === 'local_timer_vector' && m.exec.dur[r] > 4000 && m.exec.start[r] > w.t0 && m.exec.start[r] < w.t1)
            return { share: (m.exec.start[r] + m.exec.dur[r] / 2 - w.t0) / (w.t1 - w.t0), row: m.rows.cpu.indexOf(row), record: r };
      return null;
    });
    const layout = await state(() => {
      const g = window.kutrace.layout().groups[0];
      return { top: g.top, h: g.rowHeight };
    });
    const x = t.x + t.width * at.share;
    const y = t.y + layout.top + layout.h * (at.row + 0.5);
    await page.keyboard.down('Shift');
    await page.mouse.click(x, y);
    assert.deepEqual(await S('labelled'), [{ cols: 'exec', record: at.record }]);
    await page.mouse.click(x, y);
    assert.deepEqual(await S('labelled'), []);
    await page.mouse.click(x, y, { button: 'right' });
    await page.keyboard.up('Shift');
    assert.equal(await S('query'), 'name:/^local_timer_vector$/');
    assert.equal(await S('isolate'), true);
    assert.equal((await S('labelled')).length, 1);
  });

  test('menus: of a span and of a row; by mouse and by keyboard', async () => {
    const t = await timelines(page);
    await page.mouse.click(t.x + 300, t.y + 24 + 52, { button: 'right' });
    assert.ok(await page.locator('.menu').isVisible());
    assert.ok((await page.locator('.menu button').count()) >= 10);
    await press('ArrowDown', 'ArrowDown', 'Escape');
    assert.equal(await page.locator('.menu').isVisible(), false);
    await page.mouse.click(t.x - 60, t.y + 24 + 104 * 1.5);
    await page.locator('.menu button', { hasText: 'Hide the row' }).click();
    assert.deepEqual((await S('rows')).cpu.hidden, [1]);
    assert.match(await page.locator('button[data-group=cpu]').innerText(), /CPU \(3 of 4\)/);
    await press('Control+z');
    assert.deepEqual((await S('rows')).cpu.hidden, []);
    await press('Control+y');
    assert.deepEqual((await S('rows')).cpu.hidden, [1]);
  });

  test('labels: Shift+click highlights, dragging moves, Shift+right-click takes all alike', async () => {
    const t = await timelines(page);
    const at = (i) => ({ x: t.x - 60, y: t.y + 24 + 104 * (i + 0.5) });
    await page.keyboard.down('Shift');
    await page.mouse.click(at(2).x, at(2).y);
    await page.keyboard.up('Shift');
    assert.deepEqual((await S('rows')).cpu.highlit, [2]);
    await settle(page);
    await page.mouse.move(at(0).x, at(0).y);
    await page.mouse.down();
    await page.mouse.move(at(2).x, at(2).y, { steps: 4 });
    await page.mouse.up();
    assert.deepEqual(await state(() => window.kutrace.layout().groups[0].rows.map((r) => r.key)), [1, 2, 0, 3]);
    await page.locator('button[data-group=cpu]').click();
    await page.locator('button[data-group=pid]').click();
    await settle(page);
    const row = await state(() => {
      const g = window.kutrace.layout().groups.find((b) => b.group === 'pid');
      const i = g.rows.findIndex((r) => r.label.startsWith('kworker'));
      return g.top + (i + 0.5) * g.rowHeight - window.kutrace.layout().scroll;
    });
    await page.keyboard.down('Shift');
    await page.mouse.click(t.x - 60, t.y + row, { button: 'right' });
    await page.keyboard.up('Shift');
    assert.ok((await S('rows')).pid.highlit.length > 1);
  });

  test('the scroll bar and Alt+wheel', async () => {
    await page.locator('button[data-group=pid]').click();
    await settle(page);
    const t = await timelines(page);
    await page.mouse.move(t.x + t.width + 8, t.y + 20);
    await page.mouse.down();
    await page.mouse.move(t.x + t.width + 8, t.y + 200, { steps: 3 });
    await page.mouse.up();
    assert.ok((await S('scroll')) > 50);
    const scale = await S('rowScale');
    await page.mouse.move(t.x + 300, t.y + 100);
    await page.keyboard.down('Alt');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Alt');
    assert.ok((await S('rowScale')) > scale);
  });
});

describe('rows panel, finder, palette, legend, tour, options', () => {
  test('rows: filter, sort, fold, pin, highlight, move, show all', async () => {
    await press('r');
    const rows = () =>
      state(() =>
        window.kutrace
          .layout()
          .groups.find((g) => g.group === 'pid')
          .rows.map((r) => r.label),
      );
    const all = await rows();
    await page.locator('#panel input[type=search]').fill('kworker');
    assert.ok((await rows()).every((l) => l.includes('kworker')) && (await rows()).length > 1);
    await page.locator('#panel input[type=search]').fill('');
    await page.locator('#panel label', { hasText: 'Sort' }).locator('select').selectOption('name');
    assert.deepEqual(
      await rows(),
      [...all].sort((a, b) => a.localeCompare(b)),
    );
    await page.locator('#panel label', { hasText: 'Sort' }).locator('select').selectOption('key');
    await page.locator(`#panel button[aria-label="Keep at the top: ${all[4]}"]`).click();
    assert.equal((await rows())[0], all[4]);
    await page.locator(`#panel button[aria-label="Move down: ${all[0]}"]`).click();
    assert.deepEqual((await rows()).slice(0, 3), [all[4], all[1], all[0]]);
    await page.locator('#panel label', { hasText: 'fold' }).locator('input').check();
    await state(() => {
      const { t0 } = window.kutrace.range();
      window.kutrace.setWindow(t0, t0 + 20000);
    });
    await settle(page);
    assert.ok((await rows()).length < all.length);
    await page.locator('#panel button', { hasText: 'Show all' }).click();
    assert.deepEqual(await rows(), all);
  });

  test('the row finder and the command palette', async () => {
    await press('g');
    await page.keyboard.type('serv53');
    await press('Enter');
    assert.equal((await S('open')).pid, true);
    assert.match(await page.locator('#toast').innerText(), /server4\.53/);
    await page.locator('#palette-button').click();
    await page.keyboard.type('theme');
    assert.match(await page.locator('#palette-list [aria-selected=true]').innerText(), /theme/);
    await press('Enter');
    assert.equal(await S('theme'), 'dark');
    await press('o', 'o');
    assert.equal(await S('theme'), 'light');
    await press('Control+k', 'ArrowDown', 'Escape');
    assert.equal(await page.locator('#palette').isVisible(), false);
  });

  test('the legend names what is under the pointer', async () => {
    await press('l');
    assert.ok((await page.locator('#panel figure').count()) > 35);
    const t = await timelines(page);
    await state(() => {
      const m = window.kutrace.state().model;
      const r =
        m.rows.cpu[0].lo +
        [...m.exec.kind.subarray(m.rows.cpu[0].lo, m.rows.cpu[0].lo + m.rows.cpu[0].n)].findIndex(
          (k, i) => m.kinds[k].name === '-idle-' && m.exec.dur[m.rows.cpu[0].lo + i] > 1e5,
        );
      window.kutrace.setWindow(m.exec.start[r], m.exec.start[r] + 1e5);
    });
    await settle(page);
    await page.mouse.move(t.x + 400, t.y + 24 + 52);
    await page.waitForSelector('#panel figure.lit');
    assert.match(await page.locator('#panel .under').innerText(), /Under the pointer: Idle/);
  });

  test('the tour goes through all its steps and back', async () => {
    await press('?');
    await page.locator('#help button', { hasText: 'tour' }).click();
    assert.match(await page.locator('#tour').innerText(), /1 of 8/);
    await press('Enter');
    assert.match(await page.locator('#tour').innerText(), /2 of 8/);
    await page.locator('#tour button', { hasText: 'Back' }).click();
    for (let i = 0; i < 8; i++) {
      const card = await page.locator('#tour .card').boundingBox();
      assert.ok(card.x >= 0 && card.y >= 0 && card.x + card.width <= 1600 && card.y + card.height <= 1000);
      await page.locator('#tour button', { hasText: i === 7 ? 'Done' : 'Next' }).click();
    }
    assert.equal(await page.locator('#tour').isVisible(), false);
  });

  test('labels, colours and other options change the picture and say their state', async () => {
    const shot = () => state(() => document.getElementById('picture').toDataURL() + document.getElementById('overlay').toDataURL());
    await state(() => {
      const { t0 } = window.kutrace.range();
      window.kutrace.setWindow(t0 + 3.2e7, t0 + 3.4e7);
    });
    await page.locator('button[data-group=pid]').click();
    await settle(page);
    for (const option of ['user', 'all', 'colorBy', 'safe']) {
      const b = page.locator(`button[data-option=${option}]`);
      const before = await shot();
      const title = await b.getAttribute('title');
      await b.click();
      await page.mouse.move(3, 3);
      await settle(page);
      assert.notEqual(await shot(), before, option);
      assert.notEqual(await b.getAttribute('title'), title);
      assert.match(title, /\([A-Z+a-z]+\)$/, 'names its key');
    }
    await page.locator('button[data-option=all]').click();
    await page.locator('button[data-option=all]').click();
    await settle(page);
    const tall = await shot();
    await page.locator('button[data-option=style]').click();
    await settle(page);
    assert.notEqual(await shot(), tall);
    await press('Shift+O');
  });

  test('every button and field has a name and a tooltip', async () => {
    for (const p of ['details', 'results', 'statistics', 'states', 'rows', 'notes', 'compare', 'legend', 'quality']) {
      await state((id) => window.kutrace.actions.openPanel(id), p);
      await settle(page);
      const bare = await state(() =>
        [...document.querySelectorAll('button, input, select, textarea')]
          .filter((e) => e.offsetParent !== null)
          .filter(
            (e) =>
              !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || e.labels?.[0]?.textContent.trim()) ||
              !(e.title || e.closest('[title]') || e.closest('label') || e.getAttribute('aria-label')),
          )
          .map((e) => e.outerHTML),
      );
      assert.deepEqual(bare, [], p);
    }
  });
});

test('nothing went wrong on the way', () => assert.deepEqual(v.problems, []));

describe('keeping and sharing', () => {
  test('the address holds the view: reload shows the same picture', async () => {
    const w = await browser.open(pageOfSample('hello.span.json.gz'));
    await w.page.keyboard.press('w');
    await w.page.locator('button[data-group=pid]').click();
    await w.page.locator('#search').fill('read');
    await w.page.keyboard.press('Enter');
    await w.page.locator('#picture').focus();
    await w.page.keyboard.press('u');
    await w.page.mouse.move(3, 3);
    await w.page.waitForFunction(() => location.hash.includes('label=user') && location.hash.includes('sel='));
    const shot = () => w.page.evaluate(() => document.getElementById('picture').toDataURL() + document.getElementById('overlay').toDataURL());
    const before = await shot();
    await w.page.reload();
    await w.page.waitForSelector('body[data-state=ready]');
    await w.page.waitForFunction(() => window.kutrace.state().search?.done);
    await settle(w.page);
    await settle(w.page);
    assert.equal((await shot()) === before, true);
    assert.equal(await w.page.evaluate(() => window.kutrace.state().query), 'read');
    await w.page.evaluate(() => {
      location.hash = '#open=&theme=dark';
    });
    await w.page.waitForFunction(() => window.kutrace.state().open.cpu === false && document.documentElement.dataset.theme === 'dark');
    assert.deepEqual(w.problems, []);
    await w.close();
  });

  test('an address given by hand is never written over, however soon the next write is due', async () => {
    const w = await browser.open(pageOfSample('hello.span.json.gz'));
    await w.page.evaluate(() => {
      window.kutrace.actions.zoom(0.5, 0.5);
      location.hash = '#open=&theme=dark';
      window.dispatchEvent(new Event('pagehide')); // writes at once what a timer would have written soon
    });
    await w.page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    assert.equal(await w.page.evaluate(() => window.kutrace.state().open.cpu), false);
    await w.page.keyboard.press('w');
    await w.page.waitForFunction(() => location.hash.includes('t='));
    assert.deepEqual(w.problems, []);
    await w.close();
  });

  test('notes: write, move, change, delete, undo; views: save, show, rename, delete; in a saved copy', async () => {
    const w = await browser.open(pageOfSample('hello.span.json.gz'), { acceptDownloads: true });
    const p = w.page;
    const notes = () => p.evaluate(() => window.kutrace.state().notes);
    await p.keyboard.press('Enter');
    await p.keyboard.press('b');
    await p.keyboard.type('why <b>here</b>?');
    await p.keyboard.press('Enter');
    assert.equal((await notes())[0].text, 'why <b>here</b>?');
    assert.equal(await p.locator('.bubble b').count(), 0);
    const box = await p.locator('.bubble').boundingBox();
    await p.mouse.move(box.x + 8, box.y + 8);
    await p.mouse.down();
    await p.mouse.move(box.x + 108, box.y + 68, { steps: 4 });
    await p.mouse.up();
    const [moved] = await notes();
    assert.deepEqual([moved.dx, moved.dy], [130, 30]);
    await p.locator('.bubble').dblclick();
    await p.keyboard.press('Control+a');
    await p.keyboard.type('changed');
    await p.keyboard.press('Enter');
    assert.equal((await notes())[0].text, 'changed');
    await p.locator('.bubble').focus();
    await p.keyboard.press('ArrowRight');
    assert.equal((await notes())[0].dx, 134);
    const here = await p.locator('.bubble').boundingBox();
    await shiftDrag(p, [here.x + 8, here.y + 8], [here.x + 208, here.y + 112]);
    const [pointed] = await notes();
    assert.deepEqual([pointed.key, pointed.dx], [1, 134], 'the spike went to the row below');
    assert.ok(pointed.t > moved.t);
    await p.locator('.bubble').focus();
    await p.keyboard.press('Delete');
    assert.equal((await notes()).length, 0);
    await p.keyboard.press('Control+z');
    assert.equal((await notes())[0].text, 'changed');

    await p.locator('#picture').focus();
    await p.keyboard.press('w');
    const zoomed = await p.evaluate(() => window.kutrace.window());
    await p.keyboard.press('Shift+Digit1');
    await p.keyboard.press('0');
    await p.locator('[data-view="1"]').click();
    assert.deepEqual(await p.evaluate(() => window.kutrace.window()), zoomed);
    await p.keyboard.press('0');
    await p.locator('[data-view="2"]').click({ modifiers: ['Shift'] });
    await p.evaluate(() => window.kutrace.actions.openPanel('notes'));
    await p.locator('#panel form input').fill('fig "1"');
    await p.locator('#panel form button').click();
    await p.locator('#panel input[aria-label="Name of the view"]').nth(5).fill('figure 1');
    await p.keyboard.press('Tab');
    assert.equal(await p.locator('[data-view="5"]').innerText(), 'figure 1');
    await p
      .locator('#panel li', { has: p.locator('input[aria-label="Text of the note"]') })
      .locator('button.link')
      .click();

    const copy = writeTemporary((await saved(p, () => p.keyboard.press('Control+s'))).bytes);
    const lists = JSON.parse((await saved(p, () => p.locator('#panel button', { hasText: 'Export JSON' }).click())).bytes.toString());
    assert.equal(lists.extra[0][9], 'changed');
    assert.equal(lists.extra[0][5], -4);
    assert.equal(lists.savedview[5][0], 'figure 1');

    const again = await browser.open(copy, { acceptDownloads: true });
    assert.deepEqual(await again.page.evaluate(() => window.kutrace.counts()), await p.evaluate(() => window.kutrace.counts()));
    assert.equal(await again.page.locator('.bubble').innerText(), 'changed');
    assert.equal(await again.page.locator('[data-view="5"]').innerText(), 'figure 1');
    await again.page.locator('[data-view="1"]').click();
    assert.deepEqual(await again.page.evaluate(() => window.kutrace.window()), zoomed);
    const second = await saved(again.page, () => again.page.keyboard.press('Control+s'));
    const grown = second.bytes.length - readFileSync(copy).length;
    assert.ok(Math.abs(grown) < 2000, `a copy of a copy grows by ${grown} bytes`);
    assert.deepEqual(again.problems, []);
    await again.close();

    await p.locator('#panel li button[aria-label="Delete this view"]').nth(5).click();
    assert.equal(await p.locator('[data-view="5"]').count(), 0);
    await p.locator('#panel .panel-main input[type=file]').setInputFiles({
      name: 'n.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ extra: [[48.9, 1e-8, 1, 0, 0, -4, 0, 0, 0, 'read in']] })),
    });
    await p.waitForFunction(() => window.kutrace.state().notes[0]?.text === 'read in');
    assert.deepEqual(w.problems, []);
    await w.close();
  });

  test('pictures and tables are saved', async () => {
    const w = await browser.open(pageOfSample('rpc.span.json.gz'), { acceptDownloads: true });
    const p = w.page;
    const save = async (name) => (await saved(p, () => p.locator('#panel button', { hasText: name }).click())).bytes;
    await p.keyboard.press('u');
    await p.keyboard.press('v');
    const png = await save('PNG');
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.length > 10000);
    const svg = (await save('SVG')).toString();
    assert.match(svg, /^<svg [^>]+width="\d+"/);
    assert.ok(svg.includes('CPU 3') && svg.includes('</svg>'));
    const drawn = await p.evaluate(async (text) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
      await image.decode();
      return image.width;
    }, svg);
    assert.equal(drawn, await p.evaluate(() => document.getElementById('picture').clientWidth));
    await p.keyboard.press('t');
    await p.waitForSelector('#panel table tbody tr');
    const csv = (await save('CSV')).toString().split('\r\n');
    assert.match(csv[0], /^What,Count,Total,% of all/);
    assert.equal(csv.length - 2, await p.locator('#panel tbody tr').count());
    assert.deepEqual(w.problems, []);
    await w.close();
  });

  test('on a phone: touch selects, pans, pinches and opens the menu; nothing is wider than the screen', async () => {
    const w = await browser.open(pageOfSample('hello.span.json.gz'), { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    const p = w.page;
    const touch = await fingers(p);
    const wn = () => p.evaluate(() => window.kutrace.window());
    const t = await timelines(p);
    const y = t.y + 70;
    const full = await wn();
    await touch('touchStart', [t.x + 80, y], [t.x + 120, y]);
    for (let i = 1; i <= 5; i++) await touch('touchMove', [t.x + 80 - i * 8, y], [t.x + 120 + i * 8, y]);
    await touch('touchEnd');
    await settle(p);
    const pinched = await wn();
    assert.ok(width(pinched) < width(full) * 0.6, 'a pinch zooms');
    await touch('touchStart', [t.x + 150, y]);
    for (let i = 1; i <= 5; i++) await touch('touchMove', [t.x + 150 - i * 15, y]);
    await touch('touchEnd');
    await settle(p);
    assert.ok((await wn()).t0 > pinched.t0, 'a finger pans');
    await p.touchscreen.tap(t.x + 100, y);
    await settle(p);
    assert.ok(await p.evaluate(() => window.kutrace.selection()), 'a tap selects');
    await p.evaluate(() => window.kutrace.actions.openPanel('details'));
    await touch('touchStart', [t.x + 100, y]);
    await p.waitForSelector('.menu:not([hidden])');
    await touch('touchEnd');
    assert.equal(await p.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.deepEqual(w.problems, []);
    await w.close();
  });

  test('fingers: two taps zoom in once; a second finger joins a drag; what is between them stays there', async () => {
    const w = await browser.open(pageOfSample('hello.span.json.gz'), { viewport: { width: 1400, height: 740 }, hasTouch: true });
    const p = w.page;
    const touch = await fingers(p);
    const at = async (x) => {
      const { t0, t1 } = await p.evaluate(() => window.kutrace.window());
      const t = await timelines(p);
      return { time: t0 + ((x - t.x) / t.width) * (t1 - t0), width: t1 - t0, px: (t1 - t0) / t.width };
    };
    const t = await timelines(p);
    const x = t.x + 300;
    const y = t.y + 70;
    const full = await at(x);
    /** @type {object|null} what the first tap selected */
    let selected = null;
    // Two taps are one gesture when they are less than half a second apart, which a busy machine does not promise.
    for (let tries = 0; tries < 10 && (await at(x)).width === full.width; tries++) {
      await p.evaluate(() => window.kutrace.actions.select(null));
      await p.evaluate(() => window.kutrace.actions.openPanel('')); // closes it
      await settle(p);
      await p.waitForTimeout(600);
      await p.touchscreen.tap(x, y);
      await settle(p);
      assert.notEqual((await timelines(p)).width, t.width, 'the first opens a panel');
      selected = await p.evaluate(() => window.kutrace.selection());
      await p.touchscreen.tap(x, y);
      await settle(p);
    }
    const twice = await at(x);
    assert.ok(Math.abs(twice.width / full.width - 0.5) < 1e-9, `two taps: ${twice.width / full.width}`);
    assert.ok(Math.abs(twice.time - full.time) < twice.px, 'about what the first was on');
    assert.deepEqual(await p.evaluate(() => window.kutrace.selection()), selected, 'which stays selected');
    await touch('touchStart', [x, y]);
    await touch('touchMove', [x - 20, y]);
    await touch('touchMove', [x - 40, y]);
    await settle(p);
    const dragged = await at(x - 40);
    assert.ok(Math.abs(dragged.time - twice.time) < twice.px, 'what was taken is under the finger');
    const middle = await at(x + 10);
    await touch('touchStart', [x - 40, y], [x + 60, y]);
    await touch('touchMove', [x - 90, y], [x + 110, y]);
    await touch('touchEnd');
    await settle(p);
    const pinched = await at(x + 10);
    assert.ok(Math.abs(pinched.width / dragged.width - 0.5) < 1e-9, `a pinch: ${pinched.width / dragged.width}`);
    assert.ok(Math.abs(pinched.time - middle.time) < pinched.px, 'the middle stays');
    assert.deepEqual(w.problems, []);
    await w.close();
  });

  test('text at 200 %: nothing is cut off below', async () => {
    const w = await browser.open(pageOfSample('hello.span.json.gz'));
    await w.page.evaluate(() => {
      document.documentElement.style.fontSize = '32px';
    });
    await settle(w.page);
    const box = await w.page.evaluate(() => ({
      picture: document.getElementById('picture').clientHeight,
      bottom: document.querySelector('footer').getBoundingClientRect().bottom,
      wide: document.documentElement.scrollWidth,
    }));
    assert.ok(box.picture > 500 && Math.floor(box.bottom) <= 1000 && box.wide <= 1600, JSON.stringify(box));
    await w.close();
  });
});
