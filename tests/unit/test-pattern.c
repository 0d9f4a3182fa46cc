// SPDX-License-Identifier: Apache-2.0
/* Zipf's law over a million pages: how many differ, and what the first tenth
 * of the ranks gets, as the sums say. */
#include "vmcore/task/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAGES 1000000u
#define DRAWN 1000000u
#define TENTH (PAGES / 10)

static const struct {
	const char *text;
	unsigned distinct, tenth; /* of those drawn, the latter in per mille */
} rows[] = {
	/* distinct: sum of 1 - exp(-DRAWN p); tenth: H(TENTH) / H(PAGES) */
	{ "zipf:0", 632121, 100 },
	{ "zipf:0.5", 557029, 316 },
	{ "zipf:0.8", 391074, 609 },
	{ "zipf:1.0", 217043, 840 },
};

static void test_zipf(void **state)
{
	static unsigned char seen[PAGES];

	(void)state;
	for (unsigned k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		struct pattern p;
		uint64_t rng = 1;
		unsigned distinct = 0, tenth = 0;

		memset(seen, 0, sizeof(seen));
		assert_int_equal(pattern_parse(rows[k].text, 1, &p), 0);
		pattern_begin(&p, PAGES);
		/* Rank is page. */
		p.factor = 1;
		p.add = 0;
		for (unsigned i = 0; i < DRAWN; i++) {
			uint64_t page = pattern_next(&p, &rng, i);

			assert_true(page < PAGES);
			distinct += !seen[page];
			tenth += page < TENTH;
			seen[page] = 1;
		}
		assert_in_range(distinct, rows[k].distinct / 100 * 96,
				rows[k].distinct / 100 * 104);
		assert_in_range(tenth / (DRAWN / 1000), rows[k].tenth - 10,
				rows[k].tenth + 10);
	}
}

/* Histories are what they were: sums over the first pages drawn, as they come
 * out where each root of two is a product of its own. */
static const struct {
	const char *text;
	uint64_t pages, sum;
} drawn[] = {
	{ "zipf:0.5", 1000, 0x665171a72f1519a7 },
	{ "zipf:0.5", 1310720, 0xcbc42fc3be3181d9 },
	{ "zipf:0.5", 8589934592, 0x4dcae899d0b172db },
	{ "zipf:1.0", 1000, 0x683c26d646c243fe },
	{ "zipf:1.0", 1310720, 0xed64ed517d344fdb },
	{ "zipf:1.0", 8589934592, 0xe179e2d8f552339c },
	{ "zipf:1.3", 1000, 0x49337b1595e4ac6a },
	{ "zipf:1.3", 1310720, 0x477330f29c7fc774 },
	{ "zipf:1.3", 8589934592, 0xd7f25f7b7145c62c },
};

static void test_drawn(void **state)
{
	(void)state;
	for (unsigned k = 0; k < sizeof(drawn) / sizeof(drawn[0]); k++) {
		struct pattern p;
		uint64_t rng = 7, sum = 0;

		assert_int_equal(pattern_parse(drawn[k].text, 1, &p), 0);
		pattern_begin(&p, drawn[k].pages);
		for (unsigned i = 0; i < DRAWN / 10; i++)
			sum = sum * 31 + pattern_next(&p, &rng, i);
		assert_true(sum == drawn[k].sum);
	}
}

/* A page stands for a rank: over all ranks each comes once. */
static void test_shuffle(void **state)
{
	static unsigned char seen[4096];
	struct pattern p;

	(void)state;
	assert_int_equal(pattern_parse("zipf:1.2", 3, &p), 0);
	pattern_begin(&p, sizeof(seen));
	for (unsigned i = 0; i < sizeof(seen); i++) {
		uint64_t page = (i * p.factor + p.add) % sizeof(seen);

		assert_false(seen[page]);
		seen[page] = 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zipf),
		cmocka_unit_test(test_drawn),
		cmocka_unit_test(test_shuffle),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
