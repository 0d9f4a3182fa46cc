// SPDX-License-Identifier: Apache-2.0
#include "fs/session-inner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_init(struct session *s, struct world *w)
{
	memset(s, 0, sizeof(*s));
	s->world = w;
	out_init(&s->replies);
	out_init(&s->why);
}

static void drop_text(struct session *s)
{
	free(s->text);
	s->text = NULL;
	s->text_len = s->text_pos = 0;
}

void session_fini(struct session *s)
{
	if (!s->world)
		return;
	if (s->busy)
		op_abandon(s);
	drop_text(s);
	out_free(&s->replies);
	out_free(&s->why);
	s->world = NULL;
}

static size_t unread(const struct session *s)
{
	return s->replies.len - s->read_pos;
}

int session_write(struct session *s, const char *text, size_t len)
{
	if (s->busy || s->text)
		return -EBUSY;
	if (unread(s) >= SESSION_REPLIES)
		return -ENOBUFS;
	s->error = 0;
	s->line = s->line_base;
	s->interrupted = false;
	if (!len)
		return 0;
	s->text = malloc(len);
	if (!s->text)
		return -ENOMEM;
	memcpy(s->text, text, len);
	s->text_len = len;
	s->text_pos = 0;
	return 0;
}

size_t session_read(struct session *s, char *buf, size_t size)
{
	size_t n = unread(s) < size ? unread(s) : size;

	if (n)
		memcpy(buf, s->replies.text + s->read_pos, n);
	s->read_pos += n;
	if (s->read_pos == s->replies.len) {
		out_clear(&s->replies);
		s->read_pos = 0;
	}
	return n;
}

/* --- what lines say --------------------------------------------------------
 */
int session_bad(struct session *s, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_vprintf(&s->why, fmt, ap);
	va_end(ap);
	return error;
}

void session_say(struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_vprintf(&s->replies, fmt, ap);
	va_end(ap);
	out_char(&s->replies, '\n');
}

