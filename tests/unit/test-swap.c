// SPDX-License-Identifier: Apache-2.0
/* Swap from slots to faults. Pages go out through the interface that reclaim
 * uses, chosen by the test; they come back by faults and by swapoff. */
#include "tests/unit/machine-fixture.h"

#include "vmcore/space/pgtable.h"

static struct ctx context(struct fixture *x)
{
	return (struct ctx){ .now = x->m.tasks.now,
			     .prices = x->m.tasks.prices,
			     .alloc = ALLOC_MEMALLOC,
			     .group = GROUP_ROOT };
}

/* The requests under way end, and whatever else is due. */
static void settle(struct fixture *x)
{
	struct cache *c = &x->m.cache;
	struct ctx ctx = context(x);
	uint32_t io;

	while ((io = io_take_submitted(c)) != 0)
		io_complete(c, &ctx, io);
	assert_int_equal(
		machine_run(&x->m, x->m.tasks.now + 1000000000, 0, UINT64_MAX),
		0);
}

struct unmapping {
	struct space *s;
	swp_t swp;
	pfn_t page;
	unsigned entries;
};

/* One entry becomes the slot. */
static bool unmap_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		      uint32_t table, unsigned slot)
{
	struct unmapping *u = arg;
	struct frame *f = frame_at(u->s->phys, u->page);
	uint64_t entry = 0;

	if (table_at(u->s, table)->entry[slot] & PTE_DIRTY)
		f->word |= PG_DIRTY;
	(void)mm;
	(void)vma;
	(void)addr;
	if (u->swp) {
		swap_dup(u->s->cache, u->swp);
		entry = pte_of_swap(u->swp);
		if (f->word & PG_EXCLUSIVE)
			entry |= PTE_SWP_EXCLUSIVE;
	}
	pte_set(u->s, table, slot, entry);
	frame_map_add(f, -1);
	u->entries++;
	return true;
}

static void unmap_page(struct fixture *x, pfn_t page, swp_t swp)
{
	struct unmapping u = { .s = &x->m.space, .swp = swp, .page = page };
	struct frame *f = frame_at(&x->m.phys, page);

	rmap_walk(&x->m.space, page, unmap_one, &u);
	assert_int_equal(frame_mapcount(f), 0);
	if (u.entries)
		group_stat(&x->m.control, frame_group(f),
			   pfn_node(&x->m.phys, page),
			   frame_type(f) == FRAME_ANON ? NR_ANON_MAPPED
						       : NR_FILE_MAPPED,
			   -1);
}

/* Reclaim of one page, as far as swap sees it. Return: swap_add_folio()'s. */
static int page_out(struct fixture *x, pfn_t page)
{
	struct cache *c = &x->m.cache;
	struct frame *f = frame_at(&x->m.phys, page);
	struct ctx ctx = context(x);
	int r = 0;

	if (!(f->word & PG_LRU))
		return 0; /* it has gone meanwhile */
	if (frame_type(f) == FRAME_FILE)
		unmap_page(x, page, 0);
	if (!(f->word & PG_SWAPCACHE))
		r = swap_add_folio(c, &ctx, page);
	if (r)
		return r;
	if (frame_type(f) == FRAME_ANON)
		unmap_page(x, page, f->private);
	if (f->word & PG_DIRTY)
		assert_int_equal(swap_write_folio(c, &ctx, page), 0);
	if (!(f->word & (PG_WRITEBACK | PG_DIRTY)))
		swap_evict_folio(c, &ctx, page, GROUP_ROOT);
	return 0;
}

static uint64_t region_start(struct fixture *x, const char *who,
			     const char *region)
{
	uint32_t id = task_named(&x->m.tasks, who);
	uint32_t mm = task_at(&x->m.tasks, id)->mm;
	uint32_t r = region_find(&x->m.tasks, mm, region);
	const struct region *at = pool_at(&x->m.tasks.regions, r);

	return at->base;
}

static uint64_t entry_at(struct fixture *x, const char *who, uint64_t addr)
{
	return pte_get(&x->m.space, fixture_mm(x, who), addr);
}

