// SPDX-License-Identifier: Apache-2.0
/* What somebody waits for is still there when he goes on. */
#include "tests/unit/machine-fixture.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/task/sched.h"

static int start(void **state, enum policy policy)
{
	struct fixture *x = calloc(1, sizeof(*x));

	fixture_config(x, 64u << 20, false);
	x->config.policy = policy;
	fixture_start(x);
	assert_int_equal(fixture_run(x, "spawn a"), 0);
	*state = x;
	return 0;
}

static int setup(void **state)
{
	return start(state, POLICY_LRU);
}

static int setup_classic(void **state)
{
	return start(state, POLICY_CLASSIC);
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_check(&x->m), 0);
	machine_fini(&x->m);
	assert_int_equal(x->m.host.used_bytes, 0);
	free(x);
	return 0;
}

static const struct frame *frame_of(const struct fixture *x, pfn_t folio)
{
	return frame_at(&x->m.phys, folio);
}

static pfn_t cached(const struct fixture *x, const char *path, uint64_t index)
{
	return cache_find(&x->m.cache, inode_find(&x->m.cache, path), index);
}

/* Begin @line; step by step until its page @index of @path has been read,
 * but nobody has told it yet. */
static uint32_t until_read(struct fixture *x, const char *line,
			   const char *path, uint64_t index)
{
	uint32_t actor;

	assert_int_equal(fixture_begin(x, line, &actor), 0);
	for (unsigned steps = 0; steps < 1000; steps++) {
		pfn_t folio = cached(x, path, index);

		if (folio != PFN_NONE && frame_of(x, folio)->word & PG_UPTODATE)
			return actor;
		assert_int_equal(machine_run(&x->m, UINT64_MAX, actor, 1), 0);
	}
	fail();
	return 0;
}

static void finish(struct fixture *x, uint32_t actor)
{
	assert_int_equal(machine_run(&x->m, UINT64_MAX, actor, UINT64_MAX), 0);
	assert_true(machine_take(&x->m, actor, &x->result));
	assert_int_equal(x->m.cache.holds.used, 0);
}

static uint64_t reclaim(struct fixture *x, pfn_t folio)
{
	struct ctx ctx = sched_ctx(&x->m.tasks, 0, 0);

	return reclaim_folio(&x->m.space, &ctx, folio);
}

/* Neither reclaim nor drop_caches takes it, and a saved machine knows. */
static void kept_until_done(struct fixture *x, const char *line,
			    const char *path, uint64_t index)
{
	uint32_t actor = until_read(x, line, path, index);
	struct ctx ctx = sched_ctx(&x->m.tasks, 0, 0);
	pfn_t folio = cached(x, path, index);

	assert_int_equal(x->m.cache.holds.used, 1);
	assert_true(folio_awaited(&x->m.cache, frame_of(x, folio)));
	assert_int_equal(reclaim(x, folio), 0);
	cache_drop(&x->m.cache, &ctx, 1);
	assert_int_equal(cached(x, path, index), folio);
	fixture_cut(x);
	assert_true(folio_awaited(&x->m.cache, frame_of(x, folio)));
	finish(x, actor);
	assert_int_equal(x->result.error, 0);
	assert_false(folio_awaited(&x->m.cache, frame_of(x, folio)));
	assert_true(reclaim(x, folio));
	assert_int_equal(cached(x, path, index), PFN_NONE);
}

static void test_read(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "ondisk /g 1M"), 0);
	kept_until_done(x, "read a /g 64K 4K", "/g", 16);
}

static void test_fault(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "ondisk /g 1M"), 0);
	assert_int_equal(fixture_run(x, "mmap a m 1M file=/g"), 0);
	kept_until_done(x, "touch a m read 64K 4K", "/g", 16);
}

/* Pages around it that nobody waits for go. */
static void test_others_go(void **state)
{
	struct fixture *x = *state;
	uint32_t actor;

	assert_int_equal(fixture_run(x, "ondisk /g 1M"), 0);
	assert_int_equal(fixture_run(x, "mmap a m 1M file=/g"), 0);
	actor = until_read(x, "touch a m read 64K 4K", "/g", 16);
	assert_int_equal(reclaim(x, cached(x, "/g", 17)), 1);
	finish(x, actor);
}

