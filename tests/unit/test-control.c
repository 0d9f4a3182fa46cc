// SPDX-License-Identifier: Apache-2.0
/* Groups, LRU lists, overcommit, on two nodes of 1,024 frames each. */
#include "tests/unit/tape.h"
#include "vmcore/control/control.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct host host;
	struct phys phys;
	struct frame *section;
	struct block blocks[2];
	struct control c;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	x->section = calloc(SECTION_FRAMES, sizeof(*x->section));
	x->phys.sections = &x->section;
	x->phys.nr_sections = 1;
	x->phys.blocks = x->blocks;
	memset(x->blocks[0].zone, ZONE_DMA32, 2);
	memset(x->blocks[1].zone, MAX_ZONES_PER_NODE + ZONE_NORMAL, 2);
	x->phys.zones[0].managed = 2048;
	x->phys.nr_nodes = 2;
	assert_int_equal(control_init(&x->c, &x->host, &x->phys), 0);
	*state = x;
	return 0;
}

static void report(void *arg, const char *what, int64_t recounted, int64_t kept)
{
	unsigned *differences = arg;

	(*differences)++;
	print_message("# %s recounted=%lld kept=%lld\n", what,
		      (long long)recounted, (long long)kept);
}

static unsigned check(struct fixture *x)
{
	unsigned differences = 0;

	control_check(&x->c, report, &differences);
	return differences;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(check(x), 0);
	control_fini(&x->c);
	assert_int_equal(x->host.used_bytes, 0);
	free(x->section);
	free(x);
	return 0;
}

static pfn_t folio(struct fixture *x, pfn_t pfn, unsigned order, uint32_t group,
		   uint32_t flags)
{
	struct ctx ctx = { .group = group };
	struct frame *f = &x->section[pfn];

	assert_int_equal(group_charge(&x->c, &ctx, 1u << order), 0);
	frame_set(f, flags & PG_SWAPBACKED ? FRAME_ANON : FRAME_FILE, order,
		  flags | (order ? PG_HEAD : 0));
	frame_set_group(f, group);
	for (pfn_t i = 1; i < 1u << order; i++) {
		frame_set(f + i, FRAME_TAIL, 0, 0);
		f[i].owner = pfn;
	}
	return pfn;
}

static int64_t node(struct fixture *x, unsigned n, enum node_stat item)
{
	return x->phys.stat.node[n][item];
}

static uint64_t event(struct fixture *x, enum event item)
{
	return x->phys.stat.event[item];
}

static void test_lists(void **state)
{
	struct fixture *x = *state;
	struct lruvec *v;
	pfn_t a = folio(x, 1, 0, 0, 0), b = folio(x, 16, 4, 0, 0);
	pfn_t c = folio(x, 1024, 0, 0, PG_SWAPBACKED | PG_ACTIVE);

	lru_add(&x->c, a);
	lru_add(&x->c, b);
	lru_add(&x->c, c);
	v = folio_lruvec(&x->c, a);
	assert_int_equal(v->list[LRU_INACTIVE_FILE].head, b);
	assert_int_equal(v->list[LRU_INACTIVE_FILE].tail, a);
	assert_int_equal(node(x, 0, NR_INACTIVE_FILE), 17);
	assert_int_equal(node(x, 1, NR_ACTIVE_ANON), 1);
	assert_int_equal(x->phys.stat.zone[MAX_ZONES_PER_NODE + ZONE_NORMAL]
					  [NR_ZONE_ACTIVE_ANON],
			 1);
	assert_int_equal(check(x), 0);
	lru_del(&x->c, b);
	lru_add_tail(&x->c, b);
	assert_int_equal(v->list[LRU_INACTIVE_FILE].tail, b);
	assert_int_equal(v->list[LRU_INACTIVE_FILE].head, a);
}

static void test_accessed(void **state)
{
	struct fixture *x = *state;
	pfn_t a = folio(x, 1, 2, 0, 0);

	lru_add(&x->c, a);
	lru_mark_accessed(&x->c, a);
	assert_int_equal(event(x, PGACTIVATE), 0);
	lru_mark_accessed(&x->c, a);
	assert_int_equal(event(x, PGACTIVATE), 4);
	assert_int_equal(folio_lruvec(&x->c, a)->nonresident_age, 4);
	assert_int_equal(node(x, 0, WORKINGSET_ACTIVATE_FILE), 0);
	assert_int_equal(x->section[a].word & PG_REFERENCED, 0);
	assert_int_equal(folio_lru(&x->section[a]), LRU_ACTIVE_FILE);
	lru_mark_accessed(&x->c, a);
	assert_true(x->section[a].word & PG_REFERENCED);
	lru_mark_accessed(&x->c, a);
	assert_int_equal(event(x, PGACTIVATE), 4);
	lru_deactivate(&x->c, a);
	lru_deactivate(&x->c, a);
	assert_int_equal(event(x, PGDEACTIVATE), 4);
	assert_int_equal(folio_lru(&x->section[a]), LRU_INACTIVE_FILE);
}

