// SPDX-License-Identifier: BSD-3-Clause
// Reading in a worker, without one, in part; memory; what is said where something was lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { encodePayload, fillTemplate, readSpanFile } from '../encode-payload.mjs';
import { makeTrace, random } from '../synthetic.mjs';
import { useBrowser, dataFile, onlyChromium, pageOf, pageOfRecords, pageOfSample, settle, template, timelines, writeTemporary } from './page.mjs';

const browser = useBrowser();

/** What was read, in numbers that any difference would change. */
const digest = (page) =>
  page.evaluate(() => {
    const k = window.kutrace;
    const { t0, t1 } = k.range();
    const m = k.state().model;
    const rows = ['cpu', 'pid', 'rpc'].map((g) => m.rows[g].map((r) => [r.label, r.n, r.aux.map((l) => l?.index.length ?? 0)]));
    return JSON.stringify([k.counts(), k.classTime(t0 + (t1 - t0) / 7, t1 - (t1 - t0) / 3), rows]);
  });

const BREAK = {
  'no Worker at all': () => {
    delete window.Worker;
  },
  'a Worker that cannot be made': () => {
    window.Worker = class {
      constructor() {
        throw new Error('refused');
      }
    };
  },
  'a Worker whose script is refused': () => {
    window.Worker = class {
      constructor() {
        setTimeout(() => this.onerror({ preventDefault() {}, message: '' }), 5);
      }
      postMessage() {}
      terminate() {}
    };
  },
};

test('a page on disk is read by a worker; where there is none, by the page, with the same result', async () => {
  const file = pageOfSample('rpc.span.json.gz');
  const good = await browser.open(file);
  assert.equal(await good.page.evaluate(() => window.kutrace.lastLoad.worker), true);
  const want = await digest(good.page);
  assert.deepEqual(good.problems, []);
  await good.close();
  for (const [what, break_] of Object.entries(BREAK)) {
    const context = await browser.newContext();
    await context.addInitScript(break_);
    const page = await context.newPage();
    await page.goto(`file://${file}`);
    await page.waitForSelector('body[data-state=ready]');
    assert.equal(await page.evaluate(() => window.kutrace.lastLoad.worker), false, what);
    assert.equal(await digest(page), want, what);
    await context.close();
  }
});

test('a coarse picture of all CPUs comes before the trace is indexed', async () => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 600 } });
  await context.addInitScript(() => {
    // Looks at the canvas between tasks for as long as the trace is being read.
    window.seen = [];
    const look = () => {
      const canvas = document.getElementById('picture');
      if (window.kutrace && canvas?.width > 0 && document.body.dataset.state === 'loading') {
        const times = { ...window.kutrace.times };
        const { data } = canvas.getContext('2d').getImageData(130, 30, canvas.width - 160, 300);
        const words = new Uint32Array(data.buffer);
        window.seen.push({ ...times, colors: new Set(words).size, counts: window.kutrace.counts() });
      }
      if (document.body?.dataset.state !== 'ready') setTimeout(look, 1);
    };
    setTimeout(look, 1);
  });
  const page = await context.newPage();
  await page.goto(`file://${pageOf(makeTrace({ spans: 600000, aux: 100000, cpus: 4, seed: 9 }))}`);
  await page.waitForSelector('body[data-state=ready]');
  const seen = await page.evaluate(() => window.seen);
  const shown = seen.filter((s) => s.firstPicture > 0);
  assert.ok(shown.length > 0, 'seen while loading');
  assert.ok(
    shown.some((s) => s.colors > 6 && s.counts === null),
    JSON.stringify(shown.slice(0, 3)),
  );
  const times = await page.evaluate(() => window.kutrace.times);
  assert.ok(times.firstPicture <= times.wholePicture && times.wholePicture < times.loaded);
  await context.close();
});

test('the coarse picture and the final one show the same time', async () => {
  const { page, close } = await browser.open(pageOfSample('hello.span.json.gz'));
  const [coarse, exact] = await page.evaluate(() => {
    const k = window.kutrace;
    const { coarse } = k.state().model;
    const { t0, t1 } = k.range();
    const sum = new Array(7).fill(0);
    coarse.sums.forEach((v, i) => {
      sum[i % 7] += v;
    });
    const all = new Array(7).fill(0);
    for (const { ticks } of k.classTime(t0, t1))
      Object.values(ticks).forEach((v, c) => {
        all[c] += v;
      });
    return [sum, all];
  });
  exact.forEach((v, c) => assert.ok(Math.abs(v - coarse[c]) <= 1e-6 * (v + 1), `class ${c}: ${coarse[c]} ${v}`));
  await close();
});

