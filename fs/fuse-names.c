// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse-disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define ENTRY_TIMEOUT 3600.0 /* of names that do not change */
#define PID_TIMEOUT   0.5 /* of a process: fuse-gone.c */
#define BLOCK_SIZE    65536 /* glibc reads in pieces of this */
#define CTL_INO	      (1ull << 60)
#define LOG_END	      (1ll << 62) /* a place no reader of records comes to */
#define REAL_INO      (1ull << 61)

static const struct inode_ref ctl_ref = { .kind = NODE_CTL, .fresh = true };
static const struct inode_ref puppets_ref = { .kind = NODE_PUPPETS,
					      .fresh = true };

static const struct inode_ref disk_ref = { .kind = NODE_DISK,
					   .at.block = DISK_ROOT };

static bool is_root(const struct inode_ref *ref)
{
	return ref->kind == NODE_TREE && !ref->at.part;
}

static uint32_t number_of(const char *name)
{
	char *end;
	unsigned long n = *name >= '1' && *name <= '9' ? strtoul(name, &end, 10)
						       : 0;

	return n && n <= INT32_MAX && !*end ? (uint32_t)n : 0;
}

/*
 * A simulated pid comes first; then, in a world, a real one. A world is told
 * by the option, where the daemon is in it, or by who asks being in a pid
 * namespace below the daemon's: that one's pids the daemon cannot know, and
 * the procfs below .host says which are alive.
 */
static bool real_there(struct daemon *d, uint32_t pid, pid_t thread)
{
	struct real_caller who;

	if (puppets_leaving(d, pid))
		return false;
	if (d->opt.world && real_alive(d, pid))
		return true;
	return !real_caller(d, thread, &who) && who.nested;
}

static int real_lookup(struct daemon *d, const struct inode_ref *dir,
		       const char *name, pid_t thread, struct inode_ref *ret)
{
	uint32_t pid = number_of(name);
	struct place proc;

	if (!pid || tree_find(d->world, "proc", &proc) ||
	    !place_same(&proc, &dir->at) || !real_there(d, pid, thread))
		return -ENOENT;
	*ret = (struct inode_ref){ .kind = NODE_REAL, .at.pid = pid };
	return 0;
}

int name_lookup(struct daemon *d, const struct inode_ref *dir, const char *name,
		pid_t thread, struct inode_ref *ret)
{
	struct inode_ref ref = { .kind = NODE_TREE };
	const struct fsnode *row;
	int err;

	if (dir->kind != NODE_TREE)
		return -ENOTDIR;
	if (is_root(dir) && !strcmp(name, "ctl")) {
		*ret = ctl_ref;
		return 0;
	}
	if (is_root(dir) && !strcmp(name, ".puppets")) {
		*ret = puppets_ref;
		return 0;
	}
	if (is_root(dir) && !strcmp(name, "disk")) {
		*ret = disk_ref;
		err = disk_begin(d);
		if (!err)
			model_files(d);
		return err;
	}
	err = tree_lookup(d->world, &dir->at, name, &ref.at);
	if (err == -ENOENT)
		return real_lookup(d, dir, name, thread, ret);
	if (err)
		return err;
	if (ref.at.pid && puppets_hide(d, ref.at.pid))
		return -ENOENT;
	row = tree_row(d->world, &ref.at);
	ref.fresh = row && row->flags & FSNODE_STALL;
	*ret = ref;
	return 0;
}

/* Files of a process are as old as it is, others as the machine. */
static struct timespec name_since(const struct daemon *d,
				  const struct inode_ref *ref)
{
	vtime_t born = ref->kind == NODE_TREE ? ref->at.born : 0;

	return (struct timespec){
		.tv_sec = (time_t)(d->world->m.btime + born / NS_PER_S),
		.tv_nsec = (long)(born % NS_PER_S),
	};
}

int name_attr(struct daemon *d, const struct inode_ref *ref,
	      struct stat *ret_attr)
{
	struct tree_attr attr = { .nlink = 1 };
	struct timespec since;
	int err;

