// SPDX-License-Identifier: BSD-3-Clause
// Event numbers: their classes and their words, by the table of kinds (kinds.js).

import { EV, KINDS, SOFTIRQS, WAITS } from './kinds.js';

export { EV };

/** Time classes of execution spans, in stacking order from the bottom of an aggregated pixel. */
export const CLASS = Object.freeze({
  SYSCALL: 0,
  IRQ: 1,
  FAULT: 2,
  SCHED: 3,
  OTHER: 4,
  USER: 5,
  IDLE: 6,
});
export const CLASS_COUNT = 7;
export const CLASS_NAMES = Object.freeze(['system call', 'interrupt', 'fault', 'scheduler', 'other kernel', 'user', 'idle']);

/** Shapes an execution span can have. */
export const SHAPE = Object.freeze({ KERNEL: 0, USER: 1, IDLE: 2, CEXIT: 3 });

/** Categories of records that are not execution spans. */
export const AUX = Object.freeze({
  POINT: 0,
  WAIT: 1,
  WAKEUP: 2,
  IPI: 3,
  MARK: 4,
  SAMPLE: 5,
  FREQ: 6,
  LOCK: 7,
  PACKET: 8,
  MESSAGE: 9,
  QUEUED: 10,
  ROWNAME: 11,
  MANUAL: 12,
  RPC: 13,
  MEMORY: 14,
});
export const AUX_COUNT = 15;

/** Kinds of one number. */
const SINGLE = new Map(KINDS.filter((k) => k.first === k.last).map((k) => [k.first, k]));
const RANGES = KINDS.filter((k) => k.first !== k.last);

/** The row of a number in the table of kinds, calls without their return bit; undefined: nothing is known of it. @param {number} event */
export const kindRow = (event) => SINGLE.get(event) ?? RANGES.find((k) => event >= k.first && event <= k.last);

/** What is shown of a number that no table knows. @param {number} event */
export const unknownWords = (event) => `event ${event < 0 ? event : `0x${event.toString(16)}`}`;

/** Numbers of 0x20000 are a C-exit or the user mode of thread 65536; the name tells. */
const isCexit = (/** @type {number} */ event, /** @type {string} */ name) => event === EV.CEXIT && name === '-c-exit-';

const CLASS_OF = /** @type {Record<string, number>} */ ({
  syscall: CLASS.SYSCALL,
  irq: CLASS.IRQ,
  fault: CLASS.FAULT,
  sched: CLASS.SCHED,
  user: CLASS.USER,
  idle: CLASS.IDLE,
});

/**
 * Class of the time of an execution span. The rule of the programs, too (time_class() and span_kind()); tests/data/facts.vectors.json has its cases.
 * @param {number} event @param {string} name
 */
export function classOf(event, name) {
  if (event === EV.CEXIT && !isCexit(event, name)) return CLASS.USER;
  return CLASS_OF[(kindRow(event) ?? kindRow(event & ~EV.RETURN_BIT))?.cls ?? ''] ?? CLASS.OTHER;
}

/** @param {number} event @param {string} name */
export function shapeOf(event, name) {
  if (event === EV.IDLE) return SHAPE.IDLE;
  if (event > EV.IDLE) return isCexit(event, name) ? SHAPE.CEXIT : SHAPE.USER;
  return SHAPE.KERNEL;
}

/** Whether records of this number are points in time. @param {number} event */
export function isPointEvent(event) {
  return event >= EV.USERPID && event <= EV.SPECIAL_LAST && (kindRow(event)?.cls ?? 'point') === 'point';
}

/**
 * Category of a record that is not an execution span.
 * @param {number} event @param {number} dur ticks
 */
export function auxCategory(event, dur) {
  if (event === EV.ENQUEUE && dur > 0) return AUX.QUEUED;
  const group = /** @type {keyof typeof AUX} */ (kindRow(event)?.group ?? '');
  return AUX[group] ?? (event < 0 ? AUX.MANUAL : AUX.POINT);
}

/** Letter of a wait event, a...z. @param {number} event */
export const waitLetter = (event) => String.fromCharCode(97 + Math.max(0, Math.min(25, event - EV.WAITA)));
/** What a wait is for, as after "waits for". @param {number} event */
export const waitFor = (event) => WAITS[waitLetter(event)].words;
/** @param {number} event */
export const waitWord = (event) => WAITS[waitLetter(event)].word;

/**
 * What kind of thing an event number stands for, in words.
 * @param {number} event @param {string} name @param {number} arg @param {number} dur
 */
export function eventWords(event, name, arg, dur) {
  if (event === EV.ENQUEUE && dur > 0) return 'RPC in a queue';
  if (event === EV.IDLE) return arg === 1 ? 'idle, low power' : 'idle';
  const row = event === EV.CEXIT && !isCexit(event, name) ? kindRow(EV.USER + 1) : kindRow(event);
  if (!row) {
    const call = kindRow(event & ~EV.RETURN_BIT);
    return call?.category === 'call' ? `${call.words} return` : unknownWords(event);
  }
  if (event === EV.BOTTOM_HALF) return `${row.words} (bottom half ${SOFTIRQS[arg] ?? arg})`;
  // Many numbers in a row: which of them. The second half of the system calls are those from 512 on, too.
  if (row.category !== 'call' || row.first === row.last) return row.words;
  return `${row.words} ${event - row.first + (row.first === EV.SYSCALL32 ? 512 : 0)}`;
}

