// SPDX-License-Identifier: Apache-2.0
/* The memory part of an OOM report: mm/show_mem.c. */
#include "vmcore/task/oom.h"

static oom_ull kb(const struct oom *o, unsigned node, enum node_stat item)
{
	return oom_kb(o->t->space->phys->stat.node[node][item]);
}

static oom_ull sum(const struct oom *o, enum node_stat item)
{
	int64_t n = vmstat_node_sum(&o->t->space->phys->stat, item);

	return n > 0 ? (oom_ull)n : 0;
}

static int64_t pcp_pages(const struct phys *p, const struct zone *z)
{
	int64_t n = 0;

	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++)
		n += z->pcp[cpu].count;
	return n;
}

static void report_total(const struct oom *o)
{
	const struct phys *p = o->t->space->phys;
	struct oom_text b = { 0 };
	int64_t pcp = 0;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		pcp += pcp_pages(p, &p->zones[z]);
	oom_add(&b,
		"active_anon:%llu inactive_anon:%llu isolated_anon:%llu\n active_file:%llu inactive_file:%llu isolated_file:%llu\n",
		sum(o, NR_ACTIVE_ANON), sum(o, NR_INACTIVE_ANON),
		sum(o, NR_ISOLATED_ANON), sum(o, NR_ACTIVE_FILE),
		sum(o, NR_INACTIVE_FILE), sum(o, NR_ISOLATED_FILE));
	oom_add(&b, " unevictable:%llu dirty:%llu writeback:%llu\n",
		sum(o, NR_UNEVICTABLE), sum(o, NR_FILE_DIRTY),
		sum(o, NR_WRITEBACK));
	oom_add(&b, " slab_reclaimable:%llu slab_unreclaimable:%llu\n",
		sum(o, NR_SLAB_RECLAIMABLE), sum(o, NR_SLAB_UNRECLAIMABLE));
	oom_add(&b,
		" mapped:%llu shmem:%llu pagetables:%llu\n sec_pagetables:%llu bounce:0\n",
		sum(o, NR_FILE_MAPPED), sum(o, NR_SHMEM), sum(o, NR_PAGETABLE),
		sum(o, NR_SECONDARY_PAGETABLE));
	oom_add(&b,
		" kernel_misc_reclaimable:%llu\n free:%llu free_pcp:%lld free_cma:0",
		sum(o, NR_KERNEL_MISC_RECLAIMABLE), (oom_ull)phys_free_pages(p),
		(long long)pcp);
	oom_line(o, 4, &b);
}

/* Is a zone of the report: with memory, and usable for the request? */
static bool concerned(const struct oom *o, const struct zone *z)
{
	uint32_t gfp = o->a->need.gfp;
	unsigned highest = gfp & GFP_BIT_DMA	 ? ZONE_DMA
			   : gfp & GFP_BIT_DMA32 ? ZONE_DMA32
						 : ZONE_MOVABLE;

	if (o->nodes && !(o->nodes >> z->node & 1))
		return false;
	if (o->t->space->phys->i386 && !(gfp & GFP_BIT_HIGHMEM) &&
	    highest == ZONE_MOVABLE)
		highest = ZONE_NORMAL;
	return z->present && z->type <= highest;
}

static bool node_concerned(const struct oom *o, unsigned node)
{
	const struct zone *z =
		&o->t->space->phys->zones[node * MAX_ZONES_PER_NODE];

	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++)
		if (z[i].managed && concerned(o, &z[i]))
			return true;
	return false;
}

static void report_node(const struct oom *o, unsigned n)
{
	const struct node *node = &o->t->space->phys->nodes[n];
	struct oom_text b = { 0 };

	oom_add(&b,
		"Node %u active_anon:%llukB inactive_anon:%llukB active_file:%llukB inactive_file:%llukB unevictable:%llukB",
		n, kb(o, n, NR_ACTIVE_ANON), kb(o, n, NR_INACTIVE_ANON),
		kb(o, n, NR_ACTIVE_FILE), kb(o, n, NR_INACTIVE_FILE),
		kb(o, n, NR_UNEVICTABLE));
	oom_add(&b,
		" isolated(anon):%llukB isolated(file):%llukB mapped:%llukB dirty:%llukB writeback:%llukB shmem:%llukB",
		kb(o, n, NR_ISOLATED_ANON), kb(o, n, NR_ISOLATED_FILE),
		kb(o, n, NR_FILE_MAPPED), kb(o, n, NR_FILE_DIRTY),
		kb(o, n, NR_WRITEBACK), kb(o, n, NR_SHMEM));
	oom_add(&b,
		" shmem_thp:%llukB shmem_pmdmapped:%llukB anon_thp:%llukB kernel_stack:%lldkB",
		kb(o, n, NR_SHMEM_THPS), kb(o, n, NR_SHMEM_PMDMAPPED),
		kb(o, n, NR_ANON_THPS),
		(long long)o->t->space->phys->stat.node[n][NR_KERNEL_STACK_KB]);
	oom_add(&b,
		" pagetables:%llukB sec_pagetables:%llukB all_unreclaimable? %s Balloon:%llukB",
		kb(o, n, NR_PAGETABLE), kb(o, n, NR_SECONDARY_PAGETABLE),
		node->kswapd_failures >= MAX_RECLAIM_RETRIES ? "yes" : "no",
		kb(o, n, NR_BALLOON_PAGES));
	oom_line(o, 4, &b);
}

