// SPDX-License-Identifier: BSD-3-Clause
// Rows in which nothing happens fold into one line; what is selected stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaWords } from '../words/area-words.js';
import { footWords, headNote, rowFigure } from '../words/row-words.js';
import { readAreaRows, writeAreaRows } from '../state/area.js';
import { initialState } from '../state/store.js';
import { AUX } from '../format/events.js';
import { prepareAll } from '../trace/model.js';
import { footTop, layoutRows, rowAt, rowsBetween, visibleRows } from './layout.js';
import { busiestFirst, busyTimes, isActive, shownRows } from './rows.js';
import { rpc as loadRpc } from '../../test/samples.mjs';

const model = loadRpc();
prepareAll(model);
const size = { width: 1200, height: 900 };
const middle = { t0: model.t0 + (model.t1 - model.t0) * 0.11, t1: model.t0 + (model.t1 - model.t0) * 0.12 };
const view = (change = {}) => ({
  ...initialState(),
  model,
  open: { cpu: true, pid: true, rpc: false },
  rows: busiestFirst(),
  window: middle,
  ...change,
});
const threads = (state) => layoutRows(model, state, size).groups.find((g) => g.group === 'pid');

test('threads that do not run in the window are one line with their number; the others are busiest first', () => {
  const g = threads(view());
  const running = model.rows.pid.filter((row) => isActive(model, row, middle));
  assert.ok(running.length > 1 && running.length < model.rows.pid.length);
  assert.deepEqual(new Set(g.rows), new Set(running));
  assert.equal(g.folded, model.rows.pid.length - running.length);
  const times = busyTimes(model, 'pid');
  const busy = g.rows.map((row) => times[model.position.pid.get(row.key)]);
  assert.deepEqual(
    busy,
    [...busy].sort((a, b) => b - a),
  );
  assert.equal(footWords('pid', 3), '▸ 3 threads do not run in this window');
  assert.equal(footWords('rpc', 1), '▸ 1 RPC does not run in this window');
});

test('the line has a place of its own: no row lies there, what follows lies below it', () => {
  const layout = layoutRows(model, view(), size);
  const g = layout.groups.find((b) => b.group === 'pid');
  const y = footTop(layout, g);
  assert.equal(y, g.top + g.count * g.rowHeight - layout.scroll);
  assert.deepEqual(rowAt(layout, y + g.foot / 2), { row: null, header: null, foot: 'pid' });
  assert.ok(visibleRows(layout).every((p) => p.row.group !== 'pid' || p.y + p.h <= y));
  assert.equal(layout.groups.find((b) => b.group === 'rpc').header, g.top + g.count * g.rowHeight + g.foot);
  const open = threads(view({ rows: { ...busiestFirst(), pid: { ...busiestFirst().pid, fold: false } } }));
  assert.deepEqual([open.folded, open.foot, open.count], [0, 0, model.rows.pid.length]);
  assert.equal(threads(view({ window: { t0: model.t0, t1: model.t1 } })).foot, 0, 'everything runs in the whole trace');
});

test('the row of what is selected is not folded, nor those of a path', () => {
  const idle = model.rows.pid.find((row) => !isActive(model, row, middle) && row.aux[AUX.WAIT]);
  const selection = { cols: 'aux', record: idle.aux[AUX.WAIT].index[0] };
  const before = threads(view());
  const after = threads(view({ selection }));
  assert.deepEqual([after.count, after.folded], [before.count + 1, before.folded - 1]);
  assert.ok(after.slot.has(idle.key));
  const why = { step: -1, answer: { steps: [{ tid: idle.key }, { tid: -1 }] } };
  assert.ok(threads(view({ why })).slot.has(idle.key));
});

test('while a gesture moves the picture the rows stay; the same rows are the same list', () => {
  const other = { t0: middle.t0 + 10, t1: middle.t1 + 10 };
  const rows = busiestFirst();
  const a = shownRows(model, 'pid', rows, middle);
  assert.equal(shownRows(model, 'pid', rows, other), a, 'nothing came or went: nothing is painted anew');
  const far = { t0: model.t0, t1: model.t0 + 100 };
  assert.deepEqual(threads(view({ window: far, foldBy: middle })).rows, a.rows);
  assert.notDeepEqual(threads(view({ window: far })).rows, a.rows);
});

test('rows between two heights: those of one group, none within a single row', () => {
  const layout = layoutRows(model, view({ rows: initialState().rows }), size);
  const g = layout.groups.find((b) => b.group === 'pid');
  const y = (i) => g.top + (i + 0.5) * g.rowHeight - layout.scroll;
  const keys = (a, b) => g.rows.slice(a, b + 1).map((row) => row.key);
  assert.deepEqual(rowsBetween(layout, y(1), y(3)), { group: 'pid', keys: keys(1, 3) });
  assert.deepEqual(rowsBetween(layout, y(3), y(1)), { group: 'pid', keys: keys(1, 3) });
  assert.equal(rowsBetween(layout, y(2), y(2) + 3), null);
  assert.deepEqual(rowsBetween(layout, y(1), -1000), { group: 'pid', keys: keys(0, 1) }, 'it stays in the group where it began');
  assert.equal(rowsBetween(layout, layout.bottom + 5, y(1)), null, 'from the axis: all rows');
});

test('an area is written and read back; rows that the trace does not have are left out', () => {
  const rows = { group: 'pid', keys: [61, 53] };
  assert.deepEqual(readAreaRows(writeAreaRows(rows), model), rows);
  assert.deepEqual(readAreaRows('pid:61,99999,61', model), { group: 'pid', keys: [61] });
  for (const text of [null, '', 'pid:', 'pid:99999', 'xyz:1', 'pid:1e9', 'cpu:-1', 'pid:1,,2'])
    assert.equal(readAreaRows(text, model), null, `${text}`);
  const window = { t0: 0, t1: 1e6 };
  assert.equal(areaWords(model, { window, rows, measured: true }), 'Area of 10.00 ms × 2 threads');
  assert.equal(areaWords(model, { window, rows: { group: 'cpu', keys: [2] }, measured: true }), 'Area of 10.00 ms × CPU 2');
  assert.equal(areaWords(model, { window, rows: null, measured: false }), 'Window of 10.00 ms on 4 CPUs');
});

test('a row says how much it runs: a CPU as a share of what was recorded, a thread as time', () => {
  const w = { t0: model.t0, t1: model.t1 };
  const row = (group, key) => model.rows[group][model.position[group].get(key)];
  const plain = (rows, is) => {
    let [busy, all] = [0, 0];
    for (const cpu of rows)
      for (let r = cpu.lo; r < cpu.lo + cpu.n; r++) {
        if (!is(r)) continue;
        all += model.exec.dur[r];
        if (model.kinds[model.exec.kind[r]].event !== 65536) busy += model.exec.dur[r];
      }
    return { busy, all };
  };
  const cpu = plain([row('cpu', 1)], () => true);
  assert.equal(rowFigure(model, row('cpu', 1), w), `${((cpu.busy / cpu.all) * 100).toFixed(1)} % busy`);
  const thread = plain(model.rows.cpu, (r) => model.exec.pid[r] >>> 0 === 61);
  assert.equal(rowFigure(model, row('pid', 61), w), `ran ${((thread.busy * model.nsPerTick) / 1e6).toPrecision(4)} ms`);
  assert.equal(rowFigure(model, row('rpc', model.rows.rpc[0].key), w), '');
  assert.match(headNote(model, 'cpu', 'key', 100), /^a pixel is 1\.000 µs wide$/);
});
