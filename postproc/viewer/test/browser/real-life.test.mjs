// SPDX-License-Identifier: BSD-3-Clause
// The page where keyboards, screens, paper and servers differ.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { useBrowser, inFirefox, onlyChromium, pageOfRecords, pageOfSample, settle } from './page.mjs';

const browser = useBrowser();

/** Presses a key as another keyboard would; true when the page took it. */
async function press(page, key, code, more = {}) {
  const taken = await page.evaluate((k) => !document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...k })), {
    key,
    code,
    ...more,
  });
  await settle(page);
  return taken;
}

test('keys of other keyboards zoom, undo and save as their places say', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('rpc.span.json.gz'));
  const width = () => page.evaluate(() => window.kutrace.window().t1 - window.kutrace.window().t0);
  const saved = () => page.evaluate(() => window.kutrace.state().views.map((v) => v.hash !== null));
  for (const key of ['ц', 'ς', 'ㅈ', "'"]) {
    const before = await width();
    assert.ok(await press(page, key, 'KeyW'), key);
    assert.ok((await width()) < before, key);
  }
  assert.ok(await press(page, 'я', 'KeyZ', { ctrlKey: true }));
  const empty = await saved();
  for (const [key, code, more] of [
    ['1', 'Digit1', { shiftKey: true }],
    ['$', 'BracketRight'],
    ['@', 'KeyQ', { modifierAltGraph: true }],
    ['!', 'Slash'],
  ]) {
    await press(page, key, code, more);
    assert.deepEqual(await saved(), empty, key);
  }
  await press(page, '"', 'Digit2', { shiftKey: true });
  assert.equal((await saved())[2], true);
  assert.deepEqual(problems, []);
  await close();
});

test('a page that comes to a screen of another density is drawn anew, without a touch', { skip: onlyChromium }, async () => {
  const { page, close } = await browser.open(pageOfSample('hello.span.json.gz'), { viewport: { width: 1200, height: 800 } });
  const cdp = await page.context().newCDPSession(page);
  for (const deviceScaleFactor of [2, 1.5, 1]) {
    await cdp.send('Emulation.setDeviceMetricsOverride', { width: 1200, height: 800, deviceScaleFactor, mobile: false });
    await page.waitForFunction((k) => {
      const canvas = document.getElementById('picture');
      return devicePixelRatio === k && canvas.width === Math.round(canvas.clientWidth * k) && window.kutrace.settled();
    }, deviceScaleFactor);
  }
  await close();
});

test('paper is white, and has the window, the key of its colours and what was found', { skip: onlyChromium }, async () => {
  const { page, problems, close } = await browser.open(pageOfSample('rpc.span.json.gz'), { colorScheme: 'dark' });
  const look = () =>
    page.evaluate(() => {
      const [r, g, b] = document.getElementById('picture').getContext('2d').getImageData(600, 600, 1, 1).data;
      return {
        theme: document.documentElement.dataset.theme,
        sum: r + g + b,
        paper: document.getElementById('paper').innerText,
        pictures: document.querySelectorAll('#paper > canvas').length,
      };
    });
  const screen = await look();
  assert.equal(screen.theme, 'dark');
  assert.equal(screen.paper, '');
  await page.emulateMedia({ media: 'print' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
  const paper = await look();
  assert.ok(paper.sum > 600, 'white');
  assert.equal(paper.pictures, 1);
  assert.match(paper.paper, /Quality of this trace[\s\S]*Legend/);
  assert.match(paper.paper, /from .*\d\d:\d\d:\d\d/);
  await page.emulateMedia({ media: 'screen' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  assert.deepEqual(await look(), screen);
  assert.deepEqual(problems, []);
  await close();
});

test('a span before the base is said to be before it', async () => {
  const { page, close } = await browser.open(
    pageOfRecords(
      [
        [-0.5, 0.25, 0, 100, 0, 65636, 0, 0, 0, 'alpha.100'],
        [-0.25, 0.25, 0, 100, 0, 2087, 0, 0, 0, 'getpid'],
        [0, 0.25, 0, 100, 0, 65636, 0, 0, 0, 'alpha.100'],
      ],
      { tracebase: undefined },
    ),
  );
  const box = await page.locator('#picture').boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 65);
  await page.waitForFunction(() => document.body.innerText.includes('getpid'));
  const text = await page.evaluate(() => document.body.innerText);
  assert.match(text, /-0:00:00\.25/);
  assert.doesNotMatch(text, /-0:00:01\.75/);
  await close();
});

describe('policies', () => {
  test('the page runs no script but its own, and reaches nothing', async () => {
    const { page, problems, close } = await browser.open(pageOfSample('hello.span.json.gz'));
    assert.deepEqual(problems, []);
    assert.equal(await page.evaluate(() => window.kutrace.lastLoad.worker), true, 'its own worker runs');
    const tried = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.text = 'window.foreign = 1';
      document.head.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.foreign = 2">');
      const image = new Image();
      const loaded = new Promise((resolve) => {
        image.onload = () => resolve(true);
        image.onerror = () => resolve(false);
      });
      image.src = 'http://127.0.0.1:9/x.png';
      const fetched = await fetch('http://127.0.0.1:9/').then(
        () => true,
        () => false,
      );
      return { foreign: window.foreign, loaded: await loaded, fetched };
    });
    assert.deepEqual(tried, { foreign: undefined, loaded: false, fetched: false });
    await close();
  });

  test('from a server that forbids scripts, the page says so', async () => {
    const file = readFileSync(pageOfSample('hello.span.json.gz'));
    let policy = '';
    const server = createServer((_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
      answer.end(file);
    });
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      for (policy of ["script-src 'none'", 'sandbox']) {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        if (policy === 'sandbox') {
          if (!inFirefox) assert.match(await page.locator('noscript').textContent(), /save the page/);
        } else {
          await page.waitForSelector('#unstarted', { state: 'visible' });
          assert.match(await page.locator('#unstarted').innerText(), /forbids its script/);
        }
        await page.close();
      }
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

test('of a long table only what is in sight is made, and scrolling brings the rest', async () => {
  const events = Array.from({ length: 600 }, (_, i) => [i * 1e-5, 1e-5, 0, 1000 + i, 0, 65536 + 1000 + i, 0, 0, 0, `prog.${1000 + i}`]);
  const { page, problems, close } = await browser.open(pageOfRecords(events));
  await page.keyboard.press('h');
  await page.waitForFunction(() => document.querySelectorAll('#panel tbody tr').length > 20);
  const rows = () =>
    page.evaluate(() => {
      const shown = [...document.querySelectorAll('#panel tbody tr[aria-rowindex]')];
      return { made: shown.length, last: Number(shown.at(-1).getAttribute('aria-rowindex')) };
    });
  const before = await rows();
  assert.ok(before.made < 120, `${before.made} rows are made`);
  assert.match(await page.locator('#panel').innerText(), /600 rows/);
  await page.evaluate(() => {
    const box = [...document.querySelectorAll('#panel .table-scroll')].find((b) => b.clientHeight > 0);
    box.scrollTop = box.scrollHeight;
  });
  await page.waitForFunction(() => [...document.querySelectorAll('#panel tbody tr[aria-rowindex="601"]')].length === 1);
  const after = await rows();
  assert.ok(after.made < 120, `${after.made} rows are made`);
  assert.deepEqual(problems, []);
  await close();
});
