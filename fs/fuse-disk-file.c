// SPDX-License-Identifier: Apache-2.0
/* MNT/disk: open files. */
#define _GNU_SOURCE /* O_DIRECT, fallocate(), SEEK_DATA */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512u /* what O_DIRECT has to be aligned to */

/* --- room -------------------------------------------------------------------
 */
/*
 * How much of [@off, @off + @size) can be written: less when the disk is
 * full. What is new is taken at once.
 */
static size_t take_room(struct daemon *d, struct disk_request *r,
			struct handle *h, uint64_t off, size_t size)
{
	struct store_root *root = node_root(d, h->node);
	uint64_t left, holes;

	if (!root->size)
		return size;
	if (!root->counted)
		store_count(&d->disk->store, disk_node(d, h->node)->root);
	holes = store_holes(h->fd, off, size);
	if (root->used + holes > root->size)
		store_count(&d->disk->store, disk_node(d, h->node)->root);
	left = root->used < root->size ? root->size - root->used : 0;
	if (holes > left) {
		/* as far as whole pages go, the holes first */
		size = size > holes ? size - (size_t)holes : 0;
		size += (size_t)(left & PAGE_MASK);
		holes = store_holes(h->fd, off, size);
	}
	r->reserved = holes;
	root->used += holes;
	return size;
}

/* --- open and close ---------------------------------------------------------
 */
void disk_reply_open(struct daemon *d, struct disk_request *r, bool entry)
{
	struct inode_ref ref = { .kind = NODE_DISK, .at.block = r->node };
	struct fuse_entry_param e;
	struct handle *h = handle_new(d, HANDLE_DISK, &ref.at);
	int err = h ? 0 : -ENOMEM;

	if (!err && entry)
		err = name_entry(d, &ref, &e);
	if (err) {
		if (h)
			handle_free(d, h);
		fuse_reply_err(r->req, -err);
		return;
	}
	h->fd = r->fd;
	r->fd = -1;
	h->node = r->node;
	node_get(d, h->node);
	disk_node(d, h->node)->opens++;
	h->client = r->client;
	h->client->users++;
	h->direct = r->fi.flags & O_DIRECT;
	r->fi.fh = (uintptr_t)h;
	open_direct(&r->fi);
	err = entry ? fuse_reply_create(r->req, &e, &r->fi)
		    : fuse_reply_open(r->req, &r->fi);
	if (err == -ENOENT) {
		/* interrupted: no release will come */
		if (entry)
			ref_forget(d, e.ino, 1);
		disk_release(d, h);
		handle_free(d, h);
	}
}

static void opened(struct daemon *d, struct disk_request *r)
{
	disk_node(d, r->node)->writes--;
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		disk_reply_open(d, r, false);
}

static int open_mask(int flags)
{
	static const int masks[] = {
		[O_RDONLY] = 4, [O_WRONLY] = 2, [O_RDWR] = 6
	};
	int mode = flags & O_ACCMODE;

	return mode < 3 ? masks[mode] | (flags & O_TRUNC ? 2 : 0) : 0;
}

void disk_open(fuse_req_t req, uint32_t node, struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	int err = node_allowed(d, req, node, open_mask(fi->flags)), fd = -1;
	struct disk_request *r;
	struct stat was;

	model_size(d, node);
	if (!err)
		err = node_stat(d, node, &was);
	if (!err) {
		fd = node_open(d, node, fi->flags & (O_ACCMODE | O_TRUNC));
		err = fd < 0 ? fd : 0;
	}
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	r = disk_request(req, opened);
	if (!r) {
		close(fd);
		return;
	}
	disk_request_node(d, r, node);
	disk_node(d, node)->writes++;
	r->fd = fd;
	r->fi = *fi;
	if (fi->flags & O_TRUNC) {
		store_took(node_root(d, node), 0, store_room(&was));
		model_know(d, r, node);
		disk_op(r, OP_TRUNCATE, disk_node(d, node)->path);
	}
	disk_submit(d, r);
}

/* Does the client of @h have the file open otherwise? */
static bool open_twice(const struct daemon *d, const struct handle *h)
{
	for (const struct handle *o = d->handles; o; o = o->all_next)
		if (o != h && o->kind == HANDLE_DISK && o->node == h->node &&
		    o->client == h->client)
			return true;
	return false;
}

