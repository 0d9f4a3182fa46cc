// SPDX-License-Identifier: Apache-2.0
/* Translations: what hits, what is walked for, what makes room for what, and
 * when nobody knows a page any more. */
#include "tests/unit/machine-fixture.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/tlb.h"
#include "vmcore/task/sched.h"

#define SKYLAKE "Intel Core i7-6700 (Skylake)"

static void start(struct fixture *x, const char *cpu, bool pcid,
		  enum paging_kind kind)
{
	fixture_config(x, 256u << 20, false);
	snprintf(x->config.cpu_model, sizeof(x->config.cpu_model), "%s", cpu);
	x->config.pcid = pcid;
	if (kind == PAGING_2_LEVEL)
		x->config.phys.i386 = true;
	x->config.phys.nr_cpus = 2;
	x->config.thp = 2;
	fixture_start(x);
}

static void stop(struct fixture *x)
{
	assert_int_equal(fixture_check(&x->m), 0);
	machine_fini(&x->m);
	assert_int_equal(x->m.host.used_bytes, 0);
}

static uint32_t mm_of(const struct fixture *x, const char *name)
{
	return task_at(&x->m.tasks, task_named(&x->m.tasks, name))->mm;
}

/* A process with @bytes at the address returned, all of it used. */
static uint64_t process(struct fixture *x, const char *name, const char *how)
{
	char line[80];
	uint64_t at;

	snprintf(line, sizeof(line), "spawn %s", name);
	assert_int_equal(fixture_run(x, line), 0);
	snprintf(line, sizeof(line), "mmap %s m %s", name, how);
	assert_int_equal(fixture_run(x, line), 0);
	at = x->result.ret[0];
	snprintf(line, sizeof(line), "touch %s m write", name);
	assert_int_equal(fixture_run(x, line), 0);
	return at;
}

/* All counters and entries at nothing. */
static void forget(struct fixture *x)
{
	struct tlb *t = &x->m.space.tlb;

	memset(t->cpu, 0, sizeof(t->cpu));
	for (uint32_t id = 1; id <= t->entries.top; id++)
		memset(pool_at(&t->entries, id), 0, sizeof(struct tlb_entry));
}

/* A machine whose one process has used @how at the address returned, of which
 * no TLB knows. */
static uint64_t forgotten(struct fixture *x, const char *how, uint32_t *ret_mm)
{
	uint64_t at;

	start(x, SKYLAKE, true, PAGING_4_LEVEL);
	at = process(x, "a", how);
	*ret_mm = mm_of(x, "a");
	forget(x);
	return at;
}

static void use_on(struct fixture *x, uint32_t cpu, uint32_t mm, uint64_t addr)
{
	struct ctx ctx = sched_ctx(&x->m.tasks, 0, cpu);

	tlb_use(&x->m.space, &ctx, mm, addr, false);
}

static void use(struct fixture *x, uint32_t mm, uint64_t addr)
{
	use_on(x, 0, mm, addr);
}

static void counts(const struct fixture *x, enum tlb_unit unit, uint64_t hits,
		   uint64_t misses)
{
	const struct tlb_count *c = &x->m.space.tlb.cpu[0].count[unit];

	assert_int_equal(c->hits, hits);
	assert_int_equal(c->misses, misses);
}

static void test_off(void **state)
{
	struct fixture x = { 0 };

	(void)state;
	start(&x, "", true, PAGING_4_LEVEL);
	process(&x, "a", "64K");
	assert_false(x.m.space.tlb.on);
	assert_int_equal(x.m.space.tlb.entries.used, 0);
	assert_int_equal(x.m.space.tlb.cpu[0].clock, 0);
	assert_null(tlb_row_of("Intel Xeon"));
	assert_string_equal(tlb_row_of(SKYLAKE)->name, "Skylake");
	stop(&x);
}

/* A miss costs a walk of four entries, the next of its table one. */
static void test_walk(void **state)
{
	struct fixture x = { 0 };
	const struct tlb_count *l2 = &x.m.space.tlb.cpu[0].count[TLB_L2];
	struct ctx ctx;
	uint64_t m;
	uint32_t mm;

	(void)state;
	m = forgotten(&x, "64K", &mm);
	ctx = sched_ctx(&x.m.tasks, 0, 0);
	tlb_use(&x.m.space, &ctx, mm, m, false);
	counts(&x, TLB_L1_4K, 0, 1);
	counts(&x, TLB_L2, 0, 1);
	counts(&x, TLB_PWC, 0, 1);
	assert_int_equal(l2->walk_cycles, 4 * tlb_row_of(SKYLAKE)->cycles);
	assert_int_equal(ctx.cost_ns, x.m.tasks.prices[COST_TLB_MISS]);
	use(&x, mm, m + PAGE_SIZE);
	counts(&x, TLB_PWC, 1, 1);
	assert_int_equal(l2->walk_cycles, 5 * tlb_row_of(SKYLAKE)->cycles);
	ctx.cost_ns = 0;
	tlb_use(&x.m.space, &ctx, mm, m + 100, false);
	counts(&x, TLB_L1_4K, 1, 2);
	counts(&x, TLB_L2, 0, 2);
	assert_int_equal(ctx.cost_ns, 0);
	/* What is not mapped is no business of its. */
	use(&x, mm, 0x1000);
	counts(&x, TLB_L1_4K, 1, 2);
	assert_true(tlb_knows(&x.m.space, mm, m));
	assert_false(tlb_knows(&x.m.space, mm, m + 2 * PAGE_SIZE));
	stop(&x);
}