static void report_reserves(const struct oom *o, const struct zone *z)
{
	struct oom_text b = { 0 };

	oom_add(&b, "lowmem_reserve[]:");
	if (o->t->space->phys->i386)
		/* no DMA32; HighMem is the model's Movable, above it nothing */
		oom_add(&b, " %u %u %u %u", z->reserve[ZONE_DMA],
			z->reserve[ZONE_NORMAL], z->reserve[ZONE_MOVABLE],
			z->reserve[ZONE_MOVABLE]);
	else
		for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++)
			oom_add(&b, " %u", z->reserve[i]);
	oom_line(o, 4, &b);
}

static void report_zone(const struct oom *o, unsigned id)
{
	const struct phys *p = o->t->space->phys;
	const struct zone *z = &p->zones[id];
	const int64_t *n = p->stat.zone[id];
	struct oom_text b = { 0 };

	oom_add(&b,
		"Node %u %s free:%llukB boost:%llukB min:%llukB low:%llukB high:%llukB reserved_highatomic:%lluKB free_highatomic:%lluKB",
		z->node, zone_name(p, z->type), oom_kb(n[NR_FREE_PAGES]),
		oom_kb(z->boost), oom_kb(zone_wmark(z, WMARK_MIN)),
		oom_kb(zone_wmark(z, WMARK_LOW)),
		oom_kb(zone_wmark(z, WMARK_HIGH)),
		oom_kb(z->nr_reserved_highatomic),
		oom_kb(z->nr_free_highatomic));
	oom_add(&b,
		" active_anon:%llukB inactive_anon:%llukB active_file:%llukB inactive_file:%llukB unevictable:%llukB writepending:%llukB zspages:%llukB",
		oom_kb(n[NR_ZONE_ACTIVE_ANON]),
		oom_kb(n[NR_ZONE_INACTIVE_ANON]),
		oom_kb(n[NR_ZONE_ACTIVE_FILE]),
		oom_kb(n[NR_ZONE_INACTIVE_FILE]),
		oom_kb(n[NR_ZONE_UNEVICTABLE]),
		oom_kb(n[NR_ZONE_WRITE_PENDING]), oom_kb(n[NR_ZSPAGES]));
	oom_add(&b,
		" present:%llukB managed:%llukB mlocked:%llukB bounce:0kB free_pcp:%llukB local_pcp:%llukB free_cma:%llukB",
		oom_kb(z->present), oom_kb(z->managed), oom_kb(n[NR_MLOCK]),
		oom_kb(pcp_pages(p, z)), oom_kb(z->pcp[o->cpu].count),
		oom_kb(n[NR_FREE_CMA]));
	oom_line(o, 4, &b);
	report_reserves(o, z);
}

/* How many free blocks of each order, and of which types any. */
static void report_buddy(const struct oom *o, unsigned id)
{
	static const char letters[NR_MIGRATETYPES] = {
		[MIGRATE_UNMOVABLE] = 'U',   [MIGRATE_MOVABLE] = 'M',
		[MIGRATE_RECLAIMABLE] = 'E', [MIGRATE_HIGHATOMIC] = 'H',
		[MIGRATE_ISOLATE] = 'I',
	};
	const struct phys *p = o->t->space->phys;
	const struct zone *z = &p->zones[id];
	struct oom_text b = { 0 };
	uint64_t total = 0;

	oom_add(&b, "Node %u %s: ", z->node, zone_name(p, z->type));
	for (unsigned order = 0; order < NR_ORDERS; order++) {
		char types[NR_MIGRATETYPES + 1] = "";
		unsigned len = 0;
		uint64_t nr = 0;

		for (unsigned type = 0; type < NR_MIGRATETYPES; type++) {
			uint32_t n = phys_nr_free(p, id, order,
						  (enum migratetype)type);

			nr += n;
			if (n)
				types[len++] = letters[type];
		}
		total += nr << order;
		oom_add(&b, "%llu*%llukB ", (oom_ull)nr, oom_kb(1 << order));
		if (nr)
			oom_add(&b, "(%s) ", types);
	}
	oom_add(&b, "= %llukB", oom_kb((int64_t)total));
	oom_line(o, 4, &b);
}

