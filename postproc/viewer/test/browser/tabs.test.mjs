// SPDX-License-Identifier: BSD-3-Clause
// The tabs beside the timeline, used as a person does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSpanFile } from '../encode-payload.mjs';
import { expectPicture } from './golden.mjs';
import { useBrowser, dataFile, fingers, inFirefox, pageOf, pageOfSample, saved, settle, shiftDrag, template, writeTemporary } from './page.mjs';

const samples = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../../tests/data');
const sample = (name) => path.join(samples, name);
const text = (name) => readFileSync(sample(name), 'utf8');
const DOCUMENTS = ['rpc_log.json', 'disk_read_times.json', 'tcp_offsets.json'];

const browser = useBrowser();
let all;
before(async () => {
  all = pageOf({ ...readSpanFile(dataFile('rpc.span.json.gz')), documents: DOCUMENTS.map((name) => ({ name, text: text(name) })) });
});

const canvasOf = (page) => page.locator('.chart-canvas:visible');
const look = (page) => page.evaluate(() => window.kutrace.state().looks[window.kutrace.state().tab]);
const scene = (page) => page.evaluate(() => window.kutrace.chart());
const tab = async (page, id) => {
  await page.locator(`[data-tab="${id}"]`).click();
  await settle(page);
};
const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
  await settle(page);
};
const tool = (page, action) => page.locator(`.chart-pane:visible [data-action=${action}]`).first();
/** Place on the page of a point of the canvas. */
const onCanvas = async (page, x, y) => {
  const box = await canvasOf(page).boundingBox();
  return [box.x + x, box.y + y];
};

