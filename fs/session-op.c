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

int op_begin(struct session *s)
{
	struct machine *m = &s->world->m;
	struct script_line *l = &s->now;
	const char *text;
	size_t len;
	int r = resolve(s);

	if (r)
		return r;
	r = machine_begin(m, &l->op, l->async, &s->waits_actor);
	if (r) {
		s->waits_actor = 0;
		if (r > 0)
			explain_op(s, r);
		return r;
	}
	text = session_text(s, &len);
	if (l->async) {
		s->waits_actor = 0;
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

int op_poll(struct session *s)
{
	struct op_result *result = &s->result;

	if (!machine_take(&s->world->m, s->waits_actor, result))
		return LINE_RUNS;
	s->waits_actor = 0;
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

void op_abandon(struct session *s)
{
	struct machine *m = &s->world->m;
	struct op_result dropped;

	if (!s->waits_actor || s->generation != s->world->generation)
		return;
	if (!machine_take(m, s->waits_actor, &dropped)) {
		/* It ends by itself, and nobody takes what it answers. */
		machine_interrupt(m, s->waits_actor);
		actor_at(&m->tasks, s->waits_actor)->async = 1;
	}
	world_journal_failed(s->world, s->journalled);
	s->waits_actor = 0;
}
