// SPDX-License-Identifier: BSD-3-Clause
// Prints the table of the viewer's figures: node bench/viewer/run.mjs FILE.html ... ; bench/viewer/run makes the files.

import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, open, quantile, rendererBytes } from './measure.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(here, '../../postproc/viewer/package.json'));
const { chromium } = require('playwright-core');

/** What the reference viewer needed on a machine of this kind: first picture in s; a redraw, p95 in ms; bytes a record. */
const REFERENCE = [
  { upTo: 1e5, first: '', redraw: '' }, { upTo: 6e5, first: '1.8', redraw: '' }, { upTo: 2.5e6, first: '12.7', redraw: '200-450' },
  { upTo: Infinity, first: 'cannot', redraw: 'cannot' },
];
/** Wanted: first picture in s. */
const WANTED = [[6e5, 0.4], [2.5e6, 0.8], [6e6, 1.5], [Infinity, 6]];

const number = (v, digits = 1) => v.toFixed(digits);

function line(r, empty) {
  const reference = REFERENCE.find((k) => r.records <= k.upTo);
  const wanted = WANTED.find(([upTo]) => r.records <= upTo)[1];
  return [
    r.records.toLocaleString('en'), number(r.bytes / r.records, 2), `${number(r.first / 1000, 2)} <= ${wanted} [${reference.first}]`, number(r.whole / 1000, 2), number(r.ready / 1000, 2), number(r.processor, 2),
    number(r.counted / r.records), number((r.loaded - empty) / r.records), number((r.after - empty) / r.records), String(r.work.length),
    `${number(quantile(r.work, 0.5))} / ${number(quantile(r.work, 0.95))} / ${number(Math.max(...r.work))} [${reference.redraw}]`,
    `${number(quantile(r.gaps, 0.5))} / ${number(quantile(r.gaps, 0.95))} / ${number(Math.max(...r.gaps))}`, `${number(r.search)} [420-1005]`,
  ];
}

const HEAD = ['records', 'file B/rec', 'first picture s <= wanted [ref]', 'of all records s', 'ready s', 'processor s until ready', 'counted B/rec', 'process B/rec', 'after moving', 'frames drawn',
  'work a frame ms p50/p95/max [ref]', 'frame to frame ms p50/p95/max', 'search ms [ref]'];

async function main(files) {
  const server = await chromium.launchServer({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu',
    '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const browser = await chromium.connect(server.wsEndpoint());
  const pid = server.process().pid;
  const blank = await open(browser, path.join(here, '../../postproc/viewer/dist/template.html'));
  const empty = rendererBytes(pid);
  await blank.close();
  const rows = [];
  for (const file of files) {
    const r = await measure(browser, pid, file, Number(process.env.RUNS ?? 3));
    rows.push({ file: path.basename(file), empty, ...r });
    const cells = line(r, empty);
    console.log(`${path.basename(file)}`);
    console.log(`  ${'load average'.padEnd(36)} ${os.loadavg().map((v) => v.toFixed(1)).join(' ')}`);
    HEAD.forEach((h, i) => console.log(`  ${h.padEnd(36)} ${cells[i]}`));
  }
  await browser.close();
  await server.close();
  if (process.env.OUT) writeFileSync(process.env.OUT, JSON.stringify(rows.map(({ work, gaps, ...rest }) => ({ ...rest, work95: quantile(work, 0.95), workMax: Math.max(...work), gap95: quantile(gaps, 0.95), gapMax: Math.max(...gaps) })), null, 1));
}

await main(process.argv.slice(2));
