// SPDX-License-Identifier: Apache-2.0
/* /proc/slabinfo: mm/slab_common.c, slab_show(); mm/slub.c, get_slabinfo(). */
#include "fs/proc/proc-nodes.h"

typedef unsigned long long ull;

static void show_cache(const struct kmem_cache *s, struct outbuf *out)
{
	out_printf(out, "%-17s %6llu %6llu %6u %4u %4d", s->name,
		   (ull)kmem_cache_active(s), (ull)kmem_cache_total(s), s->size,
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
			show_cache(s, out);
	}
	return out->error;
}

const struct fsnode proc_slab_nodes[] = {
	{ .path = "proc/slabinfo", .mode = 0400, .show = show_slabinfo },
};
NODES_COUNT(proc_slab);
