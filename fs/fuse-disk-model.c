// SPDX-License-Identifier: Apache-2.0
/*
 * Two know of a file: the host, which has its bytes, and the machine, which
 * knows what of it is in memory. A program's work is done on both; what only
 * one has is told to the other here.
 */
#define _GNU_SOURCE /* O_PATH, copy_file_range() */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the host that @path is in, made as far as it is missing, and
 * the last part of the name. A descriptor (the caller's) or -errno. */
static int open_parent(struct daemon *d, char *path, bool make,
		       const char **ret_name)
{
	struct store *s = &d->disk->store;
	int at = store_mount_at(s, "/"), fd = store_root_fd(s, (unsigned)at);
	char *name = path + 1, *slash;

	fd = fd < 0 ? fd : openat(fd, ".", O_PATH | O_CLOEXEC);
	while (fd >= 0 && (slash = strchr(name, '/'))) {
		int up = fd;

		*slash = '\0';
		at = store_mount_at(s, path);
		if (at < 0 && make)
			mkdirat(up, name, 0755);
		fd = at < 0 ? openat(up, name,
				     O_PATH | O_NOFOLLOW | O_CLOEXEC |
					     O_DIRECTORY)
			    : openat(store_root_fd(s, (unsigned)at), ".",
				     O_PATH | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
		close(up);
		*slash = '/';
		name = slash + 1;
	}
	*ret_name = name;
	return fd;
}

/* --- contents ---------------------------------------------------------------
 */
int model_contents(struct daemon *d, struct outbuf *why)
{
	const struct profile *p = d->world->profile;
	const struct profile_file *files = p->file.items;
	struct disk_fs *k = d->disk;

	k->contents = calloc(p->file.nr + 1, sizeof(*k->contents));
	if (!k->contents)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->file.nr; i++) {
		int fd = -1;

		if (!strcmp(files[i].content, "seed"))
			continue;
		fd = open(files[i].content, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0) {
			out_printf(why, "[file %s] content = %s: %s\n",
				   files[i].head.id, files[i].content,
				   strerror(errno));
			return -errno;
		}
		k->contents[k->nr_contents++] =
			(struct disk_content){ files[i].head.id, fd };
	}
	return 0;
}

/* The first @size bytes of what is there, as far as it goes. */
static void copy_bytes(int from, int to, uint64_t size)
{
	static const size_t piece = 1 << 20;
	loff_t off = 0;
	ssize_t n = 1;

	while (n > 0 && (uint64_t)off < size) {
		uint64_t left = size - (uint64_t)off;

		n = copy_file_range(from, &off, to, NULL,
				    left < piece ? (size_t)left : piece, 0);
	}
}

static void fill(const struct daemon *d, const char *path, int fd,
		 uint64_t size)
{
	const struct disk_fs *k = d->disk;

	for (uint32_t i = 0; i < k->nr_contents; i++)
		if (!strcmp(k->contents[i].path, path))
			copy_bytes(k->contents[i].fd, fd, size);
}

bool model_whole(const struct daemon *d, const struct stat *st)
{
	for (unsigned i = 0; i < WHOLE_FILES; i++)
		if (d->disk->whole[i] == st->st_ino)
			return true;
	return false;
}

/* What mkswap(8) writes: union swap_header of include/linux/swap.h. */
static bool write_header(int fd, uint64_t size)
{
	const uint32_t info[2] = { 1, (uint32_t)(size / PAGE_SIZE - 1) };

	return pwrite(fd, info, sizeof(info), 1024) >= 0 &&
	       pwrite(fd, "SWAPSPACE2", 10, PAGE_SIZE - 10) >= 0;
}

static void make_swap(struct disk_fs *k, int fd, uint64_t size)
{
	struct stat st;

	if (size < 2ull * PAGE_SIZE || fstat(fd, &st) || fchmod(fd, 0600))
		return;
	/* it must not seem to have holes */
	k->whole[k->nr_whole++ % WHOLE_FILES] = st.st_ino;
	/* without it the file is one that is no swap area yet */
	(void)write_header(fd, size);
}

void model_swap(const struct daemon *d, uint32_t bdev, int fd)
{
	const struct inode *disk = inode_at(&d->world->m.cache, bdev);
	const struct profile_list *list = &d->world->profile->swap;
	const struct profile_swap *swaps = list->items;
	struct stat st;

	/* nobody has written to it */
	if (fstat(fd, &st) || st.st_size)
		return;
	for (uint32_t i = 0; i < list->nr; i++)
		if (!strcmp(swaps[i].head.id, disk->path))
			(void)write_header(fd, disk->size);
}

/* A file of the machine is on the host: made, and of that size if @cut. */
static void make_file(struct daemon *d, const struct inode *inode, bool cut)
{
	char path[PATH_MAX];
	const char *name;
	int at, fd;

	if (!store_path(inode->path, path, sizeof(path)) ||
	    store_mount_at(&d->disk->store, path) >= 0)
		return;
	at = open_parent(d, path, true, &name);
	if (at < 0)
		return;
	if (inode->flags & INODE_DIR) {
		mkdirat(at, name, 0755);
		close(at);
		return;
	}
	fd = openat(at, name,
		    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
			    (cut ? 0 : O_EXCL),
		    0644);
	close(at);
	if (fd < 0)
		return;
	if (!cut)
		fill(d, path, fd, inode->size);
	if (!cut && swap_area_find(&d->world->m.cache,
				   inode_find(&d->world->m.cache, inode->path)))
		make_swap(d->disk, fd, inode->size);
	if (ftruncate(fd, (off_t)inode->size))
		unlinkat(at, name, 0);
	close(fd);
}

static bool on_disk(const struct inode *inode)
{
	return inode_used(inode) && !(inode->flags & INODE_UNLINKED) &&
	       (inode->kind == INODE_DISK || inode->flags & INODE_TMPFS);
}

void model_files(struct daemon *d)
{
	const struct cache *c = &d->world->m.cache;
	struct disk_fs *k = d->disk;

	if (k->naming || (k->seen_generation == d->world->generation + 1 &&
			  k->seen_made == c->nr_made))
		return;
	for (uint32_t id = 1; id <= c->inodes.top; id++)
		if (on_disk(inode_at(c, id)))
			make_file(d, inode_at(c, id), false);
	k->seen_generation = d->world->generation + 1;
	k->seen_made = c->nr_made;
}

uint32_t model_inode(const struct daemon *d, uint32_t node)
{
	char key[STORE_KEY];

	store_key(disk_node(d, node)->path, key);
	return inode_find(&d->world->m.cache, key);
}

int model_open(struct daemon *d, uint32_t inode)
{
	const char *name;
	char path[PATH_MAX];
	int at, fd;

	if (!store_path(inode_at(&d->world->m.cache, inode)->path, path,
			sizeof(path)))
		return -ENOENT;
	at = open_parent(d, path, false, &name);
	if (at < 0)
		return at;
	fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close(at);
	return fd < 0 ? -ENOENT : fd;
}

static const struct inode *inode_of(const struct daemon *d, uint32_t node)
{
	uint32_t id = model_inode(d, node);

	return id ? inode_at(&d->world->m.cache, id) : NULL;
}

void model_know(struct daemon *d, struct disk_request *r, uint32_t node)
{
	struct disk_node *n = disk_node(d, node);
	const struct inode *inode = inode_of(d, node);
	bool first = n->generation != d->world->generation;
	struct stat st;
	struct op *op;

	n->generation = d->world->generation;
	if (n->gone || node_stat(d, node, &st))
		return;
	if (!inode) {
		op = disk_op(r, OP_ONDISK, n->path);
		op->size = n->dir ? PAGE_SIZE : (uint64_t)st.st_size;
		op->flags = n->dir ? OPX_FOLDER : 0;
	} else if (first && !node_root(d, node)->own && !n->dir &&
		   inode->size != (uint64_t)st.st_size) {
		/* what backs a disk is as it is, whatever the machine was */
		op = disk_op(r, OP_TRUNCATE, n->path);
		op->size = (uint64_t)st.st_size;
	}
}

void model_size(struct daemon *d, uint32_t node)
{
	struct disk_node *n = disk_node(d, node);
	const struct inode *inode = inode_of(d, node);
	struct stat st;
	int fd;

	if (!inode || n->dir || n->writes || n->gone ||
	    (!node_root(d, node)->own &&
	     n->generation != d->world->generation) ||
	    node_stat(d, node, &st) || !S_ISREG(st.st_mode) ||
	    inode->size == (uint64_t)st.st_size)
		return;
	fd = node_open(d, node, O_WRONLY);
	if (fd < 0)
		return;
	/* it stays as it was where the host refuses */
	if (!ftruncate(fd, (off_t)inode->size))
		n->generation = d->world->generation;
	close(fd);
}

static void remove_file(struct daemon *d, const char *key)
{
	char path[PATH_MAX];
	const char *name;
	int at;

	if (!store_path(key, path, sizeof(path)) ||
	    store_mount_at(&d->disk->store, path) >= 0)
		return;
	at = open_parent(d, path, false, &name);
	if (at < 0)
		return;
	if (unlinkat(at, name, 0) && errno == EISDIR)
		unlinkat(at, name, AT_REMOVEDIR);
	close(at);
}

void model_changed(void *arg, const struct op *op)
{
	struct daemon *d = arg;
	const struct cache *c = &d->world->m.cache;
	uint32_t id;

	if (!d->disk->hash)
		return; /* nobody has looked yet */
	if (op->code == OP_RM) {
		remove_file(d, op->text);
	} else if (op->code == OP_MKFILE || op->code == OP_WRITE ||
		   op->code == OP_TRUNCATE) {
		id = inode_find(c, op->text);
		if (id && on_disk(inode_at(c, id)))
			make_file(d, inode_at(c, id), true);
	}
}
