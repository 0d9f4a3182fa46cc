// SPDX-License-Identifier: Apache-2.0
/*
 * Pages come back from swap, with those near them: mm/swap_state.c, and as far
 * as reading goes mm/page_io.c. Near is by slot where a disk rotates, else by
 * address.
 *
 * Memory may run out in the middle of a window: swap.window keeps it, so that
 * the repeated step goes on with it and still counts as a read.
 */
#include "vmcore/cache/swap-internal.h"

#define RA_ORDER_CEILING 5u
#define RA_HITS_MAX	 63u
/* vma->swap_readahead_info: address, window, hits; never set: 4 hits. */
#define RA_FIRST     4u
#define RA_WIN_SHIFT 6u

/* --- how much ---------------------------------------------------------------
 */
/* __swapin_nr_pages() */
static uint32_t nr_pages(uint64_t prev, uint64_t at, uint32_t hits,
			 uint32_t most, uint32_t last)
{
	uint32_t pages = hits + 2;

	if (pages == 2) {
		if (at != prev + 1 && at != prev - 1)
			pages = 1;
	} else {
		uint32_t up = 4;

		while (up < pages)
			up <<= 1;
		pages = up;
	}
	if (pages > most)
		pages = most;
	return pages < last / 2 ? last / 2 : pages;
}

/* swapin_nr_pages() */
static uint32_t slots_near(struct cache *c, uint32_t slot)
{
	struct swap *s = &c->swap;
	uint32_t most = 1u << c->page_cluster, pages;

	if (most <= 1)
		return 1;
	pages = nr_pages(s->ra_prev, slot, s->ra_hits, most, s->ra_last);
	if (!s->ra_hits)
		s->ra_prev = slot;
	s->ra_hits = 0;
	s->ra_last = pages;
	return pages;
}

/* Is @swp the page of a window that memory ran out in? */
static bool pending(const struct cache *c, swp_t swp)
{
	return c->swap.window.target == swp;
}

static void begin_window(struct cache *c, swp_t swp, bool by_addr,
			 uint64_t first, uint64_t end)
{
	c->swap.window = (struct swap_window){
		.target = swp, .by_addr = by_addr, .first = first, .end = end
	};
}

/* swap_cluster_readahead(): the aligned block of slots around @swp. */
static void slot_window(struct cache *c, swp_t swp)
{
	uint32_t slot = swp_slot(swp), mask = slots_near(c, slot) - 1;
	uint32_t first = slot & ~mask, last = slot | mask;
	uint32_t max = c->swap.area[swp_area(swp)].max;

	if (mask && !first)
		first++;
	if (last >= max)
		last = max - 1;
	begin_window(c, swp, false, first, (uint64_t)last + 1);
}

bool swap_missing(const struct cache *c, swp_t swp)
{
	return pending(c, swp) || swap_find(c, swp) == PFN_NONE;
}

/* The first address of @win pages that a fault at @addr reads, after one at
 * @prev: onwards, backwards, or around it. */
static uint64_t window_start(uint64_t addr, uint64_t prev, uint32_t win)
{
	uint64_t back = (uint64_t)((win - 1) / 2) << PAGE_SHIFT;

	if (addr == prev + PAGE_SIZE)
		back = 0;
	else if (prev == addr + PAGE_SIZE)
		back = (uint64_t)(win - 1) << PAGE_SHIFT;
	return back < addr ? addr - back : 0;
}

/* swap_vma_ra_win(): how many pages; the state remembers the fault. */
static uint32_t pages_near(const struct cache *c, uint64_t *vma_ra,
			   uint64_t addr, uint64_t *ret_prev)
{
	uint64_t info = *vma_ra ? *vma_ra : RA_FIRST;
	uint32_t low = (uint32_t)(info & ~PAGE_MASK), win;
	uint32_t order = (uint32_t)c->page_cluster;

	*ret_prev = info & PAGE_MASK;
	if (!order)
		return 1;
	if (order > RA_ORDER_CEILING)
		order = RA_ORDER_CEILING;
	win = nr_pages(info >> PAGE_SHIFT, addr >> PAGE_SHIFT,
		       low & RA_HITS_MAX, 1u << order, low >> RA_WIN_SHIFT);
	*vma_ra = addr | win << RA_WIN_SHIFT;
	return win;
}

