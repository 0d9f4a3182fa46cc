// SPDX-License-Identifier: Apache-2.0
/* Requests under way: operation after operation, then the answer. */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_NS (50 * NS_PER_MS) /* between looks whether one is killed */

/* --- made -------------------------------------------------------------------
 */
/* libfuse holds a lock here: note it, the loop does the rest. */
static void note_interrupt(fuse_req_t req, void *arg)
{
	struct disk_request *r = arg;

	(void)req;
	r->interrupted = true;
}

static struct disk_request *new_request(struct daemon *d, struct client *c,
					disk_done *done)
{
	struct disk_request *r = c ? calloc(1, sizeof(*r)) : NULL;

	if (!r) {
		if (c)
			client_put(d, c);
		return NULL;
	}
	r->client = c;
	r->done = done;
	r->fd = -1;
	r->generation = d->world->generation;
	return r;
}

struct disk_request *disk_request(fuse_req_t req, disk_done *done)
{
	struct daemon *d = daemon_of(req);
	pid_t thread = fuse_req_ctx(req)->pid;
	struct disk_request *r = new_request(d, client_get(d, thread), done);

	if (!r) {
		fuse_reply_err(req, ENOMEM);
		return NULL;
	}
	r->req = req;
	r->thread = thread;
	return r;
}

void disk_request_node(struct daemon *d, struct disk_request *r, uint32_t node)
{
	node_get(d, node);
	r->node = node;
}

struct op *disk_op(struct disk_request *r, enum op_code code, const char *path)
{
	struct op *op = &r->ops[r->nr++];
	char key[STORE_KEY];

	op->code = code;
	if (path) {
		store_key(path, key);
		snprintf(op->text, sizeof(op->text), "%s", key);
	}
	return op;
}

static void done_later(struct daemon *d, struct disk_request *r)
{
	(void)d;
	(void)r;
}

void disk_later(struct daemon *d, struct client *c, enum op_code code,
		const char *path)
{
	struct disk_request *r;

	c->users++;
	r = new_request(d, c, done_later);
	if (!r)
		return;
	disk_op(r, code, path);
	disk_submit(d, r);
}

/* --- journal ----------------------------------------------------------------
 */
typedef unsigned long long ull;

static void put_line(const struct op *op, struct outbuf *out)
{
	const char *second = op->text + strlen(op->text) + 1;

	out_str(out, script_op_word(op->code));
	if (op->pid)
		out_printf(out, " %u", op->pid);
	if (op->text[0] || op->name[0])
		out_printf(out, " %s", op->text[0] ? op->text : op->name);
	switch (op->code) {
	case OP_READ:
	case OP_WRITE:
		out_printf(out, " %llu %llu", (ull)op->off, (ull)op->len);
		break;
	case OP_TRUNCATE:
	case OP_ONDISK:
		out_printf(out, " %llu", (ull)op->size);
		break;
	case OP_MOVE:
		out_printf(out, " %s", second);
		break;
	default:
		break;
	}
	if (op->flags & OPX_DIRECT)
		out_str(out, " direct");
	if (op->flags & OPX_FOLDER)
		out_str(out, " folder");
}

static void journal(struct daemon *d, const struct op *op)
{
	struct outbuf line;

	out_init(&line);
	put_line(op, &line);
	if (!line.error)
		world_journal(d->world, "async %s", line.text);
	out_free(&line);
}

/* --- operations -------------------------------------------------------------
 */
static int begin(struct daemon *d, const struct op *op, uint64_t *ret_ticket)
{
	struct machine *m = &d->world->m;
	int err = world_catch_up(d->world);

	if (!err)
		err = sched_watch(&m->tasks, op, ret_ticket);
	if (!err)
		journal(d, op);
	return err;
}

/* Files that were there already, and names that are not, are no failure: the
 * host has decided about both. */
static bool tolerated(const struct op *op, int error)
{
	switch (op->code) {
	case OP_STAT:
	case OP_RM:
	case OP_MOVE:
	case OP_CLOSE:
	case OP_LIST:
	case OP_TRUNCATE:
		return error == ENOENT || error == EISDIR;
	case OP_ONDISK:
	case OP_CREATE:
		return error == EEXIST;
	case OP_EXIT:
		return true;
	default:
		return false;
	}
}

static bool needs_process(const struct op *op)
{
	return op->code != OP_ONDISK && op->code != OP_RM;
}

