// SPDX-License-Identifier: Apache-2.0
/* Address spaces that ksmd scans and what it knows of their pages
 * (mm/ksm.c). */
#include "vmcore/space/ksm-inner.h"

#include <string.h>

void ksm_defaults(struct ksm *k)
{
	memset(k, 0, sizeof(*k));
	k->pages_to_scan = 100;
	k->sleep_ms = 20;
	k->merge_across_nodes = 1;
	k->max_page_sharing = 256;
	k->smart_scan = 1;
	k->prune_ms = 2000;
	k->advisor_max_cpu = 70;
	k->advisor_target_s = 200;
	k->advisor_min_pages = 500;
	k->advisor_max_pages = 30000;
}

/* --- slots -------------------------------------------------------------------
 */
static void unlink_slot(struct space *s, uint32_t id)
{
	const struct ksm_slot *p = slot_at(s, id);

	if (p->prev)
		slot_at(s, p->prev)->next = p->next;
	else
		s->ksm.first = p->next;
	if (p->next)
		slot_at(s, p->next)->prev = p->prev;
	else
		s->ksm.last = p->prev;
}

/* Behind @prev, 0: to the front. */
static void link_slot(struct space *s, uint32_t id, uint32_t prev)
{
	struct ksm_slot *p = slot_at(s, id);

	p->prev = prev;
	p->next = prev ? slot_at(s, prev)->next : s->ksm.first;
	if (prev)
		slot_at(s, prev)->next = id;
	else
		s->ksm.first = id;
	if (p->next)
		slot_at(s, p->next)->prev = id;
	else
		s->ksm.last = id;
}

/* __ksm_enter(): behind the scan, which lets it settle; in front of it while
 * unmerging, which must not miss it. */
int ksm_enter(struct space *s, struct ctx *ctx, uint32_t mm)
{
	uint32_t id, cursor = s->ksm.slot;
	pfn_t slab;
	int r;

	if (mm_at(s, mm)->ksm_slot)
		return 0;
	r = kmem_alloc(s->kmem, ctx, KMEM_KSM_MM_SLOT, &slab);
	if (r)
		return r;
	r = pool_new(&s->ksm_slots, &id);
	if (r) {
		kmem_free(s->kmem, ctx, slab);
		return r;
	}
	slot_at(s, id)->slab = slab;
	slot_at(s, id)->mm = mm;
	mm_at(s, mm)->ksm_slot = id;
	if (!s->ksm.first)
		s->ksm.wake = 1;
	if (!cursor || s->ksm.run == KSM_UNMERGE)
		link_slot(s, id, s->ksm.last);
	else
		link_slot(s, id, slot_at(s, cursor)->prev);
	return 0;
}

int ksm_fork(struct space *s, struct ctx *ctx, uint32_t child, uint32_t mm)
{
	int r = 0;

	if (mm_at(s, mm)->ksm_slot)
		r = ksm_enter(s, ctx, child);
	return r < 0 ? r : 0;
}

void ksm_slot_drop(struct space *s, struct ctx *ctx, uint32_t id)
{
	struct ksm_slot *p = slot_at(s, id);

	mm_at(s, p->mm)->ksm_slot = 0;
	if (p->gone)
		mm_drop(s, ctx, p->mm);
	unlink_slot(s, id);
	kmem_free(s->kmem, ctx, p->slab);
	pool_free(&s->ksm_slots, id);
}

/* __ksm_exit(): next in turn, if there is anything to forget. */
bool ksm_exit(struct space *s, struct ctx *ctx, uint32_t mm)
{
	uint32_t id = mm_at(s, mm)->ksm_slot;

	if (!id)
		return false;
	if (s->ksm.slot != id && !slot_at(s, id)->items) {
		ksm_slot_drop(s, ctx, id);
		return false;
	}
	slot_at(s, id)->gone = 1;
	if (s->ksm.slot != id) {
		unlink_slot(s, id);
		link_slot(s, id, s->ksm.slot);
	}
	return true;
}

/* --- items -------------------------------------------------------------------
 */
/* The address space an item counts for. */
static struct mm *mm_of(const struct space *s, const struct ksm_item *i)
{
	return mm_at(s, slot_at(s, i->slot)->mm);
}

