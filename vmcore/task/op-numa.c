// SPDX-License-Identifier: Apache-2.0
/* Memory policies, and pages that go elsewhere, by system call: mm/mempolicy.c,
 * mm/migrate.c. */
#include "vmcore/memory/move-pages.h"
#include "vmcore/task/sched.h"

#include <errno.h>

/* The policy word that the operation's arguments make. */
static int make(const struct tasks *t, const struct op *op,
		uint32_t *ret_policy)
{
	uint32_t flags = 0;

	if (op->flags & OPX_STATIC)
		flags |= MPOL_F_STATIC;
	if (op->flags & OPX_RELATIVE)
		flags |= MPOL_F_RELATIVE;
	if (op->flags & OPX_BALANCING)
		flags |= MPOL_F_BALANCING;
	return mpol_make(t->space->phys, (enum mpol_mode)op->advice, flags,
			 op->flags & OPX_VALUE ? op->value : 0, ret_policy);
}

int op_mempolicy(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct task *task = actor_task(t, a);
	uint32_t policy;
	int r = make(t, &a->op, &policy);

	if (r)
		return r;
	task->policy = policy;
	/* The first page in turn goes to the first node. */
	if (mpol_interleaves(policy)) {
		ctx->il_prev = MAX_NODES - 1;
		ctx->il_weight = 0;
	}
	return 0;
}

/* actor.cursor[0] of what moves pages; [1] counts those that stayed. */
enum { MOVE_BEGIN, MOVE_GOES_ON };

static int move_step(struct tasks *t, struct ctx *ctx, struct actor *a,
		     uint32_t from, uint32_t to, bool all)
{
	struct move_job job = {
		.at = a->pos, .end = a->end, .from = from, .to = to, .all = all
	};
	int r = memory_move_step(t->memory, ctx, actor_task(t, a)->mm, &job);

	a->cursor[0] = MOVE_GOES_ON;
	a->cursor[1] += (uint32_t)job.failed;
	a->pos = job.at;
	return r;
}

/* Which nodes' pages @policy does not want. */
static uint32_t unwanted(uint32_t policy)
{
	return ~mpol_nodes(policy);
}

int op_mbind(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	bool strict = a->op.flags & OPX_STRICT, moves = a->op.flags & OPX_MOVE;
	uint32_t policy;
	int r = make(t, &a->op, &policy);

	if (r)
		return r;
	if (a->cursor[0] == MOVE_BEGIN) {
		r = memory_mbind(t->memory, ctx, actor_task(t, a)->mm, a->pos,
				 a->end - a->pos, policy,
				 strict && !moves && policy);
		if (r || !moves)
			return r;
	}
	r = move_step(t, ctx, a, unwanted(policy), MAX_NODES, false);
	return !r && strict && a->cursor[1] ? EIO : r;
}

static bool has_memory(const struct tasks *t, uint64_t node)
{
	uint32_t policy;

	return node < MAX_NODES &&
	       !mpol_make(t->space->phys, MPOL_BIND, 0, 1ull << node, &policy);
}

/* do_migrate_pages(); the caller is root: also what others map. */
int op_migratepages(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->op.value >= MAX_NODES || !has_memory(t, a->op.loops))
		return EINVAL;
	if (a->op.value == a->op.loops)
		return 0;
	a->end = t->space->paging.task_size;
	return move_step(t, ctx, a, 1u << a->op.value, (uint32_t)a->op.loops,
			 true);
}

/* move_pages(2) of a range. */
int op_movepages(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!has_memory(t, a->op.value))
		return ENODEV;
	return move_step(t, ctx, a, ~(1u << a->op.value), (uint32_t)a->op.value,
			 false);
}
