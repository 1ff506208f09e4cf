// SPDX-License-Identifier: BSD-3-Clause
// Words over the spans: none stands on another.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EV } from '../format/events.js';
import { placeItemNames } from './item-names.js';
import { layoutRows } from './layout.js';
import { buildOverlays } from '../draw/items.js';
import { initialState } from '../state/store.js';
import { typeOf } from '../kit/type.js';
import { rpc } from '../../test/samples.mjs';

const overlap = (a, b) =>
  a.left < b.left + b.width - 0.01 && b.left < a.left + a.width - 0.01 && a.top < b.top + b.height - 0.01 && b.top < a.top + a.height - 0.01;
const item = (type, x, text, more = {}) => ({ type, record: 0, x0: x, x1: x, y0: 112, y1: 190, h: 78, top: 100, text, ...more });
const place = (list, scale = 1) => {
  list.forEach(([i], k) => {
    const next = list.slice(k + 1).find(([j]) => j.type === i.type && j.y0 === i.y0);
    i.room = next ? next[0].x0 - i.x0 : 200;
  });
  return placeItemNames(
    list.map(([i]) => i),
    (i) => list.find(([j]) => j === i)[1],
    () => true,
    typeOf(scale),
  );
};

test('the name of an RPC that begins at a mark stands whole above its box, on a low row beside it or not at all', () => {
  const [name, mark] = place([
    [item('rpc', 50, 'ping.58512'), EV.RPCIDREQ],
    [item('mark', 54, 'write'), EV.MARKA],
  ]);
  assert.equal(name.text, 'ping.58512');
  assert.equal(mark.text, 'write');
  assert.equal(overlap(name, mark), false);
  assert.ok(name.top + name.height <= mark.top + 1.01);
  const low = { y0: 102, h: 8 };
  const [none, box] = place([
    [item('rpc', 50, 'ping.58512', low), EV.RPCIDREQ],
    [item('mark', 54, 'write', low), EV.MARKA],
  ]);
  assert.ok(box);
  assert.equal(none, null, 'no room: the flag alone');
  const [cut, next] = place([
    [item('rpc', 50, 'ping.58512', low), EV.RPCIDREQ],
    [item('mark', 104, 'write', low), EV.MARKA],
  ]);
  assert.ok(cut.text.length < 10 && cut.text.endsWith('…') && !overlap(cut, next), cut.text);
});

test('a message and two RPCs share a row; a response has no name of its own', () => {
  const list = [
    [item('message', 40, 'rx.7', { x1: 140, y0: 101, y1: 112 }), EV.RPCIDRXMSG],
    [item('rpc', 44, 'read.7'), EV.RPCIDREQ],
    [item('rpc', 300, 'read.8'), EV.RPCIDRESP],
    [item('rpc', 420, 'read.9'), EV.RPCIDREQ],
  ];
  const [message, first, response, second] = place(list);
  assert.ok(message && first && second);
  assert.equal(response, null);
  assert.equal(overlap(message, first), false);
});

test('in a real trace, at every zoom and text size, no name of an RPC stands on another name', () => {
  const model = rpc();
  let names = 0;
  for (const scale of [1, 1.5, 2]) {
    for (let zoom = 0; zoom < 12; zoom++) {
      const width = (model.t1 - model.t0) / 2 ** zoom;
      for (const share of [0.1, 0.12, 0.14, 0.16, 0.5]) {
        const t0 = model.t0 + (model.t1 - model.t0) * share - width / 2;
        const state = { ...initialState(), open: { cpu: true, pid: true, rpc: true }, window: { t0, t1: t0 + width } };
        const layout = layoutRows(model, state, { width: 1600, height: 1000 });
        const items = buildOverlays(model, layout, { t0, tpp: width / (layout.right - layout.left), show: state.show, words: true });
        const boxes = placeItemNames(
          items,
          (i) => model.kinds[model.aux.kind[i.record]].event,
          () => true,
          typeOf(scale),
        );
        boxes.forEach((box, k) => {
          if (!box || items[k].type !== 'rpc') return;
          names++;
          boxes.forEach((other, j) => {
            const y = items[j].type === 'message' ? items[j].y1 : items[j].y0;
            if (other && j !== k && y === items[k].y0) assert.equal(overlap(box, other), false, `${JSON.stringify(box)} ${JSON.stringify(other)}`);
          });
        });
      }
    }
  }
  assert.ok(names > 100, String(names));
});
