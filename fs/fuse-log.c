// SPDX-License-Identifier: Apache-2.0
/*
 * dev/kmsg: one record a read; at the end a reader waits for the next one, or
 * is told EAGAIN (devkmsg_read()).
 */
#include "fs/fuse-daemon.h"
#include "fs/kmsg.h"

#include <errno.h>

static const struct klog *the_log(const struct daemon *d)
{
	return &d->world->m.tasks.log;
}

void log_open(const struct daemon *d, struct handle *h)
{
	h->seq = klog_first(the_log(d));
}

void log_seek_end(struct daemon *d, struct handle *h)
{
	h->seq = the_log(d)->next;
}

bool log_ready(const struct daemon *d, struct handle *h)
{
	if (h->seq > the_log(d)->next) /* another machine was loaded */
		log_open(d, h);
	return h->seq < the_log(d)->next;
}

/* There is a record, or it was overwritten: EPIPE once, then the oldest. */
static void reply_record(fuse_req_t req, struct daemon *d, struct handle *h,
			 size_t size)
{
	uint64_t first = klog_first(the_log(d));

	if (h->seq < first) {
		h->seq = first;
		fuse_reply_err(req, EPIPE);
		return;
	}
	out_clear(&h->text);
	kmsg_record(the_log(d), h->seq, &h->text);
	if (h->text.error) {
		fuse_reply_err(req, ENOMEM);
	} else if (h->text.len > size) {
		fuse_reply_err(req, EINVAL);
	} else {
		h->seq++;
		fuse_reply_buf(req, h->text.text, h->text.len);
	}
}

void log_read(fuse_req_t req, struct daemon *d, struct handle *h, size_t size,
	      off_t off, bool nonblock)
{
	if (!off && h->shown)
		log_open(d, h); /* rewound */
	if (log_ready(d, h)) {
		h->shown = true;
		reply_record(req, d, h, size);
	} else if (nonblock) {
		fuse_reply_err(req, EAGAIN);
	} else if (h->req) {
		fuse_reply_err(req, EBUSY); /* one reader waits already */
	} else {
		handle_wait(h, req, size);
		handle_list(h, &d->waiting);
	}
}

void log_wake(struct daemon *d, struct handle *h)
{
	fuse_req_t req = h->req;
	bool ready = log_ready(d, h);

	if (!req || (!ready && !h->interrupted))
		return;
	h->req = NULL;
	h->shown = true;
	if (ready)
		reply_record(req, d, h, h->size);
	else
		fuse_reply_err(req, EINTR);
}
