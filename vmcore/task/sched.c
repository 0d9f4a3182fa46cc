// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sched.h"

#include <errno.h>
#include <string.h>

/* Until a thread that lacked memory of the host asks again. */
#define HOST_PAUSE_NS 100000000u

/* --- begin and end ---------------------------------------------------------
 */
static void unlink_sibling(struct tasks *t, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	uint32_t *link;

	if (!a->task)
		return;
	for (link = &actor_task(t, a)->actors; *link != id;
	     link = &actor_at(t, *link)->sibling)
		;
	*link = a->sibling;
	a->sibling = 0;
}

/* One of its actors waits: what is the process as a whole? */
static void task_waits(struct tasks *t, const struct actor *a,
		       enum task_state how)
{
	struct task *task;

	if (!a->task)
		return;
	task = actor_task(t, a);
	task->state = how;
	for (uint32_t id = task->actors; id; id = actor_at(t, id)->sibling)
		if (actor_at(t, id)->state == ACTOR_READY)
			task->state = TASK_RUNNING;
}

/* The operation is over: its reply stands; the next of its process begins. */
static void finish(struct tasks *t, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	uint32_t next = a->queued;

	a->queued = 0;
	a->state = ACTOR_DONE;
	a->wake_at = t->now;
	unlink_sibling(t, id);
	if (a->task && actor_task(t, a)->actor == id) {
		actor_task(t, a)->actor = next;
		if (next)
			sched_ready(t, next);
		else
			actor_task(t, a)->nvcsw++;
	}
	task_waits(t, a, TASK_SLEEPING);
	if (!a->detached)
		t->nr_running_ops--;
	sched_account(t, a);
	a->task = 0;
	if (a->async && t->nr_watched)
		watch_done(t, a);
	if (a->async)
		pool_free(&t->actors, id);
}

/* Kernel threads do nothing they are told; without memory: files alone. */
static bool may_do(const struct task *task, const struct op *op)
{
	return !task->kthread && (task->mm || op_flags[op->code] & OPF_FILES);
}

int sched_begin(struct tasks *t, const struct op *op, bool async,
		uint32_t *ret_actor)
{
	uint32_t task = 0, id, last;
	struct actor *a;
	int r;

	if (t->halted)
		return ENOTRECOVERABLE;
	if (op->pid) {
		task = task_find(t, op->pid);
		if (!task || !may_do(task_at(t, task), op))
			return ESRCH;
	}
	if (!op_rows[op->code].step)
		return ENOSYS;
	if (task && !op_reaches_frozen(op->code) && task_frozen(t, task))
		return EDEADLK;
	r = pool_new(&t->actors, &id);
	if (r)
		return r;
	a = actor_at(t, id);
	a->op = *op;
	a->self = id;
	a->task = task;
	a->class = CLASS_USER;
	a->async = async;
	a->began = t->now;
	a->cpu = task ? task_at(t, task)->cpu : 0;
	t->nr_running_ops++;
	*ret_actor = id;
	if (!task) {
		sched_ready(t, id);
		return 0;
	}
	a->sibling = task_at(t, task)->actors;
	task_at(t, task)->actors = id;
	last = task_at(t, task)->actor;
	/* A signal from outside does not wait for what its target does. */
	if (!last || op->code == OP_KILL) {
		if (!last)
			task_at(t, task)->actor = id;
		sched_ready(t, id);
		return 0;
	}
	while (actor_at(t, last)->queued)
		last = actor_at(t, last)->queued;
	actor_at(t, last)->queued = id;
	a->state = ACTOR_QUEUED;
	return 0;
}

int sched_daemon(struct tasks *t, uint32_t task, const struct op *op)
{
	struct actor *a;
	uint32_t id;
	int r = pool_new(&t->actors, &id);

	if (r)
		return r;
	a = actor_at(t, id);
	a->op = *op;
	a->self = id;
	a->task = task;
	a->class = CLASS_USER;
	a->daemon = DAEMON_WORKLOAD;
	a->detached = 1;
	a->async = 1;
	a->cpu = task_at(t, task)->cpu;
	a->sibling = task_at(t, task)->actors;
	task_at(t, task)->actors = id;
	sched_ready(t, id);
	return 0;
}

