// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sched.h"

/* Kernel threads by kind; others run the steps of their operation. */
daemon_step *const daemon_rows[NR_DAEMONS] = {
	[DAEMON_KSWAPD] = kswapd_step,
	[DAEMON_FLUSHER] = flusher_step,
	[DAEMON_KSMD] = ksmd_step,
	[DAEMON_KHUGEPAGED] = khugepaged_step,
	[DAEMON_KCOMPACTD] = kcompactd_step,
};

void daemons_wake(struct tasks *t)
{
	struct phys *p = t->space->phys;

	for (uint32_t n = 0; n < p->nr_nodes; n++)
		if (p->nodes[n].kswapd_wake) {
			p->nodes[n].kswapd_wake = 0;
			p->nodes[n].kswapd_running = t->kswapd[n] != 0;
			sched_wake(t, t->kswapd[n]);
		}
	kcompactd_wake(t);
	khugepaged_wake(t);
	ksmd_wake(t);
}

int sched_kthread(struct tasks *t, uint32_t task, enum daemon_kind kind,
		  uint32_t *ret_actor)
{
	struct actor *a;
	uint32_t id;
	int r = pool_new(&t->actors, &id);

	if (r)
		return r;
	a = actor_at(t, id);
	a->self = id;
	a->class = CLASS_KTHREAD;
	a->daemon = kind;
	a->detached = a->async = 1;
	a->begun = BEGUN;
	a->cpu = task_at(t, task)->cpu;
	sched_adopt(t, a, task);
	task_at(t, task)->state = TASK_SLEEPING;
	a->state = ACTOR_ASLEEP;
	*ret_actor = id;
	return 0;
}

void sched_wake(struct tasks *t, uint32_t id)
{
	if (id && (actor_at(t, id)->state == ACTOR_ASLEEP ||
		   actor_at(t, id)->state == ACTOR_TIMER))
		sched_ready(t, id);
}

int sched_wake_at(struct tasks *t, uint32_t id, vtime_t at)
{
	struct actor *a = actor_at(t, id);

	if (a->state != ACTOR_ASLEEP &&
	    (a->state != ACTOR_TIMER || a->wake_at <= at))
		return 0;
	a->state = ACTOR_TIMER;
	a->wake_at = at;
	return eventq_add(&t->events, at, a->class, EVENT_WAKE, id);
}
