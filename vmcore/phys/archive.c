// SPDX-License-Identifier: Apache-2.0
/* Saving, loading and digesting physical memory. Only frames of blocks that
 * were opened have something to say. */
#include "vmcore/phys/inner.h"

#include <errno.h>
#include <string.h>

struct shape {
	uint32_t nr_blocks, max_pfn, nr_nodes, nr_cpus;
};

static int archive_shape(const struct phys *p, struct archive *a)
{
	struct shape mine = { p->nr_blocks, p->max_pfn, p->nr_nodes,
			      p->nr_cpus };
	struct shape theirs = mine;
	int r = archive_bytes(a, &theirs, sizeof(theirs));

	if (!r && memcmp(&mine, &theirs, sizeof(mine)))
		r = -EINVAL;
	return r;
}

static int archive_zone(struct phys *p, struct zone *z, struct archive *a)
{
	int r = archive_bytes(a, z, offsetof(struct zone, pcp));

	if (!r)
		r = archive_bytes(a, z->pcp, p->nr_cpus * sizeof(z->pcp[0]));
	if (!r)
		r = archive_bytes(
			a, &z->compact_considered,
			sizeof(*z) - offsetof(struct zone, compact_considered));
	return r;
}

static int archive_frames(struct phys *p, struct archive *a)
{
	int r = 0;

	for (uint32_t b = 0; !r && b < p->nr_blocks; b++) {
		pfn_t pfn = b << MAX_ORDER;

		if (p->blocks[b].state != BLOCK_OPEN)
			continue;
		if (archive_loading(a))
			r = section_make(p, pfn);
		if (!r)
			r = archive_bytes(a, frame_at(p, pfn),
					  BLOCK_FRAMES * sizeof(struct frame));
	}
	return r;
}

/* What was used before a load must not shine through. */
static void forget_frames(struct phys *p)
{
	for (uint32_t i = 0; i < p->nr_sections; i++)
		if (p->sections[i])
			memset(p->sections[i], 0,
			       SECTION_FRAMES * sizeof(struct frame));
}

static int archive_scalars(struct phys *p, struct archive *a)
{
	uint32_t words[] = { p->totalreserve, p->zero_pfn, p->thp_enabled,
			     p->grouping_off, p->zero_reserved };
	int r = archive_bytes(a, words, sizeof(words));

	if (r)
		return r;
	p->totalreserve = words[0];
	p->zero_pfn = words[1];
	p->thp_enabled = words[2];
	p->grouping_off = words[3];
	p->zero_reserved = words[4];
	return archive_bytes(a, &p->min_free_kbytes,
			     offsetof(struct phys, page_lock_unfairness) +
				     sizeof(p->page_lock_unfairness) -
				     offsetof(struct phys, min_free_kbytes));
}

int phys_archive(struct phys *p, struct archive *a)
{
	int r = archive_shape(p, a);

	if (!r)
		r = archive_scalars(p, a);
	if (!r)
		r = archive_bytes(a, &p->stat, sizeof(p->stat));
	if (!r)
		r = archive_bytes(a, p->nodes, sizeof(p->nodes));
	for (unsigned z = 0; !r && z < MAX_ZONES; z++)
		if (p->zones[z].present)
			r = archive_zone(p, &p->zones[z], a);
	if (!r)
		r = archive_bytes(a, p->blocks,
				  p->nr_blocks * sizeof(*p->blocks));
	if (!r && archive_loading(a))
		forget_frames(p);
	return r ? r : archive_frames(p, a);
}
