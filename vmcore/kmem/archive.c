// SPDX-License-Identifier: Apache-2.0
#include "vmcore/kmem/inner.h"

int kmem_archive(struct kmem *k, struct archive *a)
{
	struct pool *const pools[] = { &k->caches, &k->cpus, &k->charges,
				       &k->vmalloc_areas };
	struct {
		void *mem;
		size_t len;
	} part[] = {
		{ &k->vmalloc_root, sizeof(k->vmalloc_root) },
		{ &k->vmalloc_start, sizeof(k->vmalloc_start) },
		{ &k->vmalloc_end, sizeof(k->vmalloc_end) },
		{ &k->vmalloc_pages, sizeof(k->vmalloc_pages) },
		{ &k->percpu_pages, sizeof(k->percpu_pages) },
		{ &k->boot_head, sizeof(k->boot_head) },
		{ k->stack_cache,
		  k->phys->nr_cpus * sizeof(k->stack_cache[0]) },
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]) && !r; i++)
		r = pool_archive(pools[i], a);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]) && !r; i++)
		r = archive_bytes(a, part[i].mem, part[i].len);
	return r;
}
