// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/group-stat.h"

/* Where a line of memory.stat comes from. */
enum source { NODE_PAGES, NODE_KB, NODE_COUNT, EVENTS, SLAB, ZERO };

struct stat_row {
	const char *name;
	uint8_t source, item, item2; /* of two that are added, if different */
};
#define PAGES(name, id)                  \
	{                                \
		name, NODE_PAGES, id, id \
	}
#define COUNT(name, id)                  \
	{                                \
		name, NODE_COUNT, id, id \
	}
#define HAPPENED(name, id)           \
	{                            \
		name, EVENTS, id, id \
	}
#define BOTH(name, id, id2)           \
	{                             \
		name, EVENTS, id, id2 \
	}

/* memory_stat_format(), in its order. */
/* clang-format off */
static const struct stat_row rows[] = {
	PAGES("anon", NR_ANON_MAPPED),
	PAGES("file", NR_FILE_PAGES),
	{ "kernel", SLAB, 2, 2 },
	{ "kernel_stack", NODE_KB, NR_KERNEL_STACK_KB, NR_KERNEL_STACK_KB },
	PAGES("pagetables", NR_PAGETABLE),
	PAGES("sec_pagetables", NR_SECONDARY_PAGETABLE),
	{ "percpu", ZERO, 0, 0 },
	{ "sock", ZERO, 0, 0 },
	{ "vmalloc", ZERO, 0, 0 },
	PAGES("shmem", NR_SHMEM),
	PAGES("file_mapped", NR_FILE_MAPPED),
	PAGES("file_dirty", NR_FILE_DIRTY),
	PAGES("file_writeback", NR_WRITEBACK),
	PAGES("swapcached", NR_SWAPCACHE),
	PAGES("anon_thp", NR_ANON_THPS),
	PAGES("file_thp", NR_FILE_THPS),
	PAGES("shmem_thp", NR_SHMEM_THPS),
	PAGES("inactive_anon", NR_INACTIVE_ANON),
	PAGES("active_anon", NR_ACTIVE_ANON),
	PAGES("inactive_file", NR_INACTIVE_FILE),
	PAGES("active_file", NR_ACTIVE_FILE),
	PAGES("unevictable", NR_UNEVICTABLE),
	{ "slab_reclaimable", SLAB, KMEM_RECLAIMABLE, 0 },
	{ "slab_unreclaimable", SLAB, KMEM_UNRECLAIMABLE, 0 },
	{ "slab", SLAB, 2, 0 },
	COUNT("workingset_refault_anon", WORKINGSET_REFAULT_ANON),
	COUNT("workingset_refault_file", WORKINGSET_REFAULT_FILE),
	COUNT("workingset_activate_anon", WORKINGSET_ACTIVATE_ANON),
	COUNT("workingset_activate_file", WORKINGSET_ACTIVATE_FILE),
	COUNT("workingset_restore_anon", WORKINGSET_RESTORE_ANON),
	COUNT("workingset_restore_file", WORKINGSET_RESTORE_FILE),
	COUNT("workingset_nodereclaim", WORKINGSET_NODERECLAIM),
	COUNT("pgdemote_kswapd", PGDEMOTE_KSWAPD),
	COUNT("pgdemote_direct", PGDEMOTE_DIRECT),
	COUNT("pgdemote_khugepaged", PGDEMOTE_KHUGEPAGED),
	COUNT("pgdemote_proactive", PGDEMOTE_PROACTIVE),
	COUNT("pgpromote_success", PGPROMOTE_SUCCESS),
	BOTH("pgscan", PGSCAN_KSWAPD, PGSCAN_DIRECT),
	BOTH("pgsteal", PGSTEAL_KSWAPD, PGSTEAL_DIRECT),
	HAPPENED("pswpin", PSWPIN),
	HAPPENED("pswpout", PSWPOUT),
	HAPPENED("pgscan_kswapd", PGSCAN_KSWAPD),
	HAPPENED("pgscan_direct", PGSCAN_DIRECT),
	HAPPENED("pgscan_khugepaged", PGSCAN_KHUGEPAGED),
	HAPPENED("pgscan_proactive", PGSCAN_PROACTIVE),
	HAPPENED("pgsteal_kswapd", PGSTEAL_KSWAPD),
	HAPPENED("pgsteal_direct", PGSTEAL_DIRECT),
	HAPPENED("pgsteal_khugepaged", PGSTEAL_KHUGEPAGED),
	HAPPENED("pgsteal_proactive", PGSTEAL_PROACTIVE),
	HAPPENED("pgfault", PGFAULT),
	HAPPENED("pgmajfault", PGMAJFAULT),
	HAPPENED("pgrefill", PGREFILL),
	HAPPENED("pgactivate", PGACTIVATE),
	HAPPENED("pgdeactivate", PGDEACTIVATE),
	HAPPENED("pglazyfree", PGLAZYFREE),
	HAPPENED("pglazyfreed", PGLAZYFREED),
	HAPPENED("swpin_zero", SWPIN_ZERO),
	HAPPENED("swpout_zero", SWPOUT_ZERO),
	HAPPENED("zswpin", ZSWPIN),
	HAPPENED("zswpout", ZSWPOUT),
	HAPPENED("zswpwb", ZSWPWB),
	HAPPENED("thp_fault_alloc", THP_FAULT_ALLOC),
	HAPPENED("thp_collapse_alloc", THP_COLLAPSE_ALLOC),
	HAPPENED("thp_swpout", THP_SWPOUT),
	HAPPENED("thp_swpout_fallback", THP_SWPOUT_FALLBACK),
	HAPPENED("numa_pages_migrated", NUMA_PAGE_MIGRATE),
	HAPPENED("numa_pte_updates", NUMA_PTE_UPDATES),
	HAPPENED("numa_hint_faults", NUMA_HINT_FAULTS),
};
/* clang-format on */

