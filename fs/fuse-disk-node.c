// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel knows of the file system: a record a file, with the name it
 * has in the machine and a descriptor that finds it however it is called.
 */
#define _GNU_SOURCE /* O_PATH, AT_EMPTY_PATH */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_SIZE 4096u

static uint32_t *bucket(const struct disk_fs *k, uint64_t dev, uint64_t ino)
{
	uint64_t h = (ino + dev * 31) * 0x9e3779b97f4a7c15ull;

	return &k->hash[(h >> 40) % HASH_SIZE];
}

static int init_nodes(struct disk_fs *k)
{
	if (k->hash)
		return 0;
	k->hash = calloc(HASH_SIZE, sizeof(*k->hash));
	k->cap_nodes = 256;
	k->nodes = calloc(k->cap_nodes, sizeof(*k->nodes));
	k->nr_nodes = 1; /* 0 is none */
	return k->hash && k->nodes ? 0 : -ENOMEM;
}

static uint32_t new_record(struct disk_fs *k)
{
	struct disk_node *more;
	uint32_t id = k->free_node;

	if (init_nodes(k))
		return 0;
	if (id) {
		k->free_node = k->nodes[id].next;
		return id;
	}
	if (k->nr_nodes == k->cap_nodes) {
		more = realloc(k->nodes, k->cap_nodes * 2 * sizeof(*more));
		if (!more)
			return 0;
		k->nodes = more;
		k->cap_nodes *= 2;
	}
	return k->nr_nodes++;
}

/* Takes @fd, also when it fails. 0: no memory. */
static uint32_t node_new(struct daemon *d, int fd, const struct stat *st,
			 const char *path, unsigned root)
{
	struct disk_fs *k = d->disk;
	char *copy = strdup(path);
	uint32_t id = copy ? new_record(k) : 0, *slot;

	if (!id) {
		free(copy);
		close(fd);
		return 0;
	}
	slot = bucket(k, st->st_dev, st->st_ino);
	k->nodes[id] = (struct disk_node){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.path = copy,
		.fd = fd,
		.next = *slot,
		.generation = UINT64_MAX,
		.root = (uint8_t)root,
		.dir = S_ISDIR(st->st_mode),
	};
	*slot = id;
	return id;
}

uint32_t node_of(const struct daemon *d, const struct stat *st)
{
	const struct disk_fs *k = d->disk;
	uint32_t id = k->hash ? *bucket(k, st->st_dev, st->st_ino) : 0;

	while (id && (k->nodes[id].dev != st->st_dev ||
		      k->nodes[id].ino != st->st_ino))
		id = k->nodes[id].next;
	return id;
}

/* A file of several names is known by the first: only we know which. */
static bool keeps(const struct daemon *d, uint32_t id)
{
	struct stat st;

	return id == DISK_ROOT ||
	       (!disk_node(d, id)->dir && !disk_node(d, id)->gone &&
		!node_stat(d, id, &st) && st.st_nlink > 1);
}

void node_put(struct daemon *d, uint32_t id)
{
	struct disk_fs *k = d->disk;
	struct disk_node *n = &k->nodes[id];
	uint32_t *slot;

	if (--n->users || keeps(d, id))
		return;
	for (slot = bucket(k, n->dev, n->ino); *slot != id;)
		slot = &k->nodes[*slot].next;
	*slot = n->next;
	close(n->fd);
	free(n->path);
	*n = (struct disk_node){ .next = k->free_node };
	k->free_node = id;
}

int node_path(const struct daemon *d, uint32_t parent, const char *name,
	      char *path)
{
	const char *above = disk_node(d, parent)->path;
	int n = snprintf(path, PATH_MAX, "%s/%s", above[1] ? above : "", name);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* What stands there: a file of the folder, or another disk's root. */
static int open_name(struct daemon *d, uint32_t parent, const char *name,
		     const char *path, unsigned *root)
{
	int at = store_mount_at(&d->disk->store, path), fd;

	if (at >= 0) {
		*root = (unsigned)at;
		fd = store_root_fd(&d->disk->store, *root);
		if (fd >= 0)
			fd = openat(fd, ".", O_PATH | O_CLOEXEC);
	} else {
		fd = openat(disk_node(d, parent)->fd, name,
			    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	return fd < 0 && at < 0 ? -errno : fd;
}

int node_find(struct daemon *d, uint32_t parent, const char *name, char *path,
	      uint32_t *ret_node)
{
	unsigned root = disk_node(d, parent)->root;
	int err = node_path(d, parent, name, path), fd;
	struct stat st;
	uint32_t id;

	if (err)
		return err;
	fd = open_name(d, parent, name, path, &root);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st)) {
		close(fd);
		return -errno;
	}
	id = node_of(d, &st);
	if (id)
		close(fd);
	else
		id = node_new(d, fd, &st, path, root);
	if (!id)
		return -ENOMEM;
	node_get(d, id);
	*ret_node = id;
	return 0;
}

int disk_begin(struct daemon *d)
{
	unsigned at = (unsigned)store_mount_at(&d->disk->store, "/");
	int fd = store_root_fd(&d->disk->store, at);
	struct stat st;

	if (d->disk->hash)
		return 0;
	if (fd >= 0)
		fd = openat(fd, ".", O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	return node_new(d, fd, &st, "/", at) == DISK_ROOT ? 0 : -ENOMEM;
}

int node_stat(const struct daemon *d, uint32_t id, struct stat *ret)
{
	return fstat(disk_node(d, id)->fd, ret) ? -errno : 0;
}

int node_open(const struct daemon *d, uint32_t id, int flags)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "self/fd/%d", disk_node(d, id)->fd);
	fd = openat(d->proc, name, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int node_rename(struct daemon *d, uint32_t id, const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	free(disk_node(d, id)->path);
	disk_node(d, id)->path = copy;
	return 0;
}

void nodes_moved(struct daemon *d, const char *path, const char *to)
{
	size_t len = strlen(path);
	char name[2 * PATH_MAX];

	for (uint32_t id = 1; id < d->disk->nr_nodes; id++) {
		const char *old = d->disk->nodes[id].path;

		if (!old || strncmp(old, path, len) != 0 ||
		    (old[len] && old[len] != '/'))
			continue;
		snprintf(name, sizeof(name), "%s%s", to, old + len);
		node_rename(d, id, name);
	}
}

/* --- others than who mounted -------------------------------------------------
 */
int node_allowed(const struct daemon *d, fuse_req_t req, uint32_t id, int mask)
{
	const struct fuse_ctx *who = fuse_req_ctx(req);
	struct stat st;
	int err = node_stat(d, id, &st);
	unsigned bits;

	/* The host has checked its own. */
	if (err || who->uid == d->uid || !who->uid)
		return err;
	bits = st.st_mode;
	if (who->uid == st.st_uid)
		bits >>= 6;
	else if (who->gid == st.st_gid)
		bits >>= 3;
	return (unsigned)mask & ~bits & 7 ? -EACCES : 0;
}

void node_own(const struct daemon *d, fuse_req_t req, uint32_t parent,
	      const char *name)
{
	const struct fuse_ctx *who = fuse_req_ctx(req);

	/* An ordinary user cannot give files away. */
	if (d->uid || (who->uid == d->uid && who->gid == d->gid))
		return;
	if (fchownat(disk_node(d, parent)->fd, name, who->uid, who->gid,
		     AT_SYMLINK_NOFOLLOW))
		return;
}
