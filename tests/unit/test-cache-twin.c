// SPDX-License-Identifier: Apache-2.0
/*
 * Random histories of everything a file can be asked, short of memory and of
 * host memory, against a plain twin: a byte a page that says whether it holds
 * data which is not on the disk yet. And the same history twice, the second
 * time from a machine that was saved with requests under way.
 */
#include "cache-fixture.h"

#include "vmcore/base/rng.h"

#define NR_FILES   6u
#define MOST_PAGES 2048u

struct twin_file {
	char path[32];
	uint32_t inode, file; /* 0: closed, then maybe removed */
	uint64_t size;
	bool shmem;
	uint8_t unsaved[MOST_PAGES];
};

struct twin {
	struct cache_bench *b;
	struct twin_file files[NR_FILES];
	uint64_t rng;
	uint32_t done, refused, group;
};

/* What is not on the disk is in memory; what is clean there is on the disk. */
static void notice_page(struct twin *t, struct twin_file *f, uint64_t index)
{
	pfn_t folio = cache_find(&t->b->cache, f->inode, index);

	assert_int_not_equal(folio, PFN_NONE);
	if (!f->shmem &&
	    !(frame_at(&t->b->phys, folio)->word & (PG_DIRTY | PG_WRITEBACK)))
		f->unsaved[index] = 0;
}

static void notice(struct twin *t)
{
	for (unsigned k = 0; k < NR_FILES; k++) {
		struct twin_file *f = &t->files[k];

		if (!f->inode)
			continue;
		for (uint64_t i = 0; i < MOST_PAGES; i++)
			if (f->unsaved[i])
				notice_page(t, f, i);
	}
}

/* Every clean, unmapped folio at the tail of a file list may go. */
static bool reclaim(struct twin *t)
{
	static const enum lru lists[] = { LRU_INACTIVE_FILE, LRU_ACTIVE_FILE };
	struct cache_bench *b = t->b;
	unsigned freed = 0;

	notice(t);
	for (unsigned l = 0; l < 2 && freed < 32; l++) {
		struct lru_list *list = &group_at(&b->control, GROUP_ROOT)
						 ->lruvec[0]
						 .list[lists[l]];
		pfn_t pfn = list->tail, next;

		for (; pfn != PFN_NONE && freed < 32; pfn = next) {
			const struct frame *f = frame_at(&b->phys, pfn);

			next = f->prev;
			if (f->word & (PG_DIRTY | PG_WRITEBACK | PG_LOCKED))
				continue;
			freed += 1u << frame_order(f);
			b->ctx.alloc = ALLOC_MEMALLOC;
			cache_evict(&b->cache, &b->ctx, pfn, GROUP_ROOT);
			b->ctx.alloc = 0;
		}
	}
	return freed;
}

static bool write_all_back(struct cache_bench *b)
{
	struct sync_at at = { 0 };
	int r, waits = 0;

	do {
		r = cache_sync_step(&b->cache, &b->ctx, &at, NULL, NULL);
		waits += r == WAIT_IO;
	} while (bench_again(b, r));
	return waits;
}

/* Repeat the step? @*tries counts how often memory was made for it. */
static bool again(struct twin *t, int r, unsigned *tries)
{
	struct cache_bench *b = t->b;

	if (bench_again(b, r))
		return true;
	if (r != NEED_MEMORY || ++*tries > 200)
		return false;
	return reclaim(t) || write_all_back(b) || *tries < 3;
}

static void count(struct twin *t, int r)
{
	t->done += !r;
	t->refused += r != 0;
	/* Out of memory for good, out of host memory, or no space. */
	if (r && r != NEED_MEMORY && r != -ENOBUFS)
		assert_int_equal(r, ENOSPC);
}

static struct twin_file *some_file(struct twin *t)
{
	return &t->files[rng_below(&t->rng, NR_FILES)];
}

