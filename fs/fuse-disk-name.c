// SPDX-License-Identifier: Apache-2.0
/*
 * MNT/disk: names made, moved and removed. The host does it first, or says why
 * not; then the machine follows, which takes its time.
 */
#define _GNU_SOURCE /* renameat2(), AT_EMPTY_PATH */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the machine keeps what is open and has no name any more. */
static void gone_path(struct daemon *d, char *path, size_t room)
{
	snprintf(path, room, "/.gone/%llu",
		 (unsigned long long)++d->disk->nr_gone);
}

static void named(struct daemon *d, struct disk_request *r)
{
	d->disk->naming--;
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		disk_reply_entry(d, r->req, r->node);
}

static void renamed(struct daemon *d, struct disk_request *r)
{
	d->disk->naming--;
	fuse_reply_err(r->req, r->error);
}

/* May names in @parent be changed? And is there room for one more? */
static int may_change(const struct daemon *d, fuse_req_t req, uint32_t parent,
		      bool more)
{
	struct store_root *root = node_root(d, parent);
	int err = node_allowed(d, req, parent, 3);

	if (err || !more || !root->size)
		return err;
	if (!root->counted || root->used + PAGE_SIZE > root->size)
		store_count(&d->disk->store, disk_node(d, parent)->root);
	return root->used + PAGE_SIZE > root->size ? -ENOSPC : 0;
}

/* Before a name changes, all files of the machine have theirs. */
static int begin_change(struct daemon *d, fuse_req_t req, uint32_t parent,
			const char *name, bool more)
{
	char path[PATH_MAX];
	int err = may_change(d, req, parent, more);

	if (err)
		return err;
	model_files(d);
	err = node_path(d, parent, name, path);
	if (!err && store_mount_at(&d->disk->store, path) >= 0)
		err = more ? -EEXIST : -EBUSY;
	return err;
}

/* --- made -------------------------------------------------------------------
 */
/*
 * The host has made @name: the request that tells the machine. NULL: it could
 * not be begun and was answered.
 */
static struct disk_request *made(struct daemon *d, fuse_req_t req,
				 uint32_t parent, const char *name,
				 disk_done *done)
{
	struct disk_request *r = disk_request(req, done);
	char path[PATH_MAX], key[STORE_KEY];
	struct stat st;
	uint32_t node;
	struct op *op;

	if (!r)
		return NULL;
	node_own(d, req, parent, name);
	d->disk->naming++;
	r->error = -node_find(d, parent, name, path, &node);
	if (r->error)
		return r;
	r->node = node;
	disk_node(d, node)->generation = d->world->generation;
	model_know(d, r, parent);
	store_key(disk_node(d, node)->path, key);
	if (inode_find(&d->world->m.cache, key)) {
		/* another file of that name, which the host had not */
		op = disk_op(r, OP_TRUNCATE, disk_node(d, node)->path);
		op->size = node_stat(d, node, &st) ? 0 : (uint64_t)st.st_size;
		return r;
	}
	op = disk_op(r, OP_CREATE, disk_node(d, node)->path);
	if (disk_node(d, node)->dir)
		op->flags = OPX_FOLDER;
	return r;
}

static void reply_made(struct daemon *d, fuse_req_t req, uint32_t parent,
		       const char *name, int err)
{
	struct disk_request *r;

	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	r = made(d, req, parent, name, named);
	if (r)
		disk_submit(d, r);
}

static uint32_t folder(fuse_req_t req, fuse_ino_t ino)
{
	return ref_at(daemon_of(req), ino)->at.block;
}

static int folder_fd(const struct daemon *d, uint32_t node)
{
	return disk_node(d, node)->fd;
}

void disk_mkdir(fuse_req_t req, fuse_ino_t ino, const char *name, mode_t mode)
{
	struct daemon *d = daemon_of(req);
	uint32_t parent = folder(req, ino);
	int err = begin_change(d, req, parent, name, true);

	if (!err && mkdirat(folder_fd(d, parent), name, mode))
		err = -errno;
	reply_made(d, req, parent, name, err);
}

