// SPDX-License-Identifier: Apache-2.0
/*
 * Reading and writing files. Counts of cached pages are those that a 6.18
 * kernel gave for the same calls (tests/oracle: cache_*, file_*).
 */
#include "cache-fixture.h"

static uint64_t cached(const struct cache_bench *b, uint32_t inode)
{
	struct cachestat stat;

	cache_stat(&b->cache, inode, 0, UINT64_MAX, &stat);
	assert_int_equal(stat.nr_cache, inode_at(&b->cache, inode)->nr_cached);
	return stat.nr_cache;
}

static uint64_t dirty(const struct cache_bench *b, uint32_t inode)
{
	struct cachestat stat;

	cache_stat(&b->cache, inode, 0, UINT64_MAX, &stat);
	assert_int_equal(stat.nr_dirty, inode_at(&b->cache, inode)->nr_dirty);
	return stat.nr_dirty;
}

/* The marked page of a file, UINT64_MAX none. */
static uint64_t marker(const struct cache_bench *b, uint32_t inode)
{
	uint64_t i = 0;
	pfn_t folio;

	while ((i = cache_next(&b->cache, inode, i, UINT64_MAX, &folio)) !=
	       UINT64_MAX) {
		const struct frame *f = frame_at(&b->phys, folio);

		if (f->word & PG_READAHEAD)
			return f->index;
		i += 1ull << frame_order(f);
	}
	return UINT64_MAX;
}

/* --- read(2) -------------------------------------------------------------- */
static void growing_reads(struct cache_bench *b)
{
	static const struct {
		uint64_t pos, len, cached;
	} row[] = {
		{ 0, 4 * KIB, 4 },
		{ 4 * KIB, 4 * KIB, 12 },
		{ 8 * KIB, 8 * KIB, 12 },
		{ 16 * KIB, 16 * KIB, 16 },
		{ 32 * KIB, 32 * KIB, 24 },
		{ 64 * KIB, 64 * KIB, 48 },
		{ 128 * KIB, 128 * KIB, 96 },
		{ 256 * KIB, 256 * KIB, 160 },
	};
	uint32_t inode, file = bench_file(b, "/data/f", 4 * MIB, &inode);

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bench_read_all(b, file, row[i].pos, row[i].len);
		assert_int_equal(cached(b, inode), row[i].cached);
	}
}

static void test_growing_reads(void **state)
{
	(void)state;
	bench_each_speed(growing_reads);
}

static void small_reads(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", MIB, &inode);

	/* The first window: 4 pages, what is behind the request is async. */
	bench_read_all(b, file, 0, 4 * KIB);
	assert_int_equal(cached(b, inode), 4);
	assert_int_equal(marker(b, inode), 1);
	assert_int_equal(file_at(&b->cache, file)->ra_async, 3);
	bench_read_all(b, file, 4 * KIB, 4 * KIB);
	assert_int_equal(cached(b, inode), 12);
	assert_int_equal(marker(b, inode), 4);
	/* On to the end: never more than the window ahead, each page once. */
	for (uint64_t i = 2; i < 256; i++) {
		bench_read_all(b, file, i * PAGE_SIZE, PAGE_SIZE);
		assert_in_range(cached(b, inode), i + 1, i + 65);
		assert_in_range(file_at(&b->cache, file)->ra_size, 1, 32);
	}
	assert_int_equal(cached(b, inode), 256);
	assert_int_equal(b->phys.stat.event[PGPGIN], 256 * 8);
}

static void test_small_reads(void **state)
{
	(void)state;
	bench_each_speed(small_reads);
}

/* Windows of 2048 pages grow as 0-3, 4-19, 20-79. */
static void test_wide_window(void **state)
{
	struct cache_bench *b = bench_new(0);
	uint32_t inode, file;

	(void)state;
	disk_at(&b->cache, b->disk)->readahead_pages = 2048;
	file = bench_file(b, "/data/f", 64 * MIB, &inode);
	bench_read_all(b, file, 0, 4 * KIB);
	assert_int_equal(cached(b, inode), 4);
	bench_read_all(b, file, 4 * KIB, 4 * KIB);
	assert_int_equal(cached(b, inode), 20);
	bench_read_all(b, file, 16 * KIB, 4 * KIB);
	assert_int_equal(cached(b, inode), 80);
	bench_check(b);
	bench_free(b);
}

static void no_readahead(struct cache_bench *b)
{
	uint32_t inode, file;

	disk_at(&b->cache, b->disk)->readahead_pages = 0;
	file = bench_file(b, "/data/f", MIB, &inode);
	bench_read_all(b, file, 0, 4 * KIB);
	assert_int_equal(cached(b, inode), 1);
	bench_read_all(b, file, 8 * KIB, 12 * KIB);
	assert_int_equal(cached(b, inode), 4);
}

