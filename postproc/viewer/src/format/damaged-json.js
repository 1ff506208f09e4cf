// SPDX-License-Identifier: BSD-3-Clause
// What can be read of a JSON object that is damaged. SpanJsonReader of the programs has the same rules.

const BLANK = /[ \t\r\n]*/y;

/** Behind the blanks from i on. @param {string} text @param {number} i */
function skip(text, i) {
  BLANK.lastIndex = i;
  BLANK.test(text);
  return BLANK.lastIndex;
}

const [QUOTE, COMMA, BACKSLASH] = ['"', ',', '\\'].map((c) => c.charCodeAt(0));
const [LIST, LIST_END, OBJECT, OBJECT_END] = ['[', ']', '{', '}'].map((c) => c.charCodeAt(0));

/** So many letters may always be looked at in vain, and a value of this length is looked for even then: as the programs have it. */
const FREELY = 1 << 16;
const SOON = 1024;

/** Looks for the ends of things in a text, most of which may have none, in as many steps as it has letters or a few times more. */
class Scanner {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** Letters that were looked at and belong to nothing, and all that were. */
    this.inVain = 0;
    this.looked = 0;
    /** The line found last. */
    this.line = { begin: 0, end: -1 };
  }

  /** Where to stop when too much has been looked at in vain before i. @param {number} i @param {number} end */
  limit(i, end) {
    return this.inVain > i + FREELY ? Math.min(end, i + SOON) : end;
  }

  /** @param {number} i */
  lineEnd(i) {
    if (i < this.line.begin || i > this.line.end) {
      const end = this.text.indexOf('\n', i);
      this.line = { begin: i, end: end < 0 ? this.text.length : end };
      this.looked += this.line.end - i;
    }
    return this.line.end;
  }

  /** What came to nothing. @param {number} from @param {number} to */
  lose(from, to) {
    this.inVain += to - from;
    return -1;
  }

  /** Behind the string that begins at i; -1 when it does not end in its line. @param {number} i */
  stringEnd(i) {
    const { text } = this;
    const end = this.limit(i, this.lineEnd(i));
    let at = i + 1;
    while (at < end && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
    this.looked += Math.min(at, end) - i;
    return at < end ? at + 1 : this.lose(i, end);
  }

  /** Behind the value that begins at i; -1 when it has no end. @param {number} i */
  valueEnd(i) {
    const { text } = this;
    const limit = this.limit(i, text.length);
    let depth = 0;
    for (let at = i; at < limit; at++) {
      this.looked++;
      const c = text.charCodeAt(at);
      if (c === QUOTE) {
        const end = this.stringEnd(at);
        if (end < 0) this.lose(i, at);
        if (end < 0 || depth === 0) return end;
        at = end - 1;
      } else if (c === LIST || c === OBJECT) depth++;
      else if (c === LIST_END || c === OBJECT_END) {
        if (depth === 0) return at;
        if (--depth === 0) return at + 1;
      } else if (c === COMMA && depth === 0) return at;
    }
    return this.lose(i, limit);
  }

  /** Where to go on behind what cannot be read: the next line, or the next list. @param {number} i */
  next(i) {
    const end = this.lineEnd(i);
    const list = this.text.slice(i, end).indexOf('], [');
    const at = list < 0 ? end : i + list + 1;
    this.looked += at - i;
    return at;
  }

  /** The member that begins at i. @param {number} i a quote */
  memberAt(i) {
    const { text } = this;
    const behind = this.stringEnd(i);
    const colon = behind < 0 ? -1 : skip(text, behind);
    if (colon < 0 || text[colon] !== ':') return null;
    const value = skip(text, colon + 1);
    const key = text.slice(i + 1, behind - 1);
    if (key === 'events' && text[value] === '[') return { key, list: value, value: undefined, end: value };
    const end = this.valueEnd(value);
    return end < 0 || end === value ? null : { key, list: -1, value: text.slice(value, end), end };
  }
}

/** A value of JSON begins so; to try and fail takes far longer than to look. */
const VALUE = /^(?:["[{\-\d]|(?:true|false|null)\s*$)/;

/** @param {string} text @returns {unknown} undefined: it is no JSON */
function parsed(text) {
  try {
    return VALUE.test(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The members of an object's text, up to its list of events.
 * @param {string} text
 * @returns {{members: Record<string, any>, bad: number, closed: boolean, list: number, looked: number}} bad: what cannot be read; closed: the bracket
 *   that ends it came; list: where the list of events begins, -1 none; looked: letters that were looked at
 */
export function damagedMembers(text) {
  /** @type {Record<string, any>} */
  const members = {};
  const scanner = new Scanner(text);
  let [bad, closed] = [0, false];
  let at = skip(text, 0);
  if (text[at] !== '{') return { members, bad, closed, list: -1, looked: scanner.looked };
  for (at = skip(text, at + 1); at < text.length; at = skip(text, at)) {
    const c = text[at];
    if (c === ',' || c === '}' || c === ']') {
      if (c === '}') closed = true;
      if (c === ']') bad++;
      at++;
      continue;
    }
    const member = c === '"' ? scanner.memberAt(at) : null;
    if (member && member.list >= 0) return { members, bad, closed, list: member.list, looked: scanner.looked };
    const value = member ? parsed(member.value ?? '') : undefined;
    if (member && value !== undefined) members[member.key] = value;
    else bad++;
    at = member ? member.end : Math.max(scanner.next(at), at + 1);
  }
  return { members, bad, closed, list: -1, looked: scanner.looked };
}
