// SPDX-License-Identifier: Apache-2.0
/* A machine whose kernel panicked: panic() ends in a loop for ever. */
#include "vmcore/task/sched.h"

#include <errno.h>

/* Whatever somebody waits for fails; what acts by itself stands still. */
static void end_op(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	struct actor *a = actor_at(t, id);

	actor_abandon(t, ctx, a);
	a->task = a->queued = a->sibling = a->io_next = 0;
	a->direct.active = 0;
	a->begun = BEGUN_ENDED;
	a->result = ENOTRECOVERABLE;
	a->state = ACTOR_DONE;
	a->wake_at = t->now;
	a->psi = 0;
	t->nr_running_ops--;
	if (a->async && t->nr_watched)
		watch_done(t, a);
	if (a->async)
		pool_free(&t->actors, id);
}

/* An actor's record is in use if it has its own id in it. */
static bool waited_for(const struct tasks *t, uint32_t id)
{
	const struct actor *a = actor_at(t, id);

	return a->self == id && !a->detached && a->state != ACTOR_DONE;
}

void sched_halt(struct tasks *t, struct ctx *ctx)
{
	struct control *groups = t->space->control;
	uint32_t group = GROUP_ROOT;

	for (uint32_t i = 0; i < t->nr_cpus; i++) {
		struct cpu_state *c = &t->cpus[i];

		c->head[0] = c->head[1] = c->tail[0] = c->tail[1] = 0;
		c->running = c->active = 0;
		c->on_group = GROUP_ROOT;
	}
	task_for_each (t, task) {
		task_at(t, task)->actors = task_at(t, task)->actor = 0;
		task_at(t, task)->state = TASK_SLEEPING;
	}
	for (uint32_t id = 1; id <= t->actors.top; id++)
		if (waited_for(t, id))
			end_op(t, ctx, id);
	psi_stop(&t->psi, t->now);
	while ((group = group_next(groups, GROUP_ROOT, group)))
		psi_stop(&group_at(groups, group)->psi, t->now);
}
