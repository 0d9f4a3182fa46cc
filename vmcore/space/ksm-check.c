// SPDX-License-Identifier: Apache-2.0
/* What KSM counts, recounted along its records. */
#include "vmcore/space/ksm-inner.h"

struct sums {
	uint64_t shared, sharing, unshared, items, chains, dups, slots;
	uint64_t nodes;
};

struct check {
	const struct space *s;
	check_report *report;
	void *arg;
};

static void differs(const struct check *c, const char *what, uint64_t recounted,
		    uint64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, (int64_t)recounted, (int64_t)kept);
}

static void check_node(const struct check *c, uint32_t id, struct sums *sum)
{
	const struct ksm_node *n = node_at(c->s, id);
	uint32_t items = 0;

	sum->nodes++;
	if (n->is_chain) {
		sum->chains++;
		differs(c, "KSM chain by its content", id,
			xa_load(&c->s->ksm_tree, &c->s->ksm.stable, n->key));
		return;
	}
	for (uint32_t i = n->items; i && items <= n->nr_items;
	     i = item_at(c->s, i)->node_next) {
		differs(c, "KSM node of an item", item_at(c->s, i)->node, id);
		items++;
	}
	differs(c, "items of a KSM node", items, n->nr_items);
	sum->shared += items != 0;
	sum->sharing += items ? items - 1 : 0;
	sum->dups += n->chain != 0;
	if (!n->chain)
		differs(c, "KSM node by its content", id,
			xa_load(&c->s->ksm_tree, &c->s->ksm.stable, n->key));
}

static void check_slot(const struct check *c, uint32_t id, struct sums *sum)
{
	const struct ksm_slot *p = slot_at(c->s, id);
	uint64_t items = 0, merging = 0, last = 0;

	sum->slots++;
	for (uint32_t i = p->items; i; i = item_at(c->s, i)->next) {
		const struct ksm_item *item = item_at(c->s, i);

		if (items && item->addr <= last)
			differs(c, "order of KSM items", item->addr, last);
		differs(c, "slot of a KSM item", item->slot, id);
		last = item->addr;
		items++;
		merging += item->place == KSM_STABLE;
		sum->unshared += item->place == KSM_UNSTABLE;
	}
	sum->items += items;
	differs(c, "KSM slot of an mm", mm_at(c->s, p->mm)->ksm_slot, id);
	differs(c, "ksm_rmap_items", items, mm_at(c->s, p->mm)->ksm_rmap_items);
	differs(c, "ksm_merging_pages", merging,
		mm_at(c->s, p->mm)->ksm_merging_pages);
}

/* A frame that says it is a node's. */
static void check_frames(const struct check *c)
{
	const struct phys *p = c->s->phys;

	if (!c->s->ksm_nodes.used)
		return;
	for (pfn_t pfn = 0; pfn < p->max_pfn; pfn++) {
		const struct frame *f = frame_peek(p, pfn);

		if (!f) {
			pfn |= BLOCK_FRAMES - 1;
			continue;
		}
		if (frame_type(f) == FRAME_ANON && (f->word & PG_KSM))
			differs(c, "page of a KSM node", pfn,
				node_at(c->s, f->owner)->pfn);
	}
}

void ksm_check(const struct space *s, check_report *report, void *arg)
{
	struct check c = { s, report, arg };
	struct sums sum = { 0 };
	uint64_t zero = 0;

	for (uint32_t id = 1; id <= s->ksm_nodes.top; id++)
		if (node_at(s, id)->slab)
			check_node(&c, id, &sum);
	for (uint32_t id = s->ksm.first; id; id = slot_at(s, id)->next)
		check_slot(&c, id, &sum);
	for (uint32_t id = 1; id <= s->mms.top; id++)
		if (mm_at(s, id)->pgd)
			zero += (uint64_t)mm_at(s, id)->ksm_zero_pages;
	check_frames(&c);
	differs(&c, "KSM pages_shared", sum.shared, s->ksm.pages_shared);
	differs(&c, "KSM pages_sharing", sum.sharing, s->ksm.pages_sharing);
	differs(&c, "KSM pages_unshared", sum.unshared, s->ksm.pages_unshared);
	differs(&c, "KSM rmap_items", sum.items, s->ksm.rmap_items);
	differs(&c, "KSM items, all", sum.items, s->ksm_items.used);
	differs(&c, "KSM slots, all", sum.slots, s->ksm_slots.used);
	differs(&c, "KSM nodes, all", sum.nodes, s->ksm_nodes.used);
	differs(&c, "KSM chains", sum.chains, s->ksm.stable_node_chains);
	differs(&c, "KSM dups", sum.dups, s->ksm.stable_node_dups);
	differs(&c, "KSM zero pages", zero, (uint64_t)s->ksm.zero_pages);
}
