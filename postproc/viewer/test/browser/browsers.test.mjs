// SPDX-License-Identifier: BSD-3-Clause
// What must be the same in every browser: the sums of the C++ side, the reference's own demo; and that what watches a page sees.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { program } from './browsers.mjs';
import { useBrowser, dataFile, pageOfSample, pixels, settle, template, writeTemporary } from './page.mjs';

const browser = useBrowser();

for (const name of ['hello', 'rpc']) {
  test(`${name}: time by class, CPU and thread equals the C++ side's`, async () => {
    const { page, problems, close } = await browser.open(pageOfSample(`${name}.span.json.gz`));
    const { classes, windows } = JSON.parse(readFileSync(dataFile(`${name}.sums.json`), 'utf8'));
    for (const w of windows) {
      const shown = await page.evaluate(({ from, to }) => {
        const { nsPerTick } = window.kutrace.state().model;
        return ['cpu', 'pid'].map((group) =>
          Object.fromEntries(
            window.kutrace
              .classTime(from, to, group)
              .map(({ key, ticks }) => [key, Object.fromEntries(Object.entries(ticks).map(([c, t]) => [c, t * nsPerTick]))]),
          ),
        );
      }, w);
      const some = (sums) => Object.fromEntries(Object.entries(sums).filter(([, row]) => Object.values(row).some((v) => v > 0)));
      const named = (sums) =>
        some(Object.fromEntries(Object.entries(sums).map(([key, list]) => [key, Object.fromEntries(classes.map((c, i) => [c, list[i]]))])));
      assert.deepEqual(shown.map(some), [named(w.cpus), named(w.threads)], `${w.from}..${w.to}`);
    }
    assert.deepEqual(problems, []);
    await close();
  });
}

test("the reference's demo, chosen as a file: its spans, its idle time, a picture", async () => {
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../../tests/data/hello_world_demo.reference.json.gz');
  const { events } = JSON.parse(gunzipSync(readFileSync(file)).toString());
  const idle = new Map();
  // Leaving a low-power idle state is idle, too.
  for (const [, dur, cpu, , , event, , , , name] of events)
    if (event === 65536 || name === '-c-exit-') idle.set(cpu, (idle.get(cpu) ?? 0) + Math.round(dur * 1e8));
  const { page, problems, close } = await browser.open(writeTemporary(template));
  await page.locator('#welcome-file').setInputFiles(file);
  await page.waitForFunction(() => window.kutrace.counts()?.exec > 0);
  await settle(page);
  const shown = await page.evaluate(() => {
    const { t0, t1 } = window.kutrace.range();
    return window.kutrace.classTime(t0, t1).map(({ key, ticks }) => [key, ticks.idle]);
  });
  assert.deepEqual(
    shown,
    [...idle].filter(([cpu]) => cpu >= 0).sort(([a], [b]) => a - b),
  );
  assert.equal(await page.title(), 'hello world (kutrace)');
  const p = await pixels(page);
  assert.ok(p.colors > 20 && p.painted > 0.02, JSON.stringify(p));
  await page.locator('[data-view]').nth(1).click(); // the demo has views of its own
  assert.deepEqual(problems, []);
  await close();
});

test('gzip data of several members is read whole, whatever its names look like; what stands behind it is told', async () => {
  const text = gunzipSync(readFileSync(dataFile('hello.span.json.gz')));
  // A member whose name has the bytes that another one begins with.
  const named = (part) => {
    const plain = gzipSync(part);
    plain[3] = 8;
    return Buffer.concat([plain.subarray(0, 10), Buffer.from('1f8b0801010101010203' + '00', 'hex'), plain.subarray(10)]);
  };
  const at = [0, 1, 7000, 300000, text.length];
  const members = at.slice(1).map((end, i) => named(text.subarray(at[i], end)));
  const findings = async (bytes) => {
    const { page, problems, close } = await browser.open(writeTemporary(template));
    await page.locator('#welcome-file').setInputFiles(writeTemporary(bytes, '.json.gz'));
    await page.waitForFunction(() => window.kutrace.counts() || document.getElementById('message-text').textContent);
    assert.equal(await page.locator('#message-text').innerText(), '');
    const found = await page.evaluate(() => [window.kutrace.counts().exec, ...window.kutrace.state().model.diagnostics.map((d) => d.id)]);
    assert.deepEqual(problems, []);
    await close();
    return found;
  };
  assert.deepEqual(await findings(gzipSync(text)), [5994]);
  assert.deepEqual(await findings(Buffer.concat(members)), [5994]);
  assert.deepEqual(await findings(Buffer.concat([...members, Buffer.from('other bytes')])), [5994, 'damaged_stream']);
});

test('what watches a page sees errors, exceptions and requests', async () => {
  // Of another page: what ours asks for its own policy stops before.
  const { page, problems, close } = await browser.open(writeTemporary('<!DOCTYPE html><title>plain</title><body>plain</body>'));
  await page.evaluate(async () => {
    console.error('seen');
    setTimeout(() => {
      throw new Error('thrown');
    }, 0);
    await fetch('http://127.0.0.1:8123/').catch(() => {});
  });
  await settle(page);
  for (const what of [/^console: .*seen/, /^exception: .*thrown/s, /^request: http:\/\/127\.0\.0\.1:8123/])
    assert.ok(
      problems.some((p) => what.test(p)),
      `${what} in ${problems}`,
    );
  await close();
});

test('a browser that is not there is named, with what to do', () => {
  assert.throws(() => program('NO_SUCH_BROWSER', '/nowhere/browser'), /no browser at \/nowhere\/browser: scripts\/setup test .*NO_SUCH_BROWSER=/);
});
