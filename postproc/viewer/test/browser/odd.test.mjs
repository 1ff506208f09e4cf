// SPDX-License-Identifier: BSD-3-Clause
// Hostile, damaged, tiny and huge pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { encodePayload, fillTemplate, readSpanFile, textOf } from '../encode-payload.mjs';
import { makeTrace } from '../synthetic.mjs';
import { useBrowser, dataFile, pageOf, pageOfRecords, pageOfSample, pixels, settle, template, timelines, writeTemporary } from './page.mjs';

const browser = useBrowser();

const HOSTILE = ["a';alert(1);//", '</script><script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<!--', '"&lt;\u2028', ']]>'];

test('hostile names are only text', async () => {
  const events = HOSTILE.flatMap((name, i) => [
    [1 + i, 0.5, 0, 10 + i, 0, 65536 + 10 + i, 0, 0, 0, name],
    [1.5 + i, 0.5, 0, 10 + i, 7 + i, 2048 + i, 0, 0, 0, name],
    [1.2 + i, 0.00000001, 0, 10 + i, 7 + i, 513, 7 + i, 0, 0, name],
    [1.3 + i, 0.00000001, 0, 10 + i, 0, 522, 0, 0, 0, `mark_a=${name}`],
    [1.4 + i, 0.1, -1, 10 + i, 0, 770, 0, 0, 0, name],
  ]);
  const trace = pageOfRecords(events, {
    title: HOSTILE[1],
    hostName: HOSTILE[2],
    diagnostics: [{ id: HOSTILE[2], severity: 'repair', count: 3, text: HOSTILE[1] }],
  });
  const { page, problems, close } = await browser.open(trace);
  await page.locator('button[data-group=pid]').click();
  await page.locator('button[data-group=rpc]').click();
  for (let i = 0; i < HOSTILE.length * 2; i++) {
    await page.evaluate((record) => window.kutrace.actions.go({ cols: 'exec', record }), i);
    await settle(page);
    assert.ok((await page.locator('#panel').innerText()).includes(HOSTILE[i >> 1].slice(0, 4)));
  }
  const t = await timelines(page);
  for (let x = 50; x < t.width; x += 90) {
    await page.mouse.move(t.x + x, t.y + 70);
    await settle(page);
  }
  await page.locator('#search').fill('<img');
  await page.locator('#search').fill('/</');
  await page.locator('#badge').click();
  assert.equal(await page.locator('#badge').innerText(), '✓ Complete', 'what was repaired is no damage');
  assert.match(await page.locator('#badge').getAttribute('title'), /3 repaired/);
  assert.ok((await page.locator('#panel').innerText()).includes(HOSTILE[1]));
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.locator('script').count(), 4);
  assert.equal(await page.locator('#title').innerText(), HOSTILE[1]);
  assert.deepEqual(problems, []);
  await close();
});

test('a damaged chunk: the rest is drawn and the badge warns', async () => {
  const payload = encodePayload(makeTrace({ spans: 200000, cpus: 2 }));
  const bad = payload.meta.chunks.filter((c) => c.kind === 'exec')[1];
  payload.data[bad.offset + 1000] ^= 0xff;
  const { page, problems, close } = await browser.open(writeTemporary(fillTemplate(template, payload)));
  assert.match(await page.locator('#badge').innerText(), new RegExp(`${bad.count.toLocaleString('en')} damaged`));
  await page.locator('#badge').click();
  assert.match(await page.locator('#panel').innerText(), /1 of 6 chunks|1 of \d+ chunks/);
  assert.ok((await pixels(page)).painted > 0.01);
  assert.deepEqual(problems, []);
  await close();
});

