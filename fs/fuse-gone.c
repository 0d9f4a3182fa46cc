// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel remembers the name of a process for a while, which spares a
 * lookup each time a file of it is opened; when the process has ended, or
 * another has its pid, it does not know. Told ESTALE, it goes the whole way
 * again, asking for each name; who has no name to ask for, in a folder that is
 * open or its own, comes back with the same question and is told ENOENT.
 */
#include "fs/fuse-daemon.h"

#include <errno.h>

/* Was the thread told so just now? If not, it is. */
static bool told_before(fuse_req_t req, fuse_ino_t ino)
{
	pid_t thread = fuse_req_ctx(req)->pid;
	struct daemon *d = daemon_of(req);
	struct stale *t = &d->stale[(unsigned)thread % STALE];
	const struct place *at = &ref_at(d, ino)->at;
	bool before = t->thread == thread && place_same(&t->at, at);

	t->thread = before ? -1 : thread;
	t->at = *at;
	return before;
}

static bool gone(const struct daemon *d, fuse_ino_t ino)
{
	const struct inode_ref *ref = ref_at(d, ino);

	return ref->kind == NODE_TREE && ref->at.pid &&
	       !tree_alive(d->world, &ref->at);
}

int gone_error(fuse_req_t req, fuse_ino_t ino)
{
	if (!gone(daemon_of(req), ino))
		return 0;
	return told_before(req, ino) ? -ENOENT : -ESTALE;
}

/* fstat(2) of an open file asks as stat(2) does, and must not fail. */
int gone_stat(fuse_req_t req, fuse_ino_t ino)
{
	const struct daemon *d = daemon_of(req);
	const struct handle *h = d->handles;

	if (!gone(d, ino))
		return 0;
	while (h && h->ino != ino)
		h = h->all_next;
	return h || told_before(req, ino) ? 0 : -ESTALE;
}