static void test_rotation(void **state)
{
	struct fixture *x = *state;
	pfn_t a = folio(x, 1, 0, 0, 0), b = folio(x, 2, 0, 0, PG_DIRTY);
	struct lruvec *v = folio_lruvec(&x->c, a);

	lru_add_tail(&x->c, a);
	lru_add_tail(&x->c, b);
	lru_rotate(&x->c, a);
	lru_rotate(&x->c, b);
	assert_int_equal(v->list[LRU_INACTIVE_FILE].tail, a);
	assert_int_equal(event(x, PGROTATED), 1);
	lru_deactivate_file(&x->c, b);
	assert_int_equal(v->list[LRU_INACTIVE_FILE].head, b);
	assert_true(x->section[b].word & PG_RECLAIM);
	frame_map_add(&x->section[a], 1);
	lru_deactivate_file(&x->c, a);
	assert_int_equal(event(x, PGROTATED), 1);
	frame_map_add(&x->section[a], -1);
	lru_activate(&x->c, a);
	lru_deactivate_file(&x->c, a);
	assert_int_equal(event(x, PGROTATED), 2);
	assert_int_equal(event(x, PGDEACTIVATE), 1);
}

static void test_lazyfree(void **state)
{
	struct fixture *x = *state;
	pfn_t a = folio(x, 1, 0, 0, PG_SWAPBACKED);

	lru_add(&x->c, a);
	lru_lazyfree(&x->c, a);
	lru_lazyfree(&x->c, a);
	assert_int_equal(event(x, PGLAZYFREE), 1);
	assert_int_equal(node(x, 0, NR_INACTIVE_ANON), 0);
	assert_int_equal(node(x, 0, NR_INACTIVE_FILE), 1);
}

static void test_mlock(void **state)
{
	struct fixture *x = *state;
	pfn_t a = folio(x, 1, 0, 0, PG_SWAPBACKED);
	pfn_t b = folio(x, 2, 0, 0, PG_SWAPBACKED);

	lru_mlock(&x->c, a); /* as a fault does in a locked VMA */
	lru_add(&x->c, a);
	lru_add(&x->c, b);
	lru_mlock(&x->c, b);
	lru_mlock(&x->c, b);
	assert_int_equal(x->phys.stat.zone[ZONE_DMA32][NR_MLOCK], 2);
	assert_int_equal(node(x, 0, NR_UNEVICTABLE), 2);
	assert_int_equal(event(x, UNEVICTABLE_PGMLOCKED), 2);
	assert_int_equal(event(x, UNEVICTABLE_PGCULLED), 2);
	assert_int_equal(check(x), 0);
	lru_munlock(&x->c, a);
	lru_munlock(&x->c, b);
	assert_int_equal(node(x, 0, NR_UNEVICTABLE), 1);
	lru_munlock(&x->c, b);
	assert_int_equal(x->phys.stat.zone[ZONE_DMA32][NR_MLOCK], 0);
	assert_int_equal(event(x, UNEVICTABLE_PGMUNLOCKED), 2);
	assert_int_equal(event(x, UNEVICTABLE_PGRESCUED), 2);
	assert_int_equal(node(x, 0, NR_INACTIVE_ANON), 2);
	lru_mlock(&x->c, a);
	lru_release(&x->c, a);
	assert_int_equal(event(x, UNEVICTABLE_PGCLEARED), 1);
	lru_cull(&x->c, b);
	lru_rescue(&x->c, b);
	assert_int_equal(event(x, UNEVICTABLE_PGSCANNED), 1);
}

