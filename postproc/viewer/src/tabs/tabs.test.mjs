// SPDX-License-Identifier: BSD-3-Clause
// The tabs beside the timeline: their part of the address, the rubber band, the pixels of plots, pictures for print.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePalette } from '../plan/colors.js';
import { buildModel } from '../trace/model.js';
import { banding, bandOf, dragOf } from './frame/band.js';
import { chartOfDocument } from './catalog.js';
import { parseDocument } from './documents.js';
import { lookOfParts, lookParts } from './look-address.js';
import { dotColors, readable, strokeDots } from './plot/plot-dots.js';
import { createInk, discOf } from './plot/plot-ink.js';
import { areaOf, changePlotLook, firstPlotLook, panArea, zoomArea } from './plot/plot-look.js';
import { paintPlot } from './plot/plot-paint.js';
import { createPlotRaster, LEVEL_OF, LEVELS } from './plot/plot-raster.js';
import { placeOf } from './plot/plot-data.js';
import { plotScene, scalesOf } from './plot/plot-scene.js';
import { changeRpcLook, firstRpcLook } from './rpc/rpc-look.js';
import { orderRpcs, searchRpcs } from './rpc/rpc-order.js';
import { hueNumbers, paintRpcs, rowsWithRoom } from './rpc/rpc-paint.js';
import { layoutRpcs, rowsOfBand, rpcScene } from './rpc/rpc-scene.js';
import { SvgContext } from '../kit/svg-context.js';
import { decodeState, encodeState } from '../state/url-state.js';
import { makeTrace } from '../../test/synthetic.mjs';

const sample = (name) => readFileSync(fileURLToPath(new URL(`../../../../tests/data/${name}`, import.meta.url)), 'utf8');
const chart = (name, id) => chartOfDocument(parseDocument(sample(name), name), id);
const rpcs = chart('rpc_log.json', 'doc1');
const disk = chart('disk_read_times.json', 'doc2');
const tcp = chart('tcp_offsets.json', 'doc3');
const plotFrom = (points, more = {}) => parseDocument(JSON.stringify({ points, ...more }), 'p.json').data;
const size = { width: 1000, height: 600 };

/** A look through the address and back. */
function throughAddress(tab, look) {
  const model = buildModel(makeTrace({ spans: 50, aux: 5 }));
  const hash = encodeState({ charts: [rpcs, disk, tcp], looks: { [tab.id]: look } }, model);
  const { looks } = decodeState(`#${hash}`, model);
  assert.deepEqual(encodeState({ charts: [rpcs, disk, tcp], looks }, model), hash, 'a tab that was not shown keeps its part');
  return lookOfParts(tab, looks?.[tab.id] ?? '');
}

test('the address holds all that is seen in an RPC tab', () => {
  const log = rpcs.data();
  const first = firstRpcLook(log);
  const { t0, t1 } = log.range.absolute;
  const look = changeRpcLook(log, first, {
    t0: t0 + 1000,
    t1: t1 - 5000,
    color: 'server',
    annotate: true,
    sort: 'longest',
    query: { text: 'a&b=c#~ /x/ é', invert: true, min: '1.5', max: '9e9' },
    only: true,
    scroll: 33,
    rowScale: 1.25,
    textScale: 1.5,
    selected: 7,
    drag: 'measure',
    measure: { a: { row: 3, k: 0 }, b: { row: 5, k: 3 } },
  });
  assert.deepEqual(throughAddress(rpcs, look), look);
  for (const key of Object.keys(first)) if (key !== 'band' && key !== 'relative') assert.notDeepEqual(look[key], first[key], `${key} was changed`);
  const relative = changeRpcLook(log, changeRpcLook(log, first, { relative: true }), { t0: 1000, t1: 90000 });
  assert.deepEqual(throughAddress(rpcs, relative), relative);
  assert.deepEqual(lookParts(rpcs, first), [], 'what is as at first needs no address');
  assert.deepEqual(lookParts(rpcs, { ...first, band: { x0: 1, y0: 1, x1: 90, y1: 90, axes: 'both' } }), [], 'a band is not kept');
});

test('the address holds all that is seen in a plot', () => {
  const plot = tcp.data();
  const first = firstPlotLook(plot);
  const look = changePlotLook(plot, first, {
    ...zoomArea(first, 0.01, 0.3, 0.6, 'both'),
    dot: 1.25,
    drag: 'zoom',
    selected: 5,
    series: 1,
    measure: { ax: 1.5, ay: -2e-6, bx: 2.25, by: 1e-9 },
  });
  assert.deepEqual(throughAddress(tcp, look), look);
  assert.deepEqual(throughAddress(tcp, first), first);
});

