/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SAMPLE_WORLD_H
#define TESTS_SAMPLE_WORLD_H

#include "fs/counters.h"
#include "tests/unit/sample.h"

/*
 * DOC: a machine whose figures are those that a real one printed.
 *
 * Models:  the machine of tests/golden/samples: two CPUs, one node of 6 GiB.
 * Owns:    the world; sample_world_free() ends it.
 * Units:   pages, as the files have them.
 * Order:   does not apply.
 * Omits:   caches, processes and disks: tests add what they look at.
 */
#define NORMAL_START 1048576u
#define HOLE_START   786432u
#define END	     1703936u

static const char *const zone_names[] = { "DMA", "DMA32", "Normal", "Movable",
					  "Device" };

/* A block of 4 MiB, its two pageblocks of type @type. */
static inline void set_block(struct phys *p, uint32_t pfn, unsigned zone,
			     enum migratetype type)
{
	struct block *b = &p->blocks[pfn >> MAX_ORDER];

	b->zone[0] = b->zone[1] = (uint8_t)zone;
	b->state = BLOCK_FREE; /* without a frame written */
	b->type[0] = b->type[1] = (uint8_t)type;
}

/* Pageblocks as pagetypeinfo counts them: 1 and 7, 1528, 76 1100 104. */
static inline void sample_blocks(struct phys *p)
{
	p->max_pfn = END;
	p->nr_blocks = END >> MAX_ORDER;
	p->blocks = calloc(p->nr_blocks, sizeof(*p->blocks));
	assert_non_null(p->blocks);
	p->nr_sections = END >> SECTION_SHIFT;
	p->sections = calloc(p->nr_sections, sizeof(*p->sections));
	assert_non_null(p->sections);
	for (uint32_t b = 0; b < p->nr_blocks; b++)
		p->blocks[b].state = BLOCK_HOLE;
	for (uint32_t pfn = 0; pfn < 4096; pfn += BLOCK_FRAMES)
		set_block(p, pfn, ZONE_DMA, MIGRATE_MOVABLE);
	p->blocks[0].type[0] = MIGRATE_UNMOVABLE;
	for (uint32_t pfn = 4096; pfn < HOLE_START; pfn += BLOCK_FRAMES)
		set_block(p, pfn, ZONE_DMA32, MIGRATE_MOVABLE);
	for (uint32_t i = 0; i < 640; i++)
		set_block(p, NORMAL_START + i * BLOCK_FRAMES, ZONE_NORMAL,
			  i < 38   ? MIGRATE_UNMOVABLE
			  : i < 90 ? MIGRATE_RECLAIMABLE
				   : MIGRATE_MOVABLE);
}

/* Free blocks by zone, type and order, out of pagetypeinfo. */
static inline void sample_free(struct phys *p, const char *text)
{
	for (; text && *text; text = strchr(text, '\n') + 1) {
		char zone[16], type[16];
		unsigned node, z = 0, t;
		int used = 0;

		if (sscanf(text, "Node %u, zone %15[^,], type %15s%n", &node,
			   zone, type, &used) != 3)
			continue;
		while (strcmp(zone, zone_names[z]) != 0)
			z++;
		t = !strcmp(type, "Unmovable")	   ? MIGRATE_UNMOVABLE
		    : !strcmp(type, "Movable")	   ? MIGRATE_MOVABLE
		    : !strcmp(type, "Reclaimable") ? MIGRATE_RECLAIMABLE
		    : !strcmp(type, "HighAtomic")  ? MIGRATE_HIGHATOMIC
						   : MIGRATE_ISOLATE;
		text += used;
		for (unsigned o = 0; o < NR_ORDERS; o++)
			p->zones[z].free[o].nr[t] =
				(uint32_t)strtoul(text, (char **)&text, 10);
	}
}

static inline void sample_pagesets(struct zone *z, const char *text)
{
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		struct pcp *pcp = &z->pcp[cpu];

		text = strstr(text, "    cpu: ");
		if (!text)
			return;
		text = strchr(text, '\n');
		pcp->count = (int32_t)sample_value(text, "count");
		pcp->high = (int32_t)sample_value(text, "high");
		pcp->batch = (int32_t)sample_value(text, "batch");
		pcp->high_min = (int32_t)sample_value(text, "high_min");
		pcp->high_max = (int32_t)sample_value(text, "high_max");
	}
}

