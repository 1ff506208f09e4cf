// SPDX-License-Identifier: BSD-3-Clause
// Made by print_tables of postproc/analysis/why_kinds.def and span/wait_reason.cc, which the programs read too; do not edit.

/**
 * What a moment was spent in. {name} is a call, an interrupt, a lock; {actor} a thread.
 * @type {{id: string, state: string, cause: string, words: string}[]}
 */
export const WHY_KINDS = [
  { id: 'user', state: 'running', cause: 'computing', words: 'running its own code' },
  { id: 'kernel', state: 'running', cause: 'call', words: 'running in {name}' },
  { id: 'irq', state: 'running', cause: 'interrupts', words: 'stolen by interrupt {name}' },
  { id: 'softirq', state: 'running', cause: 'interrupts', words: 'stolen by softirq {name}' },
  { id: 'sched', state: 'running', cause: 'switching', words: 'being switched to or from' },
  { id: 'behind', state: 'ready', cause: 'preempted', words: 'ready behind {actor}' },
  { id: 'behind_irq', state: 'ready', cause: 'interrupts', words: 'ready behind {name}' },
  { id: 'behind_sched', state: 'ready', cause: 'switching', words: 'ready while the CPU switched threads' },
  { id: 'waking', state: 'ready', cause: 'waking', words: 'ready on an idle CPU that was not yet awake' },
  { id: 'never_ran', state: 'ready', cause: 'unknown', words: 'ready until the trace ended' },
  { id: 'timer', state: 'waiting', cause: 'timer', words: 'waiting for a timer' },
  { id: 'disk', state: 'waiting', cause: 'disk', words: 'waiting for a disk' },
  { id: 'net', state: 'waiting', cause: 'net', words: 'waiting for the network' },
  { id: 'free', state: 'waiting', cause: 'lock', words: 'waiting for lock {name} that nobody held' },
  { id: 'grace', state: 'waiting', cause: 'grace', words: 'waiting for an RCU grace period' },
  { id: 'device', state: 'waiting', cause: 'device', words: 'waiting for interrupt {name}' },
  { id: 'deferred', state: 'waiting', cause: 'deferred', words: 'waiting for softirq {name}' },
  { id: 'open', state: 'waiting', cause: 'unknown', words: 'waiting until the trace ended' },
  { id: 'unwoken', state: 'waiting', cause: 'unknown', words: 'waiting, ended by what is not recorded' },
  { id: 'circle', state: 'waiting', cause: 'circle', words: 'waiting for each other' },
  { id: 'unseen', state: 'unseen', cause: 'unknown', words: 'not in the trace' },
];

/** Why the path goes on in another thread. @type {Record<string, string>} */
export const WHY_LINKS = {
  lock: 'for lock {name}, held by {actor}',
  waker: 'until {actor} woke it from {name}',
  sender: 'until {actor} sent to it from {name}',
  message: 'for a message that {actor} sent',
  ipi: 'until {actor} interrupted the CPU that woke it',
  creator: 'to be made by {actor}',
};

/** How a wait is told that leads to no other thread. @type {Record<string, string>} */
export const WHY_ENDS = {
  timer: 'for a timer ({name}); who set it is not recorded',
  own_timer: 'for a timer ({name}), probably its own',
  disk: 'for a disk ({name}); which one is not recorded',
  net: 'for the network ({name}); from whom is not recorded',
  wire: 'while a message of {actor} was under way',
  free: 'for lock {name}, which nobody held and which was not yet handed over',
  grace: 'for a grace period ({name})',
  device: 'until interrupt {name} woke it; of which request is not recorded',
  deferred: 'until softirq {name} woke it; on whose behalf is not recorded',
  ipi: 'until an interrupt between CPUs ({name}) woke it; who sent it is not recorded',
  open: 'and still did when the trace ended',
  unwoken: 'until it went on; no wakeup is recorded',
  unnamed: 'until CPU {cpu} woke it; from which code is not recorded',
  circle: 'for {actor}, which waited for it: they wait for each other',
};

