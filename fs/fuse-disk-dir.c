// SPDX-License-Identifier: Apache-2.0
/* MNT/disk: looking names up, attributes, folders. */
#define _GNU_SOURCE /* AT_EMPTY_PATH, DT_UNKNOWN */
#include "fs/fuse-disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DISK_INO (1ull << 62)
#define NAMES	 255u

/* --- attributes -------------------------------------------------------------
 */
static uint64_t number(uint64_t root, uint64_t ino)
{
	return DISK_INO | root << 56 | (ino & ((1ull << 56) - 1));
}

int disk_attr(struct daemon *d, uint32_t node, struct stat *ret)
{
	struct stat st;
	int err;

	model_size(d, node);
	err = node_stat(d, node, &st);
	if (err)
		return err;
	if (S_ISREG(st.st_mode) &&
	    (model_whole(d, &st) || bytes_any(d, model_inode(d, node))))
		st.st_blocks = (st.st_size + 511) / 512;
	st.st_ino = number(disk_node(d, node)->root, st.st_ino);
	*ret = st;
	return 0;
}

static struct inode_ref ref_of(uint32_t node)
{
	return (struct inode_ref){ .kind = NODE_DISK, .at.block = node };
}

void disk_reply_entry(struct daemon *d, fuse_req_t req, uint32_t node)
{
	struct inode_ref ref = ref_of(node);
	struct fuse_entry_param e;
	int err = name_entry(d, &ref, &e);

	if (err)
		fuse_reply_err(req, -err);
	else if (fuse_reply_entry(req, &e) == -ENOENT)
		ref_forget(d, e.ino, 1); /* interrupted: nobody got it */
}

/* --- lookup -----------------------------------------------------------------
 */
static void looked_up(struct daemon *d, struct disk_request *r)
{
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else if (!r->node)
		fuse_reply_err(r->req, ENOENT);
	else
		disk_reply_entry(d, r->req, r->node);
}

void disk_lookup(fuse_req_t req, uint32_t parent, const char *name)
{
	struct daemon *d = daemon_of(req);
	char path[PATH_MAX], key[STORE_KEY];
	struct disk_request *r;
	uint32_t node = 0;
	int err = node_allowed(d, req, parent, 1);

	if (!err) {
		model_files(d);
		err = node_find(d, parent, name, path, &node);
	}
	if (err && err != -ENOENT) {
		fuse_reply_err(req, -err);
		return;
	}
	r = disk_request(req, looked_up);
	if (!r) {
		if (node)
			node_put(d, node);
		return;
	}
	r->node = node;
	model_know(d, r, parent);
	if (node) {
		model_know(d, r, node);
		snprintf(path, sizeof(path), "%s", disk_node(d, node)->path);
	}
	store_key(path, key);
	if (r->nr || !name_is_hot(&d->world->m.cache, key))
		disk_op(r, OP_STAT, path);
	disk_submit(d, r);
}

void disk_readlink(fuse_req_t req, uint32_t node)
{
	struct daemon *d = daemon_of(req);
	char text[PATH_MAX];
	ssize_t n =
		readlinkat(disk_node(d, node)->fd, "", text, sizeof(text) - 1);

	if (n < 0) {
		fuse_reply_err(req, errno);
		return;
	}
	text[n] = '\0';
	fuse_reply_readlink(req, text);
}

void disk_access(fuse_req_t req, uint32_t node, int mask)
{
	struct daemon *d = daemon_of(req);
	char name[32];
	int err = node_allowed(d, req, node, mask);
	struct stat st;

	snprintf(name, sizeof(name), "self/fd/%d", disk_node(d, node)->fd);
	if (!err && !node_stat(d, node, &st) && !S_ISLNK(st.st_mode) &&
	    faccessat(d->proc, name, mask, 0))
		err = -errno;
	fuse_reply_err(req, -err);
}

void disk_statfs(fuse_req_t req, uint32_t node)
{
	struct daemon *d = daemon_of(req);
	struct store_root *root = node_root(d, node);
	uint64_t used = root->counted ? root->used
				      : store_count(&d->disk->store,
						    disk_node(d, node)->root);
	uint64_t blocks = root->size / PAGE_SIZE, taken = used / PAGE_SIZE;
	struct statvfs st = {
		.f_bsize = PAGE_SIZE,
		.f_frsize = PAGE_SIZE,
		.f_blocks = blocks,
		.f_bfree = taken < blocks ? blocks - taken : 0,
		.f_files = root->size / 16384,
		.f_namemax = NAMES,
	};

	st.f_bavail = st.f_bfree;
	st.f_ffree = st.f_favail = st.f_files;
	fuse_reply_statfs(req, &st);
}

/* --- changing attributes ----------------------------------------------------
 */