void disk_mknod(fuse_req_t req, fuse_ino_t ino, const char *name, mode_t mode,
		dev_t dev)
{
	struct daemon *d = daemon_of(req);
	uint32_t parent = folder(req, ino);
	int err = begin_change(d, req, parent, name, true);

	/* devices of the host have no business here */
	if (!err && (S_ISCHR(mode) || S_ISBLK(mode)))
		err = -EPERM;
	if (!err && mknodat(folder_fd(d, parent), name, mode, dev))
		err = -errno;
	reply_made(d, req, parent, name, err);
}

void disk_symlink(fuse_req_t req, const char *text, fuse_ino_t ino,
		  const char *name)
{
	struct daemon *d = daemon_of(req);
	uint32_t parent = folder(req, ino);
	int err = begin_change(d, req, parent, name, true);

	if (!err && symlinkat(text, folder_fd(d, parent), name))
		err = -errno;
	reply_made(d, req, parent, name, err);
}

static void created(struct daemon *d, struct disk_request *r)
{
	d->disk->naming--;
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		disk_reply_open(d, r, true);
}

#define CREATE_FLAGS (O_ACCMODE | O_EXCL | O_TRUNC)

void disk_create(fuse_req_t req, fuse_ino_t ino, const char *name, mode_t mode,
		 struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	uint32_t parent = folder(req, ino);
	int err = begin_change(d, req, parent, name, true), fd = -1;
	struct disk_request *r;

	if (!err) {
		fd = openat(folder_fd(d, parent), name,
			    (fi->flags & CREATE_FLAGS) | O_CREAT | O_NOFOLLOW |
				    O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
			    mode);
		err = fd < 0 ? -errno : 0;
	}
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	r = made(d, req, parent, name, created);
	if (!r) {
		close(fd);
		return;
	}
	r->fd = fd;
	r->fi = *fi;
	disk_submit(d, r);
}

void disk_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to, const char *name)
{
	struct daemon *d = daemon_of(req);
	uint32_t node = ref_at(d, ino)->at.block, parent = folder(req, to);
	int err = begin_change(d, req, parent, name, true);
	struct disk_request *r;
	char self[32];

	snprintf(self, sizeof(self), "self/fd/%d", disk_node(d, node)->fd);
	if (!err && disk_node(d, node)->root != disk_node(d, parent)->root)
		err = -EXDEV;
	if (!err && linkat(d->proc, self, folder_fd(d, parent), name,
			   AT_SYMLINK_FOLLOW))
		err = -errno;
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	/* the machine knows a file by its first name */
	r = disk_request(req, named);
	if (!r)
		return;
	d->disk->naming++;
	disk_request_node(d, r, node);
	model_know(d, r, node);
	disk_op(r, OP_STAT, disk_node(d, node)->path);
	disk_submit(d, r);
}

/* --- removed ----------------------------------------------------------------
 */
/*
 * A name of @node went, or will: operations for what that means. @path is
 * the name that went. A file that is open stays under a name nobody sees; one
 * that has other names stays under one that no lookup needs.
 */
static void name_gone(struct daemon *d, struct disk_request *r, uint32_t node,
		      const char *path)
{
	struct disk_node *n = disk_node(d, node);
	char to[64], key[STORE_KEY];
	struct stat st;
	struct op *op;

	if (node_stat(d, node, &st))
		return;
	n->gone = !st.st_nlink || n->dir;
	if (n->gone && !n->opens) {
		disk_op(r, OP_RM, n->path);
		store_took(node_root(d, node), 0, store_room(&st));
		return;
	}
	if (strcmp(n->path, path) != 0)
		return;
	gone_path(d, to, sizeof(to));
	op = disk_op(r, OP_MOVE, path);
	store_key(to, key);
	memcpy(op->text + strlen(op->text) + 1, key, strlen(key) + 1);
	node_rename(d, node, to);
}

