// SPDX-License-Identifier: Apache-2.0
/*
 * Open files. What a read at offset 0 printed is kept in the handle, and
 * reads further on are slices of it; a rewind prints anew.
 */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct handle *handle_new(struct daemon *d, enum handle_kind kind,
			  const struct place *at)
{
	struct handle *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->kind = (uint8_t)kind;
	h->at = *at;
	h->fd = -1;
	out_init(&h->text);
	h->all_link = &d->handles;
	h->all_next = d->handles;
	if (h->all_next)
		h->all_next->all_link = &h->all_next;
	d->handles = h;
	return h;
}

struct handle *handle_over(struct daemon *d, enum handle_kind kind,
			   const struct place *at, int fd)
{
	struct handle *h = handle_new(d, kind, at);

	if (h)
		h->fd = fd;
	else
		close(fd);
	return h;
}

void handle_free(struct daemon *d, struct handle *h)
{
	handle_unlist(h);
	*h->all_link = h->all_next;
	if (h->all_next)
		h->all_next->all_link = h->all_link;
	if (h->poll)
		fuse_pollhandle_destroy(h->poll);
	if (h->fd >= 0)
		close(h->fd);
	if (h->node)
		node_put(d, h->node);
	ctl_close(h);
	out_free(&h->text);
	free(h);
}

void handle_list(struct handle *h, struct handle **list)
{
	if (h->link)
		return;
	while (*list)
		list = &(*list)->next;
	*list = h;
	h->link = list;
	h->next = NULL;
}

void handle_unlist(struct handle *h)
{
	if (!h->link)
		return;
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	h->link = NULL;
	h->next = NULL;
}

/* libfuse holds a lock here: note it, the loop does the rest. */
static void note_interrupt(fuse_req_t req, void *arg)
{
	struct handle *h = arg;

	(void)req;
	h->interrupted = true;
}

void handle_wait(struct handle *h, fuse_req_t req, size_t size)
{
	h->req = req;
	h->size = size;
	h->interrupted = false;
	fuse_req_interrupt_func(req, note_interrupt, h);
}

struct caller caller_of(fuse_req_t req)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);

	return (struct caller){ .owner = ctx->uid == daemon_of(req)->uid,
				.privileged = ctx->uid == 0 };
}

static void drop(struct daemon *d, struct handle *h)
{
	if (h->kind == HANDLE_DISK)
		disk_release(d, h);
	else if (h->kind == HANDLE_BLOCK)
		block_release(d, h);
	else
		trigger_close(d, h);
	puppets_close(d, h);
	handle_free(d, h);
}

/* Fill @fi and *@ret_handle. 0 or -errno. */
static int open_handle(fuse_req_t req, const struct inode_ref *ref,
		       struct fuse_file_info *fi, struct handle **ret_handle)
{
	struct daemon *d = daemon_of(req);
	struct caller who = caller_of(req);
	unsigned access = (unsigned)fi->flags & O_ACCMODE;
	bool reads = access != O_WRONLY, writes = access != O_RDONLY;
	enum handle_kind kind = ref->kind == NODE_CTL	    ? HANDLE_CTL
				: ref->kind == NODE_PUPPETS ? HANDLE_PUPPETS
							    : HANDLE_FILE;
	struct handle *h;
	int err = 0;

	if (kind != HANDLE_FILE)
		err = who.owner || who.privileged ? 0 : -EACCES;
	else
		err = tree_open(d->world, &ref->at, &who, reads, writes);
	if (!err && kind == HANDLE_FILE)
		err = tree_begin(d->world, &ref->at);
	if (err)
		return err;
	if (kind == HANDLE_FILE &&
	    tree_row(d->world, &ref->at)->flags & FSNODE_LOG)
		kind = HANDLE_LOG;
	h = handle_new(d, kind, &ref->at);
	if (!h)
		return -ENOMEM;
	h->append = fi->flags & O_APPEND;
	/* the kernel reads nothing from what is empty, without asking */
	fi->keep_cache = kind == HANDLE_FILE && !writes &&
			 tree_row(d->world, &ref->at)->flags & FSNODE_EMPTY;
	fi->direct_io = !fi->keep_cache;
#if FUSE_MAJOR_VERSION > 3 || FUSE_MINOR_VERSION >= 11
	fi->noflush = 1;
#endif
	fi->fh = (uintptr_t)h;
	if (kind == HANDLE_CTL) {
		fi->nonseekable = 1;
		err = ctl_open(d, h, writes);
	} else if (kind == HANDLE_PUPPETS) {
		fi->nonseekable = 1;
		err = puppets_open(d, h);
	} else if (kind == HANDLE_LOG) {
		log_open(d, h);
	}
	if (err) {
		drop(d, h);
	} else {
		*ret_handle = h;
	}
	return err;
}

