// SPDX-License-Identifier: Apache-2.0
#define _XOPEN_SOURCE 700
/* Names of the machine for names of programs, and holes of files. */
#include "fs/store.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void there_and_back(const char *path, const char *wanted)
{
	char key[STORE_KEY], back[PATH_MAX];

	store_key(path, key);
	if (wanted)
		assert_string_equal(key, wanted);
	assert_true(store_path(key, back, sizeof(back)));
	assert_string_equal(back, path);
}

static void test_keys(void **state)
{
	(void)state;
	there_and_back("/a", "/a");
	there_and_back("/a b", "/a%20b");
	there_and_back("/#", "/%23");
	there_and_back("/100%", "/100%25");
	there_and_back("/%41", "/%2541");
	there_and_back("/\n\x7f\xff", "/%0a%7f%ff");
	/* a script's /mnt is the root of all */
	there_and_back("/mnt", "/%6dnt");
	there_and_back("/mnt/x", "/%6dnt/x");
	there_and_back("/mnt2", "/mnt2");
	there_and_back("/x/mnt", "/x/mnt");
}

static void test_long_keys(void **state)
{
	char path[400], key[STORE_KEY], other[STORE_KEY], back[PATH_MAX];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	store_key(path, key);
	assert_true(strlen(key) < STORE_KEY);
	path[sizeof(path) - 2] = 'b';
	store_key(path, other);
	assert_string_not_equal(key, other);
	assert_false(store_path(key, back, sizeof(back)));
}

static void test_no_paths(void **state)
{
	static const char *const keys[] = { "a",     "/",	"/a/",
					    "/a//b", "/../a",	"/a/../b",
					    "/./a",  "/.gone/7" };
	char back[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_false(store_path(keys[i], back, sizeof(back)));
}

static void test_holes(void **state)
{
	char name[] = "/tmp/test-store-XXXXXX";
	int fd = mkstemp(name);
	uint64_t holes;

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(store_holes(fd, 0, 1 << 20), 1 << 20);
	assert_int_equal(pwrite(fd, name, 4, 1 << 20), 4);
	holes = store_holes(fd, 0, 2 << 20);
	/* a file system that knows of no holes has none before the end */
	assert_true(holes < 2 << 20);
	assert_true(holes >= (1 << 20) - 4);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_no_paths),
		cmocka_unit_test(test_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
