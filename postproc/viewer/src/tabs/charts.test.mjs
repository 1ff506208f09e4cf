// SPDX-License-Identifier: BSD-3-Clause
// The pure parts of the RPC chart and the scatter plots.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { placeLegend } from './frame/tab-legend.js';
import { fileURLToPath } from 'node:url';
import { buildModel } from '../trace/model.js';
import { parseMeta, PayloadError } from '../format/payload.js';
import { readPayload } from '../load/trace-reader.js';
import { parseSpanJson } from '../format/span-json.js';
import { chartsOfTrace } from './catalog.js';
import { documentKind, parseDocument } from './documents.js';
import { jsonErrorOffset } from '../kit/json-offset.js';
import { KEYS } from '../input/keys.js';
import { CHART_KEYS, chartAction } from './frame/tab-keys.js';
import { changePlotLook, firstPlotLook, panArea, zoomArea } from './plot/plot-look.js';
import { nearestPoint, plotScene } from './plot/plot-scene.js';
import { durationOf, isBackward, startOf, wireTime } from './rpc/rpc-log.js';
import { changeRpcLook, firstRpcLook, nearestTime, snapTime } from './rpc/rpc-look.js';
import { orderRpcs, searchRpcs, SORTS, statisticsOf } from './rpc/rpc-order.js';
import { hueNumbers } from './rpc/rpc-paint.js';
import { rpcAt, rpcScene } from './rpc/rpc-scene.js';
import { partsOf, sumsOf } from './rpc/rpc-states.js';
import { ONE_SIDE, rpcLogOfTrace } from './rpc/rpc-trace.js';
import { rpcCsv, rpcLines } from './rpc/rpc-words.js';
import { slopeWords, valueWords } from './plot/units.js';
import { encodePayload, readSpanFile, spanJson, textOf } from '../../test/encode-payload.mjs';
import { makeTrace } from '../../test/synthetic.mjs';

const sample = (name) => readFileSync(fileURLToPath(new URL(`../../../../tests/data/${name}`, import.meta.url)), 'utf8');
const load = (name) => parseDocument(sample(name), name).data;
const rpcTrace = () => buildModel(readSpanFile(fileURLToPath(new URL('../../test/data/rpc.span.json.gz', import.meta.url))));
const size = { width: 1000, height: 600 };
const NO_QUERY = { text: '', invert: false, min: '', max: '' };
const rpc = (times, more = []) => [...times, 'c', 's', 66, 166, 7, 0, 'ReqResp', 'read', 'OK', 3, 'abc', ...more];
const logOf = (events, header = {}) => parseDocument(JSON.stringify({ gbs: 1, ...header, events: [...events, [999.0]] }), 'x.json').data;

test('kinds of documents are told by their first record', () => {
  assert.equal(documentKind(sample('rpc_log.json').slice(0, 900)), 'rpc');
  assert.equal(documentKind(sample('disk_read_times.json')), 'plot');
  assert.equal(documentKind(sample('row_profile.json')), null);
  assert.equal(documentKind('<html>'), null);
  assert.equal(documentKind('{"events":[[1,2,3,4,"a,b","]\\"",7,8,9,10,"","","",14,""]]}'), 'rpc');
  assert.equal(documentKind('{"events":[[1,2,0,7,0,65543,0,0,0,"a,,,,,,,,,"]]}'), null);
});

test('an RPC log: times in ns, deltaT23 added to T2 and T3, sentinel dropped, backward times counted', () => {
  const log = load('rpc_log.json');
  assert.equal(log.n, 120);
  assert.equal(log.title, 'Three clients, two servers');
  const first = JSON.parse(sample('rpc_log.json')).events[0];
  assert.equal(log.t[0][0], Math.round(first[0] * 1e9));
  assert.equal(log.t[1][0], Math.round((first[1] - 0.000037) * 1e9));
  assert.equal(log.t[3][0], Math.round(first[3] * 1e9));
  assert.deepEqual([log.method[0], log.rpcid[0], log.client[0], log.status[40]], ['write', 1000, '192.168.1.60:41000', 'TooBusy']);
  assert.deepEqual(
    log.diagnostics.map((d) => [d.id, d.count]),
    [['viewer.rpc-times', 4]],
  );
  assert.equal([...Array(log.n).keys()].filter((i) => isBackward(log, i)).length, 4);
});

