// SPDX-License-Identifier: BSD-3-Clause
// Where things are on the page: nothing moves once it was seen, and the strip above stands over the timelines.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { useBrowser, inFirefox, pageOf, pageOfSample, settle } from './page.mjs';
import { makeTrace } from '../synthetic.mjs';

const browser = useBrowser();
let rpc;
before(async () => {
  rpc = pageOfSample('rpc.span.json.gz');
});

const boxOf = (page, selector) => page.locator(selector).boundingBox();

/** Opens a page and lists what the browser saw moving while it loaded: the element, from where, to where. */
async function shiftsOf(file, width, height) {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        for (const { node, previousRect: a, currentRect: b } of entry.sources) {
          window.shifts.push(`${node?.id || node?.parentElement?.id || node?.nodeName}: ${[a.x, a.y, b.x, b.y].map(Math.round)}`);
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('body[data-state=ready]');
  await settle(page);
  await settle(page);
  const shifts = await page.evaluate(() => window.shifts);
  const observed = await page.evaluate(() => {
    // the observer does see a move
    document.getElementById('picture').parentElement.style.marginTop = '40px';
    return new Promise((resolve) => {
      setTimeout(() => resolve(window.shifts.length), 100);
    });
  });
  await context.close();
  return { shifts, moves: observed - shifts.length };
}

describe('nothing moves after the first paint', () => {
  for (const [width, height] of [
    [1600, 1000],
    [1000, 700],
    [360, 740],
  ]) {
    test(`while a page of ${width} pixels loads`, { skip: inFirefox && 'it does not tell layout shifts' }, async () => {
      for (const file of [rpc, pageOf(makeTrace({ spans: 200000, cpus: 4 }))]) {
        const { shifts, moves } = await shiftsOf(file, width, height);
        assert.ok(moves > 0);
        assert.deepEqual(shifts, []);
      }
    });
  }

  test('when buttons of the bar change their words', async () => {
    const { page, problems, close } = await browser.open(rpc);
    const places = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('#toolbar button, #picture')].map((b) => {
          const r = b.getBoundingClientRect();
          return `${b.dataset.toggle ?? b.dataset.option ?? b.id}: ${r.x} ${r.y} ${r.width}`;
        }),
      );
    for (const menu of ['show-menu', 'colour-menu']) {
      await page.locator(`[aria-controls=${menu}]`).click();
      const first = await places();
      const buttons = await page.locator(`#${menu} button:enabled:is([data-toggle], [data-option])`).all();
      assert.ok(buttons.length > 1);
      for (const button of buttons) {
        for (let i = 0; i < 4; i++) {
          await button.click();
          assert.deepEqual(await places(), first);
        }
      }
      await page.keyboard.press('Escape');
    }
    assert.deepEqual(problems, []);
    await close();
  });
});

test('the strip above stands over the timelines, with and without a panel, also one made wider', async () => {
  const { page, problems, close } = await browser.open(rpc);
  const both = async () => {
    const [strip, picture] = [await boxOf(page, '#overview'), await boxOf(page, '#picture')];
    return { strip: [strip.x, strip.width], picture: [picture.x, picture.width] };
  };
  const whole = await both();
  assert.deepEqual(whole.strip, whole.picture);
  await page.keyboard.press('h');
  const beside = await both();
  assert.ok(beside.picture[1] < whole.picture[1], 'the panel takes room');
  assert.deepEqual(beside.strip, beside.picture);
  await page.locator('.grip').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
  const wider = await both();
  assert.ok(wider.picture[1] < beside.picture[1]);
  assert.deepEqual(wider.strip, wider.picture);
  // The frame in the strip is as wide as what it stands for: the first pixel in it belongs to the first pixel of the timelines.
  const { left, right } = await page.evaluate(() => window.kutrace.layout());
  const rim = await page.evaluate((x) => {
    const canvas = document.getElementById('overview');
    return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, 1).data]
      .filter((_, i) => i % 4 === 0)
      .map((r, i) => [r, i])
      .filter(([r]) => r !== x)
      .map(([, i]) => i);
  }, 255);
  assert.deepEqual([rim[0], rim.at(-1) + 1], [left, right]);
  assert.deepEqual(problems, []);
  await close();
});

test('the names of groups cover no row, on a phone neither, where a finger can meet them', async () => {
  for (const [width, height, least] of [
    [1600, 1000, 23],
    [360, 740, 34],
  ]) {
    const { page, problems, close } = await browser.open(rpc, { viewport: { width, height } });
    const buttons = await page.locator('.headers button:visible').all();
    assert.ok(buttons.length >= 3);
    const { headerHeight } = await page.evaluate(() => window.kutrace.layout());
    for (const button of buttons) {
      const box = await button.boundingBox();
      assert.ok(box.height >= least && box.height <= headerHeight, `${width}: ${box.height} of ${headerHeight}`);
    }
    assert.deepEqual(problems, []);
    await close();
  }
});