test('a page that is cut off shows what came', async () => {
  const payload = encodePayload(makeTrace({ spans: 400000, aux: 5000, cpus: 2 }));
  const whole = fillTemplate(template, payload);
  const cut = whole.slice(0, whole.indexOf('id="kutrace-data"') + Math.floor(payload.data.length * 0.9));
  const { page, problems, close } = await browser.open(writeTemporary(cut));
  const counts = await page.evaluate(() => window.kutrace.counts());
  assert.ok(counts.exec > 65536 && counts.exec < 400000);
  assert.match(await page.locator('#badge').innerText(), /damaged/);
  const gap = await page.evaluate(() => window.kutrace.state().model.gaps.find((g) => g.cpu >= 0));
  assert.ok(gap, 'and where it is missing');
  const opened = await browser.open(writeTemporary(template));
  await opened.page.locator('#welcome-file').setInputFiles(writeTemporary(cut));
  await opened.page.waitForSelector('body[data-state=ready]');
  assert.deepEqual(await opened.page.evaluate(() => window.kutrace.counts()), counts);
  assert.deepEqual([...problems, ...opened.problems], []);
  await opened.close();
  await close();
});

test('a page that is cut off before its trace, or in its viewer, says so', async () => {
  const whole = fillTemplate(template, encodePayload(makeTrace({ spans: 1000, cpus: 2 })));
  const { page, close } = await browser.open(writeTemporary(whole.slice(0, whole.indexOf('<script id="kutrace-meta"'))));
  assert.match(await page.locator('#message-text').innerText(), /cut short/);
  await page.goto(pathToFileURL(writeTemporary(whole.slice(0, whole.indexOf('id="kutrace-viewer"') + 50000))).href);
  assert.ok(!(await page.locator('#unstarted').isVisible()), 'not at once: large pages take a moment');
  await page.waitForSelector('#unstarted', { state: 'visible' });
  assert.match(await page.locator('body').innerText(), /cut short/);
  await page.goto(pathToFileURL(writeTemporary(whole)).href);
  await page.waitForSelector('body[data-state=ready]');
  assert.ok(!(await page.locator('#unstarted').isVisible()));
  await close();
});

test('where events were lost, the row says so', async () => {
  const { page, problems, close } = await browser.open(
    pageOfRecords([
      [1, 0.5, 0, 5, 0, 65541, 0, 0, 0, 'prog.5'],
      [1.5, 0.5, 0, 0, 0, 65536, 0, 0, 0, '-idle-'],
      [1.25, 0.00000001, 0, 5, 0, 0x206, 6, 0, 0, 'runnable.6'],
      [1.4, 0.00000001, 0, 5, 0, 0x213, 777, 0, 0, 'lost'],
    ]),
  );
  assert.deepEqual(await page.evaluate(() => window.kutrace.state().model.gaps.map((g) => [g.cpu, g.t0, g.t1, g.count])), [[0, 1.25e8, 1.4e8, 777]]);
  const t = await timelines(page);
  await page.mouse.move(t.x + t.width * 0.33, t.y + 24 + 60);
  await settle(page);
  assert.match(await page.locator('#hover-line').innerText(), /777 events were lost here/);
  assert.deepEqual(problems, []);
  await close();
});

test('memory: at most 40 bytes a record, and none gained by moving, searching and opening groups', { skip: onlyChromium }, async () => {
  const { page, problems, close } = await browser.open(pageOf(makeTrace({ spans: 300000, aux: 100000, cpus: 4, threads: 60, seed: 3 })));
  const cdp = await page.context().newCDPSession(page);
  const used = async () => {
    for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize + (await page.evaluate(() => window.kutrace.bytes()));
  };
  const records = await page.evaluate(() => {
    const c = window.kutrace.counts();
    return c.exec + c.aux;
  });
  assert.ok((await page.evaluate(() => window.kutrace.bytes())) <= 40 * records);
  const roam = (seed) =>
    page.evaluate(
      async (numbers) => {
        const k = window.kutrace;
        const { t0, t1 } = k.range();
        for (const [a, b, c] of numbers) {
          const width = (t1 - t0) * 10 ** (-5 * a);
          const from = t0 + (t1 - t0 - width) * b;
          k.setWindow(from, from + width);
          k.actions.scroll((c - 0.5) * 400);
          k.actions.search(c < 0.1 ? 'write' : c < 0.2 ? '/re.d|page/' : '');
          if (c > 0.95) k.actions.toggleGroup('pid');
          k.actions.select(c < 0.5 ? { cols: 'exec', record: Math.floor(b * 1000) } : null);
          await new Promise((r) => {
            requestAnimationFrame(r);
          });
        }
      },
      Array.from({ length: 150 }, ((rnd) => () => [rnd(), rnd(), rnd()])(random(seed))),
    );
  await roam(1);
  const before_ = await used();
  for (let round = 2; round < 6; round++) await roam(round);
  const after_ = await used();
  assert.ok(after_ - before_ < 2e6, `${before_} ${after_}`);
  assert.deepEqual(problems, []);
  await close();
});

