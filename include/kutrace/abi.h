/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The KUtrace trace format and control interface: the one definition.
 *
 * Plain C, for the kernel module, user programs and the C++ tools alike. No function here
 * may need more than integer arithmetic; nothing else in the project restates a number that
 * stands here. The rules are described in docs/trace-format.md.
 *
 * All integers in a trace are little-endian.
 */
#ifndef KUTRACE_ABI_H
#define KUTRACE_ABI_H

#ifdef __linux__
#include <linux/ioctl.h>
#endif

/* ---- blocks ------------------------------------------------------------------------- */

#define KUTRACE_BLOCK_WORDS 8192 /* 8-byte words in a trace block */
#define KUTRACE_BLOCK_BYTES 65536
#define KUTRACE_BYTE_AREA_BYTES 8192 /* follows a block that has IPC or LLC flags */
#define KUTRACE_FORMAT_VERSION 3     /* low nibble of block 0's flags */

#define KUTRACE_FIRST_ENTRY_BLOCK0 12 /* word index of the first entry */
#define KUTRACE_FIRST_ENTRY_OTHER 6

/* Word indexes in the header. Block 0 has the time pairs between word 1 and the PID word. */
#define KUTRACE_HDR_COUNTER 0 /* bits 63-56 CPU, bits 55-0 counter at opening */
#define KUTRACE_HDR_CLOCK 1   /* bits 63-56 flags, bits 55-0 wall clock, us since 1970 UTC */
#define KUTRACE_HDR0_START_COUNTER 2
#define KUTRACE_HDR0_START_US 3
#define KUTRACE_HDR0_STOP_COUNTER 4
#define KUTRACE_HDR0_STOP_US 5
#define KUTRACE_HDR0_PID 8 /* bits 31-0 thread id, bits 63-32 CPU clock in MHz or 0 */
#define KUTRACE_HDR_PID 2
/*
 * Words that are zero in traces of the reference system, which here means "not said".
 * EXT: bits 7-0 are bits 15-8 of the CPU number.
 * HDR0_LOST: events lost that no LOST entry counts: of CPUs that never got a block, and marks that
 * were refused since they came too fast.
 * HDR0_CLOCK: KUTRACE_CLOCK_* below.
 */
#define KUTRACE_HDR0_LOST 6
#define KUTRACE_HDR0_CLOCK 7
#define KUTRACE_HDR0_EXT 9
#define KUTRACE_HDR_EXT 3
#define KUTRACE_HDR0_NAME 10 /* two words: thread name, NUL padded */
#define KUTRACE_HDR_NAME 4

#define KUTRACE_LOW56 0x00ffffffffffffffULL

/* Flags byte (bits 63-56 of word 1). */
#define KUTRACE_FLAG_IPC 0x80
#define KUTRACE_FLAG_WRAP 0x40
#define KUTRACE_FLAG_LLC 0x20
#define KUTRACE_FLAG_RESERVED 0x10
#define KUTRACE_FLAG_VERSION_MASK 0x0f

/* The clock word of block 0. */
#define KUTRACE_CLOCK_SHIFT(w) ((w) & 0xff)          /* one count is 2^shift ticks of the source */
#define KUTRACE_CLOCK_SOURCE(w) (((w) >> 8) & 0xff)
#define KUTRACE_CLOCK_SKEW_START(w) (((w) >> 16) & 0xffff) /* counts; 0xffff: that or more */
#define KUTRACE_CLOCK_SKEW_STOP(w) (((w) >> 32) & 0xffff)
#define KUTRACE_CLOCK_FLAGS(w) (((w) >> 48) & 0xffff)
#define KUTRACE_CLOCK_TSC 1
#define KUTRACE_CLOCK_CNTVCT 2
#define KUTRACE_CLOCK_MONOTONIC 3 /* the kernel's monotonic clock, ns */
#define KUTRACE_CLOCK_MEASURED 1  /* flag: the two skews are upper bounds that were measured */
#define KUTRACE_CLOCK_DIFFERS 2   /* flag: counters of two CPUs were seen to differ */
#define KUTRACE_CLOCK_UNSTEADY 4  /* flag: the counter may change its rate or stop in idle states */

