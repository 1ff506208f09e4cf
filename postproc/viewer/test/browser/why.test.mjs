// SPDX-License-Identifier: BSD-3-Clause
// The Why panel: asked by keys and by clicks, its sums, its steps, the records that they stand on, and the path over the picture.
import assert from 'node:assert/strict';
import { beforeEach, before, describe, test } from 'node:test';
import { useBrowser, pageOfRecords, pageOfSample, settle } from './page.mjs';

const browser = useBrowser();
let v;
let page;
before(async () => {
  v = await browser.open(pageOfSample('rpc.span.json.gz'));
  page = v.page;
});
beforeEach(async () => {
  await page.evaluate(() => window.kutrace.actions.resetAll());
  await page.locator('#picture').focus();
  await settle(page);
});

const press = async (...keys) => {
  for (const k of keys) await page.keyboard.press(k);
};
const why = (f) => page.evaluate(f);
const answered = () => page.waitForFunction(() => window.kutrace.state().why !== null && document.querySelector('.why .steps') !== null);
/** Asks about the slowest RPC, by the list of the longest. */
async function askSlowest() {
  await press('y');
  await page.waitForFunction(() => document.querySelector('.why table tbody tr') !== null);
  await page.locator('.why table tbody button.link').first().click();
  await answered();
}
/** Pixels of the layer over the picture that are not clear. */
const painted = () =>
  why(() => {
    const canvas = document.getElementById('overlay');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count++;
    return count / (data.length / 4);
  });

describe('why', () => {
  test('asked of nothing it offers the longest; chosen, its parts add up to all of it', async () => {
    await askSlowest();
    const text = await page.locator('.why').innerText();
    assert.match(text, /RPC 58512 \(ping\) of thread client4\.61/);
    assert.match(text, /The longest of 20 RPCs ping of client4; the median takes 2\.559 ms\./);
    const [parts, elapsed] = await why(() => {
      const { answer } = window.kutrace.state().why;
      return [answer.sums.reduce((sum, s) => sum + s.ns, 0), answer.elapsed];
    });
    assert.equal(parts, elapsed);
    assert.equal(elapsed, 14454670);
    assert.equal(await why(() => window.kutrace.state().open.pid), true);
    assert.equal(await page.locator('.why .cause-bar').getAttribute('role'), 'img');
  });

  test('its subject can be changed, and stands in the address', async () => {
    await askSlowest();
    await page.locator('.why select').selectOption('life');
    await page.waitForFunction(() => window.kutrace.state().why.answer.asked.rpc === 0);
    assert.match(await page.locator('.why h3.what').innerText(), /^thread client4\.61$/);
    assert.match(await why(() => window.kutrace.actions.encodeState()), /panel=why.*p\.why\.of=life/);
  });

  test('keys walk the steps; the marked one is in sight, in the list and in the picture', async () => {
    await askSlowest();
    await page.locator('#picture').focus();
    await press('>', '>');
    const [step, from, to] = await why(() => {
      const { step: i, answer } = window.kutrace.state().why;
      return [i, answer.steps[i].from, answer.steps[i].to];
    });
    assert.equal(step, 1);
    const { t0, t1 } = await why(() => window.kutrace.window());
    assert.ok(t0 < from && to < t1);
    assert.equal(await page.locator('.steps li[aria-current=step]').getAttribute('data-step'), '1');
    await press('<');
    assert.equal(await why(() => window.kutrace.state().why.step), 0);
  });

  test('what a sentence stands on is a click away, and the panel stays', async () => {
    await askSlowest();
    await page.locator('.steps .stands-on button', { hasText: 'runnable.61' }).first().click();
    const name = await why(() => {
      const { model, selection } = window.kutrace.state();
      return model.kinds[model[selection.cols].kind[selection.record]].name;
    });
    assert.equal(name, 'runnable.61');
    assert.equal(await why(() => window.kutrace.state().panel), 'why');
  });

  test('a cause leads to the longest part of it', async () => {
    await askSlowest();
    await page.locator('.why table button.link', { hasText: 'waiting for server4' }).click();
    const tid = await why(() => {
      const { step, answer } = window.kutrace.state().why;
      return answer.steps[step].tid;
    });
    assert.equal(tid, 53);
  });

  test('the path lies over the picture while the panel is open, and no longer', async () => {
    const before = await painted();
    await askSlowest();
    assert.ok((await painted()) > before + 0.3);
    await press('Escape');
    assert.ok((await painted()) < before + 0.05);
    assert.deepEqual(v.problems, []);
  });

  test('a click on another span asks about that', async () => {
    await askSlowest();
    await why(() => {
      const m = window.kutrace.state().model;
      const record = [...m.exec.kind].findIndex((k) => m.kinds[k].name === 'server4.53');
      window.kutrace.actions.select({ cols: 'exec', record }, 'cpu');
    });
    await page.waitForFunction(() => window.kutrace.state().why?.answer.asked.tid === 53);
    assert.match(await page.locator('.why h3.what').innerText(), /server4\.53/);
  });
});

test('many steps: the longest stand there, a line tells of the others and opens them', async () => {
  const events = [];
  for (let i = 0; i < 60; i++) {
    const t = 1 + i * 0.001;
    events.push([t, 0.0005 + i * 1e-6, i % 2, 7, 0, 65543, 0, 0, 0, 'wanderer.7']);
    events.push([t + 0.0005 + i * 1e-6, 0.0005 - i * 1e-6, -1, 7, 0, 0x302, 0, 0, 0, 'wait_cpu']);
    events.push([t + 0.0005 + i * 1e-6, 0.0005 - i * 1e-6, (i + 1) % 2, 0, 0, 65536, 0, 0, 0, '-idle-']);
  }
  const { page: p, close, problems } = await browser.open(pageOfRecords(events));
  await p.keyboard.press('y');
  await p.waitForFunction(() => document.querySelector('.why table tbody tr') !== null);
  await p.locator('.why table tbody button.link').first().click();
  await p.waitForFunction(() => document.querySelector('.why .steps') !== null);
  const counts = () =>
    p.evaluate(() => ({
      shown: document.querySelectorAll('.steps li[data-step]').length,
      hidden: [...document.querySelectorAll('.steps .gap')].reduce((sum, e) => sum + Number.parseInt(e.textContent, 10), 0),
      all: window.kutrace.state().why.answer.steps.length,
    }));
  const first = await counts();
  assert.equal(first.shown, 12);
  assert.equal(first.shown + first.hidden, first.all);
  await p.locator('.steps .gap button').first().click();
  const second = await counts();
  assert.ok(second.shown > first.shown);
  assert.equal(second.shown + second.hidden, second.all);
  assert.deepEqual(problems, []);
  await close();
});

test('hostile names are shown as text', async () => {
  const name = '<img src=x onerror=alert(1)>.9';
  const {
    page: p,
    close,
    problems,
  } = await browser.open(
    pageOfRecords([
      [1, 0.001, 0, 9, 0, 65545, 0, 0, 0, name],
      [1.001, 0.001, 0, 9, 0, 0x801, 0, 0, 0, '<b>write</b>'],
    ]),
  );
  await p.keyboard.press('y');
  await p.waitForFunction(() => document.querySelector('.why table tbody tr') !== null);
  await p.locator('.why table tbody button.link').first().click();
  await p.waitForFunction(() => document.querySelector('.why .steps') !== null);
  assert.equal(await p.locator('.why img, .why .steps b:not(.number)').count(), 0);
  assert.match(await p.locator('.why').innerText(), /running in <b>write<\/b>/);
  assert.deepEqual(problems, []);
  await close();
});