/* All that is present of @pages pages goes out; twice: out of the cache too.
 * Return: pages that found no slot. */
static unsigned out(struct fixture *x, const char *who, const char *region,
		    unsigned pages, unsigned times)
{
	uint64_t at = region_start(x, who, region);
	unsigned refused = 0;
	pfn_t page[1024];

	for (unsigned i = 0; i < pages; i++) {
		uint64_t pte = entry_at(x, who, at + i * (uint64_t)PAGE_SIZE);

		page[i] = pte & PTE_PRESENT ? PTE_PFN(pte) : PFN_NONE;
	}
	while (times--) {
		for (unsigned i = 0; i < pages; i++)
			if (page[i] != PFN_NONE && page_out(x, page[i])) {
				page[i] = PFN_NONE;
				refused++;
			}
		settle(x);
		/* What is left has been written: now it goes. */
		assert_int_equal(fixture_check(&x->m), 0);
	}
	return refused;
}

static void prepare(struct fixture *x, const char *swapon, const char *mmap)
{
	assert_int_equal(fixture_run(x, swapon), 0);
	assert_int_equal(fixture_run(x, "spawn a"), 0);
	assert_int_equal(fixture_run(x, mmap), 0);
	assert_int_equal(fixture_run(x, "touch a r write"), 0);
}

static void test_areas(void **state)
{
	struct fixture *x = *state;
	const struct swap *s = &x->m.cache.swap;

	assert_int_equal(fixture_run(x, "swapon /s1 1M"), 0);
	assert_int_equal(fixture_run(x, "swapon /s2 1M"), 0);
	assert_int_equal(fixture_run(x, "swapon /s3 1M prio=7"), 0);
	assert_int_equal(fixture_run(x, "swapon /s3 1M"), EBUSY);
	assert_int_equal(fixture_run(x, "swapon /dev/none 1M"), ENOENT);
	assert_int_equal(fixture_run(x, "swapon /dev/vda 2G"), EINVAL);
	assert_int_equal(s->area[1].prio, -2);
	assert_int_equal(s->area[2].prio, -3);
	assert_int_equal(s->area[3].prio, 7);
	assert_int_equal(swap_total_pages(&x->m.cache), 3 * 255);
	assert_int_equal(fixture_run(x, "rm /s2"), EPERM);
	assert_int_equal(fixture_run(x, "mkfile /s2 1M"), ETXTBSY);
	/* the later one moves up, its number is the next one's */
	assert_int_equal(fixture_run(x, "swapoff /s1"), 0);
	assert_int_equal(s->area[2].prio, -2);
	assert_int_equal(fixture_run(x, "swapoff /s1"), ENOENT);
	assert_int_equal(fixture_run(x, "swapon /s5 1M"), 0);
	assert_int_equal(s->area[1].prio, -3);
	assert_int_equal(swap_free_pages(&x->m.cache), 3 * 255);
}

static void test_out_and_in(void **state)
{
	struct fixture *x = *state;

	prepare(x, "swapon /s 8M", "mmap a r 1000K");
	assert_int_equal(out(x, "a", "r", 250, 1), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 250);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 250);
	assert_int_equal(fixture_event(x, PSWPOUT), 250);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047 - 250);
	/* in the cache: minor, and the slot is kept */
	assert_int_equal(fixture_run(x, "touch a r read 0 400K"), 0);
	assert_int_equal(x->result.minflt, 100);
	assert_int_equal(x->result.majflt, 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 150);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047 - 250);
	assert_int_equal(fixture_run(x, "munmap a r"), 0);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 0);
}

/* Out of memory altogether, back by reading; a disk with a head reads slots
 * around, one without by address. */