	if (ref->kind == NODE_DISK)
		return disk_attr(d, ref->at.block, ret_attr);
	if (ref->kind == NODE_CTL || ref->kind == NODE_PUPPETS) {
		attr.mode = S_IFREG | 0600;
		attr.ino = CTL_INO + (ref->kind == NODE_PUPPETS);
	} else if (ref->kind == NODE_REAL) {
		attr.mode = S_IFLNK | 0777;
		attr.ino = REAL_INO | ref->at.pid;
	} else {
		err = tree_attr(d->world, &ref->at, &attr);
		if (err && err != -ENOENT)
			return err;
		/* no name leads there, but fstat(2) of an open file does */
		attr.mode = tree_mode(d->world, &ref->at);
		attr.ino = tree_ino(&ref->at);
		if (attr.flags & FSNODE_BLOCK)
			attr.size = block_size(d, &ref->at);
	}
	since = name_since(d, ref);
	*ret_attr = (struct stat){
		.st_atim = since,
		.st_mtim = since,
		.st_ctim = since,
		.st_ino = attr.ino,
		.st_mode = attr.mode,
		.st_nlink = attr.nlink,
		.st_uid = d->uid,
		.st_gid = d->gid,
		.st_size = (off_t)attr.size,
		.st_blksize = BLOCK_SIZE,
		/* a disk has no holes */
		.st_blocks = attr.flags & FSNODE_BLOCK
				     ? (blkcnt_t)(attr.size / 512)
				     : 0,
	};
	return 0;
}

static double entry_timeout(const struct daemon *d, const struct inode_ref *ref)
{
	if (!ref->fresh && ref->kind == NODE_TREE &&
	    tree_is_process(d->world, &ref->at))
		return PID_TIMEOUT;
	if (ref->fresh || ref->kind != NODE_TREE ||
	    tree_comes_and_goes(d->world, &ref->at))
		return 0;
	return ENTRY_TIMEOUT;
}

int name_entry(struct daemon *d, const struct inode_ref *like,
	       struct fuse_entry_param *ret_entry)
{
	struct fuse_entry_param e = {
		.generation = 1,
		.entry_timeout = entry_timeout(d, like),
	};
	int err = name_attr(d, like, &e.attr);

	if (err)
		return err;
	e.ino = ref_get(d, like);
	if (!e.ino)
		return -ENOMEM;
	e.attr_timeout = kept_attr(d, e.ino);
	*ret_entry = e;
	return 0;
}

/* A name that will never be there need not be asked for again. */
static void no_entry(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct daemon *d = daemon_of(req);
	const struct inode_ref *dir = ref_at(d, parent);
	struct fuse_entry_param none = { .entry_timeout = ENTRY_TIMEOUT };
	int err = gone_error(req, parent);

	if (!err && dir->at.pid && tree_never_has(d->world, &dir->at, name))
		fuse_reply_entry(req, &none);
	else
		fuse_reply_err(req, err ? -err : ENOENT);
}

void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct daemon *d = daemon_of(req);
	struct fuse_entry_param e;
	struct inode_ref ref;
	int err;

	if (ref_at(d, parent)->kind == NODE_DISK) {
		disk_lookup(req, ref_at(d, parent)->at.block, name);
		return;
	}
	err = name_lookup(d, ref_at(d, parent), name, fuse_req_ctx(req)->pid,
			  &ref);
	if (!err)
		err = name_entry(d, &ref, &e);
	if (err == -ENOENT)
		no_entry(req, parent, name);
	else if (err)
		fuse_reply_err(req, -err);
	else if (fuse_reply_entry(req, &e) == -ENOENT)
		ref_forget(d, e.ino, 1); /* interrupted: nobody got it */
}

