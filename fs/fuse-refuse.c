// SPDX-License-Identifier: Apache-2.0
/*
 * Names of the tree are the machine's: outside of disk/ none can be made, moved
 * or removed, memory groups aside. All of it is EPERM, as INTERFACE has it,
 * never ENOSYS.
 */
#include "fs/fuse-disk.h"

#include <errno.h>

static bool on_disk(fuse_req_t req, fuse_ino_t ino)
{
	return ref_at(daemon_of(req), ino)->kind == NODE_DISK;
}

static void on_mknod(fuse_req_t req, fuse_ino_t parent, const char *name,
		     mode_t mode, dev_t rdev)
{
	if (on_disk(req, parent))
		disk_mknod(req, parent, name, mode, rdev);
	else
		fuse_reply_err(req, EPERM);
}

static void on_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	if (on_disk(req, parent))
		disk_unlink(req, parent, name);
	else
		fuse_reply_err(req, EPERM);
}

static void on_symlink(fuse_req_t req, const char *link, fuse_ino_t parent,
		       const char *name)
{
	if (on_disk(req, parent))
		disk_symlink(req, link, parent, name);
	else
		fuse_reply_err(req, EPERM);
}

static void on_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
		      fuse_ino_t to_parent, const char *to_name, unsigned flags)
{
	if (on_disk(req, parent) && on_disk(req, to_parent))
		disk_rename(req, parent, name, to_parent, to_name, flags);
	else
		fuse_reply_err(req, EPERM);
}

static void on_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to_parent,
		    const char *to_name)
{
	if (on_disk(req, ino) && on_disk(req, to_parent))
		disk_link(req, ino, to_parent, to_name);
	else
		fuse_reply_err(req, EPERM);
}

static void on_create(fuse_req_t req, fuse_ino_t parent, const char *name,
		      mode_t mode, struct fuse_file_info *fi)
{
	if (on_disk(req, parent))
		disk_create(req, parent, name, mode, fi);
	else
		fuse_reply_err(req, EPERM);
}

void refuse_ops(struct fuse_lowlevel_ops *ops)
{
	ops->mknod = on_mknod;
	ops->unlink = on_unlink;
	ops->symlink = on_symlink;
	ops->rename = on_rename;
	ops->link = on_link;
	ops->create = on_create;
}
