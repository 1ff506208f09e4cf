/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fibers by ucontext, in a recording by libkutrace-coro: what a library of fibers adds to its own switches. Workers take from a queue what a
 * producer puts into it. With the argument `lose`, one that waits is not told of what came: kutrace coro check finds it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "kutrace_coro.h"

#define FIBERS 4
#define ITEMS 40
#define STACK (64 << 10)

struct fiber {
	ucontext_t context;
	char *stack;
	uint64_t id;
	void (*work)(void);
	int done;
	struct fiber *next; /* in a list */
};

struct list {
	struct fiber *first, **last;
};

static ucontext_t scheduler;
static struct fiber *running;
static struct list ready, waiting;
static int items, sent, lose;

static void append(struct list *list, struct fiber *f)
{
	f->next = NULL;
	*list->last = f;
	list->last = &f->next;
}

static struct fiber *take_first(struct list *list)
{
	struct fiber *f = list->first;

	if (!f)
		return NULL;
	list->first = f->next;
	if (!list->first)
		list->last = &list->first;
	return f;
}

/* The four places that a library of fibers has: made, put where it runs, waits, runs. */
static void make_ready(struct fiber *f)
{
	kutrace_coro_ready(f->id);
	append(&ready, f);
}

static void wait_in(struct list *list, uint32_t site, unsigned int kind, uint64_t what)
{
	struct fiber *f = running;

	kutrace_coro_suspend(f->id, site, kind, what);
	append(list, f);
	swapcontext(&f->context, &scheduler);
	kutrace_coro_resume(f->id);
}

static void give_way(void)
{
	struct fiber *f = running;

	kutrace_coro_suspend(f->id, KUTRACE_CORO_HERE, KUTRACE_WAIT_YIELD, 0);
	make_ready(f);
	swapcontext(&f->context, &scheduler);
	kutrace_coro_resume(f->id);
}

static void consume(void)
{
	for (;;) {
		while (items == 0 && sent < ITEMS)
			wait_in(&waiting, KUTRACE_CORO_HERE, KUTRACE_WAIT_QUEUE, (uintptr_t)&waiting);
		if (items == 0)
			return;
		items--;
	}
}

static void produce(void)
{
	struct fiber *f;

	while (sent < ITEMS) {
		sent++;
		items++;
		kutrace_res_signal((uintptr_t)&waiting, 1);
		f = take_first(&waiting);
		if (f && lose && sent == ITEMS / 2)
			f = NULL; /* gone, and nobody knows it any more */
		if (f)
			make_ready(f);
		give_way();
	}
	kutrace_res_close((uintptr_t)&waiting);
	while ((f = take_first(&waiting)))
		make_ready(f);
}

static void body(void)
{
	struct fiber *f = running;

	kutrace_coro_start(f->id);
	f->work();
	f->done = 1;
	kutrace_coro_done(f->id);
	swapcontext(&f->context, &scheduler);
}

int main(int argc, char **argv)
{
	static struct fiber all[FIBERS + 1];
	static int i, ended; /* as getcontext() returns twice, for all that the compiler knows */

	lose = argc > 1 && strcmp(argv[1], "lose") == 0;
	ready.last = &ready.first;
	waiting.last = &waiting.first;
	for (i = 0; i <= FIBERS; i++) {
		struct fiber *f = &all[i];

		f->id = kutrace_coro_create(0, KUTRACE_CORO_HERE);
		kutrace_coro_name(f->id, i == FIBERS ? "producer" : "consumer");
		f->stack = malloc(STACK);
		if (!f->stack)
			return 1;
		getcontext(&f->context);
		f->context.uc_stack.ss_sp = f->stack;
		f->context.uc_stack.ss_size = STACK;
		makecontext(&f->context, body, 0);
		f->work = i == FIBERS ? produce : consume;
		make_ready(f);
	}
	while ((running = take_first(&ready)))
		swapcontext(&scheduler, &running->context);
	for (i = 0; i <= FIBERS; i++) {
		ended += all[i].done;
		if (all[i].done)
			kutrace_coro_destroy(all[i].id);
		free(all[i].stack);
	}
	printf("%d of %d fibers ended\n", ended, FIBERS + 1);
	return 0;
}
