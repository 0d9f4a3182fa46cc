// SPDX-License-Identifier: Apache-2.0
/* Generations: where folios join, how they age, what goes and what comes
 * back, switched on and off. */
#include "tests/unit/machine-fixture.h"
#include "vmcore/control/lru-gen.h"
#include "vmcore/reclaim/policy.h"

static void start(struct fixture *x, enum policy policy)
{
	fixture_config(x, 64u << 20, false);
	x->config.policy = policy;
	fixture_start(x);
}

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	start(x, POLICY_MGLRU);
	*state = x;
	return 0;
}

static int setup_lru(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	start(x, POLICY_LRU);
	*state = x;
	return 0;
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

static void run(struct fixture *x, const char *line)
{
	assert_int_equal(fixture_run(x, line), 0);
}

static struct lru_gens *gens(const struct fixture *x)
{
	return gens_at(&x->m.control, GROUP_ROOT, 0);
}

static uint64_t pages(const struct fixture *x, uint64_t seq, bool file)
{
	uint64_t sum = 0;

	for (unsigned z = 0; z < MAX_ZONES_PER_NODE; z++)
		sum += gens(x)->list[gen_of(seq)][file][z].nr;
	return sum;
}

static uint64_t event(const struct fixture *x, enum event item)
{
	return x->m.phys.stat.event[item];
}

static int64_t stat(const struct fixture *x, enum node_stat item)
{
	return x->m.phys.stat.node[0][item];
}

/* --- where folios join ------------------------------------------------------
 */
static void test_places(void **state)
{
	struct fixture *x = *state;
	uint64_t anon, file;

	run(x, "mkfile f 8M");
	run(x, "spawn p");
	anon = pages(x, 2, false);
	file = pages(x, 0, true);
	/* What a fault brings is of the second youngest, thus active. */
	run(x, "mmap p m 1M");
	run(x, "touch p m write");
	assert_int_equal(pages(x, 2, false) - anon, 256);
	assert_int_equal(stat(x, NR_ACTIVE_ANON), pages(x, 2, false));
	/* What is read is of the oldest, and stays there when read again. */
	run(x, "read p f 0 1M");
	assert_true(pages(x, 0, true) - file >= 256);
	file = pages(x, 0, true);
	run(x, "read p f 0 1M");
	run(x, "read p f 0 1M");
	assert_int_equal(pages(x, 0, true), file);
	assert_int_equal(event(x, PGACTIVATE), 0);
	/* A mapped file is in use. */
	run(x, "mmap p t 1M file=f off=4M");
	file = pages(x, 2, true);
	run(x, "touch p t read");
	assert_true(pages(x, 2, true) - file >= 256);
}

/* The n-th use through a descriptor, and the tier of n uses. */
static void test_uses(void **state)
{
	struct frame f = { 0 };
	static const unsigned tiers[] = { 0, 0, 1, 2, 2 };

	(void)state;
	for (unsigned n = 0; n < 5; n++) {
		assert_int_equal(frame_refs(&f), n);
		assert_int_equal(frame_tier(&f), tiers[n]);
		assert_false(frame_promoted(&f));
		gen_use(&f);
	}
	assert_true(f.word & PG_WORKINGSET);
	assert_int_equal(frame_tier(&f), 3);
	assert_true(frame_promoted(&f));
	assert_true(gen_set_refs(&f));
	assert_int_equal(frame_refs(&f), 0);
	assert_int_equal(f.word, PG_WORKINGSET);
}

/* --- aging ------------------------------------------------------------------
 */
static void walk(struct fixture *x)
{
	struct ctx ctx = { .now = x->m.tasks.now, .prices = x->m.tasks.prices };
	struct scan sc = { .memcg = GROUP_ROOT, .may_swap = 1 };

	while (!mglru_walk(&x->m.space, &ctx, &sc))
		;
	while (!gens_grow(&x->m.control, GROUP_ROOT, 0, 60, ctx.now))
		;
	assert_int_equal(fixture_check(&x->m), 0);
}

static void test_aging(void **state)
{
	struct fixture *x = *state;
	uint64_t young;

	run(x, "swapon /swap 16M");
	run(x, "spawn p");
	run(x, "mmap p m 1M");
	run(x, "touch p m write");
	assert_int_equal(gens(x)->max_seq, 3);
	/* Met once: it is known to be used. */
	walk(x);
	assert_int_equal(gens(x)->max_seq, 4);
	assert_true(gens(x)->walk[WALK_YOUNG] >= 256);
	assert_int_equal(gens(x)->min_seq[0], 1);
	assert_int_equal(stat(x, NR_ACTIVE_ANON), 0);
	/* Met again: it joins what is the youngest then. */
	run(x, "touch p m read 0 512K");
	walk(x);
	assert_int_equal(gens(x)->walk[WALK_YOUNG], 128);
	young = pages(x, 4, false);
	assert_int_equal(young, 128);
	assert_int_equal(stat(x, NR_ACTIVE_ANON), 128);
	/* Nobody used anything: the same pages, one generation older. */
	walk(x);
	assert_int_equal(gens(x)->walk[WALK_YOUNG], 0);
	assert_int_equal(pages(x, 4, false), young);
	assert_int_equal(stat(x, NR_ACTIVE_ANON), 0);
	assert_int_equal(gens_nr(gens(x), false), MAX_NR_GENS);
}

/* --- eviction ---------------------------------------------------------------
 */
/* A stream through the cache leaves alone what a process uses. */
static void test_stream(void **state)
{
	struct fixture *x = *state;

	run(x, "swapon /swap 64M");
	run(x, "mkfile f 256M");
	run(x, "spawn p");
	run(x, "mmap p m 20M");
	run(x, "touch p m write");
	run(x, "read p f 0 256M");
	assert_true(event(x, PGSTEAL_FILE) > 40000);
	assert_int_equal(event(x, PGSCAN_FILE), event(x, PGSTEAL_FILE));
	assert_int_equal(event(x, PGSCAN_ANON), 0);
	assert_int_equal(event(x, PSWPOUT), 0);
	assert_int_equal(fixture_mm(x, "p")->rss[RSS_ANON], 5120);
}

/* More than there is: the part in use stays, the rest goes to swap, and what
 * comes back is counted by tier. */
static void test_swap(void **state)
{
	struct fixture *x = *state;

	run(x, "swapon /swap 128M");
	run(x, "spawn p");
	run(x, "mmap p cold 40M");
	run(x, "mmap p hot 8M");
	run(x, "touch p cold write");
	for (unsigned i = 0; i < 4; i++) {
		run(x, "touch p hot write");
		run(x, "mmap p more 12M");
		run(x, "touch p more write");
		assert_int_equal(fixture_check(&x->m), 0);
	}
	assert_true(event(x, PSWPOUT) > 10000);
	assert_true(gens(x)->max_seq > 4);
	run(x, "touch p cold read");
	assert_true(x->m.phys.stat.node[0][WORKINGSET_REFAULT_ANON] > 1000);
}

/* A file read over and over comes back: its tier is protected. */
static void test_refaults(void **state)
{
	struct fixture *x = *state;
	uint64_t counted = 0;

	run(x, "mkfile f 96M");
	run(x, "spawn p");
	for (unsigned i = 0; i < 3; i++)
		run(x, "read p f 0 96M");
	assert_true(stat(x, WORKINGSET_REFAULT_FILE) > 20000);
	for (unsigned t = 0; t < MAX_NR_TIERS; t++)
		counted +=
			gens(x)->refaulted[1][t] + gens(x)->avg_refaulted[1][t];
	assert_true(counted > 1000);
}

/* --- the controller ---------------------------------------------------------
 */
static void test_tiers(void **state)
{
	struct lru_gens g = { .max_seq = 3 };

	(void)state;
	/* Nothing is known: files go first, no tier is protected. */
	assert_true(gens_file_first(&g, 60));
	assert_int_equal(gens_tier(&g, true), 3);
	/* Anonymous pages alone, or files alone. */
	assert_false(gens_file_first(&g, 200));
	assert_true(gens_file_first(&g, 0));
	/* Every file page came back, hardly an anonymous one. */
	g.evicted[1][0] = g.refaulted[1][0] = 10000;
	g.evicted[0][0] = 10000;
	assert_false(gens_file_first(&g, 60));
	assert_true(gens_file_first(&g, 1));
	/* Tier 1 comes back more often than tier 0. */
	g.refaulted[1][0] = 1000;
	g.evicted[1][1] = 1000;
	g.refaulted[1][1] = 900;
	assert_int_equal(gens_tier(&g, true), 0);
	g.refaulted[1][1] = 60; /* too few to tell */
	assert_int_equal(gens_tier(&g, true), 3);
	/* Half of it is remembered, then half of that. */
	gens_carry(&g, true);
	assert_int_equal(g.avg_refaulted[1][0], 500);
	assert_int_equal(g.avg_total[1][0], 5000);
	assert_int_equal(g.evicted[1][0], 0);
	gens_carry(&g, true);
	assert_int_equal(g.avg_refaulted[1][0], 250);
}

/* --- on and off -------------------------------------------------------------
 */
static void test_switch(void **state)
{
	struct fixture *x = *state;
	const struct lruvec *v = group_at(&x->m.control, GROUP_ROOT)->lruvec;
	uint64_t anon, file;

	run(x, "swapon /swap 64M");
	run(x, "mkfile f 64M");
	run(x, "mkcgroup g");
	run(x, "spawn p");
	run(x, "mmap p m 8M");
	run(x, "touch p m write");
	run(x, "read p f 0 32M");
	run(x, "read p f 0 4M");
	anon = v->list[LRU_INACTIVE_ANON].nr + v->list[LRU_ACTIVE_ANON].nr;
	file = v->list[LRU_INACTIVE_FILE].nr + v->list[LRU_ACTIVE_FILE].nr;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(machine_set_lru_gen(&x->m, GEN_CAPS), 0);
		assert_int_equal(fixture_check(&x->m), 0);
		assert_int_equal(gens_pages(gens(x), 60), anon + file);
		assert_int_equal(v->list[LRU_INACTIVE_FILE].head, PFN_NONE);
		run(x, "read p f 0 4M");
		assert_int_equal(machine_set_lru_gen(&x->m, 0), 0);
		assert_int_equal(fixture_check(&x->m), 0);
		assert_int_equal(x->m.control.gens.used, 0);
		assert_int_equal(v->list[LRU_INACTIVE_FILE].nr +
					 v->list[LRU_ACTIVE_FILE].nr,
				 file);
	}
}