static void do_make(struct twin *t, struct twin_file *f)
{
	struct cache_bench *b = t->b;
	uint64_t size = rng_below(&t->rng, MOST_PAGES / 2 * PAGE_SIZE);
	unsigned tries = 0;
	int r;

	do
		r = inode_make(&b->cache, &b->ctx, f->path, size, &f->inode);
	while (again(t, r, &tries));
	count(t, r);
	if (r)
		return;
	f->size = size;
	memset(f->unsaved, 0, sizeof(f->unsaved));
}

static void do_open(struct twin *t, struct twin_file *f)
{
	struct cache_bench *b = t->b;
	unsigned tries = 0;
	int r;

	do
		r = file_open(&b->cache, &b->ctx, f->inode, &f->file);
	while (again(t, r, &tries));
	count(t, r);
}

static void do_close(struct twin *t, struct twin_file *f)
{
	struct cache_bench *b = t->b;

	file_put(&b->cache, &b->ctx, f->file);
	f->file = 0;
	if (rng_below(&t->rng, 2))
		return;
	assert_int_equal(inode_unlink(&b->cache, &b->ctx, f->inode), 0);
	f->inode = 0;
	memset(f->unsaved, 0, sizeof(f->unsaved));
}

static void do_read(struct twin *t, struct twin_file *f, uint64_t pos)
{
	struct cache_bench *b = t->b;
	uint32_t len = 1 + (uint32_t)rng_below(&t->rng, 65536), n = 0;
	uint64_t left = pos < f->size ? f->size - pos : 0;
	unsigned tries = 0;
	int r;

	do
		r = file_read(&b->cache, &b->ctx, f->file, pos, len, &n);
	while (again(t, r, &tries));
	count(t, r);
	if (!r)
		assert_int_equal(n, len < left ? len : left);
	if (r || !n || f->shmem)
		return;
	for (uint64_t i = pos >> PAGE_SHIFT; i << PAGE_SHIFT < pos + n; i++) {
		pfn_t folio = cache_find(&b->cache, f->inode, i);

		assert_int_not_equal(folio, PFN_NONE);
		assert_true(frame_at(&b->phys, folio)->word & PG_UPTODATE);
	}
}

static void do_write(struct twin *t, struct twin_file *f, uint64_t pos)
{
	struct cache_bench *b = t->b;
	uint32_t len = 1 + (uint32_t)rng_below(&t->rng, 65536), n = 0;
	unsigned tries = 0;
	int r;

	do
		r = file_write(&b->cache, &b->ctx, f->file, pos, len, &n);
	while (again(t, r, &tries));
	count(t, r);
	if (r) {
		/* Some of it may have been written. */
		f->size = inode_at(&b->cache, f->inode)->size;
		return;
	}
	assert_in_range(n, 1, len);
	if (pos + n > f->size)
		f->size = pos + n;
	for (uint64_t i = pos >> PAGE_SHIFT; i << PAGE_SHIFT < pos + n; i++)
		f->unsaved[i] = 1;
}

static void do_fault(struct twin *t, struct twin_file *f, uint64_t pos)
{
	static const uint32_t hows[] = { 0, FAULT_RAND, FAULT_SEQ, FAULT_EXEC,
					 FAULT_HUGE };
	struct cache_bench *b = t->b;
	uint32_t how = hows[rng_below(&t->rng, 5)];
	uint64_t index = pos >> PAGE_SHIFT;
	unsigned tries = 0;
	pfn_t folio = 0;
	bool major = false;
	int r;

	do
		r = file_fault(&b->cache, &b->ctx, f->file, index, how, 0,
			       MOST_PAGES, &folio, &major);
	while (again(t, r, &tries));
	if (index >= (f->size + PAGE_SIZE - 1) >> PAGE_SHIFT) {
		assert_int_equal(r, FAULT_SIGBUS);
		return;
	}
	count(t, r == FAULT_SIGBUS ? ENOSPC : r);
	if (r)
		return;
	assert_int_equal(folio, cache_find(&b->cache, f->inode, index));
	assert_true(frame_at(&b->phys, folio)->word & PG_UPTODATE);
	if (rng_below(&t->rng, 3) == 0) {
		folio_mark_dirty(&b->cache, &b->ctx, folio);
		f->unsaved[index] = 1;
	}
}