test('malformed records are left out and counted; bad JSON names the file', () => {
  const log = logOf([rpc([1, 2, 3, 4]), [1, 2], rpc([1, 'x', 3, 4]), rpc([5, 6, 7, 8])]);
  assert.equal(log.n, 2);
  assert.deepEqual(
    log.diagnostics.map((d) => [d.severity, d.count]),
    [['damage', 2]],
  );
  assert.throws(
    () => parseDocument('{"events":[[1,', 'log.json'),
    (e) => e instanceof PayloadError && /^log\.json: at offset 14: not sound JSON/.test(e.message),
  );
  assert.throws(() => parseDocument('{"events":[[1,x', 'log.json'), /log\.json: at offset 14: not sound JSON/);
  assert.throws(() => parseDocument('{"a":1}', 'log.json'), /log\.json: has neither/);
  const plot = parseDocument('{"points":[[1,2],[3],["x",1],[4,5,6],[999,0]]}', 'p.json').data;
  assert.equal(plot.n, 2);
  assert.ok(Number.isNaN(plot.series[1].y[0]));
  assert.equal(plot.diagnostics[0].count, 2);
});

test('the place where JSON breaks', () => {
  for (const [text, at] of [
    ['{"a":[1,2}', 9],
    ['[1,]', 3],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['[1] x', 4],
    ['{"a":tru}', 5],
    ['{a:1}', 1],
    ['["x', 1],
    ['', 0],
    ['[1,{"b":01}]', 9],
    ['[[]', 3],
    ['{"a":1,}', 7],
  ]) {
    assert.throws(() => JSON.parse(text));
    assert.equal(jsonErrorOffset(text), at, text);
  }
});

test('the wire time follows from the length code and the speed', () => {
  const log = logOf([rpc([1, 2, 3, 4])], { gbs: 10 });
  assert.ok(Math.abs(wireTime(log, 100) - (1024 * 8) / 10) < 1e-9);
  assert.equal(wireTime(log, 0), 0);
});

test('orders: file, start, duration, method; search by text, pattern, duration, inverted', () => {
  const log = load('rpc_log.json');
  const orders = Object.fromEntries(SORTS.map(([s]) => [s, [...orderRpcs(log, s, null)]]));
  assert.deepEqual(orders.file, [...Array(120).keys()]);
  for (const [s] of SORTS)
    assert.deepEqual(
      [...orders[s]].sort((a, b) => a - b),
      orders.file,
      s,
    );
  orders.longest.forEach((i, k) => assert.ok(k === 0 || durationOf(log, orders.longest[k - 1]) >= durationOf(log, i)));
  orders.start.forEach((i, k) => assert.ok(k === 0 || startOf(log, orders.start[k - 1]) <= startOf(log, i)));
  const find = (q) => searchRpcs(log, { ...NO_QUERY, ...q });
  const writes = log.method.filter((m) => m === 'write').length;
  assert.equal(find({ text: 'WRITE' }).count, writes);
  assert.equal(find({ text: '^write\\.' }).count, writes);
  assert.equal(find({ text: 'write', invert: true }).count, 120 - writes);
  assert.equal(find({ text: '192.168.1.80' }).count, log.server.filter((s) => s.includes('.80')).length);
  const long = [...Array(120).keys()].filter((i) => durationOf(log, i) >= 6500);
  const found = find({ min: '6.5' });
  assert.equal(found.count, long.length);
  assert.equal(
    found.total,
    long.reduce((sum, i) => sum + durationOf(log, i), 0),
  );
  assert.equal(find({ min: '6.5', invert: true }).count, 120 - long.length);
  assert.equal(find({ min: '0.5', max: '1e9' }).count, 120);
  assert.match(find({ min: 'x' }).error, /no number/);
  assert.match(find({ text: '/(/' }).error, /Bad pattern/);
  assert.equal(find({ text: 'write(' }).error, '');
  assert.equal(orderRpcs(log, 'file', find({ text: 'ping' })).length, log.method.filter((m) => m === 'ping').length);
  const s = statisticsOf(log, orderRpcs(log, 'file', null));
  assert.equal(s.max, durationOf(log, orders.longest[0]));
  assert.equal(s.p50, durationOf(log, orders.shortest[59]));
});