test('what is unsound in the address of a tab is ignored, part by part', () => {
  const log = rpcs.data();
  const first = firstRpcLook(log);
  for (const text of [
    't=9~1',
    't=x~y',
    't=5',
    'by=cpu',
    'sort=up',
    'sel=120',
    'sel=-1',
    'sel=1.5',
    'm=3.0~500.1',
    'm=3.4~1.1',
    'text=9',
    'drag=x',
    'rows=tall',
    'y=',
    'zzz=1',
  ]) {
    assert.deepEqual(lookOfParts(rpcs, text), first, text);
  }
  assert.deepEqual(lookOfParts(rpcs, 'rows=99').rowScale, 18);
  assert.deepEqual(lookOfParts(rpcs, `q=${'x'.repeat(900)}`).query.text.length, 200);
  assert.equal(lookOfParts(rpcs, 'sel=119').selected, 119);
  const plot = firstPlotLook(disk.data());
  for (const text of ['x=3~1', 'x=1~~2', 'y=NaN~2', 'sel=2500.0', 'sel=1.1', 'sel=3', 'm=1~2~3', 'dot=big', 'drag=']) {
    assert.deepEqual(lookOfParts(disk, text), plot, text);
  }
  const model = buildModel(makeTrace({ spans: 50, aux: 5 }));
  const s = decodeState('#row.cpu=h1&doc1.sort=longest&DOC.x=1&doc1.=2&x.y.z=3', model);
  assert.deepEqual(s.looks, { doc1: 'sort=longest' });
  assert.deepEqual(s.rows.cpu.hidden, [1]);
});

test('a rubber band: both axes, or the one it is not thin in; inside its box', () => {
  const box = { left: 100, right: 900, top: 10, bottom: 500 };
  assert.deepEqual(bandOf({ x: 300, y: 400 }, { x: 200, y: 100 }, box), { x0: 200, y0: 100, x1: 300, y1: 400, axes: 'both' });
  assert.deepEqual(bandOf({ x: 300, y: 400 }, { x: 2000, y: 395 }, box), { x0: 300, y0: 10, x1: 900, y1: 500, axes: 'x' });
  assert.deepEqual(bandOf({ x: 300, y: 400 }, { x: 305, y: -50 }, box), { x0: 100, y0: 10, x1: 900, y1: 400, axes: 'y' });
  assert.equal(bandOf({ x: 300, y: 400 }, { x: 306, y: 406 }, box).axes, 'none');
  assert.deepEqual([dragOf({ ctrl: true, shift: true }, 'move'), dragOf({ shift: true }, 'zoom'), dragOf({}, 'zoom')], ['zoom', 'measure', 'zoom']);
});

test('a band zooms when its drag ends; not when it was broken off or taken away', () => {
  const run = (act) => {
    let band = null;
    const zoomed = [];
    const drag = banding({ x: 200, y: 100 }, () => ({ left: 0, right: 900, top: 0, bottom: 500 }), {
      band: () => band,
      set: (c) => {
        band = c.band;
      },
      zoom: (b) => zoomed.push(b),
    });
    act(drag, () => {
      band = null;
    });
    assert.equal(band, null);
    return zoomed;
  };
  assert.equal(
    run((d) => {
      d.move({ x: 300, y: 200 });
      d.end(true);
    }).length,
    1,
  );
  assert.equal(
    run((d) => {
      d.move({ x: 300, y: 200 });
      d.end(false);
    }).length,
    0,
  );
  assert.equal(
    run((d) => {
      d.move({ x: 203, y: 104 });
      d.end(true);
    }).length,
    0,
    'too small',
  );
  assert.equal(
    run((d, esc) => {
      d.move({ x: 300, y: 200 });
      esc();
      d.move({ x: 400, y: 300 });
      d.end(true);
    }).length,
    0,
    'Esc',
  );
});

