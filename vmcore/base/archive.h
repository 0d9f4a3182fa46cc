/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_ARCHIVE_H
#define VMCORE_ARCHIVE_H

#include "vmcore/base/types.h"

/*
 * DOC: one walk over the state that saves, loads or digests it.
 *
 * Models:  nothing.
 * Owns:    the running digest; the bytes go through a callback.
 * Units:   bytes.
 * Order:   each floor's x_archive() visits its state in one fixed order.
 * Omits:   any versioning beyond the magic word the caller writes.
 */
enum archive_mode { ARCHIVE_SAVE, ARCHIVE_LOAD, ARCHIVE_DIGEST };

struct archive {
	enum archive_mode mode;
	uint64_t digest;
	/* SAVE takes @len bytes from @mem, LOAD fills them. 0 or -errno. */
	int (*transfer)(void *arg, void *mem, size_t len);
	void *arg;
};

/* Visit @len bytes at @mem. Return: 0 or what transfer() answered. */
int archive_bytes(struct archive *a, void *mem, size_t len);

static inline bool archive_loading(const struct archive *a)
{
	return a->mode == ARCHIVE_LOAD;
}

#endif