describe('a page with a trace, an RPC log and two plots', () => {
  let view;
  let page;
  before(async () => {
    view = await browser.open(all);
    page = view.page;
  });
  beforeEach(async () => {
    await tab(page, 'timeline');
    await page.evaluate(() => window.kutrace.setLooks({}));
    await settle(page);
  });

  test('tabs: one for each view, by click, by Z, by arrow keys; the timeline keeps its place', async () => {
    const names = await page.locator('#tabs [role=tab]').allInnerTexts();
    assert.deepEqual(names, [
      'Timeline',
      'RPCs',
      'Message delay',
      'Three clients, two servers',
      'Disk read, 4 KB blocks',
      'Capture clock minus trace clock',
    ]);
    const before = await page.evaluate(() => window.kutrace.window());
    await press(page, 'z');
    assert.equal(await page.locator('#tabs [aria-selected=true]').innerText(), 'RPCs');
    assert.equal(await page.locator('#charts').isVisible(), true);
    await press(page, 'w', 'd', 'a', '0');
    assert.deepEqual(await page.evaluate(() => window.kutrace.window()), before, 'keys of the tab leave the timeline alone');
    await press(page, 'Shift+Z');
    assert.equal(await page.locator('#charts').isVisible(), false);
    await page.locator('[data-tab=timeline]').focus();
    await press(page, 'ArrowRight');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.tab), 'rpc');
    await press(page, 'ArrowLeft', 'ArrowLeft');
    assert.equal(await page.locator('#tabs [aria-selected=true]').innerText(), 'Capture clock minus trace clock', 'it goes round');
  });

  test('every tool has a tooltip that names its key; those that are on or off say so', async () => {
    for (const id of ['rpc', 'doc2']) {
      await tab(page, id);
      for (const button of await page.locator('.chart-tools:visible button').all()) {
        const title = await button.getAttribute('title');
        assert.ok(title && title.length > 5, await button.innerText());
        if ((await button.getAttribute('aria-pressed')) !== null) assert.match(title, /\(.+\): (on|off)$/);
      }
    }
    await tab(page, 'rpc');
    assert.equal(await tool(page, 'relative').getAttribute('title'), 'Start every row at 0 (R): off');
    await tool(page, 'relative').click();
    await settle(page);
    assert.equal(await tool(page, 'relative').getAttribute('title'), 'Start every row at 0 (R): on');
  });

  test('RPCs: order, colour, relative, labels, text size, row height by key and by control', async () => {
    await tab(page, 'rpc');
    assert.match(await page.locator('.chart-status:visible').innerText(), /^40 of 40 RPCs.*the longest 14\.45 ms/);
    await press(page, 'o', 'o');
    assert.equal((await look(page)).sort, 'longest');
    assert.equal((await scene(page)).rows[0].row, 0, 'ping.58512 took longest');
    await page.locator('select[data-action=sort]:visible').selectOption('shortest');
    await settle(page);
    assert.equal((await scene(page)).rows[39].row, 0);
    await press(page, 'Escape');
    await canvasOf(page).focus();
    await press(page, 'c', 'r', 'l', 't', ']');
    const l = await look(page);
    assert.deepEqual([l.color, l.relative, l.annotate, l.textScale, l.rowScale], ['client', true, true, 1.25, 1.25]);
    const s = await scene(page);
    for (const row of s.rows) assert.ok(Math.abs(row.bars[0].x0 - s.layout.left) < 1e-6, 'every row starts at 0');
    assert.ok((await page.locator('.chart-legend:visible button').allInnerTexts()).some((t) => t.startsWith('sh+client4.61 20')));
    await press(page, '0');
    assert.deepEqual([(await look(page)).relative, (await look(page)).sort], [false, 'file']);
  });

  test('RPCs: search with bounds and inversion; matches are stepped through; only matches', async () => {
    await tab(page, 'doc1');
    await press(page, '/');
    await page.keyboard.type('write');
    await settle(page);
    assert.match(await page.locator('.chart-result:visible').innerText(), /^27 found, total 61\.85 ms, 1\.501 ms to 6\.524 ms$/);
    await press(page, 'Enter');
    assert.equal((await look(page)).selected, 0);
    await press(page, 'Enter');
    assert.equal((await look(page)).selected, 1);
    await press(page, 'Shift+Enter');
    assert.equal((await look(page)).selected, 0);
    await page.locator('.bound:visible').first().fill('2000.5');
    await settle(page);
    assert.match(await page.locator('.chart-result:visible').innerText(), /^\d+ found, total .*, 2\.\d+ ms to 6\.524 ms$/);
    await tool(page, 'only').click();
    await settle(page);
    const { rows } = await scene(page);
    assert.ok(rows.length > 0 && rows.length < 27);
    await tool(page, 'invert').click();
    await settle(page);
    assert.equal((await scene(page)).layout.count, 120 - rows.length);
    await page.locator('.chart-search:visible input[type=search]').fill('/(/');
    await settle(page);
    assert.match(await page.locator('.chart-result:visible').innerText(), /^Bad pattern/);
    await page.keyboard.press('Escape'); // the selection
    await press(page, 'Escape');
    assert.equal((await look(page)).query.text, '');
  });

  test('RPCs: wheel zooms at the pointer, drag moves time and rows, Shift+wheel scrolls', async () => {
    await tab(page, 'doc1');
    const first = await scene(page);
    const x = first.layout.left + 400;
    const time = (s) => s.t0 + (x - s.layout.left) * s.tpp;
    await page.mouse.move(...(await onCanvas(page, x, 200)));
    for (let i = 0; i < 4; i++) {
      await page.mouse.wheel(0, -240);
      await settle(page);
    }
    const second = await scene(page);
    assert.ok(second.tpp < first.tpp / 10);
    assert.ok(Math.abs(time(second) - time(first)) < second.tpp * 2);
    const key = async () => {
      await press(page, ']', ']', ']', ']');
    };
    await key();
    await page.mouse.down();
    await page.mouse.move(...(await onCanvas(page, x - 100, 150)), { steps: 4 });
    await page.mouse.up();
    await settle(page);
    const third = await scene(page);
    assert.ok(Math.abs(third.t0 - second.t0 - 100 * second.tpp) < second.tpp * 2);
    assert.equal(third.layout.scroll, 50);
    assert.equal((await look(page)).selected ?? -1, -1, 'a drag selects nothing');
    await page.keyboard.down('Shift');
    await page.mouse.wheel(0, 240);
    await page.keyboard.up('Shift');
    await settle(page);
    assert.ok((await scene(page)).layout.scroll > 50);
  });

  test('RPCs: measuring snaps to T1 to T4, with Shift or with the tool', async () => {
    await tab(page, 'rpc');
    await press(page, 'o', 'o', 'r');
    const s = await scene(page);
    const [row] = s.rows;
    const drag = async () => {
      await page.mouse.move(...(await onCanvas(page, row.ticks[1] - 6, row.y + 4)));
      await page.mouse.down();
      await page.mouse.move(...(await onCanvas(page, row.ticks[2] + 6, row.y + 4)), { steps: 4 });
      await page.mouse.up();
      await settle(page);
    };
    await page.keyboard.down('Shift');
    await drag();
    await page.keyboard.up('Shift');
    assert.deepEqual((await look(page)).measure, { a: { row: 0, k: 1 }, b: { row: 0, k: 2 } });
    assert.match(await page.locator('.chart-status:visible').innerText(), /^T2 to T3: 675\.0 µs/);
    await press(page, 'Escape');
    assert.equal((await look(page)).measure, null);
    await press(page, 'm');
    await drag();
    assert.ok((await look(page)).measure);
  });

  test('RPCs: a click selects, tells everything, and moves the timeline there; J and the button show it', async () => {
    await tab(page, 'rpc');
    const s = await scene(page);
    const row = s.rows[14];
    await page.mouse.click(...(await onCanvas(page, row.bars[0].x0 + 2, row.y + 3)));
    await settle(page);
    assert.equal((await look(page)).selected, 14);
    const panel = await page.locator('.chart-panel:visible').innerText();
    for (const word of ['ping.57030', 'T1 request sent', '2026-11-21 02:59:44', 'Server (T2 to T3)', 'thread 53', 'running', '1,024 bytes'])
      assert.ok(panel.includes(word), `${word} in ${panel}`);
    await page.locator('.chart-panel:visible button.wide').click();
    await settle(page);
    const state = await page.evaluate(() => {
      const { tab: shown, window: span, open, model } = window.kutrace.state();
      return { tab: shown, window: span, open, ns: model.nsPerTick };
    });
    assert.equal(state.tab, 'timeline');
    assert.equal(state.open.rpc, true);
    const middle = ((state.window.t0 + state.window.t1) / 2) * state.ns;
    assert.ok(middle > 44.78e9 && middle < 44.8e9, String(middle));
    await press(page, 'z', '.', 'j');
    assert.equal(await page.evaluate(() => window.kutrace.state().tab), 'timeline');
  });

  test('an RPC log leads to the trace by its own minute; what is outside the trace says so', async () => {
    await tab(page, 'doc1');
    await press(page, '.', 'Enter');
    const { window: w, tab: now } = await page.evaluate(() => window.kutrace.state());
    assert.equal(now, 'timeline');
    assert.ok(w.t0 * 10 <= 44.70639616e9 && w.t1 * 10 >= 44.70799443e9);
    await tab(page, 'doc2');
    await press(page, '.', 'j');
    assert.equal(await page.evaluate(() => window.kutrace.state().tab), 'doc2');
    assert.match(await page.locator('.chart-status:visible').innerText(), /does not say on which day/);
  });

  test('plots: wheel zooms both axes, over an axis only that one; X and Y; drag; triangle with slope', async () => {
    await tab(page, 'doc2');
    const first = await page.evaluate(
      () =>
        window.kutrace
          .state()
          .charts.find((s) => s.id === 'doc2')
          .data().area,
    );
    const width = (a) => a.x1 - a.x0;
    const height = (a) => a.y1 - a.y0;
    await page.mouse.move(...(await onCanvas(page, 500, 300)));
    await page.mouse.wheel(0, -240);
    await settle(page);
    const both = await look(page);
    assert.ok(Math.abs(width(both) / width(first) - 0.5) < 1e-6 && Math.abs(height(both) / height(first) - 0.5) < 1e-6);
    const { layout } = await scene(page);
    await page.mouse.move(...(await onCanvas(page, 500, layout.bottom + 15)));
    await page.mouse.wheel(0, -240);
    await settle(page);
    const onlyX = await look(page);
    assert.ok(width(onlyX) < width(both) * 0.51 && height(onlyX) === height(both));
    await page.mouse.move(...(await onCanvas(page, 20, 300)));
    await page.mouse.wheel(0, -240);
    await settle(page);
    assert.ok(height(await look(page)) < height(onlyX) * 0.51);
    await press(page, 'X', 'Y', '0');
    assert.ok(Math.abs(width(await look(page)) - width(first)) < 1e-9);
    const s = await scene(page);
    const place = (x, y) => onCanvas(page, s.layout.left + x, y);
    await shiftDrag(page, await place(300, s.layout.bottom - 20), await place(700, s.layout.top + 30));
    await settle(page);
    assert.match(await page.locator('.chart-status:visible').innerText(), /^Δx [\d.]+ ms, Δy [\d.]+ MiB, slope [\d.]+ MiB\/s/);
    const m = (await look(page)).measure;
    const rate = ((m.by - m.ay) * 4096) / (m.bx - m.ax) / 2 ** 20;
    assert.equal((await scene(page)).measure.slope, `${Number(rate.toPrecision(4))} MiB/s`);
  });

  test('plots: hovering tells the point, a click selects it, . and , go on', async () => {
    await tab(page, 'doc3');
    const s = await scene(page);
    const place = await page.evaluate(() => {
      const plot = window.kutrace
        .state()
        .charts.find((x) => x.id === 'doc3')
        .data();
      return { x: plot.x[10], y: plot.series[0].y[10], area: plot.area };
    });
    const at = [
      s.layout.left + ((place.x - place.area.x0) / (place.area.x1 - place.area.x0)) * (s.layout.right - s.layout.left),
      s.layout.bottom - ((place.y - place.area.y0) / (place.area.y1 - place.area.y0)) * (s.layout.bottom - s.layout.top),
    ];
    await page.mouse.move(...(await onCanvas(page, ...at)));
    await settle(page);
    assert.match(await page.locator('.chart-tip:visible').innerText(), new RegExp(`${place.x}`));
    await page.mouse.click(...(await onCanvas(page, ...at)));
    await settle(page);
    assert.equal((await look(page)).selected, 10);
    await press(page, '.');
    assert.equal((await look(page)).selected, 11);
    await press(page, ',', ',');
    assert.equal((await look(page)).selected, 9);
    await press(page, 'Escape');
    assert.equal(await page.locator('.chart-panel:visible').count(), 0);
  });

  test('tables and pictures can be saved', async () => {
    await tab(page, 'doc1');
    const save = (action) => saved(page, () => tool(page, action).click());
    const table = await save('csv');
    assert.equal(table.name, 'Three_clients_two_servers.csv');
    assert.equal(table.bytes.toString().trim().split('\n').length, 121);
    const picture = await save('png');
    assert.equal(picture.bytes.subarray(1, 4).toString(), 'PNG');
    const [wide, high] = [picture.bytes.readUInt32BE(16), picture.bytes.readUInt32BE(20)];
    const shown = await canvasOf(page).evaluate((c) => ({ width: c.width, height: c.height }));
    assert.ok(wide === shown.width && high > shown.height + 10 && high < shown.height + 120, 'the legend is below the picture');
    await tab(page, 'doc3');
    assert.match((await save('csv')).bytes.toString(), /^Time \(sec\),"Offset, before alignment","Offset, after alignment"\r\n/);
  });

  test('the badge lists what is wrong with a log; help has the keys', async () => {
    await tab(page, 'doc1');
    const badge = page.locator('.chart-tools:visible .badge');
    assert.equal(await badge.innerText(), '⚠ 4 damaged');
    await badge.click();
    await settle(page);
    assert.match(await page.locator('.chart-panel:visible').innerText(), /4 RPCs have times that run backward/);
    await press(page, '?');
    assert.match(await page.locator('#help').innerText(), /RPC and plot tabs[\s\S]*start every row at 0/);
    await press(page, 'Escape');
  });

  test('the address holds the tab: reload shows it again', async () => {
    await tab(page, 'doc2');
    await page.waitForFunction(() => location.hash.includes('tab=doc2'));
    await page.reload();
    await page.waitForSelector('body[data-state=ready]');
    assert.equal(await page.locator('#tabs [aria-selected=true]').getAttribute('data-tab'), 'doc2');
    await tab(page, 'timeline');
    await page.waitForFunction(() => !location.hash.includes('tab='));
  });

  test('the address holds what is seen in every tab: reload and a shared address show the same pictures', async () => {
    await tab(page, 'doc2');
    await canvasOf(page).focus();
    await press(page, 'w', 'x', 'd', ']', '.', '.');
    await tab(page, 'doc1');
    await press(page, '/');
    await page.keyboard.type('write|read');
    await canvasOf(page).focus();
    await press(page, 'o', 'c', 'l', 'n', 'w', ']');
    await page.mouse.move(3, 3);
    await settle(page);
    const shot = () => canvasOf(page).evaluate((canvas) => canvas.toDataURL());
    const rpcPicture = await shot();
    await page.waitForFunction(() =>
      ['doc1.q=', 'doc1.sort=start', 'doc1.rows=', 'doc2.x=', 'doc2.sel='].every((part) => location.hash.includes(part)),
    );
    const hash = await page.evaluate(() => window.location.hash);
    const look1 = await look(page);
    const same = async () => {
      await settle(page);
      assert.deepEqual(await look(page), look1);
      assert.equal((await shot()) === rpcPicture, true, 'the RPC chart');
      assert.equal(await page.locator('.chart-search:visible input[type=search]').inputValue(), 'write|read');
      assert.ok(await page.evaluate(() => typeof window.kutrace.state().looks.doc2 === 'string'), 'a tab that was not shown is not read yet');
      await tab(page, 'doc2');
      await page.mouse.move(3, 3);
      await settle(page);
      return shot();
    };
    await page.reload();
    await page.waitForSelector('body[data-state=ready]');
    const plotPicture = await same();
    await page.evaluate(() => {
      window.location.hash = '#tab=timeline';
    });
    await page.waitForFunction(() => Object.keys(window.kutrace.state().looks).length === 0);
    await page.evaluate((h) => {
      window.location.hash = h;
    }, hash);
    await page.waitForFunction(() => window.kutrace.state().tab === 'doc1');
    assert.equal((await same()) === plotPicture, true, 'the plot');
    assert.ok((await look(page)).selected >= 0);
  });

  test('Ctrl+drag zooms to a box: both axes, or one when it is thin; Esc breaks off; B and the tool do so without Ctrl; F fits what is measured', {
    skip: inFirefox && 'its pointer has whole pixels',
  }, async () => {
    const drag = async (from, to, key) => {
      await page.mouse.move(...(await onCanvas(page, ...from)));
      if (key) await page.keyboard.down(key);
      await page.mouse.down();
      await page.mouse.move(...(await onCanvas(page, ...to)), { steps: 4 });
    };
    const drop = async (key) => {
      await page.mouse.up();
      if (key) await page.keyboard.up(key);
      await settle(page);
    };
    await tab(page, 'doc2');
    const s = await scene(page);
    const all = await page.evaluate(
      () =>
        window.kutrace
          .state()
          .charts.find((x) => x.id === 'doc2')
          .data().area,
    );
    const value = (px, py) => [
      all.x0 + ((px - s.layout.left) / (s.layout.right - s.layout.left)) * (all.x1 - all.x0),
      all.y0 + ((s.layout.bottom - py) / (s.layout.bottom - s.layout.top)) * (all.y1 - all.y0),
    ];
    await drag([300, 200], [700, 500], 'Control');
    assert.equal((await look(page)).band.axes, 'both');
    await drop('Control');
    const both = await look(page);
    const [[x0, y1], [x1, y0]] = [value(300, 200), value(700, 500)];
    for (const [a, b] of [
      [both.x0, x0],
      [both.x1, x1],
      [both.y0, y0],
      [both.y1, y1],
    ])
      assert.ok(Math.abs(a - b) < 1e-6 * Math.abs(b), `${a} ${b}`);
    assert.deepEqual([both.band, both.selected], [null, -1]);
    await press(page, '0');
    await drag([300, 300], [700, 304], 'Control');
    await drop('Control');
    assert.equal((await look(page)).y1, all.y1, 'x only');
    assert.ok(Math.abs((await look(page)).x0 - x0) < 1e-9);
    await press(page, '0');
    await drag([300, 200], [700, 500], 'Control');
    await page.keyboard.press('Escape');
    await page.mouse.move(...(await onCanvas(page, 720, 520)));
    await drop('Control');
    assert.deepEqual([(await look(page)).x0, (await look(page)).band], [all.x0, null], 'Esc breaks off');
    await press(page, 'b');
    assert.equal(await tool(page, 'box').getAttribute('title'), 'Zoom to a box by dragging (B): on');
    await drag([300, 200], [700, 500]);
    await drop();
    assert.ok(Math.abs((await look(page)).x0 - x0) < 1e-9);
    await tool(page, 'box').click();
    assert.equal((await look(page)).drag, 'move');
    await press(page, '0');
    await drag([300, 400], [600, 200], 'Shift');
    await drop('Shift');
    await press(page, 'f');
    const { measure, x0: left, x1: right } = await look(page);
    assert.ok(left < measure.ax && measure.bx < right && right - left < (measure.bx - measure.ax) * 1.3);

    await tab(page, 'doc1');
    const chart = await scene(page);
    const row = chart.layout.rowHeight;
    await drag([400, 20 * row], [800, 40 * row], 'Control');
    await drop('Control');
    const zoomed = await scene(page);
    assert.ok(Math.abs(zoomed.t0 - (chart.t0 + (400 - chart.layout.left) * chart.tpp)) < chart.tpp * 2);
    assert.ok(zoomed.rows.length >= 20 && zoomed.rows.length <= 23, String(zoomed.rows.length));
    assert.ok(zoomed.rows[1].place >= 19 && zoomed.rows[1].place <= 21);
    await press(page, '0');
    await drag([400, 200], [800, 204], 'Control');
    await drop('Control');
    assert.equal((await scene(page)).layout.rowHeight, row, 'time only');
    assert.ok((await scene(page)).tpp < chart.tpp / 2);
  });

  test('pictures as SVG hold what is drawn', { skip: inFirefox && 'compared in Chromium' }, async () => {
    const svgOf = async () => {
      const file = await saved(page, () => tool(page, 'svg').click());
      assert.match(file.name, /\.svg$/);
      return file.bytes.toString('utf8');
    };
    const drawn = (svg, { left, right, top = 0, bottom }) =>
      page.evaluate(
        async ([text, x, y, width, height]) => {
          const image = new Image();
          image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
          await image.decode();
          const canvas = document.querySelector('.chart-pane:not([hidden]) .chart-canvas');
          const read = (source) => {
            // A third of its size: rims of dots and letters are smoothed differently. Text beside the axes is left out.
            const copy = new OffscreenCanvas(Math.ceil(width / 3), Math.ceil(height / 3));
            const ctx = copy.getContext('2d', { willReadFrequently: true });
            ctx.imageSmoothingQuality = 'high';
            ctx.drawImage(source, x, y, width, height, 0, 0, copy.width, copy.height);
            return ctx.getImageData(0, 0, copy.width, copy.height).data;
          };
          const [a, b] = [read(image), read(canvas)];
          let [off, painted] = [0, 0];
          for (let i = 0; i < a.length; i += 4) {
            const differs = (p, q) => [0, 1, 2].some((c) => Math.abs(p[c] - q[c]) > 60);
            if (differs(a.subarray(i, i + 4), b.subarray(i, i + 4))) off++;
            if (differs(b.subarray(i, i + 4), b.subarray(0, 4))) painted++;
          }
          return { off: off / (a.length / 4), painted: painted / (a.length / 4) };
        },
        [svg, left + 2, top, right - left - 4, bottom - top - 2],
      );
    for (const id of ['rpc', 'doc1', 'doc2', 'doc3']) {
      await tab(page, id);
      if (id === 'doc1') await press(page, 'r');
      await page.mouse.move(3, 3);
      await settle(page);
      const svg = await svgOf();
      const { off, painted } = await drawn(svg, (await scene(page)).layout);
      assert.ok(painted > 0.001 && off < painted / 10, `${id}: ${off} of ${painted} differ`);
      const names = await page.locator('.chart-legend:visible > *:not(.crowd)').allTextContents();
      assert.ok(names.length > 0);
      for (const name of names) assert.ok(svg.includes(`>${name}<`), `${name} is in the legend below`);
    }
  });

  test('a plot says how many points share a pixel, and colours them', async () => {
    await tab(page, 'doc2');
    const words = await page.locator('.chart-status:visible').innerText();
    const [, inside, places, shared] = words
      .replaceAll(',', '')
      .match(/^(\d+) points in view of 2500 on (\d+) pixels: (\d+) points share theirs/)
      .map(Number);
    assert.equal(inside, 2500);
    assert.ok(shared >= 2 && shared <= inside && places < inside && inside - places < shared);
    assert.equal(await page.locator('.crowd:visible').isVisible(), true);
    for (let i = 0; i < 12; i++) await page.keyboard.press('w');
    await settle(page);
    assert.doesNotMatch(await page.locator('.chart-status:visible').innerText(), /share theirs/);
    assert.equal(await page.locator('.chart-pane:not([hidden]) .crowd').isVisible(), false);
  });

  test('nothing went wrong on the way, and nothing was asked of a network', () => assert.deepEqual(view.problems, []));
});

