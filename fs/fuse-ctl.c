// SPDX-License-Identifier: Apache-2.0
/*
 * MNT/ctl: a session an open file. A write is answered when its last line is
 * done; the loop lets time pass meanwhile.
 */
#include "fs/fuse-daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ctl_open(struct daemon *d, struct handle *h, bool replies)
{
	h->session = malloc(sizeof(*h->session));
	if (!h->session)
		return -ENOMEM;
	session_init(h->session, d->world);
	if (replies)
		return 0;
	/* who only reads is told what could be written */
	script_help(&h->session->replies);
	return h->session->replies.error;
}

void ctl_read(fuse_req_t req, struct handle *h, size_t size)
{
	char *buf = malloc(size ? size : 1);
	size_t n;

	if (!buf) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	n = session_read(h->session, buf, size);
	fuse_reply_buf(req, buf, n);
	free(buf);
}

void ctl_close(struct handle *h)
{
	if (h->session)
		session_fini(h->session);
	free(h->session);
}

void ctl_write(fuse_req_t req, struct daemon *d, struct handle *h,
	       const char *buf, size_t size)
{
	int err = session_write(h->session, buf, size);

	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	handle_wait(h, req, size);
	handle_list(h, &d->running);
}

/* With -f a failure can be read where the daemon was started. */
static void tell_failure(const struct daemon *d, const struct session *s)
{
	const char *name = script_errno_name(s->error);

	if (!d->opt.foreground || s->error == EINTR)
		return;
	fprintf(stderr, "fauxproc: ctl: line %u: %s%s%.*s (%s)\n",
		s->failed_line, s->now.word, s->now.word[0] ? ": " : "",
		(int)s->why.len, s->why.text ? s->why.text : "",
		name ? name : strerror(s->error));
	fflush(stderr);
}

static void answer(struct daemon *d, struct handle *h, enum session_state state)
{
	fuse_req_t req = h->req;

	handle_unlist(h);
	kept_tell(d);
	if (state == SESSION_IDLE && puppets_hold(d)) {
		handle_list(h, &d->held);
		return;
	}
	h->req = NULL;
	if (state == SESSION_FAILED) {
		tell_failure(d, h->session);
		fuse_reply_err(req, h->session->error);
	} else {
		fuse_reply_write(req, h->size);
	}
}

void ctl_step(struct daemon *d)
{
	struct handle *h = d->running, *next;
	enum session_state state;

	for (; h; h = next) {
		next = h->next;
		if (h->interrupted) {
			h->interrupted = false;
			session_interrupt(h->session);
		}
		state = session_step(h->session);
		if (state == SESSION_RUNNING)
			continue;
		if (h->kind == HANDLE_KILL)
			puppets_killed(d, h);
		else
			answer(d, h, state);
	}
}

void ctl_awaited(const struct daemon *d, struct awaited *ret)
{
	struct awaited a = { .until = UINT64_MAX };

	for (const struct handle *h = d->running; h; h = h->next) {
		const struct session *s = h->session;

		if (s->waits_until < a.until)
			a.until = s->waits_until;
		a.advances |= s->now.verb == VERB_ADVANCE;
	}
	*ret = a;
}
