// SPDX-License-Identifier: Apache-2.0
/*
 * The file .puppets of the root, which no list shows: whoever opens it stands
 * a real process for each simulated one, in a pid namespace of its own.
 *
 * It reads lines: `+PID`, one is to stand there (`*PID`: for a kernel thread,
 * which no signal ends); `-PID`, the simulated one is gone. It writes them:
 * `+PID`, one stands; `-PID`, it is gone; `!PID SIGNAL`, it died of that. A
 * process that is born meanwhile does not show, nor does the operation that
 * made it end, until it was answered: a pid that can be read can be signalled.
 */
#include "fs/fuse-daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum puppet_state {
	PUPPET_AWAITED, /* to stand; the process shows already */
	PUPPET_HIDDEN, /* to stand before the process shows */
	PUPPET_STANDS,
	PUPPET_DIED, /* its process is being killed */
};

struct puppet {
	uint32_t pid;
	uint32_t state; /* enum puppet_state */
	vtime_t born; /* of the process */
};

/* What one open file knows; rows by pid. */
struct puppets {
	struct puppets *next, **link;
	struct handle *h;
	struct puppet *rows;
	size_t nr, hidden;
	uint64_t generation, forks; /* as of the last look */
	uint32_t used;
	uint32_t *leaving; /* pids of puppets whose process is gone */
	size_t nr_leaving, cap_leaving;
};

static int by_pid(const void *one, const void *other)
{
	uint32_t a = ((const struct puppet *)one)->pid;
	uint32_t b = ((const struct puppet *)other)->pid;

	return a < b ? -1 : a > b;
}

static struct puppet *puppet_of(const struct puppets *p, uint32_t pid)
{
	struct puppet key = { .pid = pid };

	return p->nr ? bsearch(&key, p->rows, p->nr, sizeof(key), by_pid)
		     : NULL;
}

/* The processes that live; init's part is that of the namespace's own. */
static struct puppet *living(const struct tasks *t, size_t *ret_nr)
{
	struct puppet *rows = calloc(t->pool.used + 1, sizeof(*rows));
	size_t nr = 0;

	if (!rows)
		return NULL;
	task_for_each (t, id) {
		const struct task *task = task_at(t, id);

		if (task->pid == 1)
			continue;
		rows[nr].pid = task->pid;
		rows[nr++].born = task->start_time;
	}
	qsort(rows, nr, sizeof(*rows), by_pid);
	*ret_nr = nr;
	return rows;
}

static void ask_for(struct daemon *d, struct puppets *p, struct puppet *row,
		    bool hidden)
{
	const struct tasks *t = &d->world->m.tasks;
	const struct task *task = task_at(t, task_find(t, row->pid));

	row->state = hidden ? PUPPET_HIDDEN : PUPPET_AWAITED;
	p->hidden += hidden;
	out_printf(&p->h->text, "%c%u\n", task->mm ? '+' : '*', row->pid);
}

/* Until it has left, its pid is that of a real process, which is not shown. */
static void take_away(struct puppets *p, const struct puppet *row)
{
	size_t cap = p->cap_leaving ? p->cap_leaving * 2 : 64;
	uint32_t *more = p->leaving;

	if (p->nr_leaving == p->cap_leaving) {
		more = realloc(more, cap * sizeof(*more));
		if (!more) {
			p->h->text.error = -ENOMEM;
			return;
		}
		p->leaving = more;
		p->cap_leaving = cap;
	}
	p->leaving[p->nr_leaving++] = row->pid;
	p->hidden -= row->state == PUPPET_HIDDEN;
	out_printf(&p->h->text, "-%u\n", row->pid);
}

static bool looked_at(const struct daemon *d, struct puppets *p)
{
	const struct tasks *t = &d->world->m.tasks;
	bool same = p->generation == d->world->generation &&
		    p->forks == t->forks && p->used == t->pool.used;

	p->generation = d->world->generation;
	p->forks = t->forks;
	p->used = t->pool.used;
	return same;
}

/* Bring the rows up to date and tell the keeper the difference. */
static void look(struct daemon *d, struct puppets *p, bool hide)
{
	struct puppet *rows, *old = p->rows, *end = old + p->nr;
	size_t nr, i;

	if (looked_at(d, p))
		return;
	rows = living(&d->world->m.tasks, &nr);
	if (!rows) {
		p->h->text.error = -ENOMEM;
		return;
	}
	for (i = 0; i < nr; i++) {
		for (; old < end && old->pid < rows[i].pid; old++)
			take_away(p, old);
		if (old < end && old->pid == rows[i].pid) {
			rows[i].state = old->state;
			if (old->born == rows[i].born) {
				old++;
				continue;
			}
			take_away(p, old++);
		}
		ask_for(d, p, &rows[i], hide);
	}
	for (; old < end; old++)
		take_away(p, old);
	free(p->rows);
	p->rows = rows;
	p->nr = nr;
}

/* Answer the operations that were held. */
static void let_go(struct daemon *d)
{
	const struct puppets *p = d->puppets;
	struct handle *h;

	while (p && !p->hidden)
		p = p->next;
	while (!p && (h = d->held)) {
		fuse_req_t req = h->req;

		handle_unlist(h);
		h->req = NULL;
		fuse_reply_write(req, h->size);
	}
}

