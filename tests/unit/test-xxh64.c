// SPDX-License-Identifier: Apache-2.0
/* The sum of saved machines: the figures of xxHash's own tool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fs/xxh64.h"

static uint64_t sum(const char *text, size_t len, size_t cut)
{
	struct xxh64 h;

	xxh64_init(&h);
	for (size_t at = 0; at < len; at += cut)
		xxh64_add(&h, text + at, len - at < cut ? len - at : cut);
	return xxh64_end(&h);
}

static void test_known(void **state)
{
	static const char digits[] = "0123456789abcdef0123456789abcdef0123456";

	(void)state;
	assert_true(sum("", 0, 1) == 0xef46db3751d8e999u);
	assert_true(sum("a", 1, 1) == 0xd24ec4f1a98c6e5bu);
	assert_true(sum("abc", 3, 3) == 0x44bc2cf5ad770999u);
	for (size_t cut = 1; cut <= sizeof(digits); cut++)
		assert_true(sum(digits, sizeof(digits) - 1, cut) ==
			    0xe97f503d26863ecdu);
}

static void test_every_bit(void **state)
{
	char text[100];
	uint64_t whole;

	(void)state;
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 37);
	whole = sum(text, sizeof(text), 7);
	for (unsigned bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		assert_true(sum(text, sizeof(text), 64) != whole);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(sum(text, sizeof(text) - 1, 64) != whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_every_bit),
	};

	return cmocka_run_group_tests_name("xxh64", tests, NULL, NULL);
}
