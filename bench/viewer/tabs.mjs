// SPDX-License-Identifier: BSD-3-Clause
// The tabs beside the timeline in a real browser at 1600x1000: a scatter plot of a million points, once in bands and once all over, and
// a log of 200 K RPCs. Prints when the first picture is there and what frames cost while the picture is moved and zoomed.
// node bench/viewer/tabs.mjs [points [rpcs]]; wants `npm ci && npm run build` in postproc/viewer. Other work on the machine spoils the
// times; the load is printed with them.

import { statSync } from 'node:fs';
import os from 'node:os';
import { launch, pageOf } from '../../postproc/viewer/test/browser/page.mjs';
import { parseSpanJson } from '../../postproc/viewer/src/format/span-json.js';
import { drag, open, quantile, rendererSeconds, watch, watched } from './measure.mjs';

const POINTS = Number(process.argv[2] ?? 1e6);
const RPCS = Number(process.argv[3] ?? 2e5);

let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Reads of a disk of 4 GB within a minute. @param {(i: number) => number} block */
const plot = (block) => ({
  title: `${POINTS} points`, axisLabelX: 'Time (sec)', axisLabelY: 'Block', shortUnitsX: 's', shortUnitsY: 'B', shortMulY: 4096, thousandsY: 1024,
  points: Array.from({ length: POINTS }, (_, i) => [Number(((i / POINTS) * 60).toFixed(8)), Math.floor(block(i))]),
});

/** Several clients call two servers; a few calls take much longer. */
function log() {
  const methods = ['read', 'write', 'ping', 'delete', 'stats'];
  let t = 1;
  const events = Array.from({ length: RPCS }, (_, i) => {
    t += (random() * 50) / RPCS;
    const length = 0.0002 + (random() < 0.01 ? random() * 0.05 : random() * 0.002);
    const times = [0, 0.2, 0.8, 1].map((share) => Number((t + length * share).toFixed(8)));
    return [...times, `10.0.0.${i % 40}:40000`, `10.0.1.${i % 2}:12345`, 66 + (i % 60), 66 + (i % 90), i, 0, 'ReqResp', methods[i % 5], 'OK', 40, `key${i}`];
  });
  return { title: `${RPCS} RPCs`, tracebase: '2026-11-21_02:50:00', gbs: 10, version: 4, events };
}

/** A page that holds one document and no trace. @param {object} document */
function pageWith(document) {
  const trace = parseSpanJson('{"title":"tabs","events":[[999.0,0,0,0,0,0,0,0,0,""]]}');
  return pageOf({ ...trace, documents: [{ name: 'd.json', text: JSON.stringify(document) }] });
}

const frame = (page) => page.evaluate(() => new Promise((r) => { requestAnimationFrame(() => r(undefined)); }));

/** Drags and wheels, as a person moves a picture about; at several widths. */
async function move(page) {
  const area = await page.locator('.chart-canvas:visible').boundingBox();
  const box = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  await page.mouse.move(box.x, box.y);
  await watch(page);
  for (let width = 0; width < 3; width++) {
    for (const [dx, dy] of [[-500, 0], [300, -250], [200, 250]]) await drag(page, box, dx, dy, 40);
    for (let i = 0; i < 20; i++) {
      await page.mouse.wheel(0, -120);
      await frame(page);
    }
  }
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, 120);
    await frame(page);
  }
  return watched(page);
}

const browser = await launch();
const three = (list) => [0.5, 0.95, 1].map((q) => (q === 1 ? Math.max(...list) : quantile(list, q)).toFixed(1)).join(' / ');
for (const [name, document] of [
  ['plot, in bands', plot((i) => ((i * 3) % 1e6) + (random() + random()) * 40000)], ['plot, all over', plot(() => random() * 1e6)], ['RPC log', log()],
]) {
  const file = pageWith(document);
  const first = [];
  let result = { work: [], gaps: [] };
  let seconds = 0;
  for (let run = 0; run < 3; run++) {
    const { page, close } = await open(browser, file);
    await page.waitForFunction(() => window.kutrace.times.tab > 0);
    first.push(await page.evaluate(() => window.kutrace.times.tab));
    if (run === 2) {
      const before = rendererSeconds(process.pid);
      result = await move(page);
      seconds = rendererSeconds(process.pid) - before;
    }
    await close();
  }
  console.log(`${name}: ${document.title}, ${(statSync(file).size / 1e6).toFixed(1)} MB; load ${os.loadavg()[0].toFixed(1)}`);
  console.log(`  first picture ${(quantile(first, 0.5) / 1000).toFixed(2)} s (middle of three)`);
  console.log(`  work a frame, ms p50/p95/max ${three(result.work)} (${result.work.length} frames); frame to frame ${three(result.gaps)}`);
  console.log(`  processor time of the page's process: ${((seconds * 1000) / result.work.length).toFixed(1)} ms a frame drawn, whoever else is on the machine`);
}
await browser.close();
