// SPDX-License-Identifier: BSD-3-Clause
// Sizes that the user chooses: label column, text, lines, saved pictures; the column of needles; the version.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { VERSION } from '../../src/format/payload.js';
import { useBrowser, pageOfRecords, pageOfSample, saved, settle } from './page.mjs';

const browser = useBrowser();

const layoutOf = (page) => page.evaluate(() => window.kutrace.layout());
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const savedBy = async (page, button) => (await saved(page, () => page.locator('#panel button', { hasText: button }).click())).bytes;
const pngSize = (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];

test('a saved picture of a chosen size does not depend on the window', async () => {
  const file = pageOfSample('rpc.span.json.gz');
  const made = [];
  for (const viewport of [
    { width: 1500, height: 900 },
    { width: 900, height: 700 },
  ]) {
    const { page, problems, close } = await browser.open(file, { viewport, acceptDownloads: true });
    await page.keyboard.press('v');
    const own = pngSize(await savedBy(page, 'PNG'));
    const picture = await page.locator('#picture').boundingBox();
    assert.deepEqual(own, [Math.round(picture.width), Math.round(picture.height)]);
    await page.locator('#panel select[aria-label=Size]').selectOption('1200x900');
    await page.locator('#panel select[aria-label=Sharpness]').selectOption('2');
    const png = await savedBy(page, 'PNG');
    assert.deepEqual(pngSize(png), [2400, 1800]);
    const svg = (await savedBy(page, 'SVG')).toString();
    assert.match(svg, /<svg[^>]* width="1200" height="900"/);
    await page.locator('#panel input[aria-label="Width of saved pictures in pixels"], #panel input[aria-label=Width]').fill('1111');
    await page.keyboard.press('Enter');
    assert.deepEqual(pngSize(await savedBy(page, 'PNG')), [2222, 1800]);
    assert.equal(await page.locator('#panel select[aria-label=Size]').inputValue(), 'own');
    made.push({ png, svg });
    assert.deepEqual(problems, []);
    await close();
  }
  assert.ok(made[0].png.equals(made[1].png), 'the same PNG');
  assert.equal(made[0].svg, made[1].svg);
});

test('the label column: its edge is dragged, a double-click takes it back, the field says it; the address keeps all sizes', async () => {
  const file = pageOfSample('rpc.span.json.gz');
  const { page, problems, close } = await browser.open(file);
  const box = await page.locator('#picture').boundingBox();
  const { left } = await layoutOf(page);
  const edge = async (from, to) => {
    await page.mouse.move(box.x + from - 2, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(box.x + to, box.y + 300, { steps: 3 });
    await page.mouse.up();
  };
  await page.mouse.move(box.x + left - 2, box.y + 300);
  assert.equal(await page.locator('#picture').evaluate((c) => getComputedStyle(c).cursor), 'col-resize');
  await edge(left, 320);
  assert.equal((await layoutOf(page)).left, 320);
  assert.equal(await page.locator('#panel').isVisible(), false, 'a drag selects nothing');
  await page.keyboard.press('r');
  assert.equal(await page.locator('#panel input[aria-label="Label column"]').inputValue(), '320');
  await page.locator('#panel input[aria-label="Label column"]').fill('260');
  await page.keyboard.press('Enter');
  assert.equal((await layoutOf(page)).left, 260);
  await page.locator('#panel select[aria-label=Text]').selectOption('1.5');
  await page.locator('#panel select[aria-label="Text lines in a row"]').selectOption('3');
  const sized = await layoutOf(page);
  assert.deepEqual([sized.type.scale, sized.groups[0].zones.lines], [1.5, 3]);
  await page.waitForFunction(() => /size=t1.5\+l260\+n3/.test(location.hash));
  const shot = () => page.evaluate(() => document.getElementById('picture').toDataURL());
  await page.mouse.move(2, 2);
  await settle(page);
  const before_ = await shot();
  await page.reload();
  await page.waitForSelector('body[data-state=ready]');
  await settle(page);
  await settle(page);
  assert.equal((await shot()) === before_, true, 'reload shows the same picture');
  await page.mouse.dblclick((await page.locator('#picture').boundingBox()).x + 258, box.y + 300);
  assert.ok((await layoutOf(page)).left !== 260);
  assert.equal(await page.locator('#panel input[aria-label="Label column"]').inputValue(), '');
  assert.deepEqual(problems, []);
  await close();
});

test('needles have a column that says what they mean while they show; the strip above stays over the timelines', async () => {
  const at = (i) => 1 + i * 1e-4;
  const { page, problems, close } = await browser.open(
    pageOfRecords(Array.from({ length: 16 }, (_, i) => [at(i), 1e-4, 0, 41 + i, 0, 65577 + i, 0, 0, i, `prog.${41 + i}`])),
  );
  const plain = await layoutOf(page);
  const painted = async () => {
    const { right, width, bottom } = await layoutOf(page);
    return page.evaluate(
      ([x, w, h]) => {
        const { data } = document.getElementById('picture').getContext('2d').getImageData(x, 0, w, h);
        return new Set(new Uint32Array(data.buffer)).size;
      },
      [right + 14, Math.max(1, width - right - 14), bottom],
    );
  };
  await page.locator('[data-toggle=ipc]').click();
  const shown = await layoutOf(page);
  assert.ok(shown.right < plain.right - 50);
  assert.ok((await painted()) > 20, 'needles and words');
  const strip = await page.evaluate(() => {
    const canvas = document.getElementById('overview');
    return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, 1).data]
      .filter((_, i) => i % 4 === 0)
      .map((r, i) => [r, i])
      .filter(([r]) => r !== 255)
      .map(([, i]) => i);
  });
  assert.deepEqual([strip[0], strip.at(-1) + 1], [shown.left, shown.right]);
  for (let i = 0; i < 3; i++) await page.locator('[data-toggle=ipc]').click();
  assert.equal((await layoutOf(page)).right, plain.right);
  assert.deepEqual(problems, []);
  await close();
});

test('the page says its version', async () => {
  const { page, close } = await browser.open(pageOfSample('hello.span.json.gz'));
  assert.ok((await page.locator('#view-line').innerText()).endsWith(`v${version}`));
  assert.match(await page.locator('#view-line').getAttribute('title'), new RegExp(`kutrace viewer ${version}, reads payload version ${VERSION}`));
  await page.keyboard.press('?');
  assert.match(await page.locator('#help').innerText(), new RegExp(`kutrace viewer ${version}`));
  await close();
});
