/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routines of which the time shows one thing about a processor: asm/x86_64 and asm/aarch64, a file a subject.
 *
 * All follow the C calling convention of their system, use no stack and call nothing, but for lf_pop_untagged. n = 0 returns at once.
 * x86-64 (Intel syntax): rax rcx rdx rsi rdi r8 to r11 and flags may change. aarch64: x0 to x17 and flags; x18 is never touched.
 * Nothing newer than x86-64-v1 with cmpxchg16b, and Armv8.0. Times are in ticks of the processor's counter: lab_ticks().
 */
#ifndef LAB_H
#define LAB_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The counter (rdtsc, cntvct_el0), with everything before it done and nothing behind it begun. */
uint64_t lab_ticks(void);

/* ---- lockfree: steps that cannot be interrupted ---- */

/* Adds v; what was there before. Atomic: x86 lock xadd, aarch64 ldaxr and stlxr. */
uint64_t lf_add(uint64_t *p, uint64_t v);
/* 1: *p was want and is new now. 0: it was not, and is as it was. */
uint64_t lf_cas(uint64_t *p, uint64_t want, uint64_t new_value);

struct lf_node {
	struct lf_node *next;
	uint64_t value;
};
/* A stack with a tag that counts its changes: a pointer that went away and came back is another. 16-byte aligned. */
struct lf_stack {
	struct lf_node *top;
	uint64_t tag;
} __attribute__((aligned(16)));
void lf_push(struct lf_stack *s, struct lf_node *node);
/* NULL: empty. Nodes must not be unmapped while others pop. */
struct lf_node *lf_pop(struct lf_stack *s);
/*
 * The same without looking at the tag, which is the bug of it: between reading top->next and exchanging, hook(s) is called (with a frame of
 * its own), so that a test can do what another thread might.
 */
struct lf_node *lf_pop_untagged(struct lf_stack *s, void (*hook)(struct lf_stack *));

/* A ring for one that puts and one that gets; each index on a line of its own. */
#define LF_RING 1024
struct lf_ring {
	uint64_t put __attribute__((aligned(128)));
	uint64_t got __attribute__((aligned(128)));
	uint64_t slot[LF_RING] __attribute__((aligned(128)));
};
/* 1: done. 0: full, or empty. */
uint64_t lf_put(struct lf_ring *r, uint64_t value);
uint64_t lf_get(struct lf_ring *r, uint64_t *value);

/* ---- cacheline ---- */

/* Adds 1 to *p, n times, a load and a store each (or an atomic one each); the last value. Shows: what sharing a line costs. */
uint64_t cl_bump(volatile uint64_t *p, uint64_t n);
uint64_t cl_bump_atomic(uint64_t *p, uint64_t n);
/* Follows n pointers, each read from the one before; where it stands then. Shows: the latency of a level of memory. */
void *cl_chase(void *p, uint64_t n);
/* Puts the lines of [p, p+bytes) out of all caches. Data are unchanged. */
void cl_flush(const void *p, uint64_t bytes);

/* ---- ooo: out of order ---- */

/* n multiplications by 3, each of the last one's result, and the same number in four chains, of which the sum is given. n a multiple of 4. */
uint64_t ooo_chain(uint64_t n);
uint64_t ooo_four(uint64_t n);
/* n times: stores 8 bytes at once (or as two halves) at p, and loads them: the value goes on. Shows: store forwarding. */
uint64_t ooo_whole(uint64_t *p, uint64_t n);
uint64_t ooo_halves(uint64_t *p, uint64_t n);

/* ---- speculation, on one's own data only ---- */

/* How many of n bytes are not 0, counted by a jump each. Shows: the branch predictor. */
uint64_t sp_count(const uint8_t *bytes, uint64_t n);
/* Ticks of one load of *p. A tick may be longer than a load (aarch64): sum up many. */
uint64_t sp_load(const uint64_t *p);

#ifdef __cplusplus
}
#endif
#endif /* LAB_H */
