// SPDX-License-Identifier: Apache-2.0
/*
 * Objects charged to memory groups by their bytes (mm/memcontrol.c,
 * obj_cgroup_charge_kernel(), __memcg_slab_post_alloc_hook()). The kernel's
 * stocks hold what a page has left over; here a group's pages are its bytes,
 * rounded up.
 */
#include "vmcore/kmem/inner.h"

#include <assert.h>

bool obj_charged(const struct ctx *ctx, const struct kmem_cache *c)
{
	return c->flags & KMEM_ACCOUNT && ctx->group > GROUP_ROOT;
}

static uint64_t charge_bytes(const struct kmem_cache *c, uint32_t count)
{
	return (uint64_t)count * (c->size + OBJ_CGROUP_BYTES);
}

static struct slab_charge *charge_at(const struct kmem *k, uint32_t id)
{
	return pool_at(&k->charges, id);
}

/* Have a free record, so that charge_note() cannot fail. */
static int charge_prepare(struct kmem *k)
{
	uint32_t id;
	int r = 0;

	if (!k->charges.free) {
		r = pool_new(&k->charges, &id);
		if (!r)
			pool_free(&k->charges, id);
	}
	return r;
}

int obj_charge(struct kmem *k, struct ctx *ctx, const struct kmem_cache *c,
	       uint32_t count)
{
	struct group *g = group_at(k->control, ctx->group);
	uint64_t bytes = charge_bytes(c, count), before = group_kmem_pages(g);
	uint32_t pages;
	int r = charge_prepare(k);

	if (r)
		return r;
	g->slab_bytes[c->kind] += bytes;
	pages = (uint32_t)(group_kmem_pages(g) - before);
	if (pages)
		r = group_charge_kernel(k->control, ctx, pages);
	if (r)
		g->slab_bytes[c->kind] -= bytes;
	return r;
}

void obj_uncharge(struct kmem *k, const struct kmem_cache *c, uint32_t group,
		  uint32_t count)
{
	uint32_t owner = group_kmem_owner(k->control, group), pages;
	struct group *g = group_at(k->control, owner);
	uint64_t before = group_kmem_pages(g);

	for (uint32_t id = group; id != owner;
	     id = group_at(k->control, id)->parent)
		group_at(k->control, id)->orphan_bytes -=
			charge_bytes(c, count);
	g->slab_bytes[c->kind] -= charge_bytes(c, count);
	pages = (uint32_t)(before - group_kmem_pages(g));
	if (pages)
		group_uncharge_kernel(k->control, owner, pages);
}

/* The entry of @group, moved to the front; 0: there is none. */
static uint32_t charge_find(struct kmem *k, uint32_t *head, uint32_t group)
{
	uint32_t *link = head, id;

	while (*link && charge_at(k, *link)->group != group)
		link = &charge_at(k, *link)->next;
	id = *link;
	if (id && link != head) {
		*link = charge_at(k, id)->next;
		charge_at(k, id)->next = *head;
		*head = id;
	}
	return id;
}

void charge_note(struct kmem *k, uint32_t *head, uint32_t group, uint32_t count)
{
	uint32_t id = charge_find(k, head, group);

	if (!id) {
		/* charge_prepare() saw to it that this one is there. */
		int r = pool_new(&k->charges, &id);

		assert(!r);
		(void)r;
		charge_at(k, id)->group = group;
		charge_at(k, id)->next = *head;
		*head = id;
	}
	charge_at(k, id)->count += count;
}

uint64_t charge_sum(const struct kmem *k, uint32_t head)
{
	uint64_t sum = 0;

	for (; head; head = charge_at(k, head)->next)
		sum += charge_at(k, head)->count;
	return sum;
}

uint32_t charge_drop(struct kmem *k, uint32_t *head, uint32_t group,
		     uint64_t in_use)
{
	uint32_t id = charge_find(k, head, group);

	if (!id && charge_sum(k, *head) < in_use)
		return ID_NONE;
	if (!id)
		id = *head;
	if (!id)
		return ID_NONE;
	group = charge_at(k, id)->group;
	if (!--charge_at(k, id)->count) {
		charge_find(k, head, group);
		*head = charge_at(k, id)->next;
		pool_free(&k->charges, id);
	}
	return group;
}