/** What time is added up by, in the order of the table; {object} is a call, a lock, a program. @type {{id: string, words: string}[]} */
export const WHY_CAUSES = [
  { id: 'computing', words: 'computing' },
  { id: 'call', words: 'running in {object}' },
  { id: 'faults', words: 'page faults' },
  { id: 'interrupts', words: 'interrupts' },
  { id: 'switching', words: 'switching threads' },
  { id: 'preempted', words: 'ready behind {object}' },
  { id: 'waking', words: 'ready on an idle CPU that was not yet awake' },
  { id: 'lock', words: 'waiting for lock {object}' },
  { id: 'peer', words: 'waiting for {object}' },
  { id: 'timer', words: 'waiting for a timer' },
  { id: 'disk', words: 'waiting for a disk' },
  { id: 'net', words: 'waiting for the network' },
  { id: 'grace', words: 'waiting for a grace period' },
  { id: 'device', words: 'waiting for interrupt {object}' },
  { id: 'deferred', words: 'waiting for softirq {object}' },
  { id: 'circle', words: 'waiting for each other' },
  { id: 'unknown', words: 'unknown: the trace does not tell' },
];

/** Names that the rules ask for: of calls, and of `between_cpus` parts of names of interrupts. @type {[string, string][]} */
export const WHY_CALLS = [
  ['makes_threads', 'clone'],
  ['makes_threads', 'clone3'],
  ['makes_threads', 'fork'],
  ['makes_threads', 'vfork'],
  ['has_timeout', 'nanosleep'],
  ['has_timeout', 'clock_nanosleep'],
  ['has_timeout', 'poll'],
  ['has_timeout', 'ppoll'],
  ['has_timeout', 'select'],
  ['has_timeout', 'pselect6'],
  ['has_timeout', 'epoll_wait'],
  ['has_timeout', 'epoll_pwait'],
  ['has_timeout', 'epoll_pwait2'],
  ['has_timeout', 'futex'],
  ['has_timeout', 'futex_wait'],
  ['has_timeout', 'rt_sigtimedwait'],
  ['has_timeout', 'recvmmsg'],
  ['has_timeout', 'io_getevents'],
  ['has_timeout', 'semtimedop'],
  ['between_cpus', 'ipi'],
  ['between_cpus', 'IPI'],
  ['between_cpus', 'resched'],
  ['between_cpus', 'call_func'],
  ['between_cpus', 'irq_work'],
];

/** Numbers of the rules. */
export const WHY_NUMBERS = {
  look_back: 64,
  fewest: 5,
  least_excess: 100000,
};

/** What a waker tells by its name: the letter of a reason. @type {[string, string][]} */
export const WAKER_REASONS = [
  ['BH:block', 'd'],
  ['BH:hi', 'k'],
  ['BH:hrtim', 't'],
  ['BH:irq_p', 'd'],
  ['BH:rcu', 'r'],
  ['BH:rx', 'n'],
  ['BH:sched', 's'],
  ['BH:taskl', 'k'],
  ['BH:timer', 't'],
  ['BH:tx', 'n'],
  ['arch_timer', 't'],
  ['exit', '!'],
  ['exit_group', '!'],
  ['fdatasync', 'd'],
  ['fsync', 'd'],
  ['futex', 'l'],
  ['kill', '!'],
  ['local_timer', 't'],
  ['local_timer_vector', 't'],
  ['madvise', 'm'],
  ['mmap', 'm'],
  ['mprotect', 'm'],
  ['munmap', 'm'],
  ['open', 'p'],
  ['openat', 'p'],
  ['page_fault', 'm'],
  ['pidfd_send_signal', '!'],
  ['riscv-timer', 't'],
  ['rt_sigqueueinfo', '!'],
  ['rt_tgsigqueueinfo', '!'],
  ['sendmmsg', 'n'],
  ['sendmsg', 'n'],
  ['sendto', 'p'],
  ['splice', 'p'],
  ['syncfs', 'd'],
  ['tgkill', '!'],
  ['tkill', '!'],
  ['write', 'p'],
  ['writev', 'p'],
];