bool swap_in_window(struct cache *c, swp_t swp, uint64_t *vma_ra, uint64_t addr,
		    const uint64_t vma[2], uint64_t ret_window[2])
{
	uint64_t table = addr & ~(uint64_t)(HPAGE_SIZE - 1), first, end, prev;

	if (!c->swap.vma_ra || c->swap.nr_rotating)
		return false;
	if (!pending(c, swp) || !c->swap.window.by_addr) {
		uint32_t win = pages_near(c, vma_ra, addr, &prev);

		first = window_start(addr, prev, win);
		end = first + ((uint64_t)win << PAGE_SHIFT);
		first = first > vma[0] ? first : vma[0];
		first = first > table ? first : table;
		end = end < vma[1] ? end : vma[1];
		end = end < table + HPAGE_SIZE ? end : table + HPAGE_SIZE;
		begin_window(c, swp, true, first, end);
	}
	ret_window[0] = c->swap.window.first;
	ret_window[1] = c->swap.window.end;
	return true;
}

void swap_hit(struct cache *c, pfn_t folio, uint64_t *vma_ra, uint64_t addr)
{
	struct frame *f = frame_at(c->phys, folio);
	bool ahead = f->word & PG_READAHEAD;
	bool by_addr = vma_ra && c->swap.vma_ra && !c->swap.nr_rotating;

	/* Nobody reads large ones ahead (swap_update_readahead()). */
	if (frame_order(f))
		return;
	f->word &= ~PG_READAHEAD;
	if (by_addr) {
		uint64_t info = *vma_ra ? *vma_ra : RA_FIRST;
		uint64_t hits = info & RA_HITS_MAX;

		if (ahead && hits < RA_HITS_MAX)
			hits++;
		*vma_ra = addr | (info & ~PAGE_MASK & ~(uint64_t)RA_HITS_MAX) |
			  hits;
	}
	if (!ahead)
		return;
	vmstat_event(&c->phys->stat, SWAP_RA_HIT, 1);
	if (!by_addr)
		c->swap.ra_hits++;
}

/* --- reading ----------------------------------------------------------------
 */
/* Pages of one window; runs of slots make one request. */
struct reader {
	struct cache *c;
	struct ctx *ctx;
	swp_t run;
	uint32_t pages;
	int error; /* host errno; the request is done all the same */
};

static void flush_run(struct reader *rd)
{
	int r = 0;

	if (rd->pages)
		r = io_swap(rd->c, rd->ctx, rd->run, rd->pages, false);
	if (r)
		rd->error = r;
	rd->pages = 0;
}

/* A frame charged to whom the slot belongs, if that group is still there
 * (mem_cgroup_swapin_charge_folio()). */
static int new_frame(struct reader *rd, const struct swap_slot *slot,
		     pfn_t *ret_pfn)
{
	struct control *control = rd->c->control;
	uint32_t own = rd->ctx->group, group = slot_group(slot);
	int r;

	if (group && group_online(control, group))
		rd->ctx->group = group;
	group = rd->ctx->group;
	r = group_charge(control, rd->ctx, 1);
	if (r)
		rd->ctx->need.gfp = GFP_HIGHUSER_MOVABLE;
	else
		r = page_alloc(rd->c->phys, rd->ctx, 0, GFP_HIGHUSER_MOVABLE,
			       ret_pfn);
	if (r && r != NEED_CHARGE)
		group_uncharge(control, group, 1);
	rd->ctx->group = own;
	if (!r)
		frame_set_group(frame_at(rd->c->phys, *ret_pfn), group);
	return r;
}

static void count_in(struct cache *c, const struct frame *f, enum event item)
{
	vmstat_event(&c->phys->stat, item, 1);
	group_event(c->control, frame_group(f), item, 1);
}

