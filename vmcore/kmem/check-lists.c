// SPDX-License-Identifier: Apache-2.0
#include "vmcore/kmem/check.h"

/* Is there a slab of the cache at @pfn, in the place that @flag says? */
static bool slab_at(const struct kmem_tally *t, uint32_t cache, pfn_t pfn,
		    uint32_t flag)
{
	const uint32_t places = SLAB_PARTIAL | SLAB_FROZEN | SLAB_BULK;
	const struct frame *f =
		pfn < t->k->phys->max_pfn ? frame_peek(t->k->phys, pfn) : NULL;

	if (f && frame_type(f) == FRAME_SLAB && f->owner == cache + 1 &&
	    (f->word & places) == flag)
		return true;
	kmem_differ(t, "list with a stranger, cache", cache, pfn, -1);
	return false;
}

static void walk_node(struct kmem_tally *t, uint32_t cache, unsigned node)
{
	const struct kmem_cache *c = kmem_cache_at(t->k, cache);
	const struct kmem_node *n = &c->node[node];
	pfn_t prev = PFN_NONE, pfn = n->head;
	uint64_t nr_free = 0;
	uint32_t nr = 0;

	while (pfn != PFN_NONE && nr <= n->nr_partial) {
		const struct frame *f;

		if (!slab_at(t, cache, pfn, SLAB_PARTIAL))
			return;
		f = frame_at(t->k->phys, pfn);
		if (f->prev != prev || pfn_node(t->k->phys, pfn) != node)
			kmem_differ(t, "partial list broken, cache", cache, pfn,
				    -1);
		nr_free += slab_capacity(c, f) - f->private;
		nr++;
		prev = pfn;
		pfn = f->next;
	}
	kmem_differ(t, "partial list's tail, cache", cache, prev, n->tail);
	kmem_differ(t, "partial slabs, cache", cache, nr, n->nr_partial);
	kmem_differ(t, "free objects, cache", cache, (int64_t)nr_free,
		    (int64_t)n->nr_free);
	t->partial -= nr;
}

static void walk_cpu(struct kmem_tally *t, uint32_t cache, unsigned nr_cpu)
{
	const struct kmem_cpu *cpu = kmem_cpu_at(t->k, cache, nr_cpu);
	pfn_t pfn = cpu->partial;
	uint32_t nr = 0;

	if (cpu->slab != PFN_NONE && slab_at(t, cache, cpu->slab, SLAB_FROZEN))
		t->frozen--;
	while (pfn != PFN_NONE && nr <= cpu->nr_partial) {
		if (!slab_at(t, cache, pfn, 0))
			return;
		nr++;
		pfn = frame_at(t->k->phys, pfn)->next;
	}
	kmem_differ(t, "a CPU's partial slabs, cache", cache, nr,
		    cpu->nr_partial);
	t->loose -= nr;
}

static void walk_bulk(struct kmem_tally *t, uint32_t cache)
{
	const struct kmem_cache *c = kmem_cache_at(t->k, cache);
	pfn_t pfn = c->bulk_head;
	int64_t objects = 0;

	for (uint64_t nr = 0; pfn != PFN_NONE && nr <= c->nr_slabs; nr++) {
		const struct frame *f;

		if (!slab_at(t, cache, pfn, SLAB_BULK))
			return;
		f = frame_at(t->k->phys, pfn);
		if (pfn != c->bulk_head && f->private != slab_capacity(c, f))
			kmem_differ(t, "bulk slab not full, cache", cache,
				    f->private, slab_capacity(c, f));
		objects += f->private;
		t->bulk--;
		pfn = f->next;
	}
	kmem_differ(t, "bulk objects, cache", cache, objects,
		    (int64_t)c->nr_bulk);
	if (tally_charges(t, c->bulk_charges, c) > objects)
		kmem_differ(t, "charged bulk objects, cache", cache, objects,
			    -1);
}

static int64_t walk_area(struct kmem_tally *t, uint32_t id)
{
	const struct vmalloc_area *a = vmalloc_at(t->k, id);
	pfn_t pfn = a->pages, last = PFN_NONE;
	uint32_t nr = 0;

	while (pfn != PFN_NONE && nr <= a->nr_filled) {
		const struct frame *f = frame_at(t->k->phys, pfn);
		bool stack = frame_type(f) == FRAME_STACK;

		if ((stack ? f->private : f->owner) != id ||
		    (!stack && frame_type(f) != FRAME_VMALLOC) ||
		    f->prev != last || f->index != nr)
			kmem_differ(t, "area with a stranger", id, pfn, -1);
		nr++;
		last = pfn;
		pfn = f->next;
	}
	kmem_differ(t, "area's last page", id, last, a->last);
	kmem_differ(t, "pages of area", id, nr, a->nr_filled);
	return nr;
}

static void walk_areas(struct kmem_tally *t)
{
	uint64_t end = t->k->vmalloc_start;
	uint32_t id = ID_NONE, nr = 0;
	int64_t pages = 0;

	while ((id = vmalloc_next(t->k, id))) {
		const struct vmalloc_area *a = vmalloc_at(t->k, id);

		if (a->start < end)
			kmem_differ(t, "areas overlap", id, 1, 0);
		end = a->start + ((uint64_t)a->nr_pages + 1) * PAGE_SIZE;
		pages += walk_area(t, id);
		nr++;
	}
	kmem_differ(t, "areas", 0, nr, t->k->vmalloc_areas.used);
	kmem_differ(t, "pages of areas", 0, pages,
		    (int64_t)t->k->vmalloc_pages);
	kmem_differ(t, "vmalloc frames", 0, t->vmalloc,
		    (int64_t)t->k->vmalloc_pages);
}

void tally_lists(struct kmem_tally *t)
{
	const struct phys *p = t->k->phys;
	pfn_t pfn = t->k->boot_head;

	for (uint32_t i = 0; i < t->k->caches.top; i++) {
		for (unsigned n = 0; n < MAX_NODES; n++)
			walk_node(t, i, n);
		for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++)
			walk_cpu(t, i, cpu);
		walk_bulk(t, i);
	}
	walk_areas(t);
	for (; pfn != PFN_NONE && t->boot >= 0; pfn = frame_at(p, pfn)->next)
		t->boot--;
	kmem_differ(t, "boot blocks not listed", 0, t->boot, 0);
	kmem_differ(t, "partial slabs not listed", 0, t->partial, 0);
	kmem_differ(t, "CPUs' slabs not held", 0, t->frozen, 0);
	kmem_differ(t, "CPUs' partial slabs not listed", 0, t->loose, 0);
	kmem_differ(t, "bulk slabs not listed", 0, t->bulk, 0);
	kmem_differ(t, "charges", 0, t->entries, t->k->charges.used);
}