void sched_adopt(struct tasks *t, struct actor *a, uint32_t task)
{
	a->task = task;
	a->sibling = task_at(t, task)->actors;
	task_at(t, task)->actors = a->self;
	task_at(t, task)->actor = a->self;
	task_at(t, task)->state = TASK_RUNNING;
}

void actor_fault(struct tasks *t, struct actor *a, const struct fault_result *f)
{
	struct task *task = actor_task(t, a);

	if (!f->faulted)
		return;
	if (f->major || a->tried >= TRIED_MAJOR) {
		a->majflt++;
		task->majflt++;
	} else {
		a->minflt++;
		task->minflt++;
	}
}

/* --- steps --------------------------------------------------------------- */
int sched_submitted(struct tasks *t)
{
	struct cache *c = t->space->cache;
	uint32_t id;
	int r = 0;

	/* A request without its event would never end. */
	while (c->submitted_head && !(r = eventq_room(&t->events))) {
		id = io_take_submitted(c);
		eventq_add(&t->events, io_at(c, id)->done_at, CLASS_IO,
			   EVENT_IO, id);
	}
	return r;
}

/* A signal that kills: the reply tells it, the process goes. */
static void step_killed(struct tasks *t, struct ctx *ctx, uint32_t id,
			uint32_t signal)
{
	struct actor *a = actor_at(t, id);
	uint32_t task = a->task;

	a->killed = signal;
	a->result = 0;
	a->state = ACTOR_ENDING;
	if (task)
		task_die(t, ctx, task, id, signal);
}

static void wait_io(struct tasks *t, const struct ctx *ctx, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	struct io *i = pool_at(&t->space->cache->ios, ctx->wait_io);

	a->state = ACTOR_IO;
	a->wait_io = ctx->wait_io;
	a->wait_stall = ctx->wait_stall;
	a->tried += ctx->wait_major ? TRIED_MAJOR : 1;
	a->io_next = i->waiters;
	i->waiters = id;
	task_waits(t, a, TASK_DISK);
}

/* Until ctx->wait_until. */
static int wait_time(struct tasks *t, const struct ctx *ctx, uint32_t id)
{
	struct actor *a = actor_at(t, id);

	a->state = ACTOR_TIMER;
	a->wake_at = ctx->wait_until;
	a->wait_stall = ctx->wait_disk;
	task_waits(t, a, a->wait_stall ? TASK_DISK : TASK_SLEEPING);
	return eventq_add(&t->events, a->wake_at, a->class, EVENT_WAKE, id);
}

/* What a step answered decides where its actor goes next. */
static int dispatch(struct tasks *t, struct ctx *ctx, uint32_t id, int r)
{
	struct actor *a = actor_at(t, id);
	int err = hold_answer(t->space->cache, ctx, r, &a->holds);

	if (err)
		return err;
	switch (r) {
	case STEP_MORE:
		a->direct.retries = 0;
		a->slow.open = a->no_huge = a->huge_counted = 0;
		a->tried = 0;
		return 0;
	case NEED_MEMORY:
	case NEED_CHARGE:
		a->need = ctx->need;
		a->huge_counted = ctx->huge_counted;
		r = need_begin(t, ctx, a);
		if (!r)
			return 0;
		break;
	case WAIT_IO:
		wait_io(t, ctx, id);
		return 0;
	case WAIT_TIME:
		return wait_time(t, ctx, id);
	case WAIT_WAKE:
		a->state = ACTOR_ASLEEP;
		task_waits(t, a, TASK_SLEEPING);
		return 0;
	case FAULT_SIGSEGV:
		task_log_segfault(t, ctx, a);
		step_killed(t, ctx, id, SIGSEGV_NR);
		return 0;
	case FAULT_SIGBUS:
		step_killed(t, ctx, id, SIGBUS_NR);
		return 0;
	case FAULT_ABORT:
		step_killed(t, ctx, id, SIGABRT_NR);
		return 0;
	default:
		break;
	}
	/* A thread of the kernel never ends: it looks again. */
	if (r < 0 && daemon_rows[a->daemon]) {
		ctx->wait_until = t->now + HOST_PAUSE_NS;
		ctx->wait_disk = 0;
		return wait_time(t, ctx, id);
	}
	if (r >= 0 && high_due(t, a)) {
		high_begin(t, a, r);
		return 0;
	}
	if (r)
		actor_abandon(t, ctx, a);
	a->result = r;
	a->state = ACTOR_ENDING;
	return 0;
}

