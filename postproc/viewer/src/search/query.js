// SPDX-License-Identifier: BSD-3-Clause
// The query line, parsed: text, "quoted text", /regex/ and key terms such as cpu:2 or dur>10us, each excluded by a leading hyphen.

/** @typedef {'<'|'<='|'>'|'>='|'='|'!='} Operator */
/**
 * @typedef {object} Term
 * @property {'text'|'regex'|'key'} type
 * @property {boolean} exclude
 * @property {string} key
 * @property {Operator} op
 * @property {string} value
 * @property {RegExp|null} regex
 * @property {string} [unknown] what stands where a key of ours would, if the text is no name
 */
/** @typedef {{terms: Term[], invert: boolean, error: string}} Query */

/** Keys of the query line: what they test and an example. @type {[string, string, string][]} */
export const QUERY_KEYS = [
  ['name', 'name holds this text, or fits a pattern', 'name:/^sys_/'],
  ['cpu', 'CPU number, list or range', 'cpu:0,2-3'],
  ['pid', 'thread id, or part of a thread name, or a pattern', 'pid:1234'],
  ['rpc', 'RPC id, or part of an RPC name, or a pattern', 'rpc:7'],
  ['dur', 'duration; units ns, us, ms, s', 'dur>10us'],
  ['ret', 'return value of a system call, or errno name', 'ret<0'],
  ['arg', 'first argument', 'arg=3'],
  ['ipc', 'instructions per cycle', 'ipc<0.5'],
  ['llc', 'cache misses', 'llc>=64'],
  ['wait', 'waits, by reason: cpu disk lock memory net pipe timer rcu task any; for a lock from the try to the acquisition', 'wait:disk'],
  ['lock', 'tries and holds of locks, by part of a name, number, pattern, or any', 'lock:any'],
  ['mark', 'marks, by part of a label, number, or pattern', 'mark:hello'],
  ['class', 'kernel, user, idle, syscall, irq, fault, sched, other', 'class:user'],
  ['event', 'event number', 'event:0x801'],
  ['after', 'ends after this time, in seconds since the base minute', 'after:49.42'],
  ['before', 'starts before this time', 'before:49.5'],
];
const KEYS = new Map([
  ...QUERY_KEYS.map(([k]) => /** @type {[string, string]} */ ([k, k])),
  ['tid', 'pid'],
  ['thread', 'pid'],
  ['duration', 'dur'],
  ['err', 'ret'],
  ['errno', 'ret'],
]);

const KEY_TERM = /^([a-z]+)(<=|>=|!=|[:=<>])(.*)$/i;

/**
 * Splits at blanks outside quotes and regular expressions. A token keeps its leading hyphen.
 * @param {string} text @returns {{tokens: string[], error: string}}
 */
export function tokenize(text) {
  const tokens = [];
  let i = 0;
  while (i < text.length) {
    if (/\s/.test(text[i])) {
      i++;
      continue;
    }
    const begin = i;
    if (text[i] === '-' && i + 1 < text.length) i++;
    if (text[i] === '/') {
      const end = closing(text, i + 1, '/');
      if (end > 0) {
        i = end + 1;
        while (i < text.length && /[a-z]/i.test(text[i])) i++;
        tokens.push(text.slice(begin, i));
        continue;
      }
    }
    while (i < text.length && !/\s/.test(text[i])) {
      // A pattern as the value of a term holds together too.
      if (text[i] === '/' && /^-?[a-z]+[:=]$/i.test(text.slice(begin, i))) i = Math.max(i, closing(text, i + 1, '/'));
      if (text[i] === '"') {
        const end = text.indexOf('"', i + 1);
        if (end < 0) return { tokens, error: 'A quotation mark is not closed.' };
        i = end;
      }
      i++;
    }
    tokens.push(text.slice(begin, i));
  }
  return { tokens, error: '' };
}

/** Position of an end mark that is not escaped; -1 none. @param {string} text @param {number} from @param {string} mark */
function closing(text, from, mark) {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === mark) return i > from ? i : -1;
  }
  return -1;
}

