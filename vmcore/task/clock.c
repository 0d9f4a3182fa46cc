// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "vmcore/phys/block.h"
#include "vmcore/task/sched.h"

#define NS_PER_S       1000000000u
#define LOAD_PERIOD_NS 5004000000u /* 5 * HZ + 1 ticks of 4 ms */

int clock_init(struct tasks *t)
{
	int r;

	t->next_load = LOAD_PERIOD_NS;
	t->triggers.next = UINT64_MAX;
	r = eventq_add(&t->events, t->next_load, CLASS_IO, EVENT_TICK, 0);
	if (!r)
		r = eventq_add(&t->events, PSI_PERIOD_NS, CLASS_IO, EVENT_PSI,
			       0);
	if (!r)
		r = eventq_add(&t->events, NS_PER_S, CLASS_IO, EVENT_STAT, 0);
	return r;
}

static void io_event(struct tasks *t, uint32_t id)
{
	struct cache *c = t->space->cache;
	struct ctx ctx = sched_ctx(t, 0, 0);
	struct io *io = pool_at(&c->ios, id);
	uint32_t waiter = io->waiters, next;

	io->waiters = 0;
	io_complete(c, &ctx, id);
	for (; waiter; waiter = next) {
		struct actor *a = actor_at(t, waiter);

		next = a->io_next;
		a->io_next = a->wait_io = 0;
		sched_ready(t, waiter);
	}
}

static uint32_t nr_running(const struct tasks *t)
{
	uint32_t n = 0;

	task_for_each (t, id) {
		const struct task *task = task_at(t, id);

		n += task->state == TASK_RUNNING || task->state == TASK_DISK;
	}
	return n;
}

/* calc_load(): exponentially decaying averages with 11 bits of fraction. */
static int tick_event(struct tasks *t)
{
	static const uint64_t decay[3] = { 1884, 2014, 2037 };
	uint64_t active = (uint64_t)nr_running(t) << 11;

	for (unsigned i = 0; i < 3; i++) {
		uint64_t load =
			t->avenrun[i] * decay[i] + active * (2048 - decay[i]);

		if (active >= t->avenrun[i])
			load += 2047;
		t->avenrun[i] = load >> 11;
	}
	t->next_load += LOAD_PERIOD_NS;
	return eventq_add(&t->events, t->next_load, CLASS_IO, EVENT_TICK, 0);
}

static int psi_event(struct tasks *t)
{
	struct control *c = t->space->control;
	uint32_t id = GROUP_ROOT;

	psi_average(&t->psi, t->now);
	while ((id = group_next(c, GROUP_ROOT, id)))
		psi_average(&group_at(c, id)->psi, t->now);
	return eventq_add(&t->events, t->now + PSI_PERIOD_NS, CLASS_IO,
			  EVENT_PSI, 0);
}

/* vmstat_update() of CPUs that did something since: quiet_vmstat() stops it
 * on the others. */
static int stat_event(struct tasks *t)
{
	int32_t seconds = t->space->phys->stat_interval;

	for (uint32_t i = 0; i < t->nr_cpus; i++)
		if (t->cpus[i].active || t->cpus[i].free_at > t->stat_at)
			pcp_tick(t->space->phys, i);
	t->stat_at = t->now;
	return eventq_add(&t->events,
			  t->now + (seconds > 0 ? (vtime_t)seconds : 1) *
					   NS_PER_S,
			  CLASS_IO, EVENT_STAT, 0);
}

/* Stale if its actor was ended or another wake came first. */
static void wake_event(struct tasks *t, const struct event_entry *e)
{
	const struct actor *a;

	if (e->arg > t->actors.top)
		return;
	a = actor_at(t, e->arg);
	if (a->state != ACTOR_TIMER || a->wake_at != e->at)
		return;
	t->cpus[a->cpu].timers++;
	sched_ready(t, e->arg);
}

