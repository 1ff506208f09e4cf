// SPDX-License-Identifier: BSD-3-Clause
// The Profile panel: time on and off the CPU, graph and list, found by text, entered by click and by keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser, pageOfRecords, pageOfSample } from './page.mjs';

const browser = useBrowser();
const rows = (p) => p.locator('.profile table tbody tr').allInnerTexts();
const counted = (p, what) => p.waitForFunction((w) => document.querySelector('.profile table tbody')?.textContent.includes(w), what);

test('by keys alone: the panel, a frame, into it, and out', async () => {
  const { page, close, problems } = await browser.open(pageOfSample('rpc.span.json.gz'));
  await page.keyboard.press('p');
  await counted(page, 'local_timer_vector');
  const scope = /^Window of 2\.970 s, by thread: 930\.2 ms, all threads added up; idle CPUs, left out: 10\.92 s\./;
  assert.match(await page.locator('.profile p[role=status]').innerText(), scope);
  const told = () => page.locator('.profile .told').innerText();
  await page.locator('.flame-box canvas').focus();
  await page.keyboard.press('ArrowDown');
  assert.match(await told(), /^-idle-: /);
  await page.keyboard.press('ArrowDown');
  assert.match(await told(), /^local_timer_vector: .* of all; itself .* times$/);
  const before = await page.locator('.flame-box canvas').evaluate((c) => c.toDataURL());
  await page.keyboard.press('Enter');
  assert.notEqual(await page.locator('.flame-box canvas').evaluate((c) => c.toDataURL()), before);
  await page.keyboard.press('Backspace');
  assert.match(await told(), /^-idle-: /);
  assert.deepEqual(problems, []);
  await close();
});

test('what did not run is counted by reason; text finds frames; a name of the list, too; the address keeps it', async () => {
  const { page, close, problems } = await browser.open(pageOfSample('rpc.span.json.gz'));
  await page.keyboard.press('p');
  await page.locator('.profile select').first().selectOption('waiting');
  await counted(page, 'wait_time');
  await page.getByLabel('Find in the profile').fill('wait_cpu');
  const matches = await page.locator('.profile output').innerText();
  assert.match(matches, /^\d+ frames, [\d.]+ (m|µ)s, [\d.]+ %$/);
  await page.locator('.profile table button.link', { hasText: 'wait_time' }).click();
  assert.equal(await page.getByLabel('Find in the profile').inputValue(), 'wait_time');
  const hash = await page.evaluate(() => window.kutrace.actions.encodeState());
  assert.match(hash, /p\.profile\.find=wait_time/);
  assert.match(hash, /p\.profile\.of=waiting/);
  assert.deepEqual(problems, []);
  await close();
});

test('a measured range and one thread narrow it; hostile names are text', async () => {
  const name = '<img src=x onerror=alert(1)>.9';
  const { page, close, problems } = await browser.open(
    pageOfRecords([
      [1, 0.002, 0, 9, 0, 65545, 0, 0, 0, name],
      [1.002, 0.002, 0, 10, 0, 65546, 0, 0, 0, 'other.10'],
    ]),
  );
  await page.keyboard.press('p');
  await counted(page, name);
  assert.match((await rows(page)).join('\n'), /user code\s+4\.000 ms\s+100\.0 %/);
  await page.evaluate(() => {
    const { t0, nsPerTick } = window.kutrace.state().model;
    window.kutrace.actions.setRange({ t0: t0 + 1e6 / nsPerTick, t1: t0 + 3e6 / nsPerTick });
  });
  await page.waitForFunction(() => /user code\s*2\.000 ms/.test(document.querySelector('.profile table tbody').textContent));
  await page.evaluate(() => window.kutrace.state().model && window.kutrace.actions.go({ cols: 'exec', record: 0 }));
  await page.locator('.profile input[type=checkbox]').check();
  await page.waitForFunction(() => /user code\s*1\.000 ms/.test(document.querySelector('.profile table tbody').textContent));
  assert.equal(await page.locator('.profile img').count(), 0);
  assert.deepEqual(problems, []);
  await close();
});