/* A step of reclaim on the actor's behalf; its own step is repeated after. */
static int reclaim(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	int r = need_step(t, ctx, a);

	if (!r || r == STEP_MORE)
		return 0;
	a->direct.active &= r >= 0;
	if (a->begun == BEGUN_ENDED)
		return 0;
	/* Who asked for a huge page goes on with small ones. */
	if (r == ENOMEM && a->need.order && a->need.gfp & GFP_BIT_NOMEMALLOC &&
	    a->need.gfp & GFP_BIT_NOWARN &&
	    !(a->need.gfp & GFP_BIT_RETRY_MAYFAIL)) {
		a->no_huge = a->need.order;
		return 0;
	}
	return dispatch(t, ctx, id, r);
}

static int run_op(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct op_row *row = &op_rows[a->op.code];
	int r;

	if (daemon_rows[a->daemon])
		return daemon_rows[a->daemon](t, ctx, a);
	r = dirtier_pay(t, ctx, a);
	if (r)
		return r;
	if (!a->begun) {
		ctx_pay(ctx, COST_SYSCALL, 1);
		if (row->begin)
			r = row->begin(t, ctx, a);
		if (r)
			return r;
		a->begun = BEGUN;
	}
	return row->step(t, ctx, a);
}

/* The same, watched by NUMA balancing. */
static int run_balanced(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r;

	if (!t->space->phys->numa_balancing || !a->task)
		return run_op(t, ctx, a);
	ctx->numab_early = numab_early(t, a->task);
	r = run_op(t, ctx, a);
	if (a->task) {
		numab_count(t, ctx, a->task);
		numab_tick(t, ctx, a->task);
	}
	return r;
}

/* Faults that a call took on its own, also for a step to be repeated. */
static void count_faults(struct tasks *t, const struct ctx *ctx,
			 struct actor *a)
{
	if (!ctx->minor_faults || !a->task)
		return;
	a->minflt += ctx->minor_faults;
	actor_task(t, a)->minflt += ctx->minor_faults;
}

/* What the step cost is charged to CPU and process. */
static void charge_time(struct tasks *t, const struct ctx *ctx, uint32_t cpu,
			const struct actor *a)
{
	struct cpu_state *c = &t->cpus[cpu];

	c->free_at = t->now + ctx->cost_ns + ctx->user_ns;
	c->step_iowait_ns = psi_iowait(&t->psi, cpu, t->now);
	c->user_ns += ctx->user_ns;
	c->system_ns += ctx->cost_ns;
	if (a->task) {
		actor_task(t, a)->il_prev = ctx->il_prev;
		actor_task(t, a)->il_weight = ctx->il_weight;
		actor_task(t, a)->stime_ns += ctx->cost_ns;
		actor_task(t, a)->utime_ns += ctx->user_ns;
	}
}

