// SPDX-License-Identifier: Apache-2.0
/*
 * inject: a zone, a list or a counter is put in a wanted state by the means
 * that the machine has: kernel pages taken and given back, pages of a process
 * called `inject`, files below /.inject, folios moved to their other list. So
 * all files agree, and what was injected can be undone by kill and rm.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/task/kernel-alloc.h"

#define HOLDER	  "inject"
#define TABLES(n) ((n) / 256 + 64) /* pages beside @n that it may take */

static const char *const list_names[NR_LRU] = {
	[LRU_INACTIVE_ANON] = "inactive_anon",
	[LRU_ACTIVE_ANON] = "active_anon",
	[LRU_INACTIVE_FILE] = "inactive_file",
	[LRU_ACTIVE_FILE] = "active_file",
	[LRU_UNEVICTABLE] = "unevictable",
};

static const char *const event_names[NR_EVENTS] = {
#define EVENT(id, name) [id] = name,
#include "vmcore/base/vmstat.def"
};

/* "0/Normal": the node, what follows in @ret_name. MAX_NODES: no such. */
static unsigned node_of(const struct phys *p, const char *which,
			const char **ret_name)
{
	unsigned node = 0;

	if (*which < '0' || *which > '9')
		return MAX_NODES;
	for (; *which >= '0' && *which <= '9' && node < MAX_NODES; which++)
		node = node * 10 + (unsigned)(*which - '0');
	if (*which != '/' || node >= p->nr_nodes)
		return MAX_NODES;
	*ret_name = which + 1;
	return node;
}

/* --- a zone: pages of the kernel's ------------------------------------------
 */
static int zone_of(const struct phys *p, const char *which)
{
	const char *name;
	unsigned node = node_of(p, which, &name), type = 0;

	for (; node < MAX_NODES && type < MAX_ZONES_PER_NODE; type++)
		if (!strcmp(name, zone_name(p, type)) &&
		    p->zones[node * MAX_ZONES_PER_NODE + type].managed)
			return (int)(node * MAX_ZONES_PER_NODE + type);
	return -1;
}

/* Take @pages more; they are a list like those of alloc_pages. */
static int hold_pages(struct tasks *t, struct ctx *ctx, unsigned z, uint32_t id,
		      uint64_t pages)
{
	struct phys *p = t->space->phys;
	struct kernel_alloc *k = kernel_at(t, id);
	int r = 0;

	for (; pages && !r; pages--) {
		pfn_t pfn;

		r = zone_alloc(p, ctx, z, &pfn);
		if (r)
			break;
		frame_at(p, pfn)->owner = id;
		frame_at(p, pfn)->next = k->first;
		if (k->last == PFN_NONE)
			k->last = pfn;
		k->first = pfn;
		k->nr++;
	}
	return r;
}

/* Give back as many; what is missing then. */
static uint64_t drop_pages(struct tasks *t, struct ctx *ctx, uint32_t id,
			   uint64_t pages)
{
	struct phys *p = t->space->phys;
	struct kernel_alloc *k = kernel_at(t, id);

	for (; pages && k->nr; pages--) {
		pfn_t pfn = k->first;

		k->first = frame_at(p, pfn)->next;
		k->nr--;
		page_free(p, ctx, pfn, 0);
	}
	if (!k->nr)
		k->last = PFN_NONE;
	pcp_drain_all(p);
	return pages;
}

/* Reclaim looks for more in the zone; it may give up, nobody is killed. */
static int need_pages(struct ctx *ctx, unsigned z)
{
	static const uint32_t bits[MAX_ZONES_PER_NODE] = {
		[ZONE_DMA] = GFP_BIT_DMA,
		[ZONE_DMA32] = GFP_BIT_DMA32,
		[ZONE_MOVABLE] = GFP_BIT_HIGHMEM | GFP_BIT_MOVABLE,
	};

	ctx->need = (struct need){
		.gfp = GFP_KERNEL | GFP_BIT_RETRY_MAYFAIL |
		       bits[z % MAX_ZONES_PER_NODE],
		.nodes = 1u << z / MAX_ZONES_PER_NODE,
	};
	return NEED_MEMORY;
}

static int inject_zone(struct tasks *t, struct ctx *ctx, const struct op *op)
{
	struct phys *p = t->space->phys;
	uint64_t wanted = op->size >> PAGE_SHIFT, free;
	int z = zone_of(p, op->region2), r = 0;
	char name[REGION_LEN + 1];
	uint32_t id;

	if (z < 0)
		return EINVAL;
	if (wanted > p->zones[z].managed)
		return ENOMEM;
	/* No script can say this name. */
	snprintf(name, sizeof(name), "~%s", op->region2);
	name[REGION_LEN - 1] = '\0';
	id = kernel_find(t, name);
	if (!id)
		r = kernel_new(t, KERNEL_PAGES, name, &id);
	if (r)
		return r;
	pcp_drain_all(p);
	free = (uint64_t)p->stat.zone[z][NR_FREE_PAGES];
	if (free > wanted)
		r = hold_pages(t, ctx, (unsigned)z, id, free - wanted);
	else if (drop_pages(t, ctx, id, wanted - free))
		r = need_pages(ctx, (unsigned)z);
	if (!kernel_at(t, id)->nr)
		kernel_forget(t, id);
	return r;
}