/* Instructions have a first level of their own; the second is shared. */
static void test_fetch(void **state)
{
	struct fixture x = { 0 };
	struct ctx ctx;
	uint64_t m;
	uint32_t mm;

	(void)state;
	m = forgotten(&x, "64K prot=rwx", &mm);
	use(&x, mm, m);
	ctx = sched_ctx(&x.m.tasks, 0, 0);
	tlb_use(&x.m.space, &ctx, mm, m, true);
	tlb_use(&x.m.space, &ctx, mm, m, true);
	counts(&x, TLB_L1_4K, 0, 1);
	counts(&x, TLB_L1I_4K, 1, 1);
	counts(&x, TLB_L2, 1, 1);
	/* What a program asks for goes the same way. */
	assert_int_equal(fixture_run(&x, "touch a m exec 0 1"), 0);
	counts(&x, TLB_L1I_4K, 2, 1);
	assert_int_equal(fixture_run(&x, "munmap a m"), 0);
	assert_int_equal(x.m.space.tlb.cpu[0].count[TLB_L1I_4K].flushes, 1);
	stop(&x);
}

/* Sixteen sets of four: the fifth page of a set pushes out who was not used
 * for longest; the second level still has it. */
static void test_sets(void **state)
{
	struct fixture x = { 0 };
	uint64_t m;
	uint32_t mm;

	(void)state;
	m = forgotten(&x, "512K", &mm);
	for (unsigned i = 0; i < 4; i++)
		use(&x, mm, m + i * 16 * PAGE_SIZE);
	use(&x, mm, m);
	counts(&x, TLB_L1_4K, 1, 4);
	use(&x, mm, m + 4 * 16 * PAGE_SIZE);
	assert_int_equal(x.m.space.tlb.cpu[0].count[TLB_L1_4K].evictions, 1);
	use(&x, mm, m);
	counts(&x, TLB_L1_4K, 2, 5);
	use(&x, mm, m + 16 * PAGE_SIZE);
	counts(&x, TLB_L1_4K, 2, 6);
	counts(&x, TLB_L2, 1, 5);
	/* Another set has room of its own. */
	use(&x, mm, m + PAGE_SIZE);
	assert_int_equal(x.m.space.tlb.cpu[0].count[TLB_L1_4K].evictions, 2);
	stop(&x);
}

/* Two address spaces take turns. */
static uint64_t turns(bool pcid, uint64_t *ret_flushes)
{
	struct fixture x = { 0 };
	const struct tlb_count *l1 = &x.m.space.tlb.cpu[0].count[TLB_L1_4K];
	uint64_t a, b, hits;

	start(&x, SKYLAKE, pcid, PAGING_4_LEVEL);
	a = process(&x, "a", "16K");
	b = process(&x, "b", "16K");
	forget(&x);
	for (unsigned turn = 0; turn < 6; turn++)
		for (unsigned i = 0; i < 4; i++)
			use(&x, mm_of(&x, turn & 1 ? "b" : "a"),
			    (turn & 1 ? b : a) + i * PAGE_SIZE);
	hits = l1->hits;
	*ret_flushes = l1->flushes;
	assert_int_equal(l1->hits + l1->misses, 24);
	stop(&x);
	return hits;
}

static void test_switch(void **state)
{
	uint64_t flushes;

	(void)state;
	assert_int_equal(turns(false, &flushes), 0);
	assert_int_equal(flushes, 20);
	assert_int_equal(turns(true, &flushes), 16);
	assert_int_equal(flushes, 0);
}

/* There are six ASIDs: the seventh address space takes the first's. */
static void test_asids(void **state)
{
	struct fixture x = { 0 };
	const char name[][2] = { "a", "b", "c", "d", "e", "f", "g" };
	uint64_t at[7];

	(void)state;
	start(&x, SKYLAKE, true, PAGING_4_LEVEL);
	for (unsigned i = 0; i < 7; i++)
		at[i] = process(&x, name[i], "32K") + i * PAGE_SIZE;
	forget(&x);
	for (unsigned i = 0; i < 7; i++)
		use(&x, mm_of(&x, name[i]), at[i]);
	assert_false(tlb_knows(&x.m.space, mm_of(&x, "a"), at[0]));
	assert_true(tlb_knows(&x.m.space, mm_of(&x, "b"), at[1]));
	use(&x, mm_of(&x, "b"), at[1]);
	counts(&x, TLB_L1_4K, 1, 7);
	use(&x, mm_of(&x, "a"), at[0]);
	counts(&x, TLB_L1_4K, 1, 8);
	assert_false(tlb_knows(&x.m.space, mm_of(&x, "b"), at[1]));
	stop(&x);
}