static void test_swapped(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;
	uint32_t actor;
	uint64_t addr;
	swp_t swp;

	assert_int_equal(fixture_run(x, "swapon /swap 8M"), 0);
	assert_int_equal(fixture_run(x, "mmap a m 4K"), 0);
	addr = x->result.ret[0];
	assert_int_equal(fixture_run(x, "touch a m write value=9"), 0);
	assert_int_equal(fixture_run(x, "swapout a"), 0);
	/* What was written out leaves the swap cache too. */
	assert_int_equal(
		machine_run(&x->m, x->m.tasks.now + 1000000000u, 0, UINT64_MAX),
		0);
	swp = pte_swap(pte_get(&x->m.space, fixture_mm(x, "a"), addr));
	if (!swap_missing(c, swp))
		assert_int_equal(reclaim(x, swap_find(c, swp)), 1);
	assert_int_equal(fixture_begin(x, "touch a m read", &actor), 0);
	while (swap_missing(c, swp) ||
	       frame_of(x, swap_find(c, swp))->word & PG_LOCKED)
		assert_int_equal(machine_run(&x->m, UINT64_MAX, actor, 1), 0);
	assert_true(folio_awaited(c, frame_of(x, swap_find(c, swp))));
	assert_int_equal(reclaim(x, swap_find(c, swp)), 0);
	finish(x, actor);
	assert_int_equal(x->result.majflt, 1);
}

/* Who is killed while he waits holds nothing any more. */
static void test_killed(void **state)
{
	struct fixture *x = *state;
	uint32_t actor;

	assert_int_equal(fixture_run(x, "ondisk /g 1M"), 0);
	actor = until_read(x, "read a /g 64K 4K", "/g", 16);
	assert_int_equal(x->m.cache.holds.used, 1);
	assert_int_equal(fixture_run(x, "kill a"), 0);
	assert_int_equal(x->m.cache.holds.used, 0);
	finish(x, actor);
}

/* The old policy's list of clean pages: what is held there stays, and who
 * looks for memory does not look at it for ever. */
static void test_clean(void **state)
{
	struct fixture *x = *state;
	struct ctx ctx = sched_ctx(&x->m.tasks, 0, 0);
	struct scan sc = { .who = SCAN_DIRECT,
			   .gfp = GFP_KERNEL,
			   .nr_to_reclaim = SWAP_CLUSTER_MAX,
			   .highest = ZONE_MOVABLE,
			   .memcg = GROUP_ROOT };
	uint32_t actor;
	pfn_t folio;

	assert_int_equal(fixture_run(x, "ondisk /g 1M"), 0);
	actor = until_read(x, "read a /g 64K 4K", "/g", 16);
	folio = cached(x, "/g", 16);
	lru_isolate(&x->m.control, folio);
	lru_launder(&x->m.control, folio);
	assert_false(classic_step(&x->m.space, &ctx, &sc));
	assert_int_equal(cached(x, "/g", 16), folio);
	finish(x, actor);
	assert_true(classic_step(&x->m.space, &ctx, &sc));
	assert_int_equal(cached(x, "/g", 16), PFN_NONE);
}

/* Ranges of one chain. */
static void test_chain(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;
	struct ctx ctx = { 0 };
	uint32_t mine = 0, other = 0;

	hold_want(&ctx, 3, 10, 20);
	assert_int_equal(hold_take(c, &ctx, &mine), 0);
	assert_int_equal(hold_take(c, &ctx, &mine), 0);
	assert_int_equal(hold_count(c, mine), 1);
	hold_want(&ctx, 3, 12, 14);
	assert_int_equal(hold_take(c, &ctx, &mine), 0);
	assert_int_equal(hold_count(c, mine), 1);
	assert_int_equal(hold_take(c, &ctx, &other), 0);
	hold_want(&ctx, 4, 12, 14);
	assert_int_equal(hold_take(c, &ctx, &mine), 0);
	assert_int_equal(hold_count(c, mine), 2);
	assert_int_equal(hold_count(c, other), 1);
	assert_int_equal(c->holds.used, 3);
	hold_drop(c, &mine);
	hold_drop(c, &other);
	assert_int_equal(mine | other, 0);
	assert_int_equal(c->holds.used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_go, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_swapped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clean, setup_classic,
						teardown),
		cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
	};

	return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