test('a scene: bars are notched, rows in order, backward times are one grey bar', () => {
  const log = logOf([rpc([1, 1.002, 1.005, 1.006]), rpc([1.001, 1.0005, 1.002, 1.003]), rpc([1.004, 1.005, 1.0055, 1.007])]);
  const look = firstRpcLook(log);
  const scene = rpcScene(log, look, orderRpcs(log, 'file', null), searchRpcs(log, NO_QUERY), size, null);
  const [a, b] = scene.rows;
  assert.deepEqual(
    a.bars.map((r) => r.part),
    ['send', 'serve', 'reply'],
  );
  assert.ok(a.bars[1].y > a.bars[0].y && a.bars[0].y === a.bars[2].y);
  assert.ok(Math.abs(a.bars[0].x1 - a.bars[1].x0) < 1e-6 && Math.abs(a.bars[1].x1 - a.bars[2].x0) < 1e-6);
  assert.deepEqual(
    b.bars.map((r) => r.part),
    ['backward'],
  );
  // The wire line lies in the middle of its part and is as long as the estimate.
  const wire = a.wires[0];
  assert.ok(Math.abs((wire.x0 + wire.x1) / 2 - (a.bars[0].x0 + a.bars[0].x1) / 2) < 1e-6);
  assert.ok(Math.abs((wire.x1 - wire.x0) * scene.tpp - wireTime(log, 66)) < 1e-3);
  for (const row of scene.rows) assert.equal(rpcAt(scene, row.y), row.row);
  const relative = changeRpcLook(log, look, { relative: true });
  const rel = rpcScene(log, relative, orderRpcs(log, 'file', null), searchRpcs(log, NO_QUERY), size, null);
  for (const row of rel.rows) assert.ok(Math.abs(row.bars[0].x0 - rel.layout.left) < 1e-6);
  assert.equal(relative.t1, 6e6);
});

test('a look stays inside the log, survives JSON, and measuring snaps to T1 to T4', () => {
  const log = load('rpc_log.json');
  const look = changeRpcLook(log, firstRpcLook(log), { t0: -1e18, t1: 1e18, sort: 'longest', measure: { a: { row: 3, k: 0 }, b: { row: 3, k: 2 } } });
  assert.deepEqual([look.t0, look.t1], [log.range.absolute.t0, log.range.absolute.t1]);
  assert.deepEqual(JSON.parse(JSON.stringify(look)), look);
  assert.deepEqual(nearestTime(log, look, 3, log.t[2][3] + 5), { row: 3, k: 2 });
  const scene = rpcScene(log, look, orderRpcs(log, look.sort, null), searchRpcs(log, look.query), size, null);
  assert.equal(scene.measure.ns, log.t[2][3] - log.t[0][3]);
  assert.equal(snapTime(log, { ...look, relative: true }, { row: 3, k: 0 }), 0);
});

test('the first 15 names have different hues, always the same', () => {
  const names = Array.from({ length: 15 }, (_, i) => `method${i}`);
  assert.equal(new Set(hueNumbers(names).values()).size, 15);
  assert.deepEqual([...hueNumbers(names)], [...hueNumbers(names)]);
  for (const n of hueNumbers([...names, 'one more']).values()) assert.ok(n >= 0 && n < 15);
});

