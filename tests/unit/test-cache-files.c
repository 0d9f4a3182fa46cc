// SPDX-License-Identifier: Apache-2.0
/*
 * Faults, dropped and evicted pages, names, shared memory, knobs. Counts of
 * cached pages are those of a 6.18 kernel (tests/oracle: file_*, cache_*,
 * tmpfs_*).
 */
#include "cache-fixture.h"

static uint64_t cached(const struct cache_bench *b, uint32_t inode)
{
	return inode_at(&b->cache, inode)->nr_cached;
}

/* --- faults --------------------------------------------------------------- */
static unsigned fault(struct cache_bench *b, uint32_t file, uint64_t index,
		      uint32_t how)
{
	bool major;

	assert_int_equal(bench_fault(b, file, index, how, &major), 0);
	bench_settle(b);
	return major;
}

static void scattered_faults(struct cache_bench *b)
{
	static const uint32_t at[] = { 500, 100, 900, 300, 700 };
	uint32_t inode, file = bench_file(b, "/data/f", 4 * MIB, &inode);

	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(fault(b, file, at[i], 0), 1);
		assert_int_equal(cached(b, inode), 32 * (i + 1));
	}
	assert_int_equal(fault(b, file, 500, 0), 0);
	assert_int_equal(b->phys.stat.event[PGMAJFAULT], 5);
	/* What is there already is not read again. */
	assert_int_equal(fault(b, file, 520, 0), 1);
	assert_int_equal(cached(b, inode), 160 + 20);
}

static void advised_faults(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/r", 4 * MIB, &inode);

	for (uint64_t i = 0; i < 8; i++)
		assert_int_equal(fault(b, file, i, FAULT_RAND), 1);
	assert_int_equal(cached(b, inode), 8);
	file = bench_file(b, "/data/s", 4 * MIB, &inode);
	assert_int_equal(fault(b, file, 0, FAULT_SEQ), 1);
	assert_int_equal(cached(b, inode), 32);
	for (uint64_t i = 1; i < 256; i++)
		assert_int_equal(fault(b, file, i, FAULT_SEQ), 0);
	assert_int_equal(cached(b, inode), 288);
	/* Program text: the window starts at the page. */
	file = bench_file(b, "/bin/x", 4 * MIB, &inode);
	assert_int_equal(fault(b, file, 40, FAULT_EXEC), 1);
	assert_int_equal(cached(b, inode), 32);
	assert_int_equal(cache_find(&b->cache, inode, 39), PFN_NONE);
}

/* More misses than hits: no more read-around. */
static void many_misses(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 64 * MIB, &inode);
	uint64_t before = 0;

	for (uint64_t i = 0; i < 110; i++) {
		before = cached(b, inode);
		assert_int_equal(fault(b, file, 100 * i + 50, 0), 1);
	}
	assert_int_equal(cached(b, inode), before + 1);
	assert_int_equal(cached(b, inode), 100 * 32 + 10);
	file_mapped_around(file_at(&b->cache, file), 50);
	assert_int_equal(fault(b, file, 15000, 0), 1);
	assert_int_equal(cached(b, inode), 100 * 32 + 10 + 32);
}

/* Another's marker, from within a large folio: the hole is taken to lie a page
 * too far off, and nothing is read (cache_two_procs). */
static void others_marker(struct cache_bench *b)
{
	uint32_t inode, other, file = bench_file(b, "/data/f", 2 * MIB, &inode);

	bench_read_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 288);
	assert_int_equal(file_open(&b->cache, &b->ctx, inode, &other), 0);
	assert_int_equal(fault(b, other, 256, 0), 0);
	assert_int_equal(cached(b, inode), 288);
	assert_int_equal(fault(b, other, 288, 0), 1);
	assert_int_equal(cached(b, inode), 304);
	file_put(&b->cache, &b->ctx, other);
}

