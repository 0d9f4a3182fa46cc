// SPDX-License-Identifier: Apache-2.0
/* Processes and their memory groups: kernel/cgroup/cgroup.c. */
#include "vmcore/control/lru-gen.h"
#include "vmcore/task/sched.h"

#include <errno.h>
#include <string.h>

void task_join(struct tasks *t, uint32_t id, uint32_t group)
{
	struct control *c = t->space->control;
	struct task *task = task_at(t, id);

	group_at(c, task->group)->nr_tasks--;
	group_at(c, group)->nr_tasks++;
	task->group = group;
	sched_regroup(t, id);
	if (task->mm)
		mm_at(t->space, task->mm)->group = group_payer(c, group);
	sched_thaw(t, id);
}

/* A new group below one that is there. *@ret_above: that one. */
static int group_make(struct control *c, const struct ctx *ctx,
		      const char *path, uint32_t *ret_above,
		      uint32_t *ret_group)
{
	const char *name = strrchr(path, '/');
	uint32_t above = GROUP_ROOT;
	char head[OP_TEXT];
	size_t len;
	int r;

	name = name ? name + 1 : path;
	len = (size_t)(name - path);
	if (len) {
		memcpy(head, path, len - 1);
		head[len - 1] = '\0';
		above = group_find(c, head);
	}
	if (!above)
		return ENOENT;
	*ret_above = above;
	r = group_new(c, above, name, ret_group);
	if (!r) {
		gens_date(c, *ret_group, ctx->now);
		group_at(c, *ret_group)->frozen_at = ctx->now;
	}
	return r;
}

int op_cgroup(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct control *c = t->space->control;
	uint32_t group = group_find(c, a->op.text), above;
	int r = 0;

	if (!group) {
		r = group_make(c, ctx, a->op.text, &above, &group);
		/* scripts need not enable anything */
		if (!r && !group_at(c, above)->nr_tasks)
			group_set_subtree(c, above, true);
	}
	if (r || !a->task)
		return r;
	if (group_inner(c, group))
		return EBUSY;
	task_join(t, a->task, group);
	return 0;
}

/* mkdir(2): no controller but what cgroup.subtree_control above gives. */
int op_mkcgroup(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t group, above;

	return group_make(t->space->control, ctx, a->op.text, &above, &group);
}

int op_rmcgroup(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct control *c = t->space->control;
	uint32_t group = group_find(c, a->op.text);

	int r = group ? group_remove(c, group) : ENOENT;

	(void)ctx;
	if (!r)
		sched_off(t, group);
	return r;
}