static void remove_name(fuse_req_t req, fuse_ino_t ino, const char *name,
			int flags)
{
	struct daemon *d = daemon_of(req);
	uint32_t parent = folder(req, ino), node = 0;
	int err = begin_change(d, req, parent, name, false);
	struct disk_request *r;
	char path[PATH_MAX];

	if (!err)
		err = node_find(d, parent, name, path, &node);
	if (!err && unlinkat(folder_fd(d, parent), name, flags))
		err = -errno;
	r = err ? NULL : disk_request(req, renamed);
	if (err)
		fuse_reply_err(req, -err);
	if (r) {
		d->disk->naming++;
		r->node = node;
		name_gone(d, r, node, path);
		disk_submit(d, r);
	} else if (node) {
		node_put(d, node);
	}
}

void disk_unlink(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	remove_name(req, ino, name, 0);
}

void disk_rmdir(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	remove_name(req, ino, name, AT_REMOVEDIR);
}

/* --- moved ------------------------------------------------------------------
 */
static void move(struct disk_request *r, const char *from, const char *to)
{
	struct op *op = disk_op(r, OP_MOVE, from);
	char key[STORE_KEY];

	store_key(to, key);
	memcpy(op->text + strlen(op->text) + 1, key, strlen(key) + 1);
}

struct moving {
	uint32_t from, to; /* folders */
	const char *name, *to_name;
	unsigned flags;
	char path[PATH_MAX], to_path[PATH_MAX];
	uint32_t node, target; /* target 0: nothing was there */
};

/* Both names exist and are each other's from now on. */
static void exchange(struct daemon *d, struct disk_request *r,
		     const struct moving *m)
{
	static const char between[] = "/.gone/exchanged";

	move(r, m->path, between);
	move(r, m->to_path, m->path);
	move(r, between, m->to_path);
	nodes_moved(d, m->path, between);
	nodes_moved(d, m->to_path, m->path);
	nodes_moved(d, between, m->to_path);
}

/* What the machine has to do for it. */
static void move_all(struct daemon *d, struct disk_request *r,
		     const struct moving *m)
{
	if (m->node == m->target)
		return; /* two names of one file: nothing happens */
	if (m->flags & RENAME_EXCHANGE) {
		exchange(d, r, m);
		return;
	}
	if (m->target)
		name_gone(d, r, m->target, m->to_path);
	if (strcmp(disk_node(d, m->node)->path, m->path) != 0)
		return; /* the machine knows another of its names */
	move(r, m->path, m->to_path);
	nodes_moved(d, m->path, m->to_path);
}

static int move_begin(struct daemon *d, fuse_req_t req, struct moving *m)
{
	int err = begin_change(d, req, m->from, m->name, false);

	if (!err)
		err = begin_change(d, req, m->to, m->to_name, false);
	if (!err && disk_node(d, m->from)->root != disk_node(d, m->to)->root)
		err = -EXDEV;
	if (!err)
		err = node_find(d, m->from, m->name, m->path, &m->node);
	if (!err) {
		err = node_find(d, m->to, m->to_name, m->to_path, &m->target);
		err = err == -ENOENT ? 0 : err;
	}
	if (!err && renameat2(folder_fd(d, m->from), m->name,
			      folder_fd(d, m->to), m->to_name, m->flags))
		err = -errno;
	return err;
}

void disk_rename(fuse_req_t req, fuse_ino_t ino, const char *name,
		 fuse_ino_t to_ino, const char *to_name, unsigned flags)
{
	struct daemon *d = daemon_of(req);
	struct moving m = { .from = folder(req, ino),
			    .to = folder(req, to_ino),
			    .name = name,
			    .to_name = to_name,
			    .flags = flags };
	int err = flags & RENAME_WHITEOUT ? -EINVAL : move_begin(d, req, &m);
	struct disk_request *r = err ? NULL : disk_request(req, renamed);

	if (err)
		fuse_reply_err(req, -err);
	if (r) {
		d->disk->naming++;
		node_get(d, m.node);
		r->node = m.node;
		model_know(d, r, m.from);
		model_know(d, r, m.to);
		move_all(d, r, &m);
		disk_submit(d, r);
	}
	if (m.node)
		node_put(d, m.node);
	if (m.target)
		node_put(d, m.target);
}