void on_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const struct inode_ref *ref = ref_at(daemon_of(req), ino);
	struct statvfs none = { .f_bsize = 512, .f_namemax = 255 };

	if (ref->kind == NODE_DISK)
		disk_statfs(req, ref->at.block);
	else
		fuse_reply_statfs(req, &none);
}

void on_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
	ref_forget(daemon_of(req), ino, nlookup);
	fuse_reply_none(req);
}

void on_forget_multi(fuse_req_t req, size_t count,
		     struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		ref_forget(daemon_of(req), forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct handle *h = fi ? handle_of(fi) : NULL;
	struct stat attr;
	int err = gone_stat(req, ino);

	if (!err)
		err = name_attr(d, ref_at(d, ino), &attr);
	/* an open file is asked for its size by SEEK_END alone */
	if (!err && h && h->kind == HANDLE_LOG) {
		log_seek_end(d, h);
		attr.st_size = LOG_END;
	}
	if (err)
		fuse_reply_err(req, -err);
	else
		fuse_reply_attr(req, &attr, kept_attr(d, ino));
}

/* access(2) goes by the bits that open(2) goes by. */
void on_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct daemon *d = daemon_of(req);
	const struct inode_ref *ref = ref_at(d, ino);
	struct caller who = caller_of(req);
	int err = gone_error(req, ino);

	if (ref->kind == NODE_DISK) {
		disk_access(req, ref->at.block, mask);
		return;
	}
	if (ref->kind == NODE_CTL || ref->kind == NODE_PUPPETS)
		err = who.owner || who.privileged ? 0 : -EACCES;
	else if (!err && ref->kind == NODE_TREE)
		err = tree_open(d->world, &ref->at, &who, mask & R_OK,
				mask & W_OK);
	if (!err && mask & X_OK && ref->kind == NODE_TREE &&
	    !(tree_mode(d->world, &ref->at) & 0111))
		err = -EACCES;
	fuse_reply_err(req, -err);
}

/* O_TRUNC and touch(1) are accepted and do nothing, as in /proc. */
void on_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		struct fuse_file_info *fi)
{
	const struct inode_ref *ref = ref_at(daemon_of(req), ino);

	if (ref->kind == NODE_DISK)
		disk_setattr(req, ref->at.block, attr, to_set, fi);
	else if (to_set &
		 (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		fuse_reply_err(req, EPERM);
	else
		on_getattr(req, ino, NULL);
}

/* proc/self, proc/thread-self: who asks, as it sees itself. */
static int self_link(fuse_req_t req, bool thread, struct outbuf *out)
{
	struct real_caller who;
	int err = real_caller(daemon_of(req), fuse_req_ctx(req)->pid, &who);

	if (err)
		return err;
	out_printf(out, thread ? "%u/task/%u" : "%u", who.pid, who.tid);
	return out->error;
}

static int link_text(fuse_req_t req, const struct inode_ref *ref,
		     struct outbuf *out)
{
	struct daemon *d = daemon_of(req);
	const struct fsnode *row;

	if (ref->kind == NODE_REAL) {
		out_printf(out, ".host/%u", ref->at.pid);
		return out->error;
	}
	row = ref->kind == NODE_TREE ? tree_row(d->world, &ref->at) : NULL;
	if (!row || !(row->flags & FSNODE_LINK))
		return -EINVAL;
	if (row->flags & FSNODE_SELF)
		return self_link(req, row->arg != 0, out);
	return tree_show_at(d->world, &ref->at, out);
}

void on_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct outbuf out;
	int err;

	if (ref_at(daemon_of(req), ino)->kind == NODE_DISK) {
		disk_readlink(req, ref_at(daemon_of(req), ino)->at.block);
		return;
	}
	out_init(&out);
	err = gone_error(req, ino);
	if (!err)
		err = link_text(req, ref_at(daemon_of(req), ino), &out);
	if (!err && !out.len)
		err = -ENOENT;
	if (err)
		fuse_reply_err(req, -err);
	else
		fuse_reply_readlink(req, out.text);
	out_free(&out);
}