test('the RPCs of a trace: four times of each, from both sides', () => {
  const model = rpcTrace();
  const log = rpcLogOfTrace(model);
  assert.equal(log.n, 40);
  assert.deepEqual(
    ['ping', 'write', 'read'].map((m) => log.method.filter((v) => v === m).length),
    [20, 10, 10],
  );
  assert.deepEqual(log.diagnostics, []);
  for (let i = 0; i < log.n; i++) assert.ok(!isBackward(log, i) && log.t.every((t) => Number.isFinite(t[i])));
  // ping.58512, read from the records by eye.
  assert.deepEqual(
    log.t.map((t) => Math.round(t[0] / 10)),
    [4472063382, 4473183950, 4473251453, 4473508849],
  );
  assert.deepEqual([log.threads.client[0], log.threads.server[0]], [61, 53]);
  assert.equal(Math.round(2 ** (log.requestCode[0] / 10)), 1024);
  for (let i = 0; i < log.n; i++) {
    for (const part of partsOf(log, i))
      assert.equal(
        sumsOf(model, part).reduce((sum, s) => sum + s.ns, 0),
        part.t1 - part.t0,
        `${i} ${part.label}`,
      );
  }
  assert.ok(rpcLines(log, 0, model).some((l) => l.label.startsWith('T2 to T3, server: thread 53') && /running/.test(l.text)));
});

test('RPCs of one thread: its side is told by its messages, or said to be unknown', () => {
  const at = (t, event, arg, tid, rpcid = 0) => [t, 1e-8, 0, tid, rpcid, event, arg, 0, 0, event === 0x201 ? 'read.7' : 'x'];
  const user = [1, 0.5, 0, 9, 0, 65545, 0, 0, 0, 'app.9'];
  const of = (events) => rpcLogOfTrace(buildModel(parseSpanJson(spanJson([user, ...events]))));
  const client = of([at(1.1, 0x201, 7, 9), at(1.11, 0x217, 5, 9, 7), at(1.2, 0x202, 7, 9)]);
  assert.deepEqual(
    client.t.map((t) => (Number.isNaN(t[0]) ? null : Math.round(t[0] / 1e6))),
    [1100, null, null, 1200],
  );
  const server = of([at(1.1, 0x201, 7, 9), at(1.2, 0x202, 7, 9), at(1.21, 0x217, 5, 9, 7)]);
  assert.deepEqual(
    server.t.map((t) => (Number.isNaN(t[0]) ? null : Math.round(t[0] / 1e6))),
    [null, 1100, 1200, null],
  );
  const unknown = of([at(1.1, 0x201, 7, 9), at(1.2, 0x202, 7, 9)]);
  assert.equal(unknown.type[0], ONE_SIDE);
  assert.deepEqual(
    unknown.diagnostics.map((d) => d.id),
    ['viewer.rpc-partial'],
  );
  const again = of([at(1.1, 0x201, 7, 9), at(1.2, 0x202, 7, 9), at(1.3, 0x201, 7, 9)]);
  assert.deepEqual([again.n, durationOf(again, 1)], [2, 0], 'ids are used again; the last has no end');
});

test('tabs are offered for what a trace holds', () => {
  assert.deepEqual(
    chartsOfTrace(rpcTrace()).map((s) => s.id),
    ['rpc', 'delay'],
  );
  assert.deepEqual(chartsOfTrace(buildModel(makeTrace({ spans: 100, aux: 50 }))), []);
  const disk = buildModel(
    parseSpanJson(
      spanJson([
        [1, 0.5, 0, 9, 0, 65545, 0, 0, 0, 'app.9'],
        [1.1, 0.2, -1, 9, 0, 0x303, 0, 0, 0, 'wait_disk'],
        [1.2, 0.001, 0, 9, 7, 0x204, 1500, 0, 0, 'rx'],
        [1.3, 0.001, 0, 9, 7, 0x204, 500, 0, 0, 'rx'],
      ]),
    ),
  );
  const charts = chartsOfTrace(disk);
  assert.deepEqual(
    charts.map((s) => s.id),
    ['bytes', 'disk'],
  );
  assert.deepEqual([...charts[0].data().series[0].y], [1500, 2000]);
  assert.deepEqual([charts[1].data().x[0], charts[1].data().series[0].y[0]], [1.1, 0.2]);
});

