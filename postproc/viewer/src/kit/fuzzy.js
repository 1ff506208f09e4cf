// SPDX-License-Identifier: BSD-3-Clause
// Fuzzy matching: the letters of the query in order, near the beginnings of words first.

/** Score of a text, 0 when the letters are not all there in order. @param {string} query @param {string} text */
export function fuzzyScore(query, text) {
  const q = query.toLowerCase().replaceAll(/\s+/g, '');
  const t = text.toLowerCase();
  if (q === '') return 1;
  const whole = t.indexOf(query.toLowerCase().trim());
  if (whole >= 0) return 1000 - whole - t.length / 100 + (whole === 0 || /\W/.test(t[whole - 1]) ? 100 : 0);
  let score = 0;
  let at = -1;
  for (const c of q) {
    const next = t.indexOf(c, at + 1);
    if (next < 0) return 0;
    score += next === at + 1 ? 6 : next === 0 || /\W/.test(t[next - 1]) ? 5 : 1;
    at = next;
  }
  return Math.max(1, score - t.length / 100);
}

/** @template T @param {string} query @param {T[]} items @param {(item: T) => string} textOf @param {number} limit @returns {T[]} best first */
export function fuzzyFind(query, items, textOf, limit) {
  return items
    .map((item, i) => ({ item, i, score: fuzzyScore(query, textOf(item)) }))
    .filter((x) => x.score > 0)
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, limit)
    .map((x) => x.item);
}