/* ---- entries ------------------------------------------------------------------------ */

#define KUTRACE_TS_SHIFT 44 /* bits 63-44: low 20 bits of the counter */
#define KUTRACE_TS_BITS 20
#define KUTRACE_TS_MASK 0xfffffULL
#define KUTRACE_EVENT_SHIFT 32 /* bits 43-32: event number */
#define KUTRACE_EVENT_MASK 0xfffULL
#define KUTRACE_DELTA_SHIFT 24  /* bits 31-24: counts from call to folded return, 0 = not folded */
#define KUTRACE_RETVAL_SHIFT 16 /* bits 23-16: return value of a folded call, signed */

/* A forward step of more than this many counts is announced by a TSDELTA entry. */
#define KUTRACE_TS_MAX_STEP 0xe0000ULL
#define KUTRACE_MAX_FOLD_COUNTS 255

/* Names carry their length in words, the first one included, in bits 7-4 of their number. */
#define KUTRACE_EVENT_LENGTH(n) (((n) >> 4) & 0xf)
#define KUTRACE_MAX_ENTRY_WORDS 8
#define KUTRACE_MAX_NAME_BYTES 56

enum kutrace_event {
	KUTRACE_NOP = 0x000,

	/* Names: add length << 4. */
	KUTRACE_FILENAME = 0x001,
	KUTRACE_PIDNAME = 0x002,
	KUTRACE_METHODNAME = 0x003,
	KUTRACE_TRAPNAME = 0x004,
	KUTRACE_INTERRUPTNAME = 0x005,
	KUTRACE_TIMEPAIR = 0x006, /* obsolete, to be skipped */
	KUTRACE_LOCKNAME = 0x007,
	KUTRACE_SYSCALL64NAME = 0x008,
	KUTRACE_SYSCALL32NAME = 0x00c,
	KUTRACE_ERRNONAME = 0x00e,
	KUTRACE_PACKETNAME = 0x100,
	KUTRACE_PC_OLD = 0x101, /* PC sample, two words, no length nibble */
	KUTRACE_KERNEL_VERSION = 0x102,
	KUTRACE_MODEL_NAME = 0x103,
	KUTRACE_HOST_NAME = 0x104,
	KUTRACE_QUEUE_NAME = 0x105,
	KUTRACE_RESOURCE_NAME = 0x106,
	KUTRACE_CLOCK_SET = 0x107, /* no name: two words, the second one signed */
	KUTRACE_NAME_LAST = 0x1ff,

	/* Specials: 32-bit argument. */
	KUTRACE_USERPID = 0x200, /* context switch, arg = new thread id */
	KUTRACE_RPCIDREQ = 0x201,
	KUTRACE_RPCIDRESP = 0x202,
	KUTRACE_RPCIDMID = 0x203,
	KUTRACE_RPCIDRXMSG = 0x204, /* synthesized */
	KUTRACE_RPCIDTXMSG = 0x205, /* synthesized */
	KUTRACE_RUNNABLE = 0x206,   /* arg = thread id made runnable */
	KUTRACE_IPI = 0x207,        /* arg = target CPU */
	KUTRACE_MWAIT = 0x208,      /* arg = idle hint */
	KUTRACE_PSTATE = 0x209,     /* sampled frequency, MHz, in force up to now */
	KUTRACE_MARKA = 0x20a,
	KUTRACE_MARKB = 0x20b,
	KUTRACE_MARKC = 0x20c,
	KUTRACE_MARKD = 0x20d,
	KUTRACE_LEFTMARK = 0x20e,  /* row name, synthesized */
	KUTRACE_RIGHTMARK = 0x20f, /* synthesized */
	KUTRACE_LOCKNOACQUIRE = 0x210,
	KUTRACE_LOCKACQUIRE = 0x211,
	KUTRACE_LOCKWAKEUP = 0x212,
	KUTRACE_LOST = 0x213, /* arg = events this CPU could not store since the entry before */
	KUTRACE_RX_PKT = 0x214,
	KUTRACE_TX_PKT = 0x215,
	KUTRACE_RX_USER = 0x216,
	KUTRACE_TX_USER = 0x217,
	KUTRACE_MBIT_SEC = 0x218,
	KUTRACE_RESOURCE = 0x219,
	KUTRACE_ENQUEUE = 0x21a, /* also the number of the synthesized "queued" span */
	KUTRACE_DEQUEUE = 0x21b,
	KUTRACE_PSTATE2 = 0x21c, /* notified frequency, MHz, from now on */
	KUTRACE_TSDELTA = 0x21d,
	KUTRACE_MONITORSTORE = 0x21e,
	KUTRACE_MONITOREXIT = 0x21f,
	KUTRACE_SPECIAL_LAST = 0x27f,