test('delays pair each message with its receipt', () => {
  const plot = chartsOfTrace(rpcTrace())
    .find((s) => s.id === 'delay')
    .data();
  assert.equal(plot.n, 80);
  assert.ok(Math.abs(plot.series[0].y[0] - (44.7316217 - 44.72267726)) < 2e-8);
  assert.ok(plot.series[0].y.every((v) => v > 0));
});

test('a plot: points, triples, units; looks stay inside and can be stored', () => {
  const disk = load('disk_read_times.json');
  assert.equal(disk.n, 2500);
  assert.deepEqual([disk.color, disk.radius, disk.yAxis.mul, disk.yAxis.thousands], ['blue', 1.5, 4096, 1024]);
  const tcp = load('tcp_offsets.json');
  assert.deepEqual(
    tcp.series.map((s) => s.name),
    ['before alignment', 'after alignment'],
  );
  const look = firstPlotLook(disk);
  const zoomed = changePlotLook(disk, look, zoomArea(look, 0.1, 0.25, 0.75, 'both'));
  const fixed = (a) => [a.x0 + (a.x1 - a.x0) * 0.25, a.y0 + (a.y1 - a.y0) * 0.75];
  fixed(zoomed).forEach((v, k) => assert.ok(Math.abs(v - fixed(look)[k]) < 1e-6));
  const onlyX = zoomArea(look, 0.1, 0.5, 0.5, 'x');
  assert.deepEqual([onlyX.y0, onlyX.y1], [look.y0, look.y1]);
  const far = changePlotLook(disk, look, panArea(look, 5, 5));
  for (const k of ['x0', 'x1', 'y0', 'y1']) assert.ok(Math.abs(far[k] - look[k]) < 1e-9, `no further than the points: ${k}`);
  assert.deepEqual(JSON.parse(JSON.stringify(zoomed)), zoomed);
});

test('a plot: nearest point, triangle, ticks inside', () => {
  const disk = load('disk_read_times.json');
  const look = { ...firstPlotLook(disk), measure: { ax: 0.02, ay: 0, bx: 0.12, by: 2560 } };
  const scene = plotScene(disk, look, size);
  assert.deepEqual([scene.measure.dx, scene.measure.dy, scene.measure.slope], ['100 ms', '10 MiB', '100 MiB/s']);
  const at = { x: scene.measure.x0, y: scene.measure.y0 };
  const near = nearestPoint(disk, look, scene.layout, at.x, at.y, 400);
  assert.ok(near && disk.x[near.i] > 0 && near.same >= 1);
  assert.equal(nearestPoint(disk, look, scene.layout, scene.layout.left + 2, scene.layout.top + 2, 5), null);
  for (const t of scene.x.ticks) assert.ok(t.at >= scene.layout.left - 1 && t.at <= scene.layout.right + 1);
  for (const t of scene.y.ticks) assert.ok(t.at >= scene.layout.top - 1 && t.at <= scene.layout.bottom + 1);
});

test('values in words: thousands of 1000 and of 1024, small seconds, slopes', () => {
  assert.equal(valueWords(4096, 1024, 'B'), '4 KiB');
  assert.equal(valueWords(4096, 1000, 'B'), '4.096 KB');
  assert.equal(valueWords(0.000018, 1000, 's'), '18 µs');
  assert.equal(valueWords(0.5, 1000, 'B'), '0.5 B');
  assert.equal(valueWords(7200, 1000, 's'), '7200 s');
  assert.equal(valueWords(0, 1000, 's'), '0 s');
  const axis = (unit) => ({ label: '', unit, mul: 1, thousands: 1000 });
  assert.equal(slopeWords(axis('s'), axis('B'), 2, 5e6), '2.5 MB/s');
  assert.equal(slopeWords(axis('s'), axis('s'), 10, 0.00012), '12 µs/s');
  assert.equal(slopeWords(axis('s'), axis('B'), 0, 5), 'vertical');
});

test('CSV: a line an RPC, in the order shown', () => {
  const lines = rpcCsv(load('rpc_log.json'), Uint32Array.of(5, 2)).trim().split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[1], /^6,/);
});