bool puppets_hold(struct daemon *d)
{
	bool hold = false;

	for (struct puppets *p = d->puppets; p; p = p->next) {
		look(d, p, true);
		hold |= p->hidden;
	}
	return hold;
}

void puppets_turn(struct daemon *d)
{
	puppets_hold(d);
	let_go(d);
}

bool puppets_hide(const struct daemon *d, uint32_t pid)
{
	for (const struct puppets *p = d->puppets; p; p = p->next) {
		const struct puppet *row = p->hidden ? puppet_of(p, pid) : NULL;

		if (row && row->state == PUPPET_HIDDEN)
			return true;
	}
	return false;
}

bool puppets_leaving(const struct daemon *d, uint32_t pid)
{
	for (const struct puppets *p = d->puppets; p; p = p->next)
		for (size_t i = 0; i < p->nr_leaving; i++)
			if (p->leaving[i] == pid)
				return true;
	return false;
}

static void has_left(struct puppets *p, uint32_t pid)
{
	for (size_t i = 0; i < p->nr_leaving; i++)
		if (p->leaving[i] == pid) {
			p->leaving[i] = p->leaving[--p->nr_leaving];
			return;
		}
}

int puppets_open(struct daemon *d, struct handle *h)
{
	struct puppets *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->h = h;
	p->link = &d->puppets;
	p->next = d->puppets;
	if (p->next)
		p->next->link = &p->next;
	d->puppets = p;
	h->puppets = p;
	p->used = UINT32_MAX; /* never looked */
	look(d, p, false);
	return h->text.error;
}

void puppets_close(struct daemon *d, struct handle *h)
{
	struct puppets *p = h->puppets;

	if (!p)
		return;
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	free(p->leaving);
	free(p->rows);
	free(p);
	h->puppets = NULL;
	let_go(d);
}

bool puppets_ready(const struct handle *h)
{
	return h->text.len || h->text.error;
}

/* Whole lines, as many as there is room for. It never waits: poll(2) does. */
void puppets_read(fuse_req_t req, struct handle *h, size_t size)
{
	size_t n = h->text.len < size ? h->text.len : size;

	while (n && h->text.text[n - 1] != '\n')
		n--;
	if (!n) {
		fuse_reply_err(req, h->text.error ? -h->text.error : EAGAIN);
		return;
	}
	fuse_reply_buf(req, h->text.text, n);
	memmove(h->text.text, h->text.text + n, h->text.len - n);
	h->text.len -= n;
}

/* A handle that nobody opened carries the operation. */
static void begin_kill(struct daemon *d, const struct puppets *p,
		       const struct puppet *row, unsigned signal)
{
	const struct tasks *t = &d->world->m.tasks;
	struct handle *h = handle_new(d, HANDLE_KILL, &p->h->at);
	char line[48];
	int len;

	if (!h || ctl_open(d, h, true)) {
		if (h)
			handle_free(d, h);
		return;
	}
	len = snprintf(line, sizeof(line), "kill %u sig=%u", row->pid, signal);
	h->at.pid = row->pid;
	world_event(d->world, row->pid,
		    task_at(t, task_find(t, row->pid))->comm,
		    "killed signal=%u op=kill rule=puppet", signal);
	session_write(h->session, line, (size_t)len);
	handle_list(h, &d->running);
}

/* One that lives on after all is stood again. */
void puppets_killed(struct daemon *d, struct handle *h)
{
	uint32_t pid = h->at.pid;

	handle_free(d, h);
	for (struct puppets *p = d->puppets; p; p = p->next) {
		struct puppet *row;

		look(d, p, true);
		row = puppet_of(p, pid);
		if (row && row->state == PUPPET_DIED)
			ask_for(d, p, row, false);
	}
}

static void died(struct daemon *d, struct puppets *p, struct puppet *row,
		 unsigned signal)
{
	if (row->state != PUPPET_STANDS)
		return;
	row->state = PUPPET_DIED;
	begin_kill(d, p, row, signal);
}

/* One line. What is not known any more is no fault. Return: was it one? */
static bool take_line(struct daemon *d, struct puppets *p, const char *line)
{
	unsigned pid, signal;
	struct puppet *row;
	char what;
	int n = sscanf(line, "%c%u %u", &what, &pid, &signal);

	if (n < 2 || !strchr("+-!", what) || (what == '!' && n != 3))
		return false;
	if (what == '-')
		has_left(p, pid);
	row = puppet_of(p, pid);
	if (!row)
		return true;
	if (what == '!') {
		died(d, p, row, signal);
	} else if (what == '+' && (row->state == PUPPET_AWAITED ||
				   row->state == PUPPET_HIDDEN)) {
		p->hidden -= row->state == PUPPET_HIDDEN;
		row->state = PUPPET_STANDS;
	}
	return true;
}

void puppets_write(fuse_req_t req, struct daemon *d, struct handle *h,
		   const char *buf, size_t size)
{
	size_t used = 0;

	look(d, h->puppets, true);
	while (used < size) {
		const char *end = memchr(buf + used, '\n', size - used);
		char line[40];
		size_t len = end ? (size_t)(end - buf) - used : 0;

		if (!len || len >= sizeof(line))
			break;
		memcpy(line, buf + used, len);
		line[len] = '\0';
		if (!take_line(d, h->puppets, line))
			break;
		used += len + 1;
	}
	if (used)
		fuse_reply_write(req, used);
	else
		fuse_reply_err(req, EINVAL);
}
