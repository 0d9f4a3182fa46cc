// SPDX-License-Identifier: Apache-2.0
/*
 * Names of the tree are the machine's: none can be made, moved or removed
 * from outside, memory groups aside. All of it is EPERM, as INTERFACE has it,
 * never ENOSYS.
 */
#include "fs/fuse-daemon.h"

#include <errno.h>

static void no_mknod(fuse_req_t req, fuse_ino_t parent, const char *name,
		     mode_t mode, dev_t rdev)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)rdev;
	fuse_reply_err(req, EPERM);
}

static void no_remove(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void no_symlink(fuse_req_t req, const char *link, fuse_ino_t parent,
		       const char *name)
{
	(void)link;
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void no_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
		      fuse_ino_t to_parent, const char *to_name, unsigned flags)
{
	(void)parent;
	(void)name;
	(void)to_parent;
	(void)to_name;
	(void)flags;
	fuse_reply_err(req, EPERM);
}

static void no_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to_parent,
		    const char *to_name)
{
	(void)ino;
	(void)to_parent;
	(void)to_name;
	fuse_reply_err(req, EPERM);
}

static void no_create(fuse_req_t req, fuse_ino_t parent, const char *name,
		      mode_t mode, struct fuse_file_info *fi)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)fi;
	fuse_reply_err(req, EPERM);
}

void refuse_ops(struct fuse_lowlevel_ops *ops)
{
	ops->mknod = no_mknod;
	ops->unlink = no_remove;
	ops->symlink = no_symlink;
	ops->rename = no_rename;
	ops->link = no_link;
	ops->create = no_create;
}