static void attr_set(struct daemon *d, struct disk_request *r)
{
	struct stat attr;

	disk_node(d, r->node)->writes--;
	if (!r->error)
		r->error = -disk_attr(d, r->node, &attr);
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		fuse_reply_attr(r->req, &attr, 0);
}

static int cut(struct daemon *d, uint32_t node, const struct handle *h,
	       off_t size)
{
	int fd = h ? h->fd : node_open(d, node, O_WRONLY), err = 0;
	struct stat before, after;

	if (fd < 0)
		return fd;
	if (fstat(fd, &before) || ftruncate(fd, size) || fstat(fd, &after))
		err = -errno;
	else if (after.st_blocks < before.st_blocks)
		store_took(node_root(d, node), store_room(&after),
			   store_room(&before));
	if (!h)
		close(fd);
	return err;
}

static struct timespec time_of(int to_set, int set, int now,
			       struct timespec given)
{
	if (to_set & now)
		given.tv_nsec = UTIME_NOW;
	else if (!(to_set & set))
		given.tv_nsec = UTIME_OMIT;
	return given;
}

#define TIMES                                                                  \
	(FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW | \
	 FUSE_SET_ATTR_MTIME_NOW)

/* Who may change what is not the host's to say. */
static int may_set(const struct daemon *d, fuse_req_t req, uint32_t node,
		   int to_set)
{
	const struct fuse_ctx *who = fuse_req_ctx(req);
	struct stat st;

	if (who->uid == d->uid || !who->uid)
		return 0;
	if (to_set & FUSE_SET_ATTR_SIZE)
		return node_allowed(d, req, node, 2);
	return !node_stat(d, node, &st) && st.st_uid == who->uid &&
			       !(to_set & FUSE_SET_ATTR_UID)
		       ? 0
		       : -EPERM;
}

static int set_all(struct daemon *d, uint32_t node, const struct stat *attr,
		   int to_set, const struct handle *h)
{
	const int fd = disk_node(d, node)->fd;
	struct timespec times[2];
	char name[32];
	int err = 0;

	snprintf(name, sizeof(name), "self/fd/%d", fd);
	if (to_set & FUSE_SET_ATTR_MODE &&
	    fchmodat(d->proc, name, attr->st_mode & 07777, 0))
		return -errno;
	if (to_set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID) &&
	    fchownat(fd, "",
		     to_set & FUSE_SET_ATTR_UID ? attr->st_uid : (uid_t)-1,
		     to_set & FUSE_SET_ATTR_GID ? attr->st_gid : (gid_t)-1,
		     AT_EMPTY_PATH))
		return -errno;
	if (to_set & FUSE_SET_ATTR_SIZE)
		err = cut(d, node, h, attr->st_size);
	if (err || !(to_set & TIMES))
		return err;
	times[0] = time_of(to_set, FUSE_SET_ATTR_ATIME, FUSE_SET_ATTR_ATIME_NOW,
			   attr->st_atim);
	times[1] = time_of(to_set, FUSE_SET_ATTR_MTIME, FUSE_SET_ATTR_MTIME_NOW,
			   attr->st_mtim);
	/* a link itself has no path of its own below /proc */
	return utimensat(d->proc, name, times, 0) ? -errno : 0;
}

/* The file will end at @size, within a page that the machine made, or the one
 * it ends in now is followed by zeroes. */
static int settle_end(struct daemon *d, struct disk_request *r, uint32_t node,
		      uint64_t size)
{
	struct stat st;
	int fd, err;

	if (!bytes_any(d, model_inode(d, node)) || node_stat(d, node, &st))
		return 0;
	fd = node_open(d, node, O_RDWR);
	if (fd < 0)
		return 0; /* the host will say why not */
	err = bytes_edge(d, r, node, fd,
			 size < (uint64_t)st.st_size ? size
						     : (uint64_t)st.st_size);
	close(fd);
	return err;
}

void disk_setattr(fuse_req_t req, uint32_t node, struct stat *attr, int to_set,
		  struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	const struct handle *h = fi ? handle_of(fi) : NULL;
	int err = may_set(d, req, node, to_set);
	struct disk_request *r;

	model_size(d, node);
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	r = disk_request(req, attr_set);
	if (!r)
		return;
	disk_request_node(d, r, node);
	disk_node(d, node)->writes++;
	if (to_set & FUSE_SET_ATTR_SIZE) {
		model_know(d, r, node);
		r->error = settle_end(d, r, node, (uint64_t)attr->st_size);
	}
	if (!r->error)
		r->error = -set_all(d, node, attr, to_set,
				    h && h->kind == HANDLE_DISK ? h : NULL);
	if (to_set & FUSE_SET_ATTR_SIZE)
		disk_op(r, OP_TRUNCATE, disk_node(d, node)->path)->size =
			(uint64_t)attr->st_size;
	disk_submit(d, r);
}

