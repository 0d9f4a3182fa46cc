// SPDX-License-Identifier: Apache-2.0
/* What guests of several sizes showed after boot (tests/system/golden). */
#include "phys-fixture.h"

struct zone_want {
	uint32_t id, pages[5]; /* start, spanned, present, managed, early */
	uint32_t min, low, high, batch, reserve[3];
};

struct guest_want {
	unsigned nodes, cpus;
	bool thp;
	int32_t min_free;
	struct zone_want zone[4];
};

#define DMA(...)                                                     \
	{                                                            \
		ZONE_DMA, { 1, 4095, 3998, 3840, 3840 }, __VA_ARGS__ \
	}

static const struct guest_want guests[] = {
	{ 1,
	  1,
	  false,
	  1159,
	  { DMA(52, 65, 78, 1, { 0, 67, 67 }),
	    { ZONE_DMA32,
	      { 4096, 28634, 28634, 19601, 17160 },
	      236,
	      295,
	      354,
	      3,
	      { 0 } } } },
	{ 1,
	  1,
	  false,
	  1845,
	  { DMA(33, 41, 49, 1, { 0, 192, 192 }),
	    { ZONE_DMA32,
	      { 4096, 61402, 61402, 51809, 49400 },
	      427,
	      533,
	      639,
	      15,
	      { 0 } } } },
	{ 1,
	  1,
	  false,
	  2743,
	  { DMA(22, 27, 32, 1, { 0, 444, 444 }),
	    { ZONE_DMA32,
	      { 4096, 126938, 126938, 116225, 113760 },
	      662,
	      827,
	      992,
	      31,
	      { 0 } } } },
	{ 1,
	  1,
	  true,
	  45056,
	  { DMA(175, 218, 261, 1, { 0, 947, 947 }),
	    { ZONE_DMA32,
	      { 4096, 258010, 258010, 245057, 242687 },
	      11088,
	      13860,
	      16632,
	      63,
	      { 0 } } } },
	{ 1,
	  2,
	  true,
	  45056,
	  { DMA(175, 218, 261, 1, { 0, 947, 947 }),
	    { ZONE_DMA32,
	      { 4096, 258010, 258010, 244996, 242687 },
	      11088,
	      13860,
	      16632,
	      63,
	      { 0 } } } },
	{ 1,
	  1,
	  true,
	  67584,
	  { DMA(64, 80, 96, 1, { 0, 2950, 3902 }),
	    { ZONE_DMA32,
	      { 4096, 1044480, 782298, 757811, 755361 },
	      12726,
	      15907,
	      19088,
	      63,
	      { 0, 0, 951 } },
	    { ZONE_NORMAL,
	      { 1048576, 262144, 262144, 243660, 243650 },
	      4105,
	      5131,
	      6157,
	      63,
	      { 0 } } } },
	{ 1,
	  1,
	  true,
	  67584,
	  { DMA(31, 38, 45, 1, { 0, 2950, 7928 }),
	    { ZONE_DMA32,
	      { 4096, 1044480, 782298, 757811, 755411 },
	      6276,
	      7845,
	      9414,
	      63,
	      { 0, 0, 4977 } },
	    { ZONE_NORMAL,
	      { 1048576, 1310720, 1310720, 1274316, 1274316 },
	      10587,
	      13233,
	      15879,
	      63,
	      { 0 } } } },
	{ 2,
	  2,
	  true,
	  49048,
	  { DMA(190, 237, 284, 1, { 0, 447, 447 }),
	    { ZONE_DMA32,
	      { 4096, 126976, 126976, 116716, 114556 },
	      5693,
	      7116,
	      8539,
	      31,
	      { 0 } },
	    { 5 + ZONE_DMA32,
	      { 131072, 131034, 131034, 128620, 128330 },
	      6377,
	      7971,
	      9565,
	      31,
	      { 0 } } } },
};

static struct bench *guest_boot(const struct guest_want *g)
{
	struct bench *b = bench_new();