/* --- a list -----------------------------------------------------------------
 */
/* May @pages go without anybody's having to be reclaimed? */
static bool room_for(const struct phys *p, unsigned node, uint64_t pages)
{
	uint64_t room = 0;

	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++) {
		unsigned z = node * MAX_ZONES_PER_NODE + i;
		const struct zone *zone = &p->zones[z];
		uint64_t free = (uint64_t)p->stat.zone[z][NR_FREE_PAGES];
		uint64_t kept =
			zone_wmark(zone, WMARK_HIGH) +
			zone->reserve[p->i386 ? ZONE_MOVABLE : ZONE_NORMAL];

		if (zone->managed && free > kept)
			room += free - kept;
	}
	return room >= pages + TABLES(pages);
}

/* The process that has what is injected, made when it is missing. */
static int holder(struct tasks *t, struct ctx *ctx, uint32_t *ret_mm)
{
	uint32_t id = task_named(t, HOLDER), mm;
	int r;

	if (id && task_at(t, id)->mm) {
		*ret_mm = task_at(t, id)->mm;
		return 0;
	}
	r = mm_new(t->space, ctx, &mm);
	if (r)
		return r;
	r = task_new(t, ctx, HOLDER, 1, false, &id);
	if (r) {
		mm_free(t->space, ctx, mm);
		return r;
	}
	task_at(t, id)->mm = mm;
	*ret_mm = mm;
	return 0;
}

/* A page of the holder, on the list it belongs to. */
static int anon_page(struct tasks *t, struct ctx *ctx, uint32_t mm,
		     uint64_t addr, enum lru lru)
{
	struct fault_result f;
	pfn_t page;
	int r = memory_access(t->memory, ctx, mm, addr, FAULT_FLAG_WRITE,
			      CONTENT_OWN, &f);

	if (r || lru == LRU_UNEVICTABLE)
		return r;
	page = PTE_PFN(pte_get(t->space, mm_at(t->space, mm), addr));
	lru_place(t->space->control, page, lru == LRU_ACTIVE_ANON);
	return 0;
}

static int grow_anon(struct tasks *t, struct ctx *ctx, enum lru lru,
		     uint64_t pages)
{
	struct mmap_args args = { .len = pages << PAGE_SHIFT,
				  .prot = VM_READ | VM_WRITE,
				  .flags = MAP_NORESERVE };
	uint64_t start, at;
	uint32_t mm;
	int r = holder(t, ctx, &mm);

	if (!r)
		r = memory_mmap(t->memory, ctx, mm, &args, &start);
	if (r)
		return r;
	r = memory_madvise(t->memory, ctx, mm, start, args.len,
			   MADV_NOHUGEPAGE);
	if (!r && lru == LRU_UNEVICTABLE)
		r = memory_mlock(t->memory, ctx, mm, start, args.len, true,
				 false);
	for (at = start; !r && at < start + args.len; at += PAGE_SIZE)
		r = anon_page(t, ctx, mm, at, lru);
	if (r)
		memory_munmap(t->memory, ctx, mm, start, args.len);
	return r;
}

static int grow_file(struct tasks *t, struct ctx *ctx, const struct op *op,
		     enum lru lru, uint64_t pages)
{
	struct cache *c = t->space->cache;
	unsigned n = 0;
	char path[64];
	uint32_t inode;
	pfn_t folio;
	int r;

	do
		snprintf(path, sizeof(path), "/.inject/%s.%u", op->region2,
			 n++);
	while (inode_find(c, path));
	r = inode_make(c, ctx, path, pages << PAGE_SHIFT, &inode);
	if (r)
		return r;
	for (uint64_t i = 0; i < pages && !r; i++) {
		r = cache_fill(c, ctx, inode, i, &folio);
		if (!r && lru == LRU_ACTIVE_FILE)
			lru_place(t->space->control, folio, true);
	}
	if (r)
		inode_unlink(c, ctx, inode);
	return r;
}