void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct inode_ref *ref = ref_at(daemon_of(req), ino);
	struct daemon *d = daemon_of(req);
	struct handle *h;
	int err;

	if (ref->kind == NODE_DISK) {
		disk_open(req, ref->at.block, fi);
		return;
	}
	if (ref->kind == NODE_TREE && tree_row(d->world, &ref->at) &&
	    tree_row(d->world, &ref->at)->flags & FSNODE_BLOCK) {
		block_open(req, ref, fi);
		return;
	}
	err = gone_error(req, ino);
	if (!err)
		err = open_handle(req, ref, fi, &h);
	if (!err)
		h->ino = ino;
	if (err)
		fuse_reply_err(req, -err);
	else if (fuse_reply_open(req, fi) == -ENOENT)
		drop(d, h); /* interrupted: no release comes */
}

void on_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	drop(daemon_of(req), handle_of(fi));
	fuse_reply_err(req, 0);
}

/* A process that ended since the file was opened. */
static int gone(const struct daemon *d, const struct handle *h, int err)
{
	return err == -ENOENT && !tree_alive(d->world, &h->at) ? -ESRCH : err;
}

static void reply_slice(fuse_req_t req, const struct outbuf *text, uint64_t off,
			size_t size)
{
	size_t left = off < text->len ? text->len - (size_t)off : 0;

	fuse_reply_buf(req, left ? text->text + off : NULL,
		       left < size ? left : size);
}

static void read_tree(fuse_req_t req, struct handle *h, size_t size,
		      uint64_t off)
{
	struct daemon *d = daemon_of(req);
	const struct fsnode *row = tree_row(d->world, &h->at);
	int err = 0;

	if (row->flags & FSNODE_OFFSET) {
		out_clear(&h->text);
		err = tree_read_at(d->world, &h->at, off, (uint32_t)size,
				   &h->text);
		off = 0;
	} else if (!off || !h->shown) {
		out_clear(&h->text);
		h->stamp = tree_stamp(d->world, &h->at);
		err = tree_show_at(d->world, &h->at, &h->text);
		h->shown = !err;
		if (!err && h->counts)
			peak_show(d, h);
	}
	if (err)
		fuse_reply_err(req, -gone(d, h, err));
	else
		reply_slice(req, &h->text, off, size);
}

void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	     struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);

	(void)ino;
	if (h->kind == HANDLE_CTL)
		ctl_read(req, h, size);
	else if (h->kind == HANDLE_PUPPETS)
		puppets_read(req, h, size);
	else if (h->kind == HANDLE_LOG)
		log_read(req, daemon_of(req), h, size, off,
			 fi->flags & O_NONBLOCK);
	else if (h->kind == HANDLE_DISK)
		disk_read(req, h, size, (uint64_t)off, fi);
	else if (h->kind == HANDLE_BLOCK)
		block_read(req, h, size, (uint64_t)off, fi);
	else
		read_tree(req, h, size, (uint64_t)off);
}

/* Beyond its first byte a sysctl takes everything and does nothing. */
static void write_tree(fuse_req_t req, struct handle *h, const char *buf,
		       size_t size, off_t off)
{
	struct daemon *d = daemon_of(req);
	struct caller who = caller_of(req);
	long used;

	if (off && !h->append && tree_is_sysctl(d->world, &h->at)) {
		fuse_reply_write(req, size);
		return;
	}
	if (tree_row(d->world, &h->at)->flags & FSNODE_TRIGGER)
		used = trigger_write(d, h, buf, size,
				     who.owner || who.privileged);
	else if (tree_row(d->world, &h->at)->flags & FSNODE_PEAK)
		used = peak_write(d, h, buf, size, &who);
	else
		used = tree_store_at(d->world, &h->at, buf, size, &who);
	kept_tell(d); /* a limit that is lowered may kill */
	if (used < 0)
		fuse_reply_err(req, -gone(d, h, (int)used));
	else
		fuse_reply_write(req, (size_t)used);
}

void on_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
	      off_t off, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);

	(void)ino;
	if (h->kind == HANDLE_CTL)
		ctl_write(req, daemon_of(req), h, buf, size);
	else if (h->kind == HANDLE_PUPPETS)
		puppets_write(req, daemon_of(req), h, buf, size);
	else if (h->kind == HANDLE_DISK)
		disk_write(req, h, buf, size, (uint64_t)off, fi);
	else if (h->kind == HANDLE_BLOCK)
		block_write(req, h, buf, size, (uint64_t)off, fi);
	else
		write_tree(req, h, buf, size, off);
}

/* SEEK_DATA and SEEK_HOLE only: dmesg(1) goes to the log's first record. */
void on_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
	      struct fuse_file_info *fi)
{
	(void)ino;
	if (handle_of(fi)->kind == HANDLE_DISK)
		disk_lseek(req, handle_of(fi), off, whence);
	else if (handle_of(fi)->kind == HANDLE_LOG)
		fuse_reply_lseek(req, 0);
	else
		fuse_reply_err(req, EINVAL);
}
