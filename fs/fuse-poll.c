// SPDX-License-Identifier: Apache-2.0
/*
 * Who waits for a file to say something new. notify_poll is the one
 * notification the kernel takes without a lock that a lookup may hold.
 */
#include "fs/fuse-daemon.h"

#include <poll.h>

/*
 * A log is readable while it has records. Other files always are; that they
 * changed since the last read is an exceptional condition, as kernfs and
 * /proc/swaps have it. The model's own are readable when they changed.
 */
static unsigned poll_mask(const struct daemon *d, struct handle *h)
{
	const struct world *w = d->world;
	bool fresh;

	if (h->kind == HANDLE_LOG)
		return POLLOUT | POLLWRNORM |
		       (log_ready(d, h) ? POLLIN | POLLRDNORM : 0u);
	if (h->kind == HANDLE_PUPPETS)
		return POLLOUT | POLLWRNORM |
		       (puppets_ready(h) ? POLLIN | POLLRDNORM : 0u);
	if (h->kind == HANDLE_FILE &&
	    tree_row(w, &h->at)->flags & FSNODE_TRIGGER)
		return trigger_mask(d, h);
	if (h->kind != HANDLE_FILE ||
	    !(tree_row(w, &h->at)->flags & FSNODE_POLL))
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	fresh = tree_stamp(w, &h->at) != h->stamp;
	if (tree_is_model(w, &h->at))
		return fresh ? POLLIN | POLLRDNORM : 0u;
	return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM |
	       (fresh ? POLLERR | POLLPRI : 0u);
}

/* What a poller of @h waits for. */
static unsigned awaited_mask(const struct daemon *d, const struct handle *h)
{
	return h->kind == HANDLE_LOG || h->kind == HANDLE_PUPPETS ||
			       tree_is_model(d->world, &h->at)
		       ? POLLIN
		       : POLLPRI;
}

static void keep_poll(struct daemon *d, struct handle *h,
		      struct fuse_pollhandle *ph)
{
	if (h->poll)
		fuse_pollhandle_destroy(h->poll);
	h->poll = ph;
	handle_list(h, &d->waiting);
}

void on_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	     struct fuse_pollhandle *ph)
{
	struct daemon *d = daemon_of(req);
	struct handle *h = handle_of(fi);

	(void)ino;
	if (ph && h->kind != HANDLE_CTL)
		keep_poll(d, h, ph);
	else if (ph)
		fuse_pollhandle_destroy(ph);
	fuse_reply_poll(req, poll_mask(d, h));
	trigger_told(d, h);
}

void poll_wake(struct daemon *d)
{
	struct handle *h = d->waiting, *next;

	for (; h; h = next) {
		next = h->next;
		if (h->kind == HANDLE_LOG)
			log_wake(d, h);
		if (h->poll && poll_mask(d, h) & awaited_mask(d, h)) {
			fuse_lowlevel_notify_poll(h->poll);
			fuse_pollhandle_destroy(h->poll);
			h->poll = NULL;
		}
		if (!h->req && !h->poll)
			handle_unlist(h);
	}
}
