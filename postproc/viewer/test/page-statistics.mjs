// SPDX-License-Identifier: BSD-3-Clause
// page-statistics.mjs FILE...: what the page's panels of statistics and of threads say of span JSON and pages as wholes, in ns. A line with the
// file's name, then a line each, sorted: what it is, a tab, how much. tests/agreement_test.cc compares it with what the programs say.
import { readFileSync } from 'node:fs';
import { parseMeta } from '../src/format/payload.js';
import { readPayload } from '../src/load/trace-reader.js';
import { StatsJob } from '../src/search/statistics.js';
import { StatesJob } from '../src/search/thread-states.js';
import { buildModel } from '../src/trace/model.js';
import { toNs } from '../src/trace/time.js';
import { readSpanFile } from './encode-payload.mjs';

const part = (page, id) => new RegExp(`<script id="${id}"[^>]*>([\\s\\S]*?)</script>`).exec(page)?.[1] ?? '';

async function modelOf(file) {
  if (!file.endsWith('.html')) return buildModel(readSpanFile(file));
  const page = readFileSync(file, 'utf8');
  return buildModel(await readPayload(parseMeta(part(page, 'kutrace-meta')), part(page, 'kutrace-data')));
}

function finished(job) {
  while (!job.done) job.step(() => 0, 1);
  return job;
}

function linesOf(model) {
  // A tick more on either side, so that records without a length at the ends count.
  const window = { t0: model.t0 - 1, t1: model.t1 + 1 };
  const lines = [];
  const say = (what, ticks) => lines.push(`${what}\t${toNs(model, ticks)}`);
  const rowsBy = (by) => finished(new StatsJob(model, window, { of: 'span', by })).made.rows;
  for (const r of rowsBy('cpu')) say(`cpu ${model.rows.cpu[Number(r.key)].key}`, r.total);
  for (const r of rowsBy('class')) say(`class ${r.key}`, r.total);
  for (const r of rowsBy('name')) {
    say(`name ${r.label}`, r.total);
    lines.push(`count ${r.label}\t${r.count}`);
  }
  for (const r of rowsBy('thread')) say(`on a CPU ${r.key}`, r.total);
  for (const s of finished(new StatesJob(model, window)).rows) {
    if (s.key <= 0) continue;
    say(`running ${s.key}`, s.running);
    say(`ready ${s.key}`, s.ready);
    for (const [letter, ticks] of Object.entries(s.blocked)) say(`waiting ${s.key} ${letter}`, ticks);
  }
  return lines.sort();
}

for (const file of process.argv.slice(2)) console.log([`== ${file}`, ...linesOf(await modelOf(file))].join('\n'));
