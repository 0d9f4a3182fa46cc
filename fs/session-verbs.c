// SPDX-License-Identifier: Apache-2.0
/* A session's own commands: advance, wait, set, show, expect, until ... */
#include "fs/session-inner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fs/condition.h"
#include "fs/sys-knobs.h"
#include "fs/tree.h"

#define NS_PER_MS 1000000u
#define NS_PER_S  1000000000u

/* `until` looks as often as every millisecond, but no more than this. */
#define UNTIL_LOOKS 10000u

/* --- files of the tree -------------------------------------------------- */
/*
 * /proc/P/... and model/P/...: P stands for its pid, unless the tree has a
 * file of that name. Return: 0 or errno.
 */
static int tree_path_of(struct session *s, char *ret, size_t room)
{
	const char *path = s->now.path + strspn(s->now.path, "/");
	size_t folder = strcspn(path, "/"), len;
	const char *name = path + folder + (path[folder] == '/');
	char word[COMM_LEN];
	struct place at;
	uint32_t pid;
	int n;

	len = strcspn(name, "/");
	n = snprintf(ret, room, "%s", path);
	if (script_name_ok(name, len, COMM_LEN - 1) &&
	    (!strncmp(path, "proc/", 5) || !strncmp(path, "model/", 6))) {
		memcpy(word, name, len);
		word[len] = '\0';
		snprintf(ret, room, "%.*s", (int)(name + len - path), path);
		pid = tree_find(s->world, ret, &at) ? session_pid(s, word) : 0;
		if (pid)
			n = snprintf(ret, room, "%.*s%u%s", (int)(name - path),
				     path, pid, name + len);
		else
			n = snprintf(ret, room, "%s", path);
	}
	if (n < 0 || (size_t)n >= room)
		return session_bad(s, ENAMETOOLONG, "the path is too long");
	return 0;
}

/* What a setting would have taken. */
static void tell_expected(struct session *s)
{
	char path[OP_TEXT + 16];
	const struct fsnode *row = NULL;
	struct place at;

	if (!tree_path_of(s, path, sizeof(path)) &&
	    !tree_find(s->world, path, &at))
		row = tree_row(s->world, &at);
	if (row && row->knob)
		knob_expected(&s->world->m, row->knob, &s->why);
}

static int tree_failed(struct session *s, int error)
{
	const char *path = s->now.path;

	if (error == -ENOMEM || error == -ENOBUFS)
		return error;
	if (error == -ENOENT)
		session_bad(s, 0, "no file '%s' in the tree of this machine",
			    path);
	else if (error == -EISDIR)
		session_bad(s, 0, "'%s' is a folder, name a file in it", path);
	else if (error == -EACCES)
		session_bad(s, 0, "'%s' may not be opened so", path);
	else if (s->now.verb == VERB_SET) {
		session_bad(s, 0, "'%s' does not take '%.*s'", path,
			    s->now.rest_len > 60 ? 60 : (int)s->now.rest_len,
			    s->now.rest);
		if (error == -EINVAL)
			tell_expected(s);
	} else
		session_bad(s, 0, "'%s': %s", path, strerror(-error));
	return -error;
}

