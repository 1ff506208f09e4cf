// SPDX-License-Identifier: BSD-3-Clause
// Cuts the text of a span JSON into what stands before its "events", the elements of that list, and what stands behind, while it comes in pieces:
// a file may be larger than the longest text that a browser has. Damage in an element costs that element: a record holds neither a list nor a line's end
// inside a text, so where one of these comes the record is broken off, and the next begins.

import { damagedMembers } from './damaged-json.js';

/** Elements handed on at once, in characters. */
const BATCH = 1 << 20;
/** A longer element is no record. */
const LONGEST = 1 << 20;
/** What may stand before and behind the list. */
const MOST_HEADER = 1 << 24;

const [QUOTE, COMMA, BACKSLASH, LINE_END] = ['"', ',', '\\', '\n'].map((c) => c.charCodeAt(0));
const [LIST, LIST_END, OBJECT, OBJECT_END] = ['[', ']', '{', '}'].map((c) => c.charCodeAt(0));

/** @param {number} c */
const isBlank = (c) => c === 32 || (c >= 9 && c <= 13);

/** Behind the blanks (and with `more` commas) from i on. @param {string} text @param {number} i @param {boolean} [more] */
function skip(text, i, more = false) {
  while (i < text.length && (isBlank(text.charCodeAt(i)) || (more && text.charCodeAt(i) === COMMA))) i++;
  return i;
}

/**
 * Inside a string: the quote that ends it, or the line's end that breaks it off; where neither has come, a place at or behind the text's end,
 * `resume` of which is where to go on when more has come.
 * @param {string} text @param {number} i
 */
function stringEnd(text, i) {
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE || c === LINE_END) return i;
    if (c === BACKSLASH) i++;
  }
  return i;
}
/** @param {string} text @param {number} end of stringEnd: one too far when the text ends in a backslash */
const resume = (text, end) => (end > text.length ? text.length - 1 : text.length);

/** Behind the bracket that begins the list of a key, -1 when there is no list; the text's length when it has not come. @param {string} text @param {number} i behind the key */
function listBehind(text, i) {
  const colon = skip(text, i);
  if (colon < text.length && text[colon] !== ':') return -1;
  const list = skip(text, colon + 1);
  return list >= text.length || text.charCodeAt(list) === LIST ? Math.min(list, text.length) : -1;
}

export class EventsSplitter {
  /** @param {(text: string, elements: [number, number][]) => void} take gets a part of the list and where its elements are */
  constructor(take) {
    this.take = take;
    this.phase = /** @type {'head'|'events'|'behind'|'tail'} */ ('head');
    /** Text up to and with the bracket that begins the list. */
    this.head = '';
    /** Text behind the bracket that ends it. */
    this.tail = '';
    /** What has come and is not done with. */
    this.rest = '';
    /** Where the search goes on in what has come: no letter is looked at twice. */
    this.at = 0;
    this.depth = 0;
    /** Where the string began that it is in; -1 none. */
    this.quote = -1;
    /** Brackets that ended the list while it went on. */
    this.damaged = 0;
    /** Lines of the header that cannot be read. */
    this.badLines = 0;
    this.tooLong = false;
  }

  /** @param {string} piece */
  add(piece) {
    this.rest = this.rest === '' ? piece : this.rest + piece;
    if (this.phase === 'head') this.findEvents();
    while (this.phase === 'events' || this.phase === 'behind') {
      const before = this.phase;
      if (before === 'events') this.cut();
      else this.lookBehind();
      if (this.phase === before) return;
    }
    if (this.phase !== 'tail') return;
    if (this.tail.length + this.rest.length <= MOST_HEADER) this.tail += this.rest;
    else this.tooLong = true;
    this.rest = '';
  }

  /** The key "events" of the outermost object, and the list behind it. */
  findEvents() {
    const text = this.rest;
    for (let i = this.at; i < text.length; i++) {
      if (this.quote < 0) {
        const c = text.charCodeAt(i);
        if (c === LIST || c === OBJECT) this.depth++;
        else if (c === LIST_END || c === OBJECT_END) this.depth--;
        if (c !== QUOTE) continue;
        this.quote = i++;
      }
      let end = stringEnd(text, i);
      while (end < text.length && text.charCodeAt(end) === LINE_END) end = stringEnd(text, end + 1); // the header's own texts are left to JSON.parse
      this.at = resume(text, end);
      if (end >= text.length) return this.checkHeader();
      const list = this.depth === 1 && text.slice(this.quote, end + 1) === '"events"' ? listBehind(text, end + 1) : -1;
      if (list >= text.length) {
        this.at = end; // what is behind the key has not come
        this.rest = text.slice(0, end + 1) + text.slice(end + 1).trim();
        return;
      }
      this.quote = -1;
      i = end;
      if (list < 0) continue;
      this.head = text.slice(0, list + 1);
      this.rest = text.slice(list + 1);
      this.phase = 'events';
      this.at = this.depth = 0;
      return;
    }
    this.at = text.length;
    this.checkHeader();
  }

