// SPDX-License-Identifier: BSD-3-Clause
// The RPC chart: its parts put together, its panel, and the look to the page.

import { download, element, fileStem } from '../../kit/dom.js';
import { paintBand } from '../frame/band.js';
import { legendBelow, legendElement, withLegend } from '../frame/tab-legend.js';
import { badge, downloadPicture, downloadSvg, fillPanel, frameOf } from '../frame/pane.js';
import { rpcActions } from './rpc-actions.js';
import { rpcDerived } from './rpc-derived.js';
import { listenRpc } from './rpc-gestures.js';
import { rpcMove } from './rpc-move.js';
import { paintRpcs } from './rpc-paint.js';
import { rpcScene } from './rpc-scene.js';
import { hover, say } from './rpc-status.js';
import { makeRpcTools } from './rpc-tools.js';
import { nameOfRpc, rpcCsv, rpcLines } from './rpc-words.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('./rpc-look.js').RpcLook} RpcLook */
/**
 * @typedef {object} RpcIo
 * @property {() => RpcLook} look @property {(change: Partial<RpcLook>) => void} set
 * @property {() => import('../../plan/colors.js').Palette} palette
 * @property {() => import('../../trace/model.js').Model|null} model of the trace the log comes from
 * @property {(span: {t0: number, t1: number, base: number|null, rpcid: number}, go: boolean) => string} jump what went wrong
 * @property {() => string} whyNoJump '' when there is a timeline
 */
/**
 * @typedef {object} RpcView what the parts of the chart share
 * @property {import('../frame/pane.js').Pane} pane @property {RpcLog} log @property {RpcIo} io @property {ReturnType<typeof rpcDerived>} derived
 * @property {import('./rpc-scene.js').RpcScene|null} scene as it was last drawn
 * @property {{x: number, y: number}|null} pointer
 * @property {{text: string, look: RpcLook|null}} failed why the last jump failed, told until the look changes
 * @property {string} panel what it shows: the number of a row, "diagnostics" or nothing
 */

/** @param {import('../frame/pane.js').Pane} pane @param {RpcLog} log @param {RpcIo} io */
export function createRpcView(pane, log, io) {
  const { canvas } = pane;
  /** @type {RpcView} */
  const view = { pane, log, io, derived: rpcDerived(log, io), scene: null, pointer: null, failed: { text: '', look: null }, panel: '' };
  const move = rpcMove(view);
  let legend = '';
  const closePanel = () => {
    view.panel = '';
    pane.aside.hidden = true;
  };
  const actions = rpcActions(view, move, { closePanel, focusSearch: () => tools.focusSearch() });
  const name = fileStem(log.title);
  const tools = makeRpcTools(pane.bar, actions, io.set, io.look, {
    csv: () => download(new Blob([rpcCsv(log, view.derived.rows().order)], { type: 'text/csv' }), `${name}.csv`),
    png: () => downloadPicture(withLegend(canvas, view.derived.legend()), `${name}.png`),
    svg: () => {
      if (!view.scene) return;
      const { size, paint: both } = legendBelow(view.scene.layout, (ctx) => paint(ctx, { ...io.look(), band: null }), view.derived.legend());
      downloadSvg(`${name}.svg`, size, log.title || 'RPCs', both);
    },
  });
  badge(pane.bar, log.diagnostics, (lines) => {
    view.panel = 'diagnostics';
    io.set({ selected: -1 });
    fillPanel(pane.aside, 'Quality of this log', lines, closePanel, []);
  });
  listenRpc(view, move);

  /** @param {RpcLook} look */
  function showPanel(look) {
    const key = look.selected < 0 ? '' : String(look.selected);
    if (view.panel === key || (view.panel === 'diagnostics' && key === '')) return;
    view.panel = key;
    if (key === '') {
      pane.aside.hidden = true;
      return;
    }
    const why = io.whyNoJump();
    const button = element('button', { type: 'button', class: 'wide', title: why || 'Show this RPC in the timeline (J)' }, 'Show in the timeline');
    button.disabled = why !== '';
    button.addEventListener('click', () => move.jump(true));
    fillPanel(pane.aside, nameOfRpc(log, look.selected), rpcLines(log, look.selected, io.model()), () => move.select(-1), [button]);
  }

  /** The same for the page and for print. @param {CanvasRenderingContext2D} ctx @param {RpcLook} look */
  function paint(ctx, look) {
    if (!view.scene) return;
    paintRpcs(ctx, view.scene, log, look, io.palette(), view.derived.hues(look.color).numbers);
    if (look.band) paintBand(ctx, look.band, io.palette());
  }

  function draw() {
    const look = io.look();
    showPanel(look); // first: it takes room from the canvas
    const frame = frameOf(canvas);
    if (!frame) return;
    const { order, search } = view.derived.rows();
    view.scene = rpcScene(log, look, order, search, frame.size, io.model());
    paint(frame.ctx, look);
    tools.show(look, search);
    const key = `${look.color} ${io.palette().name}`;
    if (legend !== key) {
      legend = key;
      pane.legend.replaceChildren(...view.derived.legend().items.map(legendElement));
    }
    say(view);
    hover(view);
  }
  return { draw, actions, focus: () => canvas.focus(), scene: () => view.scene };
}