/* swap_read_folio(): zeroes are not read. */
static void start_read(struct reader *rd, swp_t swp, struct frame *f)
{
	if (!swap_slot_at(rd->c, swp)->content) {
		count_in(rd->c, f, SWPIN_ZERO);
		f->word = (f->word & ~PG_LOCKED) | PG_UPTODATE;
		return;
	}
	count_in(rd->c, f, PSWPIN);
	if (rd->pages && rd->run + rd->pages != swp)
		flush_run(rd);
	if (!rd->pages)
		rd->run = swp;
	rd->pages++;
}

/* __read_swap_cache_async(): nothing to do for what is cached or unused. */
static int read_one(struct reader *rd, swp_t swp, bool ahead)
{
	struct cache *c = rd->c;
	const struct swap_slot *slot = swap_slot_at(c, swp);
	struct frame *f;
	uint64_t shadow;
	uint32_t group;
	pfn_t pfn;
	int r;

	if (!slot || slot_has_folio(slot) || !slot_count(slot))
		return 0;
	r = new_frame(rd, slot, &pfn);
	if (r)
		return r;
	f = frame_at(c->phys, pfn);
	group = frame_group(f);
	frame_set(f, FRAME_FILE, 0, PG_LOCKED | PG_SWAPBACKED);
	frame_set_group(f, group);
	f->owner = 0;
	f->index = 0;
	f->content = 0;
	shadow = swap_cache_add(c, pfn, swp);
	if (shadow)
		shadow_refault(c, pfn, shadow);
	lru_add(c->control, pfn);
	if (ahead) {
		f->word |= PG_READAHEAD;
		vmstat_event(&c->phys->stat, SWAP_RA, 1);
	}
	start_read(rd, swp, f);
	return 0;
}

static int read_near(struct reader *rd, swp_t swp, const struct swap_near *near)
{
	int r = 0;

	for (uint32_t i = 0; i < near->nr && !r; i++)
		if (near->swp[i])
			r = read_one(rd, near->swp[i], near->swp[i] != swp);
	return r;
}

static int read_slots(struct reader *rd, swp_t swp)
{
	struct cache *c = rd->c;
	uint64_t i, end;
	int r = 0;

	if (!pending(c, swp) || c->swap.window.by_addr)
		slot_window(c, swp);
	i = c->swap.window.first;
	end = c->swap.window.end;
	for (; i < end && !r; i++) {
		swp_t at = swp_of(swp_area(swp), (uint32_t)i);

		if (swap_slot_at(c, at))
			r = read_one(rd, at, at != swp);
		else
			i |= CLUSTER_SLOTS - 1;
	}
	return r;
}

static int read_window(struct cache *c, struct ctx *ctx, swp_t swp,
		       const struct swap_near *near)
{
	struct reader rd = { .c = c, .ctx = ctx };
	int r = near ? read_near(&rd, swp, near) : read_slots(&rd, swp);

	if (!r)
		r = read_one(&rd, swp, false);
	flush_run(&rd);
	if (r)
		return r;
	c->swap.window = (struct swap_window){ 0 };
	return rd.error;
}

int swap_in(struct cache *c, struct ctx *ctx, swp_t swp,
	    const struct swap_near *near, pfn_t *ret_folio, bool *ret_major)
{
	pfn_t folio;

	hold_want(ctx, 0, swp, swp + 1);
	if (swap_missing(c, swp)) {
		int r = read_window(c, ctx, swp, near);

		if (r)
			return r;
		*ret_major = true;
	}
	folio = swap_find(c, swp);
	if (frame_at(c->phys, folio)->word & PG_LOCKED)
		return swap_wait(c, ctx, folio);
	*ret_folio = folio;
	return 0;
}

int swap_wait(const struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);

	if (!(f->word & (PG_WRITEBACK | PG_LOCKED)))
		return 0;
	ctx->wait_io = swap_folio_io(c, folio);
	hold_wait(ctx, f);
	ctx->wait_stall =
		(f->word & (PG_LOCKED | PG_UPTODATE | PG_WORKINGSET)) ==
		(PG_LOCKED | PG_WORKINGSET);
	return WAIT_IO;
}

int swap_read_ahead(struct cache *c, struct ctx *ctx, swp_t swp)
{
	struct reader rd = { .c = c, .ctx = ctx };
	int r = read_one(&rd, swp, false);

	flush_run(&rd);
	return r ? r : rd.error;
}
