// SPDX-License-Identifier: BSD-3-Clause
// Event numbers: their classes and their words. The one definition in the viewer.

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
});
export const AUX_COUNT = 14;

export const EV = Object.freeze({
  RPC_REQ: 0x201,
  RPC_RESP: 0x202,
  RPC_MID: 0x203,
  MSG_RX: 0x204,
  MSG_TX: 0x205,
  RUNNABLE: 0x206,
  SEND_IPI: 0x207,
  MWAIT: 0x208,
  FREQ: 0x209,
  MARK_A: 0x20a,
  MARK_B: 0x20b,
  MARK_C: 0x20c,
  MARK_D: 0x20d,
  ROW_LEFT: 0x20e,
  ROW_RIGHT: 0x20f,
  LOCK_FAILED: 0x210,
  LOCK_ACQUIRED: 0x211,
  LOCK_RELEASED: 0x212,
  LOST: 0x213,
  PKT_RX: 0x214,
  PKT_TX: 0x215,
  USER_RX: 0x216,
  USER_TX: 0x217,
  MBIT: 0x218,
  RESOURCE: 0x219,
  ENQUEUE: 0x21a,
  DEQUEUE: 0x21b,
  FREQ2: 0x21c,
  TSDELTA: 0x21d,
  MON_STORE: 0x21e,
  MON_EXIT: 0x21f,
  PC_USER: 0x280,
  PC_KERNEL: 0x281,
  LOCK_HELD: 0x282,
  LOCK_TRY: 0x283,
  WAIT_FIRST: 0x300,
  WAIT_LAST: 0x31f,
  EXEC_FIRST: 0x400,
  BOTTOM_HALF: 0x5ff,
  SCHED_OLD: 0x9ff,
  SCHED: 0xdff,
  IDLE: 0x10000,
  CEXIT: 0x20000,
  WAKEUP_ARC: -3,
  CALLOUT: -4,
  ZONE: -6,
  IPI_ARC: -7,
});

/** Numbers of 0x20000 are a C-exit or the user mode of thread 65536; the name tells. */
const isCexit = (/** @type {number} */ event, /** @type {string} */ name) => event === EV.CEXIT && name === '-c-exit-';

/**
 * Class of the time of an execution span.
 * @param {number} event @param {string} name
 */
export function classOf(event, name) {
  if (event === EV.IDLE) return CLASS.IDLE;
  if (event > EV.IDLE) return isCexit(event, name) ? CLASS.OTHER : CLASS.USER;
  if (event === EV.SCHED || event === EV.SCHED_OLD) return CLASS.SCHED;
  if (event >= 0x800 && event <= 0xfff) return CLASS.SYSCALL;
  if (event >= 0x400 && event <= 0x4ff) return CLASS.FAULT;
  if (event >= 0x500 && event <= 0x5ff) return CLASS.IRQ;
  return CLASS.OTHER;
}

/** @param {number} event @param {string} name */
export function shapeOf(event, name) {
  if (event === EV.IDLE) return SHAPE.IDLE;
  if (event > EV.IDLE) return isCexit(event, name) ? SHAPE.CEXIT : SHAPE.USER;
  return SHAPE.KERNEL;
}

/**
 * Category of a record that is not an execution span.
 * @param {number} event @param {number} dur ticks
 */
export function auxCategory(event, dur) {
  if (event >= EV.WAIT_FIRST && event <= EV.WAIT_LAST) return AUX.WAIT;
  switch (event) {
    case EV.WAKEUP_ARC:
      return AUX.WAKEUP;
    case EV.IPI_ARC:
      return AUX.IPI;
    case EV.MARK_A:
    case EV.MARK_B:
    case EV.MARK_C:
    case EV.MARK_D:
      return AUX.MARK;
    case EV.PC_USER:
    case EV.PC_KERNEL:
      return AUX.SAMPLE;
    case EV.FREQ:
    case EV.FREQ2:
      return AUX.FREQ;
    case EV.LOCK_HELD:
    case EV.LOCK_TRY:
      return AUX.LOCK;
    case EV.PKT_RX:
    case EV.PKT_TX:
    case EV.USER_RX:
    case EV.USER_TX:
      return AUX.PACKET;
    case EV.MSG_RX:
    case EV.MSG_TX:
      return AUX.MESSAGE;
    case EV.RPC_REQ:
    case EV.RPC_RESP:
    case EV.RPC_MID:
      return AUX.RPC;
    case EV.ENQUEUE:
      return dur > 0 ? AUX.QUEUED : AUX.POINT;
    case EV.ROW_LEFT:
    case EV.ROW_RIGHT:
      return AUX.ROWNAME;
    default:
      return event < 0 ? AUX.MANUAL : AUX.POINT;
  }
}

/** What a thread waits for, after "for". */
const WAITS = /** @type {Record<string, string>} */ ({
  c: 'a CPU (ready to run)',
  d: 'the disk',
  k: 'another task',
  l: 'a lock',
  m: 'memory',
  n: 'the network',
  p: 'a pipe',
  r: 'an RCU grace period',
  s: 'the scheduler',
  t: 'a timer',
  z: 'a reason that is not recorded',
});
const WAIT_SHORT = /** @type {Record<string, string>} */ ({
  c: 'cpu',
  d: 'disk',
  k: 'task',
  l: 'lock',
  m: 'memory',
  n: 'net',
  p: 'pipe',
  r: 'rcu',
  s: 'sched',
  t: 'timer',
  z: '?',
});

