// SPDX-License-Identifier: Apache-2.0
/*
 * Processes of frozen memory groups stand still: kernel/cgroup/freezer.c. One
 * is stopped where it would return to its program, so not within a fault or
 * while it waits for a disk; a signal that kills still reaches it.
 */
#include "vmcore/machine.h"
#include "vmcore/task/sched.h"

bool task_frozen(const struct tasks *t, uint32_t task)
{
	const struct task *k = task_at(t, task);

	return !k->kthread && !k->outside &&
	       group_frozen(t->space->control, k->group);
}

/* What others do to it: a signal, another group. */
bool op_reaches_frozen(uint32_t code)
{
	return code == OP_KILL || code == OP_CGROUP;
}

bool sched_freezes(struct tasks *t, uint32_t id)
{
	struct actor *a = actor_at(t, id);

	if (!t->space->control->nr_freezing || !a->task ||
	    a->state != ACTOR_READY || a->direct.active || a->high.active ||
	    a->begun == BEGUN_ENDED || op_reaches_frozen(a->op.code) ||
	    !task_frozen(t, a->task))
		return false;
	a->state = ACTOR_FROZEN;
	task_at(t, a->task)->state = TASK_SLEEPING;
	sched_account(t, a);
	return true;
}

void sched_thaw(struct tasks *t, uint32_t task)
{
	if (task_frozen(t, task))
		return;
	for (uint32_t id = task_at(t, task)->actors; id;
	     id = actor_at(t, id)->sibling)
		if (actor_at(t, id)->state == ACTOR_FROZEN)
			sched_ready(t, id);
}

uint64_t group_frozen_ns(const struct control *c, uint32_t group, vtime_t now)
{
	const struct group *g = group_at(c, group);

	return g->frozen_ns + (group_frozen(c, group) ? now - g->frozen_at : 0);
}

bool machine_frozen(const struct machine *m, uint32_t pid)
{
	const struct tasks *t = &m->tasks;

	if (!m->control.nr_freezing)
		return false;
	task_for_each (t, id)
		if ((!pid || task_at(t, id)->pid == pid) &&
		    machine_busy(m, task_at(t, id)->pid) && task_frozen(t, id))
			return true;
	return false;
}

/* The time that passed is counted, and counted anew from now on. */
static void count_time(struct control *c, uint32_t top, vtime_t now)
{
	for (uint32_t id = top; id; id = group_next(c, top, id)) {
		struct group *g = group_at(c, id);

		g->frozen_ns = group_frozen_ns(c, id, now);
		g->frozen_at = now;
	}
}

void machine_group_freeze(struct machine *m, uint32_t group, bool on)
{
	struct control *c = &m->control;
	struct group *g = group_at(c, group);

	if (on == (bool)g->freeze)
		return;
	count_time(c, group, machine_now(m));
	g->freeze = on;
	c->nr_freezing += on ? 1 : UINT32_MAX;
	task_for_each (&m->tasks, id)
		sched_thaw(&m->tasks, id);
}