test('the rows of a band fill the chart, as far as rows may grow', () => {
  const look = firstRpcLook(rpcs.data());
  const layout = layoutRpcs(120, look, size);
  const above = (layout.contentHeight - 120 * layout.rowHeight) / 2;
  const shown = (y0, y1) => {
    const after = layoutRpcs(120, { ...look, ...rowsOfBand(layout, look, y0, y1) }, size);
    return { first: (after.scroll - above) / after.rowHeight, count: after.bottom / after.rowHeight, height: after.rowHeight };
  };
  const ten = shown(above + 20 * layout.rowHeight, above + 30 * layout.rowHeight);
  assert.ok(Math.abs(ten.first - 20) < 0.6 && Math.abs(ten.count - 10) < 0.6, JSON.stringify(ten));
  const one = shown(above + 20 * layout.rowHeight + 1, above + 21 * layout.rowHeight - 1);
  assert.equal(one.height, 90);
  assert.ok(one.first < 20 && one.first + one.count > 21, 'in the middle');
});

test('texts of rows never cover each other; the selected row has its own', () => {
  const rows = Array.from({ length: 40 }, (_, row) => ({ row, y: row * 5, h: 4 }));
  for (const selected of [-1, 0, 7, 8, 39]) {
    const kept = [...rowsWithRoom(rows, 13, selected)].sort((a, b) => a.y - b.y);
    assert.ok(selected < 0 || kept.some((r) => r.row === selected));
    for (let i = 1; i < kept.length; i++) assert.ok(kept[i].y - kept[i - 1].y >= 13);
    assert.ok(kept.length >= 12, 'as many as have room');
  }
});

/** Pixels as a plain map, counted point by point. */
function plainCounts(plot, area, { width, height }) {
  const kx = width / (area.x1 - area.x0);
  const ky = height / (area.y1 - area.y0);
  const all = new Map();
  plot.series.forEach(({ y }, s) => {
    for (let i = 0; i < plot.n; i++) {
      const column = Math.round(plot.x[i] * kx) - Math.round(area.x0 * kx);
      const row = Math.round(area.y1 * ky) - Math.round(y[i] * ky);
      if (!(column >= 0 && column < width && row >= 0 && row < height)) continue;
      const key = `${column} ${row}`;
      const counts = all.get(key) ?? plot.series.map(() => 0);
      all.set(key, counts);
      counts[s]++;
    }
  });
  return all;
}

/** Pixels in view that a raster lists, in the same form. */
function listed({ series, rows }, { margin, width, height }) {
  const all = new Map();
  series.forEach(({ counts, pixels, ends }, s) => {
    for (let i = 0; i < ends[ends.length - 1]; i++) {
      const level = ends.findIndex((end) => i < end);
      assert.equal(level, LEVEL_OF[counts[pixels[i]]]);
      const column = Math.floor(pixels[i] / rows) - margin;
      const row = (pixels[i] % rows) - margin;
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const key = `${column} ${row}`;
      const found = all.get(key) ?? series.map(() => 0);
      all.set(key, found);
      assert.equal(found[s], 0, 'listed once');
      found[s] = counts[pixels[i]];
    }
  });
  return all;
}

const crowd = () => {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  return plotFrom(
    Array.from({ length: 6000 }, (_, i) => [
      10 + ((i * 37) % 500) / 10 + 0.0123,
      Math.floor(random() ** 3 * 300) + 0.1,
      Math.floor(random() * 20) * 15 + 0.1,
    ]),
  );
};

test('each pixel of a plot holds as many points as fall on it, in any window and however often the arrays were used', () => {
  const plot = crowd();
  const raster = createPlotRaster(plot);
  const first = firstPlotLook(plot);
  for (const [area, grid] of [
    [first, { width: 120, height: 90, margin: 3 }],
    [zoomArea(first, 0.3, 0.4, 0.2, 'both'), { width: 121, height: 77, margin: 4 }],
    [zoomArea(first, 0.05, 0.5, 0.05, 'both'), { width: 40, height: 33, margin: 2 }],
    [first, { width: 120, height: 90, margin: 3 }],
  ]) {
    const found = raster(area, grid);
    const plain = plainCounts(plot, area, grid);
    assert.deepEqual([...listed(found, grid)].sort(), [...plain].sort());
    const sums = [...plain.values()].map((counts) => counts.reduce((a, b) => a + b));
    assert.ok(sums.length > 0);
    assert.equal(
      found.inside,
      sums.reduce((a, b) => a + b, 0),
    );
    assert.equal(found.places, sums.length);
    assert.equal(
      found.shared,
      sums.filter((n) => n > 1).reduce((a, b) => a + b, 0),
    );
  }
});

