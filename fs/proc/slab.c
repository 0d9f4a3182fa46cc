// SPDX-License-Identifier: Apache-2.0
/* /proc/slabinfo: mm/slab_common.c, slab_show(); mm/slub.c, get_slabinfo(). */
#include "fs/proc/proc-nodes.h"

typedef unsigned long long ull;

/* Free objects that the kernel counts: those of slabs on the partial list.
 * A CPU's own slab passes for full. */
static uint64_t free_partial(const struct kmem *k, const struct kmem_cache *s)
{
	uint64_t nr = 0;
	uint32_t pfn = s->partial_head;

	for (uint32_t i = 0; i < s->nr_partial && pfn != PFN_NONE; i++) {
		const struct frame *f = frame_at(k->phys, pfn);

		nr += s->per_slab - f->private;
		pfn = f->next;
	}
	return nr;
}

static void show_cache(const struct kmem *k, const struct kmem_cache *s,
		       struct outbuf *out)
{
	uint64_t objects = s->nr_slabs * s->per_slab;

	out_printf(out, "%-17s %6llu %6llu %6u %4u %4d", s->name,
		   (ull)(objects - free_partial(k, s)), (ull)objects, s->size,
		   s->per_slab, 1 << s->order);
	out_printf(out, " : tunables %4u %4u %4u", 0, 0, 0);
	out_printf(out, " : slabdata %6llu %6llu %6u\n", (ull)s->nr_slabs,
		   (ull)s->nr_slabs, 0);
}

static int show_slabinfo(const struct view *v, struct outbuf *out)
{
	const struct kmem *k = &v->m->kmem;

	out_str(out, "slabinfo - version: 2.1\n");
	out_str(out, "# name            <active_objs> <num_objs> <objsize> "
		     "<objperslab> <pagesperslab>");
	out_str(out, " : tunables <limit> <batchcount> <sharedfactor>");
	out_str(out, " : slabdata <active_slabs> <num_slabs> "
		     "<sharedavail>\n");
	for (uint32_t id = k->caches.top; id; id--) {
		const struct kmem_cache *s = pool_at(&k->caches, id);

		if (s->per_slab)
			show_cache(k, s, out);
	}
	return out->error;
}

const struct fsnode proc_slab_nodes[] = {
	{ .path = "proc/slabinfo", .mode = 0400, .show = show_slabinfo },
};
NODES_COUNT(proc_slab);
