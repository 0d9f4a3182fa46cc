// SPDX-License-Identifier: Apache-2.0
/* Processes on a whole machine: what they map, share, copy and give back. */
#include "tests/unit/machine-fixture.h"
#include "vmcore/task/sched.h"

static void test_boot(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_check(&x->m), 0);
	assert_int_equal(machine_user_pages(&x->m), 0);
	assert_int_not_equal(task_find(&x->m.tasks, 1), 0);
	assert_string_equal(
		task_at(&x->m.tasks, task_find(&x->m.tasks, 2))->comm,
		"kthreadd");
}

static void test_touch(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "spawn p"), 0);
	/* lengths are rounded up before a place is looked for */
	assert_int_equal(fixture_run(x, "mmap p odd 94K"), 0);
	assert_int_equal(x->result.ret[0], 0x7ffff7fe7000);
	assert_int_equal(fixture_run(x, "munmap p odd"), 0);
	assert_int_equal(fixture_run(x, "mmap p r 4M"), 0);
	/* from 2 MiB on aligned to what a huge page wants */
	assert_int_equal(x->result.ret[1], 0x7ffff7e00000);
	assert_int_equal(fixture_run(x, "madvise p r nohugepage"), 0);
	assert_int_equal(fixture_run(x, "touch p r write"), 0);
	assert_int_equal(x->result.minflt, 1024);
	assert_int_equal(fixture_mm(x, "p")->rss[RSS_ANON], 1024);
	assert_int_equal(fixture_run(x, "touch p r write"), 0);
	assert_int_equal(x->result.minflt, 0);
	assert_int_equal(fixture_run(x, "munmap p r 1M 1M"), 0);
	assert_int_equal(fixture_mm(x, "p")->rss[RSS_ANON], 768);
	assert_int_equal(fixture_run(x, "touch p r write 1M 4K"), 0);
	assert_int_equal(x->result.killed, 11);
	assert_int_equal(machine_user_pages(&x->m), 0);
}

static void test_cow(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "spawn p"), 0);
	assert_int_equal(fixture_run(x, "mmap p r 1M"), 0);
	assert_int_equal(fixture_run(x, "touch p r write"), 0);
	assert_int_equal(fixture_run(x, "fork p c"), 0);
	assert_int_equal(machine_user_pages(&x->m), 256);
	assert_int_equal(fixture_run(x, "touch c r write 0 64K"), 0);
	assert_int_equal(x->result.minflt, 16);
	assert_int_equal(machine_user_pages(&x->m), 272);
	assert_int_equal(fixture_run(x, "touch p r write 0 64K"), 0);
	assert_int_equal(x->result.minflt, 16);
	assert_int_equal(machine_user_pages(&x->m), 272);
	assert_int_equal(fixture_run(x, "exit c"), 0);
	assert_int_equal(machine_user_pages(&x->m), 256);
	assert_int_equal(fixture_check(&x->m), 0);
}

static uint64_t live_and_die(struct fixture *x)
{
	assert_int_equal(fixture_run(x, "spawn p"), 0);
	assert_int_equal(fixture_run(x, "mmap p r 8M"), 0);
	assert_int_equal(fixture_run(x, "touch p r write"), 0);
	assert_int_equal(fixture_run(x, "fork p c"), 0);
	assert_int_equal(fixture_run(x, "touch c r write 0 1M"), 0);
	assert_int_equal(fixture_run(x, "exit p"), 0);
	assert_int_equal(fixture_run(x, "kill c"), 0);
	pcp_drain_all(&x->m.phys);
	return phys_free_pages(&x->m.phys);
}

/* What a process took comes back, to the page. */
static void test_gives_back(void **state)
{
	struct fixture *x = *state;
	uint64_t before;

	/* The first ones fill what slabs and stacks keep for the next. */
	live_and_die(x);
	before = live_and_die(x);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(live_and_die(x), before);
	assert_int_equal(x->m.control.committed, 0);
}

