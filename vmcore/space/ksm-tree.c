// SPDX-License-Identifier: Apache-2.0
/* The stable and the unstable tree (mm/ksm.c). */
#include "vmcore/space/ksm-inner.h"

uint64_t ksm_key(const struct space *s, pfn_t pfn)
{
	uint64_t key = frame_at(s->phys, pfn)->content;

	if (!s->ksm.merge_across_nodes)
		key |= (uint64_t)pfn_node(s->phys, pfn) << 32;
	return key;
}

/* ksm_get_folio(): a page that was freed does not say any more whose it is. */
pfn_t ksm_node_page(const struct space *s, uint32_t id)
{
	pfn_t pfn = node_at(s, id)->pfn;
	const struct frame *f = frame_at(s->phys, pfn);

	if (frame_type(f) == FRAME_ANON && (f->word & PG_KSM) && f->owner == id)
		return pfn;
	return PFN_NONE;
}

void ksm_moved(struct space *s, pfn_t page, pfn_t to)
{
	node_at(s, frame_at(s->phys, page)->owner)->pfn = to;
}

bool ksm_has_room(const struct space *s, uint32_t id, uint32_t more)
{
	uint32_t nr = node_at(s, id)->nr_items;

	return nr && nr + more < s->ksm.max_page_sharing;
}

static int new_node(struct space *s, struct ctx *ctx, uint64_t key,
		    uint32_t *ret_node)
{
	pfn_t slab;
	int r = kmem_alloc(s->kmem, ctx, KMEM_KSM_STABLE_NODE, &slab);

	if (r)
		return r;
	r = pool_new(&s->ksm_nodes, ret_node);
	if (r) {
		kmem_free(s->kmem, ctx, slab);
		return r;
	}
	node_at(s, *ret_node)->slab = slab;
	node_at(s, *ret_node)->key = key;
	return 0;
}

static void free_node(struct space *s, struct ctx *ctx, uint32_t id)
{
	kmem_free(s->kmem, ctx, node_at(s, id)->slab);
	pool_free(&s->ksm_nodes, id);
}

/* What the tree leads to for the key of @id: it was something else. */
static void tree_replace(struct space *s, uint64_t key, uint32_t id)
{
	uint32_t leaf;

	/* Its place is there: this takes no memory. */
	xa_store(&s->ksm_tree, &s->ksm.stable, key, id, &leaf);
}

/* --- chains: nodes of equal content --------------------------------------- */
static void dup_add(struct space *s, uint32_t chain, uint32_t id)
{
	struct ksm_node *c = node_at(s, chain), *n = node_at(s, id);

	n->chain = chain;
	n->prev = 0;
	n->next = c->dups;
	if (c->dups)
		node_at(s, c->dups)->prev = id;
	c->dups = id;
}

static void dup_del(struct space *s, uint32_t id)
{
	struct ksm_node *n = node_at(s, id);

	if (n->prev)
		node_at(s, n->prev)->next = n->next;
	else
		node_at(s, n->chain)->dups = n->next;
	if (n->next)
		node_at(s, n->next)->prev = n->prev;
	n->chain = n->next = n->prev = 0;
}

static void chain_free(struct space *s, struct ctx *ctx, uint32_t chain)
{
	s->ksm.stable_node_chains--;
	free_node(s, ctx, chain);
}

/* The only one left of a chain stands for itself again. */
static void chain_dissolve(struct space *s, struct ctx *ctx, uint32_t chain,
			   uint32_t only)
{
	dup_del(s, only);
	s->ksm.stable_node_dups--;
	tree_replace(s, node_at(s, only)->key, only);
	chain_free(s, ctx, chain);
}

/* The first or, when it is time to prune, the fullest that has room. */
static uint32_t chain_choose(struct space *s, struct ctx *ctx, uint32_t chain,
			     bool prune, uint32_t *ret_nr)
{
	uint32_t id = node_at(s, chain)->dups, next, found = 0;

	for (*ret_nr = 0; id; id = next) {
		next = node_at(s, id)->next;
		if (ksm_node_page(s, id) == PFN_NONE) {
			ksm_node_drop(s, ctx, id);
			continue;
		}
		++*ret_nr;
		if (!ksm_has_room(s, id, 0) ||
		    (found &&
		     node_at(s, id)->nr_items <= node_at(s, found)->nr_items))
			continue;
		found = id;
		if (!prune)
			break;
	}
	return found;
}

/* stable_node_dup() */
static uint32_t chain_find(struct space *s, struct ctx *ctx, uint32_t chain)
{
	struct ksm_node *c = node_at(s, chain);
	bool prune = ctx->now >=
		     c->pruned_at + (vtime_t)s->ksm.prune_ms * 1000000;
	uint32_t nr, found;

	if (prune)
		c->pruned_at = ctx->now;
	found = chain_choose(s, ctx, chain, prune, &nr);
	if (found && prune && nr == 1) {
		chain_dissolve(s, ctx, chain, found);
	} else if (found && c->dups != found && ksm_has_room(s, found, 1)) {
		dup_del(s, found);
		dup_add(s, chain, found);
	} else if (!found && !c->dups) {
		xa_erase(&s->ksm_tree, &s->ksm.stable, c->key, NULL, NULL);
		chain_free(s, ctx, chain);
	}
	return found;
}

