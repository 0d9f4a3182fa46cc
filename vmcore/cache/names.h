/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_NAMES_H
#define VMCORE_NAMES_H

#include "vmcore/cache/cache.h"

/*
 * DOC: names of a file system as programs use them: looked up, made, moved,
 * cut, and where the file system keeps its own blocks.
 *
 * Models:  fs/namei.c, fs/ext4/namei.c, fs/ext4/inode.c (ext4_get_inode_loc),
 *          mm/truncate.c.
 * Owns:    nothing: inodes and dentries are cache.h's.
 * Units:   bytes of names and sizes, pages of a disk.
 * Order:   a block is read before what it describes is in memory.
 * Omits:   extent blocks; the journal (journal.h), and where a file's data
 *          lies (extent.h).
 *
 * Folders are inodes with INODE_DIR. Their blocks and the tables of inodes
 * are pages of the block device (Buffers). Their places follow from the
 * number of the inode alone.
 */

/* A file or folder that the disk has and memory knows nothing of. Return: 0,
 * EEXIST, ENAMETOOLONG, EFBIG, host errno. */
int name_on_disk(struct cache *c, const char *path, uint64_t size, bool dir);
/*
 * stat(2): the block of the folder and that of the inode are read if name or
 * inode are not in memory. Return: 0, ENOENT, NEED_*, WAIT_IO, host errno.
 */
int name_look_up(struct cache *c, struct ctx *ctx, const char *path);
/* Would name_look_up() change nothing? */
bool name_is_hot(const struct cache *c, const char *path);
/* One step of getdents(2): block *@at of the folder. Return: 0 at its end,
 * STEP_MORE, ENOENT, NEED_*, WAIT_IO, host errno. */
int name_list(struct cache *c, struct ctx *ctx, const char *path, uint64_t *at);
/* open(O_CREAT | O_EXCL), mkdir(2): an empty file; the blocks of folder and
 * inode become dirty. Return: 0, EEXIST, as inode_make(). */
int name_create(struct cache *c, struct ctx *ctx, const char *path, bool dir);
/* mkdir(2) of a folder that may be there. */
int name_make_folder(struct cache *c, struct ctx *ctx, const char *path);
/* open(O_CREAT | O_TRUNC) and as many bytes as @size: inode_make() with what
 * the file system does for it. Return: as inode_make(). */
int name_make(struct cache *c, struct ctx *ctx, const char *path, uint64_t size,
	      uint32_t *ret_inode);
/* The journal of its disk is written, without waiting. 0 or a host errno. */
int name_commit(struct cache *c, struct ctx *ctx, uint32_t inode);
/* What the folder and the inode say of @path changes; its entry and inode are
 * about to go; the file will be of @size, if that is more. Return: 0, NEED_*,
 * WAIT_IO, host errno. */
int name_dirty(struct cache *c, struct ctx *ctx, const char *path);
int name_free(struct cache *c, struct ctx *ctx, const char *path);
int name_grow(struct cache *c, struct ctx *ctx, const char *path,
	      uint64_t size);
/*
 * rename(2): @from and all below it. What bears the new name must be gone.
 * Return: 0, ENOENT, EEXIST, ENAMETOOLONG, EPERM (a swap file), EBUSY (a
 * disk's own inode).
 */
int name_move(struct cache *c, struct ctx *ctx, const char *from,
	      const char *to);
/*
 * truncate(2), after the pages beyond were unmapped. Return: 0, ETXTBSY (a
 * swap file), EFBIG, EISDIR, WAIT_IO.
 */
int name_truncate(struct cache *c, struct ctx *ctx, uint32_t inode,
		  uint64_t size);

/* What is done of an O_DIRECT request. */
struct direct_at {
	struct sync_at sync; /* what was dirty is written first */
	uint64_t stage; /* 0 writing that, 1 waiting, 2 done */
};
/*
 * One request of an O_DIRECT read or write of [@pos, @pos + @len), at most
 * DIRECT_BYTES: the cache is not filled; cached pages are written before and,
 * for a write, dropped. @at is zero at first. Return: 0 and the bytes, WAIT_IO,
 * STEP_MORE, EFBIG, ENOSPC (beyond a device), host errno.
 */
#define DIRECT_BYTES (1u << 20)
int file_direct(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pos,
		uint32_t len, bool write, struct direct_at *at,
		folio_clean *clean, void *arg, uint32_t *ret_len);

#endif
