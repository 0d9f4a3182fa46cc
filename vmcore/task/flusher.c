// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sched.h"

/* Writes nothing by itself: dirty pages wait for fsync and sync. */
int flusher_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	(void)t;
	(void)ctx;
	(void)a;
	return WAIT_WAKE;
}
