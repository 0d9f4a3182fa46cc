// SPDX-License-Identifier: Apache-2.0
/* Files of memory groups that act when written: mm/memcontrol.c
 * memory_max_write(), memory_high_write(), user_proactive_reclaim(). */
#include <errno.h>

#include "vmcore/machine.h"
#include "vmcore/task/oom.h"

/* What a step of the writer cost passes on the clock of everybody. */
static int time_passes(struct machine *m, const struct ctx *ctx, int waits)
{
	vtime_t until = machine_now(m) + ctx->cost_ns;
	int r = sched_submitted(&m->tasks);

	if (waits == WAIT_TIME && ctx->wait_until > until)
		until = ctx->wait_until;
	return r ? r : machine_pass(m, until);
}

/*
 * try_to_free_mem_cgroup_pages(): @pages of @group and those below it. Return:
 * what was freed, or a host errno.
 */
static int64_t free_pages(struct machine *m, uint32_t group, uint64_t pages,
			  enum scan_who who, uint32_t swappiness)
{
	struct need need = { .gfp = GFP_KERNEL,
			     .group = group,
			     .pages = pages < UINT32_MAX ? (uint32_t)pages
							 : UINT32_MAX };
	struct direct d = { 0 };
	struct ctx ctx = sched_ctx(&m->tasks, 0, 0);
	int r, err = 0;

	direct_begin(&m->space, &ctx, &need, &d);
	d.scan.who = who;
	d.scan.swappiness = swappiness;
	do {
		ctx = sched_ctx(&m->tasks, 0, 0);
		r = direct_step(&m->space, &ctx, &d);
		if (r >= 0)
			err = time_passes(m, &ctx, r);
	} while (!err && (r == STEP_MORE || r == WAIT_TIME));
	if (err || r < 0)
		return err ? err : r;
	return (int64_t)d.scan.nr_reclaimed;
}

/* mem_cgroup_out_of_memory() for a limit below what cannot go. */
static int kill_one(struct machine *m, uint32_t group)
{
	struct ctx ctx = sched_ctx(&m->tasks, 0, 0);
	struct actor writer = {
		.need = { .gfp = GFP_KERNEL, .group = group, .pages = 1 }
	};

	return oom_kill(&m->tasks, &ctx, &writer);
}

int machine_group_max(struct machine *m, uint32_t group, uint64_t pages)
{
	struct group *g = group_at(&m->control, group);
	unsigned retries = MAX_RECLAIM_RETRIES;
	int64_t freed = 0;
	int r = 0;

	g->max = pages;
	while (g->usage > g->max && r <= 0) {
		if (retries) {
			freed = free_pages(m, group, g->usage - g->max,
					   SCAN_DIRECT, 0);
			if (freed < 0)
				return (int)freed;
			retries -= !freed;
			continue;
		}
		group_count(&m->control, group, GROUP_OOM);
		r = kill_one(m, group);
		if (r < 0)
			return r;
	}
	return 0;
}

int machine_group_high(struct machine *m, uint32_t group, uint64_t pages)
{
	struct group *g = group_at(&m->control, group);
	unsigned retries = MAX_RECLAIM_RETRIES;
	int64_t freed;

	g->high = pages;
	while (g->usage > g->high && retries) {
		freed = free_pages(m, group, g->usage - g->high, SCAN_DIRECT,
				   0);
		if (freed < 0)
			return (int)freed;
		retries -= !freed;
	}
	return 0;
}

/* mem_cgroup_resize_max() */
int machine_group_resize(struct machine *m, uint32_t group, uint64_t pages,
			 bool memsw)
{
	struct group *g = group_at(&m->control, group);
	int64_t freed;

	if (memsw ? pages < g->max : pages > g->memsw_max)
		return EINVAL;
	while ((memsw ? group_memsw(&m->control, group) : g->usage) > pages) {
		freed = free_pages(m, group, 1, SCAN_DIRECT, 0);
		if (freed <= 0)
			return freed ? (int)freed : EBUSY;
	}
	*(memsw ? &g->memsw_max : &g->max) = pages;
	return 0;
}

/* mem_cgroup_force_empty() */
int machine_group_empty(struct machine *m, uint32_t group)
{
	const struct group *g = group_at(&m->control, group);
	unsigned retries = MAX_RECLAIM_RETRIES;
	int64_t freed;

	while (g->usage && retries) {
		freed = free_pages(m, group, 1, SCAN_DIRECT, 0);
		if (freed < 0)
			return (int)freed;
		retries -= !freed;
	}
	return 0;
}

int machine_group_reclaim(struct machine *m, uint32_t group, uint64_t pages,
			  uint32_t swappiness)
{
	unsigned retries = MAX_RECLAIM_RETRIES;
	/* What others bring in meanwhile is no part of it. */
	uint64_t most = group_at(&m->control, group)->usage, done = 0;
	uint64_t want = pages < most ? pages : most;
	int64_t freed;

	while (done < want) {
		freed = free_pages(m, group, want - done, SCAN_PROACTIVE,
				   swappiness);
		if (freed < 0)
			return (int)freed;
		if (!freed && !retries--)
			return EAGAIN;
		done += (uint64_t)freed;
	}
	return want < pages ? EAGAIN : 0;
}

int machine_group_kill(struct machine *m, uint32_t group)
{
	struct tasks *t = &m->tasks;
	struct ctx ctx = sched_ctx(t, 0, 0);
	uint32_t next;

	for (uint32_t id = t->first; id; id = next) {
		const struct task *task = task_at(t, id);

		next = task->next;
		if (!task->kthread && task->pid != 1 &&
		    group_below(&m->control, task->group, group))
			task_die(t, &ctx, id, 0, SIGKILL_NR);
	}
	return time_passes(m, &ctx, 0);
}

int machine_group_move(struct machine *m, uint32_t pid, uint32_t group)
{
	uint32_t id = task_find(&m->tasks, pid);

	if (!id)
		return ESRCH;
	if (task_at(&m->tasks, id)->kthread)
		return EINVAL;
	if (group_inner(&m->control, group))
		return EBUSY;
	task_join(&m->tasks, id, group);
	return 0;
}

int machine_group_subtree(struct machine *m, uint32_t group, bool on)
{
	struct tasks *t = &m->tasks;
	int r = group_set_subtree(&m->control, group, on);

	/* Who pays for processes below may be another now. */
	if (!r)
		task_for_each (t, id)
			task_join(t, id, task_at(t, id)->group);
	return r;
}
