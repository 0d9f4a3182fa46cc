// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/hold.h"
#include "vmcore/cache/cache-internal.h"

static struct hold *hold_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->holds, id);
}

/* Where @f is cached: of the swap cache, or of its inode. */
static struct page_range place_of(const struct frame *f)
{
	if (f->word & PG_SWAPCACHE)
		return (struct page_range){ 0, 0, f->private,
					    f->private + frame_pages(f) };
	return (struct page_range){ f->owner, 0, f->index, folio_end(f) };
}

static bool covers(uint32_t inode, uint64_t first, uint64_t end,
		   const struct page_range *r)
{
	return inode == r->inode && first <= r->first && r->end <= end;
}

void hold_wait(struct ctx *ctx, const struct frame *folio)
{
	struct page_range at = place_of(folio);
	const struct page_range *w = &ctx->wants[0];

	if (!covers(w->inode, w->first, w->end, &at))
		ctx->wants[1] = at;
}

static bool in_chain(const struct cache *c, uint32_t id,
		     const struct page_range *r)
{
	for (; id; id = hold_at(c, id)->next) {
		const struct hold *h = hold_at(c, id);

		if (covers(h->inode, h->first, h->end, r))
			return true;
	}
	return false;
}

int hold_take(struct cache *c, const struct ctx *ctx, uint32_t *chain)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct page_range *r = &ctx->wants[i];
		uint32_t id;
		int e;

		if (!r->end || in_chain(c, *chain, r))
			continue;
		e = pool_new(&c->holds, &id);
		if (e)
			return e;
		*hold_at(c, id) =
			(struct hold){ *chain, r->inode, r->first, r->end };
		*chain = id;
	}
	return 0;
}

void hold_drop(struct cache *c, uint32_t *chain)
{
	while (*chain) {
		uint32_t id = *chain;

		*chain = hold_at(c, id)->next;
		pool_free(&c->holds, id);
	}
}

int hold_answer(struct cache *c, const struct ctx *ctx, int answer,
		uint32_t *chain)
{
	if (answer == NEED_MEMORY || answer == NEED_CHARGE || answer == WAIT_IO)
		return hold_take(c, ctx, chain);
	if (answer != WAIT_TIME)
		hold_drop(c, chain);
	return 0;
}

bool folio_awaited(const struct cache *c, const struct frame *folio)
{
	struct page_range at;

	if (!c->holds.used)
		return false;
	at = place_of(folio);
	for (uint32_t id = 1; id <= c->holds.top; id++) {
		const struct hold *h = hold_at(c, id);

		/* A free record ends at 0. */
		if (h->end && h->inode == at.inode && h->first < at.end &&
		    at.first < h->end)
			return true;
	}
	return false;
}

uint32_t hold_count(const struct cache *c, uint32_t chain)
{
	uint32_t n = 0;

	for (; chain; chain = hold_at(c, chain)->next)
		n++;
	return n;
}
