// SPDX-License-Identifier: Apache-2.0
/* Time passes: events, steps, operations that are given up. */
#include <errno.h>

#include "vmcore/machine.h"
#include "vmcore/task/sched.h"

void machine_interrupt(struct machine *m, uint32_t actor)
{
	sched_interrupt(&m->tasks, actor);
}

int machine_run(struct machine *m, vtime_t until, uint32_t actor,
		uint64_t budget)
{
	return sched_run(&m->tasks, until, actor, budget);
}

int machine_pass(struct machine *m, vtime_t until)
{
	uint32_t told = 0;
	int r;

	do {
		r = sched_run(&m->tasks, until, 0, UINT64_MAX);
		told |= m->tasks.told;
	} while (!r && m->tasks.told);
	m->tasks.told = told;
	return r;
}

int machine_interrupt_op(struct machine *m, uint32_t actor)
{
	const struct tasks *t = &m->tasks;

	if (!actor || actor > t->actors.top ||
	    actor_at(t, actor)->self != actor || actor_at(t, actor)->detached ||
	    actor_at(t, actor)->state == ACTOR_DONE)
		return ESRCH;
	sched_interrupt(&m->tasks, actor);
	return 0;
}

vtime_t machine_next(const struct machine *m)
{
	return sched_next(&m->tasks);
}

bool machine_busy(const struct machine *m, uint32_t pid)
{
	const struct tasks *t = &m->tasks;
	uint32_t task;

	if (!pid)
		return t->nr_running_ops != 0;
	task = task_find(t, pid);
	if (!task)
		return false;
	for (uint32_t id = task_at(t, task)->actors; id;
	     id = actor_at(t, id)->sibling)
		if (!actor_at(t, id)->detached)
			return true;
	return false;
}