static void read_back(struct fixture *x, bool rotational)
{
	disk_at(&x->m.cache, 1)->rotational = rotational;
	prepare(x, "swapon /s 8M", "mmap a r 1000K");
	out(x, "a", "r", 250, 2);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 0);
	assert_int_equal(fixture_run(x, "touch a r read"), 0);
	assert_int_equal(x->result.minflt + x->result.majflt, 250);
	assert_in_range(x->result.majflt, 31, 35);
	assert_int_equal(fixture_event(x, PSWPIN), 250);
	assert_int_equal(fixture_event(x, SWAP_RA), 250 - x->result.majflt);
	assert_int_equal(fixture_event(x, SWAP_RA_HIT), 250 - x->result.majflt);
	assert_int_equal(fixture_stat(x, WORKINGSET_REFAULT_ANON), 250);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 250);
	/* alone and writable at once: no fault, the slot stays */
	assert_int_equal(fixture_run(x, "touch a r write"), 0);
	assert_int_equal(x->result.minflt, 0);
	out(x, "a", "r", 250, 2);
	assert_int_equal(fixture_event(x, PSWPOUT), 500);
	/* a write fault frees it */
	assert_int_equal(fixture_run(x, "touch a r write"), 0);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047);
}

static void test_read_slots(void **state)
{
	read_back(*state, true);
}

static void test_read_addresses(void **state)
{
	read_back(*state, false);
}

static void test_fork(void **state)
{
	struct fixture *x = *state;
	struct smaps sum = { 0 };

	prepare(x, "swapon /s 8M", "mmap a r 400K");
	out(x, "a", "r", 100, 2);
	assert_int_equal(fixture_run(x, "fork a b"), 0);
	assert_int_equal(fixture_mm(x, "b")->rss[RSS_SWAP], 100);
	assert_int_equal(fixture_run(x, "touch b r read 0 200K"), 0);
	/* the other finds them cached, and shares them */
	assert_int_equal(fixture_run(x, "touch a r read 0 200K"), 0);
	assert_int_equal(x->result.majflt, 0);
	smaps_add(
		&x->m.space,
		vma_find(&x->m.space,
			 task_at(&x->m.tasks, task_named(&x->m.tasks, "a"))->mm,
			 region_start(x, "a", "r")),
		&sum);
	assert_int_equal(sum.shared_clean, 50);
	assert_int_equal(sum.swap, 50);
	assert_int_equal(sum.swap_pss, 25 << 12);
	assert_int_equal(fixture_check(&x->m), 0);
	/* written: a copy; then alone: the page itself */
	assert_int_equal(fixture_run(x, "touch b r write"), 0);
	assert_int_equal(fixture_run(x, "exit a"), 0);
	assert_int_equal(fixture_run(x, "touch b r write"), 0);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047);
}

static void test_zero(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "swapon /s 8M"), 0);
	assert_int_equal(fixture_run(x, "spawn a"), 0);
	assert_int_equal(fixture_run(x, "mmap a r 400K"), 0);
	assert_int_equal(fixture_run(x, "touch a r write value=0"), 0);
	out(x, "a", "r", 100, 1);
	assert_int_equal(fixture_event(x, SWPOUT_ZERO), 100);
	assert_int_equal(fixture_event(x, PSWPOUT), 0);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 0);
	assert_int_equal(fixture_run(x, "touch a r read"), 0);
	assert_int_equal(fixture_event(x, SWPIN_ZERO), 100);
	assert_in_range(x->result.majflt, 12, 16);
}

static void test_full(void **state)
{
	struct fixture *x = *state;

	prepare(x, "swapon /s 2M", "mmap a r 4000K");
	assert_int_equal(out(x, "a", "r", 1000, 1), 1000 - 511);
	assert_int_equal(swap_free_pages(&x->m.cache), 0);
	/* as long as more than half is used, who comes back gives it up */
	assert_int_equal(fixture_run(x, "touch a r read"), 0);
	assert_int_equal(swap_free_pages(&x->m.cache), 256);
	/* slots of pages in memory are no obstacle */
	assert_int_equal(out(x, "a", "r", 1000, 1), 1000 - 511);
}