for (const [what, change] of [
  ['cut in the middle', (d) => d.slice(0, d.length >> 1)],
  ['empty', () => ''],
  ['not of its code', (d) => `${d.slice(0, 40000)}&&&&${d.slice(40004)}`],
  ['all replaced', (d) => 'A'.repeat(d.length)],
]) {
  test(`data ${what}: a message or the rest, never an exception`, async () => {
    const payload = encodePayload(makeTrace({ spans: 100000, cpus: 2 }));
    const data = change(textOf(payload.data));
    const { page, problems, close } = await browser.open(writeTemporary(fillTemplate(template, { meta: payload.meta, data })));
    const message = await page.locator('#message').isVisible();
    const badge = (await page.locator('#badge').isVisible()) ? await page.locator('#badge').innerText() : '';
    assert.ok(message || /damaged/.test(badge), `${message} ${badge}`);
    assert.deepEqual(problems, []);
    await close();
  });
}

for (const [what, change, wrong] of [
  ['of other bytes', (t) => t.replace(/(data-size="\d+">.{5000}).{60}/, (_, before) => before + '!'.repeat(60)), /it is damaged/],
  ['that is another script', (t) => t.replace(/data-size="\d+">[^<]*/, `data-size="8">${textOf(deflateSync('throw 1;'))}`), /it stopped/],
]) {
  test(`a viewer ${what}: the page says that it cannot run`, async () => {
    const whole = readFileSync(pageOfSample('hello.span.json.gz'), 'utf8');
    const broken = change(whole);
    assert.notEqual(broken, whole);
    const { page, close } = await browser.open(writeTemporary(broken), { colorScheme: 'dark' });
    const alert = page.locator('[role=alert]');
    assert.ok(await alert.isVisible());
    assert.match(await alert.innerText(), wrong);
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark', 'chosen before the viewer runs');
    await close();
  });
}

test('damaged meta gives a message', async () => {
  for (const meta of ['{"format":', 'null', '{"format":"kutrace-payload","version":9}']) {
    const file = writeTemporary(template.replace('@KUTRACE_META@', () => meta).replace('@KUTRACE_DATA@', ''));
    const { page, problems, close } = await browser.open(file);
    assert.ok((await page.locator('#message-text').innerText()).length > 20);
    assert.ok(await page.locator('#welcome').isVisible(), 'another file can be opened');
    assert.deepEqual(problems, []);
    await close();
  }
});

test('the empty template offers to open files: a page, span JSON, and what is neither', async () => {
  const { page, problems, close } = await browser.open(writeTemporary(template));
  assert.match(await page.locator('#welcome').innerText(), /No trace in this page/);
  const input = page.locator('#welcome-file');
  await input.setInputFiles(writeTemporary('nonsense', '.json'));
  await page.waitForSelector('#message:not([hidden])');
  assert.match(await page.locator('#message-text').innerText(), /not a span JSON/);
  await page.keyboard.press('?');
  await page.keyboard.press('Escape');
  await input.setInputFiles(writeTemporary(template));
  await page.waitForFunction(() => /empty viewer template/.test(document.getElementById('message-text').textContent));
  await input.setInputFiles(pageOfSample('hello.span.json.gz'));
  await page.waitForFunction(() => window.kutrace.counts()?.exec === 5994);
  const other = page.locator('header input[type=file]');
  await other.setInputFiles(dataFile('rpc.span.json.gz'));
  await page.waitForFunction(() => window.kutrace.counts()?.exec === 12651);
  await other.setInputFiles(writeTemporary(gunzipSync(readFileSync(dataFile('hello.span.json.gz'))), '.json'));
  await page.waitForFunction(() => window.kutrace.counts()?.exec === 5994);
  assert.ok((await pixels(page)).painted > 0.02);
  assert.deepEqual(problems, []);
  await close();
});

