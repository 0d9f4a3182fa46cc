// SPDX-License-Identifier: Apache-2.0
/* Slabs, bulk objects, charges, vmalloc, kernel stacks, boot: one by one. */
#include "kmem-fixture.h"

/* --- slabs ------------------------------------------------------------- */
/* A slab is filled before the next one is asked for; freed slabs beyond the
 * minimum go back. */
static void test_packing(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	const struct kmem_cache *c = kmem_cache_at(&x->k, KMEM_MALLOC_4K);
	static pfn_t slab[1000];

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(
			kmem_alloc(&x->k, ctx, KMEM_MALLOC_4K, &slab[i]), 0);
	assert_int_equal(c->nr_slabs, (1000 + c->per_slab - 1) / c->per_slab);
	assert_int_equal(node_sum(x, NR_SLAB_UNRECLAIMABLE),
			 c->nr_slabs << c->order);
	assert_int_equal(kmem_cache_active(c), kmem_cache_total(c));
	for (unsigned i = 0; i < 1000; i++)
		if (i % c->per_slab)
			kmem_free(&x->k, ctx, slab[i]);
	/* One object a slab holds them all; a few are with the CPU. */
	assert_int_equal(c->nr_slabs, (1000 + c->per_slab - 1) / c->per_slab);
	assert_true(kmem_cache_active(c) < 200);
	for (unsigned i = 0; i < 1000; i += c->per_slab)
		kmem_free(&x->k, ctx, slab[i]);
	assert_true(c->nr_slabs <= c->min_partial + c->cpu_partial + 1);
	fixture_free(x);
}

/* Full slabs that lose an object go to the list of the CPU that frees; once
 * that has enough, all of it goes to the node. */
static void test_cpu_partial(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 2);
	const struct kmem_cache *c = kmem_cache_at(&x->k, KMEM_TASK_STRUCT);
	const struct kmem_cpu *other;
	static pfn_t slab[200];
	struct ctx *ctx = on_cpu(x, 0);
	uint32_t full = c->cpu_partial + 1;

	(void)state;
	other = (struct kmem_cpu *)pool_at(&x->k.cpus, KMEM_TASK_STRUCT + 1) +
		1;
	assert_true((full + 1) * c->per_slab <= 200);
	for (unsigned i = 0; i < (full + 1) * c->per_slab; i++)
		assert_int_equal(
			kmem_alloc(&x->k, ctx, KMEM_TASK_STRUCT, &slab[i]), 0);
	ctx = on_cpu(x, 1);
	for (unsigned i = 0; i < c->cpu_partial; i++)
		kmem_free(&x->k, ctx, slab[i * c->per_slab]);
	assert_int_equal(other->nr_partial, c->cpu_partial);
	assert_int_equal(c->node[0].nr_partial, 0);
	assert_int_equal(kmem_cache_active(c), kmem_cache_total(c));
	kmem_free(&x->k, ctx, slab[c->cpu_partial * c->per_slab]);
	assert_int_equal(other->nr_partial, 1);
	assert_int_equal(c->node[0].nr_partial, c->cpu_partial);
	assert_int_equal(c->node[0].nr_free, c->cpu_partial);
	check(x);
	/* The CPU's own list serves it first, then the node's oldest. */
	for (unsigned i = 0; i < 2; i++) {
		pfn_t got;

		assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_TASK_STRUCT, &got),
				 0);
		assert_int_equal(got,
				 slab[i ? (c->cpu_partial - 1) * c->per_slab
					: c->cpu_partial * c->per_slab]);
	}
	fixture_free(x);
}