/** @param {string} text @returns {Query} */
export function parseQuery(text) {
  const invert = /^\s*!/.test(text);
  const { tokens, error } = tokenize(text.replace(/^\s*!/, ''));
  /** @type {Query} */
  const query = { terms: [], invert, error };
  for (const token of tokens) {
    if (query.error) break;
    const term = parseTerm(token);
    if (typeof term === 'string') query.error = term;
    else query.terms.push(term);
  }
  return query;
}

/** Names of the trace itself begin and end with a hyphen: -idle- is a name, -idle excludes. @param {string} token */
const isHyphenName = (token) => /^-.*-$/.test(token) && token.length > 2;

/** @param {string} token @returns {Term|string} the term, or why it is bad */
function parseTerm(token) {
  const exclude = token.length > 1 && token[0] === '-' && !isHyphenName(token);
  const body = exclude ? token.slice(1) : token;
  const term = {
    type: /** @type {Term['type']} */ ('text'),
    exclude,
    key: 'name',
    op: /** @type {Operator} */ ('='),
    value: unquote(body),
    regex: null,
  };
  const regex = /^\/(.+)\/([a-z]*)$/i.exec(body);
  if (regex) return regexTerm(term, regex[1], regex[2]);
  const m = KEY_TERM.exec(body);
  const key = m && KEYS.get(m[1].toLowerCase());
  if (!m) return term;
  if (!key) return body.includes('"') ? term : { ...term, unknown: m[1] };
  const value = unquote(m[3]);
  if (value === '') return `${m[1]} wants a value, as in ${QUERY_KEYS.find(([k]) => k === key)?.[2]}.`;
  const inner = /^\/(.+)\/([a-z]*)$/i.exec(m[3]);
  if (inner && key === 'name') return regexTerm(term, inner[1], inner[2]);
  const keyed = { ...term, type: /** @type {const} */ ('key'), key, op: m[2] === ':' ? '=' : /** @type {Operator} */ (m[2]), value };
  if (!inner) return keyed;
  if (!PATTERNS.includes(key)) return `${m[1]} takes no pattern; it wants a value, as in ${QUERY_KEYS.find(([k]) => k === key)?.[2]}.`;
  return regexTerm(keyed, inner[1], inner[2]);
}

/** @param {Term} term @param {string} source @param {string} flags @returns {Term|string} */
function regexTerm(term, source, flags) {
  try {
    return { ...term, type: term.type === 'key' ? 'key' : 'regex', value: source, regex: new RegExp(source, flags.replaceAll(/[gy]/g, '')) };
  } catch (e) {
    return `Bad pattern: ${/** @type {Error} */ (e).message.replace(/^Invalid regular expression:\s*/, '')}`;
  }
}

/** Keys whose value may be a pattern. */
const PATTERNS = ['name', 'pid', 'rpc', 'wait', 'lock', 'mark', 'class', 'ret'];

/** The key that was meant by a word, '' when none is near. @param {string} word */
export function nearestKey(word) {
  const low = word.toLowerCase();
  const best = [...KEYS.keys()].map((k) => ({ k, d: editDistance(k, low) })).sort((a, b) => a.d - b.d)[0];
  return best.d <= Math.max(1, Math.floor(low.length / 3)) ? best.k : '';
}

/** Letters to change, add, leave out or swap to make one word of another. @param {string} a @param {string} b */
function editDistance(a, b) {
  const d = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) d[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.length][b.length];
}

/** @param {string} text */
const unquote = (text) => text.replaceAll('"', '');

