// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sched.h"

/* Takes nothing back by itself. */
int kswapd_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	(void)t;
	(void)ctx;
	(void)a;
	return WAIT_WAKE;
}