static void do_sync(struct twin *t, struct twin_file *f)
{
	struct cache_bench *b = t->b;
	const struct inode *inode = inode_at(&b->cache, f->inode);
	struct sync_at at = { 0 };
	uint64_t nr = 0;
	int r;

	if (rng_below(&t->rng, 2)) {
		r = cache_writeback(&b->cache, &b->ctx, f->inode,
				    1 + rng_below(&t->rng, 64), NULL, NULL,
				    &nr);
		bench_schedule(b);
		count(t, r);
		return;
	}
	do
		r = file_sync(&b->cache, &b->ctx, f->inode, 0, UINT64_MAX, &at,
			      NULL, NULL);
	while (bench_again(b, r));
	count(t, r);
	if (r)
		return;
	assert_int_equal(inode->nr_dirty, 0);
	assert_int_equal(inode->nr_writeback, 0);
	if (!f->shmem)
		memset(f->unsaved, 0, sizeof(f->unsaved));
}

static void do_drop(struct twin *t, struct twin_file *f, uint64_t pos)
{
	struct cache_bench *b = t->b;
	unsigned advice = (unsigned)rng_below(&t->rng, 6);
	uint64_t len = rng_below(&t->rng, 1 << 20);
	int r;

	switch (rng_below(&t->rng, 4)) {
	case 0:
		cache_drop(&b->cache, &b->ctx,
			   1 + (unsigned)rng_below(&t->rng, 3));
		break;
	case 1:
		cache_invalidate(&b->cache, &b->ctx, f->inode,
				 pos >> PAGE_SHIFT, (pos >> PAGE_SHIFT) + 100);
		break;
	default:
		r = file_advise(&b->cache, &b->ctx, f->file, advice, pos, len);
		bench_schedule(b);
		count(t, r);
	}
}

static void step(struct twin *t)
{
	struct cache_bench *b = t->b;
	struct twin_file *f = some_file(t);
	uint64_t pos = rng_below(&t->rng, (MOST_PAGES - 32) * PAGE_SIZE);
	uint64_t what = rng_below(&t->rng, 100);

	b->ctx.group = rng_below(&t->rng, 3) ? t->group : 0;
	if (f->size && rng_below(&t->rng, 8))
		pos %= f->size;
	if (f->file && rng_below(&t->rng, 2))
		pos = (uint64_t)file_at(&b->cache, f->file)->prev_pos + 1
			      ? (uint64_t)file_at(&b->cache, f->file)
						->prev_pos %
					((MOST_PAGES - 32) * PAGE_SIZE)
			      : 0;
	if (!f->inode)
		do_make(t, f);
	else if (!f->file)
		do_open(t, f);
	else if (what < 45)
		do_read(t, f, pos);
	else if (what < 65)
		do_write(t, f, pos);
	else if (what < 80)
		do_fault(t, f, pos);
	else if (what < 88)
		do_sync(t, f);
	else if (what < 95)
		do_drop(t, f, pos);
	else if (what < 97)
		do_make(t, f);
	else
		do_close(t, f);
	if (b->nr_due && rng_below(&t->rng, 2))
		bench_tick(b);
	notice(t);
	if (f->inode)
		assert_int_equal(inode_at(&b->cache, f->inode)->size, f->size);
}

static void twin_start(struct twin *t, struct cache_bench *b, uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	t->b = b;
	t->rng = seed;
	t->group = group_find(&b->control, "a");
	for (unsigned i = 0; i < NR_FILES; i++) {
		t->files[i].shmem = i == 0;
		snprintf(t->files[i].path, sizeof(t->files[i].path), "%s/f%u",
			 i ? "/data" : "/dev/shm", i);
	}
}

