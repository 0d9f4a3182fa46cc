// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/host.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* calloc gives lazily zeroed pages for large requests: sections cost nothing
 * until written. */
static int take(struct host *h, size_t bytes, size_t more, void **ret_mem)
{
	void *mem;

	if (h->limit_bytes && h->used_bytes + bytes > h->limit_bytes)
		return -ENOBUFS;
	mem = calloc(1, bytes + more);
	if (!mem)
		return -ENOMEM;
	h->used_bytes += bytes;
	*ret_mem = mem;
	return 0;
}

int host_alloc(struct host *h, size_t bytes, void **ret_mem)
{
	return take(h, bytes, 0, ret_mem);
}

int host_alloc_vital(struct host *h, size_t bytes, void **ret_mem)
{
	uint64_t limit = h->limit_bytes;
	int r;

	h->limit_bytes = 0;
	r = host_alloc(h, bytes, ret_mem);
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

/* The word before it says where the piece began. What calloc() skips to the
 * boundary is never written and costs addresses alone. */
int host_alloc_aligned(struct host *h, size_t bytes, size_t align,
		       void **ret_mem)
{
	void *mem, **at;
	int r = take(h, bytes, align + sizeof(void *), &mem);

	if (r)
		return r;
	at = (void **)(((uintptr_t)mem + sizeof(void *) + align - 1) &
		       ~(uintptr_t)(align - 1));
	at[-1] = mem;
	*ret_mem = at;
	return 0;
}

void host_free_aligned(struct host *h, void *mem, size_t bytes)
{
	if (!mem)
		return;
	h->used_bytes -= bytes;
	free(((void **)mem)[-1]);
}