static void beyond_end(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 10000, &inode);
	bool major;

	assert_int_equal(bench_fault(b, file, 3, 0, &major), FAULT_SIGBUS);
	assert_int_equal(bench_fault(b, file, 2, 0, &major), 0);
	assert_true(major);
	assert_int_equal(cached(b, inode), 3);
}

static void test_faults(void **state)
{
	(void)state;
	bench_each_speed(scattered_faults);
	bench_each_speed(advised_faults);
	bench_each_speed(many_misses);
	bench_each_speed(others_marker);
	bench_each_speed(beyond_end);
}

/* --- pages that go ----------------------------------------------------------
 */
static void dropped(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 2 * MIB, &inode);
	pfn_t folio;

	bench_read_all(b, file, 0, 2 * MIB);
	bench_write_all(b, file, 0, 64 * KIB);
	folio = cache_find(&b->cache, inode, 200);
	frame_map_add(frame_at(&b->phys, folio), 1);
	cache_drop(&b->cache, &b->ctx, 1);
	assert_int_equal(b->phys.stat.event[DROP_PAGECACHE], 1);
	assert_int_equal(cached(b, inode),
			 16 + (1u << frame_order(frame_at(&b->phys, folio))));
	assert_int_equal(bench_sync(b, inode), 0);
	cache_drop(&b->cache, &b->ctx, 3);
	assert_int_equal(b->phys.stat.event[DROP_SLAB], 1);
	assert_int_equal(cached(b, inode),
			 1u << frame_order(frame_at(&b->phys, folio)));
	frame_map_add(frame_at(&b->phys, folio), -1);
	assert_int_not_equal(inode_at(&b->cache, inode)->slab, 0);
	file_put(&b->cache, &b->ctx, file);
	cache_drop(&b->cache, &b->ctx, 3);
	assert_int_equal(cached(b, inode), 0);
	/* Nobody uses it: its objects go, and come back with an open. */
	assert_int_equal(inode_at(&b->cache, inode)->slab, 0);
	assert_int_equal(inode_find(&b->cache, "/data/f"), inode);
	assert_int_equal(file_open(&b->cache, &b->ctx, inode, &file), 0);
	assert_int_not_equal(inode_at(&b->cache, inode)->slab, 0);
}

static void not_needed(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/data/f", 2 * MIB, &inode);

	bench_read_all(b, file, 0, 2 * MIB);
	assert_int_equal(cached(b, inode), 512);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 0, 0), 0);
	assert_int_equal(cached(b, inode), 0);
	bench_read_all(b, file, 0, 2 * MIB);
	bench_write_all(b, file, 0, 512 * KIB);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 0, 0), 0);
	assert_int_equal(cached(b, inode), 128);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 0);
	assert_int_equal(bench_sync(b, inode), 0);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 0, 0), 0);
	assert_int_equal(cached(b, inode), 0);
	/* Pages that are covered in part stay. */
	disk_at(&b->cache, b->disk)->readahead_pages = 0;
	file = bench_file(b, "/data/g", 40960 + 5, &inode);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 11);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 100, 8100),
			 0);
	assert_int_equal(cached(b, inode), 10);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 0, 8192), 0);
	assert_int_equal(cached(b, inode), 9);
	/* But for the last of the file. */
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 36864, 4101),
			 0);
	assert_int_equal(cached(b, inode), 7);
}

static void test_drop(void **state)
{
	(void)state;
	bench_each_speed(dropped);
	bench_each_speed(not_needed);
}