uint32_t session_pid(const struct session *s, const char *who)
{
	const struct tasks *t = &s->world->m.tasks;
	uint64_t pid;
	uint32_t id;

	if (!script_number(who, strlen(who), &pid))
		return pid <= INT32_MAX && task_find(t, (uint32_t)pid)
			       ? (uint32_t)pid
			       : 0;
	id = task_named(t, who);
	return id ? task_at(t, id)->pid : 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* --- one line after the other -----------------------------------------------
 */
/* What is in the line that runs. */
const char *session_text(const struct session *s, size_t *ret_len)
{
	const char *start = s->text + s->text_pos;
	size_t len = s->line_len;
	const char *comment = memchr(start, '#', len);

	if (comment)
		len = (size_t)(comment - start);
	while (len && blank(*start)) {
		start++;
		len--;
	}
	while (len && blank(start[len - 1]))
		len--;
	*ret_len = len;
	return start;
}

static void finish_line(struct session *s)
{
	s->busy = false;
	s->ticket = 0;
	s->text_pos += s->line_len;
	if (s->text_pos < s->text_len)
		s->text_pos++;
}

/* Host errors become the errno of the write like any other. */
static void tell_host(struct session *s, int error)
{
	if (s->why.len)
		return;
	if (error == -ENOBUFS)
		session_bad(s, 0, "the host limit: max_host_memory is used up");
	else
		session_bad(s, 0, "the host: %s", strerror(-error));
}

static void tell_event(struct session *s, const char *name)
{
	uint32_t task = s->pid ? task_find(&s->world->m.tasks, s->pid) : 0;

	world_event(s->world, s->pid,
		    task ? task_at(&s->world->m.tasks, task)->comm : s->now.who,
		    "failed line=%u op=%s errno=%s why=\"%.*s\" rule=script",
		    s->failed_line, s->now.word[0] ? s->now.word : "-", name,
		    s->why.len > 120 ? 120 : (int)s->why.len,
		    s->why.text ? s->why.text : "");
}

static enum session_state fail(struct session *s, int error)
{
	char number[16];
	const char *name;

	if (error < 0)
		tell_host(s, error);
	s->error = error < 0 ? -error : error;
	s->failed_line = s->line;
	snprintf(number, sizeof(number), "%d", s->error);
	name = script_errno_name(s->error);
	if (!name)
		name = number;
	out_printf(&s->replies, "error: line %u: %s%s%.*s (%s)", s->failed_line,
		   s->now.word, s->now.word[0] ? ": " : "", (int)s->why.len,
		   s->why.text ? s->why.text : "", name);
	reply_faults(s);
	out_char(&s->replies, '\n');
	tell_event(s, name);
	s->busy = false;
	s->ticket = 0;
	drop_text(s);
	return SESSION_FAILED;
}

static int begin_line(struct session *s)
{
	const char *start = s->text + s->text_pos;
	size_t len = s->text_len - s->text_pos;
	const char *end = memchr(start, '\n', len);
	int r;

	s->line_len = end ? (size_t)(end - start) : len;
	out_clear(&s->why);
	memset(&s->result, 0, sizeof(s->result));
	s->line++;
	s->pid = 0;
	s->ticket = 0;
	s->waits_until = UINT64_MAX;
	s->generation = s->world->generation;
	r = script_parse(start, s->line_len, &s->now, &s->why);
	if (r || s->now.verb == VERB_NONE)
		return r;
	if (unread(s) >= SESSION_REPLIES)
		return session_bad(s, ENOBUFS,
				   "1 MiB of replies waits to be read");
	return s->now.verb == VERB_OP ? op_begin(s) : verb_begin(s);
}

/* Behind what `until` saw last. */
static int give_up(struct session *s, const char *why)
{
	if (s->why.len)
		out_str(&s->why, ", ");
	out_str(&s->why, why);
	return EINTR;
}

static int poll_line(struct session *s)
{
	if (s->generation != s->world->generation)
		return give_up(s,
			       "the machine was set back or loaded meanwhile");
	if (s->now.verb == VERB_OP)
		return op_poll(s);
	if (s->interrupted)
		return give_up(s, "interrupted");
	return verb_poll(s);
}

enum session_state session_step(struct session *s)
{
	while (s->text && (s->busy || s->text_pos < s->text_len)) {
		int r = s->busy		 ? poll_line(s)
			: s->interrupted ? session_bad(s, EINTR, "interrupted")
					 : begin_line(s);

		if (r == LINE_RUNS) {
			s->busy = true;
			return SESSION_RUNNING;
		}
		if (!r)
			r = s->replies.error;
		if (r)
			return fail(s, r);
		finish_line(s);
	}
	drop_text(s);
	s->interrupted = false;
	return SESSION_IDLE;
}

void session_interrupt(struct session *s)
{
	if (!s->busy)
		return;
	s->interrupted = true;
	op_interrupt(s);
}

/* --- without a loop --------------------------------------------------------
 */
static void drain(struct session *s, session_sink *sink, void *arg)
{
	if (sink && unread(s))
		sink(arg, s->replies.text + s->read_pos, unread(s));
	out_clear(&s->replies);
	s->read_pos = 0;
}

/* Nothing is due and nothing will be: it would wait for ever. */
static int stuck(struct session *s)
{
	if (s->waits_until != UINT64_MAX ||
	    machine_next(&s->world->m) != UINT64_MAX)
		return 0;
	if (s->interrupted)
		return -EDEADLK;
	session_interrupt(s);
	return 0;
}

static int drive(struct session *s, session_sink *sink, void *arg, bool drains)
{
	struct machine *m = &s->world->m;
	enum session_state state;
	int r = 0;

	while ((state = session_step(s)) == SESSION_RUNNING && !r) {
		if (drains)
			drain(s, sink, arg);
		r = stuck(s);
		if (!r)
			r = machine_run(m, s->waits_until, 0, UINT64_MAX);
	}
	if (drains)
		drain(s, sink, arg);
	if (r) {
		op_abandon(s);
		s->busy = false;
		drop_text(s);
		return r;
	}
	return state == SESSION_FAILED ? s->error : 0;
}

int session_drive(struct session *s, session_sink *sink, void *arg)
{
	return drive(s, sink, arg, true);
}

int session_finish(struct session *s)
{
	return drive(s, NULL, NULL, false);
}
