// SPDX-License-Identifier: BSD-3-Clause
// Where a JSON text stops being one. Engines say it differently, or not at all, so it is looked for here, once a text is known to be bad.

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Offset of the first character that does not belong; the length of a text that ends too early. @param {string} text */
export function jsonErrorOffset(text) {
  let at = 0;
  /** Closing brackets that are wanted. @type {string[]} */
  const open = [];
  let want = 'value';
  const take = (/** @type {RegExp} */ pattern) => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
    if (at >= text.length || want === 'end') return at;
    const c = text[at];
    const begun = want;
    if ((want === 'value' || want === 'first') && (c === '[' || c === '{')) {
      open.push(c === '[' ? ']' : '}');
      at++;
      want = c === '[' ? 'first' : 'firstKey';
      continue;
    }
    if ((want === 'first' || want === 'firstKey' || want === 'next') && c === open[open.length - 1]) {
      open.pop();
      at++;
    } else if (want === 'key' || want === 'firstKey') {
      if (!take(STRING)) return at;
      want = 'colon';
      continue;
    } else if (want === 'colon' || (want === 'next' && c === ',')) {
      if (c !== (want === 'colon' ? ':' : ',')) return at;
      at++;
      want = begun === 'next' && open[open.length - 1] === '}' ? 'key' : 'value';
      continue;
    } else if (want === 'next' || !(take(STRING) || take(PLAIN))) {
      return at;
    }
    want = open.length === 0 ? 'end' : 'next';
  }
}
