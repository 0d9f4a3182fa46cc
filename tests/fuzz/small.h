/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_SMALL_H
#define TESTS_FUZZ_SMALL_H

#include "fs/profile.h"
#include "fs/session.h"

/*
 * DOC: a small machine for an input of a fuzz target.
 *
 * Models:  nothing of the kernel.
 * Owns:    a world of 48 MiB with a disk of 16 MiB.
 * Units:   does not apply.
 * Order:   does not apply.
 * Omits:   what is done to it: each target's.
 */
struct small {
	struct world w;
	struct profile p;
};

struct small *small_boot(void);
/* Lines of a script, each tried whatever became of those before it. */
void small_play(struct small *m, const char *text, size_t len);
/* It must recount right: else abort(). */
void small_check(const struct small *m);
void small_end(struct small *m);

#endif