test('documents in a payload: parts are joined, a damaged part costs its own records, the trace stays', async () => {
  const trace = makeTrace({ spans: 500, aux: 100 });
  const payload = () =>
    encodePayload({
      ...trace,
      partRecords: 50,
      documents: [
        { name: 'l.json', text: sample('rpc_log.json') },
        { name: 'd.json', text: sample('tcp_offsets.json') },
      ],
    });
  const read = ({ meta, data }) => readPayload(parseMeta(JSON.stringify(meta)), textOf(data));
  const whole = buildModel(await read(payload()));
  assert.deepEqual(
    whole.documents.map((d) => [d.kind, d.name, d.data.n]),
    [
      ['rpc', 'l.json', 120],
      ['plot', 'd.json', 400],
    ],
  );
  assert.deepEqual(whole.documents[0].data, load('rpc_log.json'));
  assert.equal(whole.exec.n, 500);
  const { meta, data } = payload();
  const bad = meta.chunks.filter((c) => c.kind === 'document')[1];
  data[bad.offset + (bad.size >> 1)] ^= 0x55;
  const rest = buildModel(await read({ meta, data }));
  assert.equal(rest.documents[0].data.n, 70);
  assert.ok(rest.documents[0].data.diagnostics.some((d) => d.id === 'viewer.document' && d.count === 50));
  assert.deepEqual([rest.documents[1].data.n, rest.exec.n], [400, 500]);
});

test('a profile: spans without a CPU are on their row, rows stand in file order, nothing is called damaged', async () => {
  const raw = parseSpanJson(sample('row_profile.json'));
  for (const given of [raw, await readPayload(parseMeta(JSON.stringify(encodePayload(raw).meta)), textOf(encodePayload(raw).data))]) {
    const model = buildModel(given);
    assert.deepEqual(
      model.rows.cpu.map((r) => r.key),
      [3, 1],
    );
    assert.deepEqual(
      model.rows.pid.map((r) => r.label),
      ['mystery27.76', 'mystery27.75'],
    );
    assert.deepEqual(
      model.rows.rpc.map((r) => r.key),
      [77],
    );
    assert.deepEqual(model.diagnostics, []);
    assert.deepEqual([model.t0, model.t1], [0, 89e6]);
    const sums = (cpu) => model.rows.cpu.find((r) => r.key === cpu).n;
    assert.deepEqual([sums(3), sums(1), model.loose.hi - model.loose.lo], [4, 3, 7]);
  }
});

test('keys of the tabs: one action each', () => {
  const keys = CHART_KEYS.flatMap((k) => k.keys);
  assert.equal(new Set(keys).size, keys.length);
  const press = (key, code) => chartAction({ key, code, ctrlKey: false, metaKey: false, altKey: false });
  assert.equal(press('N'), 'previousMatch');
  assert.equal(press('n'), 'nextMatch');
  assert.equal(press('т', 'KeyN'), 'nextMatch');
  assert.equal(press('R'), 'relative');
  assert.equal(press('Q'), undefined);
  for (const action of ['nextTab', 'previousTab'])
    for (const key of KEYS.find((k) => k.action === action).keys) assert.equal(press(key), undefined, 'tabs are changed from every tab');
});

test('a legend below a picture: lines as wide as it, nothing over another', () => {
  assert.deepEqual(placeLegend([], 300), { placed: [], height: 0 });
  const items = Array.from({ length: 30 }, (_, k) => ({ text: 'name'.repeat(1 + (k % 5)), ...(k % 3 ? { color: '#123456' } : {}) }));
  for (const width of [40, 300, 1200]) {
    const { placed, height } = placeLegend(items, width);
    assert.equal(placed.length, items.length);
    placed.forEach(({ item, x, y }, k) => {
      const end = x + item.text.length * 6.63 + (item.color ? 16 : 0);
      const next = placed[k + 1];
      assert.ok(end <= width || x === 10, 'too long only when alone in its line');
      if (next) assert.ok(next.y > y ? next.x === 10 : next.x >= end);
      assert.ok(y > 0 && y + 8 < height);
    });
  }
});
