// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/oom.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define REPORTS_NS    5000000000u /* DEFAULT_RATELIMIT_INTERVAL */
#define REPORTS_BURST 10u
#define ADJ_MIN	      (-1000)

void oom_add(struct oom_text *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(b->s + b->len, OOM_TEXT - b->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		b->len += (size_t)n < OOM_TEXT - b->len ? (size_t)n
							: OOM_TEXT - 1 - b->len;
}

void oom_line(const struct oom *o, unsigned level, const struct oom_text *b)
{
	klog_add(&o->t->log, o->t->now, level, "%.*s", (int)b->len, b->s);
}

void oom_path(const struct control *c, uint32_t group, struct oom_text *b)
{
	if (group <= GROUP_ROOT) {
		oom_add(b, "/");
		return;
	}
	if (group_at(c, group)->parent > GROUP_ROOT)
		oom_path(c, group_at(c, group)->parent, b);
	oom_add(b, "/%s", group_at(c, group)->name);
}

void oom_list(uint64_t bits, struct oom_text *b)
{
	const char *comma = "";

	if (!bits)
		oom_add(b, "(null)");
	for (unsigned i = 0; i < 64; i++) {
		unsigned from = i;

		if (!(bits >> i & 1))
			continue;
		while (i < 63 && bits >> (i + 1) & 1)
			i++;
		if (from == i)
			oom_add(b, "%s%u", comma, from);
		else
			oom_add(b, "%s%u-%u", comma, from, i);
		comma = ",";
	}
}

/* --- points -----------------------------------------------------------------
 */
/* in_vfork(): its parent's memory, which the parent answers for. */
static bool in_vfork(const struct tasks *t, const struct task *task)
{
	uint32_t parent = task->vforked ? task_find(t, task->ppid) : 0;

	return parent && task_at(t, parent)->mm == task->mm;
}

static bool unkillable(const struct task *task)
{
	return !task->mm || task->pid == 1 || task->kthread;
}

static bool classic(const struct tasks *t)
{
	return t->space->control->policy == POLICY_CLASSIC;
}

/* oom_badness() of 6.18: pages held, moved by oom_score_adj. */
static int64_t badness(const struct tasks *t, uint32_t id, uint64_t total)
{
	const struct task *task = task_at(t, id);
	const struct mm *mm;

	if (unkillable(task) || task->oom_score_adj == ADJ_MIN ||
	    in_vfork(t, task))
		return INT64_MIN;
	if (classic(t))
		return oom_points_classic(t, id);
	mm = mm_at(t->space, task->mm);
	return (int64_t)mm_rss(mm) + mm->rss[RSS_SWAP] +
	       (int64_t)(mm->pgtables_bytes >> PAGE_SHIFT) +
	       (int64_t)task->oom_score_adj * (int64_t)(total / 1000);
}

static uint64_t total_pages(const struct tasks *t)
{
	return phys_total_pages(t->space->phys) +
	       t->space->control->total_swap_pages;
}

int64_t task_badness(const struct tasks *t, uint32_t task)
{
	return badness(t, task, total_pages(t));
}

uint32_t task_oom_score(const struct tasks *t, uint32_t task)
{
	int64_t total = (int64_t)total_pages(t);
	int64_t points = badness(t, task, (uint64_t)total);

	if (points == INT64_MIN || !total)
		return 0;
	/* The points themselves, then. */
	if (classic(t))
		return points < UINT32_MAX ? (uint32_t)points : UINT32_MAX;
	points = (1000 + points * 1000 / total) * 2 / 3;
	return points > 0 ? (uint32_t)points : 0;
}

/* --- whose memory, and who of whom
 * --------------------------------------------
 */
static uint64_t memory_nodes(const struct phys *p)
{
	uint64_t nodes = 0;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		if (p->zones[z].managed)
			nodes |= 1ull << p->zones[z].node;
	return nodes;
}

static uint64_t present_pages(const struct phys *p, uint64_t nodes)
{
	uint64_t pages = 0;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		if (nodes >> p->zones[z].node & 1)
			pages += p->zones[z].present;
	return pages;
}

/* mem_cgroup_get_max(): memory, and what swap may take more. */
static uint64_t group_most(const struct control *c, uint32_t id)
{
	const struct group *g = group_at(c, id);
	uint64_t swap = g->swap_max < c->total_swap_pages ? g->swap_max
							  : c->total_swap_pages;

	return g->max + swap ? g->max + swap : 1;
}

/* constrained_alloc() */
static void constrain(struct oom *o)
{
	const struct tasks *t = o->t;
	const struct need *need = &o->a->need;
	uint64_t all = memory_nodes(t->space->phys);

	o->total = total_pages(t);
	if (need->pages) {
		o->constraint = CONSTRAINT_MEMCG;
		o->group = need->group > GROUP_ROOT ? need->group : GROUP_ROOT;
		o->total = group_most(t->space->control, o->group);
	} else if (need->nodes && (need->nodes & all) != all) {
		o->constraint = CONSTRAINT_MEMORY_POLICY;
		o->nodes = need->nodes;
		o->total = t->space->control->total_swap_pages +
			   present_pages(t->space->phys, need->nodes);
	}
}

/* mempolicy_in_oom_domain(): who is bound to other nodes is not killed for
 * these. */
static bool elsewhere(const struct oom *o, const struct task *task)
{
	return o->constraint == CONSTRAINT_MEMORY_POLICY &&
	       mpol_mode(task->policy) == MPOL_BIND &&
	       !(mpol_nodes(task->policy) & o->nodes);
}

bool oom_may_die(const struct oom *o, uint32_t id)
{
	const struct task *task = task_at(o->t, id);

	return !unkillable(task) && !elsewhere(o, task) &&
	       (!o->group ||
		group_below(o->t->space->control, task->group, o->group));
}

/* Highest points; of equals the last in the list (select_bad_process()), in
 * 2.6 the first. */
static uint32_t select_victim(const struct oom *o)
{
	int64_t most = INT64_MIN;
	uint32_t victim = 0;

	task_for_each (o->t, id) {
		int64_t points = oom_may_die(o, id)
					 ? badness(o->t, id, o->total)
					 : INT64_MIN;

		if (points == INT64_MIN || points < most ||
		    (victim && points == most && classic(o->t)))
			continue;
		most = points;
		victim = id;
	}
	return victim && classic(o->t) ? oom_child_classic(o, victim) : victim;
}

/* --- the kill
 * -----------------------------------------------------------------
 */
/* out_of_memory() with oom_kill_allocating_task. */
static uint32_t allocating_task(const struct oom *o)
{
	uint32_t id = o->a->task;

	if (o->group || !o->t->oom_kill_allocating_task || !id ||
	    unkillable(task_at(o->t, id)) ||
	    task_at(o->t, id)->oom_score_adj == ADJ_MIN)
		return 0;
	return id;
}

/* __ratelimit(&oom_rs): the log is not flooded. */
static bool may_report(struct tasks *t)
{
	if (!t->oom_since || t->now >= t->oom_since + REPORTS_NS) {
		t->oom_since = t->now ? t->now : 1;
		t->oom_reports = 0;
	}
	return t->oom_reports++ < REPORTS_BURST;
}

static const char *const constraint_names[] = {
	[CONSTRAINT_NONE] = "CONSTRAINT_NONE",
	[CONSTRAINT_CPUSET] = "CONSTRAINT_CPUSET",
	[CONSTRAINT_MEMORY_POLICY] = "CONSTRAINT_MEMORY_POLICY",
	[CONSTRAINT_MEMCG] = "CONSTRAINT_MEMCG",
};

/* dump_oom_victim() */
static void report_victim(const struct oom *o, uint32_t id)
{
	const struct control *c = o->t->space->control;
	const struct task *task = task_at(o->t, id);
	struct oom_text b = { 0 };

	oom_add(&b, "oom-kill:constraint=%s,nodemask=",
		constraint_names[o->constraint]);
	oom_list(o->nodes, &b);
	oom_add(&b, ",cpuset=/,mems_allowed=");
	oom_list(memory_nodes(o->t->space->phys), &b);
	oom_add(&b, o->group ? ",oom_memcg=" : ",global_oom");
	if (o->group)
		oom_path(c, o->group, &b);
	oom_add(&b, ",task_memcg=");
	oom_path(c, task->group, &b);
	oom_add(&b, ",task=%s,pid=%u,uid=%u", task->comm, task->pid, task->uid);
	oom_line(o, 6, &b);
}

/* The line of __oom_kill_process(), and what it counts. */
static void announce(const struct oom *o, uint32_t id, const char *message)
{
	struct tasks *t = o->t;
	const struct task *v = task_at(t, id);
	const struct mm *mm = mm_at(t->space, v->mm);

	vmstat_event(&t->space->phys->stat, OOM_KILL, 1);
	group_count(t->space->control, mm->group, GROUP_OOM_KILL);
	klog_add(
		&t->log, t->now, 3,
		"%s: Killed process %u (%s) total-vm:%llukB, anon-rss:%llukB, file-rss:%llukB, shmem-rss:%llukB, UID:%u pgtables:%llukB oom_score_adj:%d",
		message, v->pid, v->comm, oom_kb((int64_t)mm->total_vm),
		oom_kb(mm->rss[RSS_ANON]), oom_kb(mm->rss[RSS_FILE]),
		oom_kb(mm->rss[RSS_SHMEM]), v->uid,
		(oom_ull)(mm->pgtables_bytes >> 10), v->oom_score_adj);
}

/* Who lives in @mm as well dies with it, init and kernel threads aside. */
static void kill_mm(const struct oom *o, struct ctx *ctx, uint32_t mm,
		    struct actor *a)
{
	struct tasks *t = o->t;
	uint32_t next;

	for (uint32_t id = t->first; id; id = next) {
		next = task_at(t, id)->next;
		if (task_at(t, id)->mm != mm || unkillable(task_at(t, id)))
			continue;
		if (id != a->task) {
			task_die(t, ctx, id, 0, SIGKILL_NR);
			continue;
		}
		task_die(t, ctx, id, a->self, SIGKILL_NR);
		a->killed = SIGKILL_NR;
		a->begun = BEGUN_ENDED;
	}
}

/* mem_cgroup_get_oom_group(): the topmost below the limit that shall die as
 * a whole, 0 none. */
static uint32_t whole_group(const struct oom *o, uint32_t victim)
{
	const struct control *c = o->t->space->control;
	uint32_t id = task_at(o->t, victim)->group, found = 0;

	for (; id > GROUP_ROOT; id = group_at(c, id)->parent) {
		if (group_at(c, id)->oom_group)
			found = id;
		if (id == o->group)
			break;
	}
	return found;
}

/* oom_kill_memcg_member() of all: each is told of before the first is gone,
 * as the kernel's victims take their time to go. */
static void kill_group(const struct oom *o, struct ctx *ctx, uint32_t group,
		       const char *message, struct actor *a)
{
	struct tasks *t = o->t;
	struct control *c = t->space->control;
	struct oom_text b = { 0 };
	uint32_t last;

	group_count(c, group, GROUP_OOM_GROUP_KILL);
	oom_add(&b, "Tasks in ");
	oom_path(c, group, &b);
	oom_add(&b, " are going to be killed due to memory.oom.group set");
	oom_line(o, 6, &b);
	task_for_each (t, id) {
		const struct task *task = task_at(t, id);

		if (!unkillable(task) && task->oom_score_adj != ADJ_MIN &&
		    group_below(c, task->group, group))
			announce(o, id, message);
	}
	do {
		last = 0;
		task_for_each (t, id) {
			const struct task *task = task_at(t, id);

			if (!unkillable(task) &&
			    task->oom_score_adj != ADJ_MIN &&
			    group_below(c, task->group, group))
				last = id;
		}
		if (last)
			kill_mm(o, ctx, task_at(t, last)->mm, a);
	} while (last);
}

/* oom_kill_process() */
static void kill_victim(const struct oom *o, struct ctx *ctx, uint32_t victim,
			const char *message, struct actor *a)
{
	uint32_t group = whole_group(o, victim);

	if (may_report(o->t)) {
		oom_report(o);
		report_victim(o, victim);
	}
	announce(o, victim, message);
	if (group)
		kill_group(o, ctx, group, message, a);
	else
		kill_mm(o, ctx, task_at(o->t, victim)->mm, a);
}

static void tell_victim(const struct oom *o, const struct ctx *ctx,
			uint32_t victim)
{
	const struct task *v = task_at(o->t, victim);
	const struct mm *mm = mm_at(o->t->space, v->mm);

	ctx_tell(
		ctx,
		"oom_kill victim=%u name=%s points=%lld total=%llu anon=%lld file=%lld shmem=%lld swap=%lld oom_score_adj=%d rule=%s",
		v->pid, v->comm, (long long)badness(o->t, victim, o->total),
		(oom_ull)o->total, (long long)mm->rss[RSS_ANON],
		(long long)mm->rss[RSS_FILE], (long long)mm->rss[RSS_SHMEM],
		(long long)mm->rss[RSS_SWAP], v->oom_score_adj,
		victim == allocating_task(o) ? "oom_kill_allocating_task"
		: o->group		     ? "most-points-in-group"
					     : "most-points");
}

/* panic(): nothing moves any more. */
static int stop(const struct oom *o, const char *why)
{
	struct oom_text b = { 0 };

	oom_add(&b, "Kernel panic - not syncing: %s", why);
	oom_line(o, 0, &b);
	oom_report_stack(o);
	b.len = 0;
	oom_add(&b, "Kernel Offset: disabled");
	oom_line(o, 0, &b);
	b.len = 0;
	oom_add(&b, "---[ end Kernel panic - not syncing: %s ]---", why);
	oom_line(o, 0, &b);
	o->t->halted = 1;
	return ENOMEM;
}

int oom_kill(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct oom o = { .t = t, .a = a, .cpu = ctx->cpu };
	const char *message = "Out of memory (oom_kill_allocating_task)";
	uint32_t victim;

	constrain(&o);
	if (o.group)
		group_count(t->space->control, o.group, GROUP_OOM);
	/* check_panic_on_oom(): 1 is for the whole machine alone. */
	if (t->panic_on_oom == 2 || (t->panic_on_oom && !o.constraint)) {
		oom_report(&o);
		return stop(
			&o,
			t->panic_on_oom == 2
				? "Out of memory: compulsory panic_on_oom is enabled"
				: "Out of memory: system-wide panic_on_oom is enabled");
	}
	victim = allocating_task(&o);
	if (!victim) {
		message = o.group ? "Memory cgroup out of memory"
				  : "Out of memory";
		victim = select_victim(&o);
	}
	if (victim) {
		tell_victim(&o, ctx, victim);
		kill_victim(&o, ctx, victim, message, a);
		return 0;
	}
	oom_report(&o);
	klog_add(&t->log, t->now, 4,
		 "Out of memory and no killable processes...");
	return o.group ? ENOMEM : stop(&o, "System is deadlocked on memory");
}
