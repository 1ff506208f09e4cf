// SPDX-License-Identifier: BSD-3-Clause
// Does what docs/viewer.md tells, step by step. `npm run guide` also takes the guide's pictures.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { QUERY_KEYS } from '../../src/search/query.js';
import { useBrowser, pageOfSample, settle } from './page.mjs';

const docs = fileURLToPath(new URL('../../../../docs', import.meta.url));
const guide = path.join(docs, 'viewer.md');
const take = process.env.KUTRACE_GUIDE === '1';
const size = { viewport: { width: 1280, height: 720 } };

const browser = useBrowser();

/** Takes a picture for the guide, or sees that it is there. */
async function picture(page, name) {
  await page.mouse.move(3, 3);
  await settle(page);
  const file = path.join(docs, 'viewer', `${name}.png`);
  if (take) {
    mkdirSync(path.dirname(file), { recursive: true });
    await page.screenshot({ path: file });
  }
  assert.ok(statSync(file).size > 5000, file);
  assert.ok(readFileSync(path.join(docs, 'viewer.md'), 'utf8').includes(`viewer/${name}.png`), `the guide shows ${name}`);
}

/** Puts what was seen into the guide, or sees that the guide says so. */
function paragraph(name, text) {
  const begin = `<!-- made by npm run guide: ${name} -->\n`;
  const whole = readFileSync(guide, 'utf8');
  const from = whole.indexOf(begin) + begin.length;
  assert.ok(from >= begin.length, `the guide has a place for ${name}`);
  const to = whole.indexOf('\n<!-- end -->', from);
  if (take) writeFileSync(guide, whole.slice(0, from) + text + whole.slice(to));
  else assert.equal(whole.slice(from, to), text, 'run npm run guide');
}

const rowsShown = (page) => page.waitForFunction(() => document.querySelectorAll('#panel tbody tr').length > 0);

test('the summary', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('rpc.span.json.gz'), { ...size, first: true });
  await page.waitForFunction(() => document.querySelector('#panel .entries') !== null);
  await picture(page, 'summary');
  assert.deepEqual(problems, []);
  await close();
});

test('first look, and zoom', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('rpc.span.json.gz'), size);
  await picture(page, 'first');
  await page.evaluate(() => {
    const { t0 } = window.kutrace.range();
    window.kutrace.setWindow(t0 + 3.3e7, t0 + 3.4e7);
  });
  await page.keyboard.press('u');
  await picture(page, 'zoomed');
  assert.deepEqual(problems, []);
  await close();
});

test('the exercise: which RPC was slowest, and what was it waiting for?', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('rpc.span.json.gz'), size);
  await page.keyboard.press('h');
  await rowsShown(page);
  await picture(page, 'slowest');
  await page.locator('#panel table:visible button.link').first().click();
  const story = await page.locator('#panel .story').innerText();
  assert.match(story, /ping\.58512: 14\.45 ms from request to response/);
  const said = (pattern) => {
    const found = pattern.exec(story);
    assert.ok(found, `${pattern} in: ${story}`);
    return found.slice(1);
  };
  const [elapsed] = said(/: ([\d.]+ \S+) from request to response/);
  const [running, ready, net] = said(/The caller meanwhile: running ([\d.]+ \S+), ready ([\d.]+ \S+), blocked: net ([\d.]+ [^\s.,]+)/);
  const [most] = said(/The caller ran ((?:\S+ [\d.]+ \S+, ){2}\S+ [\d.]+ [^,]+)/);
  const [server] = said(/The server \S+ \(\d+\) had it for ([\d.]+ [^,]+),/);
  said(/CPUs (\d, \d) were idle all of it/);
  paragraph(
    'the story',
    `It took ${elapsed}, and it hardly waited: the caller ran for ${running} of it (${most} and others), was ready for ${ready} and waited for the network, that is for the answer, for ${net}. The server had it for ${server}.`,
  );
  await picture(page, 'story');
  await page.locator('#panel .story button').first().click();
  await page.keyboard.press('e');
  assert.match(await page.locator('#panel').innerText(), /Idle meanwhile/);
  await picture(page, 'details');
  assert.deepEqual(problems, []);
  await close();
});

test('search, statistics, notes, compare', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('rpc.span.json.gz'), { ...size, colorScheme: 'dark' });
  await page.locator('#search').fill('class:syscall dur>1ms');
  await page.waitForFunction(() => window.kutrace.state().search?.done);
  await page.locator('#picture').focus();
  await page.keyboard.press('q');
  await picture(page, 'search');
  await page.keyboard.press('t');
  await rowsShown(page);
  await picture(page, 'statistics');
  assert.deepEqual(problems, []);
  await close();
});

test('notes and views', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('hello.span.json.gz'), size);
  await page.evaluate(() => {
    const m = window.kutrace.state().model;
    const r = [...m.exec.kind].findIndex((k) => m.kinds[k].name === 'execve');
    window.kutrace.actions.select({ cols: 'exec', record: r }, 'cpu');
  });
  await page.keyboard.press('f');
  await page.keyboard.press('s');
  await page.keyboard.press('s');
  await page.keyboard.press('b');
  await page.keyboard.type('starts the program');
  await page.keyboard.press('Enter');
  await page.locator('#picture').focus();
  await page.keyboard.press('Shift+Digit1');
  await page.keyboard.press('v');
  await picture(page, 'notes');
  assert.deepEqual(problems, []);
  await close();
});

test('the guide names every term', () => {
  const text = readFileSync(guide, 'utf8');
  for (const [key] of QUERY_KEYS) if (key !== 'event') assert.match(text, new RegExp(`\\| .*\\b${key}[:=<>]`), key);
});

test('on a phone', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('hello.span.json.gz'), {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await page.evaluate(() => window.kutrace.actions.select({ cols: 'exec', record: 500 }, 'cpu'));
  await picture(page, 'phone');
  assert.deepEqual(problems, []);
  await close();
});