void disk_release(struct daemon *d, struct handle *h)
{
	struct disk_node *n = disk_node(d, h->node);

	if (!h->client)
		return;
	if (!open_twice(d, h) && client_pid(d, h->client))
		disk_later(d, h->client, OP_CLOSE, n->path);
	n = disk_node(d, h->node);
	if (!--n->opens && n->gone)
		disk_later(d, h->client, OP_RM, n->path);
	client_put(d, h->client);
	h->client = NULL;
}

/* --- read -------------------------------------------------------------------
 */
static void was_read(struct daemon *d, struct disk_request *r)
{
	ssize_t n = -1;

	r->data = r->error ? NULL : malloc(r->size);
	if (!r->error && !r->data)
		r->error = ENOMEM;
	if (!r->error)
		n = pread(r->h->fd, r->data, r->size, (off_t)r->off);
	if (!r->error && n < 0)
		r->error = errno;
	if (!r->error)
		bytes_read(d, model_inode(d, r->node), r->off, (size_t)n,
			   r->data);
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		fuse_reply_buf(r->req, r->data, (size_t)n);
}

static bool misaligned(const struct handle *h, const struct fuse_file_info *fi,
		       uint64_t off, size_t size)
{
	return (h->direct || fi->flags & O_DIRECT) &&
	       (off % SECTOR || size % SECTOR);
}

static void put_range(struct op *op, const struct handle *h,
		      const struct fuse_file_info *fi, uint64_t off,
		      size_t size)
{
	op->off = off;
	op->len = size;
	op->flags = OPX_RANGE;
	if (h->direct || fi->flags & O_DIRECT)
		op->flags |= OPX_DIRECT;
}

void disk_read(fuse_req_t req, struct handle *h, size_t size, uint64_t off,
	       const struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct disk_request *r;
	struct stat st;

	model_size(d, h->node);
	if (misaligned(h, fi, off, size)) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	if (fstat(h->fd, &st)) {
		fuse_reply_err(req, errno);
		return;
	}
	if (off >= (uint64_t)st.st_size) {
		fuse_reply_buf(req, NULL, 0);
		return;
	}
	if (size > (uint64_t)st.st_size - off)
		size = (size_t)((uint64_t)st.st_size - off);
	r = disk_request(req, was_read);
	if (!r)
		return;
	disk_request_node(d, r, h->node);
	r->h = h;
	r->off = off;
	r->size = size;
	model_know(d, r, h->node);
	put_range(disk_op(r, OP_READ, disk_node(d, h->node)->path), h, fi, off,
		  size);
	disk_submit(d, r);
}

/* --- write ------------------------------------------------------------------
 */
static void was_written(struct daemon *d, struct disk_request *r)
{
	struct store_root *root = node_root(d, r->node);
	size_t done = 0;

	disk_node(d, r->node)->writes--;
	while (!r->error && done < r->size) {
		ssize_t n = pwrite(r->h->fd, r->data + done, r->size - done,
				   (off_t)(r->off + done));

		if (n < 0 && !done)
			r->error = errno;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (r->error && root->used >= r->reserved)
		root->used -= r->reserved;
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		fuse_reply_write(r->req, done);
}

static uint64_t end_of(const struct handle *h)
{
	struct stat st;

	return fstat(h->fd, &st) ? 0 : (uint64_t)st.st_size;
}

/* What the machine made around and before what is to be written. */
static int settle(struct daemon *d, struct disk_request *r,
		  const struct handle *h, uint64_t off, size_t size)
{
	uint32_t inode = model_inode(d, h->node);
	uint64_t old = end_of(h);
	int err = 0;

	if (!bytes_any(d, inode))
		return 0;
	if (off > old)
		err = bytes_edge(d, r, h->node, h->fd, old);
	if (!err)
		err = bytes_settle(d, inode, h->fd, off);
	return err ? err : bytes_settle(d, inode, h->fd, off + size);
}

void disk_write(fuse_req_t req, struct handle *h, const char *buf, size_t size,
		uint64_t off, const struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct disk_request *r;

	model_size(d, h->node);
	if (fi->flags & O_APPEND)
		off = end_of(h);
	if (misaligned(h, fi, off, size)) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	r = disk_request(req, was_written);
	if (!r)
		return;
	disk_request_node(d, r, h->node);
	disk_node(d, h->node)->writes++;
	r->h = h;
	r->off = off;
	model_know(d, r, h->node);
	r->error = settle(d, r, h, off, size);
	r->size = take_room(d, r, h, off, size);
	r->data = malloc(size ? size : 1);
	if (!r->data)
		r->error = ENOMEM;
	else if (size && !r->size)
		r->error = ENOSPC;
	else
		memcpy(r->data, buf, r->size);
	put_range(disk_op(r, OP_WRITE, disk_node(d, h->node)->path), h, fi, off,
		  r->size);
	disk_submit(d, r);
}

/* --- the rest ---------------------------------------------------------------
 */
static void answered(struct daemon *d, struct disk_request *r)
{
	(void)d;
	fuse_reply_err(r->req, r->error);
}

/* What was answered is in the host's memory, which outlives the daemon. */
void disk_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
		struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct handle *h = handle_of(fi);
	struct disk_request *r;

	(void)ino;
	(void)datasync;
	if (h->kind != HANDLE_DISK) {
		fuse_reply_err(req, h->kind == HANDLE_BLOCK ? 0 : EINVAL);
		return;
	}
	r = disk_request(req, answered);
	if (!r)
		return;
	disk_request_node(d, r, h->node);
	model_know(d, r, h->node);
	disk_op(r, OP_FSYNC, disk_node(d, h->node)->path);
	disk_submit(d, r);
}