test('panels, a second trace, menus and dialogs leave nothing behind when they close', { skip: onlyChromium }, async () => {
  const { page, problems, close } = await browser.open(pageOfSample('hello.span.json.gz'));
  const cdp = await page.context().newCDPSession(page);
  const other = pageOfSample('rpc.span.json.gz');
  // No handle of an element may stay with the test: it would keep all that stands around it.
  const choose = async () => {
    const { result } = await cdp.send('Runtime.evaluate', { expression: "document.querySelector('#panel .panel-main input[type=file]')" });
    await cdp.send('DOM.setFileInputFiles', { files: [other], objectId: result.objectId });
    await cdp.send('Runtime.releaseObject', { objectId: result.objectId });
  };
  const used = async () => {
    for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
    return cdp.send('Memory.getDOMCounters');
  };
  const round = async () => {
    await page.keyboard.press('x');
    await choose();
    await page.locator('.stage.other canvas').waitFor();
    await page.locator('.other-title button').click();
    await page.locator('#picture').focus();
    await page.mouse.move(700, 300);
    for (const key of ['x', 'e', 'q', 't', 'h', 'r', 'v', 'x', 'l', 'l', 'm', 'Escape', '?', 'Escape', 'Control+k', 'Escape'])
      await page.keyboard.press(key);
  };
  for (let i = 0; i < 2; i++) await round();
  const before_ = await used();
  for (let i = 0; i < 8; i++) await round();
  const after_ = await used();
  assert.ok(after_.nodes - before_.nodes < 100 && after_.jsEventListeners - before_.jsEventListeners < 10, JSON.stringify([before_, after_]));
  assert.deepEqual(problems, []);
  await close();
});

test('overview: brush, edges, click, double-click, match ticks', async () => {
  const { page, problems, close } = await browser.open(pageOf(readSpanFile(dataFile('hello.span.json.gz'))));
  const box = await page.locator('#overview').boundingBox();
  const t = await timelines(page);
  const y = box.y + box.height / 2;
  const { t0, t1 } = await page.evaluate(() => window.kutrace.range());
  const share = async () =>
    page.evaluate(
      ([a, b]) => {
        const w = window.kutrace.window();
        return [(w.t0 - a) / (b - a), (w.t1 - a) / (b - a)];
      },
      [t0, t1],
    );
  const near = (got, want) => got.forEach((v, i) => assert.ok(Math.abs(v - want[i]) < 0.01, `${got} ${want}`));
  const drag = async (from, to) => {
    await page.mouse.move(t.x + t.width * from, y);
    await page.mouse.down();
    await page.mouse.move(t.x + t.width * ((from + to) / 2), y);
    await page.mouse.move(t.x + t.width * to, y);
    await page.mouse.up();
    await settle(page);
  };
  await drag(0.3, 0.6);
  near(await share(), [0.3, 0.6]);
  await drag(0.45, 0.55);
  near(await share(), [0.4, 0.7]);
  await drag(0.7, 0.5);
  near(await share(), [0.4, 0.5]);
  await drag(0.4, 0.2);
  near(await share(), [0.2, 0.5]);
  await drag(0.9, 0.8);
  near(await share(), [0.8, 0.9]);
  await page.mouse.click(t.x + t.width * 0.25, y);
  near(await share(), [0.2, 0.3]);
  await page.mouse.dblclick(t.x + t.width * 0.6, y);
  near(await share(), [0, 1]);
  const ticks = () =>
    page.evaluate(() => {
      const c = document.getElementById('overview');
      const { data } = c.getContext('2d').getImageData(0, c.height - 3, c.width, 1);
      let n = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] === 0xc2 && data[i + 1] === 0x18) n++;
      return n;
    });
  assert.equal(await ticks(), 0);
  await page.locator('#search').fill('page_fault');
  await settle(page);
  assert.ok((await ticks()) > 10);
  assert.deepEqual(problems, []);
  await close();
});
