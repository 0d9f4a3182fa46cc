// SPDX-License-Identifier: Apache-2.0
/* Memory policies by system call: kernel_set_mempolicy(), kernel_mbind() of
 * mm/mempolicy.c. */
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

int op_mbind(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t policy;
	int r = make(t, &a->op, &policy);

	if (r)
		return r;
	return memory_mbind(t->memory, ctx, actor_task(t, a)->mm, a->pos,
			    a->end - a->pos, policy);
}
