// SPDX-License-Identifier: Apache-2.0
/* Who is dirty, and how much may be (mm/page-writeback.c). */
#include "vmcore/cache/cache-internal.h"

static void write_pending(struct cache *c, pfn_t folio, int64_t delta)
{
	vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio),
		    NR_ZONE_WRITE_PENDING, delta);
}

void folio_mark_dirty(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);
	int64_t nr = (int64_t)frame_pages(f);

	/* folio_mark_dirty() takes back what readahead or reclaim wanted. */
	f->word &= ~PG_RECLAIM;
	if (f->word & PG_DIRTY)
		return;
	f->word |= PG_DIRTY;
	if (inode->kind == INODE_SHMEM)
		return;
	folio_stat(c, f, folio, NR_FILE_DIRTY, 1);
	write_pending(c, folio, nr);
	vmstat_node(&c->phys->stat, pfn_node(c->phys, folio), NR_DIRTIED, nr);
	wb_dirtied(c, ctx, f->owner, (uint64_t)nr);
}

void folio_clear_dirty(struct cache *c, pfn_t folio, bool cancel)
{
	struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);

	if (!(f->word & PG_DIRTY))
		return;
	f->word &= ~PG_DIRTY;
	if (inode->kind == INODE_SHMEM)
		return;
	folio_stat(c, f, folio, NR_FILE_DIRTY, -1);
	if (cancel)
		write_pending(c, folio, -(int64_t)frame_pages(f));
	wb_cleaned(c, f->owner, frame_pages(f));
}

void folio_end_writeback(struct cache *c, pfn_t folio, vtime_t now)
{
	struct frame *f = frame_at(c->phys, folio);
	int64_t nr = (int64_t)frame_pages(f);
	bool reclaim = f->word & PG_RECLAIM;

	f->word &= ~(PG_WRITEBACK | PG_RECLAIM);
	f->private = 0;
	folio_stat(c, f, folio, NR_WRITEBACK, -1);
	write_pending(c, folio, -nr);
	node_written(c->phys, pfn_node(c->phys, folio), (uint64_t)nr);
	wb_written(c, now, f->owner, (uint64_t)nr);
	if (reclaim)
		lru_rotate(c->control, folio);
}

/* highmem_dirtyable_memory(): on i386 dirty pages do not count on HighMem. */
static uint64_t highmem_dirtyable(const struct phys *p)
{
	uint64_t sum = 0;

	for (unsigned i = 0; p->i386 && i < MAX_ZONES; i++) {
		const struct zone *z = &p->zones[i];
		const int64_t *stat = p->stat.zone[i];
		uint64_t free = (uint64_t)stat[NR_FREE_PAGES];
		uint64_t high = z->wmark[WMARK_HIGH] + (uint64_t)z->boost;

		if (!z->managed || z->type != ZONE_MOVABLE)
			continue;
		sum += free > high ? free - high : 0;
		sum += (uint64_t)(stat[NR_ZONE_INACTIVE_FILE] +
				  stat[NR_ZONE_ACTIVE_FILE]);
	}
	return sum;
}

/* global_dirtyable_memory() */
static uint64_t dirtyable(const struct phys *p)
{
	const struct vmstat *v = &p->stat;
	uint64_t x = (uint64_t)vmstat_zone_sum(v, NR_FREE_PAGES), high;

	x -= p->totalreserve < x ? p->totalreserve : x;
	x += (uint64_t)(vmstat_node_sum(v, NR_INACTIVE_FILE) +
			vmstat_node_sum(v, NR_ACTIVE_FILE));
	high = highmem_dirtyable(p);
	return x - (high < x ? high : x) + 1;
}

/* node_dirtyable_memory(): HighMem counts here. */
static uint64_t node_dirtyable(const struct phys *p, unsigned node)
{
	const int64_t *stat = p->stat.node[node];
	uint64_t free = 0, reserve = 0;

	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++) {
		unsigned zone = node * MAX_ZONES_PER_NODE + i;
		const struct zone *z = &p->zones[zone];
		uint64_t most = 0;

		for (unsigned t = i; t < MAX_ZONES_PER_NODE; t++)
			if (z->reserve[t] > most)
				most = z->reserve[t];
		most += zone_wmark(z, WMARK_HIGH);
		reserve += most < z->managed ? most : z->managed;
		free += (uint64_t)p->stat.zone[zone][NR_FREE_PAGES];
	}
	free -= reserve < free ? reserve : free;
	return free + (uint64_t)(stat[NR_INACTIVE_FILE] + stat[NR_ACTIVE_FILE]);
}

/* node_dirty_limit(); 0 would mean that there is none. */
void dirty_node_limits(struct cache *c)
{
	struct phys *p = c->phys;
	uint64_t pages = 0, memory = 1, n, most;

	if (c->dirty_bytes) {
		pages = (c->dirty_bytes - 1) / PAGE_SIZE + 1;
		memory = dirtyable(p);
	}
	for (unsigned i = 0; i < p->nr_nodes; i++) {
		n = node_dirtyable(p, i);
		/* More than all there is: the product would not fit. */
		if (c->dirty_bytes && pages >= memory)
			most = n;
		else if (c->dirty_bytes)
			most = pages * n / memory;
		else
			most = n * (uint64_t)c->dirty_ratio / 100;
		p->nodes[i].dirty_limit = most ? (uint32_t)most : 1;
	}
}

static uint64_t limit(uint64_t bytes, int32_t percent, uint64_t memory)
{
	uint64_t ratio = (uint64_t)percent * PAGE_SIZE / 100;

	if (bytes)
		return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0);
	return ratio * memory / PAGE_SIZE;
}

/* domain_dirty_limits() */
void dirty_limits(const struct cache *c, uint64_t *ret_background,
		  uint64_t *ret_threshold)
{
	uint64_t memory = dirtyable(c->phys);
	uint64_t thresh = limit(c->dirty_bytes, c->dirty_ratio, memory);
	uint64_t bg = limit(c->dirty_background_bytes,
			    c->dirty_background_ratio, memory);

	if (bg >= thresh)
		bg = thresh / 2;
	*ret_background = bg;
	*ret_threshold = thresh < UINT32_MAX ? thresh : UINT32_MAX;
}
