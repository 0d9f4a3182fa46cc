// SPDX-License-Identifier: Apache-2.0
/*
 * The disks of MNT/dev. What is read of one passes through the cache of the
 * block device: Buffers. Bytes are those of a file of the host; of a disk with
 * a file system they are those of the files that lie there, and it is written
 * by that file system alone (CONFIG_BLK_DEV_WRITE_MOUNTED=n).
 */
#define _GNU_SOURCE /* O_DIRECT */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512u

static const struct disk *model_disk(const struct daemon *d, uint32_t disk)
{
	return disk_at(&d->world->m.cache, disk);
}

uint64_t block_size(const struct daemon *d, const struct place *at)
{
	return model_disk(d, at->disk)->size_bytes;
}

/* --- open and close ---------------------------------------------------------
 */
static int open_bytes(struct daemon *d, const struct disk *disk, int flags,
		      int *ret_fd)
{
	int mode = flags & O_ACCMODE, fd;

	if (disk->mount[0]) {
		*ret_fd = -1;
		return mode == O_RDONLY ? 0 : -EBUSY;
	}
	fd = store_block_fd(&d->disk->store, disk->name);
	if (fd >= 0)
		model_swap(d, disk->bdev, fd);
	fd = fd < 0 ? fd : dup(fd);
	*ret_fd = fd;
	return fd < 0 ? fd : 0;
}

void block_open(fuse_req_t req, const struct inode_ref *ref,
		struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct caller who = caller_of(req);
	int mode = fi->flags & O_ACCMODE, fd = -1;
	struct handle *h = NULL;
	int err = tree_open(d->world, &ref->at, &who, mode != O_WRONLY,
			    mode != O_RDONLY);

	if (!err)
		err = open_bytes(d, model_disk(d, ref->at.disk), fi->flags,
				 &fd);
	if (!err) {
		h = handle_over(d, HANDLE_BLOCK, &ref->at, fd);
		err = h ? 0 : -ENOMEM;
	}
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	h->direct = fi->flags & O_DIRECT;
	h->client = client_get(d, fuse_req_ctx(req)->pid);
	fi->fh = (uintptr_t)h;
	open_direct(fi);
	if (fuse_reply_open(req, fi) == -ENOENT) {
		block_release(d, h);
		handle_free(d, h);
	}
}

static void put_path(const struct daemon *d, const struct handle *h, char *path,
		     size_t room)
{
	snprintf(path, room, "/dev/%s", model_disk(d, h->at.disk)->name);
}

void block_release(struct daemon *d, struct handle *h)
{
	char path[48];

	if (!h->client)
		return;
	put_path(d, h, path, sizeof(path));
	if (client_pid(d, h->client))
		disk_later(d, h->client, OP_CLOSE, path);
	client_put(d, h->client);
	h->client = NULL;
}

/* --- read and write ---------------------------------------------------------
 */
static uint32_t bdev_of(const struct daemon *d, const struct handle *h)
{
	return model_disk(d, h->at.disk)->bdev;
}

static void was_read(struct daemon *d, struct disk_request *r)
{
	ssize_t n = 0;

	r->data = r->error ? NULL : calloc(1, r->size ? r->size : 1);
	if (!r->error && !r->data)
		r->error = ENOMEM;
	/* behind the end of its file a disk has never been written */
	if (!r->error && r->h->fd >= 0)
		n = pread(r->h->fd, r->data, r->size, (off_t)r->off);
	if (!r->error && n < 0)
		r->error = errno;
	if (!r->error && model_disk(d, r->h->at.disk)->mount[0])
		bytes_of_disk(d, r->h->at.disk, r->off, r->size, r->data);
	else if (!r->error)
		bytes_read(d, bdev_of(d, r->h), r->off, r->size, r->data);
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		fuse_reply_buf(r->req, r->data, r->size);
}

static void was_written(struct daemon *d, struct disk_request *r)
{
	ssize_t n = 0;

	(void)d;
	if (!r->error)
		n = pwrite(r->h->fd, r->data, r->size, (off_t)r->off);
	if (!r->error && n < 0)
		r->error = errno;
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		fuse_reply_write(r->req, (size_t)n);
}

/* NULL: it was answered. */
static struct disk_request *request(fuse_req_t req, struct handle *h,
				    size_t size, uint64_t off,
				    const struct fuse_file_info *fi, bool write)
{
	struct daemon *d = daemon_of(req);
	bool direct = h->direct || fi->flags & O_DIRECT;
	uint64_t end = model_disk(d, h->at.disk)->size_bytes;
	struct disk_request *r;
	char path[48];
	struct op *op;

	if (direct && (off % SECTOR || size % SECTOR)) {
		fuse_reply_err(req, EINVAL);
		return NULL;
	}
	if (off >= end) {
		if (write)
			fuse_reply_err(req, ENOSPC);
		else
			fuse_reply_buf(req, NULL, 0);
		return NULL;
	}
	r = disk_request(req, write ? was_written : was_read);
	if (!r)
		return NULL;
	r->h = h;
	r->off = off;
	r->size = size < end - off ? size : (size_t)(end - off);
	put_path(d, h, path, sizeof(path));
	op = disk_op(r, write ? OP_WRITE : OP_READ, path);
	op->off = off;
	op->len = r->size;
	op->flags = OPX_RANGE | (direct ? OPX_DIRECT : 0);
	return r;
}

void block_read(fuse_req_t req, struct handle *h, size_t size, uint64_t off,
		const struct fuse_file_info *fi)
{
	struct disk_request *r = request(req, h, size, off, fi, false);

	if (r)
		disk_submit(daemon_of(req), r);
}

void block_write(fuse_req_t req, struct handle *h, const char *buf, size_t size,
		 uint64_t off, const struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	struct disk_request *r = request(req, h, size, off, fi, true);

	if (!r)
		return;
	r->data = malloc(r->size ? r->size : 1);
	if (r->data)
		memcpy(r->data, buf, r->size);
	else
		r->error = ENOMEM;
	if (!r->error)
		r->error = bytes_settle(d, bdev_of(d, h), h->fd, off);
	if (!r->error)
		r->error = bytes_settle(d, bdev_of(d, h), h->fd, off + r->size);
	disk_submit(daemon_of(req), r);
}
