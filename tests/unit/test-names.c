// SPDX-License-Identifier: Apache-2.0
/* Names as programs use them, blocks of the file system, O_DIRECT. */
#include "tests/unit/machine-fixture.h"

#include <errno.h>

static int setup(void **state)
{
	fixture_new(state, 128u << 20);
	return fixture_run(*state, "spawn p");
}

static const struct inode *find(const struct fixture *x, const char *path)
{
	uint32_t id = inode_find(&x->m.cache, path);

	return id ? inode_at(&x->m.cache, id) : NULL;
}

/* Pages of the device of the first disk. */
static uint64_t buffers(const struct fixture *x)
{
	uint32_t bdev = disk_at(&x->m.cache, 1)->bdev;

	return inode_at(&x->m.cache, bdev)->nr_cached;
}

#define MOUNTED 6u /* of them are in memory since the mount */

static uint64_t paged_in(const struct fixture *x)
{
	return x->m.phys.stat.event[PGPGIN];
}

static void test_lookups(void **state)
{
	struct fixture *x = *state;
	uint64_t in;

	assert_int_equal(fixture_run(x, "ondisk /d 4K folder"), 0);
	/* the first block of the table is there since the mount */
	for (unsigned i = 0; i < 16; i++) {
		char line[32];

		snprintf(line, sizeof(line), "ondisk /d/o%u 0", i);
		assert_int_equal(fixture_run(x, line), 0);
	}
	assert_int_equal(fixture_run(x, "ondisk /d/f 10K"), 0);
	assert_int_equal(fixture_run(x, "ondisk /d/f 10K"), EEXIST);
	assert_int_equal(find(x, "/d/f")->slab, 0);
	assert_false(name_is_hot(&x->m.cache, "/d/f"));
	assert_int_equal(fixture_run(x, "stat p /d/f"), 0);
	/* the folder's block, and 32 of the table of inodes */
	assert_int_equal(buffers(x), MOUNTED + 1 + 31);
	assert_int_not_equal(find(x, "/d/f")->slab, 0);
	in = paged_in(x);
	assert_int_equal(fixture_run(x, "stat p /d/f"), 0);
	assert_true(name_is_hot(&x->m.cache, "/d/f"));
	assert_int_equal(fixture_run(x, "stat p /d/none"), ENOENT);
	assert_int_equal(paged_in(x), in);
	/* those that were not waited for come in, too */
	assert_int_equal(machine_run(&x->m, machine_now(&x->m) + 1000000000, 0,
				     UINT64_MAX),
			 0);
	assert_int_equal(fixture_run(x, "drop_caches 3"), 0);
	assert_int_equal(buffers(x), MOUNTED);
	assert_int_equal(fixture_run(x, "list p /d"), 0);
	assert_int_equal(buffers(x), MOUNTED + 1);
}

static void test_changes(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "create p /d folder"), 0);
	assert_int_equal(fixture_run(x, "create p /d/a"), 0);
	assert_int_equal(fixture_run(x, "create p /d/a"), EEXIST);
	assert_true(find(x, "/d")->flags & INODE_DIR);
	assert_int_equal(find(x, "/d")->dir_bytes, 12);
	/* their blocks, and the super block, are of one transaction */
	assert_int_equal(disk_at(&x->m.cache, 1)->journal.nr_running, 6);
	assert_int_equal(fixture_run(x, "write p /d/a 0 100K"), 0);
	assert_int_equal(fixture_run(x, "move p /d /e"), 0);
	assert_null(find(x, "/d/a"));
	assert_int_equal(find(x, "/e/a")->size, 100 << 10);
	assert_int_equal(find(x, "/e/a")->nr_cached, 25);
	assert_int_equal(fixture_run(x, "create p /d folder"), 0);
	assert_int_equal(fixture_run(x, "move p /d /e"), EEXIST);
	assert_int_equal(fixture_run(x, "move p /none /x"), ENOENT);
	assert_int_equal(fixture_run(x, "truncate p /e/a 10K"), 0);
	assert_int_equal(find(x, "/e/a")->size, 10 << 10);
	assert_true(find(x, "/e/a")->nr_cached <= 16);
	assert_int_equal(fixture_run(x, "truncate p /e/a 1M"), 0);
	assert_int_equal(fixture_run(x, "truncate p /e 0"), EISDIR);
	assert_int_equal(fixture_run(x, "rm /e/a"), 0);
}