  /** A header without end is none. */
  checkHeader() {
    if (this.rest.length <= MOST_HEADER) return;
    this.tooLong = true;
    this.phase = 'tail';
  }

  /** Behind an element of the list; -1 when its end has not come. @param {string} text @param {number} begin where it begins */
  elementEnd(text, begin) {
    let { depth } = this;
    let quoted = this.quote >= 0;
    for (let i = begin + this.at; i < text.length; i++) {
      const c = quoted ? QUOTE : text.charCodeAt(i);
      if (c === QUOTE) {
        const end = stringEnd(text, quoted ? i : i + 1);
        quoted = end >= text.length;
        if (quoted) {
          if (text.length - begin > LONGEST) break;
          return this.later(resume(text, end) - begin, depth, true);
        }
        if (text.charCodeAt(end) === LINE_END) return this.found(end);
        i = end;
      } else if (c === LIST || c === OBJECT) {
        if (c === LIST && i > begin) return this.found(i);
        depth++;
      } else if (c === LIST_END || c === OBJECT_END) {
        if (depth === 0) return this.found(i);
        depth--;
      } else if (c === COMMA && depth === 0) {
        return this.found(i);
      }
    }
    return text.length - begin > LONGEST ? this.found(text.length) : this.later(text.length - begin, depth, false);
  }

  /** The next element is looked for from its beginning. @param {number} end */
  found(end) {
    this.at = this.depth = 0;
    this.quote = -1;
    return end;
  }

  /** The search of this element goes on when more has come. @param {number} at @param {number} depth @param {boolean} quoted */
  later(at, depth, quoted) {
    this.at = at;
    this.depth = depth;
    this.quote = quoted ? 0 : -1;
    return -1;
  }

  /** Hands on the elements that are whole. */
  cut() {
    const text = this.rest;
    /** @type {[number, number][]} */
    let elements = [];
    let from = 0;
    let at = 0;
    let kept = 0; // where what is not done with begins
    const flush = () => {
      if (elements.length > 0) this.take(text.slice(from, at), elements);
      elements = [];
      from = at;
    };
    for (;;) {
      const begin = skip(text, at, true);
      kept = begin;
      if (begin >= text.length) break;
      if (text.charCodeAt(begin) === LIST_END) {
        flush();
        this.rest = text.slice(begin);
        this.phase = 'behind';
        return;
      }
      const end = this.elementEnd(text, begin);
      if (end < 0) break;
      at = Math.max(end, begin + 1);
      elements.push([begin - from, at - from]);
      if (at - from > BATCH) flush();
    }
    flush();
    this.rest = text.slice(kept);
  }

  /** Behind a bracket that ends the list: a key or the end, or records that go on. */
  lookBehind() {
    const text = this.rest;
    const next = skip(text, 1);
    const after = text.charCodeAt(next) === COMMA ? skip(text, next + 1) : next;
    if (after >= text.length) {
      this.rest = after > next ? '],' : ']';
      return;
    }
    if (text.charCodeAt(after) === LIST) {
      this.damaged++;
      this.rest = text.slice(after);
      this.phase = 'events';
      return;
    }
    this.rest = text.slice(1);
    this.phase = 'tail';
  }

  /**
   * No more comes. The document without its records; `cut`: what stands behind them is missing or damaged. Throws what JSON.parse throws.
   * @returns {{document: any, cut: boolean}}
   */
  end() {
    if (this.head === '') {
      if (this.tooLong) throw new Error('it begins with too much that is no record');
      const document = this.wholeOrDamaged();
      if (document) return { document, cut: false };
    }
    if (this.phase === 'events' && this.rest.trim() !== '') {
      const begin = skip(this.rest, 0, true);
      if (begin < this.rest.length) this.take(this.rest, [[begin, this.rest.length]]);
    } else if (this.phase === 'behind') this.tail = this.rest.slice(1);
    if (this.phase !== 'events') {
      try {
        return { document: JSON.parse(`${this.head}]${this.tail}`), cut: this.tooLong };
      } catch {
        /* each value that is sound is taken */
      }
    }
    const before = damagedMembers(this.head.slice(0, this.head.lastIndexOf('"events"')));
    const behind = damagedMembers(`{${this.tail}`);
    this.badLines += before.bad + behind.bad;
    return { document: { ...before.members, ...behind.members, events: [] }, cut: this.tooLong || !behind.closed };
  }

  /** A text in which no list of events was found: JSON without one, or damaged before it. Throws what JSON.parse throws.  {any} null: the list was found */
  wholeOrDamaged() {
    try {
      return JSON.parse(this.rest);
    } catch (e) {
      const { list } = damagedMembers(this.rest);
      if (list < 0) throw e;
      this.head = this.rest.slice(0, list + 1);
      this.rest = this.rest.slice(list + 1);
      this.phase = 'events';
      this.at = this.depth = 0;
      this.quote = -1;
      this.add('');
      return null;
    }
  }
}
