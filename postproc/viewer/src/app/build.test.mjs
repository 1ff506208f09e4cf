// SPDX-License-Identifier: BSD-3-Clause
// The page for one who changes it (npm run dev) has maps to the sources; the one that is given out has none, and a policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../build.mjs';

test('maps to the sources are in the page for its makers only, and only there is no policy', async () => {
  const [given, made] = [await build(), await build({ dev: true })];
  const policy = (page) => /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  assert.ok(made.includes('sourceMappingURL=data:') && !given.includes('sourceMappingURL='));
  assert.equal(policy(made), '');
  assert.match(policy(given) ?? '', /default-src 'none'/);
});