static void allocated(struct daemon *d, struct disk_request *r)
{
	disk_node(d, r->node)->writes--;
	fuse_reply_err(r->req, r->error);
}

/* Pages that the machine made become zeroes, or the file ends within one. */
static int allocate_made(struct daemon *d, struct disk_request *r,
			 const struct handle *h, int mode, uint64_t off,
			 uint64_t len)
{
	const int zero = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;
	uint32_t inode = model_inode(d, h->node);
	uint64_t old = end_of(h), end = off + len;
	struct op *op;
	int err = 0;

	if (!bytes_any(d, inode))
		return 0;
	if (mode & ~(zero | FALLOC_FL_KEEP_SIZE))
		return EOPNOTSUPP; /* pages cannot change their places */
	if (!(mode & zero))
		return end > old ? bytes_edge(d, r, h->node, h->fd, old) : 0;
	err = bytes_settle(d, inode, h->fd, off);
	if (!err)
		err = bytes_settle(d, inode, h->fd, end);
	end = end < old ? end : old;
	if (err || off >= end)
		return err;
	op = disk_op(r, OP_WRITE, disk_node(d, h->node)->path);
	op->off = off;
	op->len = end - off;
	op->flags = OPX_RANGE;
	return 0;
}

void disk_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off,
		    off_t len, struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct handle *h = handle_of(fi);
	struct disk_request *r;
	uint64_t before;

	(void)ino;
	if (h->kind != HANDLE_DISK) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	r = disk_request(req, allocated);
	if (!r)
		return;
	disk_request_node(d, r, h->node);
	disk_node(d, h->node)->writes++;
	before = end_of(h);
	model_know(d, r, h->node);
	r->error = allocate_made(d, r, h, mode, (uint64_t)off, (uint64_t)len);
	if (r->error)
		;
	else if (!(mode & FALLOC_FL_PUNCH_HOLE) &&
		 take_room(d, r, h, (uint64_t)off, (size_t)len) < (size_t)len)
		r->error = ENOSPC;
	else if (fallocate(h->fd, mode, off, len))
		r->error = errno;
	if (!r->error && end_of(h) != before)
		disk_op(r, OP_TRUNCATE, disk_node(d, h->node)->path)->size =
			end_of(h);
	disk_submit(d, r);
}

void disk_lseek(fuse_req_t req, struct handle *h, off_t off, int whence)
{
	struct daemon *d = daemon_of(req);
	off_t at = lseek(h->fd, off, whence);

	/* All of it is data; the host has less. */
	if (bytes_any(d, model_inode(d, h->node)) && off >= 0 &&
	    (uint64_t)off < end_of(h))
		at = whence == SEEK_HOLE ? (off_t)end_of(h) : off;
	if (at < 0)
		fuse_reply_err(req, errno);
	else
		fuse_reply_lseek(req, at);
}
