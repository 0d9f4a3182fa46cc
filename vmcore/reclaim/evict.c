// SPDX-License-Identifier: Apache-2.0
/* The fate of one isolated folio: shrink_folio_list() of mm/vmscan.c. */
#include "vmcore/cache/swap.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/unmap.h"

enum fate {
	FATE_KEEP,
	FATE_ACTIVATE,
	FATE_FREED,
	FATE_DEMOTED,
	FATE_SPLIT, /* no room for all of it: thp_swpout_fallback */
	FATE_SPLIT_QUIETLY,
	FATE_GO_ON
};

struct victim {
	struct space *s;
	struct ctx *ctx;
	struct scan *sc;
	struct fates *fates;
	struct frame *f;
	pfn_t folio;
	const struct rmap_spot *at; /* NULL: not known */
	uint64_t pages;
};

/* Under writeback already. */
static enum fate in_writeback(struct victim *v)
{
	if (scan_policy(v->s)->dirty_stay) {
		v->f->word |= PG_RECLAIM;
		v->fates->writeback += v->pages;
		return FATE_KEEP;
	}
	if (v->sc->who == SCAN_KSWAPD && (v->f->word & PG_RECLAIM) &&
	    v->s->phys->nodes[v->sc->node].reclaim_writeback) {
		v->fates->immediate += v->pages;
		return FATE_ACTIVATE;
	}
	v->f->word |= PG_RECLAIM;
	v->fates->writeback += v->pages;
	return FATE_ACTIVATE;
}

/* A place in the swap for anonymous memory. */
static enum fate find_swap(struct victim *v)
{
	if (frame_type(v->f) != FRAME_ANON || folio_is_file(v->f) ||
	    v->f->word & PG_SWAPCACHE)
		return FATE_GO_ON;
	if (!(v->sc->gfp & GFP_BIT_IO))
		return FATE_KEEP;
	/* What nobody maps of it can go without being written. */
	if (v->f->word & PG_DEFERRED && v->f->word & PG_PARTIAL)
		return FATE_SPLIT_QUIETLY;
	if (!v->sc->may_swap || swap_add_folio(v->s->cache, v->ctx, v->folio))
		return frame_order(v->f) ? FATE_SPLIT : FATE_ACTIVATE;
	v->f->word |= PG_DIRTY;
	return FATE_GO_ON;
}

static enum fate unmap(struct victim *v)
{
	if (!folio_mapped(v->s->phys, v->folio))
		return FATE_GO_ON;
	folio_unmap(v->s, v->ctx, v->folio, v->at);
	return folio_mapped(v->s->phys, v->folio) ? FATE_ACTIVATE : FATE_GO_ON;
}