static void test_direct(void **state)
{
	struct fixture *x = *state;
	uint64_t in, out;

	assert_int_equal(fixture_run(x, "mkfile /f 1M"), 0);
	in = paged_in(x);
	assert_int_equal(fixture_run(x, "read p /f 0 1M direct"), 0);
	assert_int_equal(find(x, "/f")->nr_cached, 0);
	assert_int_equal(paged_in(x) - in, 2048);
	/* what is dirty goes out first; a write drops what is cached */
	assert_int_equal(fixture_run(x, "write p /f 0 64K"), 0);
	out = x->m.phys.stat.event[PGPGOUT];
	assert_int_equal(fixture_run(x, "read p /f 0 64K direct"), 0);
	assert_int_equal(find(x, "/f")->nr_dirty, 0);
	assert_int_equal(x->m.phys.stat.event[PGPGOUT] - out, 128);
	assert_int_equal(fixture_run(x, "write p /f 0 64K direct"), 0);
	assert_int_equal(find(x, "/f")->nr_cached, 0);
	assert_int_equal(fixture_run(x, "write p /f 1M 64K direct"), 0);
	assert_int_equal(find(x, "/f")->size, (1 << 20) + (64 << 10));
}

static void test_clients(void **state)
{
	struct fixture *x = *state;
	uint32_t id;

	assert_int_equal(fixture_run(x, "client dd"), 0);
	id = task_named(&x->m.tasks, "dd");
	assert_int_equal(task_at(&x->m.tasks, id)->mm, 0);
	assert_int_equal(fixture_run(x, "mkfile /f 1M"), 0);
	assert_int_equal(fixture_run(x, "read dd /f 0 1M"), 0);
	assert_int_equal(task_at(&x->m.tasks, id)->rchar, 1 << 20);
	/* it has no memory to work on */
	assert_int_equal(fixture_run(x, "mmap dd r 1M"), ESRCH);
	assert_int_equal(fixture_run(x, "touch dd @400000 read"), ESRCH);
	assert_int_equal(fixture_run(x, "close dd /f"), 0);
	assert_int_equal(find(x, "/f")->refs, 0);
	assert_int_equal(fixture_run(x, "exit dd"), 0);
	/* what it did is its parent's now */
	id = task_find(&x->m.tasks, 1);
	assert_true(task_at(&x->m.tasks, id)->rchar >= 1 << 20);
}

static void test_watched(void **state)
{
	struct fixture *x = *state;
	struct op op = { .code = OP_READ, .len = 1 << 20 };
	struct watched result;
	uint64_t first, second;

	assert_int_equal(fixture_run(x, "mkfile /f 2M"), 0);
	op.pid = task_at(&x->m.tasks, task_named(&x->m.tasks, "p"))->pid;
	memcpy(op.text, "/f", 3);
	assert_int_equal(sched_watch(&x->m.tasks, &op, &first), 0);
	op.off = 1 << 20;
	assert_int_equal(sched_watch(&x->m.tasks, &op, &second), 0);
	assert_false(sched_watched(&x->m.tasks, first, &result));
	assert_int_equal(machine_run(&x->m, UINT64_MAX, 0, UINT64_MAX), 0);
	/* it returned when the first was done */
	assert_true(sched_watched(&x->m.tasks, first, &result));
	assert_int_equal(result.result, 0);
	assert_false(sched_watched(&x->m.tasks, second, &result));
	assert_int_equal(machine_run(&x->m, UINT64_MAX, 0, UINT64_MAX), 0);
	assert_true(sched_watched(&x->m.tasks, second, &result));
	assert_false(sched_watched(&x->m.tasks, second, &result));
}

/* A tree of one leaf grows by two levels at once. */
static void test_far(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_run(x, "write p /f 0 8K"), 0);
	assert_int_equal(fixture_run(x, "write p /f 20M 4K"), 0);
	assert_int_equal(fixture_check(&x->m), 0);
	assert_int_equal(fixture_run(x, "write p /f 8M 4K"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lookups, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_changes, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_direct, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_clients, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_watched, setup,
						fixture_end),
		cmocka_unit_test_setup_teardown(test_far, setup, fixture_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
