// SPDX-License-Identifier: Apache-2.0
/* Run queues, and on which CPU one runs: select_idle_sibling(),
 * newidle_balance() of kernel/sched/fair.c. */
#include "vmcore/task/sched.h"

struct ctx sched_ctx(const struct tasks *t, uint32_t task, uint32_t cpu)
{
	const struct task *k = task ? task_at(t, task) : NULL;

	return (struct ctx){
		.pid = k ? k->pid : 0,
		.cpu = (uint16_t)cpu,
		.node = t->space->phys->cpu_node[cpu],
		.group = k ? group_payer(t->space->control, k->group)
			   : GROUP_ROOT,
		.policy = k ? k->policy : 0,
		.il_prev = k ? k->il_prev : 0,
		.il_weight = k ? k->il_weight : 0,
		.now = t->now,
		.prices = t->prices,
		.story = t->story,
		.comm = k ? k->comm : NULL,
		.outside = k ? k->outside : 0,
	};
}

static bool is_idle(const struct tasks *t, uint32_t cpu)
{
	return !t->psi.cpu[cpu].nr[2]; /* PSI_RUNNING */
}

static bool same_node(const struct tasks *t, uint32_t a, uint32_t b)
{
	return t->space->phys->cpu_node[a] == t->space->phys->cpu_node[b];
}

static bool pinned(const struct tasks *t, const struct actor *a)
{
	return a->class != CLASS_USER || (a->task && actor_task(t, a)->pinned);
}

bool sched_idle(const struct tasks *t, uint32_t cpu)
{
	return is_idle(t, cpu);
}

bool sched_strays(const struct tasks *t, const struct actor *a)
{
	return a->task && !pinned(t, a) &&
	       !same_node(t, a->cpu, actor_task(t, a)->cpu);
}

/* Where it ran last, unless others run there and a CPU beside it idles. */
static uint32_t pick_cpu(const struct tasks *t, const struct actor *a)
{
	uint32_t last = a->cpu;

	if (pinned(t, a))
		return a->task ? actor_task(t, a)->cpu : a->cpu;
	if (sched_strays(t, a))
		last = actor_task(t, a)->cpu;
	if (is_idle(t, last))
		return last;
	for (uint32_t i = 0; i < t->nr_cpus; i++)
		if (is_idle(t, i) && same_node(t, i, last))
			return i;
	return last;
}

static void place(struct tasks *t, struct actor *a, uint32_t cpu)
{
	a->cpu = cpu;
	if (a->task)
		actor_task(t, a)->cpu = cpu;
}

/* --- what it is at ----------------------------------------------------------
 */
static bool in_memstall(const struct actor *a)
{
	return a->direct.active || a->memstall;
}

static uint32_t bits_of(const struct actor *a)
{
	uint32_t stall = in_memstall(a) ? PSI_MEMSTALL : 0;

	switch ((enum actor_state)a->state) {
	case ACTOR_READY:
	case ACTOR_ENDING:
		return PSI_RUNNING | stall | (stall ? PSI_MEMSTALL_RUNNING : 0);
	case ACTOR_IO:
		return PSI_IOWAIT | stall | (a->wait_stall ? PSI_MEMSTALL : 0);
	case ACTOR_TIMER:
		return stall | (a->wait_stall ? PSI_IOWAIT : 0);
	default:
		return 0;
	}
}

static uint32_t group_of(const struct tasks *t, const struct actor *a)
{
	return a->task ? actor_task(t, a)->group : GROUP_ROOT;
}

/* psi_group_change() of the machine and of all groups it is in. */
static void change(struct tasks *t, uint32_t group, uint32_t cpu,
		   uint32_t clear, uint32_t set)
{
	struct control *c = t->space->control;

	psi_change(&t->psi, cpu, clear, set, t->now);
	for (; group > GROUP_ROOT; group = group_at(c, group)->parent)
		psi_change(&group_at(c, group)->psi, cpu, clear, set, t->now);
}

void sched_account(struct tasks *t, struct actor *a)
{
	uint32_t bits = bits_of(a), group = group_of(t, a);

	if (bits == a->psi && a->cpu == a->psi_cpu && group == a->psi_group)
		return;
	if (a->psi)
		change(t, a->psi_group, a->psi_cpu, a->psi, 0);
	if (bits)
		change(t, group, a->cpu, 0, bits);
	a->psi = bits;
	a->psi_cpu = a->cpu;
	a->psi_group = group;
}

static void group_runs(struct tasks *t, uint32_t cpu, uint32_t group, bool on,
		       bool stalled)
{
	struct control *c = t->space->control;

	for (; group > GROUP_ROOT; group = group_at(c, group)->parent)
		psi_run(&group_at(c, group)->psi, cpu, on, stalled, t->now);
}

