// SPDX-License-Identifier: Apache-2.0
/*
 * Random histories of page_alloc() and page_free() against a naive twin: a
 * byte a frame that says who has it.
 */
#include "phys-fixture.h"

#include "vmcore/base/rng.h"

#define MOST_HELD 60000u

struct held {
	pfn_t pfn;
	uint8_t order;
};

struct twin {
	struct bench *b;
	uint8_t *taken;
	struct held *held;
	uint32_t nr_held;
	uint64_t pages, rng;
};

static const uint32_t gfps[] = {
	GFP_KERNEL,
	GFP_HIGHUSER_MOVABLE,
	GFP_ANON_FAULT,
	GFP_ATOMIC,
	GFP_KERNEL | GFP_BIT_RECLAIMABLE | GFP_BIT_COMP,
	GFP_NOWAIT,
	GFP_KERNEL | GFP_BIT_DMA,
	GFP_HIGHUSER_MOVABLE | GFP_BIT_WRITE,
};

static void twin_take(struct twin *t, unsigned order)
{
	struct bench *b = t->b;
	uint32_t gfp = gfps[rng_below(&t->rng, 8)];
	struct frame *f;
	pfn_t pfn;
	int r;

	b->ctx.cpu = (uint16_t)rng_below(&t->rng, b->phys.nr_cpus);
	b->ctx.node = b->phys.cpu_node[b->ctx.cpu];
	b->ctx.alloc = rng_below(&t->rng, 16) ? 0 : ALLOC_MEMALLOC;
	r = page_alloc(&b->phys, &b->ctx, order, gfp, &pfn);
	if (r) {
		assert_int_equal(r, NEED_MEMORY);
		assert_int_equal(b->ctx.need.order, order);
		assert_int_equal(b->ctx.need.gfp, gfp);
		return;
	}
	assert_int_equal(pfn & ((1u << order) - 1), 0);
	f = frame_at(&b->phys, pfn);
	assert_int_equal(frame_type(f), FRAME_KERNEL);
	for (unsigned i = 0; i < 1u << order; i++) {
		bool tail = i && gfp & GFP_BIT_COMP;

		assert_false(t->taken[pfn + i]);
		t->taken[pfn + i] = 1;
		if (i)
			assert_int_equal(frame_type(f + i),
					 tail ? FRAME_TAIL : FRAME_FREE_TAIL);
		assert_int_equal(f[i].owner, tail ? pfn : 0);
		assert_int_equal(f[i].next | f[i].prev | f[i].index, 0);
	}
	/* Movable pages are seen by the claim's count. */
	if (gfp & GFP_BIT_MOVABLE)
		f->word |= PG_LRU;
	t->held[t->nr_held++] = (struct held){ pfn, (uint8_t)order };
	t->pages += 1u << order;
}

static void twin_give(struct twin *t)
{
	uint32_t i = (uint32_t)rng_below(&t->rng, t->nr_held);
	struct held h = t->held[i];

	t->held[i] = t->held[--t->nr_held];
	t->b->ctx.cpu = (uint16_t)rng_below(&t->rng, t->b->phys.nr_cpus);
	memset(t->taken + h.pfn, 0, 1u << h.order);
	t->pages -= 1u << h.order;
	page_free(&t->b->phys, &t->b->ctx, h.pfn, h.order);
}

static void twin_compare(struct twin *t)
{
	const struct phys *p = &t->b->phys;
	uint64_t listed = 0;

	bench_check(t->b);
	for (unsigned z = 0; z < MAX_ZONES; z++)
		for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++)
			listed += (uint64_t)p->zones[z].pcp[cpu].count;
	assert_int_equal(phys_free_pages(p) + listed + t->pages,
			 phys_total_pages(p));
}

static unsigned random_order(struct twin *t)
{
	unsigned n = (unsigned)rng_below(&t->rng, 100);

	if (n < 80)
		return 0;
	return n < 95 ? n % 4 : n % 11;
}

static void twin_run(struct bench *b, uint64_t seed, unsigned steps)
{
	struct twin t = { .b = b, .rng = seed };
	unsigned phase = 0;

	t.taken = calloc(b->phys.max_pfn + BLOCK_FRAMES, 1);
	t.held = calloc(MOST_HELD, sizeof(*t.held));
	assert_non_null(t.taken);
	assert_non_null(t.held);
	for (unsigned i = 0; i < steps; i++) {
		if (i % 9000 == 0)
			phase = (unsigned)rng_below(&t.rng, 3);
		if (t.nr_held < MOST_HELD &&
		    (!t.nr_held ||
		     rng_below(&t.rng, 10) < (phase == 1 ? 4u : 6u)))
			twin_take(&t, random_order(&t));
		else
			twin_give(&t);
		if (i % 4001 == 0)
			pcp_tick(&b->phys, b->ctx.cpu);
		if (i % 20011 == 0)
			highatomic_unreserve(&b->phys, &b->ctx, GFP_KERNEL,
					     true);
		if (i % 7919 == 0)
			twin_compare(&t);
	}
	twin_compare(&t);
	while (t.nr_held)
		twin_give(&t);
	pcp_drain_all(&b->phys);
	twin_compare(&t);
	assert_int_equal(phys_free_pages(&b->phys), phys_total_pages(&b->phys));
	free(t.taken);
	free(t.held);
}

static void test_small(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	bench_zone(b, 0, ZONE_DMA,
		   (const uint32_t[]){ 1, 4095, 3998, 3840, 3840 });
	bench_zone(b, 0, ZONE_DMA32,
		   (const uint32_t[]){ 4096, 61402, 61402, 51809, 49400 });
	bench_boot(b);
	twin_run(b, 1, 200000);
	bench_free(b);
}

static void test_numa(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	b->config.memory_bytes = (uint64_t)192 << 20;
	b->config.nr_nodes = 2;
	b->config.nr_cpus = 4;
	b->config.cpu_node[1] = b->config.cpu_node[3] = 1;
	bench_boot(b);
	twin_run(b, 2, 200000);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_numa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