static void random_reads(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 4 * MIB, &inode);

	bench_read_all(b, file, 400 * KIB, 4 * KIB);
	assert_int_equal(cached(b, inode), 1);
	bench_read_all(b, file, 3 * MIB, 12 * KIB);
	assert_int_equal(cached(b, inode), 4);
	assert_int_equal(marker(b, inode), UINT64_MAX);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 1, 0, 0), 0);
	bench_read_all(b, file, 0, 8 * KIB);
	assert_int_equal(cached(b, inode), 6);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 6, 0, 0),
			 EINVAL);
}

static void test_without_readahead(void **state)
{
	(void)state;
	bench_each_speed(no_readahead);
	bench_each_speed(random_reads);
}

/* A second read hits, and makes what it reads active. */
static void read_twice(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 4 * MIB, &inode), n = 7;
	uint64_t in;

	bench_read_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 288);
	assert_int_equal(bench_node(b, NR_INACTIVE_FILE), 288);
	in = b->phys.stat.event[PGPGIN];
	assert_int_equal(in, 288 * 8);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 288);
	assert_int_equal(b->phys.stat.event[PGPGIN], in);
	assert_int_equal(bench_node(b, NR_ACTIVE_FILE), 256);
	bench_read_all(b, file, MIB, 3 * MIB);
	assert_int_equal(cached(b, inode), 1024);
	bench_read_all(b, file, 3 * MIB, 4 * MIB);
	assert_int_equal(bench_node(b, NR_ACTIVE_FILE), 512);
	assert_int_equal(bench_read(b, file, 4 * MIB, 4096, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(bench_read(b, file, 4 * MIB - 100, 4096, &n), 0);
	assert_int_equal(n, 100);
}

static void test_read_twice(void **state)
{
	(void)state;
	bench_each_speed(read_twice);
}

static void advised(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 4 * MIB, &inode);

	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 2, 0, 0), 0);
	bench_read_all(b, file, 0, 4 * KIB);
	assert_int_equal(cached(b, inode), 4);
	bench_read_all(b, file, 4 * KIB, 64 * KIB);
	assert_int_equal(cached(b, inode), 32);
	bench_read_all(b, file, 68 * KIB, 256 * KIB);
	assert_int_equal(cached(b, inode), 128);
}

static void test_advised(void **state)
{
	struct cache_bench *b = bench_new(0);
	uint32_t inode, file;

	(void)state;
	bench_each_speed(advised);
	file = bench_file(b, "/data/w", 2 * MIB, &inode);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 3, 0, 0), 0);
	assert_int_equal(cached(b, inode), 512);
	bench_check(b);
	bench_free(b);
}

/* A waiting step that is repeated reads nothing twice, nor counts it twice. */
static void test_wait(void **state)
{
	struct cache_bench *b = bench_new(5000000);
	uint32_t inode, file = bench_file(b, "/data/f", MIB, &inode), n = 9;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(
			file_read(&b->cache, &b->ctx, file, 0, 4096, &n),
			WAIT_IO);
		assert_int_equal(n, 9);
		assert_int_equal(b->cache.ios.used, 1);
	}
	bench_check(b);
	bench_settle(b);
	assert_int_equal(b->ctx.now,
			 5000000 + 4 * 4096 * 1000000000ull / (100 * MIB));
	assert_int_equal(file_read(&b->cache, &b->ctx, file, 0, 4096, &n), 0);
	assert_int_equal(n, 4096);
	assert_int_equal(disk_at(&b->cache, b->disk)->ios[0], 1);
	assert_int_equal(disk_at(&b->cache, b->disk)->sectors[0], 32);
	assert_int_equal(disk_at(&b->cache, b->disk)->ms[0], 5);
	assert_int_equal(disk_at(&b->cache, b->disk)->in_flight, 0);
	bench_free(b);
}

/* --- write(2) ------------------------------------------------------------- */
static void written(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 4 * MIB, &inode);

	bench_write_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 256);
	assert_int_equal(dirty(b, inode), 256);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 256);
	bench_write_all(b, file, 0, 512 * KIB);
	assert_int_equal(dirty(b, inode), 256);
	assert_int_equal(bench_node(b, NR_DIRTIED), 256);
	bench_write_all(b, file, MIB, 6 * KIB);
	assert_int_equal(cached(b, inode), 258);
	assert_int_equal(dirty(b, inode), 258);
	/* Nothing was read but the page that is covered in part. */
	assert_int_equal(b->phys.stat.event[PGPGIN], 8);
	assert_int_equal(bench_sync(b, inode), 0);
	assert_int_equal(cached(b, inode), 258);
	assert_int_equal(dirty(b, inode), 0);
	assert_int_equal(bench_node(b, NR_WRITTEN), 258);
	assert_int_equal(b->phys.stat.event[PGPGOUT], 258 * 8);
	assert_int_equal(wb_at(&b->cache, b->disk)->list[WB_DIRTY].head, 0);
	bench_write_all(b, file, 4 * MIB, 256 * KIB);
	assert_int_equal(inode_at(&b->cache, inode)->size, 4456448);
	assert_int_equal(dirty(b, inode), 64);
	assert_int_equal(bench_node(b, NR_ACTIVE_FILE), 0);
}

