// SPDX-License-Identifier: Apache-2.0
/* Names looked up: stat(2). */
#include "vmcore/task/sched.h"

#include <errno.h>
#include <stdio.h>

#define BATCH 32u /* names a step */

/* Files are f0, f1 ... as mkfiles makes them; no file is called n0, n1 ... */
static int look_up(struct tasks *t, struct ctx *ctx, const struct actor *a)
{
	bool negative = a->op.flags & OPX_NEGATIVE;
	char path[128];
	int r;

	if ((unsigned)snprintf(path, sizeof(path), "%.100s/%c%llu", a->op.text,
			       negative ? 'n' : 'f',
			       (unsigned long long)a->loop) >= sizeof(path))
		return ENAMETOOLONG;
	ctx_pay(ctx, COST_SYSCALL, 1);
	r = name_look_up(t->space->cache, ctx, path);
	return r == ENOENT && negative ? 0 : r;
}

/* `statfiles P DIR N [negative]` */
int op_statfiles(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	for (unsigned n = 0; n < BATCH && a->loop < a->op.value; n++) {
		int r = look_up(t, ctx, a);

		/* What was looked up stands; the rest is a new step. */
		if (r)
			return r > OUTCOME_BASE && n ? STEP_MORE : r;
		a->loop++;
	}
	return a->loop < a->op.value ? STEP_MORE : 0;
}
