/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the eBPF programs and the recorder share: one row of words for each CPU, in memory that both
 * map. Plain C for both sides; needs fixed-width integers only.
 *
 * A row is a ring of 8-byte words in the form of a trace's entries (kutrace/abi.h), with these
 * differences, all of which the recorder takes out again:
 *
 * - A word is zero until it is stored; the recorder makes it zero when it has taken it. No word of
 *   an entry is zero, so a claimed word that is still zero belongs to a program that has not come
 *   to its end.
 * - Entries stand in the order in which their words were claimed. A program that was interrupted
 *   between its claim and its look at the clock, or the other way round, has its entry before or
 *   behind those of the interrupt: the recorder sorts by time.
 * - TSDELTA has two words, the second being the whole counter: wherever 20 bits would not say it.
 *   What follows is close to it, whoever interrupted whom.
 * - Where the thread that runs is not the one that the row says, it is named and a switch to it told: at the
 *   beginning, behind losses, and where the kernel switched without a word (unseen).
 * - The second word of a thread's name has KUTRACE_ROW_NAME_MARK in its last byte, which otherwise
 *   would be the terminating NUL.
 */
#ifndef KUTRACE_RECORD_ROWS_H
#define KUTRACE_RECORD_ROWS_H

#define KUTRACE_ROWS 1024 /* CPUs that can be recorded; numbers above are refused */

/* One count is 2^4 ns: 20 bits are 16.8 ms, more than a timer tick of 100 Hz. */
#define KUTRACE_ROW_SHIFT 4

/* A step that needs the whole counter: half the range, so that sorting has the other half. */
#define KUTRACE_ROW_STEP 0x80000ULL

/*
 * Words that stay free for programs which have looked for room and not yet claimed it: each context
 * that can interrupt another, some entries deep.
 */
#define KUTRACE_ROW_SPARE 128

#define KUTRACE_ROW_NAME_MARK (0xffULL << 56)

struct kutrace_row {
	/* Of the programs on this CPU. */
	unsigned long long head; /* words claimed, ever */
	unsigned long long last; /* counter of the latest entry; 0: none, or the next says all */
	unsigned long long lost; /* entries that found no room, ever */
	unsigned long long lost_noted; /* of those, in LOST entries */
	unsigned long long stored; /* entries that found room, ever */
	unsigned long long task; /* who runs, as the row says: the kernel's pointer; 0: it does not say */
	unsigned long long unseen; /* switches that the kernel did not show, ever; each has a LOST entry */
	unsigned long long unused[9];
	/* Of the recorder. */
	unsigned long long tail; /* words taken, ever */
	unsigned long long unused_too[15];
};

/* All that is mapped, but for the words themselves. */
struct kutrace_rows {
	struct kutrace_row row[KUTRACE_ROWS];
	unsigned int on; /* the recorder: 1 from when all programs are attached until the end */
};

/* Set before the programs are loaded; a constant for the verifier. */
struct kutrace_row_config {
	unsigned int words; /* in a row; a power of 2 */
};

#endif /* KUTRACE_RECORD_ROWS_H */
