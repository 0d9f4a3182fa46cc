// SPDX-License-Identifier: Apache-2.0
/* Dirty pages in time: who writes them when, and who waits for that. */
#include "tests/unit/machine-fixture.h"

#define MIB    (1u << 20)
#define SECOND 1000000000ull

static int setup(void **state)
{
	fixture_new(state, 128u << 20);
	return 0;
}

/* Blocks of the file system go their own way. */
static const struct inode *device(const struct fixture *x)
{
	const struct cache *c = &x->m.cache;

	return inode_at(c, disk_at(c, 1)->bdev);
}

static uint64_t dirty(const struct fixture *x)
{
	return fixture_stat(x, NR_FILE_DIRTY) - device(x)->nr_dirty;
}

static uint64_t unwritten(const struct fixture *x)
{
	return dirty(x) + fixture_stat(x, NR_WRITEBACK) -
	       device(x)->nr_writeback;
}

/* A disk that has written has a share of the background threshold. */
static void prime(struct fixture *x)
{
	assert_int_equal(fixture_run(x, "spawn p"), 0);
	assert_int_equal(fixture_run(x, "write p /old 0 16M"), 0);
	assert_int_equal(fixture_run(x, "fsync p /old"), 0);
	assert_int_equal(unwritten(x), 0);
	/* folder, inode, the bitmaps, descriptors, super block */
	assert_int_equal(device(x)->nr_dirty, 6);
	assert_int_equal(fixture_run(x, "sync"), 0);
	assert_int_equal(device(x)->nr_dirty, 0);
}

static void set(struct fixture *x, int32_t *knob, int32_t value,
		enum cache_hook hook)
{
	*knob = value;
	cache_changed(&x->m.cache, hook);
}

/* Written at the first look, each 5 s, at which it is 30 s old. */
static void test_expiry(void **state)
{
	struct fixture *x = *state;

	prime(x);
	assert_int_equal(fixture_run(x, "write p /f 0 1M"), 0);
	assert_int_equal(dirty(x), 256);
	fixture_advance(x, 29 * SECOND);
	assert_int_equal(dirty(x), 256);
	fixture_advance(x, 7 * SECOND);
	assert_int_equal(unwritten(x), 0);
	assert_int_equal(fixture_stat(x, NR_WRITTEN) -
				 fixture_stat(x, NR_DIRTIED),
			 -(int64_t)device(x)->nr_dirty);
}

static void test_expiry_short(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;

	set(x, &c->dirty_expire_centisecs, 300, CACHE_HOOK_NONE);
	set(x, &c->dirty_writeback_centisecs, 100, CACHE_HOOK_WRITEBACK);
	prime(x);
	assert_int_equal(fixture_run(x, "write p /f 0 1M"), 0);
	fixture_advance(x, 2900000000u);
	assert_int_equal(dirty(x), 256);
	fixture_advance(x, 1200000000u);
	assert_int_equal(unwritten(x), 0);
}

/* Without periodic looks nothing is old; asking for them again writes all. */
static void test_never(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;

	prime(x);
	set(x, &c->dirty_writeback_centisecs, 0, CACHE_HOOK_WRITEBACK);
	assert_int_equal(fixture_run(x, "write p /f 0 1M"), 0);
	fixture_advance(x, 300 * SECOND);
	assert_int_equal(dirty(x), 256);
	set(x, &c->dirty_writeback_centisecs, 3000, CACHE_HOOK_WRITEBACK);
	fixture_advance(x, SECOND);
	assert_int_equal(unwritten(x), 0);
}

