// SPDX-License-Identifier: Apache-2.0
/* Memory policies: what they are made of, and where they send pages. */
#include "tests/unit/phys-fixture.h"

#include <errno.h>

#define NODE_BYTES (64ull << 20)

/* Four nodes of 64 MiB; CPUs on all but the last. */
static struct bench *four_nodes(void)
{
	struct bench *b = bench_new();

	b->config.nr_nodes = 4;
	b->config.nr_cpus = 3;
	b->config.memory_bytes = 4 * NODE_BYTES;
	for (unsigned n = 0; n < 3; n++)
		b->config.cpu_node[n] = (uint8_t)n;
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++)
			b->config.distance[i][j] =
				(uint8_t)(10 + 10 * (i > j ? i - j : j - i));
	bench_boot(b);
	return b;
}

static uint32_t made(struct bench *b, enum mpol_mode mode, uint32_t flags,
		     uint64_t nodes)
{
	uint32_t policy = 0xdead;

	assert_int_equal(mpol_make(&b->phys, mode, flags, nodes, &policy), 0);
	return policy;
}

static int refused(struct bench *b, enum mpol_mode mode, uint32_t flags,
		   uint64_t nodes)
{
	uint32_t policy = 0xdead;
	int r = mpol_make(&b->phys, mode, flags, nodes, &policy);

	assert_int_equal(policy, 0xdead);
	return r;
}

static void made_as_the_kernel_does(void **state)
{
	struct bench *b = four_nodes();
	const uint32_t both = MPOL_F_STATIC | MPOL_F_RELATIVE;

	(void)state;
	assert_int_equal(made(b, MPOL_DEFAULT, 0, 0), 0);
	assert_int_equal(mpol_nodes(made(b, MPOL_BIND, 0, 6)), 6);
	assert_int_equal(mpol_nodes(made(b, MPOL_PREFERRED, 0, 6)), 2);
	assert_int_equal(mpol_mode(made(b, MPOL_PREFERRED, 0, 0)), MPOL_LOCAL);
	/* Nodes that are not there are left out. */
	assert_int_equal(mpol_nodes(made(b, MPOL_BIND, 0, 0x82)), 2);
	assert_int_equal(mpol_nodes(made(b, MPOL_BIND, MPOL_F_RELATIVE, 0x20)),
			 2);
	assert_int_equal(refused(b, MPOL_BIND, 0, 0), EINVAL);
	assert_int_equal(refused(b, MPOL_BIND, 0, 0x80), EINVAL);
	assert_int_equal(refused(b, MPOL_BIND, 0, 0x100), EINVAL);
	assert_int_equal(refused(b, MPOL_BIND, both, 1), EINVAL);
	assert_int_equal(refused(b, MPOL_DEFAULT, 0, 1), EINVAL);
	assert_int_equal(refused(b, MPOL_LOCAL, 0, 1), EINVAL);
	assert_int_equal(refused(b, MPOL_LOCAL, MPOL_F_STATIC, 0), EINVAL);
	assert_int_equal(refused(b, MPOL_INTERLEAVE, MPOL_F_BALANCING, 1),
			 EINVAL);
	assert_int_equal(refused(b, NR_MPOL_MODES, 0, 1), EINVAL);
	bench_free(b);
}

/* The node of one page more; MAX_NODES: there is none. */
static unsigned node_of_one(struct bench *b, uint32_t gfp)
{
	pfn_t pfn;
	int r = page_alloc(&b->phys, &b->ctx, 0, gfp, &pfn);

	assert_true(!r || r == NEED_MEMORY);
	return r ? MAX_NODES : pfn_node(&b->phys, pfn);
}

static void in_turn(void **state)
{
	static const unsigned plain[] = { 0, 2, 3, 0, 2, 3 };
	static const unsigned weighted[] = { 0, 0, 0, 2, 3, 3, 0, 0, 0, 2 };
	struct bench *b = four_nodes();

	(void)state;
	b->ctx.policy = made(b, MPOL_INTERLEAVE, 0, 0xd);
	b->ctx.il_prev = MAX_NODES - 1;
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(node_of_one(b, GFP_KERNEL), plain[i]);
	b->phys.interleave_weight[0] = 3;
	b->phys.interleave_weight[3] = 2;
	b->ctx.policy = made(b, MPOL_WEIGHTED_INTERLEAVE, 0, 0xd);
	b->ctx.il_prev = MAX_NODES - 1;
	b->ctx.il_weight = 0;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(node_of_one(b, GFP_KERNEL), weighted[i]);
	/* By place: the same order, wherever one begins. */
	for (unsigned i = 10; i-- > 0;) {
		b->ctx.il_index = 1 + 600 + i;
		assert_int_equal(node_of_one(b, GFP_KERNEL), weighted[i]);
	}
	assert_int_equal(vmstat_numa_sum(&b->phys.stat, NUMA_INTERLEAVE), 26);
	assert_int_equal(vmstat_numa_sum(&b->phys.stat, NUMA_MISS), 0);
	bench_check(b);
	bench_free(b);
}

/* Take all that node @n gives; the node of what comes after it. */
static unsigned after(struct bench *b, unsigned n)
{
	unsigned node;

	while ((node = node_of_one(b, GFP_HIGHUSER_MOVABLE)) == n)
		;
	return node;
}

static void when_a_node_is_full(void **state)
{
	struct bench *b = four_nodes();

	(void)state;
	/* Preferred: then the nearest, those without CPUs before others. */
	b->ctx.policy = made(b, MPOL_PREFERRED, 0, 4);
	assert_int_equal(after(b, 2), 3);
	/* Bound: nothing, and reclaim is told where. */
	b->ctx.policy = made(b, MPOL_BIND, 0, 2);
	assert_int_equal(after(b, 1), MAX_NODES);
	assert_int_equal(b->ctx.need.nodes, 2);
	assert_int_equal(b->ctx.need.home, 0);
	/* Preferred, one of many: they alone, then any. */
	b->ctx.policy = made(b, MPOL_PREFERRED_MANY, 0, 8);
	assert_int_equal(after(b, 3), 0);
	assert_int_equal(b->ctx.node, 0);
	assert_int_equal(b->ctx.nodes, 0);
	bench_check(b);
	bench_free(b);
}

static void huge_pages_stay_near(void **state)
{
	const uint32_t light = GFP_HIGHUSER_MOVABLE & ~GFP_BIT_DIRECT_RECLAIM;
	struct bench *b = four_nodes();
	pfn_t pfn;

	(void)state;
	b->ctx.il_index = 1;
	while (!page_alloc_policy(&b->phys, &b->ctx, HPAGE_ORDER, light, &pfn))
		assert_int_equal(pfn_node(&b->phys, pfn), 0);
	/* Who may wait for one may go far for it. */
	assert_int_equal(page_alloc_policy(&b->phys, &b->ctx, HPAGE_ORDER,
					   GFP_HIGHUSER_MOVABLE, &pfn),
			 0);
	assert_int_equal(pfn_node(&b->phys, pfn), 1);
	bench_check(b);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_as_the_kernel_does),
		cmocka_unit_test(in_turn),
		cmocka_unit_test(when_a_node_is_full),
		cmocka_unit_test(huge_pages_stay_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
