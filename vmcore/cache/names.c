// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/names.h"

#include <errno.h>
#include <string.h>

#include "vmcore/cache/cache-internal.h"
#include "vmcore/cache/extent.h"

#define ENTRY_BYTES 8u /* of a folder's entry, its name aside */

/* A name, where it stands, and what stands behind it. */
struct name {
	const char *path;
	uint32_t inode; /* 0 none */
	uint32_t disk; /* 0: a file system without a disk */
	uint32_t parent; /* inode of its folder, 0: no record */
	uint32_t block; /* page of the device that has the entry */
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static uint32_t entry_bytes(const char *path)
{
	return ENTRY_BYTES + (((uint32_t)strlen(last_part(path)) + 3) & ~3u);
}

/* The folder that @path is in, "/" at last. */
static void parent_path(const char *path, char *ret, size_t room)
{
	size_t len = (size_t)(last_part(path) - path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= room)
		len = room - 1;
	memcpy(ret, path, len);
	ret[len] = '\0';
}

/* A folder that no record stands for is part of the names in the root. */
static uint64_t folder_ino(const struct cache *c, uint32_t inode)
{
	return inode ? inode_at(c, inode)->ino : META_ROOT_INO;
}

static void name_find(const struct cache *c, const char *path, struct name *n)
{
	char parent[sizeof(((struct inode *)0)->path)];
	uint64_t blocks = 1;

	*n = (struct name){ .path = path, .inode = inode_find(c, path) };
	if (path_is_tmpfs(path))
		return;
	n->disk = disk_of_path(c, path);
	parent_path(path, parent, sizeof(parent));
	n->parent = inode_find(c, parent);
	if (!n->disk)
		return;
	if (n->parent && inode_pages(inode_at(c, n->parent)))
		blocks = inode_pages(inode_at(c, n->parent));
	n->block = meta_folder_page(c, n->disk, folder_ino(c, n->parent),
				    hash_path(last_part(path)) % blocks);
}

static int table_read(struct cache *c, struct ctx *ctx, const struct name *n)
{
	return meta_read_inode(c, ctx, n->disk, inode_at(c, n->inode)->ino);
}

/* --- looking ---------------------------------------------------------------
 */
int name_look_up(struct cache *c, struct ctx *ctx, const char *path)
{
	struct name n;
	int r = 0;

	name_find(c, path, &n);
	if (n.disk && !dentry_state(c, n.inode, path))
		r = meta_read(c, ctx, n.disk, n.block);
	if (!r && n.disk && n.inode && !inode_at(c, n.inode)->slab)
		r = table_read(c, ctx, &n);
	return r ? r : path_lookup(c, ctx, path);
}

bool name_is_hot(const struct cache *c, const char *path)
{
	uint32_t id = inode_find(c, path);

	if (path_is_tmpfs(path))
		return !id || inode_at(c, id)->dentry;
	return dentry_state(c, id, path) == 2 && (!id || inode_at(c, id)->slab);
}

int name_list(struct cache *c, struct ctx *ctx, const char *path, uint64_t *at)
{
	uint32_t id = inode_find(c, path), disk = disk_of_path(c, path);
	uint64_t blocks = id ? inode_pages(inode_at(c, id)) : 1;
	int r;

	if (path_is_tmpfs(path) || !disk || *at >= blocks)
		return 0;
	r = meta_read(c, ctx, disk,
		      meta_folder_page(c, disk, folder_ino(c, id), *at));
	if (r)
		return r;
	++*at;
	return STEP_MORE;
}

/* --- folders ---------------------------------------------------------------
 */
/* ext4_add_entry(): a folder of one block is filled; the leaves of an index
 * are halved when they are full, so that a third of them is free. */
static bool folder_grows(const struct cache *c, const struct name *n)
{
	const struct inode *dir = n->parent ? inode_at(c, n->parent) : NULL;
	uint64_t bytes;

	if (!dir || !(dir->flags & INODE_DIR))
		return false;
	bytes = dir->dir_bytes + entry_bytes(n->path);
	return bytes > (dir->size > PAGE_SIZE ? dir->size / 3 * 2 : dir->size);
}

/* The folder has an entry more; it never shrinks. */
static void add_entry(struct cache *c, const struct name *n)
{
	struct inode *dir = n->parent ? inode_at(c, n->parent) : NULL;

	if (!dir || !(dir->flags & INODE_DIR))
		return;
	if (folder_grows(c, n))
		dir->size += PAGE_SIZE;
	dir->dir_bytes += entry_bytes(n->path);
}

static void make_folder(struct inode *inode)
{
	inode->flags |= INODE_DIR;
	if (inode->size < PAGE_SIZE)
		inode->size = PAGE_SIZE;
}

int name_on_disk(struct cache *c, const char *path, uint64_t size, bool dir)
{
	bool tmpfs = path_is_tmpfs(path);
	struct name n;
	uint32_t id;
	int r;

	if (strlen(path) >= sizeof(((struct inode *)0)->path))
		return ENAMETOOLONG;
	if (size > MAX_BYTES)
		return EFBIG;
	name_find(c, path, &n);
	if (n.inode)
		return EEXIST;
	r = inode_new(c, path, tmpfs ? INODE_SHMEM : INODE_DISK, &id);
	if (r)
		return r;
	inode_at(c, id)->size = size;
	inode_at(c, id)->made = inode_pages(inode_at(c, id));
	inode_at(c, id)->flags |= INODE_OUTSIDE;
	if (tmpfs)
		inode_at(c, id)->flags |= INODE_TMPFS;
	else
		inode_at(c, id)->disk = n.disk;
	if (dir)
		make_folder(inode_at(c, id));
	inode_hash_add(c, id);
	add_entry(c, &n);
	return dir ? 0 : extent_place(c, id, inode_at(c, id)->made);
}

/* --- changing ---------------------------------------------------------------
 */
/* What a change touches. */
enum touched {
	TOUCH_INODE = 1, /* what the inode says of the file */
	TOUCH_FOLDER = 2, /* the entry */
	TOUCH_NEW = 4, /* the inode is given out, */
	TOUCH_FREE = 8, /* given back */
	TOUCH_DIR = 16, /* a new folder: its first block */
};
#define BLOCKS_MOST 7u
#define GROUPS_MOST 1024u /* of the blocks of one file */

struct blocks {
	uint32_t page[BLOCKS_MOST], nr;
};

static int need_block(struct cache *c, struct ctx *ctx, uint32_t disk,
		      uint32_t page, struct blocks *b)
{
	b->page[b->nr++] = page;
	return meta_read(c, ctx, disk, page);
}

static int need_new(struct cache *c, struct ctx *ctx, uint32_t disk,
		    uint32_t page, struct blocks *b)
{
	b->page[b->nr++] = page;
	return meta_new(c, ctx, disk, page);
}

/* The entry's block or one more, and the folder's own inode. */
static int need_folder(struct cache *c, struct ctx *ctx, const struct name *n,
		       bool entry, struct blocks *b)
{
	const struct inode *dir = n->parent ? inode_at(c, n->parent) : NULL;
	int r = need_block(c, ctx, n->disk, n->block, b);

	if (r || !entry || !folder_grows(c, n))
		return r;
	b->page[b->nr] =
		meta_folder_page(c, n->disk, dir->ino, inode_pages(dir));
	return meta_new(c, ctx, n->disk, b->page[b->nr++]);
}

/* An inode is given out or back: the bitmap and descriptor of its group. */
static int need_group(struct cache *c, struct ctx *ctx, const struct name *n,
		      uint64_t ino, struct blocks *b)
{
	int r = need_block(c, ctx, n->disk, META_GROUPS, b);

	return r ? r
		 : need_block(c, ctx, n->disk,
			      meta_inode_bitmap(c, n->disk, ino), b);
}

static int need_inode(struct cache *c, struct ctx *ctx, const struct name *n,
		      uint64_t ino, bool new, struct blocks *b)
{
	b->page[b->nr++] = meta_inode_page(c, n->disk, ino);
	return new ? meta_new_inode(c, ctx, n->disk, ino)
		   : meta_read_inode(c, ctx, n->disk, ino);
}

/* All blocks are there; then they join the transaction. */
static int change(struct cache *c, struct ctx *ctx, const struct name *n,
		  uint64_t ino, unsigned what)
{
	struct journal *j = n->disk ? &disk_at(c, n->disk)->journal : NULL;
	struct blocks b = { .nr = 0 };
	int r = 0;

	if (!j)
		return 0;
	if (what & TOUCH_FOLDER)
		r = need_folder(c, ctx, n, what & TOUCH_NEW, &b);
	if (!r && what & (TOUCH_NEW | TOUCH_FREE))
		r = need_group(c, ctx, n, ino, &b);
	if (!r)
		r = need_inode(c, ctx, n, ino, what & TOUCH_NEW, &b);
	if (!r && what & TOUCH_DIR)
		r = need_new(c, ctx, n->disk,
			     meta_folder_page(c, n->disk, ino, 0), &b);
	if (!r && !j->opened)
		r = need_block(c, ctx, n->disk, META_SUPER, &b);
	for (uint32_t i = 0; i < b.nr && !r; i++)
		r = journal_add(c, ctx, n->disk, b.page[i]);
	if (!r)
		j->opened = 1;
	return r;
}

/* @bytes get a place behind what was given one last: the bitmaps of the
 * groups that takes (ext4_mb_mark_diskspace_used()). */
static int place_data(struct cache *c, struct ctx *ctx, uint32_t disk,
		      uint64_t bytes)
{
	struct journal *j = &disk_at(c, disk)->journal;
	uint64_t pages = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t at = j->data, end = j->data + pages;
	int r = pages ? meta_read(c, ctx, disk, META_GROUPS) : 0;

	if (!r && pages)
		r = journal_add(c, ctx, disk, META_GROUPS);
	for (unsigned i = 0; i < GROUPS_MOST && at < end && !r; i++) {
		uint32_t page = meta_block_bitmap(c, disk, at);

		r = meta_new(c, ctx, disk, page);
		if (!r)
			r = journal_add(c, ctx, disk, page);
		at = (at / META_GROUP_PAGES + 1) * META_GROUP_PAGES;
	}
	if (!r)
		j->data = end;
	return r;
}

/* --- making ----------------------------------------------------------------
 */
static int make(struct cache *c, struct ctx *ctx, const struct name *n,
		uint64_t size, bool dir, uint32_t *ret_inode)
{
	uint64_t ino = n->inode ? inode_at(c, n->inode)->ino : c->next_ino;
	int r = change(c, ctx, n, ino,
		       n->inode ? TOUCH_INODE
				: TOUCH_INODE | TOUCH_FOLDER | TOUCH_NEW |
					  (dir ? TOUCH_DIR : 0));

	if (!r)
		r = inode_make(c, ctx, n->path, size, ret_inode);
	if (!r && !n->inode)
		add_entry(c, n);
	if (!r && dir)
		make_folder(inode_at(c, *ret_inode));
	return r;
}

int name_make(struct cache *c, struct ctx *ctx, const char *path, uint64_t size,
	      uint32_t *ret_inode)
{
	struct name n;
	int r;

	name_find(c, path, &n);
	if (!n.disk || (n.inode && inode_at(c, n.inode)->kind != INODE_DISK) ||
	    size > MAX_BYTES)
		return inode_make(c, ctx, path, size, ret_inode);
	r = make(c, ctx, &n, size, false, ret_inode);
	return r ? r : place_data(c, ctx, n.disk, size);
}

int name_commit(struct cache *c, struct ctx *ctx, uint32_t inode)
{
	uint32_t disk = inode_at(c, inode)->disk;
	int r = disk ? journal_commit(c, ctx, disk) : 0;

	return r < 0 ? r : 0;
}

int name_create(struct cache *c, struct ctx *ctx, const char *path, bool dir)
{
	struct name n;
	uint32_t id;
	int r;

	name_find(c, path, &n);
	if (n.inode)
		return EEXIST;
	r = make(c, ctx, &n, 0, dir, &id);
	if (!r)
		c->nr_made--;
	return r;
}

int name_make_folder(struct cache *c, struct ctx *ctx, const char *path)
{
	struct name n;
	uint32_t id;

	name_find(c, path, &n);
	if (n.inode || !n.disk || !strcmp(path, disk_at(c, n.disk)->mount))
		return 0;
	return make(c, ctx, &n, 0, true, &id);
}

int name_dirty(struct cache *c, struct ctx *ctx, const char *path)
{
	struct name n;

	name_find(c, path, &n);
	return change(c, ctx, &n, n.inode ? inode_at(c, n.inode)->ino : 0,
		      TOUCH_INODE | TOUCH_FOLDER);
}

int name_free(struct cache *c, struct ctx *ctx, const char *path)
{
	struct name n;

	name_find(c, path, &n);
	if (!n.inode || inode_at(c, n.inode)->kind != INODE_DISK)
		return 0;
	return change(c, ctx, &n, inode_at(c, n.inode)->ino,
		      TOUCH_INODE | TOUCH_FOLDER | TOUCH_FREE);
}

int name_grow(struct cache *c, struct ctx *ctx, const char *path, uint64_t size)
{
	struct name n;
	uint64_t old;
	int r;

	name_find(c, path, &n);
	if (!n.disk || !n.inode || inode_at(c, n.inode)->kind != INODE_DISK)
		return 0;
	old = inode_pages(inode_at(c, n.inode)) << PAGE_SHIFT;
	if (size <= old || size > MAX_BYTES)
		return 0;
	r = change(c, ctx, &n, inode_at(c, n.inode)->ino, TOUCH_INODE);
	return r ? r : place_data(c, ctx, n.disk, size - old);
}

/* --- moving ----------------------------------------------------------------
 */
/* What @path is called when what was @from is @to; 0 or ENAMETOOLONG. */
static int renamed(const char *path, const char *from, const char *to,
		   char *ret, size_t room)
{
	size_t head = strlen(to), tail = strlen(path + strlen(from));

	if (head + tail >= room)
		return ENAMETOOLONG;
	memcpy(ret, to, head);
	memcpy(ret + head, path + strlen(from), tail + 1);
	return 0;
}

static bool is_below(const struct inode *inode, const char *from)
{
	size_t len = strlen(from);

	return inode_used(inode) && !(inode->flags & INODE_UNLINKED) &&
	       (inode->kind == INODE_DISK || inode->flags & INODE_TMPFS) &&
	       !strncmp(inode->path, from, len) &&
	       (!inode->path[len] || inode->path[len] == '/');
}

static int may_move(const struct cache *c, const char *from, const char *to)
{
	char path[sizeof(((struct inode *)0)->path)];
	int r = ENOENT;

	if (inode_find(c, to))
		return EEXIST;
	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		const struct inode *inode = inode_at(c, id);

		if (!is_below(inode, from))
			continue;
		if (!strcmp(inode->path, from) && swap_area_find(c, id))
			return EPERM;
		r = renamed(inode->path, from, to, path, sizeof(path));
		if (!r && inode_find(c, path))
			r = EEXIST;
		if (r)
			return r;
	}
	return r;
}

