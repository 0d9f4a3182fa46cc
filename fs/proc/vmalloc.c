// SPDX-License-Identifier: Apache-2.0
/* /proc/vmallocinfo: mm/vmalloc.c, vmalloc_info_show(). Addresses are those
 * that model/kernel_map and model/PID/walk speak of, in ascending order. */
#include "fs/counters.h"
#include "fs/proc/proc-nodes.h"

typedef unsigned long long ull;

/* show_numa_info() */
static void out_nodes(const struct kmem *k, const struct vmalloc_area *a,
		      struct outbuf *out)
{
	uint32_t pages[MAX_NODES] = { 0 };
	uint32_t pfn = a->pages;

	if (!has_numa(k->phys))
		return;
	for (uint32_t i = 0; i < a->nr_filled && pfn != PFN_NONE; i++) {
		pages[pfn_node(k->phys, pfn)]++;
		pfn = frame_at(k->phys, pfn)->next;
	}
	for (unsigned n = 0; n < k->phys->nr_nodes; n++)
		if (pages[n])
			out_printf(out, " N%u=%u", n, pages[n]);
}

static void show_area(const struct kmem *k, uint32_t id, struct outbuf *out)
{
	const struct vmalloc_area *a = vmalloc_at(k, id);
	uint64_t size = ((uint64_t)a->nr_pages + 1) * PAGE_SIZE; /* guard */
	unsigned digits = k->phys->i386 ? 8 : 16;

	out_str(out, "0x");
	out_hex(out, a->start, digits);
	out_str(out, "-0x");
	out_hex(out, a->start + size, digits);
	out_printf(out, " %7llu %s pages=%u vmalloc", (ull)size,
		   vmalloc_callers[a->caller], a->nr_pages);
	if (a->kind == VMALLOC_USER)
		out_str(out, " user");
	if (a->array_area)
		out_str(out, " vpages");
	out_nodes(k, a, out);
	out_char(out, '\n');
}

static int show_vmallocinfo(const struct view *v, struct outbuf *out)
{
	const struct kmem *k = &v->m->kmem;

	for (uint32_t id = vmalloc_next(k, ID_NONE); id;
	     id = vmalloc_next(k, id))
		show_area(k, id, out);
	return out->error;
}

const struct fsnode proc_vmalloc_nodes[] = {
	{ .path = "proc/vmallocinfo", .mode = 0400, .show = show_vmallocinfo },
};
NODES_COUNT(proc_vmalloc);