static void test_groups(void **state)
{
	struct fixture *x = *state;
	uint32_t a, b, d, again;
	struct ctx ctx = { 0 };

	assert_int_equal(group_new(&x->c, 0, "a", &a), 0);
	assert_int_equal(group_new(&x->c, a, "b", &b), 0);
	assert_int_equal(group_new(&x->c, GROUP_ROOT, "d", &d), 0);
	assert_int_equal(group_new(&x->c, a, "b", &again), EEXIST);
	assert_int_equal(group_new(&x->c, a, "", &again), EINVAL);
	assert_int_equal(group_new(&x->c, a, "x/y", &again), EINVAL);
	assert_int_equal(group_find(&x->c, ""), GROUP_ROOT);
	assert_int_equal(group_find(&x->c, "/a/b"), b);
	assert_int_equal(group_find(&x->c, "a/b/c"), ID_NONE);
	assert_int_equal(group_next(&x->c, 0, ID_NONE), GROUP_ROOT);
	assert_int_equal(group_next(&x->c, 0, GROUP_ROOT), a);
	assert_int_equal(group_next(&x->c, 0, a), b);
	assert_int_equal(group_next(&x->c, 0, b), d);
	assert_int_equal(group_next(&x->c, a, b), ID_NONE);
	assert_int_equal(group_next(&x->c, 0, d), ID_NONE);
	assert_true(group_below(&x->c, b, a));
	assert_false(group_below(&x->c, d, a));

	lru_add(&x->c, folio(x, 1, 0, b, 0));
	assert_int_equal(group_at(&x->c, b)->stat[NR_INACTIVE_FILE], 1);
	assert_int_equal(group_at(&x->c, a)->stat[NR_INACTIVE_FILE], 0);
	assert_int_equal(group_at(&x->c, a)->usage, 1);
	group_at(&x->c, a)->max = 4;
	ctx.group = b;
	assert_int_equal(group_charge(&x->c, &ctx, 4), NEED_CHARGE);
	assert_int_equal(ctx.need.group, a);
	assert_int_equal(ctx.need.pages, 4);
	assert_int_equal(group_at(&x->c, a)->failcnt, 1);
	assert_int_equal(group_at(&x->c, b)->usage, 1);
	ctx.alloc = ALLOC_MEMALLOC;
	assert_int_equal(group_charge(&x->c, &ctx, 4), 0);
	group_uncharge(&x->c, b, 4);
	assert_int_equal(group_at(&x->c, GROUP_ROOT)->usage, 1);
	assert_int_equal(group_at(&x->c, a)->peak, 5);
}

static void test_remove(void **state)
{
	struct fixture *x = *state;
	uint32_t a, b, d;

	assert_int_equal(group_new(&x->c, 0, "a", &a), 0);
	assert_int_equal(group_new(&x->c, a, "b", &b), 0);
	lru_add(&x->c, folio(x, 1, 0, b, 0));
	assert_int_equal(group_remove(&x->c, a), EBUSY);
	assert_int_equal(group_remove(&x->c, b), 0);
	assert_int_equal(group_remove(&x->c, a), 0);
	assert_int_equal(group_new(&x->c, 0, "a", &d), 0);
	assert_int_equal(x->c.groups.used, 4);
	assert_int_equal(check(x), 0);
	lru_release(&x->c, 1);
	group_uncharge(&x->c, b, 1);
	x->section[1] = (struct frame){ 0 };
	assert_int_equal(group_new(&x->c, 0, "e", &b), 0);
	assert_int_equal(x->c.groups.used, 3);
}

/* effective_protection(): who claims too much gets a share, what nobody
 * claims is shared out by use. */
static void test_protection(void **state)
{
	struct fixture *x = *state;
	uint32_t top, a, b;
	uint64_t min, low;

	assert_int_equal(group_new(&x->c, 0, "top", &top), 0);
	assert_int_equal(group_new(&x->c, top, "a", &a), 0);
	assert_int_equal(group_new(&x->c, top, "b", &b), 0);
	group_at(&x->c, top)->usage = 400;
	group_at(&x->c, a)->usage = 300;
	group_at(&x->c, b)->usage = 100;
	group_at(&x->c, a)->min = 200;
	group_at(&x->c, b)->min = 200;
	/* 100 for claims of 200 and, as it uses no more, 100 */
	group_at(&x->c, top)->min = 100;
	group_protection(&x->c, GROUP_ROOT, a, &min, &low);
	assert_int_equal(min, 66);
	group_protection(&x->c, GROUP_ROOT, b, &min, &low);
	assert_int_equal(min, 33);
	/* The first below the root, and below who reclaims, as it is set. */
	group_protection(&x->c, GROUP_ROOT, top, &min, &low);
	assert_int_equal(min, 100);
	group_protection(&x->c, top, a, &min, &low);
	assert_int_equal(min, 200);
	group_protection(&x->c, a, a, &min, &low);
	assert_int_equal(min, 0);
	/* 160 of which 100 are claimed: the rest by use beyond the claim */
	group_at(&x->c, top)->low = 160;
	group_at(&x->c, a)->low = 100;
	group_protection(&x->c, GROUP_ROOT, a, &min, &low);
	assert_int_equal(low, 100 + 60 * 200 / 300);
	group_protection(&x->c, GROUP_ROOT, b, &min, &low);
	assert_int_equal(low, 60 * 100 / 300);
	for (uint32_t id = top; id <= b; id++)
		group_at(&x->c, id)->usage = 0;
}

