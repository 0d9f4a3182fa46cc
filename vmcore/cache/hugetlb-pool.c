// SPDX-License-Identifier: Apache-2.0
/* Pools of huge pages: how they grow, shrink and lend (mm/hugetlb.c). */
#include "vmcore/cache/hugetlb-inner.h"

#include <string.h>

/* htlb_alloc_mask() and what alloc_buddy_hugetlb_folio() adds */
#define GFP_HUGE                                                         \
	(GFP_HIGHUSER_MOVABLE | GFP_BIT_RETRY_MAYFAIL | GFP_BIT_NOWARN | \
	 GFP_BIT_THISNODE)

void hugetlb_init(struct cache *c)
{
	for (unsigned i = 0; i < NR_HUGE_SIZES; i++)
		for (unsigned n = 0; n < MAX_NODES; n++)
			c->huge[i].head[n] = PFN_NONE;
}

void huge_count(struct cache *c, enum huge_size size, unsigned node, int sign)
{
	struct hugepool *p = &c->huge[size];
	uint64_t one = (uint64_t)(int64_t)sign;

	p->nr += one;
	p->node_nr[node] += one;
	c->control->hugetlb_pages += one << huge_order(size);
}

void huge_count_surplus(struct cache *c, enum huge_size size, unsigned node,
			int sign)
{
	uint64_t one = (uint64_t)(int64_t)sign;

	c->huge[size].surplus += one;
	c->huge[size].node_surplus[node] += one;
}

/* enqueue_hugetlb_folio() */
void huge_enqueue(struct cache *c, enum huge_size size, pfn_t pfn)
{
	struct hugepool *p = &c->huge[size];
	unsigned node = pfn_node(c->phys, pfn);
	struct frame *f = frame_at(c->phys, pfn);

	f->word &= ~PG_UPTODATE;
	f->owner = f->index = f->private = 0;
	f->next = p->head[node];
	p->head[node] = pfn;
	p->free++;
	p->node_free[node]++;
}

pfn_t huge_dequeue(struct cache *c, enum huge_size size, unsigned node)
{
	struct hugepool *p = &c->huge[size];
	pfn_t pfn = p->head[node];
	struct frame *f;

	if (pfn == PFN_NONE)
		return pfn;
	f = frame_at(c->phys, pfn);
	p->head[node] = f->next;
	f->next = 0;
	f->word |= PG_UPTODATE;
	p->free--;
	p->node_free[node]--;
	return pfn;
}

/* Order of the blocks a page consists of. */
static unsigned block_order(enum huge_size size)
{
	return size == HUGE_1G ? MAX_ORDER : huge_order(size);
}

void huge_set_tails(struct cache *c, enum huge_size size, pfn_t pfn, bool set)
{
	pfn_t end = pfn + (1u << huge_order(size));
	uint32_t step = 1u << block_order(size);

	for (; pfn < end; pfn += step) {
		struct frame *f = frame_at(c->phys, pfn);

		memset(f + 1, 0, (step - 1) * sizeof(*f));
		for (unsigned i = 1; set && i < step; i++) {
			frame_set(f + i, FRAME_TAIL, 0, 0);
			f[i].owner = pfn;
		}
	}
}

/* What the buddy gave becomes a page. */
static void make_page(struct cache *c, enum huge_size size, pfn_t pfn)
{
	pfn_t end = pfn + (1u << huge_order(size));

	for (; pfn < end; pfn += 1u << block_order(size))
		frame_set(frame_at(c->phys, pfn), FRAME_HUGETLB,
			  block_order(size), PG_HEAD);
}

/* only_alloc_fresh_hugetlb_folio() on @node. 0, NEED_MEMORY, host errno. */
static int alloc_fresh(struct cache *c, struct ctx *ctx, enum huge_size size,
		       unsigned node, pfn_t *ret_pfn)
{
	uint16_t home = ctx->node;
	uint32_t nodes = ctx->nodes;
	int r;

	if (size == HUGE_1G) {
		r = contig_alloc(c->phys, node, huge_order(size), ret_pfn);
		if (!r)
			make_page(c, size, *ret_pfn);
		return r;
	}
	ctx->node = (uint16_t)node;
	ctx->nodes = 0;
	r = page_alloc_near(c->phys, ctx, huge_order(size), GFP_HUGE, ret_pfn);
	ctx->node = home;
	ctx->nodes = nodes;
	if (r)
		return r;
	make_page(c, size, *ret_pfn);
	vmstat_event(&c->phys->stat, HTLB_BUDDY_PGALLOC, 1);
	return 0;
}

void huge_give_back(struct cache *c, struct ctx *ctx, enum huge_size size,
		    pfn_t pfn)
{
	pfn_t end = pfn + (1u << huge_order(size));

	for (; pfn < end; pfn += 1u << block_order(size))
		page_free_clean(c->phys, ctx, pfn, block_order(size));
}

void hugetlb_give_up(struct cache *c)
{
	vmstat_event(&c->phys->stat, HTLB_BUDDY_PGALLOC_FAIL, 1);
}

/* --- nodes take turns ------------------------------------------------------
 */
/* The nodes a call may use, and from which on it goes round. */
struct round {
	const struct cache *c;
	unsigned only; /* HUGE_ALL_NODES: each */
	uint32_t *next;
	unsigned left;
};

static struct round round_begin(const struct cache *c, unsigned only,
				uint32_t *next)
{
	return (struct round){ c, only, next,
			       only == HUGE_ALL_NODES ? c->phys->nr_nodes : 1 };
}

static bool round_next(struct round *r, unsigned *ret_node)
{
	if (!r->left--)
		return false;
	if (r->only != HUGE_ALL_NODES) {
		*ret_node = r->only;
		return true;
	}
	*ret_node = *r->next;
	*r->next = (*r->next + 1) % r->c->phys->nr_nodes;
	return true;
}

