/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_CONTENT_H
#define VMCORE_CONTENT_H

#include "vmcore/cache/cache.h"

/*
 * DOC: what stands in a file: a number a page.
 *
 * Models:  nothing of the kernel; equal numbers are equal bytes.
 * Owns:    inode.written: pages whose place on the disk has another content
 *          than the file had at first.
 * Units:   pages; 0 is a page of zeroes.
 * Order:   a number follows from the file's name, the page and how often the
 *          file was written.
 * Omits:   bytes: fs/bytes.h; parts of a page: a write changes all of it.
 *
 * What a program outside of the machine wrote, or a file of the host holds,
 * has a number of its own class: whoever drives the machine has the bytes.
 */
#define CONTENT_CLASS	0xc0000000u
#define CONTENT_OUTSIDE 0x40000000u

static inline bool content_outside(uint32_t content)
{
	return (content & CONTENT_CLASS) == CONTENT_OUTSIDE;
}
/* What is read of page @index: in memory, in swap, or on the disk. */
uint32_t cache_content(const struct cache *c, uint32_t inode, uint64_t index);
/* May a page of it have a number that is not of that class, nor zero? */
bool cache_has_contents(const struct cache *c, uint32_t inode);
/* A mapping stored numbers of the machine in it. */
static inline void cache_numbered(struct cache *c, uint32_t inode)
{
	inode_at(c, inode)->flags |= INODE_NUMBERS;
}
/* Its first contents are known outside: what [file] content= names. */
void cache_outside(struct cache *c, uint32_t inode);

#endif