test('an empty trace says so', async () => {
  const { page, problems, close } = await browser.open(pageOfRecords([]));
  assert.deepEqual(await page.evaluate(() => window.kutrace.counts()), { exec: 0, aux: 0, kinds: 0, cpus: 0, threads: 0, rpcs: 0 });
  assert.ok((await pixels(page, { x: 195, y: 0, width: 600, height: 60 })).painted > 0.01, 'the message is drawn');
  for (const key of ['w', 's', 'a', 'd', 'f', '.', ',', 'n', '0', 'Home', 'End', 'PageDown']) await page.keyboard.press(key);
  await page.mouse.move(700, 300);
  await page.mouse.wheel(0, -500);
  await page.mouse.click(700, 300);
  await page.locator('#search').fill('x');
  await settle(page);
  assert.deepEqual(problems, []);
  await close();
});

for (const dur of [0, 0.00000001, 0.5]) {
  test(`one span of ${dur} s`, async () => {
    const { page, problems, close } = await browser.open(pageOfRecords([[1, dur, 0, 5, 0, 65541, 0, 0, 0, 'only.5']]));
    assert.equal((await page.evaluate(() => window.kutrace.counts())).exec, 1);
    if (dur > 0) assert.ok((await pixels(page, { x: 195, y: 30, width: 1200, height: 80 })).painted > 0.01);
    await page.keyboard.press('w');
    await page.keyboard.press('s');
    await page.locator('button[data-group=pid]').click();
    const t = await timelines(page);
    await page.mouse.click(t.x + 300, t.y + 80);
    await settle(page);
    assert.deepEqual(problems, []);
    await close();
  });
}

test('300 CPUs, 5,000 threads with large ids', async () => {
  const trace = makeTrace({ spans: 120000, aux: 30000, cpus: 300, threads: 5000, firstThread: 4100000 });
  const { page, problems, close } = await browser.open(pageOf(trace));
  const counts = await page.evaluate(() => window.kutrace.counts());
  assert.equal(counts.cpus, 300);
  assert.ok(counts.threads > 3000, String(counts.threads));
  await page.locator('button[data-group=cpu]').click();
  await page.locator('button[data-group=pid]').click();
  await page.keyboard.press('PageDown');
  await page.evaluate(() => window.kutrace.actions.scroll(1e9));
  await settle(page);
  assert.ok((await pixels(page)).painted > 0.005);
  await page.evaluate(() => window.kutrace.actions.select({ cols: 'exec', record: 1000 }, 'pid'));
  assert.match(await page.locator('#panel').innerText(), /\(410\d{4}\)/);
  await page.keyboard.press('.');
  assert.deepEqual(problems, []);
  await close();
});

test('times over an hour, and thread ids that differ only above 16 bits', async () => {
  const hour = 3600;
  const { page, problems, close } = await browser.open(
    pageOfRecords(
      [
        [10, 2 * hour, 0, 70000, 0, 65536 + 70000, 0, 0, 0, 'big.70000'],
        [10 + 2 * hour, 50, 0, 4464, 0, 65536 + 4464, 0, 0, 0, 'small.4464'],
        [10, 2 * hour + 50, 1, 0, 0, 65536, 0, 0, 0, '-idle-'],
      ],
      { tracebase: '2026-12-31_22:30:00' },
    ),
  );
  assert.equal((await page.evaluate(() => window.kutrace.counts())).threads, 2);
  await page.evaluate(() => window.kutrace.actions.select({ cols: 'exec', record: 1 }, 'cpu'));
  const text = await page.locator('#panel').innerText();
  assert.match(text, /2027-01-01 00:30:10/);
  assert.match(text, /small \(4464\)/);
  assert.deepEqual(problems, []);
  await close();
});

