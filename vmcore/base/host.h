/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_HOST_H
#define VMCORE_HOST_H

#include "vmcore/base/types.h"

/*
 * DOC: host memory, counted.
 *
 * Models:  nothing; protects the host (profile key max_host_memory).
 * Owns:    the count of bytes this machine holds.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   malloc's own overhead.
 */
struct host {
	uint64_t used_bytes;
	uint64_t limit_bytes; /* 0: none */
};

/*
 * Allocate @bytes (> 0) of zeroed memory, aligned for anything.
 * Return: 0, -ENOBUFS past the limit, -ENOMEM when the host has none.
 */
int host_alloc(struct host *h, size_t bytes, void **ret_mem);
/* The same past the limit: for the little without which time stands still. */
int host_alloc_vital(struct host *h, size_t bytes, void **ret_mem);
/* Give back what host_alloc() gave; @bytes as then. NULL is fine. */
void host_free(struct host *h, void *mem, size_t bytes);

/* The same at a multiple of @align, a power of two. */
int host_alloc_aligned(struct host *h, size_t bytes, size_t align,
		       void **ret_mem);
void host_free_aligned(struct host *h, void *mem, size_t bytes);

#endif
