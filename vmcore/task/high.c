// SPDX-License-Identifier: Apache-2.0
/*
 * Who charges above memory.high reclaims as much, and sleeps if that does not
 * help: mem_cgroup_handle_over_high(), calculate_high_delay() of
 * mm/memcontrol.c.
 */
#include "vmcore/task/sched.h"

#define CHARGE_BATCH 64u /* MEMCG_CHARGE_BATCH */
#define HZ	     250u
#define TICK_NS	     (1000000000u / HZ)
#define MOST_TICKS   (2 * HZ) /* MEMCG_MAX_HIGH_DELAY_JIFFIES */
#define LEAST_TICKS  (HZ / 100)

enum high_stage { HIGH_OFF, HIGH_NEXT, HIGH_RECLAIM, HIGH_SLEEP };

/* The kernel charges in batches and looks at each: here at as many pages. */
bool high_due(const struct tasks *t, const struct actor *a)
{
	return a->task && a->class == CLASS_USER &&
	       actor_task(t, a)->over_high >= CHARGE_BATCH;
}

void high_begin(struct tasks *t, struct actor *a, int left)
{
	struct task *task = actor_task(t, a);

	a->high = (struct high){
		.active = HIGH_NEXT,
		.group = group_payer(t->space->control, task->group),
		.pages = task->over_high,
		.retries = MAX_RECLAIM_RETRIES,
		.returning = left != STEP_MORE,
		.left = left,
	};
	task->over_high = 0;
}

/* reclaim_high(): the group and all above it that are over. */
static int next_group(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct control *c = t->space->control;
	struct high *h = &a->high;
	struct need need = { .gfp = GFP_KERNEL };

	while (h->group > GROUP_ROOT) {
		const struct group *g = group_at(c, h->group);

		need.group = h->group;
		h->group = g->parent;
		if (g->usage <= g->high)
			continue;
		need.pages = h->again ? SWAP_CLUSTER_MAX : h->pages;
		group_count(c, need.group, GROUP_HIGH);
		direct_begin(t->space, ctx, &need, &a->direct);
		h->active = HIGH_RECLAIM;
		return STEP_MORE;
	}
	return 0;
}

/* calculate_overage(): by what part, 20 bits of fraction. */
static uint64_t overage(uint64_t usage, uint64_t high)
{
	if (usage <= high)
		return 0;
	return ((usage - high) << 20) / (high ? high : 1);
}

/* The worst of the group and those above it, memory and swap. */
static void find_overage(struct control *c, uint32_t group, uint64_t most[2])
{
	uint64_t swap;

	most[0] = most[1] = 0;
	for (; group > GROUP_ROOT; group = group_at(c, group)->parent) {
		const struct group *g = group_at(c, group);
		uint64_t memory = overage(g->usage, g->high);

		swap = overage(g->swap_usage, g->swap_high);
		if (swap)
			group_count(c, group, GROUP_SWAP_HIGH);
		if (memory > most[0])
			most[0] = memory;
		if (swap > most[1])
			most[1] = swap;
	}
}

/* It grows by the square, and with what was charged. */
static uint64_t delay_ticks(uint64_t most, uint32_t pages)
{
	uint64_t ticks;

	if (most > 1u << 24)
		return MOST_TICKS;
	ticks = most * most * HZ >> 20 >> 14;
	return ticks * pages / CHARGE_BATCH;
}

static int over(struct actor *a)
{
	a->high.active = HIGH_OFF;
	a->memstall = 0;
	return a->high.left;
}

/* All groups had their turn: enough, again, or sleep. */
static int round_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct control *c = t->space->control;
	uint32_t group = group_payer(c, actor_task(t, a)->group);
	struct high *h = &a->high;
	uint64_t most[2], ticks;

	find_overage(c, group, most);
	ticks = delay_ticks(most[0], h->pages) + delay_ticks(most[1], h->pages);
	if (ticks > MOST_TICKS)
		ticks = MOST_TICKS;
	if (ticks <= LEAST_TICKS)
		return over(a);
	if (h->reclaimed || h->retries) {
		h->retries -= !h->reclaimed;
		h->again = 1;
		h->reclaimed = 0;
		h->group = group;
		return STEP_MORE;
	}
	h->active = HIGH_SLEEP;
	a->memstall = 1; /* psi_memstall_enter() */
	ctx->wait_until = ctx->now + ticks * TICK_NS;
	return WAIT_TIME;
}

int high_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = 0;

	switch ((enum high_stage)a->high.active) {
	case HIGH_RECLAIM:
		r = direct_step(t->space, ctx, &a->direct);
		if (r)
			return r;
		a->high.reclaimed += a->direct.scan.nr_reclaimed;
		a->high.active = HIGH_NEXT;
		return STEP_MORE;
	case HIGH_NEXT:
		r = next_group(t, ctx, a);
		return r ? r : round_end(t, ctx, a);
	case HIGH_SLEEP:
	case HIGH_OFF:
	default:
		return over(a);
	}
}
