/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SWAP_INTERNAL_H
#define VMCORE_SWAP_INTERNAL_H

#include "vmcore/cache/cache-internal.h"

/*
 * DOC: what the files of swap share.
 *
 * Models:  mm/swap.h, mm/swap_table.h of 6.18.
 * Owns:    nothing.
 * Units:   slots.
 * Order:   does not apply.
 * Omits:   what other floors may call: swap.h.
 */
static inline struct swap_cluster *cluster_at(const struct cache *c,
					      uint32_t id)
{
	return pool_at(&c->swap_clusters, id);
}

static inline struct swap_map *swap_map_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->swap_maps, id);
}

/* A cluster of an area by its place in it; 0: never used. */
static inline uint32_t cluster_find(const struct cache *c, uint32_t area,
				    uint32_t index)
{
	uint32_t dir = swap_area_at(&c->swap, area)->dir[index / SWAP_DIR_SIZE];
	const struct swap_dir *d;

	if (!dir)
		return 0;
	d = pool_at(&c->swap_dirs, dir);
	return d->cluster[index % SWAP_DIR_SIZE];
}

struct swap_slot *swap_slot_find(const struct cache *c, swp_t swp);
/* Clusters have gone, or others are there: none is remembered. */
void swap_memo_clear(struct cache *c);
/* The slot's record, NULL if its cluster was never used. */
static inline struct swap_slot *swap_slot_at(const struct cache *c, swp_t swp)
{
	swp_t place = swp >> CLUSTER_SHIFT;
	const struct swap_memo *memo = &c->swap_memo[place % SWAP_MEMO];

	return memo->place == place ? &memo->slot[swp & (CLUSTER_SLOTS - 1)]
				    : swap_slot_find(c, swp);
}

/* Of swap_slot.cached. */
static inline bool slot_has_folio(const struct swap_slot *slot)
{
	return slot->cached && !(slot->cached & 1);
}
static inline pfn_t slot_folio(const struct swap_slot *slot)
{
	return (pfn_t)((uint32_t)slot->cached >> 1);
}
static inline uint32_t slot_io(const struct swap_slot *slot)
{
	return (uint32_t)(slot->cached >> 32);
}
static inline void slot_set_folio(struct swap_slot *slot, pfn_t folio,
				  uint32_t io)
{
	slot->cached = (uint64_t)io << 32 | (uint64_t)folio << 1;
}

/* Of swap_slot.refs. */
static inline uint32_t slot_count(const struct swap_slot *slot)
{
	return slot->refs >> FRAME_GROUP_BITS;
}
static inline uint32_t slot_group(const struct swap_slot *slot)
{
	return slot->refs & FRAME_MAX_GROUP;
}
static inline bool slot_used(const struct swap_slot *slot)
{
	return slot_count(slot) || slot_has_folio(slot);
}

void swap_init(struct cache *c);

/* --- swap-slot.c --------------------------------------------------------- */
/* 2^@order slots in a row, aligned, not in use yet but counted as such. 0,
 * ENOSPC, host errno. */
int slot_alloc(struct cache *c, struct ctx *ctx, unsigned order,
	       swp_t *ret_swp);
/* It has neither references nor a folio any more. */
void slot_free(struct cache *c, swp_t swp);
/* Make the clusters of a new area that have slots which are none. */
int clusters_init(struct cache *c, uint32_t area);
/* Forget all clusters of an area. */
void clusters_fini(struct cache *c, uint32_t area);
/* Where an area goes among those that give out slots, and back out. */
void avail_add(struct swap *s, uint32_t area);
void avail_del(struct swap *s, uint32_t area);

/* --- swap-map.c ----------------------------------------------------------- */
/* There is a map for cluster @id and all below; after a state was loaded, each
 * says what its cluster's slots do. 0, host errno. */
int swap_maps_reach(struct cache *c, uint32_t id);
int swap_maps_make(struct cache *c);
/* @nr slots from @slot on, of cluster @id, are in use, or not any more. */
void swap_map_set(struct cache *c, uint32_t id, uint32_t slot, uint32_t nr,
		  bool used);
/* The first slot of [@slot, @end) that is not, @end none. */
uint32_t swap_map_next(const struct cache *c, uint32_t id, uint32_t slot,
		       uint32_t end);

/* --- swap.c --------------------------------------------------------------- */
/* A page of zeroes that was written with others that are not. */
#define CONTENT_ZERO_WRITTEN 0x80000000u

/* @folio is cached for the slots from @swp on; the shadow that was in that. */
uint64_t swap_cache_add(struct cache *c, pfn_t folio, swp_t swp);
/* It is not any more; @shadow 0: none. Slots nobody references are free. */
void swap_cache_del(struct cache *c, pfn_t folio, uint64_t shadow);
/* A request that @folio of the swap cache waits for, 0 none. */
uint32_t swap_folio_io(const struct cache *c, pfn_t folio);
/* A slot only kept for a page in memory becomes free (TTRS_ANYWAY). */
bool swap_reclaim_slot(struct cache *c, struct ctx *ctx, swp_t swp);
/* The folio in no cache and no table any more goes. */
void swap_folio_free(struct cache *c, struct ctx *ctx, pfn_t folio);

/* --- shmem-swap.c ----------------------------------------------------------
 */
/* The folio leaves its file, whose tree has @swp instead. */
void shmem_to_swap(struct cache *c, struct ctx *ctx, pfn_t folio, swp_t swp);

#endif
