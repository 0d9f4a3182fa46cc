// SPDX-License-Identifier: Apache-2.0
/* Reclaim as it was before 2.6.28: one active and one inactive list. */
#include "tests/unit/machine-fixture.h"
#include "vmcore/task/oom.h"

struct classic_fixture {
	struct fixture f;
	struct host host;
	struct klog story;
};

static void start(struct classic_fixture *x, uint64_t memory_bytes)
{
	fixture_config(&x->f, memory_bytes, false);
	x->f.config.policy = POLICY_CLASSIC;
	x->f.config.disks[0].size_bytes = 4ull << 30;
	x->f.config.disks[0].latency_ns = 0;
	x->f.config.disks[0].bandwidth = 0;
	fixture_start(&x->f);
	klog_init_sized(&x->story, &x->host, 1u << 18, 64u << 20);
	x->f.m.tasks.story = &x->story;
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct classic_fixture));
	return 0;
}

static int teardown(void **state)
{
	struct classic_fixture *x = *state;

	assert_int_equal(fixture_check(&x->f.m), 0);
	machine_fini(&x->f.m);
	klog_fini(&x->story);
	assert_int_equal(x->f.m.host.used_bytes, 0);
	assert_int_equal(x->host.used_bytes, 0);
	free(x);
	return 0;
}

static uint64_t event(const struct classic_fixture *x, enum event item)
{
	return x->f.m.phys.stat.event[item];
}

static void run(struct classic_fixture *x, const char *line)
{
	assert_int_equal(fixture_run(&x->f, line), 0);
}

/* --- 79 and 81 % ----------------------------------------------------------
 */
/* Cache fills the memory, a process takes @percent of it and rests, then
 * more cache is wanted. */
static void load(struct classic_fixture *x, uint64_t percent)
{
	uint64_t pages = phys_total_pages(&x->f.m.phys) * percent / 100 + 8;
	char line[80];

	run(x, "swapon /swap 512M");
	run(x, "mkfile big 2G");
	run(x, "spawn r");
	run(x, "read r big 0 1G");
	run(x, "spawn p");
	snprintf(line, sizeof(line), "mmap p m %llup",
		 (unsigned long long)pages);
	run(x, line);
	run(x, "touch p m write");
	assert_int_equal(
		machine_clear_refs(
			&x->f.m,
			task_at(&x->f.m.tasks, task_named(&x->f.m.tasks, "p"))
				->pid,
			1),
		0);
	run(x, "read r big 1G 600M");
}

struct sum {
	unsigned priority, tendency, mapped, distress, swappiness;
	char takes[8];
};

/* Is line @seq of the story a sum? Then it must be right. */
static bool read_sum(const struct classic_fixture *x, uint64_t seq,
		     struct sum *ret)
{
	const struct klog_line *line = klog_at(&x->story, seq);
	struct sum s = { 0 };
	char text[256];

	assert_non_null(line);
	snprintf(text, sizeof(text), "%.*s", (int)line->len,
		 klog_text(&x->story, line));
	if (!strstr(text, "rule=swap_tendency"))
		return false;
	assert_int_equal(
		sscanf(text,
		       "%*u %*s reclaim node=0 priority=%u swap_tendency=%u mapped_ratio=%u distress=%u swappiness=%u takes=%7s rule=swap_tendency",
		       &s.priority, &s.tendency, &s.mapped, &s.distress,
		       &s.swappiness, s.takes),
		6);
	assert_int_equal(s.tendency, s.mapped / 2 + s.distress + s.swappiness);
	assert_string_equal(s.takes, s.tendency >= 100 ? "mapped" : "cache");
	*ret = s;
	return true;
}

static void test_cache_at_79(void **state)
{
	struct classic_fixture *x = *state;
	struct sum last = { 0 };

	start(x, 1u << 30);
	load(x, 79);
	for (uint64_t i = klog_first(&x->story); i < x->story.next; i++) {
		read_sum(x, i, &last);
		assert_int_equal(last.distress, 0);
	}
	assert_int_equal(last.mapped, 79);
	assert_int_equal(last.tendency, 99);
	assert_string_equal(last.takes, "cache");
	assert_int_equal(event(x, PGSCAN_ANON), 0);
	assert_int_equal(event(x, PGSTEAL_ANON), 0);
	assert_true(event(x, PGSTEAL_FILE) > 300000);
}

static void test_processes_at_81(void **state)
{
	struct classic_fixture *x = *state;
	struct sum s = { 0 };
	uint64_t i;

	start(x, 1u << 30);
	load(x, 81);
	for (i = klog_first(&x->story); s.mapped < 81; i++)
		read_sum(x, i, &s);
	assert_int_equal(s.mapped, 81);
	assert_int_equal(s.distress, 0);
	assert_int_equal(s.tendency, 100);
	assert_string_equal(s.takes, "mapped");
	assert_true(event(x, PGSTEAL_ANON) > 10000);
	assert_true(event(x, PSWPOUT) > 10000);
}

/* --- states ---------------------------------------------------------------
 */
struct states {
	uint64_t pages[NR_PAGE_STATES];
	uint64_t moved[NR_PAGE_STATES][NR_PAGE_STATES];
};

static struct states look(const struct classic_fixture *x)
{
	struct states s;

	page_states(&x->f.m.control, s.pages, s.moved);
	return s;
}

