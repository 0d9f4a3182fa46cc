// SPDX-License-Identifier: Apache-2.0
#include "fs/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_zeroes(void **state)
{
	static const char none[BYTES_PAGE];
	char page[BYTES_PAGE];

	(void)state;
	memset(page, 'x', sizeof(page));
	bytes_of(0, 0, sizeof(page), page);
	assert_memory_equal(page, none, sizeof(page));
}

/* Files that were read stay readable: these bytes are for good. */
static void test_golden(void **state)
{
	char page[BYTES_PAGE];

	(void)state;
	bytes_of(0x301c070d, 0, sizeof(page), page);
	assert_memory_equal(page,
			    "301c070d w0jQTTeUygUUN7FgHn0pR9uQFvnkKy3a7"
			    "Y36px_xAyxO2OLN90HNRc\n",
			    64);
	for (size_t i = 0; i < sizeof(page); i += 64) {
		assert_memory_equal(page + i, "301c070d ", 9);
		assert_int_equal(page[i + 63], '\n');
	}
}

static void test_pieces(void **state)
{
	char page[BYTES_PAGE], piece[BYTES_PAGE];

	(void)state;
	bytes_of(7, 0, sizeof(page), page);
	for (size_t off = 0; off < sizeof(page); off += 61) {
		size_t len = sizeof(page) - off < 130 ? sizeof(page) - off
						      : 130;

		bytes_of(7, off, len, piece);
		assert_memory_equal(piece, page + off, len);
	}
}

static void test_differ(void **state)
{
	char one[BYTES_PAGE], other[BYTES_PAGE];

	(void)state;
	bytes_of(7, 0, sizeof(one), one);
	bytes_of(8, 0, sizeof(other), other);
	for (size_t i = 0; i < sizeof(one); i += 64)
		assert_memory_not_equal(one + i + 9, other + i + 9, 54);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroes),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