/* No block of the usual order: a slab of the smallest that holds an object. */
static void test_min_order(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	const struct kmem_cache *c = kmem_cache_at(&x->k, KMEM_MALLOC_4K);
	static pfn_t page[1u << 14];
	unsigned nr = 0, got = 0;
	pfn_t slab;

	(void)state;
	assert_true(c->order > c->min_order);
	ctx->alloc = ALLOC_MEMALLOC;
	while (!page_alloc(&x->b->phys, ctx, 0, GFP_KERNEL, &page[nr]))
		nr++;
	for (unsigned i = 0; i < nr; i++)
		if (page[i] & 1)
			page_free(&x->b->phys, ctx, page[i], 0);
	ctx->alloc = 0;
	while (!kmem_alloc(&x->k, ctx, KMEM_MALLOC_4K, &slab))
		got++;
	assert_int_equal(ctx->need.order, 0);
	assert_true(got > 1000);
	assert_int_equal(c->nr_slabs, got);
	assert_int_equal(kmem_cache_total(c), got);
	assert_int_equal(node_sum(x, NR_SLAB_UNRECLAIMABLE), got);
	fixture_free(x);
}

static void test_zones_of_slabs(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	pfn_t pfn;

	(void)state;
	assert_int_equal(
		kmalloc(&x->k, ctx, 100, GFP_KERNEL | GFP_BIT_DMA, &pfn), 0);
	assert_int_equal(pfn_zone(&x->b->phys, pfn), ZONE_DMA);
	assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_DENTRY, &pfn), 0);
	assert_int_equal(node_sum(x, NR_SLAB_RECLAIMABLE), 1);
	/* Above 8 KiB: pages, counted as slab all the same. */
	assert_int_equal(kmalloc(&x->k, ctx, 8193, GFP_KERNEL, &pfn), 0);
	assert_int_equal(frame_order(frame_at(&x->b->phys, pfn)), 2);
	assert_int_equal(node_sum(x, NR_SLAB_UNRECLAIMABLE), 1 + 4);
	kfree(&x->k, ctx, pfn);
	assert_int_equal(node_sum(x, NR_SLAB_UNRECLAIMABLE), 1);
	assert_int_equal(kmalloc(&x->k, ctx, 0, GFP_KERNEL, &pfn), EINVAL);
	assert_int_equal(kmalloc(&x->k, ctx, (4u << 20) + 1, GFP_KERNEL, &pfn),
			 EINVAL);
	fixture_free(x);
}

static void test_bulk(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	const struct kmem_cache *c = kmem_cache_at(&x->k, KMEM_MAPLE_NODE);
	pfn_t slab;

	(void)state;
	ctx->group = x->group[1];
	assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_MAPLE_NODE, &slab), 0);
	assert_int_equal(kmem_alloc_many(&x->k, ctx, KMEM_MAPLE_NODE, 1000), 0);
	assert_int_equal(c->nr_objects, 1001);
	assert_int_equal(group_at(&x->c, x->group[1])->slab_bytes[0],
			 1001 * (256 + 8));
	assert_int_equal(group_at(&x->c, x->group[0])->usage,
			 (1001 * 264 + 4095) / 4096);
	check(x);
	kmem_free_many(&x->k, ctx, KMEM_MAPLE_NODE, 999);
	assert_int_equal(c->nr_objects, 2);
	check(x);
	kmem_free_many(&x->k, ctx, KMEM_MAPLE_NODE, 1);
	kmem_free(&x->k, ctx, slab);
	assert_int_equal(group_at(&x->c, x->group[0])->usage, 0);
	/* More than there is memory for: all or nothing. */
	ctx->group = 0;
	assert_int_equal(kmem_alloc_many(&x->k, ctx, KMEM_MALLOC_8K, 10000),
			 NEED_MEMORY);
	assert_int_equal(kmem_cache_at(&x->k, KMEM_MALLOC_8K)->nr_slabs, 0);
	fixture_free(x);
}

