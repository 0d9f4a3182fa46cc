// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/vma.h"

static struct anon_vma_chain *chain_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->chains, id);
}

static uint64_t last_page(const struct vma *v)
{
	return v->pgoff + vma_pages(v) - 1;
}

/* --- the interval tree of an anon_vma ----------------------------------- */
static bool chain_less(const void *owner, uint32_t a, uint32_t b)
{
	return vma_at(owner, chain_at(owner, a)->vma)->pgoff <
	       vma_at(owner, chain_at(owner, b)->vma)->pgoff;
}

static bool chain_update(const void *owner, void *chain, const void *left,
			 const void *right)
{
	struct anon_vma_chain *c = chain;
	const struct anon_vma_chain *l = left, *r = right;
	uint64_t last = last_page(vma_at(owner, c->vma)), old = c->max_last;

	if (l && l->max_last > last)
		last = l->max_last;
	if (r && r->max_last > last)
		last = r->max_last;
	c->max_last = last;
	return last != old;
}

static const struct tree_type by_chain = {
	.pool = offsetof(struct space, chains),
	.node = offsetof(struct anon_vma_chain, node),
	.less = chain_less,
	.update = chain_update,
};

/* --- the interval tree of a file (i_mmap) ------------------------------- */
static bool file_less(const void *owner, uint32_t a, uint32_t b)
{
	return vma_at(owner, a)->pgoff < vma_at(owner, b)->pgoff;
}

static bool file_update(const void *owner, void *vma, const void *left,
			const void *right)
{
	struct vma *v = vma;
	const struct vma *l = left, *r = right;
	uint64_t last = last_page(v), old = v->max_last;

	(void)owner;
	if (l && l->max_last > last)
		last = l->max_last;
	if (r && r->max_last > last)
		last = r->max_last;
	v->max_last = last;
	return last != old;
}

static const struct tree_type by_file = {
	.pool = offsetof(struct space, vmas),
	.node = offsetof(struct vma, by_pgoff),
	.less = file_less,
	.update = file_update,
};

static uint32_t *mmap_root(struct space *s, const struct vma *v)
{
	return &inode_at(s->cache, file_at(s->cache, v->file)->inode)
			->mmap_root;
}

void vma_rmap_out(struct space *s, uint32_t vma)
{
	struct vma *v = vma_at(s, vma);

	if (!v->in_rmap)
		return;
	for (uint32_t c = v->chain; c; c = chain_at(s, c)->next)
		tree_erase(&by_chain, s,
			   &anon_vma_at(s, chain_at(s, c)->anon_vma)->chains,
			   c);
	if (v->file)
		tree_erase(&by_file, s, mmap_root(s, v), vma);
	v->in_rmap = 0;
}

void vma_rmap_in(struct space *s, uint32_t vma)
{
	struct vma *v = vma_at(s, vma);

	for (uint32_t c = v->chain; c; c = chain_at(s, c)->next)
		tree_insert(&by_chain, s,
			    &anon_vma_at(s, chain_at(s, c)->anon_vma)->chains,
			    c);
	if (v->file)
		tree_insert(&by_file, s, mmap_root(s, v), vma);
	v->in_rmap = 1;
}

/* --- chains -------------------------------------------------------------- */
static int chain_new(struct space *s, struct ctx *ctx, uint32_t vma,
		     uint32_t anon_vma)
{
	struct vma *v = vma_at(s, vma);
	struct anon_vma_chain *c;
	uint32_t id;
	pfn_t slab;
	int r = kmem_alloc(s->kmem, ctx, KMEM_ANON_VMA_CHAIN, &slab);

	if (r)
		return r;
	r = pool_new(&s->chains, &id);
	if (r) {
		kmem_free(s->kmem, ctx, slab);
		return r;
	}
	c = chain_at(s, id);
	c->slab = slab;
	c->vma = vma;
	c->anon_vma = anon_vma;
	c->next = v->chain;
	v->chain = id;
	anon_vma_at(s, anon_vma)->refs++;
	if (v->in_rmap)
		tree_insert(&by_chain, s, &anon_vma_at(s, anon_vma)->chains,
			    id);
	return 0;
}

static int anon_vma_new(struct space *s, struct ctx *ctx, uint64_t base,
			uint32_t *ret_id)
{
	pfn_t slab;
	uint32_t id;
	int r = kmem_alloc(s->kmem, ctx, KMEM_ANON_VMA, &slab);

	if (r)
		return r;
	r = pool_new(&s->anon_vmas, &id);
	if (r) {
		kmem_free(s->kmem, ctx, slab);
		return r;
	}
	anon_vma_at(s, id)->slab = slab;
	anon_vma_at(s, id)->base = base;
	anon_vma_at(s, id)->root = id;
	*ret_id = id;
	return 0;
}

/* The last chain or child let go; frames still owned keep it too. */
static void anon_vma_put(struct space *s, struct ctx *ctx, uint32_t id)
{
	while (id) {
		struct anon_vma *av = anon_vma_at(s, id);
		uint32_t parent = av->parent;

		if (--av->refs)
			return;
		kmem_free(s->kmem, ctx, av->slab);
		pool_free(&s->anon_vmas, id);
		id = parent;
	}
}