/* A stand-in before the first operation. False: another request makes it. */
static bool begin_client(struct daemon *d, struct disk_request *r)
{
	struct client *c = r->client;
	struct op op = { .code = OP_CLIENT };

	if (c->generation != d->world->generation)
		c->making = false;
	if (c->making)
		return false;
	memcpy(op.name, c->name, sizeof(op.name));
	r->error = begin(d, &op, &r->ticket);
	c->making = !r->error;
	c->generation = d->world->generation;
	c->pid = 0;
	return true;
}

/* The next operation. False: it has to wait. */
static bool begin_next(struct daemon *d, struct disk_request *r)
{
	struct op *op = &r->ops[r->at];

	if (needs_process(op)) {
		op->pid = client_pid(d, r->client);
		if (!op->pid && op->code == OP_CLOSE) {
			r->at++; /* nothing is open */
			return true;
		}
		if (!op->pid)
			return begin_client(d, r);
	}
	r->error = begin(d, op, &r->ticket);
	if (r->error > 0 && tolerated(op, r->error)) {
		r->error = 0;
		r->at++;
	}
	return true;
}

/* The operation that ran. False: it still does. */
static bool take(struct daemon *d, struct disk_request *r)
{
	struct watched result;

	if (!sched_watched(&d->world->m.tasks, r->ticket, &result))
		return false;
	r->ticket = 0;
	if (r->client->making && !client_pid(d, r->client)) {
		r->client->making = false;
		r->client->pid = (uint32_t)result.ret[0];
		r->error = result.result;
		return true;
	}
	if (result.killed)
		r->error = EINTR;
	else if (!tolerated(&r->ops[r->at], result.result))
		r->error = result.result;
	r->at++;
	return true;
}

/* A signal that ends the client ends what its stand-in does; others wait, as
 * they do for a disk. */
static void interrupt(struct daemon *d, struct disk_request *r)
{
	struct op op = { .code = OP_KILL };
	struct machine *m = &d->world->m;
	uint64_t now = wall_now();
	uint32_t actor;

	if (!r->interrupted || r->killed || now < r->look_at)
		return;
	r->look_at = now + LOOK_NS;
	if (!client_dying(d, r->thread))
		return;
	r->killed = true;
	op.pid = client_pid(d, r->client);
	if (op.pid && !world_catch_up(d->world) &&
	    !machine_begin(m, &op, true, &actor))
		journal(d, &op);
	if (!r->ticket)
		r->error = EINTR;
}

/* As far as it goes without time. True: it is over. */
static bool step(struct daemon *d, struct disk_request *r)
{
	if (r->generation != d->world->generation) {
		/* set back or loaded meanwhile: its operations are void */
		r->ticket = 0;
		r->error = EIO;
		return true;
	}
	interrupt(d, r);
	while (!r->error && r->at < r->nr)
		if (r->ticket ? !take(d, r) : !begin_next(d, r))
			return false;
	return true;
}

static void finish(struct daemon *d, struct disk_request *r)
{
	if (r->error < 0)
		r->error = r->error == -ENOBUFS ? ENOMEM : -r->error;
	if (r->req)
		fuse_req_interrupt_func(r->req, NULL, NULL);
	r->done(d, r);
	if (r->node)
		node_put(d, r->node);
	if (r->parent)
		node_put(d, r->parent);
	if (r->fd >= 0)
		close(r->fd);
	client_put(d, r->client);
	free(r->data);
	free(r);
}

void disk_submit(struct daemon *d, struct disk_request *r)
{
	if (step(d, r)) {
		finish(d, r);
		return;
	}
	*d->disk->last = r;
	d->disk->last = &r->next;
	if (r->req)
		fuse_req_interrupt_func(r->req, note_interrupt, r);
}

void disk_step(struct daemon *d)
{
	struct disk_request **link = &d->disk->first, *r;

	while ((r = *link)) {
		if (!step(d, r)) {
			link = &r->next;
			continue;
		}
		*link = r->next;
		if (!*link)
			d->disk->last = link;
		finish(d, r);
	}
}

bool disk_busy(const struct daemon *d)
{
	return d->disk->first;
}

bool disk_patience(const struct daemon *d)
{
	for (const struct disk_request *r = d->disk->first; r; r = r->next)
		if (r->interrupted && !r->killed)
			return true;
	return false;
}

void disk_end(struct daemon *d)
{
	struct disk_request *r, *next;

	if (!d->disk)
		return; /* the start failed before there was one */
	for (r = d->disk->first; r; r = next) {
		next = r->next;
		r->error = ENOTCONN;
		finish(d, r);
	}
	d->disk->first = NULL;
	d->disk->last = &d->disk->first;
}
