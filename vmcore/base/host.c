// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* calloc gives lazily zeroed pages for large requests: sections cost nothing
 * until written. */
int host_alloc(struct host *h, size_t bytes, size_t align, void **ret_mem)
{
	void *mem;

	if (h->limit_bytes && h->used_bytes + bytes > h->limit_bytes)
		return -ENOBUFS;
	if (align <= 16) {
		mem = calloc(1, bytes);
	} else {
		mem = aligned_alloc(align, (bytes + align - 1) & ~(align - 1));
		if (mem)
			memset(mem, 0, bytes);
	}
	if (!mem)
		return -ENOMEM;
	h->used_bytes += bytes;
	*ret_mem = mem;
	return 0;
}

int host_alloc_vital(struct host *h, size_t bytes, size_t align, void **ret_mem)
{
	uint64_t limit = h->limit_bytes;
	int r;

	h->limit_bytes = 0;
	r = host_alloc(h, bytes, align, ret_mem);
	h->limit_bytes = limit;
	return r;
}

void host_free(struct host *h, void *mem, size_t bytes)
{
	if (!mem)
		return;
	h->used_bytes -= bytes;
	free(mem);
}
