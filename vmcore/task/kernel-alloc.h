/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KERNEL_ALLOC_H
#define VMCORE_KERNEL_ALLOC_H

#include "vmcore/task/sched.h"

/*
 * DOC: kernel memory that a script holds by name.
 *
 * Models:  a module that calls vmalloc(), kmalloc(), kmem_cache_alloc() and
 *          alloc_pages().
 * Owns:    the names, and which slab each object of them lies in.
 * Units:   objects, blocks of 2^order pages, bytes where named so.
 * Order:   names by creation; objects and blocks by allocation.
 * Omits:   what is in the memory.
 *
 * Blocks of pages are a list of their frames: FRAME_KERNEL, frame.owner the
 * record, frame.next the next block.
 */
enum kernel_kind { KERNEL_VMALLOC, KERNEL_KMALLOC, KERNEL_SLAB, KERNEL_PAGES };

struct kernel_alloc {
	uint32_t next, prev; /* of all, by creation */
	uint32_t kind; /* enum kernel_kind */
	uint32_t building; /* its operation is under way: no name yet */
	uint32_t first, last; /* area; block; objects; frames */
	uint32_t order;
	struct tree_node by_name;
	uint64_t nr; /* objects or blocks it holds */
	char name[REGION_LEN];
};

struct kernel_object {
	uint32_t next;
	uint32_t slab;
};

static inline struct kernel_alloc *kernel_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->kernel_allocs, id);
}

static inline struct kernel_object *kernel_object_at(const struct tasks *t,
						     uint32_t id)
{
	return pool_at(&t->kernel_objects, id);
}

/* By name; 0: none. */
uint32_t kernel_find(const struct tasks *t, const char *name);
/* A record that holds nothing yet. 0 or a host errno. */
int kernel_new(struct tasks *t, enum kernel_kind kind, const char *name,
	       uint32_t *ret_id);
/* The record goes; it holds nothing any more. */
void kernel_forget(struct tasks *t, uint32_t id);
/* What an operation that fails or is ended had got so far. */
void kernel_abandon(struct tasks *t, struct ctx *ctx, struct actor *a);
/* Recount records, objects and blocks. */
void kernel_check(const struct tasks *t, check_report *report, void *arg);

#endif
