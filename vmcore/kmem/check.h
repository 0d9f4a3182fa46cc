/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KMEM_CHECK_H
#define VMCORE_KMEM_CHECK_H

#include "vmcore/kmem/inner.h"

/*
 * DOC: recounting kernel memory in two ways that know nothing of each other.
 *
 * Models:  nothing.
 * Owns:    what check.c counts over every frame of every section in use, for
 *          check-lists.c to hold against lists and counters.
 * Units:   objects, pages, bytes as named.
 * Order:   does not apply.
 * Omits:   see kmem.h.
 */
struct kmem_tally {
	const struct kmem *k;
	check_report *report;
	void *arg;
	int64_t pages[MAX_NODES][2], stack_kb[MAX_NODES];
	int64_t vmalloc, boot;
	/* slabs by place, and objects noted as charged in entries */
	int64_t partial, frozen, bulk, loose;
	int64_t entries;
	int64_t slabs[KMEM_MAX_CACHES], objects[KMEM_MAX_CACHES];
	int64_t total[KMEM_MAX_CACHES][MAX_NODES];
	int64_t bytes[FRAME_MAX_GROUP + 1][2];
};

/* Tell the report if @recounted is not @kept. */
void kmem_differ(const struct kmem_tally *t, const char *what, unsigned where,
		 int64_t recounted, int64_t kept);
/* Add the entries of a list of charges. Return: objects in them. */
int64_t tally_charges(struct kmem_tally *t, uint32_t head,
		      const struct kmem_cache *c);
/* Walk every list; clears what they account for in partial ... entries. */
void tally_lists(struct kmem_tally *t);

#endif
