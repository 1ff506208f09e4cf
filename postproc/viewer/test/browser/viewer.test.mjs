// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { useBrowser, onlyChromium, pageOfSample, pixels, settle, timelines } from './page.mjs';

const browser = useBrowser();
let view;
let page;
before(async () => {
  view = await browser.open(pageOfSample('hello.span.json.gz'));
  page = view.page;
});

const state = (expression) => page.evaluate(expression);
const windowNow = () => state(() => window.kutrace.window());
const width = (w) => w.t1 - w.t0;
const reset = async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('#picture').focus();
  await page.keyboard.press('0');
  await settle(page);
};

describe('a real trace', () => {
  test('loads without complaint and is not blank', async () => {
    assert.deepEqual(await state(() => window.kutrace.counts()), { exec: 5994, aux: 1359, kinds: 139, cpus: 2, threads: 24, rpcs: 0 });
    assert.equal(await page.title(), 't1 (kutrace)');
    const p = await pixels(page);
    assert.ok(p.colors > 20 && p.painted > 0.02, JSON.stringify(p));
    assert.equal(await page.locator('#progress').isVisible(), false);
  });

  test('time of every class is conserved in any window', async () => {
    const r = await state(() => window.kutrace.range());
    const sum = (list) => list.map(({ ticks }) => Object.values(ticks).reduce((a, b) => a + b, 0));
    const middle = Math.floor((r.t0 + r.t1) / 2);
    const times = await page.evaluate(
      ([a, m, b]) =>
        [
          [a, b],
          [a, m],
          [m, b],
        ].map(([x, y]) => window.kutrace.classTime(x, y)),
      [r.t0, middle, r.t1],
    );
    const [all, first, second] = times.map(sum);
    all.forEach((v, i) => assert.equal(v, first[i] + second[i]));
    assert.ok(all.every((v) => v > 0.95 * (r.t1 - r.t0)));
  });

  test('wheel zooms at the pointer: the time there stays', async () => {
    await reset();
    const t = await timelines(page);
    const x = Math.round(t.x + t.width * 0.3);
    const share = (x - t.x) / t.width;
    const at = (w) => w.t0 + width(w) * share;
    await page.mouse.move(x, t.y + 60);
    const first = await windowNow();
    for (let i = 0; i < 5; i++) {
      await page.mouse.wheel(0, -240);
      await settle(page);
    }
    const second = await windowNow();
    assert.ok(width(second) < width(first) / 20);
    assert.ok(Math.abs(at(second) - at(first)) < width(second) / 500, `${at(first)} ${at(second)}`);
    await page.mouse.wheel(0, 5000);
    await settle(page);
    assert.deepEqual(await windowNow(), first, 'zooming out stops at the trace');
  });

  test('dragging moves time with the pointer and stops at the ends', async () => {
    await reset();
    const r = await state(() => window.kutrace.range());
    await page.evaluate(({ t0, t1 }) => window.kutrace.setWindow(t0 + (t1 - t0) * 0.4, t0 + (t1 - t0) * 0.5), r);
    await settle(page);
    const t = await timelines(page);
    const first = await windowNow();
    await page.mouse.move(t.x + 500, t.y + 60);
    await page.mouse.down();
    await page.mouse.move(t.x + 400, t.y + 60, { steps: 5 });
    await page.mouse.up();
    const second = await windowNow();
    assert.ok(Math.abs(second.t0 - first.t0 - (width(first) / t.width) * 100) < width(first) / t.width);
    assert.equal(await state(() => window.kutrace.selection()), null, 'a drag selects nothing');
    await page.evaluate(({ t0 }) => window.kutrace.setWindow(t0, t0 + 1e6), r);
    await page.mouse.move(t.x + 100, t.y + 60);
    await page.mouse.down();
    await page.mouse.move(t.x + 900, t.y + 60, { steps: 5 });
    await page.mouse.up();
    assert.equal((await windowNow()).t0, r.t0);
  });

  test('a picture that was moved equals one painted anew', async () => {
    await reset();
    await page.locator('button[data-group=pid]').click();
    const r = await state(() => window.kutrace.range());
    for (const share of [1 / 3, 1 / 50, 1 / 3000]) {
      await page.evaluate(({ t0, t1, k }) => window.kutrace.setWindow(t0 + (t1 - t0) * 0.31, t0 + (t1 - t0) * (0.31 + k)), { ...r, k: share });
      await settle(page);
      const t = await timelines(page);
      await page.mouse.move(t.x + 600, t.y + 400);
      await page.mouse.down();
      for (const [x, y] of [
        [570, 380],
        [640, 395],
        [500, 300],
        [505, 330],
      ]) {
        await page.mouse.move(t.x + x, t.y + y);
        await settle(page);
      }
      await page.mouse.up();
      await page.mouse.move(5, 5);
      await settle(page);
      const shot = () => state(() => document.getElementById('picture').toDataURL());
      const moved = await shot();
      for (let i = 0; i < 3; i++) {
        // light, dark, high contrast, light
        await page.locator('#theme').click();
        await settle(page);
      }
      await page.mouse.move(5, 5);
      await settle(page);
      assert.equal((await shot()) === moved, true, `window of ${share}`);
    }
    await page.locator('button[data-group=pid]').click();
    await page.evaluate(() => window.kutrace.actions.scroll(-1e9));
  });

  test('on a slow machine rows wait for their turn, and the picture ends as one painted anew', { skip: onlyChromium }, async () => {
    await reset();
    await page.locator('button[data-group=pid]').click();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 20 });
    const t = await timelines(page);
    await page.mouse.move(t.x + 600, t.y + 200);
    const waited = await state(async () => {
      let frames = 0;
      for (let k = 0; k < 6; k++) {
        const w = window.kutrace.window();
        window.kutrace.setWindow(w.t0 + (w.t1 - w.t0) * 0.1, w.t1 - (w.t1 - w.t0) * 0.05);
        await new Promise((r) => {
          requestAnimationFrame(r);
        });
        await new Promise((r) => {
          setTimeout(r, 0);
        });
        frames += window.kutrace.settled() ? 0 : 1;
      }
      return frames;
    });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    assert.ok(waited > 0, 'some rows had to wait');
    await page.mouse.move(5, 5);
    const shot = () => state(() => document.getElementById('picture').toDataURL());
    const zoomed = await shot();
    for (let i = 0; i < 3; i++) await page.locator('#theme').click();
    await page.mouse.move(5, 5);
    assert.equal((await shot()) === zoomed, true);
    await page.locator('button[data-group=pid]').click();
  });

  test('double-click zooms', async () => {
    await reset();
    const t = await timelines(page);
    const first = await windowNow();
    await page.mouse.dblclick(t.x + 700, t.y + 60);
    await settle(page);
    assert.ok(Math.abs(width(await windowNow()) / width(first) - 0.5) < 0.01);
  });

  test('double-click zooms about what the first click was on, which opens a panel and stays selected', { skip: onlyChromium }, async () => {
    await reset();
    const at = async (x) => {
      const t = await timelines(page);
      const w = await windowNow();
      return { time: w.t0 + ((x - t.x) / t.width) * width(w), width: width(w), px: width(w) / t.width, across: t.width };
    };
    const t = await timelines(page);
    const [x, y] = [t.x + 600, t.y + 60];
    const first = await at(x);
    await page.mouse.click(x, y);
    const selected = await state(() => window.kutrace.selection());
    assert.ok((await at(x)).across < first.across, 'a panel takes its room');
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    const second = await at(x);
    assert.ok(Math.abs(second.width / first.width - 0.5) < 1e-9);
    assert.ok(Math.abs(second.time - first.time) < second.px);
    assert.deepEqual(await state(() => window.kutrace.selection()), selected);
  });

  test('keys zoom, pan, fit and step', async () => {
    await reset();
    const full = await windowNow();
    for (const key of ['w', 'W', '+']) await page.keyboard.press(key);
    const zoomed = await windowNow();
    assert.ok(width(zoomed) < width(full) / 3);
    await page.keyboard.press('d');
    assert.ok((await windowNow()).t0 > zoomed.t0);
    await page.keyboard.press('ArrowLeft');
    assert.ok(Math.abs((await windowNow()).t0 - zoomed.t0) < width(zoomed) / 1000);
    await page.keyboard.press('End');
    assert.equal((await windowNow()).t1, full.t1);
    await page.keyboard.press('Home');
    assert.equal((await windowNow()).t0, full.t0);
    await page.keyboard.press('0');
    assert.deepEqual(await windowNow(), full);
    await page.evaluate(() => window.kutrace.actions.select({ cols: 'exec', record: 100 }, 'cpu'));
    await page.keyboard.press('f');
    const fitted = await windowNow();
    const span = await state(() => {
      const { exec } = window.kutrace.state().model;
      return [exec.start[100], exec.dur[100]];
    });
    assert.ok(fitted.t0 <= span[0] && fitted.t1 >= span[0] + span[1] && width(fitted) < Math.max(20, span[1] * 1.5));
    await page.keyboard.press('.');
    assert.equal((await state(() => window.kutrace.selection())).record, 101);
    await page.keyboard.press(',');
    await page.keyboard.press(',');
    assert.equal((await state(() => window.kutrace.selection())).record, 99);
    await page.keyboard.press('?');
    assert.ok(await page.locator('#help').isVisible());
    assert.ok((await page.locator('#help canvas').count()) > 30, 'legend');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#help').isVisible(), false);
  });

  test('hover tells, click selects, the panel gives details and copies', async () => {
    await reset();
    await page.evaluate(() => window.kutrace.actions.select({ cols: 'exec', record: 3 }, 'cpu'));
    await page.keyboard.press('f');
    await page.keyboard.press('Escape');
    await settle(page);
    const t = await timelines(page);
    await page.mouse.move(t.x + t.width / 2, t.y + 24 + 60);
    await settle(page);
    assert.match(await page.locator('#tooltip').innerText(), /read/);
    assert.match(await page.locator('#hover-line').innerText(), /02:50:48/);
    await page.mouse.click(t.x + t.width / 2, t.y + 24 + 60);
    await settle(page);
    const text = await page.locator('#panel').innerText();
    for (const word of ['read', 'system call 0', 'CPU', 'kutrace_control (37)', '2026-11-21 02:50:48', 'Duration', 'Return', 'IPC'])
      assert.ok(text.includes(word), `${word} in ${text}`);
    await page.locator('#panel button.wide').click();
    await page.waitForFunction(() => document.querySelector('#panel button.wide')?.textContent === 'Copied');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#panel').isVisible(), false);
  });

  test('search counts, steps, marks, and explains a bad pattern', async () => {
    await reset();
    const plain = await pixels(page);
    await page.keyboard.press('/');
    await page.keyboard.type('PAGE_f');
    await page.waitForFunction(() => /found/.test(document.getElementById('search-result').textContent));
    assert.match(await page.locator('#search-result').innerText(), /^867 found, total 13.30 ms, 0 ns to 408.0 µs/);
    await settle(page);
    assert.ok((await pixels(page)).colors > plain.colors, 'matches are coloured');
    await page.keyboard.press('Enter');
    const first = await state(() => window.kutrace.selection());
    await page.keyboard.press('Enter');
    const second = await state(() => window.kutrace.selection());
    assert.notDeepEqual(first, second);
    await page.keyboard.press('Shift+Enter');
    assert.deepEqual(await state(() => window.kutrace.selection()), first);
    await page.locator('#picture').focus();
    await page.keyboard.press('n');
    assert.deepEqual(await state(() => window.kutrace.selection()), second);
    await page.keyboard.press('N');
    assert.deepEqual(await state(() => window.kutrace.selection()), first);
    await page.locator('#search').fill('/(/');
    assert.match(await page.locator('#search-result').innerText(), /Bad pattern/);
    await page.locator('#search').fill('zzz');
    assert.equal(await page.locator('#search-result').innerText(), 'no match');
    await page.locator('#search').fill('');
    assert.equal(await page.locator('#search-result').innerText(), '');
  });

  test('groups open by click and by Enter, and rows scroll', async () => {
    await reset();
    const header = page.locator('button[data-group=pid]');
    assert.equal(await header.getAttribute('aria-expanded'), 'false');
    await header.click();
    await settle(page);
    assert.equal(await header.getAttribute('aria-expanded'), 'true');
    assert.ok((await pixels(page, { x: 195, y: 200, width: 1000, height: 400 })).painted > 0.01);
    await page.keyboard.press('PageDown');
    assert.ok((await state(() => window.kutrace.state().scroll)) >= 0);
    await page.keyboard.press('PageUp');
    assert.equal(await state(() => window.kutrace.state().scroll), 0);
    await header.focus();
    await page.keyboard.press('Enter');
    await settle(page);
    assert.equal(await header.getAttribute('aria-expanded'), 'false');
  });

  test('toggles say their state and change the picture', async () => {
    await reset();
    for (const key of ['marks', 'arcs', 'waits', 'ipc', 'samples', 'fade']) {
      const button = page.locator(`button[data-toggle=${key}]`);
      const title = await button.getAttribute('title');
      assert.match(title, /: .+; next: .+\(Shift\+[A-Z]\)$/, 'state and key');
      const was = await button.getAttribute('aria-pressed');
      await button.click();
      assert.notEqual(await button.getAttribute('title'), title);
      for (let n = 0; (await button.getAttribute('title')) !== title; n++) {
        assert.ok(n < 4, `${key} returns to its first state`);
        await button.click();
      }
      assert.equal(await button.getAttribute('aria-pressed'), was);
    }
    await settle(page);
    const shot = () => state(() => document.getElementById('picture').toDataURL());
    const before = await shot();
    await page.locator('button[data-toggle=samples]').click();
    await settle(page);
    assert.notEqual(await shot(), before);
    await page.locator('button[data-toggle=samples]').click();
    await page.locator('button[data-toggle=samples]').click();
    assert.ok(await page.locator('button[data-toggle=freq]').isDisabled(), 'constant frequency');
  });

  test('the theme follows the system and can be changed', async () => {
    assert.deepEqual((await pixels(page)).background, [255, 255, 255]);
    await page.locator('#theme').click();
    await settle(page);
    assert.ok((await pixels(page)).background[0] < 40);
    await page.locator('#theme').click();
    await settle(page);
    assert.deepEqual((await pixels(page)).background, [0, 0, 0], 'high contrast');
    await page.locator('#theme').click();
    const dark = await browser.open(pageOfSample('hello.span.json.gz'), { colorScheme: 'dark' });
    assert.ok((await pixels(dark.page)).background[0] < 40);
    assert.deepEqual(dark.problems, []);
    await dark.close();
  });

  test('resizing keeps the window of time', async () => {
    await page.evaluate(() => {
      const r = window.kutrace.range();
      window.kutrace.setWindow(r.t0 + 1e6, r.t0 + 2e6);
    });
    const first = await windowNow();
    await page.setViewportSize({ width: 900, height: 600 });
    await settle(page);
    assert.deepEqual(await windowNow(), first);
    await page.setViewportSize({ width: 1600, height: 1000 });
    await settle(page);
  });

  test('nothing went wrong on the way, and nothing was asked of a network', () => {
    assert.deepEqual(view.problems, []);
  });
});

test('an RPC trace shows its RPC rows, packets and messages', async () => {
  const v = await browser.open(pageOfSample('rpc.span.json.gz'));
  await v.page.locator('button[data-group=pid]').click();
  await settle(v.page);
  await v.page.locator('button[data-group=rpc]').click(); // below the threads, but in sight
  await settle(v.page);
  assert.ok((await v.page.evaluate(() => window.kutrace.counts().rpcs)) > 0);
  assert.ok((await pixels(v.page)).colors > 30);
  await v.page.locator('#picture').hover({ position: { x: 700, y: 400 } });
  assert.deepEqual(v.problems, []);
  await v.close();
});
