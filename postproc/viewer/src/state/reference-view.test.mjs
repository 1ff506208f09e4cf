// SPDX-License-Identifier: BSD-3-Clause
// What KUtrace's own viewer wrote: its pages, and all that its saved views hold.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { layoutRows, placeTracks, TRACKS } from '../plan/layout.js';
import { isOwnPage, referenceJson } from '../format/reference-page.js';
import { stateOfView, viewOfState } from './reference-view.js';
import { savedView, viewsOf } from './views.js';
import { decodeState, encodeState, withoutTheme } from './url-state.js';
import { documentKind, parseDocument } from '../tabs/documents.js';
import { plotScene } from '../tabs/plot/plot-scene.js';
import { firstPlotLook } from '../tabs/plot/plot-look.js';
import { traceOf } from '../../test/samples.mjs';

const dataFile = (name) => readFileSync(fileURLToPath(new URL(`../../../../tests/data/${name}`, import.meta.url)), 'utf8');

/** A page as the reference's makeself writes it: newlines become blanks, nothing is escaped. */
const theirPage = (json) =>
  `<!DOCTYPE html>\n<body>\n<!-- selfcontained0 -->\n<script>/* a 'library' */</script>\n<!-- selfcontained1 -->\nvar myString = '${json.replaceAll('\n', ' ')}';\nvar other = 'x';\n</body>\n`;

test('the JSON of a page of the reference: also with apostrophes, and as our makeself escapes it', () => {
  const json = '{ "title" : "it\'s a \'; test",\n "events" : [\n[1.0, 2.0, 0, 0, 0, 65536, 0, 0, 0, "-idle-"]\n]}';
  assert.equal(referenceJson(theirPage(json)), json.replaceAll('\n', ' '));
  const ours = '{"title":"a \\"quoted\\" </script> \\\\ it\'s"}';
  const escaped = ours.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('<', '\\x3c');
  assert.deepEqual(JSON.parse(referenceJson(theirPage(escaped))), JSON.parse(ours));
  assert.deepEqual(JSON.parse(referenceJson(theirPage(ours))), JSON.parse(ours), 'JSON escapes that were not escaped again');
  assert.equal(referenceJson('<html>'), null);
  assert.equal(referenceJson('<!-- selfcontained1 -->\nvar x = 1;\n'), null);
  assert.ok(!isOwnPage(theirPage(json)) && isOwnPage('<script id="kutrace-viewer">'));
});

test('documents in pages of the reference: kind, title and axis labels are those of the JSON', () => {
  for (const name of ['rpc_log.json', 'disk_read_times.json', 'tcp_offsets.json']) {
    const json = referenceJson(theirPage(dataFile(name)));
    const given = JSON.parse(dataFile(name));
    assert.equal(documentKind(json.slice(0, 65536)), name === 'rpc_log.json' ? 'rpc' : 'plot');
    const { data } = parseDocument(json, name);
    assert.equal(data.title, given.title);
    assert.deepEqual(data, parseDocument(dataFile(name), name).data);
    if (name === 'rpc_log.json') continue;
    assert.deepEqual([data.xAxis.label, data.yAxis.label], [given.axisLabelX, given.axisLabelY]);
  }
});

test('captions of axes: a unit in the label gives way to the one of the ticks', () => {
  const plot = (label, unit) =>
    parseDocument(
      JSON.stringify({
        axisLabelX: 'Time (sec)',
        shortUnitsX: 's',
        axisLabelY: label,
        shortUnitsY: unit,
        points: [
          [1, 0],
          [1.0005, 4e6],
        ],
      }),
      'x',
    ).data;
  const captions = (p) => {
    const s = plotScene(p, firstPlotLook(p), { width: 1000, height: 600 });
    return [s.x.caption, s.y.caption];
  };
  assert.deepEqual(captions(plot('Offset (bytes)', 'B')), ['Time (s)', 'Offset (MB)']);
  assert.deepEqual(captions(plot('Offset (MB)', 'B')), ['Time (s)', 'Offset (MB)']);
  assert.deepEqual(captions(plot('Block (4 KB)', 'blk')), ['Time (s)', 'Block (4 KB) (Mblk)'], 'what is no unit stays');
  assert.deepEqual(captions(plot('Block number', '')), ['Time (s)', 'Block number (M)']);
});

/** Three CPUs; threads 10 to 15, of which 13 has no code of its own and so no row there; one RPC. */
const trace = () =>
  traceOf([
    ...[0, 1, 2].map((cpu) => [1.0, 1.0, cpu, 10 + cpu, 0, 65546 + cpu, 0, 0, 0, `p.${10 + cpu}`]),
    [2.0, 0.5, 0, 13, 0, 0x801, 0, 0, 0, 'write'],
    [2.5, 0.5, 0, 14, 7, 65550, 0, 0, 0, 'p.14'],
    [3.0, 0.5, 0, 15, 0, 65551, 0, 0, 0, 'p.15'],
    [2.5, 0.00000001, 0, 14, 7, 0x201, 7, 0, 0, 'read.7'],
  ]);
const view = (more) => ({
  xleft_ts: 1.2,
  xright_ts: 2.2,
  grouplength: [3, 5, 1, 0],
  groupcompress: [2, 1, 0, 0],
  grouphashilite: [0, 3, 0, 0],
  rowToHilite: [3, 1, 1, 2],
  ytop_track: 0,
  ybot_track: 190,
  ...more,
});

