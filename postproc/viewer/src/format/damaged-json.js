// SPDX-License-Identifier: BSD-3-Clause
// What can be read of a JSON object that is damaged. SpanJsonReader of the programs has the same rules.

const BLANK = /[ \t\r\n]*/y;

/** Behind the blanks from i on. @param {string} text @param {number} i */
function skip(text, i) {
  BLANK.lastIndex = i;
  BLANK.test(text);
  return BLANK.lastIndex;
}

/** Behind the string that begins at i; -1 when it does not end in its line. @param {string} text @param {number} i */
function stringEnd(text, i) {
  for (let at = i + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\' && text[at + 1] !== '\n') at++;
  }
  return -1;
}

/** Behind the value that begins at i; -1 when it has no end. @param {string} text @param {number} i */
function valueEnd(text, i) {
  let depth = 0;
  for (let at = i; at < text.length; at++) {
    const c = text[at];
    if (c === '"') {
      const end = stringEnd(text, at);
      if (end < 0 || depth === 0) return end;
      at = end - 1;
    } else if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (c === ',' && depth === 0) return at;
  }
  return -1;
}

/** Where to go on behind what cannot be read: the next line, or the next list. @param {string} text @param {number} i */
function nextLine(text, i) {
  const line = text.indexOf('\n', i);
  const end = line < 0 ? text.length : line;
  const list = text.slice(i, end).indexOf('], [');
  return list < 0 ? end : i + list + 1;
}

/** The member that begins at i. @param {string} text @param {number} i a quote */
function memberAt(text, i) {
  const behind = stringEnd(text, i);
  const colon = behind < 0 ? -1 : skip(text, behind);
  if (colon < 0 || text[colon] !== ':') return null;
  const value = skip(text, colon + 1);
  const key = text.slice(i + 1, behind - 1);
  if (key === 'events' && text[value] === '[') return { key, list: value, value: undefined, end: value };
  const end = valueEnd(text, value);
  return end < 0 || end === value ? null : { key, list: -1, value: text.slice(value, end), end };
}

/**
 * The members of an object's text, up to its list of events.
 * @param {string} text
 * @returns {{members: Record<string, any>, bad: number, closed: boolean, list: number}} bad: what cannot be read; closed: the bracket that ends it
 *   came; list: where the list of events begins, -1 none
 */
export function damagedMembers(text) {
  /** @type {Record<string, any>} */
  const members = {};
  let [bad, closed] = [0, false];
  let at = skip(text, 0);
  if (text[at] !== '{') return { members, bad, closed, list: -1 };
  for (at = skip(text, at + 1); at < text.length; at = skip(text, at)) {
    const c = text[at];
    if (c === ',' || c === '}' || c === ']') {
      if (c === '}') closed = true;
      if (c === ']') bad++;
      at++;
      continue;
    }
    const member = c === '"' ? memberAt(text, at) : null;
    if (member && member.list >= 0) return { members, bad, closed, list: member.list };
    try {
      if (!member) throw new SyntaxError();
      members[member.key] = JSON.parse(member.value ?? '');
      at = member.end;
    } catch {
      bad++;
      at = member ? member.end : Math.max(nextLine(text, at), at + 1);
    }
  }
  return { members, bad, closed, list: -1 };
}