/* --- groups ------------------------------------------------------------ */
/* The group above pays for objects whose group is gone, until they go. */
static void test_reparent(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	struct group *a = group_at(&x->c, x->group[0]);
	uint32_t again;
	pfn_t slab[3];

	(void)state;
	ctx->group = x->group[1];
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_VMA, &slab[i]), 0);
	assert_int_equal(group_at(&x->c, x->group[1])->usage, 1);
	assert_int_equal(group_remove(&x->c, x->group[1]), 0);
	assert_false(group_dying(&x->c, x->group[1]));
	assert_int_equal(a->own, 1);
	assert_int_equal(a->slab_bytes[KMEM_UNRECLAIMABLE], 3 * (192 + 8));
	check(x);
	/* Its number is not used again while objects name it. */
	assert_int_equal(group_new(&x->c, x->group[0], "c", &again), 0);
	assert_int_not_equal(again, x->group[1]);
	for (unsigned i = 0; i < 3; i++)
		kmem_free(&x->k, ctx, slab[i]);
	assert_int_equal(a->usage, 0);
	check(x);
	assert_int_equal(group_new(&x->c, x->group[0], "d", &again), 0);
	assert_int_equal(again, x->group[1]);
	fixture_free(x);
}

static void test_charges(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	struct group *a = group_at(&x->c, x->group[0]);
	struct group *b = group_at(&x->c, x->group[1]);
	pfn_t slab[20], stack[4];

	(void)state;
	/* One slab serves everybody. */
	for (unsigned i = 0; i < 15; i++) {
		ctx->group = i % 3 ? x->group[i % 3 - 1] : 0;
		assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_VMA, &slab[i]), 0);
		assert_int_equal(slab[i], slab[0]);
	}
	assert_int_equal(a->own, 1);
	assert_int_equal(a->usage, 2);
	assert_int_equal(a->slab_bytes[KMEM_UNRECLAIMABLE], 5 * (192 + 8));
	assert_int_equal(b->slab_bytes[KMEM_UNRECLAIMABLE], 5 * (192 + 8));
	check(x);
	ctx->group = x->group[1];
	b->max = 3;
	assert_int_equal(stack_alloc(&x->k, ctx, 1, stack), NEED_CHARGE);
	assert_int_equal(ctx->need.group, x->group[1]);
	assert_int_equal(node_sum(x, NR_KERNEL_STACK_KB), 0);
	b->max = 5;
	assert_int_equal(stack_alloc(&x->k, ctx, 1, stack), 0);
	assert_int_equal(b->own, 5);
	assert_int_equal(b->stat[NR_KERNEL_STACK_KB], 16);
	/* A full page of objects needs one page more. */
	for (unsigned i = 15; i < 20; i++)
		assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_VMA, &slab[i]), 0);
	assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_NAMES, &slab[15]), 0);
	assert_int_equal(kmem_alloc(&x->k, ctx, KMEM_TASK_STRUCT, &slab[16]),
			 NEED_CHARGE);
	check(x);
	stack_free(&x->k, ctx, stack);
	assert_int_equal(b->own, 1);
	assert_int_equal(b->stat[NR_KERNEL_STACK_KB], 0);
	fixture_free(x);
}