/* One zone, out of its paragraph of zoneinfo. */
static inline void sample_zone(struct phys *p, unsigned zone, const char *text)
{
	struct zone *z = &p->zones[zone];
	const char *reserve = strstr(text, "protection: (") + 13;

	z->type = zone;
	z->boost = (uint32_t)sample_value(text, "boost");
	z->wmark[WMARK_MIN] = (uint32_t)sample_value(text, "min");
	z->wmark[WMARK_LOW] = (uint32_t)sample_value(text, "low");
	z->wmark[WMARK_HIGH] = (uint32_t)sample_value(text, "high");
	z->wmark[WMARK_PROMO] = (uint32_t)sample_value(text, "promo");
	z->spanned = (uint32_t)sample_value(text, "spanned");
	z->present = (uint32_t)sample_value(text, "present");
	z->managed = z->early = (uint32_t)sample_value(text, "managed");
	z->start_pfn = (uint32_t)sample_value(text, "start_pfn");
	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++) {
		z->reserve[i] = (uint32_t)strtoul(reserve, NULL, 10);
		reserve += strspn(reserve, "0123456789") + 2;
	}
	for (unsigned i = 0; i < NR_ZONE_STATS; i++)
		p->stat.zone[zone][i] =
			(int64_t)sample_value(text, zone_stat_names[i]);
	for (unsigned i = 0; i < NR_NUMA_STATS; i++)
		p->stat.numa[zone][i] = sample_value(text, numa_stat_names[i]);
	sample_pagesets(z, text);
}

/* Cut @text where the next zone begins, so that values are this zone's. */
static inline void sample_zones(struct phys *p, char *text)
{
	for (unsigned i = 0; i < NR_NODE_STATS; i++)
		p->stat.node[0][i] =
			(int64_t)sample_value(text, node_stat_names[i]);
	for (unsigned zone = 0; zone < MAX_ZONES_PER_NODE; zone++) {
		char *next = strstr(text + 1, "Node 0, zone");

		if (next)
			next[-1] = '\0';
		sample_zone(p, zone, text);
		text = next;
	}
}

static inline struct world *sample_world(void)
{
	struct world *w = calloc(1, sizeof(*w));
	char *zoneinfo = sample_read("proc__zoneinfo.txt");
	char *types = sample_read("proc__pagetypeinfo.txt");
	struct machine *m;

	assert_non_null(w);
	m = &w->m;
	m->phys.host = &m->host;
	m->phys.nr_nodes = 1;
	m->phys.nr_cpus = m->tasks.nr_cpus = 2;
	m->phys.nodes[0].online = true;
	m->phys.nodes[0].nr_cpus = 2;
	m->phys.nodes[0].distance[0] = 10;
	m->control.phys = m->kmem.phys = m->cache.phys = &m->phys;
	m->cache.control = m->kmem.control = &m->control;
	m->cache.kmem = &m->kmem;
	m->space.cache = &m->cache;
	m->tasks.space = &m->space;
	sample_blocks(&m->phys);
	sample_zones(&m->phys, zoneinfo);
	sample_free(&m->phys, types);
	pool_init(&m->cache.disks, &m->host, sizeof(struct disk));
	pool_init(&m->cache.inodes, &m->host, sizeof(struct inode));
	pool_init(&m->cache.files, &m->host, sizeof(struct file));
	pool_init(&m->cache.ios, &m->host, sizeof(struct io));
	pool_init(&m->kmem.caches, &m->host, sizeof(struct kmem_cache));
	pool_init(&m->tasks.pool, &m->host, sizeof(struct task));
	pool_init(&m->tasks.shms, &m->host, sizeof(struct shm));
	sysfs_later_defaults(&m->sysfs);
	m->phys.interleave_auto = 1;
	memset(m->phys.interleave_weight, 1, MAX_NODES);
	thp_defaults(&m->space.thp);
	ksm_defaults(&m->space.ksm);
	free(zoneinfo);
	free(types);
	return w;
}

static inline void sample_world_free(struct world *w)
{
	struct machine *m = &w->m;

	pool_fini(&m->cache.disks);
	pool_fini(&m->cache.inodes);
	pool_fini(&m->cache.files);
	pool_fini(&m->cache.ios);
	pool_fini(&m->kmem.caches);
	pool_fini(&m->tasks.pool);
	pool_fini(&m->tasks.shms);
	for (uint32_t i = 0; i < m->phys.nr_sections; i++)
		free(m->phys.sections[i]);
	free(m->phys.sections);
	free(m->phys.blocks);
	free(w);
}

#endif
