// SPDX-License-Identifier: Apache-2.0
/*
 * Objects without a name: a cache's bulk slabs are a stack, all full but the
 * newest, so that a count is all there is to know of them.
 */
#include "vmcore/kmem/inner.h"

static int bulk_push(struct kmem *k, struct ctx *ctx, uint32_t cache)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	pfn_t slab;
	int r = slab_new(k, ctx, cache, GFP_KERNEL, &slab);

	if (r)
		return r;
	frame_at(k->phys, slab)->word |= SLAB_BULK;
	frame_at(k->phys, slab)->next = c->bulk_head;
	c->bulk_head = slab;
	return 0;
}

/* Take @count objects into bulk slabs. Return: how many there was no room
 * for; *@ret_why says why. */
static uint32_t bulk_add(struct kmem *k, struct ctx *ctx, uint32_t cache,
			 uint32_t count, int *ret_why)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);

	while (count) {
		struct frame *f = c->bulk_head == PFN_NONE
					  ? NULL
					  : frame_at(k->phys, c->bulk_head);
		uint32_t room = f ? slab_capacity(c, f) - f->private : 0;

		if (!room) {
			*ret_why = bulk_push(k, ctx, cache);
			if (*ret_why)
				break;
			continue;
		}
		if (room > count)
			room = count;
		f->private += room;
		c->nr_bulk += room;
		c->nr_objects += room;
		count -= room;
	}
	return count;
}

static void bulk_remove(struct kmem *k, struct ctx *ctx, uint32_t cache,
			uint32_t count)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);

	c->nr_bulk -= count;
	c->nr_objects -= count;
	while (count) {
		pfn_t slab = c->bulk_head;
		struct frame *f = frame_at(k->phys, slab);
		uint32_t some = f->private < count ? f->private : count;

		f->private -= some;
		count -= some;
		if (f->private)
			break;
		c->bulk_head = f->next;
		slab_discard(k, ctx, slab);
	}
}

int kmem_alloc_many(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		    uint32_t count)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	bool charged = count && obj_charged(ctx, c);
	int r = charged ? obj_charge(k, ctx, c, count) : 0;
	uint32_t left;

	if (r)
		return r;
	left = bulk_add(k, ctx, cache, count, &r);
	if (left) {
		bulk_remove(k, ctx, cache, count - left);
		if (charged)
			obj_uncharge(k, c, ctx->group, count);
		return r;
	}
	if (charged)
		charge_note(k, &c->bulk_charges, ctx->group, count);
	return 0;
}

void kmem_free_many(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		    uint32_t count)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	uint64_t in_use = c->nr_bulk;

	if (count > in_use)
		count = (uint32_t)in_use;
	for (uint32_t i = 0; c->bulk_charges && i < count; i++) {
		uint32_t group = charge_drop(k, &c->bulk_charges, ctx->group,
					     in_use - i);

		if (group)
			obj_uncharge(k, c, group, 1);
	}
	bulk_remove(k, ctx, cache, count);
}
