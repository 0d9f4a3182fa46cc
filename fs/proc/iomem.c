// SPDX-License-Identifier: Apache-2.0
/* /proc/iomem: kernel/resource.c; a PC's firmware map around the memory that
 * the machine has. */
#include "fs/proc/proc-nodes.h"

#define LOW_END 0x100u /* pfn of 1 MiB: below, what every PC reserves */

static void out_range(struct outbuf *out, uint64_t start, uint64_t end,
		      const char *what)
{
	out_hex(out, start, 8);
	out_char(out, '-');
	out_hex(out, end - 1, 8);
	out_printf(out, " : %s\n", what);
}

static void out_ram(struct outbuf *out, uint64_t start_pfn, uint64_t end_pfn)
{
	if (start_pfn < LOW_END)
		start_pfn = LOW_END;
	if (end_pfn > start_pfn)
		out_range(out, start_pfn << PAGE_SHIFT, end_pfn << PAGE_SHIFT,
			  "System RAM");
}

static int show_iomem(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint32_t start = 0;

	out_range(out, 0, 0x1000, "Reserved");
	out_range(out, 0x1000, 0x9fc00, "System RAM");
	out_range(out, 0x9fc00, 0x100000, "Reserved");
	for (uint32_t b = 0; b < p->nr_blocks; b++) {
		if (p->blocks[b].state != BLOCK_HOLE)
			continue;
		out_ram(out, (uint64_t)start << MAX_ORDER,
			(uint64_t)b << MAX_ORDER);
		start = b + 1;
	}
	out_ram(out, (uint64_t)start << MAX_ORDER,
		(uint64_t)p->nr_blocks << MAX_ORDER);
	return out->error;
}

const struct fsnode proc_iomem_nodes[] = {
	{ .path = "proc/iomem", .mode = 0444, .show = show_iomem },
};
NODES_COUNT(proc_iomem);
