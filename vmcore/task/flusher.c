// SPDX-License-Identifier: Apache-2.0
/* Threads that write dirty pages, one a disk, and what writers owe. */
#include "vmcore/space/pgtable.h"
#include "vmcore/task/sched.h"

static void clean_folio(void *arg, pfn_t folio)
{
	struct space *s = arg;

	rmap_clean(s, folio);
}

/* cursor[0]: its disk */
int flusher_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	vtime_t at;
	int r = wb_step(t->space->cache, ctx, a->cursor[0], clean_folio,
			t->space, &at);

	if (r)
		return r;
	if (at == NEVER)
		return WAIT_WAKE;
	ctx->wait_until = at;
	return WAIT_TIME;
}

int flushers_wake(struct tasks *t)
{
	struct cache *c = t->space->cache;
	int r = 0;

	if (!c->flush_wake)
		return 0;
	c->flush_wake = 0;
	for (uint32_t id = 1; id <= c->disks.top && !r; id++) {
		const struct wb *w = wb_at(c, id);
		vtime_t at = wb_due(w);

		if (!w->actor || at == NEVER)
			continue;
		if (at <= t->now)
			sched_wake(t, w->actor);
		else
			r = sched_wake_at(t, w->actor, at);
	}
	return r;
}

int dirtier_pay(struct tasks *t, struct ctx *ctx, const struct actor *a)
{
	struct task *task = a->task ? actor_task(t, a) : NULL;

	if (!task || task->kthread || !task->dirtier.nr_dirtied)
		return 0;
	return wb_balance(t->space->cache, ctx, task->dirtied_disk,
			  &task->dirtier);
}

void dirtier_count(struct tasks *t, const struct ctx *ctx,
		   const struct actor *a)
{
	struct task *task;

	if (!ctx->dirtied || !a->task)
		return;
	task = actor_task(t, a);
	task->dirtier.nr_dirtied += ctx->dirtied;
	task->dirtied_disk = ctx->dirtied_disk;
	/* folio_account_dirtied() */
	task->write_bytes += (uint64_t)ctx->dirtied << PAGE_SHIFT;
}