/* A large folio of shared memory that its file's end is in. */
static bool crosses_end(const struct victim *v)
{
	const struct inode *inode;
	uint64_t end;

	if (!frame_order(v->f) || frame_type(v->f) != FRAME_FILE ||
	    !v->f->owner)
		return false;
	inode = inode_at(v->s->cache, v->f->owner);
	end = (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return end > v->f->index && end < v->f->index + v->pages;
}

/* Start writing; it goes on when that is over at once. Shared memory leaves
 * its file for a place in the swap first. */
static enum fate page_out(struct victim *v)
{
	struct cache *c = v->s->cache;

	if (!(v->f->word & PG_SWAPCACHE) &&
	    (crosses_end(v) || swap_add_folio(c, v->ctx, v->folio)))
		return frame_order(v->f) ? FATE_SPLIT_QUIETLY : FATE_ACTIVATE;
	v->f->word |= PG_RECLAIM;
	if (swap_write_folio(c, v->ctx, v->folio)) {
		v->f->word &= ~PG_RECLAIM;
		return FATE_ACTIVATE;
	}
	vmstat_node(&v->s->phys->stat, v->sc->node, NR_VMSCAN_WRITE,
		    (int64_t)v->pages);
	v->fates->pageout += v->pages;
	ctx_pay(v->ctx, COST_PAGEOUT, v->pages);
	if (v->f->word & PG_WRITEBACK && frame_order(v->f))
		thp_count(v->s, frame_order(v->f), THP_STAT_SWPOUT);
	if (v->f->word & (PG_WRITEBACK | PG_DIRTY))
		return FATE_KEEP;
	v->f->word &= ~PG_RECLAIM;
	return FATE_GO_ON;
}

/* Clean pages of files and of the swap cache can wait to be freed. */
static bool keeps_place(const struct frame *f)
{
	return frame_type(f) == FRAME_FILE || f->word & PG_SWAPCACHE;
}

static enum fate clean(struct victim *v, enum reference ref)
{
	if (!(v->f->word & PG_DIRTY))
		return FATE_GO_ON;
	/* Files are the flusher's: next time round it goes at once. */
	if (folio_is_file(v->f)) {
		vmstat_node(&v->s->phys->stat, v->sc->node, NR_VMSCAN_IMMEDIATE,
			    (int64_t)v->pages);
		v->f->word |= PG_RECLAIM;
		return scan_policy(v->s)->dirty_stay ? FATE_KEEP
						     : FATE_ACTIVATE;
	}
	if (ref == REF_RECLAIM_CLEAN || !v->sc->may_writepage ||
	    !(v->sc->gfp & (GFP_BIT_FS | GFP_BIT_IO)))
		return FATE_KEEP;
	/* is_page_cache_freeable() of pageout() */
	if (keeps_place(v->f) && folio_awaited(v->s->cache, v->f))
		return FATE_KEEP;
	return page_out(v);
}

static void count(struct victim *v, enum event item)
{
	vmstat_event(&v->s->phys->stat, item, v->pages);
	group_event(v->s->control, frame_group(v->f), item, v->pages);
}

/* Out of whatever holds it, with a shadow for what must come back. */
static void release(struct victim *v)
{
	struct space *s = v->s;
	unsigned order = frame_order(v->f);

	if (v->f->word & PG_SWAPCACHE) {
		swap_evict_folio(s->cache, v->ctx, v->folio,
				 scan_target(v->sc));
		return;
	}
	if (frame_type(v->f) == FRAME_FILE) {
		cache_evict(s->cache, v->ctx, v->folio, scan_target(v->sc));
		return;
	}
	count(v, PGLAZYFREED);
	thp_undefer(s, v->folio);
	lru_release(s->control, v->folio);
	group_uncharge(s->control, frame_group(v->f), (uint32_t)v->pages);
	page_free(s->phys, v->ctx, v->folio, order);
}

static enum fate decide(struct victim *v, bool ignore_references)
{
	uint32_t word = v->f->word;
	enum reference ref = REF_RECLAIM;
	enum fate fate = FATE_GO_ON;

	if (word & PG_LOCKED)
		return FATE_KEEP;
	v->sc->nr_scanned += v->pages;
	if (word & (PG_MLOCKED | PG_UNEVICTABLE))
		return FATE_ACTIVATE;
	if (v->sc->no_unmap && folio_mapped(v->s->phys, v->folio))
		return FATE_KEEP;
	if (word & (PG_DIRTY | PG_WRITEBACK))
		v->fates->dirty += v->pages;
	if ((word & (PG_DIRTY | PG_WRITEBACK)) == PG_DIRTY)
		v->fates->unqueued_dirty += v->pages;
	if ((word & PG_WRITEBACK) && (word & PG_RECLAIM))
		v->fates->congested += v->pages;
	if (word & PG_WRITEBACK)
		return in_writeback(v);
	if (!ignore_references)
		ref = scan_policy(v->s)->references(v->s, v->sc, v->folio,
						    v->at);
	if (ref == REF_ACTIVATE)
		return FATE_ACTIVATE;
	if (ref == REF_KEEP)
		return FATE_KEEP;
	if (folio_demote(v->s, v->ctx, v->sc, v->folio))
		return FATE_DEMOTED;
	fate = find_swap(v);
	if (fate == FATE_GO_ON)
		fate = unmap(v);
	if (fate == FATE_GO_ON)
		fate = clean(v, ref);
	/* filemap_release_folio() of buffers that the journal holds */
	if (fate == FATE_GO_ON && folio_pinned(v->s->cache, v->folio))
		return FATE_ACTIVATE;
	if (fate == FATE_GO_ON && keeps_place(v->f) &&
	    folio_awaited(v->s->cache, v->f))
		fate = FATE_KEEP;
	return fate == FATE_GO_ON ? FATE_FREED : fate;
}

/*
 * A large folio goes to swap page by page where slots are not given out in
 * rows (a swap file), or there is no row left; its pages are taken from the end
 * of the list they are put on.
 */
static uint64_t evict_pages(struct victim *v, bool ignore_references,
			    bool no_room)
{
	struct space *s = v->s;
	unsigned order = frame_order(v->f);
	uint64_t freed = 0;

	if (!folio_split(s, v->ctx, v->folio)) {
		v->f->word |= PG_ACTIVE;
		lru_add(s->control, v->folio);
		return 0;
	}
	if (no_room && order == HPAGE_ORDER) {
		vmstat_event(&s->phys->stat, THP_SWPOUT_FALLBACK, 1);
		group_event(s->control, frame_group(v->f), THP_SWPOUT_FALLBACK,
			    1);
	}
	if (no_room)
		thp_count(s, order, THP_STAT_SWPOUT_FALLBACK);
	v->sc->nr_scanned -= v->pages;
	for (uint64_t n = 0; n < v->pages; n++) {
		pfn_t page = v->folio + (pfn_t)(n ? v->pages - n : 0);

		enum frame_type type = frame_type(frame_at(s->phys, page));

		/* Some were freed when they were split off. */
		if (type == FRAME_ANON || type == FRAME_FILE)
			freed += evict_folio(s, v->ctx, v->sc, page, NULL,
					     ignore_references, v->fates);
		else
			freed++;
	}
	return freed;
}

uint64_t evict_folio(struct space *s, struct ctx *ctx, struct scan *sc,
		     pfn_t folio, const struct rmap_spot *at,
		     bool ignore_references, struct fates *fates)
{
	struct frame *f = frame_at(s->phys, folio);
	struct victim v = { s, ctx,   sc, fates,
			    f, folio, at, 1ull << frame_order(f) };
	enum fate fate;

	fate = decide(&v, ignore_references);
	if (fate == FATE_DEMOTED)
		return v.pages;
	if (fate == FATE_SPLIT || fate == FATE_SPLIT_QUIETLY)
		return evict_pages(&v, ignore_references, fate == FATE_SPLIT);
	if (fate == FATE_FREED && sc->launder && keeps_place(v.f)) {
		lru_launder(s->control, folio);
		return 0;
	}
	if (fate == FATE_FREED) {
		release(&v);
		return v.pages;
	}
	if (fate == FATE_ACTIVATE) {
		if ((v.f->word & PG_SWAPCACHE) &&
		    swap_full(s->cache, frame_group(v.f)))
			swap_free_folio(s->cache, ctx, folio);
		if (!(v.f->word & PG_MLOCKED)) {
			v.f->word |= PG_ACTIVE;
			fates->activate += v.pages;
			count(&v, PGACTIVATE);
		}
	}
	scan_putback(s, folio);
	return 0;
}

void scan_putback(struct space *s, pfn_t folio)
{
	const struct scan_policy *policy = scan_policy(s);

	if (policy->putback)
		policy->putback(s, folio);
	lru_add(s->control, folio);
}

uint64_t reclaim_folio(struct space *s, struct ctx *ctx, pfn_t folio)
{
	struct scan sc = { .who = SCAN_DIRECT,
			   .gfp = GFP_KERNEL,
			   .may_writepage = 1,
			   .may_swap = 1,
			   .no_demotion = 1,
			   .node = pfn_node(s->phys, folio) };
	struct fates fates = { 0 };
	struct frame *f = frame_at(s->phys, folio);

	if (!(f->word & PG_LRU) || f->word & PG_UNEVICTABLE)
		return 0;
	lru_isolate(s->control, folio);
	return evict_folio(s, ctx, &sc, folio, NULL, true, &fates);
}
