// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/names.h"

#include <errno.h>
#include <string.h>

#include "vmcore/cache/cache-internal.h"

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

/* A folder that no record stands for has its blocks where its name says. */
static uint64_t folder_ino(const struct cache *c, uint32_t inode,
			   const char *path)
{
	return inode ? inode_at(c, inode)->ino : hash_path(path) & UINT32_MAX;
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
	n->block = meta_folder_page(c, n->disk,
				    folder_ino(c, n->parent, parent),
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
		      meta_folder_page(c, disk, folder_ino(c, id, path), *at));
	if (r)
		return r;
	++*at;
	return STEP_MORE;
}

/* --- making ----------------------------------------------------------------
 */
/* The folder has an entry more (ext4_add_entry()); it never shrinks. */
static void add_entry(struct cache *c, uint32_t parent, const char *path)
{
	struct inode *dir = parent ? inode_at(c, parent) : NULL;
	size_t len = strlen(last_part(path));

	if (!dir || !(dir->flags & INODE_DIR))
		return;
	dir->dir_bytes += ENTRY_BYTES + (((uint32_t)len + 3) & ~3u);
	if (dir->dir_bytes > dir->size)
		dir->size += PAGE_SIZE;
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
	add_entry(c, n.parent, path);
	return 0;
}

/* Blocks of the folder and of the inode @ino are there. */
static int read_both(struct cache *c, struct ctx *ctx, const struct name *n,
		     uint64_t ino)
{
	int r = n->disk ? meta_read(c, ctx, n->disk, n->block) : 0;

	return r || !n->disk ? r : meta_read_inode(c, ctx, n->disk, ino);
}

static void dirty_both(struct cache *c, struct ctx *ctx, const struct name *n,
		       uint64_t ino)
{
	if (!n->disk)
		return;
	meta_dirty(c, ctx, n->disk, n->block);
	meta_dirty(c, ctx, n->disk, meta_inode_page(c, n->disk, ino));
}

int name_create(struct cache *c, struct ctx *ctx, const char *path, bool dir)
{
	uint64_t ino = c->next_ino;
	struct name n;
	uint32_t id;
	int r;

	name_find(c, path, &n);
	if (n.inode)
		return EEXIST;
	r = read_both(c, ctx, &n, ino);
	if (!r)
		r = inode_make(c, ctx, path, 0, &id);
	if (r)
		return r;
	c->nr_made--;
	if (dir)
		make_folder(inode_at(c, id));
	add_entry(c, n.parent, path);
	dirty_both(c, ctx, &n, inode_at(c, id)->ino);
	return 0;
}

int name_dirty(struct cache *c, struct ctx *ctx, const char *path)
{
	struct name n;
	uint64_t ino;
	int r;

	name_find(c, path, &n);
	ino = n.inode ? inode_at(c, n.inode)->ino : 0;
	r = read_both(c, ctx, &n, ino);
	if (!r)
		dirty_both(c, ctx, &n, ino);
	return r;
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
