// SPDX-License-Identifier: Apache-2.0
/* Processes and their memory groups: kernel/cgroup/cgroup.c. */
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
	if (task->mm)
		mm_at(t->space, task->mm)->group = group_payer(c, group);
}

/* A new group below one that is there; scripts need not enable anything. */
static int group_make(struct control *c, const char *path, uint32_t *ret_group)
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
	r = group_new(c, above, name, ret_group);
	if (!r && !group_at(c, above)->nr_tasks)
		group_set_subtree(c, above, true);
	return r;
}

int op_cgroup(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct control *c = t->space->control;
	uint32_t group = group_find(c, a->op.text);
	int r = 0;

	(void)ctx;
	if (!group)
		r = group_make(c, a->op.text, &group);
	if (r || !a->task)
		return r;
	if (group > GROUP_ROOT && group_at(c, group)->subtree)
		return EBUSY;
	task_join(t, a->task, group);
	return 0;
}

int op_rmcgroup(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct control *c = t->space->control;
	uint32_t group = group_find(c, a->op.text);

	(void)ctx;
	return group ? group_remove(c, group) : ENOENT;
}
