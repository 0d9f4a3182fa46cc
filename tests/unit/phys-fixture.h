/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PHYS_FIXTURE_H
#define TESTS_PHYS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmcore/phys/block.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: machines for the tests of physical memory.
 *
 * Models:  nothing.
 * Owns:    the machine, on the heap: a struct phys is too large for a stack.
 * Units:   frames.
 * Order:   does not apply.
 * Omits:   everything above physical memory.
 */
struct bench {
	struct host host;
	struct phys phys;
	struct phys_config config;
	struct ctx ctx;
	uint32_t faults; /* of phys_check() */
};

static inline void bench_report(void *arg, const char *what, int64_t recounted,
				int64_t kept)
{
	struct bench *b = arg;

	b->faults++;
	print_message("# %s recounted=%lld kept=%lld\n", what,
		      (long long)recounted, (long long)kept);
}

static inline void bench_check(struct bench *b)
{
	phys_check(&b->phys, bench_report, b);
	assert_int_equal(b->faults, 0);
}

static inline struct bench *bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->config.nr_nodes = 1;
	b->config.nr_cpus = 1;
	return b;
}

static inline void bench_zone(struct bench *b, unsigned node, unsigned type,
			      const uint32_t pages[5])
{
	b->config.zones[node * MAX_ZONES_PER_NODE + type] =
		(struct zone_config){ .given = true,
				      .node = node,
				      .type = type,
				      .start_pfn = pages[0],
				      .spanned = pages[1],
				      .present = pages[2],
				      .managed = pages[3],
				      .early = pages[4] };
}

static inline void bench_boot(struct bench *b)
{
	assert_int_equal(phys_init(&b->phys, &b->host, &b->config), 0);
	bench_check(b);
}

static inline struct bench *bench_of_bytes(uint64_t bytes)
{
	struct bench *b = bench_new();

	b->config.memory_bytes = bytes;
	bench_boot(b);
	return b;
}

static inline void bench_free(struct bench *b)
{
	phys_fini(&b->phys);
	assert_int_equal(b->host.used_bytes, 0);
	free(b);
}

#endif
