// SPDX-License-Identifier: Apache-2.0
/* mkdir(2) and rmdir(2): memory groups come and go from outside; what an open
 * memory.peak counts. */
#include "fs/fuse-disk.h"
#include "fs/sys/cgroup.h"

#include <errno.h>

void on_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct daemon *d = daemon_of(req);
	const struct inode_ref *dir = ref_at(d, parent);
	struct caller who = caller_of(req);
	struct fuse_entry_param e;
	struct inode_ref ref;
	int err = -EPERM;

	if (dir->kind == NODE_DISK) {
		disk_mkdir(req, parent, name, mode);
		return;
	}
	/* a group has the kernel's mode */
	if (dir->kind == NODE_TREE)
		err = tree_mkdir(d->world, &dir->at, name, &who);
	if (!err)
		err = name_lookup(d, dir, name, 0, &ref);
	if (!err)
		err = name_entry(d, &ref, &e);
	if (err)
		fuse_reply_err(req, -err);
	else if (fuse_reply_entry(req, &e) == -ENOENT)
		ref_forget(d, e.ino, 1); /* interrupted: nobody got it */
}

void on_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct daemon *d = daemon_of(req);
	const struct inode_ref *dir = ref_at(d, parent);
	struct caller who = caller_of(req);
	int err = -EPERM;

	if (dir->kind == NODE_DISK) {
		disk_rmdir(req, parent, name);
		return;
	}
	if (dir->kind == NODE_TREE)
		err = tree_rmdir(d->world, &dir->at, name, &who);
	fuse_reply_err(req, -err);
}

/* --- memory.peak ------------------------------------------------------------
 */
static uint64_t since(const struct daemon *d, const struct handle *h)
{
	return group_peak_since(&d->world->m.control, h->at.group,
				tree_row(d->world, &h->at)->arg);
}

/* peak_write(): others that count keep what they had, or what is used now. */
long peak_write(struct daemon *d, struct handle *h, const char *text,
		size_t len, const struct caller *who)
{
	long used = tree_store_at(d->world, &h->at, text, len, who);
	uint64_t now = used < 0 ? 0 : since(d, h);

	if (used < 0)
		return used;
	for (struct handle *o = d->handles; o; o = o->all_next)
		if (o->counts && place_same(&o->at, &h->at) && now > o->peak)
			o->peak = now;
	h->counts = true;
	h->peak = now;
	return used;
}

void peak_show(const struct daemon *d, struct handle *h)
{
	uint64_t peak = since(d, h);

	if (peak < h->peak)
		peak = h->peak;
	out_clear(&h->text);
	out_printf(&h->text, "%llu\n", (unsigned long long)peak << PAGE_SHIFT);
}