/** Names of errors, by number from 1. */
export const ERRNO_NAMES = (
  'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY ' +
  'EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ' +
  'ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG ' +
  'EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG ' +
  'EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ' +
  'ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ' +
  'ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ' +
  'ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ' +
  'ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ' +
  'ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL ' +
  'EHWPOISON'
).split(' ');

/**
 * A return value in words; 0xF001..0xFFFF is a negative errno.
 * @param {number} ret 0..65535
 */
export function returnWords(ret) {
  if (ret < 0xf001) return String(ret);
  const errno = 0x10000 - ret;
  const name = ERRNO_NAMES[errno - 1];
  return name && name !== '-' ? `-${errno} (${name})` : `-${errno}`;
}

/** Nothing is 0, which stands at the end; where it does not, it is shown as what is no letter is. */
const BASE40 = '.abcdefghijklmnopqrstuvwxyz0123456789-./';

/** Text of a base-40 mark label. @param {number} value */
export function base40(value) {
  let rest = value < 0 ? value + 2 ** 32 : value;
  let text = '';
  for (; rest > 0; rest = Math.floor(rest / 40)) text += BASE40[rest % 40];
  return text;
}

/**
 * Text of a mark: its name after "=", else from its argument.
 * @param {number} event @param {number} arg @param {string} name
 */
export function markText(event, arg, name) {
  if (event === EV.MARKD) return String(arg < 0 ? arg + 2 ** 32 : arg);
  const equals = name.indexOf('=');
  return equals >= 0 ? name.slice(equals + 1) : base40(arg);
}

const IPC_LOW = [0, 1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 6 / 8, 7 / 8, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5];
const IPC_WORDS = ['0', '1/8', '1/4', '3/8', '1/2', '5/8', '3/4', '7/8', '1', '1 1/4', '1 1/2', '1 3/4', '2', '2 1/2', '3', '3 1/2'];
const LLC_WORDS = ['0', '1 to 7', '8', '16', '32', '64', '128', '256', '512', '1024', '2048', '4096', '8192', '16384', '32768', '65536'];
export const FLAG_IPC = 128;
export const FLAG_LLC = 32;

/**
 * IPC and LLC values of a span's code.
 * @param {number} code 0..15 @param {number} flags header flags
 * @returns {{ipc: number|null, llc: number|null}} ipc index 0..15 and llc index 0..15
 */
export function ipcParts(code, flags) {
  const v = code & 15;
  const ipc = (flags & FLAG_IPC) !== 0;
  const llc = (flags & FLAG_LLC) !== 0;
  if (ipc && llc) return { ipc: (v & 0xc) + 1, llc: [0, 2, 5, 8][v & 3] };
  if (ipc) return { ipc: v, llc: null };
  if (llc) return { ipc: null, llc: v };
  return { ipc: null, llc: null };
}

/** Instructions per cycle of an IPC index. @param {number} index */
export const ipcValue = (index) => IPC_LOW[index & 15];
/** @param {number} index */
export const ipcWords = (index) => IPC_WORDS[index & 15];
/** @param {number} index */
export const llcWords = (index) => `${LLC_WORDS[index & 15]}${(index & 15) > 1 ? ' or more' : ''}`;
/** Least number of cache misses an LLC index stands for. @param {number} index */
export const llcMisses = (index) => ((index & 15) < 2 ? index & 15 : 2 ** ((index & 15) + 1));

/** A return value with its sign. @param {number} ret 0..65535 */
export const signedReturn = (ret) => (ret < 0xf001 ? ret : ret - 0x10000);

/** Number of an errno name in upper or lower case, 0 when unknown. @param {string} name */
export const errnoOf = (name) => ERRNO_NAMES.indexOf(name.toUpperCase()) + 1;

/** Reasons of waits that have a name, by letter. */
const NAMED = Object.entries(WAITS).filter(([, reason]) => reason.names.length > 0);

/** Letters of the wait reasons whose name begins so, or that is named by its letter. @param {string} text lower case */
export const waitLetters = (text) =>
  /^[a-z]$/.test(text)
    ? [text]
    : text === ''
      ? []
      : NAMED.filter(([, { names }]) => names.some((name) => name.startsWith(text))).map(([letter]) => letter);

/** Letters of the wait reasons, each with its names. @returns {[string, string[]][]} */
export const waitNames = () => NAMED.map(([letter, { names }]) => [letter, names]);

/** Letters of the wait reasons that have a name, in the order of the table. */
export const WAIT_LETTERS = Object.freeze(NAMED.map(([letter]) => letter));