int name_move(struct cache *c, struct ctx *ctx, const char *from,
	      const char *to)
{
	uint32_t id = inode_find(c, from);
	char path[sizeof(((struct inode *)0)->path)];
	int r;

	if (id && inode_at(c, id)->kind == INODE_BLOCK)
		return EBUSY;
	r = may_move(c, from, to);
	if (r)
		return r;
	for (id = 1; id <= c->inodes.top; id++) {
		struct inode *inode = inode_at(c, id);

		if (!is_below(inode, from))
			continue;
		renamed(inode->path, from, to, path, sizeof(path));
		inode_hash_del(c, id);
		memset(inode->path, 0, sizeof(inode->path));
		memcpy(inode->path, path, strlen(path));
		inode_hash_add(c, id);
		dentry_move(c, ctx, id);
	}
	return 0;
}

int name_truncate(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t size)
{
	struct inode *inode = inode_at(c, id);
	uint64_t first = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	pfn_t busy;

	if (inode->flags & INODE_DIR)
		return EISDIR;
	if (size > MAX_BYTES)
		return EFBIG;
	if (swap_area_find(c, id))
		return ETXTBSY;
	if (size < inode->size) {
		busy = inode->nr_io ? inode_busy_folio(c, id, first) : PFN_NONE;
		if (busy != PFN_NONE)
			return io_wait(c, ctx, busy);
		inode_drop_pages(c, ctx, id, first);
		content_cut(c, id, first);
	}
	inode->size = size;
	return 0;
}