	KUTRACE_PC_U = 0x280, /* PC sample: two words, arg of the first = MHz or 0 */
	KUTRACE_PC_K = 0x281,
	KUTRACE_LOCK_HELD = 0x282, /* synthesized */
	KUTRACE_LOCK_TRY = 0x283,  /* synthesized */
	KUTRACE_WAITA = 0x300,     /* synthesized: waiting, reason letter a..z */
	KUTRACE_WAITZ = 0x319,

	/* Calls; the return of each is the number | KUTRACE_RETURN_BIT. */
	KUTRACE_TRAP = 0x400,
	KUTRACE_IRQ = 0x500,
	KUTRACE_SYSCALL64 = 0x800,
	KUTRACE_SYSCALL32 = 0xc00, /* also 64-bit calls 512..1023, as n + (n & 0x200) */
	KUTRACE_RETURN_BIT = 0x200,

	KUTRACE_PAGE_FAULT = 0x40e,
	KUTRACE_BOTTOM_HALF = 0x5ff,   /* softirq, arg = its number */
	KUTRACE_SCHED_SYSCALL = 0x9ff, /* scheduler, kernels up to 5.10 */
	KUTRACE_SCHED = 0xdff,         /* scheduler, newer kernels */
	KUTRACE_SCHED_SYSCALL_EXIT = 0xbff,
	KUTRACE_SCHED_EXIT = 0xfff,
	KUTRACE_SCHED_FIRST = 1,       /* what -sched- returns to a new thread; others get 0 */
	KUTRACE_SYSCALL_OTHER = 0xdfe, /* all system calls whose numbers do not fit */

	/* Only in text and JSON. */
	KUTRACE_IDLE = 0x10000,
	KUTRACE_USER = 0x10000, /* + thread id */
	KUTRACE_CEXIT = 0x20000 /* leaving a deep idle state; see kutrace_is_user() in the tools */
};

/* Overlay records, JSON only. */
#define KUTRACE_ARC_WAKEUP (-3)
#define KUTRACE_CALLOUT (-4)
#define KUTRACE_ARC_IPI (-7)

/*
 * Device interrupts go by their Linux number, those from IRQ_SHARED on by
 * IRQ_SHARED + number % IRQ_SHARED_COUNT, since x86 has its system vectors above, from 0xeb on;
 * the argument always is the Linux number.
 */
#define KUTRACE_IRQ_SHARED 0xe0
#define KUTRACE_IRQ_SHARED_COUNT 11
#define KUTRACE_IRQ_IPI 0xf0 /* arm64, riscv: + number of the inter-processor interrupt */

/* Traps of arm64 and riscv, page faults apart: + exception class, + cause */
#define KUTRACE_TRAP_CLASS 0x440

/* Arguments of MWAIT that are not hints of the instruction. */
#define KUTRACE_IDLE_POLL 252    /* a loop that looks for work: no low power */
#define KUTRACE_IDLE_OFFLINE 253 /* the CPU is taken offline */
#define KUTRACE_IDLE_WFI 254     /* Arm, RISC-V */
#define KUTRACE_IDLE_HALT 255    /* hlt or port I/O */

static inline int kutrace_is_call(unsigned int n)
{
	return n >= 0x400 && n <= 0xfff && !(n & KUTRACE_RETURN_BIT);
}

