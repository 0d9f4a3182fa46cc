// SPDX-License-Identifier: Apache-2.0
/*
 * Where the cache ends before and behind a page: page_cache_next_miss(),
 * page_cache_prev_miss() (mm/filemap.c). Both walk slot by slot from the slot
 * of the first folio's head, but count from the page they were asked for
 * (xas_load() turns to the head's slot and keeps the index). So from within a
 * large folio the hole seems to lie farther off than it does, until the walk
 * comes to another node and looks the slot up by the index.
 */
#include "vmcore/cache/cache-internal.h"

/* What the walk looks at, and what it takes that for. */
struct walk {
	uint64_t slot, index;
};

static bool cached(const struct cache *c, uint32_t inode, uint64_t index)
{
	return cache_find(c, inode, index) != PFN_NONE;
}

/* A folio of a node or more has a slot higher up, where all its pages are
 * one: no difference. */
static struct walk walk_from(const struct cache *c, uint32_t inode,
			     uint64_t index)
{
	struct walk w = { index, index };
	pfn_t folio = cache_find(c, inode, index);

	if (folio != PFN_NONE &&
	    frame_order(frame_at(c->phys, folio)) < XA_SHIFT)
		w.slot = frame_at(c->phys, folio)->index;
	return w;
}

uint64_t hole_behind(const struct cache *c, uint32_t inode, uint64_t index,
		     uint64_t max)
{
	struct walk w = walk_from(c, inode, index);

	while (max--) {
		if (!cached(c, inode, w.slot))
			return w.index;
		w.index++;
		if ((w.slot & (XA_SLOTS - 1)) == XA_SLOTS - 1)
			w.slot = w.index;
		else
			w.slot++;
	}
	return w.index;
}

/* xas_prev(); false before the first node. */
static bool walk_back(struct walk *w)
{
	uint64_t offset = --w->index & (XA_SLOTS - 1);

	if (w->slot & (XA_SLOTS - 1)) {
		w->slot--;
		return true;
	}
	if (!offset)
		return true;
	if (!w->slot)
		return false;
	w->slot = w->slot - XA_SLOTS + offset;
	return true;
}

uint64_t cached_before(const struct cache *c, uint32_t inode, uint64_t index,
		       uint64_t max, bool *ret_whole)
{
	struct walk w = walk_from(c, inode, index - 1);
	uint64_t n = 0;

	*ret_whole = false;
	while (n < max && cached(c, inode, w.slot)) {
		n++;
		if (n == index) {
			*ret_whole = n < max;
			break;
		}
		if (!walk_back(&w))
			break;
	}
	return n;
}
