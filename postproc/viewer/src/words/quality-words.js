// SPDX-License-Identifier: BSD-3-Clause
// Which of the things that were repaired or noted make a number less exact than it looks.

/** @typedef {import('../trace/model.js').Model} Model */

/** By their id: the numbers. What only fills in a name or an end that the trace does not reach is not of them. @type {Record<string, string>} */
const WEAKENS = {
  repaired_block_header: 'times in the blocks whose header was rebuilt',
  repaired_time_pairs: 'all times',
  unmarked_late_store: 'times of events that were put where they fit',
  missing_switch: 'which thread a CPU ran where a switch was not recorded',
  stride_mismatch: 'instructions per cycle and cache misses in some blocks',
  low_resolution: 'all lengths: the time counter is slow',
};

/** What a finding makes less exact, '' nothing. @param {import('../format/payload.js').Diagnostic} d */
export const weakens = (d) => (d.severity === 'damage' ? '' : (WEAKENS[d.id.replace(/^.*\./, '')] ?? ''));

/** Numbers of a trace that are less exact than they look. @param {Model} model @returns {string[]} */
export const weakNumbers = (model) => [...new Set(model.diagnostics.map(weakens).filter(Boolean))];

/** Sums of the findings by severity. @param {Model} model */
export function diagnosticCounts(model) {
  const sums = { damage: 0, repair: 0, info: 0 };
  for (const d of model.diagnostics) {
    const severity = d.severity === 'damage' || d.severity === 'repair' ? d.severity : 'info';
    sums[severity] += Number(d.count) || 0;
  }
  return sums;
}

/** The badge: red what was lost or damaged, amber what makes a number less exact, else a tick. @param {Model} model @returns {{look: 'damage'|'repair'|'', text: string, title: string}} */
export function badgeWords(model) {
  const { damage, repair, info } = diagnosticCounts(model);
  const weak = weakNumbers(model);
  const behind = `${repair.toLocaleString('en')} repaired, ${info.toLocaleString('en')} notes`;
  const list = weak.length > 0 ? ` Less exact: ${weak.join('; ')}.` : '';
  const title = `What was dropped, repaired or inferred: click for the list (${behind}).${list}`;
  if (damage > 0) return { look: 'damage', text: `⚠ ${damage.toLocaleString('en')} damaged`, title };
  if (weak.length > 0) return { look: 'repair', text: `▲ ${weak.length} less exact`, title };
  return { look: '', text: '✓ Complete', title };
}