static void chain_free(struct space *s, struct ctx *ctx, uint32_t id)
{
	struct anon_vma_chain *c = chain_at(s, id);
	struct anon_vma *av = anon_vma_at(s, c->anon_vma);
	uint32_t anon_vma = c->anon_vma;

	if (vma_at(s, c->vma)->in_rmap)
		tree_erase(&by_chain, s, &av->chains, id);
	if (!av->chains && av->parent)
		anon_vma_at(s, av->parent)->nr_children--;
	kmem_free(s->kmem, ctx, c->slab);
	pool_free(&s->chains, id);
	anon_vma_put(s, ctx, anon_vma);
}

bool anon_vma_singular(const struct space *s, uint32_t vma)
{
	const struct vma *v = vma_at(s, vma);

	return v->chain && !chain_at(s, v->chain)->next;
}

void anon_vma_unlink(struct space *s, struct ctx *ctx, uint32_t vma)
{
	struct vma *v = vma_at(s, vma);
	uint32_t c = v->chain, next;

	if (v->anon_vma)
		anon_vma_at(s, v->anon_vma)->nr_active_vmas--;
	v->anon_vma = 0;
	v->chain = 0;
	for (; c; c = next) {
		next = chain_at(s, c)->next;
		chain_free(s, ctx, c);
	}
}

int anon_vma_clone(struct space *s, struct ctx *ctx, uint32_t dst, uint32_t src)
{
	struct vma *d = vma_at(s, dst);
	uint32_t list = 0, last = 0;
	int r = 0;

	for (uint32_t c = vma_at(s, src)->chain; c && !r;
	     c = chain_at(s, c)->next) {
		r = chain_new(s, ctx, dst, chain_at(s, c)->anon_vma);
		if (r)
			break;
		/* Keep the source's order: append what was put in front. */
		if (!list)
			list = d->chain;
		else
			chain_at(s, last)->next = d->chain;
		last = d->chain;
		chain_at(s, last)->next = 0;
		d->chain = 0;
	}
	d->chain = list;
	if (r)
		anon_vma_unlink(s, ctx, dst);
	return r;
}

/* An anon_vma of the line that nobody maps by now may serve again
 * (anon_vma_clone(): fewer than two children, no active VMA). */
static uint32_t reusable(const struct space *s, uint32_t vma)
{
	uint32_t found = 0;

	for (uint32_t c = vma_at(s, vma)->chain; c; c = chain_at(s, c)->next) {
		uint32_t id = chain_at(s, c)->anon_vma;
		const struct anon_vma *av = anon_vma_at(s, id);

		if (av->nr_children < 2 && av->nr_active_vmas == 0)
			found = id;
	}
	return found;
}

int anon_vma_fork(struct space *s, struct ctx *ctx, uint32_t dst, uint32_t src)
{
	uint32_t parent = vma_at(s, src)->anon_vma, id;
	int r;

	if (!parent)
		return 0;
	r = anon_vma_clone(s, ctx, dst, src);
	if (r)
		return r;
	id = reusable(s, dst);
	if (!id) {
		r = anon_vma_new(s, ctx, anon_vma_at(s, parent)->base, &id);
		if (!r) {
			r = chain_new(s, ctx, dst, id);
			if (r)
				anon_vma_at(s, id)->refs = 1;
			if (r)
				anon_vma_put(s, ctx, id);
		}
		if (r) {
			anon_vma_unlink(s, ctx, dst);
			return r;
		}
		anon_vma_at(s, id)->parent = parent;
		anon_vma_at(s, id)->root = anon_vma_at(s, parent)->root;
		anon_vma_at(s, parent)->nr_children++;
		anon_vma_at(s, parent)->refs++;
	}
	vma_at(s, dst)->anon_vma = id;
	anon_vma_at(s, id)->nr_active_vmas++;
	return 0;
}

/* May @b use the anon_vma of @a, its neighbour to the left, or the other
 * way round? (anon_vma_compatible(), reusable_anon_vma()) */
static bool compatible(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->policy == b->policy &&
	       a->file == b->file &&
	       !((a->flags ^ b->flags) & ~(uint32_t)VM_ACCESS) &&
	       b->pgoff == a->pgoff + vma_pages(a);
}

static uint32_t neighbour_anon_vma(const struct space *s, uint32_t vma)
{
	uint32_t next = vma_next(s, vma), prev = vma_prev(s, vma);

	if (next && vma_at(s, next)->anon_vma && anon_vma_singular(s, next) &&
	    compatible(vma_at(s, vma), vma_at(s, next)))
		return vma_at(s, next)->anon_vma;
	if (prev && vma_at(s, prev)->anon_vma && anon_vma_singular(s, prev) &&
	    compatible(vma_at(s, prev), vma_at(s, vma)))
		return vma_at(s, prev)->anon_vma;
	return 0;
}

int anon_vma_prepare(struct space *s, struct ctx *ctx, uint32_t vma)
{
	struct vma *v = vma_at(s, vma);
	uint32_t id;
	bool fresh;
	int r = 0;

	if (v->anon_vma)
		return 0;
	id = neighbour_anon_vma(s, vma);
	fresh = !id;
	if (fresh)
		r = anon_vma_new(s, ctx, v->pgoff, &id);
	if (r)
		return r;
	r = chain_new(s, ctx, vma, id);
	if (r) {
		if (fresh) {
			anon_vma_at(s, id)->refs = 1;
			anon_vma_put(s, ctx, id);
		}
		return r;
	}
	v->anon_vma = id;
	anon_vma_at(s, id)->nr_active_vmas++;
	return 0;
}