static int run_event(struct tasks *t)
{
	struct event_entry e = eventq_pop(&t->events);
	int r;

	switch (e.kind) {
	case EVENT_WAKE:
		wake_event(t, &e);
		return 0;
	case EVENT_IO:
		io_event(t, e.arg);
		daemons_wake(t);
		r = flushers_wake(t);
		return r < 0 ? r : sched_submitted(t);
	case EVENT_TICK:
		return tick_event(t);
	case EVENT_PSI:
		return psi_event(t);
	case EVENT_STAT:
		return stat_event(t);
	default:
		return 0;
	}
}

/* The CPU whose step ends first, MAX_CPUS when all are idle; in @ret_next when
 * the next of the others does. */
static uint32_t first_cpu(const struct tasks *t, vtime_t *ret_next)
{
	uint32_t best = MAX_CPUS;

	*ret_next = UINT64_MAX;
	for (uint32_t i = 0; i < t->nr_cpus; i++) {
		vtime_t at = t->cpus[i].free_at;

		if (!t->cpus[i].active)
			continue;
		if (best < MAX_CPUS && at >= t->cpus[best].free_at) {
			if (at < *ret_next)
				*ret_next = at;
			continue;
		}
		if (best < MAX_CPUS)
			*ret_next = t->cpus[best].free_at;
		best = i;
	}
	return best;
}

vtime_t sched_next(const struct tasks *t)
{
	const struct event_entry *e = t->halted ? NULL
						: eventq_peek(&t->events);
	vtime_t at = e ? e->at : UINT64_MAX, next;
	uint32_t cpu = first_cpu(t, &next);

	if (cpu < MAX_CPUS && t->cpus[cpu].free_at < at)
		at = t->cpus[cpu].free_at;
	return at;
}

struct cpu_times cpu_times(const struct tasks *t, uint32_t cpu)
{
	const struct cpu_state *c = &t->cpus[cpu];
	uint64_t busy = c->user_ns + c->system_ns;
	uint64_t iowait = psi_iowait(&t->psi, cpu, t->now);

	/* The step it is at was paid for in advance. */
	if (c->free_at > t->now) {
		busy -= c->free_at - t->now;
		iowait = c->step_iowait_ns;
	}
	iowait -= c->overlap_ns;
	busy += iowait;
	return (struct cpu_times){ .user_ns = c->user_ns,
				   .system_ns = c->system_ns,
				   .idle_ns = t->now > busy ? t->now - busy : 0,
				   .iowait_ns = iowait };
}

int sched_run(struct tasks *t, vtime_t until, uint32_t actor, uint64_t budget)
{
	int r = flushers_wake(t); /* a setting may have changed */

	t->told = 0;
	khugepaged_wake(t);
	ksmd_wake(t);
	for (; budget && r >= 0 && !t->halted; budget--) {
		const struct event_entry *e = eventq_peek(&t->events);
		vtime_t at, next;
		uint32_t cpu = first_cpu(t, &next);

		if (t->told ||
		    (actor && actor_at(t, actor)->state == ACTOR_DONE))
			break;
		if (cpu == MAX_CPUS && !e)
			break;
		/* At the same time the queue's events go before CPUs. */
		if (cpu == MAX_CPUS || (e && e->at <= t->cpus[cpu].free_at)) {
			cpu = MAX_CPUS;
			at = e->at;
		} else {
			at = t->cpus[cpu].free_at;
		}
		if (at > until)
			break;
		if (e && e->at < next)
			next = e->at;
		t->alone_until = next < until ? next : until;
		while (t->triggers.next <= at)
			psi_triggers_run(&t->triggers, &t->psi,
					 t->space->control, t->triggers.next);
		if (at > t->now)
			t->now = at;
		r = cpu == MAX_CPUS ? run_event(t) : sched_cpu(t, cpu);
	}
	if (until != UINT64_MAX && budget && t->now < until && !t->told &&
	    !(actor && actor_at(t, actor)->state == ACTOR_DONE))
		t->now = until;
	while (t->triggers.next <= t->now)
		psi_triggers_run(&t->triggers, &t->psi, t->space->control,
				 t->triggers.next);
	/* Of steps alone: how often one ran to here is no part of the state. */
	t->alone_until = 0;
	return r < 0 ? r : 0;
}
