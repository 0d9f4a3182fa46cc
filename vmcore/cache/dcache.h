/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_DCACHE_H
#define VMCORE_DCACHE_H

#include "vmcore/base/types.h"

/*
 * DOC: names and inodes that are kept though nobody uses them.
 *
 * Models:  fs/dcache.c, the LRU of fs/inode.c, mm/list_lru.c, and struct
 *          shrinker (mm/shrinker.c) as far as both need it.
 * Owns:    dentries; LRU lists a file system, node and memory group.
 * Units:   objects.
 * Order:   lists oldest first.
 * Omits:   directories: a name is a whole path; names of a tmpfs, which are
 *          never unused.
 *
 * A dentry is in use while its inode has references; one without an inode is
 * negative. It stays on its list when it comes into use and leaves it when
 * it is met there, as in the kernel.
 */
#define DENTRY_LIVE	  1u
#define DENTRY_LRU	  2u
#define DENTRY_REFERENCED 4u

struct dentry {
	uint64_t hash; /* of its path */
	uint32_t inode; /* 0: negative */
	uint32_t slab, group; /* its object, whom it is charged to */
	uint32_t disk; /* its file system */
	uint32_t lru, next, prev; /* struct sb_lru, neighbours there */
	uint32_t flags; /* DENTRY_* */
	uint32_t hash_next; /* of negative ones */
	uint32_t spare;
};

struct lru_ids {
	uint32_t head, tail;
	uint64_t nr;
};

#define LRU_SHADOWS UINT32_MAX /* in place of a disk */

/* What a shrinker sees of a file system on one node, of one group. */
struct sb_lru {
	uint32_t disk, node, group, spare;
	struct lru_ids dentries, inodes;
	struct lru_ids nodes; /* of LRU_SHADOWS: leaves of only shadows */
	uint64_t deferred; /* work left over by the last call */
};

#endif