static inline int kutrace_is_return(unsigned int n)
{
	return n >= 0x400 && n <= 0xfff && (n & KUTRACE_RETURN_BIT);
}

static inline int kutrace_is_name(unsigned int n)
{
	return n >= 0x010 && n <= KUTRACE_NAME_LAST && n != KUTRACE_PC_OLD;
}

/* ---- control: the device ------------------------------------------------------------- */

/*
 * docs/control.md has the whole interface. All structures are the same for 32- and 64-bit
 * programs; addresses are 64 bits wide; what is reserved is zero.
 */
#define KUTRACE_DEVICE "/dev/kutrace"
#define KUTRACE_PAGE_FILE "/sys/kernel/kutrace/page"
#define KUTRACE_DEVICE_VERSION 1

/* What the page says: anybody may map it, read only, from KUTRACE_PAGE_FILE or a descriptor. */
struct kutrace_page {
	unsigned int tracing;    /* 1 while events are stored */
	unsigned int generation; /* counts RESETs */
	unsigned int magic;      /* KUTRACE_PAGE_MAGIC */
	unsigned int gone;       /* 1: the module has been unloaded, this page says nothing more */
};

#define KUTRACE_PAGE_MAGIC 0x7275746b

/* What a descriptor may do; decided when it is opened, and can only become less. */
#define KUTRACE_RIGHT_CONTROL 1
#define KUTRACE_RIGHT_MARK 2      /* store marks, and names of what programs name */
#define KUTRACE_RIGHT_ADDRESSES 4 /* have addresses of the kernel in traces */

#define KUTRACE_STATE_TRACING 1
#define KUTRACE_STATE_FULL 2   /* events have been lost for want of a block */
#define KUTRACE_STATE_STOPPED 4 /* a trace is complete and can be read */

struct kutrace_status {
	unsigned int size;    /* bytes filled in: no more than the command has room for */
	unsigned int version; /* KUTRACE_DEVICE_VERSION */
	unsigned int rights;  /* of this descriptor; with no right to control, what follows is 0 */
	unsigned int state;   /* (but whether it is tracing) */
	unsigned int flags;   /* KUTRACE_RESET_* of the trace */
	unsigned int generation;
	unsigned long long blocks;     /* that fit into the buffer */
	unsigned long long used;       /* handed out */
	unsigned long long reused;     /* handed out again */
	unsigned long long lost;       /* events that could not be stored */
	unsigned long long refused;    /* marks beyond a descriptor's rate */
	unsigned long long overtaken;  /* blocks overwritten before they were read */
	unsigned long long full_us;    /* when the first event was lost, us since 1970; 0: never */
	unsigned long long clock;      /* the clock word of block 0 */
	unsigned long long start_us;   /* of the pairs of block 0; 0: not yet */
	unsigned long long stop_us;
	unsigned int starter; /* process that started it, in the first PID namespace; 0: none */
	unsigned int sets;    /* how often the wall clock was set while tracing */
};

struct kutrace_reset {
	unsigned int flags; /* KUTRACE_RESET_* */
	unsigned int reserved;
};

/* Entries, one behind the other, as they stand in a trace, but for their times. */
struct kutrace_insert {
	unsigned long long from; /* address */
	unsigned int words;      /* at most KUTRACE_INSERT_WORDS */
	unsigned int flags;      /* KUTRACE_INSERT_* */
};

#define KUTRACE_INSERT_WORDS 512
#define KUTRACE_INSERT_BEFORE 1 /* only while nothing traces: before the start */

struct kutrace_cpu_lost {
	unsigned int cpu; /* in */
	unsigned int reserved;
	unsigned long long lost; /* out: events of this CPU that could not be stored */
};

struct kutrace_restrict {
	unsigned int rights; /* that are left */
	unsigned int rate;   /* marks a second from now on; 0: the module's parameter `markrate` */
};

/* The next block of a trace that is being recorded with KUTRACE_RESET_FOLLOW. */
struct kutrace_next {
	unsigned long long to;          /* in: address of the room */
	unsigned long long acknowledge; /* in: blocks of smaller numbers may be overwritten */
	unsigned long long number;      /* out: blocks count from 0, in the order of handing out */
	unsigned long long overtaken;   /* out: blocks overwritten before they were handed out */
	unsigned int bytes;             /* in: the room; out: the block and its byte area */
	unsigned int flags;             /* in: 0; out: KUTRACE_NEXT_* */
};