/* Above the background threshold all is written, below it nothing. */
static void test_background(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;
	uint64_t bg, thresh;

	prime(x);
	c->dirty_bytes = 32 * MIB;
	c->dirty_background_bytes = 4 * MIB;
	dirty_limits(c, &bg, &thresh);
	assert_int_equal(bg, 1024);
	assert_int_equal(thresh, 8192);
	assert_int_equal(fixture_run(x, "write p /f 0 3M"), 0);
	fixture_advance(x, SECOND);
	assert_int_equal(dirty(x), 768);
	assert_int_equal(fixture_run(x, "write p /f 3M 5M"), 0);
	fixture_advance(x, SECOND);
	assert_in_range(dirty(x), 0, 1024);
	assert_int_equal(unwritten(x), dirty(x));
}

/* The writer is held below the threshold, at the speed of the disk. */
static void test_throttle(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;
	vtime_t began;
	uint64_t took;

	prime(x);
	disk_at(c, 1)->bandwidth = 20000000;
	c->dirty_bytes = 8 * MIB;
	c->dirty_background_bytes = 4 * MIB;
	began = machine_now(&x->m);
	for (unsigned i = 0; i < 40; i++) {
		char line[64];

		snprintf(line, sizeof(line), "write p /f %uM 1M", i);
		assert_int_equal(fixture_run(x, line), 0);
		assert_in_range(unwritten(x), 0, 2048 + 256);
	}
	took = machine_now(&x->m) - began;
	assert_in_range(took, 3 * SECOND / 2, 5 * SECOND / 2);
	assert_in_range(wb_at(c, 1)->avg_write_bandwidth, 4000, 25000);
	/* Pages of a shared mapping count as those of write(2). */
	assert_int_equal(fixture_run(x, "mmap p m 32M shared file=/f"), 0);
	began = machine_now(&x->m);
	assert_int_equal(fixture_run(x, "touch p m write"), 0);
	assert_in_range(unwritten(x), 0, 2048 + 256);
	assert_in_range(machine_now(&x->m) - began, SECOND, 3 * SECOND);
}

/* Some time after the disk was busy anyway, however young. */
static void test_laptop(void **state)
{
	struct fixture *x = *state;
	struct cache *c = &x->m.cache;

	prime(x);
	assert_int_equal(fixture_run(x, "mkfile /other 1M"), 0);
	fixture_advance(x, SECOND / 10); /* its journal is written */
	c->laptop_mode = 2;
	assert_int_equal(fixture_run(x, "write p /f 0 1M"), 0);
	fixture_advance(x, 3 * SECOND);
	assert_int_equal(dirty(x), 256);
	assert_int_equal(fixture_run(x, "read p /other 0 64K"), 0);
	fixture_advance(x, 1900000000u);
	assert_int_equal(dirty(x), 256);
	/* the journal is busy with the disk for a moment, too */
	fixture_advance(x, 3 * SECOND);
	assert_int_equal(unwritten(x), 0);
}

/* A file that is dirtied all the time is written once all the same. */
static void test_fsync_ends(void **state)
{
	struct fixture *x = *state;
	uint32_t actor;
	vtime_t began;

	prime(x);
	assert_int_equal(fixture_run(x, "spawn q"), 0);
	assert_int_equal(fixture_run(x, "mkfile /f 8M"), 0);
	assert_int_equal(fixture_run(x, "mmap q m 8M shared file=/f"), 0);
	assert_int_equal(fixture_run(x, "touch q m write"), 0);
	assert_int_equal(
		fixture_begin(x, "async touch q m write for=5s", &actor), 0);
	began = machine_now(&x->m);
	assert_int_equal(fixture_run(x, "fsync p /f"), 0);
	assert_in_range(machine_now(&x->m) - began, 1, SECOND / 2);
	assert_int_equal(fixture_run(x, "sync"), 0);
	assert_in_range(machine_now(&x->m) - began, 1, SECOND);
	assert_true(machine_busy(&x->m, 0));
	fixture_advance(x, 6 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_expiry, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_expiry_short, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_never, setup, fixture_end),
		cmocka_unit_test_setup_teardown(test_background, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_throttle, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_laptop, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_fsync_ends, setup,
						fixture_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