static void twin_end(struct twin *t)
{
	struct cache_bench *b = t->b;

	for (unsigned i = 0; i < NR_FILES; i++) {
		if (t->files[i].file)
			file_put(&b->cache, &b->ctx, t->files[i].file);
		if (t->files[i].inode)
			inode_unlink(&b->cache, &b->ctx, t->files[i].inode);
	}
	bench_settle(b);
	bench_check(b);
	/* Names of removed files stay until somebody wants the memory. */
	assert_int_equal(b->cache.dentries.used, b->cache.nr_negative);
	cache_drop(&b->cache, &b->ctx, 2);
	assert_int_equal(b->cache.dentries.used, 0);
	assert_int_equal(bench_node(b, NR_FILE_PAGES), 0);
	assert_int_equal(b->cache.inodes.used, 1);
	assert_int_equal(b->cache.nodes.used, 0);
	assert_int_equal(b->control.committed, 0);
	assert_int_equal(group_at(&b->control, t->group)->usage, 0);
	bench_free(b);
}

static struct cache_bench *small_machine(uint64_t latency)
{
	struct cache_bench *b = bench_boot(12 * MIB);
	struct disk like = { .name = "vda",
			     .mount = "/",
			     .size_bytes = 1024 * MIB,
			     .latency_ns = latency,
			     .bandwidth = latency ? 100 * MIB : 0,
			     .readahead_pages = 32 };
	uint32_t group;

	assert_int_equal(disk_new(&b->cache, &like, &b->disk), 0);
	b->control.overcommit_memory = 1;
	assert_int_equal(group_new(&b->control, 0, "a", &group), 0);
	return b;
}

/* Take every record that needs no host memory; @held: their ids. */
static uint32_t fill_pool(struct pool *p, uint32_t *held)
{
	uint32_t nr = 0;

	p->host->limit_bytes = p->host->used_bytes;
	while (!pool_new(p, &held[nr]))
		nr++;
	return nr;
}

/* One step without host memory: none for @p's records. */
static void starved_step(struct twin *t, struct pool *p)
{
	static const uint32_t most = 1u << 16;
	uint32_t *held = calloc(most, sizeof(*held)), nr;

	assert_non_null(held);
	nr = fill_pool(p, held);
	assert_in_range(nr, 0, most);
	step(t);
	while (nr)
		pool_free(p, held[--nr]);
	t->b->host.limit_bytes = 0;
	free(held);
}

static void run(uint64_t seed, uint64_t latency, bool starve)
{
	struct twin *t = calloc(1, sizeof(*t));
	struct cache *c;

	assert_non_null(t);
	twin_start(t, small_machine(latency), seed);
	c = &t->b->cache;
	for (unsigned i = 0; i < 3000; i++) {
		struct pool *const pools[] = { &c->inodes, &c->files, &c->ios,
					       &c->nodes };

		if (starve && i % 3 == 0)
			starved_step(t, pools[rng_below(&t->rng, 4)]);
		else
			step(t);
		if (i % 50 == 0)
			bench_check(t->b);
	}
	assert_true(t->done > 2000);
	assert_true(t->refused < (starve ? 800 : 300));
	assert_true(bench_node(t->b, WORKINGSET_REFAULT_FILE) > 100);
	twin_end(t);
	free(t);
}

static void test_histories(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		run(seed, 0, false);
		run(seed, 200000, false);
		run(seed, 200000, true);
	}
}

/* Saved with requests under way, some without an event yet; then both go on
 * alike. */
static void test_save(void **state)
{
	struct twin *t = calloc(1, sizeof(*t)), *u = calloc(1, sizeof(*u));
	unsigned i;

	(void)state;
	assert_true(t && u);
	twin_start(t, small_machine(5000000), 42);
	for (i = 0; i < 400 || t->b->nr_due < 3; i++)
		step(t);
	*u = *t;
	u->b = small_machine(5000000);
	bench_copy(u->b, t->b);
	bench_check(u->b);
	assert_int_equal(bench_digest(u->b), bench_digest(t->b));
	assert_true(u->b->cache.ios.used >= 3);
	for (i = 0; i < 800; i++) {
		step(t);
		step(u);
	}
	assert_int_equal(t->done, u->done);
	assert_int_equal(t->b->ctx.now, u->b->ctx.now);
	assert_int_equal(bench_digest(u->b), bench_digest(t->b));
	twin_end(t);
	twin_end(u);
	free(t);
	free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
		cmocka_unit_test(test_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
