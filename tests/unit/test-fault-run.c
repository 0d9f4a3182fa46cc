// SPDX-License-Identifier: Apache-2.0
/*
 * Write faults that are taken by the run leave the same machine, byte for
 * byte, as the same ones taken one at a time: a machine that may only run for
 * an instant at a time has no room for two.
 */
#include "tests/unit/room.h"

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

static void test_twins(void **state)
{
	const struct room *room = *state;
	struct fixture a, b;

	room_boot(&a, room);
	room_boot(&b, room);
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

int main(void)
{
	return room_tests(test_twins, 64u << 20);
}
