// SPDX-License-Identifier: BSD-3-Clause
// Frames as the eye gets them: from requestAnimationFrame to requestAnimationFrame, while a page moves and zooms with all groups open, locks
// and arcs on, in windows from everything down to 8 ticks; and while its panels fill. Beside them the frames of an empty page in the same run.
//   node bench/viewer/frames.mjs FILE.html ...     (bench/viewer/run --frames makes the files)
// RUNS=5; OUT=file for JSON; ONLY=panels or moves. 1600x1000, density 1, software drawing.

import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, quantile } from './measure.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(here, '../../postproc/viewer/package.json'));
const { chromium } = require('playwright-core');

const WANTED = { p95: 17, worst: 50 };
const PANELS = ['details', 'results', 'statistics', 'states', 'rows', 'notes', 'compare', 'legend', 'quality'];

const gapsOf = (times) => times.slice(1).map((t, i) => t - times[i]);
const show = (gaps) => ({ frames: gaps.length, p95: quantile(gaps, 0.95), worst: Math.max(0, ...gaps) });

/** Frames of a page that has next to nothing to draw. */
async function emptyPage(browser) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  await page.goto('data:text/html,<title>empty</title><p>empty');
  const times = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const seen = [];
        const tick = (t) => {
          seen.push(t);
          document.body.style.color = seen.length % 2 ? '#111' : '#222';
          if (seen.length < 240) requestAnimationFrame(tick);
          else resolve(seen);
        };
        requestAnimationFrame(tick);
      }),
  );
  await context.close();
  return gapsOf(times);
}

/** Opens all groups, switches locks and arcs on. */
const prepare = (page) =>
  page.evaluate(() => {
    const k = window.kutrace;
    for (const group of ['cpu', 'pid', 'rpc']) if (!k.state().open[group]) k.actions.toggleGroup(group);
    for (const what of ['locks', 'arcs', 'waits', 'marks']) while (k.state().show[what] !== 1) k.actions.toggle(what);
  });

/**
 * Moves for some frames in each of the windows, then zooms from everything to the narrowest and back, all the while scrolling rows.
 * @returns {Promise<{name: string, times: number[], work: number[]}[]>}
 */
const moves = (page) =>
  page.evaluate(async () => {
    const k = window.kutrace;
    const { t0, t1 } = k.range();
    const whole = t1 - t0;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const out = [];
    /** @param {string} name @param {number} n @param {(i: number) => void} act */
    async function watch(name, n, act) {
      act(0);
      for (let i = 0; i < 20; i++) await frame(); // what came before is drawn
      k.frames.length = 0;
      const times = [await frame()];
      for (let i = 0; i < n; i++) {
        act(i / n);
        times.push(await frame());
      }
      out.push({ name, times, work: k.frames.slice() });
    }
    const widths = [];
    for (let w = whole; w > 8; w /= 20) widths.push(w);
    widths.push(8);
    for (const w of widths) {
      const middle = t0 + whole * 0.4;
      const go = (share) => k.setWindow(middle + (share - 0.5) * w, middle + (share + 0.5) * w);
      await watch(`pan ${w.toPrecision(3)} ticks`, 60, w === whole ? (s) => k.setWindow(t0 + whole * 0.05 * s, t0 + whole * (0.95 + 0.05 * s)) : go);
    }
    const zoom = (share) => {
      const w = whole * (8 / whole) ** share;
      const middle = t0 + whole * 0.4;
      k.setWindow(Math.max(t0, middle - w / 2), Math.min(t1, middle + w / 2));
    };
    await watch('zoom in', 150, zoom);
    await watch('zoom out', 150, (s) => zoom(1 - s));
    for (const w of [whole, whole / 100, whole / 1e4]) {
      k.setWindow(t0 + whole * 0.4, Math.min(t1, t0 + whole * 0.4 + w));
      await watch(`scroll rows, ${w.toPrecision(3)} ticks`, 60, (s) => k.actions.scroll(s < 0.5 ? 97 : -97));
    }
    return out;
  });

/** Opens each panel in a window of everything and waits until it is filled. @returns {Promise<{name: string, times: number[]}[]>} */
const panels = (page, names) =>
  page.evaluate(async (list) => {
    const k = window.kutrace;
    k.actions.full();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const out = [];
    for (const name of list) {
      for (let i = 0; i < 20; i++) await frame();
      const times = [await frame()];
      k.actions.openPanel(name);
      // Filled: nothing of it changed for half a second.
      let last = performance.now();
      const observer = new MutationObserver(() => {
        last = performance.now();
      });
      observer.observe(document.getElementById('panel'), { childList: true, subtree: true, characterData: true });
      while (performance.now() - last < 500) times.push(await frame());
      observer.disconnect();
      out.push({ name, times });
      k.actions.openPanel(name);
    }
    return out;
  }, names);

const cell = ({ frames, p95, worst }) => `${String(frames).padStart(5)}  ${p95.toFixed(1).padStart(6)}  ${worst.toFixed(1).padStart(7)}`;
const median = (list) => quantile(list, 0.5);

/** The median of several runs, figure by figure. */
const middle = (runs) => ({
  frames: median(runs.map((r) => r.frames)),
  p95: median(runs.map((r) => r.p95)),
  worst: median(runs.map((r) => r.worst)),
});

async function measureFile(browser, file, runs) {
  /** @type {Map<string, {frames: number, p95: number, worst: number}[]>} */
  const found = new Map();
  const add = (name, figures) => found.set(name, [...(found.get(name) ?? []), figures]);
  for (let run = 0; run < runs; run++) {
    add('an empty page', show(await emptyPage(browser)));
    const { page, close } = await open(browser, file);
    await prepare(page);
    if (process.env.ONLY !== 'panels') {
      const all = [];
      for (const { name, times, work } of await moves(page)) {
        const gaps = gapsOf(times);
        all.push(...gaps);
        add(name, show(gaps));
        add(`${name}: its script alone`, show(work));
      }
      add('ALL MOVES', show(all));
    }
    if (process.env.ONLY !== 'moves') for (const { name, times } of await panels(page, PANELS)) add(`panel ${name}`, show(gapsOf(times)));
    await close();
  }
  return [...found].map(([name, list]) => ({ name, ...middle(list) }));
}

async function main(files) {
  const runs = Number(process.env.RUNS ?? 5);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const result = [];
  for (const file of files) {
    const rows = await measureFile(browser, file, runs);
    result.push({ file: path.basename(file), rows });
    console.log(
      `${path.basename(file)}, median of ${runs} runs, load average ${os
        .loadavg()
        .map((v) => v.toFixed(1))
        .join(' ')}; wanted: p95 <= ${WANTED.p95} ms, worst <= ${WANTED.worst} ms`,
    );
    console.log(`  ${'ms from frame to frame'.padEnd(48)} frames     p95    worst`);
    for (const row of rows) console.log(`  ${row.name.padEnd(48)} ${cell(row)}`);
  }
  await browser.close();
  if (process.env.OUT) writeFileSync(process.env.OUT, JSON.stringify(result, null, 1));
}

await main(process.argv.slice(2));
