// SPDX-License-Identifier: Apache-2.0
/* How often a process's pages are looked at for NUMA balancing, and what its
 * faults say: task_tick_numa(), task_numa_fault(), task_numa_placement(),
 * update_task_scan_period(), task_numa_migrate() of kernel/sched/fair.c. */
#include "vmcore/memory/numab.h"
#include "vmcore/task/sched.h"

#define MS_NS	      1000000ull
#define SCAN_DELAY_NS (1000 * MS_NS) /* numa_balancing/scan_delay_ms */
#define PERIOD_MIN_NS (1000 * MS_NS) /* scan_period_min_ms */
#define PERIOD_MAX_NS (60000 * MS_NS)
#define FLOOR_NS      (100 * MS_NS) /* 1 s for MAX_SCAN_WINDOW, 2560 MiB */
#define WINDOW_PAGES  65536u
#define SLOTS	      10 /* NUMA_PERIOD_SLOTS */
#define THRESHOLD     7 /* NUMA_PERIOD_THRESHOLD */

/* task_nr_scan_windows(): passes of 256 MiB that what it uses takes. */
static uint64_t windows(const struct tasks *t, const struct task *task)
{
	uint64_t rss = mm_rss(mm_at(t->space, task->mm));

	return rss ? (rss + WINDOW_PAGES - 1) / WINDOW_PAGES : 1;
}

static uint64_t period_min(const struct tasks *t, const struct task *task)
{
	uint64_t ns = PERIOD_MIN_NS / windows(t, task);

	return ns > FLOOR_NS ? ns : FLOOR_NS;
}

static uint64_t period_max(const struct tasks *t, const struct task *task)
{
	uint64_t ns = PERIOD_MAX_NS / windows(t, task);
	uint64_t least = period_min(t, task);

	return ns > least ? ns : least;
}

/* update_task_scan_period(): slower where all is well, faster where not. */
static void adapt(struct tasks *t, struct task *task)
{
	struct numab *n = &task->numab;
	uint64_t all = n->local + n->remote, least = period_min(t, task);
	uint64_t most = period_max(t, task), slot;
	int64_t local, alone, diff;

	if (!all || n->failed) {
		n->period_ns = n->period_ns * 2 < most ? n->period_ns * 2
						       : most;
		mm_at(t->space, task->mm)->numa_next_scan =
			t->now + n->period_ns;
		return;
	}
	slot = (n->period_ns + SLOTS - 1) / SLOTS;
	local = (int64_t)(n->local * SLOTS / all);
	alone = (int64_t)((all - n->shared) * SLOTS / all);
	diff = alone >= THRESHOLD ? alone : local;
	if (diff >= THRESHOLD)
		diff = diff > THRESHOLD ? diff - THRESHOLD : 1;
	else
		diff = (alone > local ? alone : local) - THRESHOLD;
	diff = (int64_t)n->period_ns + diff * (int64_t)slot;
	n->period_ns = diff < (int64_t)least  ? least
		       : diff > (int64_t)most ? most
					      : (uint64_t)diff;
}

/* task_numa_placement(), once a pass: where most of its pages are used. */
static void place(struct tasks *t, struct task *task)
{
	struct numab *n = &task->numab;
	uint32_t seq = mm_at(t->space, task->mm)->numa_scan_seq;
	uint64_t most = 0;

	if (n->seq == seq)
		return;
	n->seq = seq;
	for (unsigned i = 0; i < MAX_NODES; i++) {
		n->faults[i] = n->faults[i] / 2 + n->fresh[i];
		n->fresh[i] = 0;
		if (n->faults[i] <= most)
			continue;
		most = n->faults[i];
		n->preferred = i + 1;
	}
	adapt(t, task);
	n->local = n->remote = n->shared = n->failed = 0;
}

/* --- to where its memory is -------------------------------------------------
 */
#define RETRY_NS (1000 * MS_NS)

static bool may_move(const struct task *task)
{
	return !task->pinned && !task->bound && !task->kthread;
}

/* task_numa_compare(): who runs there would rather be at @node. */
static struct task *would_swap(const struct tasks *t, uint32_t cpu,
			       unsigned node)
{
	uint32_t id = t->cpus[cpu].running;
	uint32_t task = id ? actor_at(t, id)->task : 0;

	if (!task || !may_move(task_at(t, task)) ||
	    task_at(t, task)->numab.preferred != node + 1)
		return NULL;
	return task_at(t, task);
}

/*
 * numa_migrate_preferred(): to a CPU of the node that most of its pages are
 * on: one that idles, else in exchange. It goes there when its step is over.
 */
static void migrate(struct tasks *t, struct task *task)
{
	struct numab *n = &task->numab;
	const struct phys *p = t->space->phys;
	unsigned from = p->cpu_node[task->cpu], to = n->preferred - 1;
	uint64_t wait = n->period_ns / 16;

	if (!n->preferred || to == from || !may_move(task) ||
	    t->now < n->retry_at || n->faults[to] <= n->faults[from])
		return;
	n->retry_at = t->now + (wait < RETRY_NS ? wait : RETRY_NS);
	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++)
		if (p->cpu_node[cpu] == to && sched_idle(t, cpu)) {
			task->cpu = cpu;
			return;
		}
	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++) {
		struct task *other = p->cpu_node[cpu] == to
					     ? would_swap(t, cpu, from)
					     : NULL;

		if (other) {
			other->cpu = task->cpu;
			task->cpu = cpu;
			return;
		}
	}
}

void numab_count(struct tasks *t, const struct ctx *ctx, uint32_t id)
{
	const struct numab_faults *f = &ctx->numab;
	struct task *task = task_at(t, id);
	struct numab *n = &task->numab;

	if (!f->local && !f->remote)
		return;
	if (task->mm)
		place(t, task);
	n->local += f->local;
	n->remote += f->remote;
	n->shared += f->shared;
	n->migrated += f->came;
	n->failed += f->remote - f->came - f->stayed;
	for (unsigned i = 0; i < MAX_NODES; i++) {
		n->fresh[i] += f->node[i];
		n->total += f->node[i];
	}
	migrate(t, task);
}

bool numab_early(const struct tasks *t, uint32_t id)
{
	const struct task *task = task_at(t, id);

	return !task->numab.preferred || task->numab.seq <= 4;
}

/* task_tick_numa(), task_numa_work() */
void numab_tick(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	struct task *task = task_at(t, id);
	struct numab *n = &task->numab;
	struct mm *mm = task->mm ? mm_at(t->space, task->mm) : NULL;
	uint64_t ran = task->utime_ns + task->stime_ns, before = ctx->cost_ns;

	if (!mm || task->kthread)
		return;
	if (!n->period_ns)
		n->period_ns = period_min(t, task);
	if (!mm->numa_next_scan)
		mm->numa_next_scan = task->start_time + SCAN_DELAY_NS;
	if (ran <= n->stamp_ns + n->period_ns)
		return;
	n->stamp_ns += n->period_ns;
	if (t->now < mm->numa_next_scan)
		return;
	mm->numa_next_scan = t->now + n->period_ns;
	memory_numa_scan(t->memory, ctx, task->mm);
	/* It shall not spend more than a small part of its time on this. */
	n->stamp_ns += 32 * (ctx->cost_ns - before);
}
