// SPDX-License-Identifier: BSD-3-Clause
// One page in a real browser: how soon it shows, what it holds, how long frames take.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const SIZE = { width: 1600, height: 1000 };

/** Renderer processes below `parent`. */
function renderers(parent) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
      children.set(ppid, [...(children.get(ppid) ?? []), Number(name)]);
    } catch { /* it ended meanwhile */ }
  }
  const tree = [parent];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer');
    } catch {
      return false; // it ended meanwhile
    }
  });
}

/** @param {number} parent @param {(pid: number) => number} figure */
const largest = (parent, figure) => renderers(parent).reduce((most, pid) => {
  try {
    return Math.max(most, figure(pid));
  } catch {
    return most;
  }
}, 0);

/** Memory that the largest renderer has of its own. */
export const rendererBytes = (parent) => largest(parent, (pid) => Number(/^Private_Dirty:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024);

/** A line of /proc/PID/status of the largest renderer, in bytes. */
export const rendererStatus = (parent, line) => largest(parent, (pid) => Number(new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024);

/** Processor seconds of the busiest renderer so far: what a page costs, whoever else is on the machine. */
export const rendererSeconds = (parent) => largest(parent, (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
});

const collect = async (page) => {
  const cdp = await page.context().newCDPSession(page);
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  await cdp.detach();
};

/** Chooses a file and keeps no handle of the input, as setInputFiles does: it would keep all that stands around it. */
export async function chooseFile(session, selector, file) {
  const { result } = await session.send('Runtime.evaluate', { expression: `document.querySelector(${JSON.stringify(selector)})` });
  await session.send('DOM.setFileInputFiles', { files: [file], objectId: result.objectId });
  await session.send('Runtime.releaseObject', { objectId: result.objectId });
}

/** Opens a page; times in ms since navigation began. */
export async function open(browser, file) {
  const context = await browser.newContext({ viewport: SIZE, bypassCSP: true });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (e) => problems.push(String(e)));
  await page.goto(pathToFileURL(file).href, { timeout: 300000 });
  await page.waitForSelector('body:not([data-state=loading])', { timeout: 300000 });
  await page.waitForTimeout(300);
  if (problems.length > 0) throw new Error(`${file}: ${problems[0]}`);
  return { page, problems, close: () => context.close() };
}

/** Starts to note when frames come and how long the viewer works for each. */
export const watch = (page) => page.evaluate(() => {
  const k = window.kutrace;
  const seen = { times: [], on: true };
  k.frames.length = 0;
  const tick = (t) => { seen.times.push(t); if (seen.on) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  window.seenFrames = seen;
});

export const watched = (page) => page.evaluate(() => {
  const seen = window.seenFrames;
  seen.on = false;
  const gaps = seen.times.slice(1).map((t, i) => t - seen.times[i]);
  return { work: window.kutrace.frames.slice(), gaps };
});

export const quantile = (list, q) => {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
};

export async function drag(page, box, dx, dy, steps) {
  await page.mouse.move(box.x, box.y);
  await page.mouse.down();
  for (let i = 1; i <= steps; i++) {
    await page.mouse.move(box.x + (dx * i) / steps, box.y + (dy * i) / steps);
    await page.evaluate(() => new Promise((r) => { requestAnimationFrame(() => r(undefined)); }));
  }
  await page.mouse.up();
}

/** Moves the picture about with real input: drags across and down, wheel in and out, at several widths. */
export async function move(page) {
  await page.evaluate(() => {
    for (const group of ['pid', 'rpc']) if (!window.kutrace.state().open[group]) window.kutrace.actions.toggleGroup(group);
  });
  await page.waitForTimeout(500);
  const canvas = await page.locator('#picture').boundingBox();
  const box = { x: canvas.x + canvas.width / 2, y: canvas.y + canvas.height / 2 };
  const result = { work: [], gaps: [] };
  const { t0, t1 } = await page.evaluate(() => window.kutrace.range());
  for (const share of [0.8, 0.05, 0.001]) {
    await page.evaluate(([a, b]) => window.kutrace.setWindow(a, b), [t0 + (t1 - t0) * 0.1, t0 + (t1 - t0) * (0.1 + share)]);
    await page.waitForTimeout(200);
    await watch(page);
    await drag(page, box, -500, 0, 60);
    await drag(page, box, 300, -250, 60);
    await drag(page, box, 200, 250, 40);
    const { work, gaps } = await watched(page);
    result.work.push(...work);
    result.gaps.push(...gaps);
  }
  await page.evaluate(() => window.kutrace.actions.full());
  await page.mouse.move(box.x, box.y);
  await page.waitForTimeout(200);
  await watch(page);
  for (const way of [-120, 120]) {
    for (let i = 0; i < 50; i++) {
      await page.mouse.wheel(0, way);
      await page.evaluate(() => new Promise((r) => { requestAnimationFrame(() => r(undefined)); }));
    }
  }
  const { work, gaps } = await watched(page);
  result.work.push(...work);
  result.gaps.push(...gaps);
  return result;
}

/** All figures of one file. */
export async function measure(browser, browserPid, file, runs) {
  const first = [];
  const whole = [];
  const ready = [];
  const seconds = [];
  let row;
  for (let run = 0; run < runs; run++) {
    const { page, close } = await open(browser, file);
    const times = await page.evaluate(() => window.kutrace.times);
    first.push(times.firstPicture);
    whole.push(times.wholePicture);
    ready.push(times.loaded);
    seconds.push(rendererSeconds(browserPid));
    if (run === runs - 1) {
      const counts = await page.evaluate(() => window.kutrace.counts());
      const records = counts.exec + counts.aux;
      await collect(page);
      const loaded = rendererBytes(browserPid);
      const counted = await page.evaluate(() => window.kutrace.bytes?.() ?? 0);
      const moved = await move(page);
      await collect(page);
      const after = rendererBytes(browserPid);
      const search = await page.evaluate(() => {
        const t = performance.now();
        window.kutrace.actions.search('futex');
        return performance.now() - t;
      });
      row = { records, bytes: statSync(file).size, loaded, counted, after, search, ...moved };
    }
    await close();
  }
  return { ...row, first: quantile(first, 0.5), whole: quantile(whole, 0.5), processor: quantile(seconds, 0.5), ready: quantile(ready, 0.5) };
}
