/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_DEVICE_H
#define VMCORE_DEVICE_H

#include "vmcore/cache/cache.h"

/*
 * DOC: /dev/mapdrv, a driver whose memory processes map.
 *
 * Models:  a character device in the manner of drivers/uio/uio.c: each open
 *          file has a buffer from vmalloc_user().
 * Owns:    its inode (cache.device); file.area, the buffer of an open file.
 * Units:   pages.
 * Order:   does not apply.
 * Omits:   read(2), write(2), ioctl(2): who maps it is all that knows it.
 */
#define DEVICE_MAJOR 254u /* the first that alloc_chrdev_region() gives */
#define DEVICE_NAME  "mapdrv"

/* Return: 0 and a file with one reference, NEED_*, host errno. */
int device_open(struct cache *c, struct ctx *ctx, uint32_t *ret_file);
/*
 * Give the buffer of @file up to @max more of @pages. Return: 0 when it has
 * them all, STEP_MORE; ENOMEM: more than there is, or no room for it; NEED_*,
 * host errno.
 */
int device_fill(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pages,
		uint32_t max);
/* The frame of page @index of the buffer, PFN_NONE beyond it. */
pfn_t device_page(struct cache *c, uint32_t file, uint64_t index);

#endif