/* Pages that the holder had locked are no longer. */
static int unlock_pages(struct tasks *t, struct ctx *ctx, uint64_t pages)
{
	uint32_t id = task_named(t, HOLDER), mm = id ? task_at(t, id)->mm : 0;
	uint64_t bytes = pages << PAGE_SHIFT, len;
	uint32_t v = mm ? vma_first(t->space, mm) : 0;
	int r = 0;

	while (v && bytes && !r) {
		const struct vma *vma = vma_at(t->space, v);
		uint64_t start = vma->start;

		len = vma->end - start < bytes ? vma->end - start : bytes;
		v = vma_next(t->space, v);
		if (!(vma->flags & VM_LOCKED))
			continue;
		r = memory_mlock(t->memory, ctx, mm, start, len, false, false);
		bytes -= len;
		v = vma_find(t->space, mm, start + len);
	}
	return r ? r : bytes ? ENOMEM : 0;
}

static uint64_t list_pages(const struct tasks *t, unsigned node, enum lru lru)
{
	return (uint64_t)
		t->space->phys->stat.node[node][NR_INACTIVE_ANON + lru];
}

/* Clean pages of files that nobody maps go, the oldest first. */
static void drop_files(struct tasks *t, struct ctx *ctx, unsigned node,
		       uint64_t pages)
{
	static const uint32_t busy = PG_DIRTY | PG_WRITEBACK | PG_LOCKED;
	struct control *c = t->space->control;
	const struct phys *p = t->space->phys;
	uint32_t group = GROUP_ROOT;

	for (; group; group = group_next(c, GROUP_ROOT, group)) {
		const struct lru_list *l = &group_at(c, group)
						    ->lruvec[node]
						    .list[LRU_INACTIVE_FILE];
		pfn_t folio = l->tail, before;

		for (; folio != PFN_NONE && pages; folio = before) {
			const struct frame *f = frame_at(p, folio);
			uint64_t nr = 1ull << frame_order(f);

			before = f->prev;
			if (nr > pages || frame_type(f) != FRAME_FILE ||
			    f->word & busy || folio_mapped(p, folio) ||
			    folio_pinned(t->space->cache, folio))
				continue;
			pages -= nr;
			cache_remove(t->space->cache, ctx, folio, false);
		}
	}
}

static int cut_list(struct tasks *t, struct ctx *ctx, unsigned node,
		    enum lru lru, uint64_t pages)
{
	if (lru == LRU_UNEVICTABLE)
		return unlock_pages(t, ctx, pages);
	if (lru == LRU_INACTIVE_FILE) {
		uint64_t before = list_pages(t, node, lru), gone;

		drop_files(t, ctx, node, pages);
		gone = before - list_pages(t, node, lru);
		pages -= gone < pages ? gone : pages;
	}
	lru_shift(t->space->control, node, lru, pages);
	return 0;
}

static int grow_list(struct tasks *t, struct ctx *ctx, const struct op *op,
		     enum lru lru, uint64_t pages)
{
	int r;

	if (lru == LRU_INACTIVE_FILE || lru == LRU_ACTIVE_FILE)
		r = grow_file(t, ctx, op, lru, pages);
	else
		r = grow_anon(t, ctx, lru, pages);
	return r >= OUTCOME_BASE ? ENOMEM : r;
}

static int inject_list(struct tasks *t, struct ctx *ctx, const struct op *op)
{
	const struct phys *p = t->space->phys;
	uint64_t wanted = op->size >> PAGE_SHIFT;
	const int64_t *now;
	const char *name;
	unsigned node = node_of(p, op->region2, &name), lru = 0;
	int r = 0;

	while (node < MAX_NODES && lru < NR_LRU &&
	       strcmp(name, list_names[lru]))
		lru++;
	if (node == MAX_NODES || lru == NR_LRU)
		return EINVAL;
	now = &p->stat.node[node][NR_INACTIVE_ANON + lru];
	/* Before anything is changed. */
	if (wanted > (uint64_t)*now &&
	    !room_for(p, node, wanted - (uint64_t)*now))
		return ENOMEM;
	ctx->node = (uint16_t)node;
	if (wanted < (uint64_t)*now)
		r = cut_list(t, ctx, node, (enum lru)lru,
			     (uint64_t)*now - wanted);
	/* Also what whole folios left open. */
	if (!r && wanted > (uint64_t)*now)
		r = grow_list(t, ctx, op, (enum lru)lru,
			      wanted - (uint64_t)*now);
	return r;
}

/* --- a counter --------------------------------------------------------------
 */
static int inject_counter(struct tasks *t, const struct op *op)
{
	for (unsigned i = 0; i < NR_EVENTS; i++)
		if (!strcmp(event_names[i], op->region2)) {
			t->space->phys->stat.event[i] = op->size;
			return 0;
		}
	return EINVAL;
}

int op_inject(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	switch ((enum inject_kind)a->op.advice) {
	case INJECT_ZONE:
		return inject_zone(t, ctx, &a->op);
	case INJECT_LIST:
		return inject_list(t, ctx, &a->op);
	case INJECT_COUNTER:
		return inject_counter(t, &a->op);
	}
	return EINVAL;
}
