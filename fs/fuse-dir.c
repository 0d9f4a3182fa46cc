// SPDX-License-Identifier: Apache-2.0
/*
 * A folder is listed once, when it is read from the beginning; later pieces
 * are slices of that list.
 */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_ROOM 72 /* groups have the longest names, 63 */

/* handle.text is an array of these; an offset is 1 + the index. */
struct entry {
	struct inode_ref ref;
	uint32_t mode; /* type bits */
	char name[NAME_ROOM];
};

static void add_entry(struct handle *h, const char *name,
		      const struct inode_ref *ref, uint32_t mode)
{
	struct entry e = { .ref = *ref, .mode = mode & S_IFMT };
	int len = snprintf(e.name, sizeof(e.name), "%s", name);

	if ((size_t)len < sizeof(e.name))
		out_bytes(&h->text, &e, sizeof(e));
	else
		h->text.error = -ENAMETOOLONG;
}

struct listing {
	struct daemon *d;
	struct handle *h;
};

static int add_place(void *arg, const char *name, const struct place *at)
{
	const struct listing *l = arg;
	const struct fsnode *row = tree_row(l->d->world, at);
	struct inode_ref ref = {
		.kind = NODE_TREE,
		.at = *at,
		.fresh = row && row->flags & FSNODE_STALL,
	};

	if (at->pid && puppets_hide(l->d, at->pid))
		return 0;
	add_entry(l->h, name, &ref, tree_mode(l->d->world, at));
	return l->h->text.error;
}

/* The caller's own process in proc/, as list=sim+self asks. */
static void add_self(fuse_req_t req, struct handle *h)
{
	struct daemon *d = daemon_of(req);
	struct inode_ref ref;
	struct place proc;
	pid_t thread = fuse_req_ctx(req)->pid;
	struct real_caller who;
	char name[16];

	if (!d->opt.list_self || tree_find(d->world, "proc", &proc) ||
	    !place_same(&proc, &h->at) || real_caller(d, thread, &who))
		return;
	snprintf(name, sizeof(name), "%u", who.pid);
	if (!name_lookup(d, ref_at(d, h->ino), name, thread, &ref) &&
	    ref.kind == NODE_REAL)
		add_entry(h, name, &ref, S_IFDIR);
}

static int list_folder(fuse_req_t req, struct handle *h)
{
	struct daemon *d = daemon_of(req);
	struct listing l = { d, h };
	const struct inode_ref *self = ref_at(d, h->ino);
	struct inode_ref ctl = { .kind = NODE_CTL, .fresh = true };
	struct inode_ref disk = { .kind = NODE_DISK, .at.block = DISK_ROOT };
	int err;

	out_clear(&h->text);
	add_entry(h, ".", self, S_IFDIR);
	add_entry(h, "..", self, S_IFDIR);
	if (!h->at.part) {
		add_entry(h, "ctl", &ctl, S_IFREG);
		add_entry(h, "disk", &disk, S_IFDIR);
	}
	err = tree_list(d->world, &h->at, add_place, &l);
	if (!err)
		add_self(req, h);
	return err ? err : h->text.error;
}

void on_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct daemon *d = daemon_of(req);
	const struct inode_ref *ref = ref_at(d, ino);
	struct caller who = caller_of(req);
	struct handle *h;
	int err = -ENOTDIR;

	if (ref->kind == NODE_DISK) {
		disk_opendir(req, ino, fi);
		return;
	}
	if (ref->kind == NODE_TREE)
		err = gone_error(req, ino);
	if (ref->kind == NODE_TREE && !err)
		err = tree_open(d->world, &ref->at, &who, true, false);
	if (err) {
		fuse_reply_err(req, -err);
		return;
	}
	h = handle_new(d, HANDLE_DIR, &ref->at);
	if (!h) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	h->ino = ino;
	fi->fh = (uintptr_t)h;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_free(d, h);
}

/*
 * With attributes only where they cost nothing to know: folders and files of
 * a process. Elsewhere a size is the length of a text that must be printed.
 */
static bool wants_attr(const struct entry *e)
{
	return !e->ref.fresh && e->ref.kind == NODE_TREE &&
	       strcmp(e->name, ".") != 0 && strcmp(e->name, "..") != 0 &&
	       (S_ISDIR(e->mode) || e->ref.at.pid);
}

/* Add one entry to a reply. Return: its size; more than @room: no place. */
static size_t put_entry(fuse_req_t req, const struct entry *e, char *buf,
			size_t room, off_t next, bool plus)
{
	struct fuse_entry_param full = { .attr.st_mode = e->mode };
	size_t size;

	full.attr.st_ino = tree_ino(&e->ref.at);
	if (!plus)
		return fuse_add_direntry(req, buf, room, e->name, &full.attr,
					 next);
	size = fuse_add_direntry_plus(req, NULL, 0, e->name, &full, next);
	if (size <= room) {
		if (wants_attr(e))
			name_entry(daemon_of(req), &e->ref, &full);
		fuse_add_direntry_plus(req, buf, room, e->name, &full, next);
	}
	return size;
}

static void read_folder(fuse_req_t req, struct handle *h, size_t size,
			off_t off, bool plus)
{
	const struct entry *entries;
	size_t used = 0, n, nr;
	char *buf;
	int err = 0;

	if (!off || !h->shown)
		err = list_folder(req, h);
	h->shown = !err;
	buf = err ? NULL : malloc(size);
	if (!buf) {
		fuse_reply_err(req, err ? -err : ENOMEM);
		return;
	}
	entries = (const void *)h->text.text;
	nr = h->text.len / sizeof(*entries);
	for (uint64_t i = (uint64_t)off; i < nr; i++) {
		n = put_entry(req, &entries[i], buf + used, size - used,
			      (off_t)i + 1, plus);
		if (n > size - used)
			break;
		used += n;
	}
	fuse_reply_buf(req, buf, used);
	free(buf);
}

void on_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		struct fuse_file_info *fi)
{
	(void)ino;
	if (handle_of(fi)->node)
		disk_readdir(req, handle_of(fi), size, off, false);
	else
		read_folder(req, handle_of(fi), size, off, false);
}

void on_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	(void)ino;
	if (handle_of(fi)->node)
		disk_readdir(req, handle_of(fi), size, off, true);
	else
		read_folder(req, handle_of(fi), size, off, true);
}

void on_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	handle_free(daemon_of(req), handle_of(fi));
	fuse_reply_err(req, 0);
}