test('a pixel may hold more points than can be told apart; all are counted', () => {
  const plot = plotFrom(Array.from({ length: 1000 }, (_, i) => [i < 700 ? 5 : i / 10, 1]));
  const found = createPlotRaster(plot)(plot.area, { width: 50, height: 20, margin: 3 });
  assert.equal(found.inside, 1000);
  assert.ok(found.series[0].counts.some((n) => n === 255));
  const sparse = plotFrom([
    [0, 0],
    [1, 1],
    [2, 3],
    [2, 3],
  ]);
  const apart = createPlotRaster(sparse)(sparse.area, { width: 50, height: 20, margin: 3 });
  assert.deepEqual([apart.inside, apart.places, apart.shared], [4, 3, 2]);
  assert.deepEqual(
    LEVELS.map((_, level) => apart.series[0].ends[level]),
    [2, 3, 3, 3],
  );
});

test('the pixels of a plot that was moved are those of the same points', () => {
  const plot = crowd();
  const raster = createPlotRaster(plot);
  const grid = { width: 100, height: 80, margin: 3 };
  const area = { x0: 20, x1: 40, y0: 50, y1: 210 };
  const before = listed(raster(area, grid), grid);
  const after = listed(raster({ ...area, ...panArea(area, 0.1, -0.25) }, grid), grid); // 10 columns, 20 rows
  let compared = 0;
  for (const [key, counts] of before) {
    const [column, row] = key.split(' ').map(Number);
    if (column < 10 || row < 20) continue;
    compared++;
    assert.deepEqual(after.get(`${column - 10} ${row - 20}`), counts, key);
  }
  assert.ok(compared > 50);
});

test('dots: stamped one by one or grown at once, each pixel shows the highest level whose dot covers it', () => {
  const grid = { width: 60, height: 47, margin: 9 };
  for (const [points, radius] of [
    [400, 2],
    [400, 1],
    [6000, 2],
    [6000, 1.5],
    [6000, 3],
    [6000, 5],
    [6000, 8.5],
  ]) {
    const plot = { ...crowd(), n: points };
    plot.x = plot.x.slice(0, points).map((_v, i, all) => plot.x[Math.floor((i * plot.x.length) / all.length)]);
    const found = createPlotRaster(plot)(plot.area, grid);
    const [series] = found.series;
    const disc = discOf(radius);
    const covers = (dx, dy) => Math.abs(dx) <= disc.reach && Math.abs(dy) <= disc.halves[dx + disc.reach];
    const wanted = new Uint8Array(grid.width * grid.height);
    for (let i = 0; i < series.ends[LEVELS.length - 1]; i++) {
      const level = LEVEL_OF[series.counts[series.pixels[i]]] + 1;
      const [cx, cy] = [Math.floor(series.pixels[i] / found.rows) - grid.margin, (series.pixels[i] % found.rows) - grid.margin];
      for (let dx = -disc.reach; dx <= disc.reach; dx++) {
        for (let dy = -disc.reach; dy <= disc.reach; dy++) {
          const [x, y] = [cx + dx, cy + dy];
          if (covers(dx, dy) && x >= 0 && x < grid.width && y >= 0 && y < grid.height)
            wanted[y * grid.width + x] = Math.max(wanted[y * grid.width + x], level);
        }
      }
    }
    const { ink, base } = createInk()(series, found.rows, disc, null);
    const got = wanted.map(
      (_, i) => 32 - Math.clz32(ink[base + ((i % grid.width) + grid.margin) * found.rows + Math.floor(i / grid.width) + grid.margin]),
    );
    assert.deepEqual(got, wanted, `${points} points, radius ${radius}`);
    assert.ok(wanted.some((level) => level > 1));
  }
});

test('points stand in order of x; their places in the file are kept', () => {
  const plot = plotFrom([
    [3, 30, 31],
    [1, 10, 11],
    [2, 20, 21],
    [1, 12, 13],
  ]);
  assert.deepEqual(
    [[...plot.x], [...plot.series[0].y], [...plot.series[1].y]],
    [
      [1, 1, 2, 3],
      [10, 12, 20, 30],
      [11, 13, 21, 31],
    ],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => placeOf(plot, i)),
    [1, 3, 2, 0],
  );
  assert.equal(
    plotFrom([
      [1, 1],
      [2, 2],
      [3, 3],
    ]).place,
    null,
  );
  assert.equal(
    plotFrom([
      [1, 1, 5],
      [2, 2],
    ]).dots,
    3,
  );
});