/* What debugfs takes: age the machine by hand, let the oldest go. */
static void test_commands(void **state)
{
	struct fixture *x = *state;
	struct gen_command cmd = { .group = GROUP_ROOT, .seq = 3 };
	uint64_t file;

	run(x, "mkfile f 16M");
	run(x, "spawn p");
	run(x, "read p f 0 16M");
	assert_int_equal(machine_lru_gen(&x->m, &cmd), 0);
	assert_int_equal(gens(x)->max_seq, 4);
	assert_int_equal(machine_lru_gen(&x->m, &cmd), 0); /* it is so */
	assert_int_equal(gens(x)->max_seq, 4);
	cmd.seq = 5;
	assert_int_equal(machine_lru_gen(&x->m, &cmd), EINVAL);
	cmd = (struct gen_command){
		.evict = true, .group = GROUP_ROOT, .seq = 1, .pages = 1000
	};
	file = pages(x, 1, true);
	assert_true(file >= 4096);
	assert_int_equal(machine_lru_gen(&x->m, &cmd), 0);
	assert_true(file - pages(x, 1, true) >= 1000);
	cmd.pages = UINT64_MAX;
	assert_int_equal(machine_lru_gen(&x->m, &cmd), 0);
	assert_true(gens(x)->min_seq[1] > 1);
	cmd.seq = 3;
	assert_int_equal(machine_lru_gen(&x->m, &cmd), EINVAL);
	cmd.seq = 1;
	cmd.group = 7;
	assert_int_equal(machine_lru_gen(&x->m, &cmd), EINVAL);
}

