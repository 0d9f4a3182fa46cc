// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sched.h"

/* Kernel threads by kind; others run the steps of their operation. */
daemon_step *const daemon_rows[NR_DAEMONS] = {
	[DAEMON_KSWAPD] = kswapd_step,
	[DAEMON_FLUSHER] = flusher_step,
};

void daemons_wake(struct tasks *t)
{
	struct phys *p = t->space->phys;

	for (uint32_t n = 0; n < p->nr_nodes; n++)
		if (p->nodes[n].kswapd_wake) {
			p->nodes[n].kswapd_wake = 0;
			sched_wake(t, t->kswapd[n]);
		}
}