test('a colour of a file stands out from any ground, and stays as it is where it does', () => {
  assert.deepEqual(readable([0, 0, 255], [255, 255, 255], [20, 20, 20]), [0, 0, 255]);
  const [r, g, b] = readable([0, 0, 255], [20, 23, 28], [230, 233, 238]);
  assert.ok(b === 255 || b > 230);
  assert.ok(r === g || Math.abs(r - g) < 5);
  assert.ok(r > 50 && r < 160, `lighter, still blue: ${r}`);
});

test('the area of a triangle holds it', () => {
  const area = areaOf({ ax: 5, ay: 1, bx: 3, by: 9 });
  assert.ok(area.x0 < 3 && area.x1 > 5 && area.y0 < 1 && area.y1 > 9);
});

/** Elements of an SVG text. */
const count = (svg, pattern) => [...svg.matchAll(pattern)].length;
const evil = '<img src=x onerror="alert(1)">&';

test('an RPC chart for print: every bar that is drawn, names as text', () => {
  const events = [
    [1, 1.002, 1.005, 1.006],
    [1.004, 1.005, 1.0055, 1.007],
  ].map((t) => [...t, evil, evil, 66, 66, 7, 0, evil, evil, evil, 3, evil]);
  const log = parseDocument(JSON.stringify({ gbs: 1, events }), 'x.json').data;
  const look = { ...firstRpcLook(log), annotate: true, measure: { a: { row: 0, k: 0 }, b: { row: 1, k: 3 } } };
  const scene = rpcScene(log, look, orderRpcs(log, 'file', null), searchRpcs(log, look.query), size, null);
  const ctx = new SvgContext();
  paintRpcs(ctx, scene, log, look, makePalette('light'), hueNumbers([evil]));
  const svg = ctx.document(size.width, size.height, evil);
  for (const bar of scene.rows.flatMap((r) => r.bars)) {
    const at = (v) => String(Math.round(v * 100) / 100);
    assert.ok(
      svg.includes(`<rect x="${at(bar.x0)}" y="${at(bar.y)}" width="${at(bar.x1 - bar.x0)}" height="${at(bar.h)}" fill="rgb(`),
      JSON.stringify(bar),
    );
  }
  assert.ok(!svg.includes('<img') && svg.includes('&lt;img src=x'));
  assert.ok(svg.includes('7.000 ms'), 'the measure');
  assert.equal(count(svg, /<g[ >]/g), count(svg, /<\/g>/g));
});

test('a plot for print: every pixel that holds points, by level, names as text', () => {
  const plot = plotFrom([[1, 1], [2, 5], [2, 5], [3, 2], ...Array.from({ length: 12 }, () => [4, 4])], { axisLabelX: evil, axisLabelY: evil });
  const look = { ...firstPlotLook(plot), measure: { ax: 1, ay: 1, bx: 3, by: 2 } };
  const palette = makePalette('dark');
  const scene = plotScene(plot, look, size);
  const ctx = new SvgContext();
  const colors = dotColors(ctx, plot, palette);
  paintPlot(ctx, plot, look, scene, palette, () => strokeDots(ctx, plot, look, scene, palette, colors));
  const svg = ctx.document(size.width, size.height, evil);
  const dots = [...svg.matchAll(/<path d="([^"]+)" fill="none" stroke="([^"]+)" stroke-width="5.17" stroke-linecap="round"/g)];
  assert.equal(dots.length, 3, 'one point, two, ten and more');
  assert.equal(new Set(dots.map(([, , color]) => color)).size, 3);
  const at = scalesOf(scene.layout, look);
  const places = dots.flatMap(([, path]) => [...path.matchAll(/M(-?[\d.]+) (-?[\d.]+)L/g)].map(([, x, y]) => [Number(x), Number(y)]));
  const wanted = [
    [1, 1],
    [3, 2],
    [2, 5],
    [4, 4],
  ].map(([x, y]) => [at.x(x), at.y(y)]);
  assert.equal(places.length, wanted.length);
  places.forEach(([x, y], k) => assert.ok(Math.hypot(x - wanted[k][0], y - wanted[k][1]) <= 1.5, `${x} ${y}`));
  assert.ok(!svg.includes('<img') && count(svg, /&lt;img src=x/g) >= 3);
  assert.ok(svg.includes('rotate(-90)') && svg.includes('slope'));
  assert.equal(count(svg, /<g[ >]/g), count(svg, /<\/g>/g));
});
