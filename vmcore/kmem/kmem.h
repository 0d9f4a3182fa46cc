/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KMEM_H
#define VMCORE_KMEM_H

#include "vmcore/control/control.h"

/*
 * DOC: slab caches, kernel stacks, vmalloc.
 *
 * Models:  mm/slub.c, mm/vmalloc.c, kernel/fork.c (stacks) of 6.18.
 * Owns:    kmem caches and their slabs, vmalloc areas.
 * Units:   objects; slabs are blocks of 2^order pages.
 * Order:   caches in creation order (slabinfo prints newest first).
 * Omits:   which object of a slab: only how many are in use matters.
 *
 * An allocation is named by its slab's head pfn: give it back to free one
 * object of that slab.
 */
enum kmem_kind { KMEM_UNRECLAIMABLE, KMEM_RECLAIMABLE };
#define KMEM_ACCOUNT 1u
#define KMEM_HWCACHE 2u
#define KMEM_RCU     4u /* TYPESAFE_BY_RCU: free pointer outside */
#define KMEM_CTOR    8u

/* Caches the model itself charges; rows in kmem-caches.def. */
enum kmem_cache_id {
#define CACHE(id, name, object, align, flags, kind) id,
#include "vmcore/kmem/kmem-caches.def"
	NR_KMEM_CACHES
};

struct kmem_cache {
	char name[32];
	uint32_t object_size, size; /* bytes, asked and laid out */
	uint32_t order, per_slab; /* 2^order pages, objects a slab */
	uint32_t flags, kind;
	uint32_t min_partial;
	uint32_t partial_head, partial_tail, nr_partial; /* slabs, by pfn */
	uint32_t cpu_slab[MAX_CPUS]; /* pfn, PFN_NONE */
	uint64_t nr_slabs, nr_objects; /* objects in use */
};

struct kmem {
	struct host *host;
	struct phys *phys;
	struct control *control;
	struct pool caches; /* id = enum kmem_cache_id + 1, then named */
	struct pool vmalloc_areas;
	uint64_t vmalloc_pages; /* VmallocUsed */
	uint64_t percpu_pages; /* Percpu */
	uint32_t boot_head; /* list of [boot] blocks */
};

int kmem_init(struct kmem *k, struct host *host, struct control *control);
void kmem_fini(struct kmem *k);
int kmem_archive(struct kmem *k, struct archive *a);
void kmem_check(const struct kmem *k, check_report *report, void *arg);

/*
 * One object of @cache for @ctx. Return: 0 and the slab's pfn, or
 * NEED_MEMORY / NEED_CHARGE / host errno, nothing changed.
 */
int kmem_alloc(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
	       pfn_t *ret_slab);
void kmem_free(struct kmem *k, struct ctx *ctx, pfn_t slab);
/* @count objects at once, for bulk users and [boot]; frees by cache. */
int kmem_alloc_many(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		    uint32_t count);

/* A kernel stack of 16 KiB: four order-0 frames, vmalloc'ed. */
int stack_alloc(struct kmem *k, struct ctx *ctx, uint32_t owner,
		pfn_t ret_pages[4]);
void stack_free(struct kmem *k, struct ctx *ctx, const pfn_t pages[4]);

/*
 * Memory in use before the first process ([boot]): slab objects that add up
 * to the given bytes (dentries and inodes, kmalloc), and @other bytes of
 * kernel pages. Return: 0, ENOMEM, host errno.
 */
int kmem_boot(struct kmem *k, struct ctx *ctx, uint64_t reclaimable_bytes,
	      uint64_t unreclaimable_bytes, uint64_t other_bytes);

#endif