static void written_partly(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", MIB, &inode);

	bench_write_all(b, file, 100, 50);
	assert_int_equal(cached(b, inode), 1);
	bench_write_all(b, file, 64 * KIB, 4 * KIB);
	assert_int_equal(cached(b, inode), 2);
	bench_write_all(b, file, 128 * KIB, 6000);
	assert_int_equal(cached(b, inode), 4);
	assert_int_equal(dirty(b, inode), 4);
	assert_int_equal(b->phys.stat.event[PGPGIN], 2 * 8);
	assert_int_equal(bench_sync(b, inode), 0);
	assert_int_equal(cached(b, inode), 4);
	assert_int_equal(dirty(b, inode), 0);
}

static void test_write(void **state)
{
	(void)state;
	bench_each_speed(written);
	bench_each_speed(written_partly);
}

/* Dirty, under writeback, clean; dirtied anew meanwhile. */
static void test_writeback(void **state)
{
	struct cache_bench *b = bench_new(1000000);
	uint32_t inode, file = bench_file(b, "/data/f", 0, &inode);
	struct sync_at at = { 0 };
	uint64_t nr;

	(void)state;
	bench_write_all(b, file, 0, 256 * KIB);
	assert_int_equal(
		cache_writeback(&b->cache, &b->ctx, inode, 32, NULL, NULL, &nr),
		0);
	assert_int_equal(nr, 32);
	assert_int_equal(dirty(b, inode), 32);
	assert_int_equal(bench_node(b, NR_WRITEBACK), 32);
	assert_int_equal(vmstat_zone_sum(&b->phys.stat, NR_ZONE_WRITE_PENDING),
			 64);
	bench_check(b);
	bench_write_all(b, file, 0, 4 * KIB);
	nr = dirty(b, inode);
	assert_in_range(nr, 33, 48);
	/* What is being written waits for its turn. */
	assert_int_equal(
		file_sync(&b->cache, &b->ctx, inode, 0, 0, &at, NULL, NULL),
		WAIT_IO);
	assert_int_equal(dirty(b, inode), nr);
	bench_check(b);
	bench_settle(b);
	assert_int_equal(bench_node(b, NR_WRITEBACK), 0);
	assert_int_equal(dirty(b, inode), nr);
	assert_int_equal(bench_sync(b, inode), 0);
	assert_int_equal(dirty(b, inode), 0);
	assert_int_equal(bench_node(b, NR_WRITTEN), 32 + nr);
	bench_check(b);
	bench_free(b);
}

static void synced(struct cache_bench *b)
{
	uint32_t inode[3], file;
	struct sync_at at = { 0 };
	int r;

	for (unsigned i = 0; i < 3; i++) {
		char path[] = "/data/0";

		path[6] = (char)('a' + i);
		file = bench_file(b, path, 0, &inode[i]);
		bench_write_all(b, file, 0, 100 * KIB);
	}
	do
		r = cache_sync_step(&b->cache, &b->ctx, &at, NULL, NULL);
	while (bench_again(b, r));
	assert_int_equal(r, 0);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 0);
	assert_int_equal(bench_node(b, NR_WRITEBACK), 0);
	assert_int_equal(b->phys.stat.event[PGPGOUT], 75 * 8);
	assert_int_equal(disk_at(&b->cache, b->disk)->sectors[1], 75 * 8);
}

static void test_sync(void **state)
{
	(void)state;
	bench_each_speed(synced);
}

/* What a group was charged for is its own until it goes, whoever frees it. */
static void test_group(void **state)
{
	struct cache_bench *b = bench_new(0);
	uint32_t inode, file, group;

	(void)state;
	assert_int_equal(group_new(&b->control, 0, "a", &group), 0);
	b->ctx.group = group;
	file = bench_file(b, "/data/f", 2 * MIB, &inode);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(group_at(&b->control, group)->stat[NR_FILE_PAGES],
			 288);
	assert_true(group_at(&b->control, group)->usage > 288);
	b->ctx.group = 0;
	bench_read_all(b, file, MIB, MIB);
	assert_int_equal(group_at(&b->control, group)->stat[NR_FILE_PAGES],
			 288);
	bench_check(b);
	file_put(&b->cache, &b->ctx, file);
	cache_drop(&b->cache, &b->ctx, 3);
	bench_check(b);
	assert_int_equal(group_at(&b->control, group)->usage, 0);
	/* At its limit: the read waits for its own pages to go. */
	b->ctx.group = group;
	assert_int_equal(file_open(&b->cache, &b->ctx, inode, &file), 0);
	group_at(&b->control, group)->max =
		group_at(&b->control, group)->usage + 10;
	assert_int_equal(bench_read(b, file, 0, 65536, &(uint32_t){ 0 }),
			 NEED_CHARGE);
	assert_int_equal(b->ctx.need.group, group);
	bench_check(b);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growing_reads),
		cmocka_unit_test(test_small_reads),
		cmocka_unit_test(test_wide_window),
		cmocka_unit_test(test_without_readahead),
		cmocka_unit_test(test_read_twice),
		cmocka_unit_test(test_advised),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_writeback),
		cmocka_unit_test(test_sync),
		cmocka_unit_test(test_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