test('documents alone: no empty timeline, the first tab is shown', async () => {
  const { page, problems, close } = await browser.open(
    pageOf({ ...emptyTrace(), documents: [{ name: 'disk.json', text: text('disk_read_times.json') }] }),
  );
  assert.equal(await page.locator('#tabs').isVisible(), false, 'one view needs no tabs');
  assert.equal(await canvasOf(page).isVisible(), true);
  assert.match(await page.locator('.chart-status:visible').innerText(), /^2,500 points in view of 2,500/);
  await press(page, '.');
  assert.equal(await page.locator('.chart-panel:visible button.wide').isDisabled(), true);
  assert.deepEqual(problems, []);
  await close();
});

const emptyTrace = () => {
  const trace = readSpanFile(sample('row_profile.json'));
  for (const cols of [trace.exec, trace.aux]) cols.n = 0;
  return { ...trace, cpus: [], kinds: [], meta: { title: 'disk', nsPerTick: 10 } };
};

test('documents are opened as files and dropped on the page, also on the empty template, packed or not', async () => {
  const { page, problems, close } = await browser.open(writeTemporary(template));
  await page.locator('#welcome-file').setInputFiles(sample('rpc_log.json'));
  await page.waitForSelector('.chart-canvas:visible');
  assert.equal(await page.locator('#welcome').isVisible(), false);
  const drop = (name, body) =>
    page.evaluate(
      async ([fileName, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content], fileName));
        for (const type of ['dragover', 'drop'])
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [name, body],
    );
  await drop('disk.json', text('disk_read_times.json'));
  await page.waitForSelector('[data-tab=file2]');
  await drop('row_profile.json', text('row_profile.json'));
  await page.waitForSelector('[data-tab=timeline]');
  assert.deepEqual(
    await page.locator('#tabs [role=tab]').allInnerTexts(),
    ['Timeline', 'Three clients, two servers', 'Disk read, 4 KB blocks'],
    'what was opened stays',
  );
  await drop('bad.json', '{"points":[[1,2],');
  await page.waitForSelector('#message:visible');
  assert.match(await page.locator('#message-text').innerText(), /^bad\.json: at offset 17: not sound JSON/);
  assert.deepEqual(problems, []);
  await close();
});

