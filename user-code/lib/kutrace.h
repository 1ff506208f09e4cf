/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libkutrace: what a program may put into the trace of the machine it runs on.
 *
 * All of it may be left in production code. While nothing traces, each call costs two loads and a branch;
 * while something does, one system call: ioctl() on a descriptor for marks, which is handed down by the
 * recorder, or opened with the first mark of a trace. Calls are safe in threads, in forked children and in
 * signal handlers (kutrace_attach excepted), and never touch errno. What the kernel does not take (no right
 * to mark, too many, buffer full) is lost without a word: a trace must not change the program. Before
 * main() the library makes no system call but those by which programs are loaded. Numbers and formats:
 * kutrace/abi.h.
 */
#ifndef KUTRACE_H
#define KUTRACE_H

#include <stddef.h>
#include <stdint.h>

#include "kutrace/kinds.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KUTRACE_API __attribute__((visibility("default")))

/* ---- the machine's tracing ---------------------------------------------------------- */

/*
 * Looks for the module's page, KUTRACE_PAGE_FILE; done once before main(). Of use to a program that began before the module
 * was loaded, or was there when it was loaded again. 1: tracing can be seen, 0: not. Never in a program that is set-uid or has
 * capabilities of its file.
 */
KUTRACE_API int kutrace_attach(void);

/* A recorder may hand a program a descriptor for marks: an open one of the device, its number in this variable. */
#define KUTRACE_DESCRIPTOR_VARIABLE "KUTRACE_FD"
/* A recorder that sees system calls and has no device hands this down instead: marks are ioctls on no file, which it sees. */
#define KUTRACE_MARKS_BY_CALL "call"

/*
 * A descriptor of the device (docs/control.md), close-on-exec, or a negative errno. -ENXIO: what has its name is not the
 * device, and was not opened.
 */
KUTRACE_API int kutrace_open_device(void);
/* 1: the descriptor is one of the device. */
KUTRACE_API int kutrace_is_device(int fd);

/* For programs of the reference: its control system call. The result, KUTRACE_CMD_ERROR, or a negative errno. */
KUTRACE_API uint64_t kutrace_control(uint64_t command, uint64_t argument);

/* Used by the inline functions only. */
KUTRACE_API extern const volatile unsigned int *kutrace_tracing_;

/* 1 while events are stored. */
static inline int kutrace_test(void)
{
	return *__atomic_load_n(&kutrace_tracing_, __ATOMIC_RELAXED) != 0;
}

/*
 * Start tracing with an empty buffer and without names (flags: KUTRACE_RESET_*), stop it. 0, or -1 when refused: no
 * module, no privilege, or something traces already. `kutrace_control go` and `stop` do more: they insert names and
 * write the file. After kutrace_stop(), `kutrace_control stop` writes what was traced.
 */
KUTRACE_API int kutrace_go(unsigned int flags);
KUTRACE_API int kutrace_stop(void);

/*
 * Asks the field recorder of this machine to save what it has; `reason` becomes part of the file's name. `pipe`: its
 * trigger, KUTRACE_TRIGGER_PIPE if NULL. 0, or -1: no recorder, or no right to ask it. Never waits.
 */
#define KUTRACE_TRIGGER_PIPE "/run/kutrace-field/trigger"
KUTRACE_API int kutrace_trigger(const char *pipe, const char *reason);

/* ---- events ------------------------------------------------------------------------- */

KUTRACE_API void kutrace_insert_(unsigned int event, uint32_t argument);
KUTRACE_API void kutrace_insert_label_(unsigned int event, const char *label);
KUTRACE_API void kutrace_insert_rpc_(unsigned int event, uint32_t id, uint64_t bytes);
KUTRACE_API void kutrace_insert_message_(unsigned int event, const void *message, size_t bytes);
KUTRACE_API void kutrace_insert_name_(unsigned int kind, uint32_t number, const char *text);

#define KUTRACE_WHEN_TRACING_(call)                    \
	do {                                           \
		if (__builtin_expect(kutrace_test(), 0)) \
			call;                          \
	} while (0)

/* Marks: a label of up to six of a-z 0-9 - . / ("parse" ... "/parse" bracket a region), or a number. */
static inline void kutrace_mark_a(const char *label)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_label_(KUTRACE_MARKA, label));
}
static inline void kutrace_mark_b(const char *label)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_label_(KUTRACE_MARKB, label));
}
static inline void kutrace_mark_c(const char *label)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_label_(KUTRACE_MARKC, label));
}
static inline void kutrace_mark_d(uint32_t number)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_MARKD, number));
}
/* A number that this program measures, one of 256: the length of a queue, say. Values beyond 24 bits are stored as the largest. */
static inline void kutrace_gauge(uint8_t which, uint32_t value)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_GAUGE, (uint32_t)which << 24 | (value > 0xffffff ? 0xffffff : value)));
}

