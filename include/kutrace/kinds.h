/* SPDX-License-Identifier: (GPL-2.0 OR BSD-3-Clause) */
/*
 * Made by print_kinds of kinds.def; do not edit. Kinds that kernels need not know, and who may insert what.
 *
 * Plain C, for the module, the programs for eBPF, user programs and the tools alike.
 */
#ifndef KUTRACE_KINDS_H
#define KUTRACE_KINDS_H

#ifndef KUTRACE_ABI_H /* the kernel has a copy of its own */
#include "kutrace/abi.h"
#endif

enum kutrace_kind {
	/* Specials that no hook stores. */
	KUTRACE_GAUGE = 0x220, /* bits 31-24: which, 23-0: its value */

	/* What a CPU used since its sample before, at ticks and switches: docs/memory.md. */
	KUTRACE_TICK_ON = 0x230,      /* bits 26-0: interval in ns, bit 31: staggered, bit 30: said again */
	KUTRACE_TICK = 0x231,         /* arg = ns late */
	KUTRACE_TICK_SKIPPED = 0x232, /* arg = boundaries that passed before the tick that follows was taken */
	KUTRACE_TICK_OFF = 0x233,     /* arg = boundaries that have passed and were not taken */
	KUTRACE_SAMPLED = 0x234,      /* bit n: kind 0x250 + n is sampled here, from now on */
	KUTRACE_USED_INSTRUCTIONS = 0x250,
	KUTRACE_USED_CYCLES = 0x251,
	KUTRACE_USED_CACHE_REFERENCES = 0x252,
	KUTRACE_USED_CACHE_MISSES = 0x253,
	KUTRACE_USED_FAULTS = 0x254,
	KUTRACE_USED_MAJOR_FAULTS = 0x255, /* of them */
	KUTRACE_USED_PAGES = 0x256,
	KUTRACE_USED_IRQ_TIME = 0x257,
	KUTRACE_USED_SOFTIRQ_TIME = 0x258,
	KUTRACE_USED_STEAL_TIME = 0x259,
	KUTRACE_USED_MODEL_BYTES = 0x26f, /* from the model source */

	/* What is drawn over spans, in JSON and pages only. */
	KUTRACE_BRACKET = -1,
	KUTRACE_OVAL = -2,
	KUTRACE_ANNOTATION = -5,
	KUTRACE_ZONE = -6
};

/* The command of a mark: KUTRACE_IOC_MARK of abi.h is the same for the first 32 specials, and knows no others. */
#define KUTRACE_MARK_COMMAND(event) _IO(0xe7, 0x80 + ((event) & 0x7f))

/* Marks: entries of one word that programs may make. */
static inline int kutrace_is_mark(unsigned int kind)
{
	switch (kind) {
	case KUTRACE_RPCIDREQ:
	case KUTRACE_RPCIDRESP:
	case KUTRACE_RPCIDMID:
	case KUTRACE_MARKA:
	case KUTRACE_MARKB:
	case KUTRACE_MARKC:
	case KUTRACE_MARKD:
	case KUTRACE_LOCKNOACQUIRE:
	case KUTRACE_LOCKACQUIRE:
	case KUTRACE_LOCKWAKEUP:
	case KUTRACE_RX_USER:
	case KUTRACE_TX_USER:
	case KUTRACE_MBIT_SEC:
	case KUTRACE_RESOURCE:
	case KUTRACE_ENQUEUE:
	case KUTRACE_DEQUEUE:
	case KUTRACE_GAUGE:
		return 1;
	default:
		return 0;
	}
}

/* Names that programs give to what is theirs; without length bits. */
static inline int kutrace_is_own_name(unsigned int kind)
{
	switch (kind) {
	case KUTRACE_FILENAME:
	case KUTRACE_METHODNAME:
	case KUTRACE_LOCKNAME:
	case KUTRACE_QUEUE_NAME:
	case KUTRACE_RESOURCE_NAME:
		return 1;
	default:
		return 0;
	}
}

/* Names that need the right to control, too; without length bits. */
static inline int kutrace_is_control_name(unsigned int kind)
{
	switch (kind) {
	case KUTRACE_FILENAME:
	case KUTRACE_PIDNAME:
	case KUTRACE_METHODNAME:
	case KUTRACE_TRAPNAME:
	case KUTRACE_INTERRUPTNAME:
	case KUTRACE_TIMEPAIR:
	case KUTRACE_LOCKNAME:
	case KUTRACE_SYSCALL64NAME:
	case KUTRACE_SYSCALL32NAME:
	case KUTRACE_ERRNONAME:
	case KUTRACE_PACKETNAME:
	case KUTRACE_KERNEL_VERSION:
	case KUTRACE_MODEL_NAME:
	case KUTRACE_HOST_NAME:
	case KUTRACE_QUEUE_NAME:
	case KUTRACE_RESOURCE_NAME:
		return 1;
	default:
		return 0;
	}
}

#endif /* KUTRACE_KINDS_H */