test('names in documents are text', async () => {
  const evil = '<img src=x onerror=alert(1)>';
  const log = JSON.stringify({ gbs: 1, title: evil, events: [[1, 1.1, 1.2, 1.3, evil, evil, 66, 66, 7, 0, evil, evil, evil, 3, evil]] });
  const plot = JSON.stringify({
    title: evil,
    axisLabelX: evil,
    axisLabelY: evil,
    shortUnitsX: evil,
    dotColor: 'url(x)',
    points: [
      [1, 2],
      [3, 4],
    ],
  });
  const { page, problems, close } = await browser.open(
    pageOf({
      ...emptyTrace(),
      documents: [
        { name: evil, text: log },
        { name: evil, text: plot },
      ],
    }),
  );
  await press(page, '.', 'l');
  await page.mouse.move(...(await onCanvas(page, 400, 10)));
  await settle(page);
  assert.ok((await page.locator('.chart-panel:visible').innerText()).includes(evil));
  await press(page, 'z', '.');
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(problems, []);
  await close();
});

test('a profile opens: rows in file order, threads shown when there are no CPUs', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('../../../../tests/data/row_profile.json'));
  assert.deepEqual(await page.evaluate(() => window.kutrace.state().model.rows.cpu.map((r) => r.label)), ['CPU 3', 'CPU 1']);
  assert.equal(await page.locator('#badge').innerText(), '✓ Complete');
  await page.locator('button[data-group=pid]').click();
  await settle(page);
  await page.mouse.move(
    ...(await page.evaluate(() => {
      const { groups, left } = window.kutrace.layout();
      const box = document.getElementById('picture').getBoundingClientRect();
      const pid = groups.find((g) => g.group === 'pid');
      return [box.x + left + 20, box.y + pid.top + pid.rowHeight / 2];
    })),
  );
  await settle(page);
  assert.match(await page.locator('#tooltip').innerText(), /^mystery27\.76/);
  await expectPicture(page, page.locator('#stage'), 'profile-light');
  assert.deepEqual(problems, []);
  await close();
});