/* No CPU knows what is unmapped, or may not be written any more. */
static void test_shootdown(void **state)
{
	static const char *const lines[] = {
		"munmap a m 0 4K",
		"mprotect a m r 4K 4K",
		"madvise a m dontneed 8K 4K",
		"fork a b",
	};
	struct fixture x = { 0 };
	uint64_t m;
	uint32_t mm;

	(void)state;
	start(&x, SKYLAKE, true, PAGING_4_LEVEL);
	m = process(&x, "a", "64K");
	mm = mm_of(&x, "a");
	for (unsigned i = 0; i < 4; i++) {
		uint64_t page = m + i * PAGE_SIZE;
		uint64_t before, after = 0;

		use_on(&x, 0, mm, page);
		use_on(&x, 1, mm, page);
		use_on(&x, 1, mm, m + 8 * PAGE_SIZE);
		assert_true(tlb_knows(&x.m.space, mm, page));
		before = x.m.space.tlb.cpu[1].count[TLB_L1_4K].flushes;
		assert_int_equal(fixture_run(&x, lines[i]), 0);
		after = x.m.space.tlb.cpu[1].count[TLB_L1_4K].flushes;
		assert_false(tlb_knows(&x.m.space, mm, page));
		assert_true(after > before);
		/* Others stay, but after a fork, which concerns all. */
		assert_int_equal(tlb_knows(&x.m.space, mm, m + 8 * PAGE_SIZE),
				 i < 3);
	}
	assert_int_equal(fixture_run(&x, "exit a"), 0);
	assert_int_equal(fixture_run(&x, "exit b"), 0);
	stop(&x);
}

/* 16 MiB: 4,096 entries of 4 KiB, or eight of 2 MiB. */
static uint64_t second_round(const char *how, enum tlb_unit unit,
			     uint64_t *ret_cycles)
{
	struct fixture x = { 0 };
	const struct tlb_count *l1 = &x.m.space.tlb.cpu[0].count[unit];
	const struct tlb_count *l2 = &x.m.space.tlb.cpu[0].count[TLB_L2];
	uint64_t m, missed, cycles;

	start(&x, SKYLAKE, true, PAGING_4_LEVEL);
	x.m.cache.huge[huge_default(&x.m.phys)].overcommit = 8;
	m = process(&x, "a", how);
	forget(&x);
	for (uint64_t at = 0; at < 16u << 20; at += PAGE_SIZE)
		use(&x, mm_of(&x, "a"), m + at);
	missed = l1->misses;
	cycles = l2->walk_cycles;
	for (uint64_t at = 0; at < 16u << 20; at += PAGE_SIZE)
		use(&x, mm_of(&x, "a"), m + at);
	*ret_cycles = l2->walk_cycles - cycles;
	missed = l1->misses - missed;
	stop(&x);
	return missed;
}

static void test_reach(void **state)
{
	uint64_t cycles;

	(void)state;
	assert_int_equal(second_round("16M", TLB_L1_4K, &cycles), 4096);
	assert_true(cycles >= 4096 * tlb_row_of(SKYLAKE)->cycles);
	assert_int_equal(second_round("16M hugetlb", TLB_L1_LARGE, &cycles), 0);
	assert_int_equal(cycles, 0);
}

/* Two levels of tables, no second level of the TLB. */
static void test_i386(void **state)
{
	struct fixture x = { 0 };
	const struct tlb_count *l1 = &x.m.space.tlb.cpu[0].count[TLB_L1_4K];
	uint64_t m;
	uint32_t mm;

	(void)state;
	start(&x, "Pentium III (Coppermine)", true, PAGING_2_LEVEL);
	assert_false(x.m.space.tlb.pcid);
	m = process(&x, "a", "64K");
	mm = mm_of(&x, "a");
	forget(&x);
	use(&x, mm, m);
	use(&x, mm, m);
	counts(&x, TLB_L1_4K, 1, 1);
	counts(&x, TLB_L2, 0, 0);
	assert_int_equal(l1->walk_cycles,
			 2 * tlb_row_of("Pentium III")->cycles);
	stop(&x);
}

/* A machine that is saved and loaded knows the same. */
static void test_saved(void **state)
{
	struct fixture x = { 0 };
	uint64_t m;

	(void)state;
	start(&x, SKYLAKE, true, PAGING_4_LEVEL);
	m = process(&x, "a", "64K");
	forget(&x);
	use(&x, mm_of(&x, "a"), m);
	fixture_cut(&x);
	assert_true(tlb_knows(&x.m.space, mm_of(&x, "a"), m));
	use(&x, mm_of(&x, "a"), m);
	counts(&x, TLB_L1_4K, 1, 1);
	stop(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),	  cmocka_unit_test(test_walk),
		cmocka_unit_test(test_fetch),	  cmocka_unit_test(test_sets),
		cmocka_unit_test(test_switch),	  cmocka_unit_test(test_asids),
		cmocka_unit_test(test_shootdown), cmocka_unit_test(test_reach),
		cmocka_unit_test(test_i386),	  cmocka_unit_test(test_saved),
	};

	return cmocka_run_group_tests_name("tlb", tests, NULL, NULL);
}