/* show_swap_cache_info() and the machine's size. */
static void report_rest(const struct oom *o)
{
	const struct control *c = o->t->space->control;
	const struct phys *p = o->t->space->phys;
	uint64_t present = 0, managed = 0, high = 0;
	struct klog *log = &o->t->log;
	vtime_t now = o->t->now;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++) {
		present += p->zones[z].present;
		managed += p->zones[z].managed;
		if (p->zones[z].type == ZONE_MOVABLE)
			high += p->zones[z].present;
	}
	klog_add(log, now, 4, "%llu total pagecache pages",
		 sum(o, NR_FILE_PAGES));
	klog_add(log, now, 4, "%llu pages in swap cache", sum(o, NR_SWAPCACHE));
	klog_add(log, now, 4, "Free swap  = %llukB",
		 oom_kb((int64_t)c->free_swap_pages));
	klog_add(log, now, 4, "Total swap = %llukB",
		 oom_kb((int64_t)c->total_swap_pages));
	klog_add(log, now, 4, "%llu pages RAM", (oom_ull)present);
	klog_add(log, now, 4, "%llu pages HighMem/MovableOnly", (oom_ull)high);
	klog_add(log, now, 4, "%llu pages reserved",
		 (oom_ull)(present - managed));
}

/* should_dump_unreclaim_slab(): the kernel has more than all others. */
static bool kernel_has_most(const struct oom *o)
{
	return sum(o, NR_SLAB_UNRECLAIMABLE) >
	       sum(o, NR_ACTIVE_ANON) + sum(o, NR_INACTIVE_ANON) +
		       sum(o, NR_ACTIVE_FILE) + sum(o, NR_INACTIVE_FILE) +
		       sum(o, NR_ISOLATED_ANON) + sum(o, NR_ISOLATED_FILE) +
		       sum(o, NR_UNEVICTABLE);
}

/* dump_unreclaimable_slab() */
static void report_slabs(const struct oom *o)
{
	const struct kmem *k = o->t->space->kmem;
	struct klog *log = &o->t->log;

	klog_add(log, o->t->now, 6, "Unreclaimable slab info:");
	klog_add(log, o->t->now, 6,
		 "Name                      Used          Total");
	for (uint32_t id = k->caches.top; id; id--) {
		const struct kmem_cache *s = pool_at(&k->caches, id);
		uint64_t all = s->per_slab ? kmem_cache_total(s) : 0;

		if (all && s->kind == KMEM_UNRECLAIMABLE)
			klog_add(
				log, o->t->now, 6, "%-17s %10lluKB %10lluKB",
				s->name,
				(oom_ull)(kmem_cache_active(s) * s->size >> 10),
				(oom_ull)(all * s->size >> 10));
	}
}

/* hugetlb_show_meminfo_node() */
static void report_huge(const struct oom *o, unsigned node)
{
	const struct phys *p = o->t->space->phys;

	for (unsigned size = NR_HUGE_SIZES; size--;) {
		const struct hugepool *h = &o->t->space->cache->huge[size];

		if (!huge_exists(p, (enum huge_size)size))
			continue;
		klog_add(
			&o->t->log, o->t->now, 4,
			"Node %u hugepages_total=%llu hugepages_free=%llu hugepages_surp=%llu hugepages_size=%ukB",
			node, (oom_ull)h->node_nr[node],
			(oom_ull)h->node_free[node],
			(oom_ull)h->node_surplus[node],
			huge_kb((enum huge_size)size));
	}
}

void oom_report_memory(const struct oom *o)
{
	const struct phys *p = o->t->space->phys;
	unsigned nr_zones = p->nr_nodes * MAX_ZONES_PER_NODE;

	klog_add(&o->t->log, o->t->now, 4, "Mem-Info:");
	report_total(o);
	for (unsigned n = 0; n < p->nr_nodes; n++)
		if (node_concerned(o, n))
			report_node(o, n);
	for (unsigned z = 0; z < nr_zones; z++)
		if (concerned(o, &p->zones[z]))
			report_zone(o, z);
	for (unsigned z = 0; z < nr_zones; z++)
		if (concerned(o, &p->zones[z]))
			report_buddy(o, z);
	for (unsigned n = 0; n < p->nr_nodes; n++)
		if (node_concerned(o, n))
			report_huge(o, n);
	report_rest(o);
	if (kernel_has_most(o))
		report_slabs(o);
}