/* --- folders ----------------------------------------------------------------
 */
/* h->text is a row of these, each with its name behind it. */
struct listed {
	uint64_t ino;
	uint32_t type; /* as in st_mode */
	uint32_t len; /* of the name with its NUL */
};

static void add_name(struct handle *h, const char *name, uint64_t ino,
		     uint32_t type)
{
	struct listed l = { ino, type, (uint32_t)strlen(name) + 1 };

	out_bytes(&h->text, &l, sizeof(l));
	out_bytes(&h->text, name, l.len);
}

/* File systems of other disks that lie in this folder. */
static void add_mounts(struct daemon *d, struct handle *h, uint32_t node)
{
	const struct store *s = &d->disk->store;
	const char *path = disk_node(d, node)->path;
	size_t len = path[1] ? strlen(path) : 0;

	for (unsigned i = 0; i < s->nr; i++) {
		const char *mount = s->roots[i].mount;

		if (*mount && !strncmp(mount, path, len) && mount[len] == '/' &&
		    !strchr(mount + len + 1, '/'))
			add_name(h, mount + len + 1, number(i, 1), S_IFDIR);
	}
}

static bool is_mount(struct daemon *d, uint32_t node, const char *name)
{
	char path[PATH_MAX];

	return !node_path(d, node, name, path) &&
	       store_mount_at(&d->disk->store, path) >= 0;
}

static int list(struct daemon *d, struct handle *h)
{
	uint32_t node = h->node, root = disk_node(d, node)->root;
	int fd = dup(h->fd);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	out_clear(&h->text);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	rewinddir(dir);
	while ((e = readdir(dir)))
		if (!is_mount(d, node, e->d_name))
			add_name(h, e->d_name, number(root, e->d_ino),
				 (uint32_t)e->d_type << 12);
	closedir(dir);
	add_mounts(d, h, node);
	return h->text.error;
}

/* Add one entry. Return: its size; more than @room: no place. */
static size_t put_name(fuse_req_t req, const char *name, const struct listed *l,
		       char *buf, size_t room, off_t next, bool plus)
{
	struct fuse_entry_param e = { .attr.st_ino = l->ino,
				      .attr.st_mode = l->type };

	return plus ? fuse_add_direntry_plus(req, buf, room, name, &e, next)
		    : fuse_add_direntry(req, buf, room, name, &e.attr, next);
}

/* An offset is that in h->text, of the entry behind. Attributes are not sent
 * along: who wants them looks the name up, as on a disk. */
static void reply_names(fuse_req_t req, const struct handle *h, size_t size,
			size_t off, bool plus)
{
	char *buf = malloc(size);
	size_t used = 0, n;

	while (buf && off < h->text.len) {
		struct listed l;
		size_t next;

		memcpy(&l, h->text.text + off, sizeof(l));
		next = off + sizeof(l) + l.len;
		n = put_name(req, h->text.text + off + sizeof(l), &l,
			     buf + used, size - used, (off_t)next, plus);
		if (n > size - used)
			break;
		used += n;
		off = next;
	}
	if (buf)
		fuse_reply_buf(req, buf, used);
	else
		fuse_reply_err(req, ENOMEM);
	free(buf);
}

static void names_read(struct daemon *d, struct disk_request *r)
{
	if (!r->error)
		r->error = -list(d, r->h);
	r->h->shown = !r->error;
	if (r->error)
		fuse_reply_err(r->req, r->error);
	else
		reply_names(r->req, r->h, r->size, 0, r->reserved);
}

void disk_readdir(fuse_req_t req, struct handle *h, size_t size, off_t off,
		  bool plus)
{
	struct daemon *d = daemon_of(req);
	struct disk_request *r;

	if (off && h->shown) {
		reply_names(req, h, size, (size_t)off, plus);
		return;
	}
	model_files(d);
	r = disk_request(req, names_read);
	if (!r)
		return;
	disk_request_node(d, r, h->node);
	r->h = h;
	r->size = size;
	r->reserved = plus;
	model_know(d, r, h->node);
	if (!disk_node(d, h->node)->gone)
		disk_op(r, OP_LIST, disk_node(d, h->node)->path);
	disk_submit(d, r);
}

void disk_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	const struct inode_ref *ref = ref_at(d, ino);
	uint32_t node = ref->at.block;
	int err = node_allowed(d, req, node, 4), fd = -1;
	struct handle *h = NULL;

	if (!err) {
		fd = node_open(d, node, O_RDONLY | O_DIRECTORY);
		err = fd < 0 ? fd : 0;
	}
	if (!err) {
		h = handle_over(d, HANDLE_DIR, &ref->at, fd);
		err = h ? 0 : -ENOMEM;
	}
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	h->ino = ino;
	h->node = node;
	node_get(d, node);
	fi->fh = (uintptr_t)h;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_free(d, h);
}