test('highlighted rows are run lengths over all rows, in their order; three task rows show alone', () => {
  const s = stateOfView(view(), trace());
  assert.deepEqual([s.rows.cpu.highlit, s.rows.pid.highlit, s.rows.rpc.highlit], [[], [10, 12, 14], []]);
  assert.deepEqual([s.rows.pid.onlyHighlit, s.rows.cpu.onlyHighlit], [true, false]);
  assert.deepEqual(s.open, { cpu: true, pid: true, rpc: false });
  const layout = layoutRows(trace(), { open: s.open, scroll: 0, rowScale: 1, rows: s.rows }, { width: 1000, height: 800 });
  assert.deepEqual(
    layout.groups.map((g) => [g.group, g.rows.map((r) => r.key)]),
    [
      ['cpu', [0, 1, 2]],
      ['pid', [10, 12, 14]],
      ['rpc', [7]],
    ],
  );
});

test('highlighted rows: none, all groups, the first row, and what contradicts itself is not taken', () => {
  const m = trace();
  const lit = (more) => {
    const s = stateOfView(view(more), m);
    return s.rows ? [s.rows.cpu.highlit, s.rows.pid.highlit, s.rows.rpc.highlit] : null;
  };
  assert.equal(lit({ rowToHilite: [0], grouphashilite: [0, 0, 0, 0] }), null);
  assert.deepEqual(lit({ rowToHilite: [0, 1, 2, 1, 4, 1], grouphashilite: [1, 1, 1, 0] }), [[0], [10], [7]]);
  assert.equal(lit({ rowToHilite: [3, 1, 1, 2], grouphashilite: [1, 0, 0, 0] }), null, 'the groups say otherwise');
  assert.equal(lit({ rowToHilite: [90, 3], grouphashilite: [0, 0, 0, 0] }), null, 'behind the last row');
  assert.equal(lit({ grouplength: [3, 40, 1, 0] }), null, 'a trace with other threads');
});

test('options, search, colours and labels of a view', () => {
  const m = trace();
  const s = stateOfView(
    view({
      marks_value: 1,
      arcs_value: 1,
      freq_value: 0,
      ipc_value: 1,
      samp_value: 1,
      lock_value: 2,
      waits_value: 0,
      cb_value: 1,
      annottype_value: 1,
      annotateall_value: 1,
    }),
    m,
  );
  assert.deepEqual(s.show, { marks: 2, arcs: 2, freq: 0, ipc: 3, samples: 1, locks: 1, waits: 0 });
  assert.deepEqual([s.safe, s.annotStyle, s.annotate], [true, 'short', 'all']);
  const query = (more) => stateOfView(view(more), m).query;
  assert.equal(query({ search_text: 'write' }), 'write');
  assert.equal(query({ search_text: '^sys_|a.b' }), '/^sys_|a.b/');
  assert.equal(query({ search_text: 'a/b c' }), '/a\\/b c/');
  assert.equal(query({ search_text: 'write', searchnot_value: 1, usec_lo_time: 5, usec_hi_time: 200 }), '!write dur>=5us dur<=200us');
  assert.equal(query({ search_text: '50.084+' }), '50.084+', 'a time stays to be gone to');
  assert.equal(query({}), '');
});

test('vertical position: tracks become scroll and height of rows', () => {
  const m = trace();
  const size = { width: 1000, height: 400 };
  const open = { cpu: true, pid: true, rpc: false };
  const layoutOf = (rowScale) => layoutRows(m, { open, scroll: 0, rowScale }, size);
  // name 10, 3 rows of 20, name 10, 6 rows, name 10: all of it is as usual
  assert.deepEqual(placeTracks(layoutOf, { top: 0, bottom: 3 * TRACKS.header + 9 * TRACKS.row }), { scroll: 0, rowScale: 1 });
  const { scroll, rowScale } = placeTracks(layoutOf, { top: 80, bottom: 140 });
  const layout = layoutOf(rowScale);
  const pid = layout.groups[1];
  assert.equal(scroll, pid.top, 'the first thread is at the top');
  assert.ok(Math.abs(3 * pid.rowHeight - layout.bottom) <= 3, `three rows of ${pid.rowHeight} px fill ${layout.bottom}`);
});

test('views go both ways: what is highlighted, where, and which options', () => {
  const m = trace();
  const given = [['fig', view({ ipc_value: 2, arcs_value: 1, cb_value: 1 })]];
  const [, , , , , ...named] = viewsOf([[], [], [], [], [], ...given], m);
  assert.equal(named[0].label, 'fig');
  const written = savedView(viewsOf(given, m), m)[0][1];
  for (const key of ['rowToHilite', 'grouplength', 'groupcompress', 'ipc_value', 'arcs_value', 'cb_value', 'ytop_track', 'ybot_track'])
    assert.deepEqual(written[key], given[0][1][key], key);
  assert.deepEqual(written.grouphashilite, [0, 1, 0, 0]);
  const { kutrace: _, ...theirs } = written;
  assert.deepEqual(stateOfView(theirs, m), stateOfView(given[0][1], m));
  assert.deepEqual(decodeState(encodeState(stateOfView(given[0][1], m), m), m).tracks, { top: 0, bottom: 190 });
  assert.deepEqual(viewOfState({}, m).rowToHilite, [0]);
});

test('what is shown, for others to open: without light or dark', () => {
  assert.equal(withoutTheme('t=1%7E2&theme=dark&colors=safe&sel=e5'), 't=1%7E2&sel=e5');
});
