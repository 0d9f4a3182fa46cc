/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_HOLD_H
#define VMCORE_HOLD_H

#include "vmcore/base/ctx.h"
#include "vmcore/base/types.h"

/*
 * DOC: pages that somebody who waits will come back for.
 *
 * Models:  the reference to a folio that filemap_fault(), filemap_read() and
 *          do_swap_page() keep while they wait for it or for more memory:
 *          with it __remove_mapping() fails, and so each step gets on.
 * Owns:    the records; whose they are says the head of a chain.
 * Units:   pages of an inode; slots of swap (swp_t) where that is 0.
 * Order:   does not matter: a page is held or not.
 * Omits:   references of those who run: a step is never interrupted.
 *
 * Pages are held by place, not by frame: what is migrated stays held, what is
 * truncated is of no interest.
 */
struct cache;
struct frame;

struct hold {
	uint32_t next; /* of the chain */
	uint32_t inode;
	uint64_t first, end;
};

/* The step needs pages [@first, @end) of @inode together. */
static inline void hold_want(struct ctx *ctx, uint32_t inode, uint64_t first,
			     uint64_t end)
{
	ctx->wants[0] = (struct page_range){ inode, 0, first, end };
}

/* It waits for @folio. */
void hold_wait(struct ctx *ctx, const struct frame *folio);
/* What the step wants joins the chain that begins at *@chain. 0 or a host
 * errno. */
int hold_take(struct cache *c, const struct ctx *ctx, uint32_t *chain);
/* The step is done: the chain ends. */
void hold_drop(struct cache *c, uint32_t *chain);
/* What a step answered decides: who waits finds what it had when it goes on,
 * who is done lets go of it. 0 or a host errno. */
int hold_answer(struct cache *c, const struct ctx *ctx, int answer,
		uint32_t *chain);
/* Does anybody who waits hold @folio, of the page cache or swap cache? */
bool folio_awaited(const struct cache *c, const struct frame *folio);
/* Records of the chain. */
uint32_t hold_count(const struct cache *c, uint32_t chain);

#endif
