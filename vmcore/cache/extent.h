/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_EXTENT_H
#define VMCORE_EXTENT_H

#include "vmcore/cache/cache.h"

/*
 * DOC: where on its disk a file lies.
 *
 * Models:  fs/ext4/extents.c and mballoc.c as far as a reader of the block
 *          device can tell: pieces in a row, found when pages are written.
 * Owns:    extents; inode.extents, the first of a file's, in its order.
 * Units:   pages of the file and of the disk.
 * Order:   the next free place behind the one taken last, then from the
 *          beginning.
 * Omits:   groups, reservations, that a disk is full: what finds no place has
 *          none. Blocks of the file system itself (names.h) may lie in the
 *          same places.
 */
struct extent {
	struct tree_node by_place;
	uint32_t inode, next; /* of the file */
	uint64_t page; /* of the file, its first */
	uint64_t place, nr; /* on the disk */
};

static inline struct extent *extent_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->extents, id);
}
/* Pages of @inode up to @end have their places. 0 or a host errno. */
int extent_place(struct cache *c, uint32_t inode, uint64_t end);
/* Those from page @first on are free again. */
void extent_cut(struct cache *c, uint32_t inode, uint64_t first);
/* The file with a page at @place of @disk, and which; ID_NONE none. */
uint32_t extent_find(const struct cache *c, uint32_t disk, uint64_t place,
		     uint64_t *ret_page);
void extent_check(const struct cache *c, check_report *report, void *arg);

#endif