test('inferred spans are marked on the picture and in words', async () => {
  const trace = readSpanFile(dataFile('hello.span.json.gz'));
  const guessed = [...trace.exec.dur.keys()].filter((i) => trace.exec.dur[i] < 10000).slice(0, 50); // 100 µs
  for (const i of guessed) trace.exec.flags[i] = 1;
  const { page, problems, close } = await browser.open(pageOf(trace));
  assert.match(await page.locator('#badge').getAttribute('title'), /50 notes/);
  await page.evaluate((record) => window.kutrace.actions.select({ cols: 'exec', record }, 'cpu'), guessed[3]);
  assert.match(await page.locator('#panel').innerText(), /Inferred/);
  await page.keyboard.press('Escape');
  await page.mouse.move(2, 2);
  await settle(page);
  // The whole trace: the 50 are in pixels that hold many spans. Below each such pixel, and below no other, is a mark.
  const { columns, below } = await page.evaluate((records) => {
    const { model } = window.kutrace.state();
    const {
      left,
      right,
      groups: [{ top, rowHeight }],
    } = window.kutrace.layout();
    const { t0: from, t1 } = window.kutrace.window();
    const tpp = (t1 - from) / (right - left);
    const t0 = Math.round(from / tpp) * tpp; // the grid of pixels
    const columns = new Set();
    for (const i of records)
      for (let x = Math.floor((model.exec.start[i] - t0) / tpp); x <= Math.floor((model.exec.start[i] + model.exec.dur[i] - 1 - t0) / tpp); x++)
        columns.add(x);
    const canvas = document.getElementById('picture');
    const { data } = canvas.getContext('2d').getImageData(left, top + rowHeight - 12, right - left, 2); // below the texture of density
    const below = new Set();
    for (let i = 0; i < data.length; i += 4)
      if (data[i] === 0x8c && data[i + 1] === 0x1a && data[i + 2] === 0x1a) below.add((i / 4) % (right - left));
    return { columns: [...columns], below: [...below] };
  }, guessed);
  assert.ok(columns.length > 0);
  assert.deepEqual(
    below.sort((a, b) => a - b),
    columns.sort((a, b) => a - b),
  );
  const t = await timelines(page);
  await page.mouse.move(t.x + columns[0], t.y + 24 + 52);
  assert.match(await page.locator('#tooltip').innerText(), /\d+ spans in this pixel \([^)]*\), \d+ of them inferred: /);
  assert.deepEqual(problems, []);
  await close();
});

test('a screen of two device pixels a pixel is drawn sharp', async () => {
  const { page, problems, close } = await browser.open(pageOfSample('hello.span.json.gz'), { deviceScaleFactor: 2 });
  assert.equal(await page.evaluate(() => document.getElementById('picture').width), 3200);
  assert.ok((await pixels(page)).painted > 0.02);
  assert.deepEqual(problems, []);
  await close();
});

test('the pointer on a cell of the strip tells what was used in it', async () => {
  const at = (us, event, arg) => [1 + us / 1e6, 1e-8, 0, 5, 0, event, arg, 0, 0, 'sample'];
  const [ON, TICK, FAULTS, MODEL] = [0x230, 0x231, 0x254, 0x26f];
  const records = [
    [1, 0.001, 0, 5, 0, 65541, 0, 0, 0, 'only.5'],
    at(0, ON, 5e5),
    at(10, FAULTS, 1234),
    at(20, MODEL, 77),
    at(490, FAULTS, 2),
    at(500, TICK, 3000),
  ];
  const { page, problems, close } = await browser.open(pageOfRecords(records));
  const t = await timelines(page);
  await page.mouse.move(t.x + t.width / 4, t.y + 12);
  assert.equal(await page.locator('#tooltip').innerText(), 'model-bytes of all CPUs: 77 bytes (model, not measured): only 77');
  const told = [];
  for (let y = 40; y < 160; y += 8) {
    await page.mouse.move(t.x + t.width / 4, t.y + y);
    told.push(await page.locator('#tooltip').innerText());
  }
  const cell = told.find((text) => text.includes('Late: ')) ?? told.join('\n--\n');
  for (const words of [
    'faults: 1,236 faults since the tick before (source: soft)',
    'model-bytes: 77 bytes since the tick before (source: model, not measured)',
    'Late: 3 us',
  ])
    assert.ok(cell.includes(words), `${words} in ${cell}`);
  assert.deepEqual(problems, []);
  await close();
});
