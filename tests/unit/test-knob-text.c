// SPDX-License-Identifier: Apache-2.0
#include "fs/knob-text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct values {
	int32_t small, vector[4];
	uint32_t wide_int;
	uint64_t wide;
	char text[8];
};

#define ROW(t, field, low, high)                                               \
	{                                                                      \
		.name = #field, .type = t,                                     \
		.off = offsetof(struct values, field), .min = low, .max = high \
	}
static const struct knob small_row = ROW(KNOB_INT, small, 0, 200);
static const struct knob any_row = ROW(KNOB_INT, small, INT32_MIN, INT32_MAX);
static const struct knob flag_row = ROW(KNOB_BOOL, small, 0, 1);
static const struct knob uint_row = ROW(KNOB_UINT, wide_int, 0, UINT32_MAX);
static const struct knob wide_row = ROW(KNOB_ULONG, wide, 0, -1);
static const struct knob vector_row = {
	.type = KNOB_INTVEC,
	.len = 4,
	.off = offsetof(struct values, vector),
	.min = INT32_MIN,
	.max = INT32_MAX,
};
static const struct knob text_row = {
	.type = KNOB_STRING,
	.len = 8,
	.off = offsetof(struct values, text),
};

/* What sysctl-behaviour.tsv and linux-mm.md 14.1 say of each kind of row. */
static const struct {
	const struct knob *row;
	const char *written;
	int err;
	size_t used;
	const char *after;
} cases[] = {
	{ &small_row, "0", 0, 1, "0\n" },
	{ &small_row, "200", 0, 3, "200\n" },
	{ &small_row, "201", -EINVAL, 0, "7\n" },
	{ &small_row, "-1", -EINVAL, 0, "7\n" },
	{ &small_row, "abc", -EINVAL, 0, "7\n" },
	{ &small_row, "", 0, 0, "7\n" },
	{ &small_row, " ", -EINVAL, 0, "7\n" },
	{ &small_row, "\n", -EINVAL, 0, "7\n" },
	{ &small_row, "1abc", -EINVAL, 0, "7\n" },
	{ &small_row, "1 2", 0, 2, "1\n" },
	{ &small_row, "1\n", 0, 2, "1\n" },
	{ &small_row, "0x10", 0, 4, "16\n" },
	{ &small_row, "0x", -EINVAL, 0, "7\n" },
	{ &small_row, "0xg", -EINVAL, 0, "7\n" },
	{ &small_row, "010", 0, 3, "8\n" },
	{ &small_row, "08", -EINVAL, 0, "7\n" },
	{ &small_row, " 5", 0, 2, "5\n" },
	{ &small_row, "5 ", 0, 2, "5\n" },
	{ &small_row, "+5", -EINVAL, 0, "7\n" },
	{ &small_row, "-", -EINVAL, 0, "7\n" },
	{ &small_row, "000000000000000000001", -EINVAL, 0, "7\n" },
	{ &any_row, "-1", 0, 2, "-1\n" },
	{ &any_row, "2147483647", 0, 10, "2147483647\n" },
	{ &any_row, "2147483648", -EINVAL, 0, "7\n" },
	{ &any_row, "-2147483648", 0, 11, "-2147483648\n" },
	{ &any_row, "-2147483649", -EINVAL, 0, "7\n" },
	{ &any_row, "4294967296", -EINVAL, 0, "7\n" },
	{ &any_row, "99999999999999999999", -EINVAL, 0, "7\n" },
	{ &flag_row, "2", 0, 1, "1\n" },
	{ &flag_row, "0", 0, 1, "0\n" },
	{ &uint_row, "4294967295", 0, 10, "4294967295\n" },
	{ &uint_row, "4294967296", -EINVAL, 0, "0\n" },
	{ &uint_row, "-1", -EINVAL, 0, "0\n" },
	{ &wide_row, "18446744073709551615", 0, 20, "18446744073709551615\n" },
	{ &wide_row, "18446744073709551616", -EINVAL, 0, "0\n" },
	{ &wide_row, "-1", -EINVAL, 0, "0\n" },
	{ &vector_row, "1 2 3 4", 0, 7, "1\t2\t3\t4\n" },
	{ &vector_row, "1\t2\n", 0, 4, "1\t2\t0\t0\n" },
	{ &vector_row, "1 2 3 4 5", 0, 8, "1\t2\t3\t4\n" },
	{ &text_row, "name\nmore", 0, 9, "name\n" },
	{ &text_row, "longer than it", 0, 14, "longer \n" },
};

static void writes_answer_as_linux(void **state)
{
	struct knob_value value;
	struct outbuf out;

	(void)state;
	out_init(&out);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct values v = { .small = 7 };
		int err = knob_parse(cases[i].row, cases[i].written,
				     strlen(cases[i].written), &value);

		if (err != cases[i].err)
			fail_msg("'%s': %d", cases[i].written, err);
		if (!err) {
			assert_int_equal(value.used, cases[i].used);
			knob_put(cases[i].row, &v, &value);
		}
		out_clear(&out);
		knob_print(cases[i].row, &v, &out);
		assert_string_equal(out.text, cases[i].after);
	}
	out_free(&out);
}

static void put_tells_what_changed(void **state)
{
	struct values v = { .small = 7 };
	struct knob_value value;

	(void)state;
	assert_int_equal(knob_parse(&small_row, "7", 1, &value), 0);
	assert_false(knob_put(&small_row, &v, &value));
	assert_int_equal(knob_parse(&small_row, "8", 1, &value), 0);
	assert_true(knob_put(&small_row, &v, &value));
	assert_int_equal(v.small, 8);
	assert_int_equal(knob_parse(&text_row, "a", 1, &value), 0);
	assert_true(knob_put(&text_row, &v, &value));
	assert_false(knob_put(&text_row, &v, &value));
}

/* The elements before a bad one are told: lowmem_reserve_ratio keeps them. */
static void a_failure_keeps_what_came_before(void **state)
{
	struct knob_value value;

	(void)state;
	assert_int_equal(knob_parse(&vector_row, "1 2 x", 5, &value), -EINVAL);
	assert_int_equal(value.nr, 2);
	assert_int_equal(value.used, 4);
}

static void a_write_longer_than_a_page_is_cut(void **state)
{
	static char text[8192];
	struct knob_value value;

	(void)state;
	memset(text, ' ', sizeof(text));
	text[5000] = '1';
	assert_int_equal(knob_parse(&small_row, text, sizeof(text), &value),
			 -EINVAL);
	text[100] = '1';
	assert_int_equal(knob_parse(&small_row, text, sizeof(text), &value), 0);
	assert_int_equal(value.used, 4095);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_answer_as_linux),
		cmocka_unit_test(put_tells_what_changed),
		cmocka_unit_test(a_failure_keeps_what_came_before),
		cmocka_unit_test(a_write_longer_than_a_page_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