static void drop_item(struct space *s, struct ctx *ctx, uint32_t id)
{
	struct ksm_item *i = item_at(s, id);
	struct mm *mm = mm_of(s, i);

	ksm_item_out(s, ctx, id);
	mm->ksm_rmap_items--;
	s->ksm.rmap_items--;
	kmem_free(s->kmem, ctx, i->slab);
	pool_free(&s->ksm_items, id);
}

static uint32_t *link_after(struct space *s, uint32_t slot, uint32_t prev)
{
	return prev ? &item_at(s, prev)->next : &slot_at(s, slot)->items;
}

static int new_item(struct space *s, struct ctx *ctx, uint32_t slot,
		    uint64_t addr, uint32_t *ret_item)
{
	struct ksm_item *i;
	struct mm *mm;
	pfn_t slab;
	int r = kmem_alloc(s->kmem, ctx, KMEM_KSM_RMAP_ITEM, &slab);

	if (r)
		return r;
	r = pool_new(&s->ksm_items, ret_item);
	if (r) {
		kmem_free(s->kmem, ctx, slab);
		return r;
	}
	i = item_at(s, *ret_item);
	i->slab = slab;
	i->slot = slot;
	i->addr = addr;
	mm = mm_of(s, i);
	mm->ksm_rmap_items++;
	s->ksm.rmap_items++;
	return 0;
}

int ksm_item_next(struct space *s, struct ctx *ctx, uint32_t slot,
		  uint32_t prev, uint64_t addr, uint32_t *ret_item)
{
	uint32_t *link = link_after(s, slot, prev), id;
	int r;

	while (*link && item_at(s, *link)->addr < addr) {
		id = *link;
		*link = item_at(s, id)->next;
		drop_item(s, ctx, id);
	}
	if (*link && item_at(s, *link)->addr == addr) {
		*ret_item = *link;
		return 0;
	}
	r = new_item(s, ctx, slot, addr, &id);
	if (r)
		return r;
	item_at(s, id)->next = *link;
	*link = id;
	*ret_item = id;
	return 0;
}

void ksm_items_drop(struct space *s, struct ctx *ctx, uint32_t slot,
		    uint32_t prev)
{
	uint32_t *link = link_after(s, slot, prev);

	while (*link) {
		uint32_t id = *link;

		*link = item_at(s, id)->next;
		drop_item(s, ctx, id);
	}
}

void ksm_append(struct space *s, uint32_t id, uint32_t node)
{
	struct ksm_node *n = node_at(s, node);
	struct ksm_item *i = item_at(s, id);
	struct mm *mm = mm_of(s, i);

	i->place = KSM_STABLE;
	i->node = node;
	i->node_prev = 0;
	i->node_next = n->items;
	if (n->items)
		item_at(s, n->items)->node_prev = id;
	*(n->items ? &s->ksm.pages_sharing : &s->ksm.pages_shared) += 1;
	n->items = id;
	n->nr_items++;
	mm->ksm_merging_pages++;
}

void ksm_detach(struct space *s, uint32_t id)
{
	struct ksm_item *i = item_at(s, id);
	struct ksm_node *n = node_at(s, i->node);
	struct mm *mm = mm_of(s, i);

	if (i->node_prev)
		item_at(s, i->node_prev)->node_next = i->node_next;
	else
		n->items = i->node_next;
	if (i->node_next)
		item_at(s, i->node_next)->node_prev = i->node_prev;
	*(n->items ? &s->ksm.pages_sharing : &s->ksm.pages_shared) -= 1;
	n->nr_items--;
	i->place = KSM_NOWHERE;
	i->node = i->node_next = i->node_prev = 0;
	mm->ksm_merging_pages--;
}

void ksm_item_out(struct space *s, struct ctx *ctx, uint32_t id)
{
	struct ksm_item *i = item_at(s, id);

	if (i->place == KSM_STABLE) {
		if (ksm_node_page(s, i->node) == PFN_NONE)
			ksm_node_drop(s, ctx, i->node);
		else
			ksm_detach(s, id);
	} else if (i->place == KSM_UNSTABLE) {
		if (xa_load(&s->ksm_tree, &s->ksm.unstable, i->key) == id)
			xa_erase(&s->ksm_tree, &s->ksm.unstable, i->key, NULL,
				 NULL);
		s->ksm.pages_unshared--;
		i->place = KSM_NOWHERE;
	}
}