static void test_refault(void **state)
{
	struct cache_bench *b = bench_new(0);
	uint32_t inode, file;
	struct cachestat stat;
	pfn_t folio;

	(void)state;
	disk_at(&b->cache, b->disk)->readahead_pages = 0;
	file = bench_file(b, "/data/f", 2 * MIB, &inode);
	bench_read_all(b, file, 0, 2 * MIB);
	for (uint64_t i = 0; i < 256; i++)
		cache_remove(&b->cache, &b->ctx,
			     cache_find(&b->cache, inode, i), true);
	bench_check(b);
	cache_stat(&b->cache, inode, 0, UINT64_MAX, &stat);
	assert_int_equal(stat.nr_cache, 256);
	assert_int_equal(stat.nr_evicted, 256);
	/* Nothing is active: only what went last would still be there. */
	assert_int_equal(stat.nr_recently_evicted, 0);
	assert_int_equal(bench_node(b, WORKINGSET_NODES), 4);
	bench_read_all(b, file, MIB, MIB);
	assert_int_equal(bench_node(b, NR_ACTIVE_FILE), 256);
	cache_stat(&b->cache, inode, 0, UINT64_MAX, &stat);
	assert_int_equal(stat.nr_recently_evicted, 0);
	/* 256 activations and 255 evictions later than the first. */
	folio = cache_find(&b->cache, inode, 256);
	assert_true(frame_at(&b->phys, folio)->word & PG_ACTIVE);
	frame_at(&b->phys, folio)->word |= PG_WORKINGSET;
	cache_remove(&b->cache, &b->ctx, folio, true);
	bench_read_all(b, file, MIB, 4096);
	assert_int_equal(bench_node(b, WORKINGSET_REFAULT_FILE), 1);
	assert_int_equal(bench_node(b, WORKINGSET_ACTIVATE_FILE), 1);
	assert_int_equal(bench_node(b, WORKINGSET_RESTORE_FILE), 1);
	folio = cache_find(&b->cache, inode, 256);
	assert_int_equal(frame_at(&b->phys, folio)->word &
				 (PG_ACTIVE | PG_WORKINGSET),
			 PG_ACTIVE | PG_WORKINGSET);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(bench_node(b, WORKINGSET_REFAULT_FILE), 257);
	assert_int_equal(bench_node(b, WORKINGSET_NODES), 0);
	cache_stat(&b->cache, inode, 0, UINT64_MAX, &stat);
	assert_int_equal(stat.nr_evicted, 0);
	bench_check(b);
	bench_free(b);
}

/* --- names
 * -------------------------------------------------------------------- */
static void renewed(struct cache_bench *b)
{
	uint32_t inode, again, file = bench_file(b, "/data/f", MIB, &inode);
	char name[200];

	bench_read_all(b, file, 0, MIB);
	bench_write_all(b, file, 0, 256 * KIB);
	assert_int_equal(bench_make(b, "/data/f", 64 * KIB, &again), 0);
	assert_int_equal(again, inode);
	assert_int_equal(cached(b, inode), 0);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 0);
	assert_int_equal(bench_node(b, NR_FILE_PAGES), 0);
	assert_int_equal(inode_at(&b->cache, inode)->size, 64 * KIB);
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = 0;
	assert_int_equal(inode_make(&b->cache, &b->ctx, name, 0, &again),
			 ENAMETOOLONG);
	assert_int_equal(inode_make(&b->cache, &b->ctx, "/dev/vda", 0, &again),
			 EBUSY);
	assert_int_equal(inode_unlink(&b->cache, &b->ctx,
				      inode_find(&b->cache, "/dev/vda")),
			 EBUSY);
	assert_int_equal(inode_find(&b->cache, "/data/g"), 0);
}