static void test_commit(void **state)
{
	struct fixture *x = *state;
	struct control *c = &x->c;

	c->total_swap_pages = 100;
	assert_int_equal(commit_limit(c), 2048 / 2 + 100);
	assert_int_equal(commit_charge(c, 2149, 0, false), ENOMEM);
	assert_int_equal(commit_charge(c, 2148, 0, false), 0);
	assert_int_equal(commit_charge(c, 2148, 0, false), 0);
	assert_int_equal(c->committed, 4296);
	commit_uncharge(c, 4296);
	c->overcommit_memory = 1;
	assert_int_equal(commit_charge(c, 1u << 20, 0, false), 0);
	commit_uncharge(c, 1u << 20);
	c->overcommit_memory = 2;
	c->admin_reserve_kbytes = 400;
	c->user_reserve_kbytes = 40;
	assert_int_equal(commit_charge(c, 1124, 0, true), ENOMEM);
	assert_int_equal(commit_charge(c, 1123, 0, true), 0);
	commit_uncharge(c, 1123);
	assert_int_equal(commit_charge(c, 1024, 0, false), ENOMEM);
	assert_int_equal(commit_charge(c, 1023, 0, false), 0);
	commit_uncharge(c, 1023);
	/* total_vm / 32, at most 10 pages */
	assert_int_equal(commit_charge(c, 1014, 320, false), ENOMEM);
	assert_int_equal(commit_charge(c, 1013, 3200, false), 0);
	commit_uncharge(c, 1013);
	c->overcommit_kbytes = 4000;
	assert_int_equal(commit_limit(c), 1100);
}

static void test_knobs(void **state)
{
	struct fixture *x = *state;
	struct control *c = &x->c;

	assert_int_equal(c->overcommit_ratio, 50);
	assert_int_equal(c->swappiness, 60);
	c->overcommit_kbytes = 7;
	control_changed(c, CONTROL_HOOK_OVERCOMMIT_KBYTES);
	assert_int_equal(c->overcommit_ratio, 0);
	control_changed(c, CONTROL_HOOK_OVERCOMMIT_RATIO);
	assert_int_equal(c->overcommit_kbytes, 0);
	for (unsigned i = 0; i < nr_control_knobs; i++) {
		assert_non_null(control_knobs[i].doc);
		assert_non_null(control_knobs[i].source);
		if (i)
			assert_true(strcmp(control_knobs[i - 1].name,
					   control_knobs[i].name) < 0);
	}
	/* The 256 MiB guest: 206,848 kB free; the 8 GiB one: capped. */
	control_boot_reserves(c, 206848 / 4);
	assert_int_equal(c->user_reserve_kbytes, 6464);
	assert_int_equal(c->admin_reserve_kbytes, 6464);
	control_boot_reserves(c, 8143868 / 4);
	assert_int_equal(c->user_reserve_kbytes, 131072);
	assert_int_equal(c->admin_reserve_kbytes, 8192);
}

/* A check that never complains proves nothing: damage, and be told. */
static void test_check(void **state)
{
	struct fixture *x = *state;
	pfn_t a = folio(x, 1, 0, 0, 0);

	lru_add(&x->c, a);
	x->section[a].word |= PG_ACTIVE;
	assert_true(check(x) >= 2);
	x->section[a].word &= ~PG_ACTIVE;
	group_at(&x->c, 0)->usage++;
	assert_int_equal(check(x), 1);
	group_at(&x->c, 0)->usage--;
	x->phys.stat.node[0][NR_UNEVICTABLE]++;
	assert_int_equal(check(x), 1);
	x->phys.stat.node[0][NR_UNEVICTABLE]--;
}

static void test_archive(void **state)
{
	struct fixture *x = *state;
	struct tape tape = { 0 };
	struct archive save = tape_save(&tape), load = tape_load(&tape);
	struct control other;
	uint32_t id;

	assert_int_equal(group_new(&x->c, 0, "a", &id), 0);
	lru_add(&x->c, folio(x, 1, 0, id, 0));
	x->c.swappiness = 7;
	assert_int_equal(commit_charge(&x->c, 5, 0, false), 0);
	assert_int_equal(control_archive(&x->c, &save), 0);
	assert_int_equal(control_init(&other, &x->host, &x->phys), 0);
	assert_int_equal(control_archive(&other, &load), 0);
	tape_end(&tape);
	assert_int_equal(group_find(&other, "a"), id);
	assert_int_equal(other.swappiness, 7);
	assert_int_equal(other.committed, 5);
	assert_int_equal(folio_lruvec(&other, 1)->list[LRU_INACTIVE_FILE].head,
			 1);
	control_fini(&other);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_lists),	  T(test_accessed),   T(test_rotation),
		T(test_lazyfree), T(test_mlock),      T(test_groups),
		T(test_remove),	  T(test_protection), T(test_commit),
		T(test_knobs),	  T(test_check),      T(test_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
