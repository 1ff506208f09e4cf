// SPDX-License-Identifier: BSD-3-Clause
// What the programs say of a trace, and the trace as the page has it, for tests that compare the two.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseMeta } from '../src/format/payload.js';
import { readPayload } from '../src/load/trace-reader.js';
import { buildModel } from '../src/trace/model.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const kutrace = path.join(root, 'build/release/postproc/kutrace');
export const tests = path.join(root, 'tests');
/** Why such a test cannot be run here, false when it can. */
export const skip = existsSync(kutrace) ? false : 'the programs are not built';

/** What a program says; of damaged traces, too, which it tells by its status. */
export const run = (...args) => spawnSync(kutrace, args, { maxBuffer: 1 << 30, encoding: 'utf8' }).stdout;

const part = (page, id) => new RegExp(`<script id="${id}"[^>]*>([\\s\\S]*?)</script>`).exec(page)?.[1] ?? '';

/** Makes the page of a trace, as `report` does, and uses it: the file, and the trace as the page has it. @param {string} file @param {(page: string, model: import('../src/trace/model.js').Model) => void} use */
export async function onPage(file, use) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kutrace-programs-'));
  try {
    const page = path.join(folder, 'page.html');
    run('report', file, '-o', page);
    const text = readFileSync(page, 'utf8');
    use(page, buildModel(await readPayload(parseMeta(part(text, 'kutrace-meta')), part(text, 'kutrace-data'))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