/* --- the stable tree ---------------------------------------------------------
 */
void ksm_node_drop(struct space *s, struct ctx *ctx, uint32_t id)
{
	struct ksm_node *n = node_at(s, id);

	while (n->items)
		ksm_detach(s, n->items);
	if (n->chain) {
		dup_del(s, id);
		s->ksm.stable_node_dups--;
	} else {
		xa_erase(&s->ksm_tree, &s->ksm.stable, n->key, NULL, NULL);
	}
	free_node(s, ctx, id);
}

uint32_t ksm_stable_find(struct space *s, struct ctx *ctx, uint64_t key)
{
	uint32_t id = (uint32_t)xa_load(&s->ksm_tree, &s->ksm.stable, key);

	if (!id)
		return 0;
	if (node_at(s, id)->is_chain)
		return chain_find(s, ctx, id);
	if (ksm_node_page(s, id) == PFN_NONE) {
		ksm_node_drop(s, ctx, id);
		return 0;
	}
	return ksm_has_room(s, id, 0) ? id : 0;
}

/* alloc_stable_node_chain(): @first and others to come. */
static int chain_new(struct space *s, struct ctx *ctx, uint32_t first,
		     uint32_t *ret_chain)
{
	uint64_t key = node_at(s, first)->key;
	uint32_t id;
	int r = new_node(s, ctx, key, &id);

	if (r)
		return r;
	node_at(s, id)->is_chain = 1;
	node_at(s, id)->pruned_at = ctx->now;
	dup_add(s, id, first);
	s->ksm.stable_node_chains++;
	s->ksm.stable_node_dups++;
	tree_replace(s, key, id);
	*ret_chain = id;
	return 0;
}

/* Into the tree, or beside the full ones of its content. */
static int place_node(struct space *s, struct ctx *ctx, uint32_t id)
{
	uint64_t key = node_at(s, id)->key;
	uint32_t old = (uint32_t)xa_load(&s->ksm_tree, &s->ksm.stable, key);
	uint32_t leaf;
	int r = 0;

	if (!old)
		return xa_store(&s->ksm_tree, &s->ksm.stable, key, id, &leaf);
	if (!node_at(s, old)->is_chain)
		r = chain_new(s, ctx, old, &old);
	if (r)
		return r;
	dup_add(s, old, id);
	s->ksm.stable_node_dups++;
	return 0;
}

int ksm_stable_insert(struct space *s, struct ctx *ctx, pfn_t pfn,
		      uint32_t *ret_node)
{
	struct frame *f = frame_at(s->phys, pfn);
	uint32_t id;
	int r = new_node(s, ctx, ksm_key(s, pfn), &id);

	if (r)
		return r;
	r = place_node(s, ctx, id);
	if (r) {
		free_node(s, ctx, id);
		return r;
	}
	node_at(s, id)->pfn = pfn;
	f->word = (f->word & ~PG_EXCLUSIVE) | PG_KSM | PG_DIRTY;
	f->owner = id;
	f->index = 0;
	*ret_node = id;
	return 0;
}

void ksm_drop_nodes(struct space *s, struct ctx *ctx)
{
	for (uint32_t id = 1; id <= s->ksm_nodes.top; id++) {
		const struct ksm_node *n = node_at(s, id);

		if (n->slab && !n->is_chain && ksm_node_page(s, id) == PFN_NONE)
			ksm_node_drop(s, ctx, id);
	}
	for (uint32_t id = 1; id <= s->ksm_nodes.top; id++) {
		const struct ksm_node *n = node_at(s, id);

		if (!n->slab || !n->is_chain || n->dups)
			continue;
		xa_erase(&s->ksm_tree, &s->ksm.stable, n->key, NULL, NULL);
		chain_free(s, ctx, id);
	}
}

/* --- the unstable tree
 * -------------------------------------------------------- */
int ksm_unstable_insert(struct space *s, uint32_t id, uint64_t key)
{
	struct ksm_item *i = item_at(s, id);
	uint32_t leaf;
	int r = xa_store(&s->ksm_tree, &s->ksm.unstable, key, id, &leaf);

	if (r)
		return r;
	i->place = KSM_UNSTABLE;
	i->key = key;
	i->seqnr = s->ksm.seqnr;
	s->ksm.pages_unshared++;
	return 0;
}

void ksm_unstable_reset(struct space *s)
{
	uint64_t i = 0, entry;

	while ((i = xa_next(&s->ksm_tree, &s->ksm.unstable, i, UINT64_MAX,
			    &entry)) != XA_NONE)
		xa_erase(&s->ksm_tree, &s->ksm.unstable, i, NULL, NULL);
}