static int do_set(struct session *s)
{
	char path[OP_TEXT + 16];
	int r = tree_path_of(s, path, sizeof(path));

	if (r)
		return r;
	r = tree_store(s->world, path, s->now.rest, s->now.rest_len, true);
	if (r)
		return tree_failed(s, r);
	session_say(s, "ok");
	return 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Bytes as they are, whatever the file says to them: for journals. */
static int do_store(struct session *s)
{
	const char *hex = s->now.rest;
	char path[OP_TEXT + 16];
	struct outbuf bytes;
	int r = tree_path_of(s, path, sizeof(path));

	out_init(&bytes);
	for (size_t i = 0; i + 1 < s->now.rest_len && !r; i += 2) {
		int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

		if (high < 0 || low < 0)
			r = EINVAL;
		out_char(&bytes, (char)(high * 16 + low));
	}
	if (s->now.rest_len % 2 || r == EINVAL)
		r = session_bad(
			s, EINVAL, "'%.*s' are no bytes in hex",
			s->now.rest_len > 60 ? 60 : (int)s->now.rest_len, hex);
	if (!r && !bytes.error) {
		r = tree_store(s->world, path, bytes.text, bytes.len, true);
		r = r == -ENOMEM || r == -ENOBUFS ? r : 0;
		session_say(s, "ok");
	}
	r = r ? r : bytes.error;
	out_free(&bytes);
	return r;
}

/* N as journals have it: an operation that somebody gave up there. */
static int do_interrupt(struct session *s)
{
	uint32_t actor = (uint32_t)s->now.number;
	int r = world_catch_up(s->world);

	if (!r)
		r = machine_interrupt_op(&s->world->m, actor);
	if (r)
		return r < 0 ? r
			     : session_bad(s, r, "no operation %u runs", actor);
	world_journal(s->world, "interrupt %u", actor);
	session_say(s, "ok");
	return 0;
}

static int read_tree(struct session *s, struct outbuf *out)
{
	char path[OP_TEXT + 16];
	int r = tree_path_of(s, path, sizeof(path));

	if (r)
		return r;
	r = tree_show(s->world, path, out);
	return r ? tree_failed(s, r) : 0;
}

static int do_show(struct session *s)
{
	struct outbuf file;
	int r;

	out_init(&file);
	r = read_tree(s, &file);
	if (!r) {
		session_say(s, "%s %zu", s->now.path, file.len);
		if (file.len)
			out_bytes(&s->replies, file.text, file.len);
	}
	out_free(&file);
	return r;
}

/* 0: it holds, ERANGE: it does not, told in s->why; others fail. */
static int test_condition(struct session *s)
{
	const struct script_line *l = &s->now;
	struct outbuf file;
	struct field f;
	int r;

	out_init(&file);
	r = read_tree(s, &file);
	if (!r &&
	    !field_find(file.text ? file.text : "", file.len, l->field, &f))
		r = session_bad(s, ENODATA, "'%s' has no field '%s'", l->path,
				l->field);
	if (!r) {
		r = field_compare(&f, l->compare, l->value);
		if (r == EINVAL)
			session_bad(s, 0, "%s is '%.*s': text is only = or !=",
				    l->field, (int)f.len, f.s);
		else if (r)
			session_bad(s, 0, "%s is %.*s%s, expected %s %s",
				    l->field, (int)f.len, f.s,
				    f.kb ? " kB" : "", l->compare, l->value);
	}
	out_free(&file);
	return r;
}

static int do_expect(struct session *s)
{
	int r = test_condition(s);

	if (!r)
		session_say(s, "ok");
	return r;
}

/* --- time -------------------------------------------------------------------
 */
static vtime_t now_of(const struct session *s)
{
	return machine_now(&s->world->m);
}

/* The end of @ns from now on, as far as the clock goes. */
static vtime_t after(const struct session *s, uint64_t ns)
{
	vtime_t now = now_of(s);

	return ns < UINT64_MAX - 1 - now ? now + ns : UINT64_MAX - 1;
}

static int begin_advance(struct session *s)
{
	s->deadline = after(s, s->now.time_ns);
	s->waits_until = s->deadline;
	return LINE_RUNS;
}

static int poll_advance(struct session *s)
{
	vtime_t now = now_of(s);

	if (now < s->deadline)
		return LINE_RUNS;
	world_journal_clock(s->world);
	session_say(s, "now %llu.%09u", (unsigned long long)(now / NS_PER_S),
		    (unsigned)(now % NS_PER_S));
	return 0;
}

static int poll_wait(struct session *s)
{
	struct machine *m = &s->world->m;

	if (!machine_busy(m, s->pid)) {
		session_say(s, "ok");
		return 0;
	}
	s->waits_until = machine_next(m);
	if (s->waits_until == UINT64_MAX)
		return session_bad(s, EDEADLK,
				   "nothing is left that could end it");
	return LINE_RUNS;
}

static int begin_wait(struct session *s)
{
	if (s->now.who[0]) {
		s->pid = session_pid(s, s->now.who);
		if (!s->pid)
			return session_bad(s, ESRCH, "no process '%s' lives",
					   s->now.who);
	}
	if (machine_frozen(&s->world->m, s->pid))
		return session_bad(s, EDEADLK,
				   "what it would wait for is frozen: write 0 "
				   "to cgroup.freeze of its group");
	return poll_wait(s);
}

static int poll_until(struct session *s)
{
	uint64_t step = s->now.time_ns / UNTIL_LOOKS;
	int r;

	if (now_of(s) < s->waits_until && s->waits_until != UINT64_MAX)
		return LINE_RUNS;
	out_clear(&s->why);
	r = test_condition(s);
	if (!r) {
		world_journal_clock(s->world);
		session_say(s, "ok");
	}
	if (r != ERANGE)
		return r;
	if (now_of(s) >= s->deadline)
		return session_bad(s, ETIME, " within the time of max=");
	if (step < NS_PER_MS)
		step = NS_PER_MS;
	s->waits_until = after(s, step);
	if (s->waits_until > s->deadline)
		s->waits_until = s->deadline;
	return LINE_RUNS;
}

static int begin_until(struct session *s)
{
	s->deadline = after(s, s->now.time_ns);
	s->waits_until = UINT64_MAX;
	return poll_until(s);
}

/* The recorder's samples are not taken, but their time passes. */
static int do_sample(struct session *s)
{
	s->sampled = after(s, s->now.time_ns * s->now.number);
	session_say(s, "ok");
	return 0;
}

static int poll_samples(struct session *s)
{
	if (now_of(s) < s->sampled)
		return LINE_RUNS;
	world_journal_clock(s->world);
	session_say(s, "ok");
	return 0;
}

static int begin_samplewait(struct session *s)
{
	s->waits_until = s->sampled;
	return poll_samples(s);
}

/* --- the machine as a whole -------------------------------------------------
 */
static int do_snap(struct session *s)
{
	session_say(s, "%s", s->now.path);
	return 0;
}

static int do_nothing(struct session *s)
{
	session_say(s, "ok");
	return 0;
}

static int do_speed(struct session *s)
{
	s->world->speed_ppm = s->now.number;
	return do_nothing(s);
}

/* save, load and reset tell why themselves; another machine is no failure. */
static int whole(struct session *s, int r)
{
	while (s->why.len && s->why.text[s->why.len - 1] == '\n')
		s->why.text[--s->why.len] = '\0';
	if (r)
		return r < 0 ? -r : r;
	s->generation = s->world->generation;
	/* Samples belong to a clock that is gone. */
	s->sampled = 0;
	return do_nothing(s);
}

static int do_save(struct session *s)
{
	return whole(s, world_save(s->world, s->now.path, &s->why));
}

static int do_load(struct session *s)
{
	return whole(s, world_load(s->world, s->now.path, &s->why));
}

static int do_reset(struct session *s)
{
	return whole(s, world_reset(s->world, &s->why));
}

/* --- rows
 * --------------------------------------------------------------------- */
static const struct {
	int (*begin)(struct session *s);
	int (*poll)(struct session *s); /* NULL: done at once */
} verbs[NR_VERBS] = {
	[VERB_ADVANCE] = { begin_advance, poll_advance },
	[VERB_WAIT] = { begin_wait, poll_wait },
	[VERB_SNAP] = { do_snap, NULL },
	[VERB_SET] = { do_set, NULL },
	[VERB_STORE] = { do_store, NULL },
	[VERB_INTERRUPT] = { do_interrupt, NULL },
	[VERB_SHOW] = { do_show, NULL },
	[VERB_EXPECT] = { do_expect, NULL },
	[VERB_UNTIL] = { begin_until, poll_until },
	[VERB_SPEED] = { do_speed, NULL },
	[VERB_SAVE] = { do_save, NULL },
	[VERB_LOAD] = { do_load, NULL },
	[VERB_RESET] = { do_reset, NULL },
	[VERB_SAMPLE] = { do_sample, NULL },
	[VERB_SAMPLEWAIT] = { begin_samplewait, poll_samples },
	[VERB_RECORDER] = { do_nothing, NULL },
};

int verb_begin(struct session *s)
{
	return verbs[s->now.verb].begin(s);
}

int verb_poll(struct session *s)
{
	return verbs[s->now.verb].poll(s);
}