static void test_states(void **state)
{
	struct classic_fixture *x = *state;
	struct control *c = &x->f.m.control;
	struct states a, b;
	pfn_t folio;

	start(x, 64u << 20);
	run(x, "mkfile f 4M");
	run(x, "spawn p");
	a = look(x);
	run(x, "read p f 0 4K");
	run(x, "mmap p m 1M");
	run(x, "touch p m write");
	b = look(x);
	assert_true(b.pages[STATE_INACTIVE_DIRTY] >
		    a.pages[STATE_INACTIVE_DIRTY]);
	assert_int_equal(b.pages[STATE_ACTIVE] - a.pages[STATE_ACTIVE], 256);
	assert_int_equal(b.moved[STATE_FREE][STATE_ACTIVE] -
				 a.moved[STATE_FREE][STATE_ACTIVE],
			 256);
	/* Laundered, then used: active again. */
	folio = group_at(c, GROUP_ROOT)->lruvec[0].list[LRU_INACTIVE_FILE].tail;
	lru_isolate(c, folio);
	lru_launder(c, folio);
	assert_int_equal(fixture_check(&x->f.m), 0);
	a = look(x);
	assert_true(a.pages[STATE_INACTIVE_CLEAN] > 0);
	lru_activate(c, folio);
	b = look(x);
	assert_int_equal(b.pages[STATE_INACTIVE_CLEAN], 0);
	assert_int_equal(b.moved[STATE_INACTIVE_CLEAN][STATE_ACTIVE],
			 a.pages[STATE_INACTIVE_CLEAN]);
	run(x, "exit p");
	a = look(x);
	assert_int_equal(a.moved[STATE_ACTIVE][STATE_FREE] -
				 b.moved[STATE_ACTIVE][STATE_FREE],
			 256);
}

/* Under pressure, cut in the middle: the books stay right. */
static void test_cut(void **state)
{
	struct classic_fixture *x = *state;
	struct states a, b;

	start(x, 64u << 20);
	run(x, "swapon /swap 64M");
	run(x, "mkfile f 128M");
	run(x, "spawn p");
	run(x, "mmap p m 40M");
	run(x, "touch p m write");
	run(x, "read p f 0 64M");
	a = look(x);
	assert_true(a.moved[STATE_INACTIVE_DIRTY][STATE_INACTIVE_CLEAN] > 0);
	assert_true(a.moved[STATE_INACTIVE_CLEAN][STATE_FREE] > 0);
	assert_int_equal(fixture_check(&x->f.m), 0);
	fixture_cut(&x->f);
	b = look(x);
	assert_memory_equal(&a, &b, sizeof(a));
	run(x, "read p f 64M 64M");
}

/* --- who pays -------------------------------------------------------------
 */
static struct task *task(struct classic_fixture *x, const char *name)
{
	return task_at(&x->f.m.tasks, task_named(&x->f.m.tasks, name));
}

static uint32_t score(struct classic_fixture *x, const char *name)
{
	return task_oom_score(&x->f.m.tasks, task_named(&x->f.m.tasks, name));
}

static void test_badness(void **state)
{
	struct classic_fixture *x = *state;
	uint32_t points;

	start(x, 64u << 20);
	run(x, "spawn p");
	run(x, "mmap p m 16M noreserve");
	task(x, "p")->uid = 1000;
	points = score(x, "p");
	assert_int_equal(points, fixture_mm(&x->f, "p")->total_vm);
	/* 800 s of CPU time: a tenth. */
	task(x, "p")->utime_ns = 800000000000u;
	assert_int_equal(score(x, "p"), points / 10);
	task(x, "p")->utime_ns = 0;
	task(x, "p")->uid = 0;
	assert_int_equal(score(x, "p"), points / 16);
	task(x, "p")->uid = 1000;
	task(x, "p")->oom_score_adj = 4 * 1000 / 17 + 1; /* oom_adj 4 */
	assert_int_equal(score(x, "p"), points << 4);
	task(x, "p")->oom_score_adj = -(4 * 1000 / 17 + 1);
	assert_int_equal(score(x, "p"), points >> 4);
	task(x, "p")->oom_score_adj = -1000;
	assert_int_equal(score(x, "p"), 0);
}

/* Half of what a child has is its parent's fault; it goes first. */
static void test_child_first(void **state)
{
	struct classic_fixture *x = *state;
	uint32_t alone;

	start(x, 64u << 20);
	run(x, "spawn shell");
	run(x, "mmap shell s 8M");
	alone = score(x, "shell");
	run(x, "fork shell kid");
	assert_true(score(x, "shell") > alone);
	run(x, "spawn hog");
	run(x, "mmap hog m 16M noreserve");
	run(x, "mmap shell more 64M noreserve");
	run(x, "mmap kid m 80M noreserve");
	task(x, "hog")->oom_score_adj = -1000;
	assert_int_equal(fixture_run(&x->f, "touch kid m write"), 0);
	assert_int_equal(x->f.result.killed, 9);
	assert_int_equal(event(x, OOM_KILL), 1);
	assert_int_equal(task_named(&x->f.m.tasks, "kid"), 0);
	assert_int_not_equal(task_named(&x->f.m.tasks, "shell"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cache_at_79, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_processes_at_81, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_badness, setup, teardown),
		cmocka_unit_test_setup_teardown(test_child_first, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