/** Letter of a wait event, a...z. @param {number} event */
export const waitLetter = (event) => String.fromCharCode(97 + Math.min(25, event & 31));
/** What a wait is for, as after "waits for". @param {number} event */
export const waitFor = (event) => WAITS[waitLetter(event)] ?? `reason "${waitLetter(event)}"`;
/** @param {number} event */
export const waitWord = (event) => WAIT_SHORT[waitLetter(event)] ?? waitLetter(event);

const POINT_WORDS = /** @type {Record<number, string>} */ ({
  0x200: 'context switch',
  0x201: 'RPC request',
  0x202: 'RPC response',
  0x203: 'RPC middle',
  0x204: 'RPC message received',
  0x205: 'RPC message sent',
  0x206: 'makes a thread runnable',
  0x207: 'sends an interprocessor interrupt',
  0x208: 'enters an idle state (mwait)',
  0x209: 'CPU clock frequency, sampled',
  0x20a: 'mark a',
  0x20b: 'mark b',
  0x20c: 'mark c',
  0x20d: 'mark d (number)',
  0x20e: 'row name',
  0x20f: 'row name',
  0x210: 'lock: tried, not free',
  0x211: 'lock: acquired',
  0x212: 'lock: released',
  0x213: 'events lost: the CPU had no room to store them',
  0x214: 'packet received, seen by the kernel',
  0x215: 'packet sent, seen by the kernel',
  0x216: 'message received, seen by user code',
  0x217: 'message sent, seen by user code',
  0x218: 'network speed',
  0x219: 'resource use',
  0x21a: 'enqueue RPC',
  0x21b: 'dequeue RPC',
  0x21c: 'CPU clock frequency, notified',
  0x21d: 'time correction',
  0x21e: 'store that wakes a waiting CPU',
  0x21f: 'mwait ended by a store',
  0x280: 'PC sample, user code',
  0x281: 'PC sample, kernel code',
  0x282: 'lock held',
  0x283: 'lock being waited for',
  [-1]: 'bracket',
  [-2]: 'oval',
  [-3]: 'wakeup',
  [-4]: 'callout',
  [-5]: 'annotation',
  [-6]: 'time zone',
  [-7]: 'interprocessor interrupt',
});

const SOFTIRQS = ['hi', 'timer', 'tx', 'rx', 'block', 'irq_poll', 'tasklet', 'sched', 'hrtimer', 'rcu'];

/**
 * What kind of thing an event number stands for, in words.
 * @param {number} event @param {string} name @param {number} arg @param {number} dur
 */
export function eventWords(event, name, arg, dur) {
  if (event >= EV.WAIT_FIRST && event <= EV.WAIT_LAST) return 'waiting';
  if (event === EV.ENQUEUE && dur > 0) return 'RPC in a queue';
  if (event < EV.EXEC_FIRST) return POINT_WORDS[event] ?? 'point event';
  if (event === EV.IDLE) return arg === 1 ? 'idle, low power' : 'idle';
  if (event > EV.IDLE) return isCexit(event, name) ? 'leaving a low-power idle state' : 'own code: user mode, or a kernel thread';
  if (event === EV.SCHED || event === EV.SCHED_OLD) return 'scheduler';
  if (event === EV.BOTTOM_HALF) return `softirq (bottom half ${SOFTIRQS[arg] ?? arg})`;
  if (event >= 0x800 && event <= 0xfff) {
    if ((event & 0x200) !== 0) return 'system call return';
    const number = (event & 0x1ff) + (event >= 0xc00 ? 512 : 0);
    return event >= 0xc00 ? `system call (32-bit or above 511; ${number})` : `system call ${number}`;
  }
  if (event <= 0x4ff) return `fault ${event & 0xff}`;
  if (event <= 0x5ff) return `interrupt ${event & 0xff}`;
  return 'kernel';
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

const BASE40 = '\0abcdefghijklmnopqrstuvwxyz0123456789-./';

/** Text of a base-40 mark label. @param {number} value */
export function base40(value) {
  let rest = value < 0 ? value + 2 ** 32 : value;
  let text = '';
  while (rest > 0 && text.length < 7) {
    text += BASE40[rest % 40] ?? '';
    rest = Math.floor(rest / 40);
  }
  return text.replaceAll('\0', '');
}

/**
 * Text of a mark: its name after "=", else from its argument.
 * @param {number} event @param {number} arg @param {string} name
 */
export function markText(event, arg, name) {
  if (event === EV.MARK_D) return String(arg < 0 ? arg + 2 ** 32 : arg);
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

/** Words that name a wait reason in a query, by letter. @type {Record<string, string[]>} */
const WAIT_NAMES = {
  c: ['cpu', 'ready'],
  d: ['disk'],
  k: ['task'],
  l: ['lock'],
  m: ['memory'],
  n: ['network'],
  p: ['pipe'],
  r: ['rcu'],
  s: ['scheduler'],
  t: ['timer'],
  z: ['unknown', '?'],
};

/** Letters of the wait reasons whose name begins so, or that is named by its letter. @param {string} text lower case */
export const waitLetters = (text) =>
  /^[a-z]$/.test(text) ? [text] : text === '' ? [] : Object.keys(WAIT_NAMES).filter((c) => WAIT_NAMES[c].some((name) => name.startsWith(text)));

/** Letters of the wait reasons, each with its names. */
export const waitNames = () => Object.entries(WAIT_NAMES);

/** Letters of the wait reasons, in the order of the tables. */
export const WAIT_LETTERS = Object.freeze(Object.keys(WAITS));
