// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that somebody outside waits for: a program, a script. They are
 * those of `async` for the machine, which keeps no record of them once they are
 * done: a journal in which each begins at its time leads to the same state
 * whoever waited for what, and however late it was looked at.
 */
#include <string.h>

#include "vmcore/task/sched.h"

static int grow(struct tasks *t)
{
	uint32_t cap = t->cap_watched ? t->cap_watched * 2 : 16;
	const size_t size = sizeof(struct watched);
	void *more;
	int r = host_alloc(t->host, cap * size, &more);

	if (r)
		return r;
	if (t->nr_watched)
		memcpy(more, t->watched, t->nr_watched * size);
	host_free(t->host, t->watched, t->cap_watched * size);
	t->watched = more;
	t->cap_watched = cap;
	return 0;
}

int sched_watch(struct tasks *t, const struct op *op, uint64_t *ret_ticket)
{
	uint32_t actor;
	int r = t->nr_watched < t->cap_watched ? 0 : grow(t);

	if (!r)
		r = sched_begin(t, op, true, &actor);
	if (r)
		return r;
	t->watched[t->nr_watched++] = (struct watched){
		.ticket = ++t->watches,
		.actor = actor,
		.pid = op->pid,
	};
	*ret_ticket = t->watches;
	return 0;
}

void watch_done(struct tasks *t, const struct actor *a)
{
	for (uint32_t i = 0; i < t->nr_watched; i++) {
		struct watched *w = &t->watched[i];

		if (w->actor != a->self)
			continue;
		w->actor = 0;
		w->result = a->result;
		w->killed = a->killed;
		w->minflt = a->minflt;
		w->majflt = a->majflt;
		w->ended = a->wake_at;
		w->ret[0] = a->ret[0];
		w->ret[1] = a->ret[1];
		t->told = 1;
	}
}

bool sched_watched(struct tasks *t, uint64_t ticket, struct watched *ret)
{
	for (uint32_t i = 0; i < t->nr_watched; i++) {
		struct watched *w = &t->watched[i];

		if (w->ticket != ticket || w->actor)
			continue;
		*ret = *w;
		*w = t->watched[--t->nr_watched];
		return true;
	}
	return false;
}

uint32_t sched_watched_actor(const struct tasks *t, uint64_t ticket)
{
	for (uint32_t i = 0; i < t->nr_watched; i++)
		if (t->watched[i].ticket == ticket)
			return t->watched[i].actor;
	return 0;
}

void sched_unwatch(struct tasks *t, uint64_t ticket)
{
	for (uint32_t i = 0; i < t->nr_watched; i++) {
		if (t->watched[i].ticket != ticket)
			continue;
		t->watched[i] = t->watched[--t->nr_watched];
		return;
	}
}
