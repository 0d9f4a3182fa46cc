// SPDX-License-Identifier: Apache-2.0
/*
 * Attributes the kernel may keep: those of the folder of a process, which
 * whoever lists processes asks for, and of its files that hold nothing. They
 * stay as they are while the process lives; when it has ended, or another
 * machine was loaded, the kernel is told before anybody is answered. That takes
 * none of its locks that a request may hold (fuse_reverse_inval_inode()).
 */
#include "fs/fuse-daemon.h"

#include <errno.h>

#define KEPT_TIMEOUT 3600.0
#define AGAIN	     256 /* turns in which it is told once more */

static bool may_keep(const struct daemon *d, const struct inode_ref *ref)
{
	const struct fsnode *row;

	if (ref->fresh || ref->kind != NODE_TREE || !ref->at.pid ||
	    !tree_alive(d->world, &ref->at))
		return false;
	row = tree_row(d->world, &ref->at);
	return tree_is_process(d->world, &ref->at) ||
	       (row && row->flags & FSNODE_EMPTY);
}

double kept_attr(struct daemon *d, fuse_ino_t ino)
{
	struct inode_ref *ref = ref_at(d, ino);

	if (!may_keep(d, ref))
		return 0;
	ref->outdated = false;
	if (!ref->kept) {
		ref->kept = true;
		ref->kept_next = d->kept;
		ref->kept_prev = 0;
		if (d->kept)
			d->refs[d->kept].kept_prev = (uint32_t)ino;
		d->kept = (uint32_t)ino;
	}
	return KEPT_TIMEOUT;
}

void kept_drop(struct daemon *d, struct inode_ref *ref)
{
	if (!ref->kept)
		return;
	ref->kept = false;
	if (ref->kept_prev)
		d->refs[ref->kept_prev].kept_next = ref->kept_next;
	else
		d->kept = ref->kept_next;
	if (ref->kept_next)
		d->refs[ref->kept_next].kept_prev = ref->kept_prev;
}

/* Is it as it was when last looked at? A process that could not be made after
 * all never counted. */
static bool looked_at(struct daemon *d, bool *ret_other)
{
	const struct tasks *t = &d->world->m.tasks;
	const struct kept_look now = {
		.generation = d->world->generation,
		.forks = t->forks,
		.ended = t->forks - t->pool.used,
	};
	struct kept_look *was = &d->kept_look;
	bool same = was->ended == now.ended && was->forks <= now.forks &&
		    was->generation == now.generation;

	*ret_other = was->generation != now.generation;
	*was = now;
	return same;
}

/* Return: does the kernel not know the node? It will in a moment, when it has
 * read the answer that names it, or it has just forgotten it. */
static bool tell(struct daemon *d, uint32_t id)
{
	if (fuse_lowlevel_notify_inval_inode(d->se, id, -1, 0) == -ENOENT)
		return true;
	kept_drop(d, &d->refs[id]);
	return false;
}

void kept_tell(struct daemon *d)
{
	bool other, same = looked_at(d, &other), untold = false;
	uint32_t next, id = d->kept;

	if (same && !d->kept_again)
		return;
	for (; id; id = next) {
		struct inode_ref *ref = &d->refs[id];

		next = ref->kept_next;
		ref->outdated |= other || !tree_alive(d->world, &ref->at);
		untold |= ref->outdated && tell(d, id);
	}
	d->kept_again = !untold ? 0 : same ? d->kept_again - 1 : AGAIN;
}
