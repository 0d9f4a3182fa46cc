// SPDX-License-Identifier: Apache-2.0
/* /sys/devices/system/memory: drivers/base/memory.c. */
#include "fs/counters.h"
#include "fs/sys/sys-nodes.h"

#define MEMORY	    "sys/devices/system/memory/"
#define BLOCK_BYTES (128u << 20)
#define BLOCK_PAGES (BLOCK_BYTES / PAGE_SIZE)

static int show_block_size(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_printf(out, "%x\n", BLOCK_BYTES);
	return out->error;
}

static int show_text(struct outbuf *out, const char *text)
{
	out_str(out, text);
	return out->error;
}

static int show_auto_online(const struct view *v, struct outbuf *out)
{
	(void)v;
	return show_text(out, "offline\n");
}

static int show_online(const struct view *v, struct outbuf *out)
{
	(void)v;
	return show_text(out, "1\n");
}

static int show_phys_device(const struct view *v, struct outbuf *out)
{
	(void)v;
	return show_text(out, "0\n");
}

static int show_phys_index(const struct view *v, struct outbuf *out)
{
	out_hex(out, v->block, 8);
	out_char(out, '\n');
	return out->error;
}

/* The kernel no longer looks: what it is built for says yes. */
static int show_removable(const struct view *v, struct outbuf *out)
{
	(void)v;
	return show_text(out, "1\n");
}

static int show_state(const struct view *v, struct outbuf *out)
{
	(void)v;
	return show_text(out, "online\n");
}

/* The zone of a block that lies in one, else "none" (valid_zones_show()). */
static int show_zones(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint64_t start = (uint64_t)v->block * BLOCK_PAGES;
	uint64_t end = start + BLOCK_PAGES;

	zone_for_each (p, z) {
		const struct zone *zone = &p->zones[z];
		uint64_t first = zone->start_pfn;

		if (!zone->present || start < first ||
		    end > first + zone->spanned)
			continue;
		out_printf(out, "%s\n", zone_name(p, z % MAX_ZONES_PER_NODE));
		return out->error;
	}
	return show_text(out, "none\n");
}

/* Memory blocks are there to be plugged, which takes 64 bits. */
static bool exists(const struct view *v)
{
	return !v->m->phys.i386;
}

const struct fsnode sys_memory_nodes[] = {
	{ .path = "sys/devices/system/memory",
	  .mode = 0755,
	  .flags = FSNODE_DIR,
	  .exists = exists },
	{ .path = MEMORY "auto_online_blocks",
	  .mode = 0644,
	  .show = show_auto_online },
	{ .path = MEMORY "block_size_bytes",
	  .mode = 0444,
	  .show = show_block_size },
	{ .path = MEMORY "memory$block/online",
	  .mode = 0644,
	  .show = show_online },
	{ .path = MEMORY "memory$block/phys_device",
	  .mode = 0444,
	  .show = show_phys_device },
	{ .path = MEMORY "memory$block/phys_index",
	  .mode = 0444,
	  .show = show_phys_index },
	{ .path = MEMORY "memory$block/removable",
	  .mode = 0444,
	  .show = show_removable },
	{ .path = MEMORY "memory$block/state",
	  .mode = 0644,
	  .show = show_state },
	{ .path = MEMORY "memory$block/valid_zones",
	  .mode = 0444,
	  .show = show_zones },
};
NODES_COUNT(sys_memory);
