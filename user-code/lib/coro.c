/* SPDX-License-Identifier: BSD-3-Clause */
#include "kutrace_coro.h"

#include "kutrace_ring.h"

static void put(unsigned int kind, uint64_t id)
{
	if (kutrace_ring_test() && id != 0)
		kutrace_ring_put(kind, 0, id, 0);
}

static void put_value(unsigned int kind, unsigned int argument, uint64_t id, uint64_t value)
{
	if (kutrace_ring_test())
		kutrace_ring_put_value(kind, argument, id, 0, value);
}

static void put_of_thread(unsigned int kind)
{
	if (kutrace_ring_test())
		kutrace_ring_put(kind, 0, 0, 0);
}

int kutrace_coro_recording(void)
{
	return kutrace_ring_test();
}

uint32_t kutrace_coro_site(const char *file, const char *function, uint32_t line, uint32_t flags)
{
	return kutrace_ring_test() ? kutrace_ring_site_number(file, function, line, flags) : 0;
}

uint64_t kutrace_coro_create(uint64_t parent, uint32_t site)
{
	uint64_t id;

	if (!kutrace_ring_test())
		return 0;
	id = kutrace_ring_new_id();
	if (parent != 0)
		kutrace_ring_put_value(KUTRACE_CORO_CREATE, KUTRACE_CREATE_PARENT, id, site, parent);
	else
		kutrace_ring_put(KUTRACE_CORO_CREATE, 0, id, site);
	return id;
}

void kutrace_coro_name(uint64_t id, const char *name)
{
	if (id != 0)
		put_value(KUTRACE_CORO_NAME, 0, id, kutrace_ring_short_name(name));
}

void kutrace_coro_start(uint64_t id)
{
	put(KUTRACE_CORO_START, id);
}

void kutrace_coro_resume(uint64_t id)
{
	put(KUTRACE_CORO_RESUME, id);
}

void kutrace_coro_suspend(uint64_t id, uint32_t site, unsigned int kind, uint64_t resource)
{
	if (id == 0 || !kutrace_ring_test())
		return;
	if (resource != 0)
		kutrace_ring_put_value(KUTRACE_CORO_SUSPEND, kind, id, site, resource);
	else
		kutrace_ring_put(KUTRACE_CORO_SUSPEND, kind, id, site);
}

void kutrace_coro_wait(uint64_t id, unsigned int kind, uint64_t resource)
{
	if (id != 0)
		put_value(KUTRACE_CORO_WAIT, kind, id, resource);
}

void kutrace_coro_ready(uint64_t id)
{
	put(KUTRACE_CORO_READY, id);
}

void kutrace_coro_done(uint64_t id)
{
	put(KUTRACE_CORO_FINAL, id);
}

void kutrace_coro_destroy(uint64_t id)
{
	put(KUTRACE_CORO_DESTROY, id);
}

void kutrace_res_signal(uint64_t resource, unsigned int most)
{
	put_value(KUTRACE_RES_SIGNAL, most > 255 ? 255 : most, 0, resource);
}

void kutrace_res_close(uint64_t resource)
{
	put_value(KUTRACE_RES_CLOSE, 0, 0, resource);
}

void kutrace_res_take(uint64_t resource, uint64_t id)
{
	put_value(KUTRACE_RES_TAKE, 0, id, resource);
}

void kutrace_res_give(uint64_t resource, uint64_t id)
{
	put_value(KUTRACE_RES_GIVE, 0, id, resource);
}

void kutrace_worker_park(void)
{
	put_of_thread(KUTRACE_WORKER_PARK);
}

void kutrace_worker_unpark(void)
{
	put_of_thread(KUTRACE_WORKER_UNPARK);
}

void kutrace_coro_stats(uint64_t *attempted, uint64_t *lost)
{
	*attempted = kutrace_ring_writer_.attempted;
	*lost = kutrace_ring_writer_.lost;
}