/** A value as a term of the query line. @param {string} text */
export const quoted = (text) => (/[\s"/:<>=!,-]/.test(text) || text === '' ? `"${text.replaceAll('"', '')}"` : text);

const UNIT_NS = /** @type {Record<string, number>} */ ({ ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 });

/** Nanoseconds of a duration such as 10us; NaN when it is none, or has no unit (nothing needs none). @param {string} text */
export function parseDuration(text) {
  if (/^0(\.0*)?$/.test(text.trim())) return 0;
  const m = /^([\d.]+(?:e[+-]?\d+)?)\s*(ns|us|µs|μs|ms|s)$/i.exec(text.trim());
  return m ? Number(m[1]) * UNIT_NS[m[2].toLowerCase()] : NaN;
}

/** A number: decimal, 0x hexadecimal, or a fraction such as 1/4; NaN when it is none. @param {string} text */
export function parseNumber(text) {
  const fraction = /^(\d+)\/(\d+)$/.exec(text);
  if (fraction) return Number(fraction[1]) / Number(fraction[2]);
  return text.trim() === '' ? NaN : Number(text);
}

/** @param {Operator} op @param {number} limit @returns {(v: number) => boolean} */
export function comparison(op, limit) {
  switch (op) {
    case '<':
      return (v) => v < limit;
    case '<=':
      return (v) => v <= limit;
    case '>':
      return (v) => v > limit;
    case '>=':
      return (v) => v >= limit;
    case '!=':
      return (v) => v !== limit;
    default:
      return (v) => v === limit;
  }
}

/**
 * A test of whole numbers from a list such as 0,2-3 (ranges also with ..); null when it is none.
 * @param {string} text @returns {((v: number) => boolean)|null}
 */
export function numberList(text) {
  const parts = text.split(',').map((p) => /^(-?(?:0x[\da-f]+|\d+))(?:(?:-|\.\.)(0x[\da-f]+|\d+))?$/i.exec(p));
  if (parts.some((p) => p === null)) return null;
  const ranges = parts.map((p) => [Number(/** @type {any} */ (p)[1]), Number(/** @type {any} */ (p)[2] ?? /** @type {any} */ (p)[1])]);
  return (v) => ranges.some(([a, b]) => v >= a && v <= b);
}

/**
 * The window a typed time stands for: [minutes:]seconds.digits and then + to narrow or - to widen in steps of 1, 2, 5.
 * @param {string} text @returns {{from: number, to: number}|null} seconds since the base minute
 */
export function parseTimeJump(text) {
  const m = /^(?:(\d+):)?(\d{1,3})\.(\d{0,9})([+-]*)$/.exec(text.trim());
  if (!m) return null;
  const at = Number(m[1] ?? 0) * 60 + Number(`${m[2]}.${m[3] || '0'}`);
  const net = [...m[4]].reduce((n, c) => n + (c === '+' ? 1 : -1), 0);
  const steps = Math.max(-8, Math.min(8, net));
  let half = 5 * 10 ** -m[3].length;
  for (let i = 0; i < Math.abs(steps); i++) half = oneTwoFive(half, steps > 0 ? -1 : 1);
  half *= 1.025;
  return { from: Math.max(0, at - half), to: at + half };
}

/** The next value of 1, 2, 5, 10 ... @param {number} v @param {number} direction */
function oneTwoFive(v, direction) {
  const power = Math.floor(Math.log10(v) + 1e-9);
  const lead = Math.round(v / 10 ** power);
  const up = /** @type {Record<number, number>} */ ({ 1: 2, 2: 5, 5: 10 });
  const down = /** @type {Record<number, number>} */ ({ 1: 0.5, 2: 1, 5: 2 });
  return (direction > 0 ? up : down)[lead] * 10 ** power;
}

/** The shortest typed time whose window holds from..to. @param {number} from seconds @param {number} to */
export function timeText(from, to) {
  const middle = (from + to) / 2;
  for (let digits = 9; digits >= 1; digits--) {
    const text = middle.toFixed(digits);
    const jump = parseTimeJump(text);
    if (jump && jump.from <= from && jump.to >= to) return text;
  }
  return `${middle.toFixed(0)}.`;
}

/** A name as a pattern that holds no blank, so that it stays one term. @param {string} text */
export const escapeRegex = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s/g, '\\s');
