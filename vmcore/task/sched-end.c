// SPDX-License-Identifier: Apache-2.0
/* Operations that are ended from outside. */
#include "vmcore/task/sched.h"

#include <errno.h>

/* Out of the queue behind the operation that runs. */
static void unqueue(struct tasks *t, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	uint32_t prev = actor_task(t, a)->actor;

	while (actor_at(t, prev)->queued != id)
		prev = actor_at(t, prev)->queued;
	actor_at(t, prev)->queued = a->queued;
	a->queued = 0;
}

void sched_interrupt(struct tasks *t, uint32_t id)
{
	struct actor *a = actor_at(t, id);

	if (a->state == ACTOR_DONE || a->state == ACTOR_ENDING)
		return;
	if (a->state == ACTOR_QUEUED)
		unqueue(t, id);
	a->begun = BEGUN_ENDED;
	a->result = EINTR;
	if (a->state == ACTOR_TIMER || a->state == ACTOR_QUEUED ||
	    a->state == ACTOR_FROZEN)
		sched_ready(t, id);
}

void sched_end_all(struct tasks *t, uint32_t task, uint32_t except,
		   uint32_t killed)
{
	uint32_t id = task_at(t, task)->actors, next;

	task_at(t, task)->actors = 0;
	task_at(t, task)->actor = 0;
	for (; id; id = next) {
		struct actor *a = actor_at(t, id);
		uint32_t state = a->state;

		next = a->sibling;
		a->sibling = a->queued = 0;
		a->task = 0;
		a->daemon = DAEMON_NONE;
		sched_account(t, a);
		if (id == except)
			continue;
		a->killed = killed;
		a->result = killed ? 0 : ESRCH;
		a->begun = BEGUN_ENDED;
		/* One that waits is woken to be told, but for I/O, which
		 * nothing interrupts; others are on a queue or on their CPU
		 * and are told when it picks them. */
		if (state == ACTOR_TIMER || state == ACTOR_QUEUED ||
		    state == ACTOR_FROZEN)
			sched_ready(t, id);
	}
}