/* What it is at: paying for what it charged, reclaim, its operation. */
static int act(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	struct actor *a = actor_at(t, id);
	int r;

	if (a->high.active)
		return dispatch(t, ctx, id, high_step(t, ctx, a));
	if (a->direct.active)
		return reclaim(t, ctx, id);
	if (high_due(t, a)) {
		high_begin(t, a, STEP_MORE);
		return 0;
	}
	if (a->oom_wait && oom_waits(t, ctx, a))
		return dispatch(t, ctx, id, WAIT_TIME);
	ctx->no_huge = a->no_huge;
	ctx->huge_counted = a->huge_counted;
	ctx->node_reclaim = ~a->node_reclaimed;
	r = run_balanced(t, ctx, a);
	if (r != NEED_MEMORY)
		a->node_reclaimed = 0;
	dirtier_count(t, ctx, a);
	count_faults(t, ctx, a);
	if (a->task && r != NEED_MEMORY && r != NEED_CHARGE)
		actor_task(t, a)->over_high += ctx->over_high;
	return dispatch(t, ctx, id, r);
}

/* One step of the CPU's actor. */
static int step(struct tasks *t, uint32_t cpu)
{
	struct cpu_state *c = &t->cpus[cpu];
	uint32_t id = c->running;
	struct actor *a = actor_at(t, id);
	struct ctx ctx = sched_ctx(t, a->task, cpu);
	int r = 0;

	if (c->last_task != a->task && a->task) {
		ctx_pay(&ctx, COST_SWITCH, 1);
		c->last_task = a->task;
	}
	sched_runs(t, cpu, a);
	if (a->begun == BEGUN_ENDED) {
		actor_abandon(t, &ctx, a);
		a->state = ACTOR_ENDING;
		return 0;
	}
	r = act(t, &ctx, id);
	if (t->halted) {
		sched_halt(t, &ctx);
		return r < 0 ? r : 0;
	}
	if (a->state == ACTOR_ENDING)
		actor_close(t, &ctx, a);
	/* It left the CPU: when woken, also before this step's time is over,
	 * it stands in the queue once. */
	if (a->state != ACTOR_READY && a->state != ACTOR_ENDING) {
		c->running = 0;
		if (a->task)
			actor_task(t, a)->nvcsw++;
	}
	sched_account(t, a);
	daemons_wake(t);
	if (r >= 0)
		r = flushers_wake(t);
	if (r >= 0)
		r = sched_submitted(t);
	charge_time(t, &ctx, cpu, a);
	return r;
}

/* Turns are shared fairly: after a kernel thread's whole one, a user's. */
static void yield_cpu(struct tasks *t, struct cpu_state *c)
{
	uint32_t id = c->running;
	struct actor *a = actor_at(t, id);

	if (a->task)
		actor_task(t, a)->nivcsw++;
	if (a->class == CLASS_KTHREAD && c->head[1])
		c->users_until = t->now + SLICE_NS;
	c->running = 0;
	sched_ready(t, id);
}

int sched_cpu(struct tasks *t, uint32_t cpu)
{
	struct cpu_state *c = &t->cpus[cpu];
	struct actor *a = c->running ? actor_at(t, c->running) : NULL;
	uint64_t iowait = psi_iowait(&t->psi, cpu, t->now);
	bool ended = a && a->state == ACTOR_ENDING;

	c->overlap_ns += iowait - c->step_iowait_ns;
	c->step_iowait_ns = iowait;
	if (ended) {
		uint32_t id = c->running;

		c->running = 0;
		finish(t, id);
	} else if (a && a->state != ACTOR_READY) {
		c->running = 0;
	} else if (a && sched_freezes(t, c->running)) {
		c->running = 0;
	} else if (a &&
		   (t->now >= sched_turn_end(c, a) || sched_strays(t, a))) {
		yield_cpu(t, c);
	}
	if (!c->running) {
		do
			c->running = sched_dequeue(t, cpu);
		while (c->running && sched_freezes(t, c->running));
		if (!c->running) {
			c->active = 0;
			sched_runs(t, cpu, NULL);
			return 0;
		}
		actor_at(t, c->running)->slice_end = t->now + SLICE_NS;
	}
	/* Who waited for the end may look now. */
	if (ended)
		t->alone_until = t->now;
	return step(t, cpu);
}
