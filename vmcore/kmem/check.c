// SPDX-License-Identifier: Apache-2.0
#include "vmcore/kmem/check.h"

#include <stdio.h>

void kmem_differ(const struct kmem_tally *t, const char *what, unsigned where,
		 int64_t recounted, int64_t kept)
{
	char text[96];

	if (recounted == kept)
		return;
	snprintf(text, sizeof(text), "kmem %s %u", what, where);
	t->report(t->arg, text, recounted, kept);
}

int64_t tally_charges(struct kmem_tally *t, uint32_t head,
		      const struct kmem_cache *c)
{
	int64_t sum = 0;

	for (uint32_t id = head; id;) {
		const struct slab_charge *e = pool_at(&t->k->charges, id);

		t->entries++;
		sum += e->count;
		t->bytes[group_kmem_owner(
			t->k->control, e->group & FRAME_MAX_GROUP)][c->kind] +=
			(int64_t)e->count * (c->size + OBJ_CGROUP_BYTES);
		id = e->next;
	}
	return sum;
}

static void tally_place(struct kmem_tally *t, pfn_t pfn, const struct frame *f,
			const struct kmem_cache *c)
{
	uint32_t place = f->word & (SLAB_PARTIAL | SLAB_FROZEN | SLAB_BULK);

	if (place == SLAB_PARTIAL)
		t->partial++;
	else if (place == SLAB_FROZEN)
		t->frozen++;
	else if (place == SLAB_BULK)
		t->bulk++;
	else if (place)
		kmem_differ(t, "slab in two places", pfn, place, 0);
	else if (f->private < slab_capacity(c, f))
		t->loose++;
}

static void tally_slab(struct kmem_tally *t, pfn_t pfn, const struct frame *f)
{
	const struct kmem_cache *c;
	unsigned node = pfn_node(t->k->phys, pfn);
	uint32_t cache = f->owner - 1;

	if (cache >= t->k->caches.top) {
		kmem_differ(t, "slab of no cache", pfn, cache, -1);
		return;
	}
	c = kmem_cache_at(t->k, cache);
	t->slabs[cache]++;
	t->objects[cache] += f->private;
	t->total[cache][node] += slab_capacity(c, f);
	t->pages[node][c->kind] += 1 << frame_order(f);
	tally_place(t, pfn, f, c);
	if (f->private > slab_capacity(c, f))
		kmem_differ(t, "objects in slab", pfn, slab_capacity(c, f),
			    f->private);
	if (tally_charges(t, f->index, c) > f->private)
		kmem_differ(t, "charged objects in slab", pfn, f->private, -1);
}

static void tally_frame(struct kmem_tally *t, pfn_t pfn, const struct frame *f)
{
	switch (frame_type(f)) {
	case FRAME_SLAB:
		tally_slab(t, pfn, f);
		break;
	case FRAME_KERNEL:
		if (f->owner == KMALLOC_LARGE)
			t->pages[pfn_node(t->k->phys, pfn)]
				[KMEM_UNRECLAIMABLE] += 1 << frame_order(f);
		if (f->owner == KMEM_BOOT)
			t->boot++;
		break;
	case FRAME_STACK:
		t->stack_kb[pfn_node(t->k->phys, pfn)] += PAGE_SIZE / 1024
							  << frame_order(f);
		t->vmalloc += f->private != ID_NONE;
		break;
	case FRAME_VMALLOC:
		t->vmalloc++;
		break;
	default:
		break;
	}
}

static void tally_frames(struct kmem_tally *t)
{
	const struct phys *p = t->k->phys;

	for (uint32_t b = 0; b < p->nr_blocks; b++) {
		pfn_t pfn = b << MAX_ORDER;

		if (p->blocks[b].state != BLOCK_OPEN)
			continue;
		for (uint32_t i = 0; i < BLOCK_FRAMES; i++)
			tally_frame(t, pfn + i, frame_at(p, pfn + i));
	}
}

static void check_caches(const struct kmem_tally *t)
{
	for (uint32_t i = 0; i < t->k->caches.top; i++) {
		const struct kmem_cache *c = kmem_cache_at(t->k, i);
		int64_t nr_slabs = 0;

		kmem_differ(t, "slabs, cache", i, t->slabs[i],
			    (int64_t)c->nr_slabs);
		kmem_differ(t, "objects, cache", i, t->objects[i],
			    (int64_t)c->nr_objects);
		for (unsigned n = 0; n < MAX_NODES; n++) {
			kmem_differ(t, "room for objects, cache", i,
				    t->total[i][n],
				    (int64_t)c->node[n].nr_total);
			nr_slabs += c->node[n].nr_slabs;
		}
		kmem_differ(t, "slabs of the nodes, cache", i, nr_slabs,
			    (int64_t)c->nr_slabs);
	}
}

static void check_nodes(const struct kmem_tally *t)
{
	for (unsigned n = 0; n < MAX_NODES; n++) {
		const int64_t *stat = t->k->phys->stat.node[n];

		kmem_differ(t, "nr_slab_reclaimable, node", n,
			    t->pages[n][KMEM_RECLAIMABLE],
			    stat[NR_SLAB_RECLAIMABLE]);
		kmem_differ(t, "nr_slab_unreclaimable, node", n,
			    t->pages[n][KMEM_UNRECLAIMABLE],
			    stat[NR_SLAB_UNRECLAIMABLE]);
		kmem_differ(t, "nr_kernel_stack, node", n, t->stack_kb[n],
			    stat[NR_KERNEL_STACK_KB]);
	}
}

static void check_groups(const struct kmem_tally *t)
{
	const struct control *c = t->k->control;
	uint32_t id = ID_NONE;

	while ((id = group_next(c, GROUP_ROOT, id)))
		for (unsigned kind = 0; kind < 2; kind++)
			kmem_differ(t, "bytes charged, group", id,
				    t->bytes[id][kind],
				    (int64_t)group_at(c, id)->slab_bytes[kind]);
}

void kmem_check(const struct kmem *k, check_report *report, void *arg)
{
	struct kmem_tally t = { .k = k, .report = report, .arg = arg };

	tally_frames(&t);
	check_caches(&t);
	check_nodes(&t);
	tally_lists(&t);
	check_groups(&t);
}