#define KUTRACE_NEXT_FIRST 1 /* it is block 0; that of the end replaces that of the beginning */

/* The argument of the last two is a number, not an address. */
#define KUTRACE_IOC_STATUS _IOWR(0xe7, 0, struct kutrace_status)
#define KUTRACE_IOC_RESET _IOW(0xe7, 1, struct kutrace_reset)
#define KUTRACE_IOC_START _IO(0xe7, 2)
#define KUTRACE_IOC_STOP _IO(0xe7, 3)
#define KUTRACE_IOC_INSERT _IOW(0xe7, 4, struct kutrace_insert)
#define KUTRACE_IOC_CPU_LOST _IOWR(0xe7, 5, struct kutrace_cpu_lost)
#define KUTRACE_IOC_RESTRICT _IOW(0xe7, 6, struct kutrace_restrict)
#define KUTRACE_IOC_NEXT _IOWR(0xe7, 7, struct kutrace_next)
#define KUTRACE_IOC_STOP_ON_CLOSE _IO(0xe7, 8) /* 1: closing this descriptor stops; 0: not */
#define KUTRACE_IOC_MARK(event) _IO(0xe7, 0x80 + ((event) & 0x1f)) /* the mark's argument */

/* Of RESET, also by the system call, which knows the first three. */
#define KUTRACE_RESET_IPC 1
#define KUTRACE_RESET_WRAP 2
#define KUTRACE_RESET_LLC 4
#define KUTRACE_RESET_FOLLOW 8        /* blocks are read while it traces, by KUTRACE_IOC_NEXT */
#define KUTRACE_RESET_NO_ADDRESSES 16 /* samples of the kernel without their addresses */
#define KUTRACE_RESET_STOP 32         /* stop what traces; without it: EBUSY */

/* ---- control: the system call --------------------------------------------------------- */

/* For programs of the reference. x86-64 and arm64: (command, argument) -> result, all u64. */
#define KUTRACE_CONTROL_SYSCALL 1023
#define KUTRACE_MODULE_VERSION 4

enum kutrace_command {
	KUTRACE_CMD_OFF = 0,
	KUTRACE_CMD_ON = 1,
	KUTRACE_CMD_FLUSH = 2,
	KUTRACE_CMD_RESET = 3,
	KUTRACE_CMD_STAT = 4,
	KUTRACE_CMD_GETCOUNT = 5,
	KUTRACE_CMD_GETWORD = 6,
	KUTRACE_CMD_INSERT1 = 7,
	KUTRACE_CMD_INSERTN = 8,
	KUTRACE_CMD_GETIPCWORD = 9,
	KUTRACE_CMD_TEST = 10,
	KUTRACE_CMD_VERSION = 11,
	KUTRACE_CMD_SET4KB = 12,
	KUTRACE_CMD_GET4KB = 13,
	KUTRACE_CMD_GETIPC4KB = 14,
	/* Unknown to the reference, which answers all ones. */
	KUTRACE_CMD_LOST = 15,    /* arg = CPU, or all ones for all: events lost since RESET */
	KUTRACE_CMD_FULL_US = 16, /* when the first event was lost, us since 1970; 0 = never */
	KUTRACE_CMD_CLOCK = 17    /* the clock word of block 0 */
};

#define KUTRACE_CMD_ERROR (~0ULL) /* no privilege, or the command is unknown or impossible */

/* The address of a sample of the kernel whose address is left out: none that a processor has. */
#define KUTRACE_PC_HIDDEN 0x8000000000000000ULL

/* Default packet filter: the signature of the book's RPC marker in the first four payload bytes. */
#define KUTRACE_DEFAULT_PKT_MASK 0x0000000f
#define KUTRACE_DEFAULT_PKT_MATCH 0xd1c517e5

#endif /* KUTRACE_ABI_H */
