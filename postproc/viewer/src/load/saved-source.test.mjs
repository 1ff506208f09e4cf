// SPDX-License-Identifier: BSD-3-Clause
// A trace opened as span JSON is packed as a page's payload and comes back the same.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { argOf, rpcOf } from '../format/columns.js';
import { buildModel, prepareAll } from '../trace/model.js';
import { parseMeta } from '../format/payload.js';
import { encodeSource } from './saved-source.js';
import { parseSpanJson } from '../format/span-json.js';
import { readPayload } from './trace-reader.js';
import { spanJson } from '../../test/encode-payload.mjs';
import { makeTrace } from '../../test/synthetic.mjs';
import { hello, rpc, story } from '../../test/samples.mjs';

const profile = () =>
  buildModel(parseSpanJson(readFileSync(fileURLToPath(new URL('../../../../tests/data/row_profile.json', import.meta.url)), 'utf8')));
/** Values that need all the room there is, a name that would end the element, keys of the page's own description. */
const odd = () =>
  buildModel(
    parseSpanJson(
      spanJson(
        [
          [1, 1e-8, 0, 0xfffffff0, 0x70007, 65536 + 41, 2 ** 40, 0xfff5, 15, '</script><b>'],
          [1.00000001, 2000, 0, -1, 0, 2048, -5, 0, 0, 'read'],
          [0.5, 0.1, -1, 41, 7, 770, -(2 ** 33), 0, 0, 'wait_cpu'],
          [7, 1e-8, 300, 41, 0, 0x20a, 1, 0, 0, 'mark_a=\u2028ü'],
          ['no record'],
        ],
        {
          version: 9,
          format: 'other',
          chunks: 3,
          diagnostics: 'none',
          randomid: 5,
          extra: [[1, 0, 0, 0, 0, -4, 0, 0, 0, 'note']],
          savedview: [['a', null]],
        },
      ),
    ),
  );

function sameRecords(a, b, what) {
  assert.equal(a.n, b.n, what);
  for (let i = 0; i < a.n; i++) {
    for (const key of ['start', 'dur', 'kind', 'pid', 'ret', 'ipc', 'flags']) assert.equal(b[key][i], a[key][i], `${what}: ${key} of ${i}`);
    assert.equal(b.cpu?.[i], a.cpu?.[i]);
    assert.equal(argOf(b, i), argOf(a, i));
    assert.equal(rpcOf(b, i), rpcOf(a, i));
  }
}

for (const [name, make] of Object.entries({
  hello,
  rpc,
  story,
  profile,
  odd,
  empty: () => buildModel(parseSpanJson(spanJson([]))),
  'guessed and out of order': () => {
    const trace = makeTrace({ spans: 70000, cpus: 1, aux: 300 });
    for (let i = 0; i < 90; i++) trace.exec.flags[i * 7] = 1;
    [trace.exec.start[5], trace.exec.start[6]] = [trace.exec.start[6], trace.exec.start[5]];
    return buildModel(trace);
  },
})) {
  test(`${name}: the saved payload holds the same trace`, async () => {
    const model = make();
    const shares = [];
    const source = await encodeSource(model, async (share) => {
      shares.push(share);
    });
    const back = buildModel(await readPayload(parseMeta(source.meta), await source.data.text()));
    for (const m of [model, back]) prepareAll(m);
    assert.deepEqual(back.kinds, model.kinds);
    sameRecords(model.exec, back.exec, 'spans');
    sameRecords(model.aux, back.aux, 'others');
    assert.deepEqual([back.t0, back.t1, back.nsPerTick, back.flags], [model.t0, model.t1, model.nsPerTick, model.flags]);
    for (const group of ['cpu', 'pid', 'rpc'])
      assert.deepEqual(
        back.rows[group].map((r) => [r.key, r.label, r.n]),
        model.rows[group].map((r) => [r.key, r.label, r.n]),
        group,
      );
    const sorted = (m) => m.diagnostics.map((d) => `${d.id} ${d.severity} ${d.count}`).sort();
    assert.deepEqual(sorted(back), sorted(model));
    for (const key of ['title', 'tracebase', 'randomid', 'extra', 'savedview', 'presorted', 'cpuOrder'])
      assert.deepEqual(back.meta[key], model.meta[key], key);
    assert.ok(shares.every((s, i) => s >= (shares[i - 1] ?? 0) && s <= 1) && (model.exec.n === 0 || shares.at(-1) === 1), shares.join());
  });
}
