// SPDX-License-Identifier: BSD-3-Clause
// Everything that is seen is in the address: after a reload the page is the same, pixel for pixel and word for word.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { useBrowser, pageOfSample, settle } from './page.mjs';

const browser = useBrowser();
let file;
before(async () => {
  file = pageOfSample('rpc.span.json.gz');
});

/** What is seen: the picture, what lies over it, the panel's words and the states of all controls. */
const seen = (page) =>
  page.evaluate(() => ({
    picture: document.getElementById('picture').toDataURL(),
    over: document.getElementById('overlay').toDataURL(),
    strip: document.getElementById('overview').toDataURL(),
    panel: document.getElementById('panel').innerText,
    width: document.getElementById('panel').offsetWidth,
    controls: [...document.querySelectorAll(':is(#toolbar, #panel, .headers) :is(button, input, select)')]
      .filter((c) => c.checkVisibility())
      .map(
        (c) =>
          `${c.id || c.getAttribute('aria-label') || c.textContent}: ${c.getAttribute('aria-pressed')} ${c.getAttribute('aria-sort')} ${c.value} ${c.checked}`,
      )
      .join('\n'),
    theme: document.documentElement.dataset.theme,
    search: document.getElementById('search').value,
  }));

async function still(page) {
  await page.mouse.move(2, 2);
  await page.waitForFunction(() => !window.kutrace.state().query || window.kutrace.state().search?.done);
  let last = '';
  for (let i = 0; i < 40; i++) {
    // panels count in slices
    await page.waitForTimeout(60);
    const now = await page.evaluate(() => document.getElementById('panel').innerText + location.hash);
    if (now === last && i > 6) return;
    last = now;
  }
}

/** Does `act` on a fresh page, reloads it and compares. */
async function survives(act) {
  const { page, problems, close } = await browser.open(file);
  await act(page);
  await still(page);
  const before_ = await seen(page);
  await page.reload();
  await page.waitForSelector('body[data-state=ready]');
  await settle(page);
  await still(page);
  const after_ = await seen(page);
  for (const key of Object.keys(before_)) {
    const [a, b] = [before_, after_].map((s) => String(s[key]).split('\n'));
    assert.equal(
      after_[key] === before_[key],
      true,
      `${key}: ${a
        .filter((line, i) => line !== b[i])
        .slice(0, 5)
        .map((line) => line.slice(0, 200))} | ${b
        .filter((line, i) => line !== a[i])
        .slice(0, 5)
        .map((line) => line.slice(0, 200))}`,
    );
  }
  assert.deepEqual(problems, []);
  await close();
}

describe('a reload shows the same', () => {
  test('window, groups, rows, scroll, height, options, theme, cursors, range, labels', () =>
    survives(async (page) => {
      await page.evaluate(() => {
        const k = window.kutrace;
        const { t0, t1 } = k.range();
        const w = t1 - t0;
        k.setWindow(t0 + w * 0.105, t0 + w * 0.112);
        k.actions.toggleGroup('pid');
        for (const key of ['arcs', 'fade']) k.actions.toggle(key);
        for (let i = 0; i < 3; i++) k.actions.rowHeight(1.2);
        k.actions.scroll(333);
        k.actions.cursor(t0 + w * 0.107, null, 0);
        k.actions.cursor(t0 + w * 0.11, null, 0);
        k.actions.setRange({ t0: t0 + w * 0.106, t1: t0 + w * 0.109 });
        const { exec } = k.state().model;
        const shown = [...exec.start.keys()].filter(
          (i) => exec.start[i] > t0 + w * 0.105 && exec.start[i] < t0 + w * 0.111 && exec.dur[i] > w * 1e-5,
        );
        for (const record of shown.slice(0, 3)) k.actions.label({ cols: 'exec', record });
      });
      for (const key of ['o', 'Shift+O', 'k']) await page.keyboard.press(key);
    }));

  test("statistics: what they are by, their order, only matches, the row chosen; the panel's width", () =>
    survives(async (page) => {
      await page.locator('#search').fill('cpu:0-2 class:kernel');
      await page.locator('#picture').focus();
      await page.keyboard.press('t');
      await page.locator('#panel select[aria-label=By]').selectOption('thread');
      await page.locator('#panel input[type=checkbox]').check();
      await page.locator('#panel thead button', { hasText: 'p95' }).click();
      await page.locator('#panel thead button', { hasText: 'p95' }).click();
      await page.locator('#panel tbody button').nth(2).click();
      await page.locator('.grip').focus();
      for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowLeft');
    }));

  test('states: the call that was told; and threads in another order', async () => {
    await survives(async (page) => {
      await page.keyboard.press('h');
      await page.locator('#panel tbody button').nth(1).click();
      await page.waitForSelector('.story p');
    });
    await survives(async (page) => {
      await page.keyboard.press('h');
      await page.locator('#panel select[aria-label=Show]').selectOption('threads');
      await page.locator('#panel thead button', { hasText: /^Ready$/ }).click();
    });
  });

  test('matches in order of length; rows of another group, hidden and sorted; range A and its differences', async () => {
    await survives(async (page) => {
      await page.locator('#search').fill('write');
      await page.locator('#picture').focus();
      await page.keyboard.press('q');
      await page.locator('#panel select[aria-label=Order]').selectOption('longest');
    });
    await survives(async (page) => {
      await page.keyboard.press('r');
      await page.locator('#panel select[aria-label=Group]').selectOption('cpu');
      await page.locator('#panel button[aria-label="Hide: CPU 2"]').click();
      await page.locator('#panel select[aria-label=Sort]').selectOption('time');
    });
    await survives(async (page) => {
      await page.keyboard.press('x');
      await page.keyboard.press('w');
      await page.locator('#panel button', { hasText: 'Keep as A' }).click();
      await page.locator('#panel select[aria-label=By]').selectOption('cpu');
      await page.locator('#picture').focus();
      await page.keyboard.press('d');
      await page.keyboard.press('d');
    });
  });
});
