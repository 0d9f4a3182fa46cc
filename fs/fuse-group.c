// SPDX-License-Identifier: Apache-2.0
/* mkdir(2) and rmdir(2): memory groups come and go from outside. */
#include "fs/fuse-disk.h"

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
