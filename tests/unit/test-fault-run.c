// SPDX-License-Identifier: Apache-2.0
/*
 * Write faults that are taken by the run leave the same machine, byte for
 * byte, as the same ones taken one at a time: a machine that may only run for
 * an instant at a time has no room for two.
 */
#include "tests/unit/machine-fixture.h"

static const char *const lines[] = {
	"swapon /s 128M",
	"spawn a",
	"mmap a m 24M",
	"touch a m write 0 40K",
	"touch a m write 100K 3M",
	"touch a m write value=7",
	"fork a b",
	"touch b m write 1M 5M",
	"touch a m write 3M 9M value=9",
	"exit b",
	"touch a m write",
	"fork a c",
	"mmap c n 16M",
	"touch c n write",
	"madvise a m dontneed 2M 3M",
	"touch a m write 0 8M",
	"touch c m write",
	"mmap a l 8M locked",
	"touch a m write value=0",
	"mmap a o 40M",
	"touch a o write",
	"exit c",
	"touch a o write",
};

#define SLICE 300u /* ns: less than a fault takes */

/* A line to its end, at most @slice ns at a time. */
static int in_slices(struct fixture *x, const char *line, vtime_t slice)
{
	uint32_t actor;
	int r;

	memset(&x->result, 0, sizeof(x->result));
	r = fixture_begin(x, line, &actor);
	while (!r && !machine_take(&x->m, actor, &x->result))
		assert_int_equal(machine_run(&x->m, x->m.tasks.now + slice,
					     actor, UINT64_MAX),
				 0);
	return r ? r : x->result.error;
}

static void compare(uint64_t memory_bytes, uint32_t generations)
{
	struct fixture a, b;

	fixture_boot(&a, memory_bytes, false);
	fixture_boot(&b, memory_bytes, false);
	assert_int_equal(machine_set_lru_gen(&a.m, generations), 0);
	assert_int_equal(machine_set_lru_gen(&b.m, generations), 0);
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(fixture_run(&a, lines[i]),
				 in_slices(&b, lines[i], SLICE));
		if (machine_digest(&a.m) != machine_digest(&b.m))
			fail_msg("they differ after: %s", lines[i]);
	}
	assert_int_equal(fixture_check(&a.m), 0);
	machine_fini(&a.m);
	machine_fini(&b.m);
}

static void test_roomy(void **state)
{
	(void)state;
	compare(256u << 20, 0);
}

static void test_short(void **state)
{
	(void)state;
	compare(64u << 20, 0);
}

static void test_generations(void **state)
{
	(void)state;
	compare(64u << 20, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roomy),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_generations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
