// SPDX-License-Identifier: BSD-3-Clause
// What all CPUs together used, stacked by program, on the line with the name of the CPUs. Where a CPU has no cell it has a gap; what a model says is
// drawn hollow.

import { headerPlaces } from '../plan/layout.js';
import { lockColor } from '../plan/colors.js';
import { columnWords, highestColumn, machineOf, NAMED } from '../trace/machine-usage.js';

/** @typedef {import('../plan/layout.js').Layout} Layout */

/** The machine's strip shows where the CPUs' do. @param {import('../trace/model.js').Model} model @param {Layout} layout */
function shown(model, { groups }) {
  const cpus = groups.find((g) => g.group === 'cpu');
  return cpus && cpus.zones.stripHeight > 0 ? machineOf(model) : null;
}

/** @param {CanvasRenderingContext2D} ctx @param {import('./render.js').FrameContext} context */
export function paintMachine(ctx, { model, layout, palette, time }) {
  const machine = shown(model, layout);
  const place = headerPlaces(layout).find((p) => p.group.group === 'cpu');
  if (!machine || !place || machine.most === 0) return;
  const high = layout.headerHeight - 6;
  const bottom = Math.round(place.y + layout.headerHeight - 1);
  const hollow = machine.quantity.source === 'model';
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, place.y, layout.right - layout.left, layout.headerHeight);
  ctx.clip();
  for (let x = layout.left; x < layout.right; ) {
    const column = highestColumn(machine, time.invert(x), time.invert(x + 1));
    const end = column < 0 ? x + 1 : Math.max(x + 1, Math.round(time(machine.t0 + (column + 1) * machine.width)));
    if (column >= 0) stack(ctx, machine, column, { x, end, bottom, high, hollow, colors: palette });
    x = end;
  }
  ctx.restore();
}

/**
 * The programs of a column, those that used most at the bottom.
 * @param {CanvasRenderingContext2D} ctx @param {import('../trace/machine-usage.js').Machine} machine @param {number} column
 * @param {{x: number, end: number, bottom: number, high: number, hollow: boolean, colors: import('../plan/colors.js').Palette}} at
 */
function stack(ctx, { programs, most }, column, { x, end, bottom, high, hollow, colors }) {
  // Where nothing was used is a line; a gap has none.
  ctx.fillStyle = colors.css.faint;
  ctx.fillRect(x, bottom, end - x, 1);
  let sum = 0;
  programs.forEach(({ values }, i) => {
    const low = Math.round((sum / most) * high);
    sum += values[column];
    const top = Math.round((sum / most) * high);
    ctx.fillStyle = i === NAMED ? colors.css.muted : lockColor(colors, i);
    if (!hollow) ctx.fillRect(x, bottom - top, end - x, top - low);
    else for (let y = low; y < top; y++) if (y % 3 === 0 || y === top - 1) ctx.fillRect(x, bottom - y - 1, end - x, 1);
  });
}

/** What is at a time on that strip, in words. @param {import('../trace/model.js').Model} model @param {Layout} layout @param {number} t0 of a pixel @param {number} t1 */
export function machineWords(model, layout, t0, t1) {
  const machine = shown(model, layout);
  const column = machine ? highestColumn(machine, t0, t1) : -1;
  return machine && column >= 0 ? columnWords(machine, column) : '';
}
