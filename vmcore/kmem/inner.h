/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KMEM_INNER_H
#define VMCORE_KMEM_INNER_H

#include "vmcore/kmem/kmem.h"

/*
 * DOC: what the files of this floor share; nobody else includes it.
 *
 * Models:  the static functions of mm/slub.c.
 * Owns:    nothing.
 * Units:   objects, pages.
 * Order:   as kmem.h says.
 * Omits:   see kmem.h.
 */
/* frame.owner of a [boot] block (type FRAME_KERNEL). */
#define KMEM_BOOT (UINT32_MAX - 2)
/* Beside a charged object lies the pointer to its group. */
#define OBJ_CGROUP_BYTES 8u

static inline struct kmem_cpu *kmem_cpu_at(const struct kmem *k, uint32_t cache,
					   unsigned cpu)
{
	return (struct kmem_cpu *)pool_at(&k->cpus, cache + 1) + cpu;
}

/* Objects a slab holds: less than cache.per_slab if it is of min_order. */
static inline uint32_t slab_capacity(const struct kmem_cache *c,
				     const struct frame *f)
{
	return frame_order(f) == c->order
		       ? c->per_slab
		       : (PAGE_SIZE << frame_order(f)) / c->size;
}

/* --- caches.c --- */
/* size, order, per_slab and the limits, from the sizes asked for. */
void cache_layout(struct kmem_cache *c, uint32_t align, uint32_t nr_cpus);

/* --- slab.c: slabs as blocks of pages --- */
/* A new empty slab of the cache. 0, NEED_MEMORY, host errno. */
int slab_new(struct kmem *k, struct ctx *ctx, uint32_t cache, uint32_t gfp,
	     pfn_t *ret_slab);
/* Give an empty slab back. */
void slab_discard(struct kmem *k, struct ctx *ctx, pfn_t slab);
/* Pages of kernel memory that are counted as slab though no cache's. */
void slab_count_pages(struct kmem *k, pfn_t pfn, uint32_t kind, int64_t pages);

/* --- partial.c: lists of partial slabs --- */
/* A slab with a free object for @ctx's CPU, frozen. PFN_NONE: none is left. */
pfn_t partial_take(struct kmem *k, const struct ctx *ctx, uint32_t cache);
/* A full slab lost an object: keep it with the CPU. */
void partial_put_cpu(struct kmem *k, struct ctx *ctx, uint32_t cache,
		     pfn_t slab);
/* A slab of a node's list lost an object. */
void partial_freed(struct kmem *k, struct ctx *ctx, uint32_t cache, pfn_t slab);

/* --- charge.c --- */
/* Is what @ctx allocates from @c charged to a group? */
bool obj_charged(const struct ctx *ctx, const struct kmem_cache *c);
/* Charge objects to ctx->group. On 0 the next charge_note() has an entry. */
int obj_charge(struct kmem *k, struct ctx *ctx, const struct kmem_cache *c,
	       uint32_t count);
/* Take the charge back. */
void obj_uncharge(struct kmem *k, const struct kmem_cache *c, uint32_t group,
		  uint32_t count);
/* Note @count objects of @group in the list that begins at *@head. */
void charge_note(struct kmem *k, uint32_t *head, uint32_t group,
		 uint32_t count);
/* Objects noted in a list. */
uint64_t charge_sum(const struct kmem *k, uint32_t head);
/*
 * Forget one of the @in_use objects the list is about: @group's, else
 * nobody's, else the first one's. Return: whose it was, 0: nobody's.
 */
uint32_t charge_drop(struct kmem *k, uint32_t *head, uint32_t group,
		     uint64_t in_use);

#endif