for (const scheme of ['light', 'dark']) {
  test(`pictures, ${scheme}`, async () => {
    const { page, problems, close } = await browser.open(all, { colorScheme: scheme, viewport: { width: 1200, height: 700 } });
    const shot = async (name) => {
      await page.mouse.move(3, 3);
      await settle(page);
      await expectPicture(page, page.locator('#stage'), `${name}-${scheme}`);
    };
    await tab(page, 'rpc');
    await shot('rpc-trace');
    await press(page, 'o', 'o', 'r', 'l', '.');
    await shot('rpc-relative-selected');
    await tab(page, 'doc1');
    await press(page, '/');
    await page.keyboard.type('sink');
    await canvasOf(page).focus();
    await press(page, 'n', 'f');
    await shot('rpc-log-search');
    await tab(page, 'doc2');
    await shiftDrag(page, await onCanvas(page, 300, 400), await onCanvas(page, 700, 150), 3);
    await shot('plot-disk-measured');
    await tab(page, 'doc3');
    await shot('plot-tcp');
    assert.deepEqual(problems, []);
    await close();
  });
}

test('a phone: nothing is wider than the page, tools and tabs can be reached, two fingers zoom', {
  skip: inFirefox && 'a tap after two fingers is not driven there',
}, async () => {
  const { page, problems, close } = await browser.open(all, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await tab(page, 'rpc');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await expectPicture(page, page.locator('body'), 'rpc-phone');
  const before = (await scene(page)).tpp;
  const box = await canvasOf(page).boundingBox();
  const touch = await fingers(page);
  const apart = (half) => [
    [box.x + 220 - half, box.y + 100],
    [box.x + 220 + half, box.y + 100],
  ];
  await touch('touchStart', ...apart(30));
  await touch('touchMove', ...apart(60));
  await touch('touchMove', ...apart(90));
  await touch('touchEnd');
  await settle(page);
  assert.ok(Math.abs((await scene(page)).tpp / before - 1 / 3) < 0.02, 'three times as near');
  const { tpp } = await scene(page);
  await tool(page, 'box').click();
  const finger = (type, x, y) => touch(type, ...(type === 'touchEnd' ? [] : [[box.x + x, box.y + y]]));
  await finger('touchStart', 200, 120);
  for (const x of [220, 250, 280]) await finger('touchMove', x, 122);
  await finger('touchEnd');
  await settle(page);
  assert.ok(
    Math.abs((await scene(page)).tpp / tpp - 80 / ((await scene(page)).layout.right - (await scene(page)).layout.left)) < 0.01,
    'a box by one finger',
  );
  await finger('touchStart', 200, 120);
  await finger('touchMove', 280, 180);
  await touch('touchStart', ...apart(60)); // a second finger breaks it off
  await touch('touchEnd');
  await settle(page);
  assert.equal((await look(page)).band, null);
  await tool(page, 'box').click();
  await page.locator('select[data-action=sort]:visible').selectOption('longest');
  await settle(page);
  await page.touchscreen.tap(box.x + 200, box.y + 8);
  await settle(page);
  assert.ok(await page.locator('.chart-panel:visible').isVisible());
  assert.deepEqual(problems, []);
  await close();
});