/* --- vmalloc, stacks, boot --------------------------------------------- */
static void test_vmalloc(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	uint32_t a, b, c;

	(void)state;
	assert_int_equal(vmalloc(&x->k, ctx, 4, VMALLOC_BY_MODULE, &a), 0);
	assert_int_equal(vmalloc(&x->k, ctx, 1, VMALLOC_BY_MODULE, &b), 0);
	assert_true(vmalloc_at(&x->k, a)->start == 0xffffc90000000000u);
	assert_true(vmalloc_at(&x->k, b)->start == 0xffffc90000005000u);
	assert_int_equal(x->k.vmalloc_pages, 5);
	assert_int_equal(
		frame_at(&x->b->phys, vmalloc_page(&x->k, a, 3))->index, 3);
	assert_int_equal(vmalloc_page(&x->k, a, 4), PFN_NONE);
	vfree(&x->k, ctx, a);
	/* The lowest gap that fits. */
	assert_int_equal(vmalloc(&x->k, ctx, 5, VMALLOC_BY_MODULE, &a), 0);
	assert_true(vmalloc_at(&x->k, a)->start == 0xffffc90000007000u);
	assert_int_equal(vmalloc(&x->k, ctx, 4, VMALLOC_BY_MODULE, &c), 0);
	assert_true(vmalloc_at(&x->k, c)->start == 0xffffc90000000000u);
	assert_int_equal(vmalloc_next(&x->k, ID_NONE), c);
	assert_int_equal(vmalloc_next(&x->k, c), b);
	check(x);
	/* The array of its pages is an area too. */
	vfree(&x->k, ctx, a);
	assert_int_equal(vmalloc(&x->k, ctx, 513, VMALLOC_BY_MODULE, &a), 0);
	assert_int_equal(x->k.vmalloc_pages, 513 + 2 + 5);
	vfree(&x->k, ctx, a);
	/* In parts; too much for the machine. */
	assert_int_equal(
		vmalloc_reserve(&x->k, ctx, 1u << 16, VMALLOC_BY_MODULE, &a),
		0);
	assert_int_equal(vmalloc_fill(&x->k, ctx, a, 10), STEP_MORE);
	assert_int_equal(vmalloc_fill(&x->k, ctx, a, 1u << 16), NEED_MEMORY);
	check(x);
	vfree(&x->k, ctx, a);
	assert_int_equal(vmalloc(&x->k, ctx, 1u << 16, VMALLOC_BY_MODULE, &a),
			 NEED_MEMORY);
	assert_int_equal(x->k.vmalloc_pages, 5);
	assert_int_equal(x->k.vmalloc_areas.used, 2);
	fixture_free(x);
}

static void test_stacks(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	struct ctx *ctx = on_cpu(x, 0);
	pfn_t stack[3][4], again[4];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(stack_alloc(&x->k, ctx, i + 1, stack[i]), 0);
	assert_int_equal(node_sum(x, NR_KERNEL_STACK_KB), 48);
	assert_int_equal(x->k.vmalloc_pages, 12);
	for (unsigned i = 0; i < 3; i++)
		stack_free(&x->k, ctx, stack[i]);
	assert_int_equal(node_sum(x, NR_KERNEL_STACK_KB), 0);
	/* Two are kept for the next ones. */
	assert_int_equal(x->k.vmalloc_pages, 8);
	assert_int_equal(stack_alloc(&x->k, ctx, 9, again), 0);
	assert_memory_equal(again, stack[0], sizeof(again));
	assert_int_equal(frame_at(&x->b->phys, again[2])->owner, 9);
	fixture_free(x);
}

static void boot(uint64_t reclaimable, uint64_t unreclaimable, uint64_t other)
{
	struct fixture *x = fixture_new(512u << 20, 1, 2);
	struct ctx *ctx = on_cpu(x, 0);
	uint64_t used;

	if (!other)
		kmem_boot_usual(&x->k, &reclaimable, &unreclaimable, &other);
	assert_int_equal(
		kmem_boot(&x->k, ctx, reclaimable, unreclaimable, other), 0);
	check(x);
	assert_int_equal(node_sum(x, NR_SLAB_RECLAIMABLE) << PAGE_SHIFT,
			 reclaimable);
	assert_int_equal(node_sum(x, NR_SLAB_UNRECLAIMABLE) << PAGE_SHIFT,
			 unreclaimable);
	assert_int_equal(node_sum(x, NR_KERNEL_STACK_KB), 16);
	assert_int_equal(x->k.percpu_pages * 4, 512);
	used = x->free_pages - free_now(x->b);
	assert_int_equal(used << PAGE_SHIFT,
			 reclaimable + unreclaimable + other +
				 (STACK_PAGES << PAGE_SHIFT));
	fixture_free(x);
}

static void test_boot(void **state)
{
	(void)state;
	boot(0, 0, 0);
	boot(40u << 20, 25u << 20, 31u << 20);
	boot(1u << 20, 1u << 20, 40960);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packing),
		cmocka_unit_test(test_cpu_partial),
		cmocka_unit_test(test_min_order),
		cmocka_unit_test(test_zones_of_slabs),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_charges),
		cmocka_unit_test(test_reparent),
		cmocka_unit_test(test_vmalloc),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
