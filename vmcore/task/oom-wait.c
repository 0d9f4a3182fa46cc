// SPDX-License-Identifier: Apache-2.0
/* A memory group at its limit that kills nobody: memory.oom_control of cgroup
 * version 1, mem_cgroup_oom_synchronize(). */
#include "vmcore/task/oom.h"

#define LOOK_NS 10000000u /* how often who waits for room looks */

int oom_charge(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!group_at(t->space->control, a->need.group)->oom_disabled)
		return oom_kill(t, ctx, a);
	a->oom_wait = a->need.group;
	ctx->wait_until = ctx->now + LOOK_NS;
	return WAIT_TIME;
}

bool oom_waits(const struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct control *c = t->space->control;

	if (!group_at(c, a->oom_wait)->oom_disabled ||
	    group_room(c, a->oom_wait, a->need.pages)) {
		a->oom_wait = 0;
		return false;
	}
	ctx->wait_until = ctx->now + LOOK_NS;
	return true;
}

bool tasks_under_oom(const struct tasks *t, uint32_t group)
{
	task_for_each (t, task)
		for (uint32_t id = task_at(t, task)->actors; id;
		     id = actor_at(t, id)->sibling)
			if (actor_at(t, id)->oom_wait &&
			    group_below(t->space->control,
					actor_at(t, id)->oom_wait, group))
				return true;
	return false;
}
