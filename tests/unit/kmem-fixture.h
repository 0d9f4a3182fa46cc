/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_KMEM_FIXTURE_H
#define TESTS_KMEM_FIXTURE_H

#include "phys-fixture.h"

#include <errno.h>

#include "vmcore/kmem/kmem.h"

/*
 * DOC: machines for the tests of kernel memory, with groups /a and /a/b.
 *
 * Models:  nothing.
 * Owns:    the floors up to kernel memory.
 * Units:   bytes of memory, pages.
 * Order:   does not apply.
 * Omits:   files, so that nothing can be reclaimed but caches.
 */
struct fixture {
	struct bench *b;
	struct control c;
	struct kmem k;
	uint32_t faults;
	uint32_t group[2];
	uint64_t free_pages; /* before anything was allocated */
};

static inline uint64_t free_now(const struct bench *b)
{
	uint64_t pages = phys_free_pages(&b->phys);

	for (unsigned z = 0; z < MAX_ZONES; z++)
		for (unsigned cpu = 0; cpu < b->phys.nr_cpus; cpu++)
			pages += (uint64_t)b->phys.zones[z].pcp[cpu].count;
	return pages;
}

static inline struct fixture *fixture_new(uint64_t bytes, uint32_t nr_nodes,
					  uint32_t nr_cpus)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	x->b = bench_new();
	x->b->config.memory_bytes = bytes;
	x->b->config.nr_nodes = nr_nodes;
	x->b->config.nr_cpus = nr_cpus;
	for (uint32_t cpu = 0; cpu < nr_cpus; cpu++)
		x->b->config.cpu_node[cpu] = (uint8_t)(cpu % nr_nodes);
	bench_boot(x->b);
	assert_int_equal(control_init(&x->c, &x->b->host, &x->b->phys), 0);
	assert_int_equal(kmem_init(&x->k, &x->b->host, &x->c), 0);
	assert_int_equal(group_new(&x->c, 0, "a", &x->group[0]), 0);
	assert_int_equal(group_new(&x->c, x->group[0], "b", &x->group[1]), 0);
	x->free_pages = free_now(x->b);
	return x;
}

static inline void report(void *arg, const char *what, int64_t recounted,
			  int64_t kept)
{
	struct fixture *x = arg;

	x->faults++;
	print_message("# %s recounted=%lld kept=%lld\n", what,
		      (long long)recounted, (long long)kept);
}

static inline void check(struct fixture *x)
{
	bench_check(x->b);
	control_check(&x->c, report, x);
	kmem_check(&x->k, report, x);
	assert_int_equal(x->faults, 0);
}

static inline void fixture_free(struct fixture *x)
{
	check(x);
	kmem_fini(&x->k);
	control_fini(&x->c);
	bench_free(x->b);
	free(x);
}

static inline struct ctx *on_cpu(struct fixture *x, uint32_t cpu)
{
	x->b->ctx.cpu = (uint16_t)cpu;
	x->b->ctx.node = x->b->phys.cpu_node[cpu];
	return &x->b->ctx;
}

static inline int64_t node_sum(const struct fixture *x, enum node_stat item)
{
	return vmstat_node_sum(&x->b->phys.stat, item);
}

#endif