static void test_priorities(void **state)
{
	struct fixture *x = *state;
	const struct swap *s = &x->m.cache.swap;

	assert_int_equal(fixture_run(x, "swapon /lo 4M prio=1"), 0);
	assert_int_equal(fixture_run(x, "swapon /h1 1M prio=5"), 0);
	prepare(x, "swapon /h2 1M prio=5", "mmap a r 4000K");
	out(x, "a", "r", 100, 1);
	assert_int_equal(s->area[2].inuse + s->area[3].inuse, 100);
	assert_int_equal(s->area[1].inuse, 0);
	out(x, "a", "r", 1000, 1);
	assert_int_equal(s->area[2].inuse, 255);
	assert_int_equal(s->area[3].inuse, 255);
	assert_int_equal(s->area[1].inuse, 490);
	assert_int_equal(fixture_run(x, "swapoff /h1"), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 1000 - 255);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_ANON], 255);
	assert_int_equal(x->result.minflt, 0);
	assert_int_equal(fixture_run(x, "swapoff /h2"), 0);
	assert_int_equal(fixture_run(x, "swapoff /lo"), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_ANON], 1000);
	assert_int_equal(swap_total_pages(&x->m.cache), 0);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 0);
}

static void test_shmem(void **state)
{
	struct fixture *x = *state;

	prepare(x, "swapon /s 8M", "mmap a r 400K shared");
	assert_int_equal(fixture_stat(x, NR_SHMEM), 100);
	out(x, "a", "r", 100, 1);
	assert_int_equal(fixture_stat(x, NR_SHMEM), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 0);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 100);
	assert_int_equal(fixture_run(x, "touch a r read 0 200K"), 0);
	assert_int_equal(x->result.minflt, 50);
	assert_int_equal(fixture_stat(x, NR_SHMEM), 50);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047 - 50);
	assert_int_equal(fixture_check(&x->m), 0);
	assert_int_equal(fixture_run(x, "swapoff /s"), 0);
	assert_int_equal(fixture_stat(x, NR_SHMEM), 100);
	assert_int_equal(fixture_run(x, "swapon /s 8M"), 0);
	out(x, "a", "r", 100, 1);
	assert_int_equal(fixture_run(x, "exit a"), 0);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047);
}

static void test_advice(void **state)
{
	struct fixture *x = *state;

	prepare(x, "swapon /s 8M", "mmap a r 400K");
	out(x, "a", "r", 100, 2);
	assert_int_equal(fixture_run(x, "madvise a r willneed 0 100K"), 0);
	settle(x);
	assert_int_equal(fixture_stat(x, NR_SWAPCACHE), 25);
	assert_int_equal(fixture_event(x, SWAP_RA), 0);
	assert_int_equal(fixture_run(x, "touch a r read 0 100K"), 0);
	assert_int_equal(x->result.majflt, 0);
	assert_int_equal(fixture_run(x, "madvise a r free 100K 100K"), 0);
	assert_int_equal(fixture_run(x, "madvise a r dontneed 200K 100K"), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 25);
	assert_int_equal(fixture_run(x, "mremap a r 8M"), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 25);
	assert_int_equal(fixture_run(x, "mlock a r"), 0);
	assert_int_equal(fixture_mm(x, "a")->rss[RSS_SWAP], 0);
	assert_int_equal(swap_free_pages(&x->m.cache), 2047 - 25);
}

/* A machine cut in the middle goes on as if it had not been. */
static void test_cut(void **state)
{
	struct fixture *x = *state;
	uint64_t digest;

	prepare(x, "swapon /s 8M", "mmap a r 400K");
	out(x, "a", "r", 100, 2);
	assert_int_equal(fixture_run(x, "touch a r read 0 40K"), 0);
	digest = machine_digest(&x->m);
	fixture_cut(x);
	assert_int_equal(machine_digest(&x->m), digest);
	assert_int_equal(fixture_check(&x->m), 0);
	assert_int_equal(fixture_run(x, "touch a r read"), 0);
	assert_int_equal(fixture_run(x, "swapoff /s"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_areas, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_out_and_in, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_read_slots, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_read_addresses,
						fixture_setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_fork, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_zero, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_full, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_priorities, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_shmem, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_advice, fixture_setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_cut, fixture_setup,
						fixture_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
