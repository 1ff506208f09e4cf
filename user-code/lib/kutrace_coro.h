/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Coroutines, fibers and tasks of any language in a recording (`kutrace coro record`): for those that kutrace_coro.hpp does not know.
 * Link with libkutrace-coro. While nothing records each call costs a call and a branch. What is written: docs/coroutine-format.md.
 *
 * The order of calls matters where threads work together: suspend before anybody can find the coroutine, ready before a worker can, signal
 * and close before the waiters are looked for, done before who waits for its end is resumed.
 */
#ifndef KUTRACE_CORO_H
#define KUTRACE_CORO_H

#include <stdint.h>

#include "kutrace/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KUTRACE_CORO_API __attribute__((visibility("default")))

/* 1: somebody records. */
KUTRACE_CORO_API int kutrace_coro_recording(void);

/* A place in the source, once: its number, or 0 while nothing records. `flags`: KUTRACE_SITE_FOREVER for who may wait for ever there. */
KUTRACE_CORO_API uint32_t kutrace_coro_site(const char *file, const char *function, uint32_t line, uint32_t flags);
#define KUTRACE_CORO_HERE kutrace_coro_site(__FILE__, __func__, __LINE__, 0)

/* A new coroutine, made by `parent` (0: by what runs on this thread). Its id, which no other has; 0 while nothing records. */
KUTRACE_CORO_API uint64_t kutrace_coro_create(uint64_t parent, uint32_t site);
/* Up to eight bytes. */
KUTRACE_CORO_API void kutrace_coro_name(uint64_t id, const char *name);
/* It runs on this thread: for the first time, and again. */
KUTRACE_CORO_API void kutrace_coro_start(uint64_t id);
KUTRACE_CORO_API void kutrace_coro_resume(uint64_t id);
/* It waits: `kind` is one of enum kutrace_wait_kind, `resource` a number for what it waits for, or 0. */
KUTRACE_CORO_API void kutrace_coro_suspend(uint64_t id, uint32_t site, unsigned int kind, uint64_t resource);
/* Its next suspend waits for this, too. */
KUTRACE_CORO_API void kutrace_coro_wait(uint64_t id, unsigned int kind, uint64_t resource);
/* A worker will find it. */
KUTRACE_CORO_API void kutrace_coro_ready(uint64_t id);
/* Its body has ended; it is gone. */
KUTRACE_CORO_API void kutrace_coro_done(uint64_t id);
KUTRACE_CORO_API void kutrace_coro_destroy(uint64_t id);

/* At most `most` waiters of a resource are about to be woken (0: all); all, and for good. */
KUTRACE_CORO_API void kutrace_res_signal(uint64_t resource, unsigned int most);
KUTRACE_CORO_API void kutrace_res_close(uint64_t resource);
/* The coroutine (0: what runs on this thread) holds a resource; no more. */
KUTRACE_CORO_API void kutrace_res_take(uint64_t resource, uint64_t id);
KUTRACE_CORO_API void kutrace_res_give(uint64_t resource, uint64_t id);

/* This thread found nothing to run and blocks; it looks again. */
KUTRACE_CORO_API void kutrace_worker_park(void);
KUTRACE_CORO_API void kutrace_worker_unpark(void);

/* What this thread attempted so far, and how much of it was lost. */
KUTRACE_CORO_API void kutrace_coro_stats(uint64_t *attempted, uint64_t *lost);

#ifdef __cplusplus
}
#endif
#endif
