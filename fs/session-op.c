// SPDX-License-Identifier: Apache-2.0
/* Operations of the machine: begun, waited for, taken. */
#include "fs/session-inner.h"

#include <errno.h>
#include <string.h>

static int no_process(struct session *s, const char *who)
{
	return session_bad(s, ESRCH, "no process '%s' lives, spawn it first",
			   who);
}

/* Names become pids when the operation begins. */
static int resolve(struct session *s)
{
	struct script_line *l = &s->now;

	if (l->who[0]) {
		s->pid = session_pid(s, l->who);
		if (!s->pid)
			return no_process(s, l->who);
	}
	l->op.pid = s->pid;
	if (l->who2[0]) {
		l->op.pid2 = session_pid(s, l->who2);
		if (!l->op.pid2)
			return no_process(s, l->who2);
	}
	return 0;
}

/* Watched, unless nobody waits for it. */
static int begin(struct session *s)
{
	struct script_line *l = &s->now;
	uint32_t actor;
	int r = world_catch_up(s->world);

	if (!r)
		r = resolve(s);
	if (r)
		return r;
	if (l->async)
		r = machine_begin(&s->world->m, &l->op, true, &actor);
	else
		r = sched_watch(&s->world->m.tasks, &l->op, &s->ticket);
	if (r > 0)
		explain_op(s, r);
	return r;
}

int op_begin(struct session *s)
{
	const char *text;
	size_t len;
	int r = begin(s);

	if (r)
		return r;
	text = session_text(s, &len);
	if (s->now.async) {
		world_journal(s->world, "%.*s", (int)len, text);
		session_say(s, "ok");
		return 0;
	}
	s->journalled = world_journal_begin(s->world, text, len);
	return LINE_RUNS;
}

static const char *comm_of(const struct session *s)
{
	uint32_t id = task_find(&s->world->m.tasks, s->pid);

	return id ? task_at(&s->world->m.tasks, id)->comm : s->now.who;
}

/* Is it done? Then with its result. */
static bool take(struct session *s)
{
	struct watched w;

	if (!sched_watched(&s->world->m.tasks, s->ticket, &w))
		return false;
	s->ticket = 0;
	s->result = (struct op_result){
		.error = w.result,
		.pid = w.pid,
		.minflt = w.minflt,
		.majflt = w.majflt,
		.killed = w.killed,
		.ret = { w.ret[0], w.ret[1] },
		.ended = w.ended,
	};
	return true;
}

int op_poll(struct session *s)
{
	struct op_result *result = &s->result;

	if (!take(s))
		return LINE_RUNS;
	if (result->error) {
		world_journal_failed(s->world, s->journalled);
		if (result->error > 0)
			explain_op(s, result->error);
		return result->error;
	}
	world_journal_end(s->world, s->journalled, result->ended);
	if (result->killed)
		world_event(s->world, s->pid, comm_of(s),
			    "killed signal=%u op=%s rule=%s", result->killed,
			    s->now.word,
			    result->killed == 9 ? "oom-or-kill" : "fault");
	if (s->world->changed)
		s->world->changed(s->world->changed_arg, &s->now.op);
	reply_op(s);
	return 0;
}

/* Its operation of this world that is not done, 0 none. */
static uint32_t running(const struct session *s)
{
	return s->ticket && s->generation == s->world->generation
		       ? sched_watched_actor(&s->world->m.tasks, s->ticket)
		       : 0;
}

/* The journal has it: somebody's patience is no part of the machine. */
void op_interrupt(struct session *s)
{
	uint32_t actor;

	if (!running(s) || world_catch_up(s->world))
		return;
	actor = running(s);
	if (actor && !machine_interrupt_op(&s->world->m, actor))
		world_journal(s->world, "interrupt %u", actor);
}

void op_abandon(struct session *s)
{
	op_interrupt(s);
	if (s->ticket && s->generation == s->world->generation)
		sched_unwatch(&s->world->m.tasks, s->ticket);
	s->ticket = 0;
}
