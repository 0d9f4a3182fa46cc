// SPDX-License-Identifier: Apache-2.0
/* The journal of a file system: what it keeps in memory, what it writes. */
#include "tests/unit/machine-fixture.h"

#define MOUNTED 6u /* pages of the device that a mount has read */
#define SECOND	1000000000ull

static int setup(void **state)
{
	fixture_new(state, 128u << 20);
	return fixture_run(*state, "spawn p");
}

static const struct disk *disk(const struct fixture *x)
{
	return disk_at(&x->m.cache, 1);
}

static const struct inode *device(const struct fixture *x)
{
	return inode_at(&x->m.cache, disk(x)->bdev);
}

static uint64_t heads(const struct fixture *x)
{
	return kmem_cache_at(&x->m.kmem, KMEM_JBD2_HEAD)->nr_objects;
}

/* Pages written to disks since @before, which becomes what it is now. */
static uint64_t written(const struct fixture *x, uint64_t *before)
{
	uint64_t pages = fixture_event(x, PGPGOUT) / 8, n = pages - *before;

	*before = pages;
	return n;
}

/* Blocks join a transaction, go to the journal, then in their place. */
static void test_commit(void **state)
{
	struct fixture *x = *state;
	uint64_t out = 0;

	written(x, &out);
	assert_int_equal(fixture_run(x, "create p /a"), 0);
	/* folder, inode, bitmap, descriptors; once, the super block */
	assert_int_equal(disk(x)->journal.nr_running, 5);
	assert_int_equal(heads(x), 5);
	assert_int_equal(fixture_run(x, "create p /b"), 0);
	assert_int_equal(disk(x)->journal.nr_running, 5);
	assert_int_equal(device(x)->nr_dirty, 0);
	fixture_advance(x, 6 * SECOND);
	assert_int_equal(disk(x)->journal.nr_running, 0);
	assert_int_equal(written(x, &out), 5 + 2);
	assert_int_equal(device(x)->nr_dirty, 5);
	assert_int_equal(fixture_run(x, "sync"), 0);
	assert_int_equal(written(x, &out), 5);
	assert_int_equal(device(x)->nr_dirty, 0);
	/* The next commit forgets what is in its place. */
	assert_int_equal(heads(x), 5);
	assert_int_equal(fixture_run(x, "truncate p /a 4K"), 0);
	assert_int_equal(fixture_run(x, "write p /a 4K 4K"), 0);
	assert_int_equal(fixture_run(x, "fsync p /a"), 0);
	assert_int_equal(heads(x), disk(x)->journal.nr_heads);
	assert_int_equal(heads(x), 3);
}

/* Twenty blocks of inodes: nothing to read, and held until jbd2 lets go. */
static void test_held(void **state)
{
	struct fixture *x = *state;
	uint64_t in = fixture_event(x, PGPGIN), blocks;

	assert_int_equal(fixture_run(x, "mkfiles p /d 320 0"), 0);
	assert_int_equal(fixture_event(x, PGPGIN), in);
	blocks = device(x)->nr_cached;
	/* the folder's blocks: 320 names, a third of it free */
	assert_in_range(blocks - MOUNTED, 20 + 1, 20 + 4);
	assert_int_equal(fixture_run(x, "drop_caches 1"), 0);
	assert_int_equal(device(x)->nr_cached, blocks);
	assert_int_equal(fixture_run(x, "sync"), 0);
	assert_int_equal(fixture_run(x, "drop_caches 1"), 0);
	assert_int_equal(device(x)->nr_cached, blocks);
	assert_int_equal(fixture_run(x, "drop_caches 2"), 0);
	assert_int_equal(heads(x), 0);
	assert_int_equal(fixture_run(x, "drop_caches 1"), 0);
	assert_int_equal(device(x)->nr_cached, MOUNTED);
	/* and now they must be read */
	assert_int_equal(fixture_run(x, "statfiles p /d 320"), 0);
	assert_true(fixture_event(x, PGPGIN) > in);
	assert_true(device(x)->nr_cached >= blocks);
}

/* Who fsyncs waits for the journal, whoever changed what is in it. */
static void test_fsync(void **state)
{
	struct fixture *x = *state;
	uint64_t out = 0;
	vtime_t began;

	assert_int_equal(fixture_run(x, "write p /f 0 4K"), 0);
	assert_int_equal(fixture_run(x, "create p /g"), 0);
	written(x, &out);
	began = machine_now(&x->m);
	assert_int_equal(fixture_run(x, "fsync p /f"), 0);
	assert_int_equal(disk(x)->journal.nr_running, 0);
	assert_true(machine_now(&x->m) - began > disk(x)->latency_ns);
	/* its page; six blocks with the block bitmap, descriptor, commit */
	assert_int_equal(written(x, &out), 1 + 6 + 2);
	assert_int_equal(fixture_run(x, "fsync p /f"), 0);
	assert_int_equal(written(x, &out), 0);
}

/* A commit that is due comes in a machine that was saved and loaded, too. */
static void test_saved(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "mkfiles p /d 20 1M"), 0);
	assert_int_not_equal(disk(x)->journal.nr_running, 0);
	fixture_cut(x);
	assert_int_equal(fixture_check(&x->m), 0);
	assert_int_not_equal(disk(x)->journal.nr_running, 0);
	fixture_advance(x, 6 * SECOND);
	assert_int_equal(disk(x)->journal.nr_running, 0);
	assert_int_not_equal(device(x)->nr_dirty, 0);
	assert_int_equal(fixture_run(x, "rm /d/f3"), 0);
	assert_int_not_equal(disk(x)->journal.nr_running, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commit, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_held, setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_fsync, setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_saved, setup, fixture_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
