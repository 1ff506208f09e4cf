// SPDX-License-Identifier: BSD-3-Clause
// A trace that was opened or dropped as span JSON is saved as a page of its own.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'node:test';
import { useBrowser, dataFile, pageOfSample, saved, settle, template, writeTemporary } from './page.mjs';

const browser = useBrowser();

const json = gunzipSync(readFileSync(dataFile('rpc.span.json.gz'))).toString('utf8');

/** Sums over every field of every record. */
const sums = (page) =>
  page.evaluate(() => {
    const { exec, aux } = window.kutrace.state().model;
    return [exec, aux].flatMap((cols) =>
      ['start', 'dur', 'kind', 'pid', 'arg', 'ret', 'ipc', 'flags'].map((key) => cols[key].reduce((s, v, i) => s + v * ((i % 97) + 1), 0)),
    );
  });

const ways = {
  'chosen in the empty template': [
    () => writeTemporary(template),
    (page) => page.locator('#welcome-file').setInputFiles(writeTemporary(json, '.json')),
  ],
  'dropped on a page that holds another trace': [
    () => pageOfSample('hello.span.json.gz'),
    async (page) => {
      await page.evaluate((text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'rpc.span.json'));
        for (const type of ['dragover', 'drop'])
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }, json);
    },
  ],
};

for (const [what, [file, give]] of Object.entries(ways)) {
  test(`span JSON ${what}: a copy of the page holds it, with notes and views`, async () => {
    const { page, problems, close } = await browser.open(file(), { acceptDownloads: true });
    await give(page);
    await page.waitForFunction(() => window.kutrace.counts()?.rpcs === 40);
    await settle(page);
    await page.keyboard.press('Enter');
    await page.keyboard.press('b');
    await page.keyboard.type('here');
    await page.keyboard.press('Enter');
    await page.keyboard.press('w');
    await page.keyboard.press('Shift+Digit1');
    const window_ = await page.evaluate(() => window.kutrace.window());
    const download = await saved(page, () => page.keyboard.press('Control+s'));
    assert.match(download.name, /^rpc.*\.html$/);
    const copy = writeTemporary(download.bytes);

    const again = await browser.open(copy, { acceptDownloads: true });
    assert.deepEqual(await again.page.evaluate(() => window.kutrace.counts()), await page.evaluate(() => window.kutrace.counts()));
    assert.deepEqual(await sums(again.page), await sums(page));
    assert.equal(await again.page.locator('.bubble').innerText(), 'here');
    await again.page.locator('[data-view="1"]').click();
    assert.deepEqual(await again.page.evaluate(() => window.kutrace.window()), window_);
    const second = await saved(again.page, () => again.page.keyboard.press('Control+s'));
    assert.ok(Math.abs(second.bytes.length - readFileSync(copy).length) < 2000, 'a copy of the copy is no larger');
    assert.ok(readFileSync(copy).length - template.length < json.length / 4, 'packed');
    assert.deepEqual([...problems, ...again.problems], []);
    await again.close();
    await close();
  });
}