	b->config.nr_nodes = g->nodes;
	b->config.nr_cpus = g->cpus;
	b->config.thp = g->thp;
	for (unsigned c = 0; c < g->cpus; c++)
		b->config.cpu_node[c] = (uint8_t)(c % g->nodes);
	for (unsigned i = 0; i < 4 && g->zone[i].min; i++)
		bench_zone(b, g->zone[i].id / 5, g->zone[i].id % 5,
			   g->zone[i].pages);
	bench_boot(b);
	return b;
}

static void zone_compare(const struct bench *b, const struct zone_want *w)
{
	const struct zone *z = &b->phys.zones[w->id];
	uint32_t cpus = b->phys.nodes[z->node].nr_cpus;

	print_message("# zone %u\n", w->id);
	assert_int_equal(z->wmark[WMARK_MIN], w->min);
	assert_int_equal(z->wmark[WMARK_LOW], w->low);
	assert_int_equal(z->wmark[WMARK_HIGH], w->high);
	assert_int_equal(z->pcp[0].batch, w->batch);
	assert_int_equal(z->pcp[0].high_min, w->low / cpus > 4 * w->batch
						     ? w->low / cpus
						     : 4 * w->batch);
	for (unsigned t = 0; t < 3; t++)
		assert_int_equal(z->reserve[t], w->reserve[t]);
	assert_int_equal(b->phys.stat.zone[w->id][NR_FREE_PAGES], z->managed);
}

static void test_guests(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
		struct bench *b = guest_boot(&guests[i]);

		print_message("# guest %u\n", i);
		assert_int_equal(b->phys.min_free_kbytes, guests[i].min_free);
		for (unsigned k = 0; k < 4 && guests[i].zone[k].min; k++)
			zone_compare(b, &guests[i].zone[k]);
		bench_free(b);
	}
}

/* What no thread makes movable: block 0, whose first frame is in no zone; the
 * reserved blocks of a node's last zone, behind its first section. */
static void test_types(void **state)
{
	static const struct {
		unsigned guest, zone;
		uint32_t unmovable;
	} wants[] = {
		{ 0, ZONE_DMA, 1 },	{ 0, ZONE_DMA32, 0 },
		{ 1, ZONE_DMA32, 0 },	{ 2, ZONE_DMA32, 4 },
		{ 5, ZONE_DMA, 1 },	{ 5, ZONE_DMA32, 0 },
		{ 5, ZONE_NORMAL, 36 }, { 6, ZONE_NORMAL, 71 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		struct bench *b = guest_boot(&guests[wants[i].guest]);

		assert_int_equal(phys_nr_pageblocks(&b->phys, wants[i].zone,
						    MIGRATE_UNMOVABLE),
				 wants[i].unmovable);
		bench_check(b);
		bench_free(b);
	}
}

/* Per-CPU lists fetch twice as much each time, unless something is freed
 * between; in quiet times they become short. */
static void test_lists(void **state)
{
	(void)state;
	for (unsigned freed = 0; freed < 2; freed++) {
		struct bench *b = guest_boot(&guests[1]);
		struct pcp *pcp = &b->phys.zones[ZONE_DMA32].pcp[0];
		int32_t most = 0;
		pfn_t pfn;

		for (unsigned i = 0; i < 4000; i++) {
			assert_int_equal(page_alloc(&b->phys, &b->ctx, 0,
						    GFP_KERNEL, &pfn),
					 0);
			if (freed)
				pcp_refill_small(&b->phys, 0);
			if (most < pcp->count)
				most = pcp->count;
		}
		assert_int_equal(most,
				 freed ? pcp->batch - 1 : 32 * pcp->batch - 1);
		assert_true(pcp->high > 2 * pcp->high_min);
		pcp_settle(&b->phys);
		assert_int_equal(pcp->high, pcp->high_min);
		assert_true(pcp->count <= pcp->high);
		bench_check(b);
		bench_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guests),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