/* Removed while open, while a request is under way. */
static void removed(struct cache_bench *b)
{
	uint32_t inode, other, file = bench_file(b, "/data/f", MIB, &inode);
	uint32_t used = b->cache.inodes.used, n;

	bench_read_all(b, file, 0, MIB);
	bench_write_all(b, file, 0, 512 * KIB);
	assert_int_equal(inode_unlink(&b->cache, &b->ctx, inode), 0);
	assert_int_equal(inode_find(&b->cache, "/data/f"), 0);
	assert_int_equal(cached(b, inode), 256);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 128);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(bench_make(b, "/data/f", 100, &other), 0);
	assert_int_not_equal(other, inode);
	file_get(&b->cache, file);
	file_put(&b->cache, &b->ctx, file);
	assert_int_equal(cached(b, inode), 256);
	file_put(&b->cache, &b->ctx, file);
	assert_int_equal(bench_node(b, NR_FILE_PAGES), 0);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 0);
	assert_int_equal(b->cache.inodes.used, used);
	file = bench_file(b, "/data/g", MIB, &inode);
	file_read(&b->cache, &b->ctx, file, 0, 4096, &n);
	inode_unlink(&b->cache, &b->ctx, inode);
	file_put(&b->cache, &b->ctx, file);
	bench_check(b);
	bench_settle(b);
	assert_int_equal(b->cache.inodes.used, used);
	assert_int_equal(bench_node(b, NR_FILE_PAGES), 0);
}

static void test_names(void **state)
{
	(void)state;
	bench_each_speed(renewed);
	bench_each_speed(removed);
}

/* Two disks: the longest mount point; the disk itself. */
static void test_disks(void **state)
{
	struct cache_bench *b = bench_new(0);
	struct disk like = { .name = "vdb",
			     .mount = "/data/",
			     .size_bytes = 64 * MIB,
			     .readahead_pages = 32 };
	uint32_t vdb, inode, file, n = 0;

	(void)state;
	assert_int_equal(disk_new(&b->cache, &like, &vdb), 0);
	bench_file(b, "/data/f", MIB, &inode);
	assert_int_equal(inode_at(&b->cache, inode)->disk, vdb);
	bench_file(b, "/database", MIB, &inode);
	assert_int_equal(inode_at(&b->cache, inode)->disk, b->disk);
	inode = inode_find(&b->cache, "/dev/vdb");
	assert_int_equal(inode, disk_at(&b->cache, vdb)->bdev);
	assert_int_equal(file_open(&b->cache, &b->ctx, inode, &file), 0);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 288);
	assert_int_equal(disk_at(&b->cache, vdb)->sectors[0], 288 * 8);
	assert_int_equal(
		file_write(&b->cache, &b->ctx, file, 64 * MIB, 4096, &n),
		ENOSPC);
	bench_check(b);
	bench_free(b);
}

/* --- shared memory
 * ------------------------------------------------------------ */
static void on_tmpfs(struct cache_bench *b)
{
	uint32_t inode, file = bench_file(b, "/dev/shm/b", MIB, &inode), n;

	bench_read_all(b, file, 0, MIB);
	assert_int_equal(cached(b, inode), 0);
	bench_write_all(b, file, 0, 512 * KIB);
	assert_int_equal(cached(b, inode), 128);
	assert_int_equal(bench_node(b, NR_SHMEM), 128);
	assert_int_equal(bench_node(b, NR_INACTIVE_ANON), 128);
	assert_int_equal(bench_node(b, NR_FILE_DIRTY), 0);
	assert_int_equal(b->control.committed, 128);
	assert_int_equal(b->cache.tmpfs_pages, 128);
	bench_read_all(b, file, 0, MIB);
	assert_int_equal(bench_node(b, NR_ACTIVE_ANON), 128);
	assert_int_equal(file_advise(&b->cache, &b->ctx, file, 4, 0, 0), 0);
	assert_int_equal(bench_sync(b, inode), 0);
	cache_drop(&b->cache, &b->ctx, 3);
	assert_int_equal(cached(b, inode), 128);
	assert_int_equal(bench_node(b, NR_INACTIVE_ANON), 128);
	assert_int_equal(fault(b, file, 200, 0), 0);
	assert_int_equal(cached(b, inode), 129);
	bench_check(b);
	assert_int_equal(inode_unlink(&b->cache, &b->ctx, inode), 0);
	file_put(&b->cache, &b->ctx, file);
	assert_int_equal(bench_node(b, NR_SHMEM), 0);
	assert_int_equal(b->control.committed, 0);
	/* Half of memory, not a page more. */
	b->control.overcommit_memory = 1;
	file = bench_file(b, "/tmpfs/c", 0, &inode);
	b->cache.tmpfs_pages = phys_total_pages(&b->phys) / 2 - 5;
	assert_int_equal(file_write(&b->cache, &b->ctx, file, 0, 65536, &n), 0);
	assert_int_equal(n, 20480);
	assert_int_equal(file_write(&b->cache, &b->ctx, file, 20480, 1, &n),
			 ENOSPC);
	b->cache.tmpfs_pages = 5;
}