static int64_t slab_bytes(const struct group *g, unsigned kind)
{
	return (int64_t)(kind > 1 ? g->slab_bytes[0] + g->slab_bytes[1]
				  : g->slab_bytes[kind]);
}

static int64_t own_value(const struct group *g, const struct stat_row *row)
{
	switch ((enum source)row->source) {
	case NODE_PAGES:
		return g->stat[row->item] << PAGE_SHIFT;
	case NODE_KB:
		return g->stat[row->item] << 10;
	case NODE_COUNT:
		return g->stat[row->item];
	case EVENTS:
		return (int64_t)(g->event[row->item] +
				 (row->item2 != row->item ? g->event[row->item2]
							  : 0));
	case SLAB:
		/* all of the kernel's: stacks and page tables too */
		return slab_bytes(g, row->item) +
		       (row->item2
				? (g->stat[NR_KERNEL_STACK_KB] << 10) +
					  (g->stat[NR_PAGETABLE] << PAGE_SHIFT)
				: 0);
	case ZERO:
		break;
	}
	return 0;
}

const unsigned nr_group_stats = sizeof(rows) / sizeof(*rows);

const char *group_stat_name(unsigned line)
{
	return rows[line].name;
}

int64_t group_stat_value(const struct control *c, uint32_t group, unsigned line)
{
	int64_t n = 0;

	for (uint32_t id = group; id; id = group_next(c, group, id))
		n += own_value(group_at(c, id), &rows[line]);
	return n;
}

/* Lines of memory.numa_stat (memcg_numa_stat_show()). */
bool group_stat_by_node(unsigned line)
{
	const struct stat_row *row = &rows[line];

	return row->source == NODE_PAGES || row->source == NODE_KB ||
	       row->source == NODE_COUNT ||
	       (row->source == SLAB && !row->item2);
}

int64_t group_stat_node(const struct control *c, uint32_t group, unsigned line,
			unsigned node)
{
	const struct stat_row *row = &rows[line];
	unsigned shift = row->source == NODE_PAGES ? PAGE_SHIFT
			 : row->source == NODE_KB  ? 10
						   : 0;
	int64_t n = 0;

	for (uint32_t id = group; id; id = group_next(c, group, id))
		n += group_at(c, id)->node_stat[node][row->item];
	return n << shift;
}