/* The same once more, with a cut wherever one can be. */
static void test_cut(void **state)
{
	struct fixture *x = *state;
	uint64_t digest;

	run(x, "swapon /swap 64M");
	run(x, "mkfile f 64M");
	run(x, "spawn p");
	run(x, "mmap p m 48M");
	run(x, "touch p m write");
	run(x, "read p f 0 64M");
	digest = machine_digest(&x->m);
	fixture_cut(x);
	assert_int_equal(machine_digest(&x->m), digest);
	assert_int_equal(fixture_check(&x->m), 0);
	run(x, "read p f 0 64M");
	run(x, "touch p m read");
}

/* A working set younger than min_ttl_ms stays; a process pays for it. */
static void test_ttl(void **state)
{
	struct fixture *x = *state;

	x->m.control.min_ttl_ns = 1000000000;
	run(x, "swapon /swap 128M");
	run(x, "spawn hog");
	run(x, "mmap hog m 80M");
	assert_int_equal(fixture_run(x, "touch hog m write"), 0);
	assert_int_equal(event(x, OOM_KILL), 1);
	assert_int_equal(task_named(&x->m.tasks, "hog"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test(test_uses),
		cmocka_unit_test_setup_teardown(test_aging, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream, setup, teardown),
		cmocka_unit_test_setup_teardown(test_swap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refaults, setup, teardown),
		cmocka_unit_test(test_tiers),
		cmocka_unit_test_setup_teardown(test_switch, setup_lru,
						teardown),
		cmocka_unit_test_setup_teardown(test_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ttl, setup, teardown),
	};

	return cmocka_run_group_tests_name("mglru", tests, NULL, NULL);
}