void sched_runs(struct tasks *t, uint32_t cpu, const struct actor *a)
{
	struct cpu_state *c = &t->cpus[cpu];
	uint32_t id = a ? a->self : 0, group = a ? group_of(t, a) : GROUP_ROOT;
	bool stalled = a && in_memstall(a);
	const struct psi_cpu *was = &t->psi.cpu[cpu];

	/* As the step before. */
	if (a && c->last_actor == id && c->on_group == group && was->on &&
	    was->on_stalled == stalled)
		return;
	psi_run(&t->psi, cpu, a != NULL, stalled, t->now);
	if (c->on_group != group)
		group_runs(t, cpu, c->on_group, false, false);
	group_runs(t, cpu, group, true, stalled);
	c->on_group = group;
	if (c->last_actor == id)
		return;
	c->last_actor = id;
	c->switches++;
}

void sched_regroup(struct tasks *t, uint32_t task)
{
	for (uint32_t id = task_at(t, task)->actors; id;
	     id = actor_at(t, id)->sibling)
		sched_account(t, actor_at(t, id));
}

void sched_off(struct tasks *t, uint32_t group)
{
	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++) {
		if (t->cpus[cpu].on_group != group)
			continue;
		group_runs(t, cpu, group, false, false);
		t->cpus[cpu].on_group = GROUP_ROOT;
	}
}

/* --- run queues
 * ---------------------------------------------------------------
 */
static void cpu_wake(struct tasks *t, uint32_t cpu)
{
	struct cpu_state *c = &t->cpus[cpu];

	if (c->active)
		return;
	c->active = 1;
	if (c->free_at < t->now)
		c->free_at = t->now;
	c->step_iowait_ns = psi_iowait(&t->psi, cpu, t->now);
}

void sched_ready(struct tasks *t, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	unsigned q = a->class == CLASS_USER;
	struct cpu_state *c;

	place(t, a, pick_cpu(t, a));
	c = &t->cpus[a->cpu];
	a->state = ACTOR_READY;
	a->next = 0;
	if (c->tail[q])
		actor_at(t, c->tail[q])->next = id;
	else
		c->head[q] = id;
	c->tail[q] = id;
	if (a->task)
		actor_task(t, a)->state = TASK_RUNNING;
	sched_account(t, a);
	cpu_wake(t, a->cpu);
}

/* The first of a queue that may run elsewhere goes to @cpu. */
static uint32_t pull_from(struct tasks *t, struct cpu_state *from, uint32_t cpu)
{
	uint32_t prev = 0;

	for (uint32_t id = from->head[1]; id; id = actor_at(t, id)->next) {
		struct actor *a = actor_at(t, id);

		if (pinned(t, a)) {
			prev = id;
			continue;
		}
		if (prev)
			actor_at(t, prev)->next = a->next;
		else
			from->head[1] = a->next;
		if (from->tail[1] == id)
			from->tail[1] = prev;
		a->next = 0;
		place(t, a, cpu);
		sched_account(t, a);
		return id;
	}
	return 0;
}

/* Nothing to do here: what waits for another CPU of the node? */
static uint32_t pull(struct tasks *t, uint32_t cpu)
{
	uint32_t id = 0;

	for (uint32_t i = 0; i < t->nr_cpus && !id; i++)
		if (i != cpu && t->cpus[i].head[1] && same_node(t, i, cpu))
			id = pull_from(t, &t->cpus[i], cpu);
	return id;
}

static uint32_t dequeue(struct tasks *t, struct cpu_state *c, unsigned queue)
{
	uint32_t id = c->head[queue];

	if (!id)
		return 0;
	c->head[queue] = actor_at(t, id)->next;
	if (!c->head[queue])
		c->tail[queue] = 0;
	actor_at(t, id)->next = 0;
	return id;
}

uint32_t sched_dequeue(struct tasks *t, uint32_t cpu)
{
	struct cpu_state *c = &t->cpus[cpu];
	bool users = t->now < c->users_until;
	uint32_t id;

	if (!c->head[0] && !c->head[1])
		return pull(t, cpu);
	id = dequeue(t, c, users);
	return id ? id : dequeue(t, c, !users);
}

/* A kernel thread that wakes takes the CPU from a user, but not from one whose
 * turn just began after its own. */
vtime_t sched_turn_end(const struct cpu_state *c, const struct actor *a)
{
	if (a->class == CLASS_USER && c->head[0] &&
	    c->users_until < a->slice_end)
		return c->users_until;
	return c->head[0] || c->head[1] ? a->slice_end : UINT64_MAX;
}
