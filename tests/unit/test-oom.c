// SPDX-License-Identifier: Apache-2.0
/* Who pays for memory that nobody has, and what the log says of it. */
#include "tests/unit/machine-fixture.h"

/* Lines of the log that begin with @text. */
static unsigned lines(const struct fixture *x, const char *text)
{
	const struct klog *k = &x->m.tasks.log;
	unsigned n = 0;

	for (uint64_t seq = klog_first(k); seq < k->next; seq++) {
		const struct klog_line *line = klog_at(k, seq);

		n += line->len >= strlen(text) &&
		     !memcmp(klog_text(k, line), text, strlen(text));
	}
	return n;
}

static void process(struct fixture *x, const char *name, const char *size)
{
	char line[80];

	snprintf(line, sizeof(line), "spawn %s", name);
	assert_int_equal(fixture_run(x, line), 0);
	snprintf(line, sizeof(line), "mmap %s r %s noreserve", name, size);
	assert_int_equal(fixture_run(x, line), 0);
}

static void test_report(void **state)
{
	struct fixture *x = *state;
	static const char *const order[] = {
		"hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP), order=0, oom_score_adj=0",
		"CPU: ",
		"Call Trace:",
		"Mem-Info:",
		"active_anon:",
		"Node 0 active_anon:",
		"Node 0 DMA free:",
		"lowmem_reserve[]:",
		"Node 0 DMA32 free:",
		"Node 0 DMA: ",
		"Node 0 DMA32: ",
		"Node 0 hugepages_total=0",
		"6 total pagecache pages",
		"0 pages in swap cache",
		"Free swap  = 0kB",
		"Total swap = 0kB",
		"0 pages HighMem/MovableOnly",
		"Tasks state (memory values in pages):",
		"[  pid  ]   uid  tgid total_vm",
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=hog,",
		"Out of memory: Killed process ",
	};
	const struct klog *k = &x->m.tasks.log;
	unsigned found = 0;

	process(x, "hog", "100M");
	assert_int_equal(fixture_run(x, "touch hog r write"), 0);
	assert_int_equal(x->result.killed, 9);
	for (uint64_t seq = klog_first(k);
	     seq < k->next && found < sizeof(order) / sizeof(*order); seq++) {
		const struct klog_line *line = klog_at(k, seq);

		if (!strncmp(klog_text(k, line), order[found],
			     strlen(order[found])))
			found++;
	}
	if (found < sizeof(order) / sizeof(*order))
		fail_msg("no line %s", order[found]);
	/* Long lines are whole. */
	assert_int_equal(lines(x, "Node 0 DMA32 free:"), 1);
}

static void test_allocating_task(void **state)
{
	struct fixture *x = *state;

	x->m.tasks.oom_kill_allocating_task = 1;
	process(x, "big", "12M");
	process(x, "small", "60M");
	assert_int_equal(fixture_run(x, "touch big r write"), 0);
	assert_int_equal(fixture_run(x, "touch small r write"), 0);
	assert_int_equal(x->result.killed, 9);
	assert_int_not_equal(task_named(&x->m.tasks, "big"), 0);
	assert_int_equal(
		lines(x, "Out of memory (oom_kill_allocating_task): Killed"),
		1);
}

/* Who shares the memory dies with it; vfork's child is never chosen. */
static void test_shared(void **state)
{
	struct fixture *x = *state;

	process(x, "a", "100M");
	assert_int_equal(fixture_run(x, "clone a b"), 0);
	assert_int_equal(fixture_run(x, "vfork a c"), 0);
	assert_int_equal(
		task_oom_score(&x->m.tasks, task_named(&x->m.tasks, "c")), 0);
	assert_int_equal(fixture_run(x, "touch b r write"), 0);
	assert_int_equal(x->result.killed, 9);
	assert_int_equal(task_named(&x->m.tasks, "a"), 0);
	assert_int_equal(task_named(&x->m.tasks, "c"), 0);
	assert_int_equal(x->m.phys.stat.event[OOM_KILL], 1);
}

