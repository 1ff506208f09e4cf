// SPDX-License-Identifier: BSD-3-Clause
// Where the frames of a profile lie in its graph: the widest first, callers above what they called. Frames too narrow to be seen share one box.

/** @typedef {import('../search/profile.js').Profile} Profile */
/** node: -1 of the box of several @typedef {{node: number, parent: number, x: number, w: number, depth: number, more: number, ns: number}} Box more: how many frames share it */

/** Height of a row, px; and below which width frames share a box. */
export const FLAME_ROW = 18;
const NARROWEST = 2;

/** @param {Profile} profile @param {number} of frame that has the whole width, -1: all @param {number} width px @returns {Box[]} callers first; those above `of` have the whole width */
export function flameBoxes(profile, of, width) {
  const { nodes, roots } = profile;
  /** @type {Box[]} */
  const boxes = [];
  /** @type {number[]} */
  const above = [];
  for (let n = of < 0 ? -1 : nodes[of].parent; n >= 0; n = nodes[n].parent) above.unshift(n);
  above.forEach((node, depth) => {
    boxes.push({ node, parent: nodes[node].parent, x: 0, w: width, depth, more: 0, ns: nodes[node].ns });
  });
  const whole = of < 0 ? profile.total : nodes[of].ns;
  const scale = whole > 0 ? width / whole : 0;
  /** @type {{list: number[], parent: number, x: number, depth: number}[]} */
  const open = [{ list: of < 0 ? roots : [of], parent: of < 0 ? -1 : nodes[of].parent, x: 0, depth: above.length }];
  for (let next = open.pop(); next; next = open.pop()) {
    let { x } = next;
    let [more, rest] = [0, 0];
    for (const node of [...next.list].sort((a, b) => nodes[b].ns - nodes[a].ns || a - b)) {
      const w = nodes[node].ns * scale;
      if (w < NARROWEST) {
        more++;
        rest += nodes[node].ns;
        continue;
      }
      boxes.push({ node, parent: next.parent, x, w, depth: next.depth, more: 0, ns: nodes[node].ns });
      if (nodes[node].children.length > 0) open.push({ list: nodes[node].children, parent: node, x, depth: next.depth + 1 });
      x += w;
    }
    if (more > 0 && rest > 0) boxes.push({ node: -1, parent: next.parent, x, w: Math.max(1, rest * scale), depth: next.depth, more, ns: rest });
  }
  return boxes;
}

/** The frame that a key leads to from another. @param {Box[]} boxes @param {number} from node, -1 none @param {string} key @returns {number} */
export function flameStep(boxes, from, key) {
  const shown = boxes.filter((b) => b.node >= 0);
  const here = shown.find((b) => b.node === from) ?? shown[0];
  if (!here) return -1;
  if (from < 0) return here.node;
  if (key === 'ArrowUp') return here.parent >= 0 ? here.parent : here.node;
  if (key === 'Home') return shown[0].node;
  if (key === 'ArrowDown') return shown.find((b) => b.parent === here.node)?.node ?? here.node;
  const row = shown.filter((b) => b.depth === here.depth).sort((a, b) => a.x - b.x);
  const at = row.findIndex((b) => b.node === here.node) + (key === 'ArrowRight' ? 1 : -1);
  return row[Math.min(row.length - 1, Math.max(0, at))].node;
}

/** Frames whose name holds a text, and what the outermost of them come to. @param {Profile} profile @param {string} text @returns {{found: Set<number>, ns: number}} */
export function flameMatches(profile, text) {
  /** @type {Set<number>} */
  const found = new Set();
  /** Inside a match. @type {Set<number>} */
  const inside = new Set();
  let ns = 0;
  const wanted = text.toLowerCase();
  profile.nodes.forEach((node, i) => {
    if (inside.has(node.parent)) inside.add(i);
    if (wanted === '' || !profile.name(node.frame).toLowerCase().includes(wanted)) return;
    found.add(i);
    if (!inside.has(i)) ns += node.ns;
    inside.add(i);
  });
  return { found, ns };
}

/** Own time by name, for a list. @param {Profile} profile @returns {{name: string, own: number, total: number, count: number}[]} total: each moment once, however often a name stands in its stack */
export function flameNames(profile) {
  /** @type {Map<string, {name: string, own: number, total: number, count: number}>} */
  const rows = new Map();
  /** Names of the frames above, shared by those below that add none. @type {Set<string>[]} */
  const above = [];
  profile.nodes.forEach((node, i) => {
    const name = profile.name(node.frame);
    const outer = node.parent < 0 ? new Set() : above[node.parent];
    let row = rows.get(name);
    if (!row) rows.set(name, (row = { name, own: 0, total: 0, count: 0 }));
    row.own += node.ownNs;
    row.count += node.count;
    if (!outer.has(name)) row.total += node.ns;
    above[i] = outer.has(name) ? outer : new Set(outer).add(name);
  });
  return [...rows.values()];
}
