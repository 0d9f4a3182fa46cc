// SPDX-License-Identifier: Apache-2.0
/* Which slots are in use, a bit each: who looks for a free one reads a line of
 * the host's memory a cluster, not all its slots. */
#include "vmcore/cache/swap-internal.h"

#include <string.h>

void swap_map_set(struct cache *c, uint32_t id, uint32_t slot, uint32_t nr,
		  bool used)
{
	struct swap_map *map = swap_map_at(c, id);

	for (; nr--; slot++) {
		uint64_t bit = 1ull << slot % 64;
		uint64_t *word = &map->used[slot % CLUSTER_SLOTS / 64];

		*word = used ? *word | bit : *word & ~bit;
	}
}

uint32_t swap_map_next(const struct cache *c, uint32_t id, uint32_t slot,
		       uint32_t end)
{
	const struct swap_map *map = swap_map_at(c, id);

	for (; slot < end; slot = (slot | 63) + 1) {
		uint64_t unused = ~map->used[slot % CLUSTER_SLOTS / 64] >>
				  slot % 64;

		if (unused) {
			slot += (uint32_t)__builtin_ctzll(unused);
			break;
		}
	}
	return slot < end ? slot : end;
}

int swap_maps_reach(struct cache *c, uint32_t id)
{
	uint32_t map;
	int r = 0;

	while (!r && c->swap_maps.top < id)
		r = pool_new(&c->swap_maps, &map);
	return r;
}

int swap_maps_make(struct cache *c)
{
	int r = swap_maps_reach(c, c->swap_clusters.top);

	swap_memo_clear(c);
	for (uint32_t id = 1; id <= c->swap_clusters.top && !r; id++)
		for (uint32_t i = 0; i < CLUSTER_SLOTS; i++)
			swap_map_set(c, id, i, 1,
				     slot_used(&cluster_at(c, id)->slot[i]));
	return r;
}
