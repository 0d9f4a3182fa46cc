// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/phys/block.h"
#include "vmcore/task/sched.h"

#define COSTLY_ORDER 3u /* PAGE_ALLOC_COSTLY_ORDER */

/* oom_badness() of 6.18: pages held, moved by oom_score_adj. */
static int64_t badness(const struct tasks *t, const struct task *task,
		       int64_t total)
{
	const struct mm *mm;

	if (!task->mm || task->pid == 1 || task->oom_score_adj == -1000)
		return INT64_MIN;
	mm = mm_at(t->space, task->mm);
	return (int64_t)mm_rss(mm) + mm->rss[RSS_SWAP] +
	       (int64_t)(mm->pgtables_bytes >> PAGE_SHIFT) +
	       (int64_t)task->oom_score_adj * (total / 1000);
}

static int64_t total_pages(const struct tasks *t)
{
	return (int64_t)(phys_total_pages(t->space->phys) +
			 t->space->control->total_swap_pages);
}

int64_t task_badness(const struct tasks *t, uint32_t task)
{
	return badness(t, task_at(t, task), total_pages(t));
}

uint32_t task_oom_score(const struct tasks *t, uint32_t task)
{
	int64_t total = total_pages(t);
	int64_t points = badness(t, task_at(t, task), total);

	if (points == INT64_MIN || !total)
		return 0;
	points = (1000 + points * 1000 / total) * 2 / 3;
	return points > 0 ? (uint32_t)points : 0;
}

/* Highest points; of equals the last in the list (select_bad_process()). */
static uint32_t select_victim(const struct tasks *t)
{
	int64_t most = INT64_MIN, total = total_pages(t);
	uint32_t victim = 0;

	task_for_each (t, id) {
		int64_t points = badness(t, task_at(t, id), total);

		if (points == INT64_MIN || points < most)
			continue;
		most = points;
		victim = id;
	}
	return victim;
}

static uint64_t kb(uint64_t pages)
{
	return pages << (PAGE_SHIFT - 10);
}

static void log_kill(struct tasks *t, const struct task *victim,
		     const struct actor *a)
{
	const struct mm *mm = mm_at(t->space, victim->mm);

	klog_add(
		&t->log, t->now, 4,
		"%s invoked oom-killer: gfp_mask=0x%x, order=%u, oom_score_adj=%d",
		a->task ? actor_task(t, a)->comm : "kernel", a->need.gfp,
		a->need.order, a->task ? actor_task(t, a)->oom_score_adj : 0);
	klog_add(
		&t->log, t->now, 3,
		"Out of memory: Killed process %u (%s) total-vm:%llukB, anon-rss:%llukB, file-rss:%llukB, shmem-rss:%llukB, UID:%u pgtables:%llukB oom_score_adj:%d",
		victim->pid, victim->comm, (unsigned long long)kb(mm->total_vm),
		(unsigned long long)kb((uint64_t)mm->rss[RSS_ANON]),
		(unsigned long long)kb((uint64_t)mm->rss[RSS_FILE]),
		(unsigned long long)kb((uint64_t)mm->rss[RSS_SHMEM]),
		victim->uid, (unsigned long long)(mm->pgtables_bytes >> 10),
		victim->oom_score_adj);
}

/* show_signal_msg(); where the program and its stack stood, nobody knows. */
void task_log_segfault(struct tasks *t, const struct ctx *ctx,
		       const struct actor *a)
{
	const struct task *task = actor_task(t, a);
	const struct mm *mm = mm_at(t->space, task->mm);
	uint64_t ip = ctx->fault_code & 16 ? ctx->fault_addr : mm->start_code;

	klog_add(
		&t->log, t->now, 6,
		"%s[%u]: segfault at %llx ip %016llx sp %016llx error %x likely on CPU %u (core %u, socket 0)",
		task->comm, task->pid, (unsigned long long)ctx->fault_addr,
		(unsigned long long)ip, (unsigned long long)mm->start_stack,
		ctx->fault_code, ctx->cpu, ctx->cpu);
}

/* out_of_memory(): a process pays. ENOMEM if none may be killed. */
static int kill_one(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t victim = select_victim(t);

	if (!victim)
		return ENOMEM;
	log_kill(t, task_at(t, victim), a);
	vmstat_event(&t->space->phys->stat, OOM_KILL, 1);
	if (victim == a->task) {
		task_die(t, ctx, victim, a->self, SIGKILL_NR);
		a->killed = SIGKILL_NR;
		a->begun = BEGUN_ENDED;
		return 0;
	}
	task_die(t, ctx, victim, 0, SIGKILL_NR);
	return 0;
}

int need_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!a->need.pages && !(a->need.gfp & GFP_BIT_DIRECT_RECLAIM))
		return ENOMEM;
	direct_begin(t->space, ctx, &a->need, &a->direct);
	return 0;
}

/* should_reclaim_retry(): would a zone do if all that can go went? */
static bool worth_a_retry(const struct tasks *t, const struct actor *a)
{
	const struct phys *p = t->space->phys;
	bool swap = t->space->control->free_swap_pages;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++) {
		const struct zone *zone = &p->zones[z];
		const int64_t *n = p->stat.zone[z];
		int64_t pages = n[NR_FREE_PAGES] + n[NR_ZONE_INACTIVE_FILE] +
				n[NR_ZONE_ACTIVE_FILE];

		if (!zone->managed || zone->type > a->direct.scan.highest)
			continue;
		if (swap)
			pages += n[NR_ZONE_INACTIVE_ANON] +
				 n[NR_ZONE_ACTIVE_ANON];
		if (pages > (int64_t)(zone_wmark(zone, WMARK_MIN) +
				      zone->reserve[a->direct.scan.highest]))
			return true;
	}
	return false;
}

/* Reclaim is over: is the request tried again, or does a process pay? */
static int need_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct direct *d = &a->direct;
	bool progress = d->scan.nr_reclaimed;

	if (progress && a->need.order <= COSTLY_ORDER) {
		d->retries = 0;
		return 0;
	}
	if (a->need.pages) {
		if (d->retries++ < MAX_RECLAIM_RETRIES)
			return 0;
	} else {
		if (!d->retries) {
			highatomic_unreserve(t->space->phys, ctx, a->need.gfp,
					     false);
			pcp_drain_all(t->space->phys);
		}
		if (a->need.gfp & GFP_BIT_NORETRY ||
		    (a->need.order > COSTLY_ORDER &&
		     !(a->need.gfp & GFP_BIT_RETRY_MAYFAIL)))
			return ENOMEM;
		if (d->retries++ < MAX_RECLAIM_RETRIES && worth_a_retry(t, a))
			return 0;
		/* Large blocks are not worth a process (1.9, step 11). */
		if (a->need.order > COSTLY_ORDER ||
		    a->need.gfp & GFP_BIT_RETRY_MAYFAIL)
			return ENOMEM;
	}
	d->retries = 0;
	return kill_one(t, ctx, a);
}

int need_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = direct_step(t->space, ctx, &a->direct);

	return r ? r : need_end(t, ctx, a);
}