/* This thread begins to work for RPC `id` (1..65535; 0: for none) on a message of that many bytes, or replies. */
static inline void kutrace_rpc_request(uint32_t id, uint64_t bytes)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_rpc_(KUTRACE_RPCIDREQ, id, bytes));
}
static inline void kutrace_rpc_response(uint32_t id, uint64_t bytes)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_rpc_(KUTRACE_RPCIDRESP, id, bytes));
}
/* Works for RPC `id` again, in the middle of it. */
static inline void kutrace_rpc_resume(uint32_t id)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_RPCIDMID, id & 0xffff));
}

/* Locks in user space, by a number of the program's choice (kutrace_lock_number makes one of an address). */
static inline void kutrace_lock_failed(uint32_t lock)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_LOCKNOACQUIRE, lock));
}
static inline void kutrace_lock_acquired(uint32_t lock)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_LOCKACQUIRE, lock));
}
static inline void kutrace_lock_released(uint32_t lock)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_LOCKWAKEUP, lock));
}
/* 16 bits: names are kept by the low 16 bits of their number. */
static inline uint32_t kutrace_lock_number(const void *address)
{
	const uint64_t a = (uint64_t)(uintptr_t)address;
	return (uint32_t)((a >> 4 ^ a >> 20 ^ a >> 36) & 0xffff);
}

/* The RPC at work is put on a queue, or one is taken off. */
static inline void kutrace_enqueue(uint32_t queue)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_ENQUEUE, queue));
}
static inline void kutrace_dequeue(uint32_t queue)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_DEQUEUE, queue));
}
static inline void kutrace_resource(uint32_t resource)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_(KUTRACE_RESOURCE, resource));
}

/*
 * A message as this program received it, or is about to send it. Pairs with the packet that carried it, which the
 * kernel hashed in the same way; messages of fewer than 32 bytes are not packets that it looks at, and are left out.
 */
static inline void kutrace_received(const void *message, size_t bytes)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_message_(KUTRACE_RX_USER, message, bytes));
}
static inline void kutrace_sending(const void *message, size_t bytes)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_message_(KUTRACE_TX_USER, message, bytes));
}

/*
 * Names, up to KUTRACE_MAX_NAME_BYTES bytes of UTF-8; the rest is cut off. They are kept with the trace that runs:
 * say them again at times, because a wrapping buffer forgets them.
 */
static inline void kutrace_name_method(uint32_t rpc_id, const char *text)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_name_(KUTRACE_METHODNAME, rpc_id & 0xffff, text));
}
static inline void kutrace_name_lock(uint32_t lock, const char *text)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_name_(KUTRACE_LOCKNAME, lock, text));
}
static inline void kutrace_name_queue(uint32_t queue, const char *text)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_name_(KUTRACE_QUEUE_NAME, queue, text));
}
static inline void kutrace_name_resource(uint32_t resource, const char *text)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_name_(KUTRACE_RESOURCE_NAME, resource, text));
}
/* Any kind: KUTRACE_PIDNAME, KUTRACE_FILENAME ... without length bits. */
static inline void kutrace_addname(unsigned int kind, uint32_t number, const char *text)
{
	KUTRACE_WHEN_TRACING_(kutrace_insert_name_(kind, number, text));
}

/* ---- encodings (no system call) ----------------------------------------------------- */

/* The base-40 value of the first six characters; upper case folds, any other byte counts as '.'. */
KUTRACE_API uint32_t kutrace_base40(const char *label);
/* Ten times the logarithm to base 2 of a length, rounded; 255 at most. */
KUTRACE_API uint8_t kutrace_tenlg(uint64_t length);
/* The XOR of the first eight 4-byte words; 0 when there are fewer than 32 bytes. */
KUTRACE_API uint32_t kutrace_message_hash(const void *message, size_t bytes);
/*
 * Packs a name entry with time stamp 0 into eight words. `bytes` of text beyond KUTRACE_MAX_NAME_BYTES are cut at a
 * character. Gives the number of words, 0 for an empty text or a kind that is no name.
 */
KUTRACE_API unsigned int kutrace_pack_name(unsigned int kind, uint32_t number, const char *text, size_t bytes,
					   uint64_t words[KUTRACE_MAX_ENTRY_WORDS]);

#ifdef __cplusplus
}
#endif
#endif /* KUTRACE_H */
