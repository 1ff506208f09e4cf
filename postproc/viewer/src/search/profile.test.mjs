// SPDX-License-Identifier: BSD-3-Clause
// The page's profiles are those of `kutrace profile`: every node, its own and total time to the ns, its count and its name.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { atOnce } from '../kit/slices.js';
import { onPage, run, skip, tests } from '../../test/programs.mjs';
import { Profile } from './profile.js';
import { recordsOf } from './why-answer.js';

const OF = { running: [], waiting: ['--off-cpu'], samples: ['--samples'] };
const everything = { t0: -Infinity, t1: Infinity, tid: -1 };

/** As the programs write it. */
const nodesOf = (profile) =>
  profile.nodes.map((n, node) => ({
    node,
    parent: n.parent < 0 ? null : n.parent,
    kind: n.frame.kind,
    ...(typeof n.frame.id === 'number' && n.frame.kind !== 'reason' ? { id: n.frame.id } : {}),
    name: profile.name(n.frame),
    total: n.ns,
    own: n.ownNs,
    count: n.count,
  }));

function assertSame(model, said, of, by, part) {
  const profile = atOnce(new Profile(model, of, by, part).count());
  assert.deepEqual(nodesOf(profile), said.nodes);
  assert.equal(profile.total, said.total);
  assert.equal(profile.idleNs, said.idle_ns);
}

for (const name of ['hello', 'rpc', 'locks']) {
  test(`${name}: the page's profiles are those of kutrace profile`, { skip }, async () => {
    await onPage(path.join(tests, 'data', `${name}.trace.gz`), (page, model) => {
      for (const [of, flags] of Object.entries(OF)) {
        for (const by of ['thread', 'cpu', 'rpc', 'function']) {
          if (of === 'waiting' && by === 'cpu') continue;
          assertSame(model, JSON.parse(run('profile', page, '--format', 'json', '--by', by, ...flags)), of, by, everything);
        }
      }
    });
  });
}

test('a part of a trace, and one thread in it, are those of kutrace profile', { skip }, async () => {
  await onPage(path.join(tests, 'data', 'rpc.trace.gz'), (page, model) => {
    // The client's side holds the server's.
    const sides = atOnce(recordsOf(model)).windows.filter((w) => w.rpc === 58512);
    const part = { t0: Math.min(...sides.map((w) => w.from)), t1: Math.max(...sides.map((w) => w.to)) };
    for (const [of, flags] of Object.entries(OF)) {
      for (const [tid, chosen] of [
        [-1, []],
        [61, ['--thread', '61']],
      ]) {
        const said = run('profile', page, '--format', 'json', '--by', 'thread', '--rpc', '58512', ...chosen, ...flags);
        assertSame(model, JSON.parse(said), of, 'thread', { ...part, tid });
      }
    }
  });
});
