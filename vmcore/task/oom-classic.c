// SPDX-License-Identifier: Apache-2.0
/* Who paid in kernels up to 2.6.35: badness() of mm/oom_kill.c of 2.6. */
#include "vmcore/task/oom.h"

#define ADJ_DISABLE (-17)

static uint64_t isqrt(uint64_t n)
{
	uint64_t r = 0;

	while ((r + 1) * (r + 1) <= n)
		r++;
	return r;
}

/* What takes no time is as good as what takes a unit of it. */
static uint64_t divide(uint64_t points, uint64_t by)
{
	return by ? points / by : points;
}

/* What was written there, which oom_score_adj keeps rounded down. */
int oom_adj_of(const struct task *task)
{
	int adj = task->oom_score_adj;

	if (adj == 1000)
		return 15;
	return (adj * 17 + (adj < 0 ? -500 : 500)) / 1000;
}

static uint64_t shift(uint64_t points, int adj)
{
	if (adj < 0)
		return points >> -adj;
	if (adj && !points)
		points = 1;
	return points << adj;
}

int64_t oom_points_classic(const struct tasks *t, uint32_t id)
{
	const struct task *task = task_at(t, id);
	uint64_t seconds = (task->utime_ns + task->stime_ns) / 1000000000u;
	uint64_t age = (t->now - task->start_time) / 1000000000u;
	uint64_t points;

	if (oom_adj_of(task) == ADJ_DISABLE)
		return INT64_MIN;
	points = mm_at(t->space, task->mm)->total_vm;
	/* Who starts others answers for half of them. */
	task_for_each (t, child) {
		const struct task *c = task_at(t, child);

		if (c->ppid == task->pid && c->mm && c->mm != task->mm)
			points += mm_at(t->space, c->mm)->total_vm / 2 + 1;
	}
	points = divide(points, isqrt(seconds >> 3));
	points = divide(points, isqrt(isqrt(age >> 10)));
	/* Two privileges of the superuser, a quarter each. */
	if (!task->uid)
		points /= 16;
	return (int64_t)shift(points, oom_adj_of(task));
}

/* oom_kill_process() began with a child that has memory of its own. */
uint32_t oom_child_classic(const struct oom *o, uint32_t victim)
{
	const struct task *task = task_at(o->t, victim);

	task_for_each (o->t, child) {
		const struct task *c = task_at(o->t, child);

		if (c->ppid == task->pid && c->mm != task->mm &&
		    oom_may_die(o, child) && oom_adj_of(c) != ADJ_DISABLE)
			return child;
	}
	return victim;
}