static void test_panic(void **state)
{
	struct fixture *x = *state;
	vtime_t at;

	x->m.tasks.panic_on_oom = 1;
	process(x, "hog", "100M");
	assert_int_equal(fixture_run(x, "touch hog r write"), ENOTRECOVERABLE);
	assert_int_equal(
		lines(x,
		      "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled"),
		1);
	assert_int_equal(lines(x, "Tasks state"), 1);
	assert_int_equal(x->m.phys.stat.event[OOM_KILL], 0);
	assert_int_equal(fixture_run(x, "spawn p"), ENOTRECOVERABLE);
	at = machine_now(&x->m);
	assert_int_equal(machine_run(&x->m, at + 1000, 0, UINT64_MAX), 0);
	assert_int_equal(machine_now(&x->m), at + 1000);
}

/* Nobody may be killed. */
static void test_deadlock(void **state)
{
	struct fixture *x = *state;

	process(x, "hog", "100M");
	task_at(&x->m.tasks, task_named(&x->m.tasks, "hog"))->oom_score_adj =
		-1000;
	assert_int_equal(fixture_run(x, "touch hog r write"), ENOTRECOVERABLE);
	assert_int_equal(lines(x, "Out of memory and no killable processes"),
			 1);
	assert_int_equal(
		lines(x, "Kernel panic - not syncing: System is deadlocked"),
		1);
}

static void group_of_two(struct fixture *x)
{
	uint32_t g;

	process(x, "outside", "12M");
	assert_int_equal(fixture_run(x, "touch outside r write"), 0);
	assert_int_equal(fixture_run(x, "cgroup - cg"), 0);
	g = group_find(&x->m.control, "cg");
	group_at(&x->m.control, g)->max = (8u << 20) / PAGE_SIZE;
	process(x, "inside", "20M");
	process(x, "beside", "1M");
	assert_int_equal(fixture_run(x, "cgroup inside cg"), 0);
	assert_int_equal(fixture_run(x, "cgroup beside cg"), 0);
	assert_int_equal(fixture_run(x, "touch beside r write"), 0);
}

/* A group at its limit pays by itself, though others hold more. */
static void test_group(void **state)
{
	struct fixture *x = *state;
	const struct group *g;

	group_of_two(x);
	assert_int_equal(fixture_run(x, "touch inside r write"), 0);
	assert_int_equal(x->result.killed, 9);
	assert_int_not_equal(task_named(&x->m.tasks, "outside"), 0);
	assert_int_not_equal(task_named(&x->m.tasks, "beside"), 0);
	g = group_at(&x->m.control, group_find(&x->m.control, "cg"));
	assert_int_equal(g->count[GROUP_OOM], 1);
	assert_int_equal(g->count[GROUP_OOM_KILL], 1);
	assert_true(g->count[GROUP_MAX] > 0);
	assert_int_equal(lines(x, "memory: usage 8192kB, limit 8192kB"), 1);
	assert_int_equal(lines(x, "Memory cgroup stats for /cg:"), 1);
	assert_int_equal(
		lines(x,
		      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/cg,task_memcg=/cg,task=inside,"),
		1);
	assert_int_equal(
		lines(x, "Memory cgroup out of memory: Killed process"), 1);
	assert_int_equal(lines(x, "Mem-Info:"), 0);
}

/* memory.oom.group: all of it; the victim is told of twice. */
static void test_whole_group(void **state)
{
	struct fixture *x = *state;
	struct group *g;

	group_of_two(x);
	g = group_at(&x->m.control, group_find(&x->m.control, "cg"));
	g->oom_group = 1;
	assert_int_equal(fixture_run(x, "touch inside r write"), 0);
	assert_int_equal(x->result.killed, 9);
	assert_int_equal(task_named(&x->m.tasks, "beside"), 0);
	assert_int_not_equal(task_named(&x->m.tasks, "outside"), 0);
	assert_int_equal(g->count[GROUP_OOM_KILL], 3);
	assert_int_equal(g->count[GROUP_OOM_GROUP_KILL], 1);
	assert_int_equal(
		lines(x,
		      "Tasks in /cg are going to be killed due to memory.oom.group set"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_report, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_allocating_task,
						fixture_setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_shared, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_panic, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_deadlock, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_group, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_whole_group, fixture_setup,
						fixture_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
