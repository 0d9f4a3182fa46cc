/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_CACHE_CHECK_H
#define VMCORE_CACHE_CHECK_H

#include "vmcore/cache/cache-internal.h"

/*
 * DOC: what the files of cache_check() share.
 *
 * Models:  nothing.
 * Owns:    the sums of one recount.
 * Units:   pages.
 * Order:   inodes by id, then frames by pfn, then records.
 * Omits:   LRU lists and charges, which control_check() recounts.
 */
struct cache_tally {
	const struct cache *c;
	check_report *report;
	void *arg;
	/* of the inode being looked at */
	uint64_t cached, dirty, writeback, evicted, swapped;
	/* of all */
	uint64_t tmpfs;
	uint32_t nodes;
	struct {
		int64_t pages, shmem, dirty, writeback;
		int64_t swapcache;
	} node[MAX_NODES];
	int64_t shadow_nodes[MAX_NODES];
	int64_t pending[MAX_ZONES];
	uint32_t swapcache; /* folios */
};

void cache_differ(const struct cache_tally *t, const char *what, uint64_t where,
		  int64_t recounted, int64_t kept);
/* Names, open files, the dirty list, requests. */
/* Names, unused names and inodes. */
void cache_check_names(const struct cache_tally *t);
void cache_check_records(const struct cache_tally *t);
/* Policies of shared memory (shmem-policy.c). */
void cache_check_policies(const struct cache_tally *t);
/* Swap; requests of all its areas. */
uint32_t cache_check_swap(const struct cache_tally *t);

#endif