static void shared(struct cache_bench *b)
{
	uint32_t inode, file, none = 77;

	assert_int_equal(shmem_new(&b->cache, &b->ctx, "/SYSV00000001", MIB,
				   INODE_SYSV, true, &inode),
			 0);
	assert_int_equal(b->control.committed, 256);
	assert_int_equal(file_open(&b->cache, &b->ctx, inode, &file), 0);
	assert_int_equal(inode_unlink(&b->cache, &b->ctx, inode), 0);
	assert_int_equal(fault(b, file, 7, FAULT_WRITE), 0);
	assert_int_equal(b->control.committed, 256);
	assert_int_equal(bench_node(b, NR_SHMEM), 1);
	bench_check(b);
	file_put(&b->cache, &b->ctx, file);
	assert_int_equal(bench_node(b, NR_SHMEM), 0);
	assert_int_equal(b->control.committed, 0);
	/* Never opened. */
	assert_int_equal(shmem_new(&b->cache, &b->ctx, "/dev/zero", MIB,
				   INODE_DEVZERO, false, &inode),
			 0);
	assert_int_equal(inode_unlink(&b->cache, &b->ctx, inode), 0);
	b->control.overcommit_memory = 2;
	assert_int_equal(shmem_new(&b->cache, &b->ctx, "/dev/zero", 4096 * MIB,
				   INODE_DEVZERO, true, &none),
			 ENOMEM);
	assert_int_equal(none, 77);
}

static void test_shared_memory(void **state)
{
	(void)state;
	bench_each_speed(on_tmpfs);
	bench_each_speed(shared);
}

/* --- knobs
 * -------------------------------------------------------------------- */
static void test_knobs(void **state)
{
	struct cache_bench *b = bench_new(0);
	uint64_t background, threshold, memory;

	(void)state;
	for (unsigned i = 0; i < nr_cache_knobs; i++) {
		const struct knob *k = &cache_knobs[i];

		assert_true(!i || strcmp(k[-1].name, k->name) < 0);
		assert_non_null(k->doc);
		assert_non_null(k->source);
		assert_non_null(k->unit);
	}
	memory = phys_free_pages(&b->phys) - b->phys.totalreserve + 1;
	dirty_limits(&b->cache, &background, &threshold);
	assert_int_equal(threshold, 819 * memory / 4096);
	assert_int_equal(background, 409 * memory / 4096);
	b->cache.dirty_bytes = 10 * MIB;
	cache_changed(&b->cache, CACHE_HOOK_DIRTY_BYTES);
	assert_int_equal(b->cache.dirty_ratio, 0);
	dirty_limits(&b->cache, &background, &threshold);
	assert_int_equal(threshold, 2560);
	assert_int_equal(background, 1280);
	b->cache.dirty_background_bytes = 1;
	cache_changed(&b->cache, CACHE_HOOK_BG_BYTES);
	dirty_limits(&b->cache, &background, &threshold);
	assert_int_equal(background, 1);
	b->cache.dirty_ratio = 5;
	cache_changed(&b->cache, CACHE_HOOK_DIRTY_RATIO);
	b->cache.dirty_background_ratio = 3;
	cache_changed(&b->cache, CACHE_HOOK_BG_RATIO);
	assert_int_equal(b->cache.dirty_bytes, 0);
	assert_int_equal(b->cache.dirty_background_bytes, 0);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_refault),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_shared_memory),
		cmocka_unit_test(test_knobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
