// SPDX-License-Identifier: Apache-2.0
/* Names and inodes nobody uses: kept, found again, given back. */
#include "tests/unit/machine-fixture.h"

#include "vmcore/cache/shrink.h"

static int setup(void **state)
{
	fixture_new(state, 128u << 20);
	return fixture_run(*state, "spawn p");
}

static uint64_t objects(const struct fixture *x, enum kmem_cache_id cache)
{
	return kmem_cache_at(&x->m.kmem, cache)->nr_objects;
}

static struct dcache_count unused(const struct fixture *x)
{
	struct dcache_count n;

	dcache_count(&x->m.cache, &n);
	return n;
}

static void test_names(void **state)
{
	struct fixture *x = *state;
	uint64_t inodes = objects(x, KMEM_EXT4_INODE);
	uint64_t names = objects(x, KMEM_DENTRY);

	/* and their folder */
	assert_int_equal(fixture_run(x, "mkfiles p /d 3000 0"), 0);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes + 3001);
	assert_int_equal(objects(x, KMEM_DENTRY), names + 3001);
	assert_int_equal(unused(x).dentries, 3001);
	assert_int_equal(unused(x).inodes, 0);
	assert_int_equal(fixture_run(x, "drop_caches 2"), 0);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes);
	assert_int_equal(objects(x, KMEM_DENTRY), names);
	assert_int_equal(fixture_event(x, DROP_SLAB), 1);
	/* The files are still there. */
	assert_int_equal(fixture_run(x, "statfiles p /d 3000"), 0);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes + 3000);
	assert_int_equal(fixture_run(x, "statfiles p /d 3001"), ENOENT);
	assert_int_equal(unused(x).negative, 1);
}

static void test_negative(void **state)
{
	struct fixture *x = *state;
	uint64_t inodes = objects(x, KMEM_EXT4_INODE);
	uint64_t names = objects(x, KMEM_DENTRY);

	assert_int_equal(fixture_run(x, "statfiles p /d 100 negative"), 0);
	assert_int_equal(fixture_run(x, "statfiles p /d 100 negative"), 0);
	assert_int_equal(unused(x).negative, 100);
	assert_int_equal(objects(x, KMEM_DENTRY), names + 100);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes);
	/* A file made by such a name takes it, and leaves it. */
	assert_int_equal(fixture_run(x, "mkfile /d/n7 4K"), 0);
	assert_int_equal(unused(x).negative, 99);
	assert_int_equal(objects(x, KMEM_DENTRY), names + 100);
	assert_int_equal(fixture_run(x, "rm /d/n7"), 0);
	assert_int_equal(unused(x).negative, 100);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes);
	/* Names of a tmpfs come and go with their files. */
	assert_int_equal(fixture_run(x, "mkfile /dev/shm/t 4K"), 0);
	assert_int_equal(objects(x, KMEM_DENTRY), names + 101);
	assert_int_equal(fixture_run(x, "rm /dev/shm/t"), 0);
	assert_int_equal(objects(x, KMEM_DENTRY), names + 100);
	assert_int_equal(fixture_run(x, "drop_caches 2"), 0);
	assert_int_equal(objects(x, KMEM_DENTRY), names);
}

/* Who has a file open, or pages of it in memory, keeps its inode. */
static void test_used(void **state)
{
	struct fixture *x = *state;
	uint64_t inodes = objects(x, KMEM_EXT4_INODE);
	uint64_t names = objects(x, KMEM_DENTRY);

	assert_int_equal(fixture_run(x, "mkfile /f 64K"), 0);
	assert_int_equal(fixture_run(x, "read p /f 0 64K"), 0);
	assert_int_equal(fixture_run(x, "drop_caches 2"), 0);
	assert_int_equal(objects(x, KMEM_DENTRY), names + 1);
	assert_int_equal(fixture_run(x, "exit p"), 0);
	assert_int_equal(fixture_run(x, "drop_caches 2"), 0);
	assert_int_equal(objects(x, KMEM_DENTRY), names);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes + 1);
	assert_int_equal(unused(x).inodes, 0);
	assert_int_equal(fixture_run(x, "drop_caches 1"), 0);
	assert_int_equal(unused(x).inodes, 1);
	assert_int_equal(fixture_run(x, "drop_caches 2"), 0);
	assert_int_equal(objects(x, KMEM_EXT4_INODE), inodes);
}

static uint64_t shrink(struct fixture *x, int32_t priority)
{
	struct ctx ctx = { .prices = x->m.tasks.prices, .group = GROUP_ROOT };

	return shrink_slab(&x->m.cache, &ctx, 0, GROUP_ROOT, priority);
}

/* do_shrink_slab(): whole batches only; what is left over adds up. */
static void test_pressure(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "mkfiles p /d 6000 0"), 0);
	/* 6000 / 2^12 * 2 = 2 a call. */
	assert_int_equal(shrink(x, 12), 0);
	assert_int_equal(fixture_event(x, SLABS_SCANNED), 0);
	x->m.cache.vfs_cache_pressure = 0;
	assert_int_equal(shrink(x, 0), 0);
	/* (6000 * 10) / 2^6 * 2 = 1874: one batch of 1024. */
	x->m.cache.vfs_cache_pressure = 1000;
	assert_in_range(shrink(x, 6), 1000, 1100);
	assert_int_equal(fixture_event(x, SLABS_SCANNED), 1024);
	x->m.cache.vfs_cache_pressure = 100;
	/* What was looked up since goes round once. */
	assert_int_equal(fixture_run(x, "statfiles p /d 6000"), 0);
	assert_int_equal(unused(x).dentries, 6000);
	assert_in_range(shrink(x, 2), 0, 1100);
	assert_in_range(shrink(x, 0), 6000, 12000);
	assert_in_range(unused(x).dentries, 1, 1000);
	assert_in_range(shrink(x, 0), 1, 4000);
	assert_int_equal(unused(x).dentries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_negative, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_used, setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_pressure, setup,
						fixture_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