/* adjust_pool_surplus() */
static bool adjust_surplus(struct cache *c, enum huge_size size, unsigned only,
			   int delta)
{
	struct hugepool *p = &c->huge[size];
	struct round r = round_begin(
		c, only, delta < 0 ? &p->next_alloc : &p->next_free);
	unsigned n;

	while (round_next(&r, &n)) {
		if (delta < 0 ? !p->node_surplus[n]
			      : p->node_surplus[n] >= p->node_nr[n])
			continue;
		huge_count_surplus(c, size, n, delta);
		return true;
	}
	return false;
}

/* alloc_pool_huge_folio(): one more. */
static int grow(struct cache *c, struct ctx *ctx, enum huge_size size,
		unsigned only)
{
	struct round round = round_begin(c, only, &c->huge[size].next_alloc);
	int r = NEED_MEMORY;
	unsigned n;
	pfn_t pfn;

	while (r == NEED_MEMORY && round_next(&round, &n)) {
		r = alloc_fresh(c, ctx, size, n, &pfn);
		if (r)
			continue;
		huge_count(c, size, n, 1);
		huge_enqueue(c, size, pfn);
		ctx_pay(ctx, COST_SCAN_PAGE, 1);
	}
	return r;
}

/* remove_pool_hugetlb_folio(): one free page less. */
static bool shrink(struct cache *c, struct ctx *ctx, enum huge_size size,
		   unsigned only, bool surplus)
{
	struct hugepool *p = &c->huge[size];
	struct round round = round_begin(c, only, &p->next_free);
	unsigned n;

	while (round_next(&round, &n)) {
		if ((surplus && !p->node_surplus[n]) || p->head[n] == PFN_NONE)
			continue;
		if (surplus)
			huge_count_surplus(c, size, n, -1);
		huge_count(c, size, n, -1);
		huge_give_back(c, ctx, size, huge_dequeue(c, size, n));
		return true;
	}
	return false;
}

static uint64_t persistent(const struct hugepool *p)
{
	return p->nr - p->surplus;
}

static void lower(struct cache *c, struct ctx *ctx, enum huge_size size,
		  unsigned only, uint64_t count)
{
	struct hugepool *p = &c->huge[size];
	uint64_t least = p->resv + p->nr - p->free;

	if (least < count)
		least = count;
	while (least < persistent(p))
		if (!shrink(c, ctx, size, only, false))
			break;
	/* What is in use or promised leaves when it is given back. */
	while (count < persistent(p))
		if (!adjust_surplus(c, size, only, 1))
			break;
}

int hugetlb_resize(struct cache *c, struct ctx *ctx, enum huge_size size,
		   unsigned only, uint64_t count)
{
	struct hugepool *p = &c->huge[size];
	int r = 0;

	if (only != HUGE_ALL_NODES) {
		uint64_t others = persistent(p) -
				  (p->node_nr[only] - p->node_surplus[only]);

		count = count > UINT64_MAX - others ? UINT64_MAX
						    : count + others;
	}
	while (p->surplus && count > persistent(p))
		if (!adjust_surplus(c, size, only, -1))
			break;
	while (!r && count > persistent(p))
		r = grow(c, ctx, size, only);
	if (!r)
		lower(c, ctx, size, only, count);
	return r;
}

/* demote_free_hugetlb_folios() */
static void demote_one(struct cache *c, unsigned node)
{
	pfn_t pfn = huge_dequeue(c, HUGE_1G, node);
	pfn_t end = pfn + (1u << huge_order(HUGE_1G));

	huge_count(c, HUGE_1G, node, -1);
	for (; pfn < end; pfn += HPAGE_PAGES) {
		make_page(c, HUGE_2M, pfn);
		huge_count(c, HUGE_2M, node, 1);
		huge_enqueue(c, HUGE_2M, pfn);
	}
}

void hugetlb_demote(struct cache *c, unsigned only, uint64_t count)
{
	struct hugepool *p = &c->huge[HUGE_1G];

	for (; count && p->free > p->resv; count--) {
		struct round r = round_begin(c, only, &p->next_free);
		unsigned n;

		do
			if (!round_next(&r, &n))
				return;
		while (!p->node_free[n]);
		demote_one(c, n);
	}
}

/* --- surplus -----------------------------------------------------------------
 */
int huge_alloc_surplus(struct cache *c, struct ctx *ctx, enum huge_size size,
		       pfn_t *ret_pfn)
{
	struct hugepool *p = &c->huge[size];
	const struct node *home = &c->phys->nodes[ctx->node];
	unsigned last = MAX_NODES;
	int r = NEED_MEMORY;

	if (size == HUGE_1G || p->surplus >= p->overcommit)
		return NEED_MEMORY;
	for (unsigned i = 0; i < home->nr_zonelist && r == NEED_MEMORY; i++) {
		unsigned n = c->phys->zones[home->zonelist[i]].node;

		if (n == last)
			continue;
		last = n;
		r = alloc_fresh(c, ctx, size, n, ret_pfn);
	}
	if (r == NEED_MEMORY)
		hugetlb_give_up(c);
	if (r)
		return r;
	huge_count(c, size, pfn_node(c->phys, *ret_pfn), 1);
	huge_count_surplus(c, size, pfn_node(c->phys, *ret_pfn), 1);
	return 0;
}

void huge_drop_surplus(struct cache *c, struct ctx *ctx, enum huge_size size,
		       uint64_t most)
{
	while (most-- && c->huge[size].surplus)
		if (!shrink(c, ctx, size, HUGE_ALL_NODES, true))
			break;
}
