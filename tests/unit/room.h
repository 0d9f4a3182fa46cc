/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROOM_H
#define TESTS_ROOM_H

#include "tests/unit/machine-fixture.h"

/*
 * DOC: the same test with plenty of memory, and with too little of it under
 * both ways to reclaim.
 *
 * Models:  nothing.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   more than one node.
 */
struct room {
	const char *name;
	uint64_t memory_bytes;
	uint32_t generations; /* lru_gen/enabled */
};

static inline void room_boot(struct fixture *x, const struct room *room)
{
	fixture_boot(x, room->memory_bytes, false);
	assert_int_equal(machine_set_lru_gen(&x->m, room->generations), 0);
}

/* @test gets the room as its state; @short_bytes are too little for it. */
static inline int room_tests(CMUnitTestFunction test, uint64_t short_bytes)
{
	struct room rooms[] = {
		{ "roomy", 256u << 20, 0 },
		{ "short", short_bytes, 0 },
		{ "generations", short_bytes, 7 },
	};
	struct CMUnitTest tests[sizeof(rooms) / sizeof(*rooms)];

	for (unsigned i = 0; i < sizeof(rooms) / sizeof(*rooms); i++)
		tests[i] = (struct CMUnitTest){ .name = rooms[i].name,
						.test_func = test,
						.initial_state = &rooms[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