static void test_oom(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "spawn small"), 0);
	assert_int_equal(fixture_run(x, "mmap small r 4M"), 0);
	assert_int_equal(fixture_run(x, "touch small r write"), 0);
	assert_int_equal(fixture_run(x, "spawn hog"), 0);
	assert_int_equal(fixture_run(x, "mmap hog r 60M noreserve"), 0);
	assert_int_equal(fixture_run(x, "touch hog r write"), 0);
	assert_int_equal(x->result.killed, 9);
	assert_int_equal(x->m.phys.stat.event[OOM_KILL], 1);
	assert_int_equal(task_named(&x->m.tasks, "hog"), 0);
	assert_int_equal(fixture_mm(x, "small")->rss[RSS_ANON], 1024);
}

/* While kswapd is at it per-CPU lists are to stay short. */
static void test_reclaim_active(void **state)
{
	struct fixture *f = *state;
	struct zone *z = &f->m.phys.zones[ZONE_DMA32];
	struct ctx ctx = sched_ctx(&f->m.tasks, 0, 0);
	struct balance b;

	z->wmark[WMARK_HIGH] = z->managed;
	balance_begin(&f->m.space, &b, 0, 0, ZONE_DMA32);
	assert_false(z->flags & ZONE_FLAG_RECLAIM_ACTIVE);
	assert_int_equal(balance_step(&f->m.space, &ctx, &b), STEP_MORE);
	assert_true(z->flags & ZONE_FLAG_RECLAIM_ACTIVE);
	z->wmark[WMARK_HIGH] = z->wmark[WMARK_LOW];
	while (balance_step(&f->m.space, &ctx, &b) == STEP_MORE)
		;
	assert_false(z->flags & ZONE_FLAG_RECLAIM_ACTIVE);
}

/* A kswapd that waits for writeback goes on after 32 pages; who made no
 * progress waits only if half of what there is is under way to a disk. */
static void test_throttle(void **state)
{
	struct fixture *f = *state;
	struct phys *p = &f->m.phys;
	struct node *node = &p->nodes[0];
	int64_t *pending = &p->stat.zone[ZONE_DMA32][NR_ZONE_WRITE_PENDING];
	int64_t all = (int64_t)zone_reclaimable(&f->m.space, ZONE_DMA32);
	int64_t *told = &p->stat.node[0][NR_THROTTLED_WRITTEN];
	struct ctx ctx = sched_ctx(&f->m.tasks, 0, 0);

	node_written(p, 0, 100);
	assert_int_equal(*told, 0);
	assert_int_equal(node->kswapd_wake, 0);
	node->kswapd_throttled = 1;
	node_written(p, 0, 32);
	assert_int_equal(node->kswapd_wake, 0);
	node_written(p, 0, 1);
	assert_int_equal(node->kswapd_wake, 1);
	assert_int_equal(*told, 33);
	node->kswapd_throttled = node->kswapd_wake = 0;

	assert_false(scan_throttle(&f->m.space, &ctx, 0));
	*pending += all;
	assert_true(scan_throttle(&f->m.space, &ctx, 0));
	node->kswapd_failures = MAX_RECLAIM_RETRIES;
	assert_false(scan_throttle(&f->m.space, &ctx, 0));
	node->kswapd_failures = 0;
	*pending -= all;
}

static void test_errors(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "touch nobody r write"), ESRCH);
	assert_int_equal(fixture_run(x, "spawn p"), 0);
	assert_int_equal(fixture_run(x, "spawn p"), EEXIST);
	assert_int_equal(fixture_run(x, "touch p r write"), EINVAL);
	assert_int_equal(fixture_run(x, "mmap p r 0"), EINVAL);
	assert_int_equal(fixture_run(x, "mmap p r 4K file=/none"), ENOENT);
	assert_int_equal(fixture_run(x, "mmap p r 64T"), ENOMEM);
	assert_int_equal(fixture_run(x, "swapon /swap 4K"), EINVAL);
	assert_int_equal(fixture_mm(x, "p")->map_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_boot, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_touch, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_cow, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_gives_back, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_oom, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_reclaim_active,
						fixture_setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_throttle, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_errors, fixture_setup,
						fixture_end),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
