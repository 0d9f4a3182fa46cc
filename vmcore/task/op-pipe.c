// SPDX-License-Identifier: Apache-2.0
/* One process writes into a pipe and another reads: fs/pipe.c. */
#include "vmcore/task/sched.h"

#include <errno.h>

#define PIPE_PAGES 16u /* PIPE_DEF_BUFFERS, of a page each */
#define GFP_PIPE   (GFP_HIGHUSER | GFP_BIT_ACCOUNT)

/* Pages for @nr buffers, or none. */
static int fill(struct tasks *t, struct ctx *ctx, uint32_t nr, pfn_t *pages)
{
	struct phys *p = t->space->phys;
	uint32_t i = 0;
	int r = group_charge(t->space->control, ctx, nr);

	if (r)
		return r;
	for (; i < nr && !r; i++)
		r = page_alloc(p, ctx, 0, GFP_PIPE, &pages[i]);
	if (!r)
		return 0;
	for (i--; i; i--)
		page_free(p, ctx, pages[i - 1], 0);
	group_uncharge(t->space->control, ctx->group, nr);
	return r;
}

static void drain(struct tasks *t, struct ctx *ctx, uint32_t nr,
		  const pfn_t *pages)
{
	for (uint32_t i = 0; i < nr; i++)
		page_free(t->space->phys, ctx, pages[i], 0);
	group_uncharge(t->space->control, ctx->group, nr);
}

/*
 * As much as a pipe holds goes in and comes out again: the bytes of each page
 * are copied twice, each side makes a call and goes to sleep. The time is
 * both sides'; the reader's half stands in its own account.
 */
int op_pipe(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t left = a->op.size - a->pos, bytes = PIPE_PAGES * PAGE_SIZE;
	uint32_t reader = task_find(t, a->op.pid2), nr;
	struct task *from = actor_task(t, a), *to;
	pfn_t pages[PIPE_PAGES];
	uint64_t cost = ctx->cost_ns;
	int r;

	if (!left)
		return 0;
	if (!reader || task_at(t, reader)->kthread)
		return a->pos ? EPIPE : ESRCH;
	if (left < bytes)
		bytes = left;
	nr = (uint32_t)((bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
	r = fill(t, ctx, nr, pages);
	if (r)
		return r;
	to = task_at(t, reader);
	cost = ctx->cost_ns - cost;
	ctx_pay(ctx, COST_SYSCALL, 1);
	ctx_pay(ctx, COST_COPY_PAGE, nr);
	ctx_pay(ctx, COST_SWITCH, 1);
	cost = ctx->cost_ns - cost;
	drain(t, ctx, nr, pages);
	/* What the step costs is charged to the writer in the end. */
	from->stime_ns -= cost;
	to->stime_ns += cost;
	ctx->cost_ns += cost;
	from->wchar += bytes;
	from->syscw++;
	from->nvcsw++;
	to->rchar += bytes;
	to->syscr++;
	to->nvcsw++;
	a->pos += bytes;
	return STEP_MORE;
}
