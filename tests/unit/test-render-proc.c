// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sample-world.h"

static void expect(struct world *w, const char *path, const char *sample,
		   const char *const *but)
{
	char *ours = render(w, path), *theirs = sample_read(sample);

	assert_same(ours, theirs, but);
	free(ours);
	free(theirs);
}

static void zoneinfo_is_the_sample(void **state)
{
	struct world *w = sample_world();

	(void)state;
	expect(w, "proc/zoneinfo", "proc__zoneinfo.txt", NULL);
	sample_world_free(w);
}

static void free_lists_are_the_sample(void **state)
{
	struct world *w = sample_world();

	(void)state;
	expect(w, "proc/pagetypeinfo", "proc__pagetypeinfo.txt", NULL);
	expect(w, "proc/buddyinfo", "proc__buddyinfo.txt", NULL);
	sample_world_free(w);
}

static void free_memory_in_pieces_is_measured(void **state)
{
	/* the sample's Normal had changed since pagetypeinfo was read */
	static const char *const later[] = { "Node 0, zone   Normal", NULL };
	const char *dir = "sys/kernel/debug/extfrag/";
	struct world *w = sample_world();
	struct free_area *area = w->m.phys.zones[ZONE_NORMAL].free;
	char path[64], *text;

	(void)state;
	snprintf(path, sizeof(path), "%sextfrag_index", dir);
	expect(w, path, "sys__kernel__debug__extfrag__extfrag_index", NULL);
	memset(area, 0, sizeof(w->m.phys.zones[0].free));
	area[0].nr[MIGRATE_MOVABLE] = 100;
	text = render(w, path);
	assert_non_null(strstr(text, "Normal -1.000  0.490  0.740  0.865 "));
	free(text);
	snprintf(path, sizeof(path), "%sunusable_index", dir);
	expect(w, path, "sys__kernel__debug__extfrag__unusable_index", later);
	text = render(w, path);
	assert_non_null(strstr(text, "Normal 0.000 1.000 1.000 "));
	free(text);
	sample_world_free(w);
}

static void vmstat_is_the_sample(void **state)
{
	static const char *const computed[] = { "nr_dirty_threshold",
						"nr_dirty_background_threshold",
						"nr_memmap_boot_pages", NULL };
	struct world *w = sample_world();
	struct vmstat *s = &w->m.phys.stat;
	char *text = sample_read("proc__vmstat.txt"), *ours;

	(void)state;
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < NR_ZONE_STATS; i++)
		s->zone[ZONE_NORMAL][i] =
			(int64_t)sample_value(text, zone_stat_names[i]);
	for (unsigned i = 0; i < NR_NUMA_STATS; i++)
		s->numa[ZONE_DMA][i] = sample_value(text, numa_stat_names[i]);
	for (unsigned i = 0; i < NR_NODE_STATS; i++)
		s->node[0][i] = (int64_t)sample_value(text, node_stat_names[i]);
	for (unsigned i = 0; i < NR_EVENTS; i++)
		s->event[i] = sample_value(text, event_names[i]);
	s->event[PGPGIN] *= 2; /* kept in sectors */
	s->event[PGPGOUT] *= 2;
	expect(w, "proc/vmstat", "proc__vmstat.txt", computed);
	ours = render(w, "proc/vmstat");
	/* 44 sections of 128 MiB, 2 MiB of struct page each */
	assert_int_equal(sample_value(ours, "nr_memmap_boot_pages"), 44 * 512);
	free(ours);
	free(text);
	sample_world_free(w);
}

static void huge_folios_count_as_one(void **state)
{
	struct world *w = sample_world();
	char *vmstat, *meminfo;

	(void)state;
	w->m.phys.stat.node[0][NR_ANON_THPS] = 3 * HPAGE_PAGES;
	vmstat = render(w, "proc/vmstat");
	meminfo = render(w, "proc/meminfo");
	assert_int_equal(sample_value(vmstat, "nr_anon_transparent_hugepages"),
			 3);
	assert_int_equal(sample_value(meminfo, "AnonHugePages"), 3 * 2048);
	free(vmstat);
	free(meminfo);
	sample_world_free(w);
}

/* Lines of meminfo that one node counter stands behind, pages. */
static const struct {
	const char *label;
	enum node_stat item;
} counted[] = {
	{ "Active(anon)", NR_ACTIVE_ANON },
	{ "Inactive(anon)", NR_INACTIVE_ANON },
	{ "Active(file)", NR_ACTIVE_FILE },
	{ "Inactive(file)", NR_INACTIVE_FILE },
	{ "Unevictable", NR_UNEVICTABLE },
	{ "Dirty", NR_FILE_DIRTY },
	{ "AnonPages", NR_ANON_MAPPED },
	{ "Mapped", NR_FILE_MAPPED },
	{ "Shmem", NR_SHMEM },
	{ "SReclaimable", NR_SLAB_RECLAIMABLE },
	{ "SUnreclaim", NR_SLAB_UNRECLAIMABLE },
	{ "PageTables", NR_PAGETABLE },
};

static void sample_buffers(struct machine *m, uint64_t pages)
{
	uint32_t disk, inode;
	struct disk *d;

	assert_int_equal(pool_new(&m->cache.disks, &disk), 0);
	assert_int_equal(pool_new(&m->cache.inodes, &inode), 0);
	d = pool_at(&m->cache.disks, disk);
	d->bdev = inode;
	inode_at(&m->cache, inode)->kind = INODE_BLOCK;
	inode_at(&m->cache, inode)->nr_cached = pages;
}

static void meminfo_is_the_sample(void **state)
{
	/* the sample machine had not yet begun to use all of its memory */
	static const char *const computed[] = { "MemTotal",	"MemFree",
						"MemAvailable", "CommitLimit",
						"DirectMap",	NULL };
	struct world *w = sample_world();
	struct machine *m = &w->m;
	int64_t *node = m->phys.stat.node[0];
	char *text = sample_read("proc__meminfo.txt");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		node[counted[i].item] =
			(int64_t)sample_value(text, counted[i].label) / 4;
	sample_buffers(m, sample_value(text, "Buffers") / 4);
	node[NR_FILE_PAGES] = (int64_t)(sample_value(text, "Buffers") +
					sample_value(text, "Cached")) /
			      4;
	node[NR_KERNEL_STACK_KB] = (int64_t)sample_value(text, "KernelStack");
	memset(m->phys.stat.zone[ZONE_DMA], 0, sizeof(m->phys.stat.zone[0]));
	m->phys.stat.zone[ZONE_NORMAL][NR_MLOCK] =
		(int64_t)sample_value(text, "Mlocked") / 4;
	m->control.committed = (int64_t)sample_value(text, "Committed_AS") / 4;
	m->kmem.vmalloc_start = 0xffffc90000000000;
	m->kmem.vmalloc_end = 0xffffe8ffffffffff;
	m->kmem.vmalloc_pages = sample_value(text, "VmallocUsed") / 4;
	m->kmem.percpu_pages = sample_value(text, "Percpu") / 4;
	expect(w, "proc/meminfo", "proc__meminfo.txt", computed);
	assert_layout(w, "proc/meminfo", "proc__meminfo.txt");
	free(text);
	sample_world_free(w);
}

static void total_and_linear_map_agree(void **state)
{
	struct world *w = sample_world();
	char *text = render(w, "proc/meminfo");
	uint64_t managed = 3840 + 772915 + 655360;

	(void)state;
	assert_int_equal(sample_value(text, "MemTotal"), managed * 4);
	assert_int_equal(sample_value(text, "MemFree"),
			 (3840 + 772915 + 84743) * 4);
	assert_int_equal(sample_value(text, "DirectMap4k") +
				 sample_value(text, "DirectMap2M") +
				 sample_value(text, "DirectMap1G"),
			 present_pages(&w->m.phys) * 4);
	/* 1 GiB and 2 GiB below the hole, 4 GiB and 5 GiB above it */
	assert_int_equal(sample_value(text, "DirectMap1G"), 4u << 20);
	free(text);
	sample_world_free(w);
}

/* Newest caches stand first, so their ids are the highest. */
static void sample_caches(struct machine *m, const char *text)
{
	uint32_t id, nr = 0;

	for (const char *p = text; *p; p++)
		nr += *p == '\n';
	for (nr -= 2, id = 0; id < nr;)
		assert_int_equal(pool_new(&m->kmem.caches, &id), 0);
	text = strchr(strchr(text, '\n') + 1, '\n') + 1;
	for (; *text; text = strchr(text, '\n') + 1) {
		struct kmem_cache *c = pool_at(&m->kmem.caches, id--);
		unsigned long long active, all;
		unsigned pages;

		assert_int_equal(sscanf(text, "%31s %llu %llu %u %u %u",
					c->name, &active, &all, &c->size,
					&c->per_slab, &pages),
				 6);
		while (1u << c->order < pages)
			c->order++;
		c->nr_slabs = all / c->per_slab;
		c->node[0].nr_total = all;
		c->node[0].nr_free = all - active;
	}
}

static void slabinfo_is_the_sample(void **state)
{
	struct world *w = sample_world();
	char *text = sample_read("proc__slabinfo.txt");

	(void)state;
	sample_caches(&w->m, text);
	expect(w, "proc/slabinfo", "proc__slabinfo.txt", NULL);
	free(text);
	sample_world_free(w);
}

static void sample_disk(struct machine *m)
{
	struct disk *d;
	uint32_t id;

	assert_int_equal(pool_new(&m->cache.disks, &id), 0);
	d = pool_at(&m->cache.disks, id);
	*d = (struct disk){ .name = "vda",
			    .major = 254,
			    .size_bytes = 256ull << 30,
			    .ios = { 54852, 116540 },
			    .merges = { 12210, 32763 },
			    .sectors = { 4216018, 6912112 },
			    .ms = { 10465, 54955 },
			    .io_ms = 14032,
			    .weighted_ms = 65420 };
}

static void disks_are_laid_out_so(void **state)
{
	struct world *w = sample_world();
	char *text;

	(void)state;
	sample_disk(&w->m);
	assert_layout(w, "proc/diskstats", "proc__diskstats.txt");
	text = render(w, "proc/diskstats");
	assert_string_equal(text, " 254       0 vda 54852 12210 4216018 10465 "
				  "116540 32763 6912112 54955 0 14032 65420 "
				  "0 0 0 0 0 0\n");
	free(text);
	expect(w, "proc/partitions", "proc__partitions.txt", NULL);
	expect(w, "proc/swaps", "proc__swaps.txt", NULL);
	text = render(w, "sys/block/vda/stat");
	assert_int_equal(strlen(text), 153);
	free(text);
	sample_world_free(w);
}

static void segments_are_laid_out_so(void **state)
{
	struct world *w = sample_world();
	struct machine *m = &w->m;
	uint32_t shm, inode, file;

	(void)state;
	assert_int_equal(pool_new(&m->tasks.shms, &shm), 0);
	assert_int_equal(pool_new(&m->cache.inodes, &inode), 0);
	assert_int_equal(pool_new(&m->cache.files, &file), 0);
	file_at(&m->cache, file)->refs = 1;
	strcpy(inode_at(&m->cache, inode)->path, "/SYSV3367bdcb");
	m->btime = 1795219826;
	m->tasks.shm_first = shm;
	*(struct shm *)pool_at(&m->tasks.shms, shm) =
		(struct shm){ .id = 9,
			      .inode = inode,
			      .file = file,
			      .size = 100000,
			      .cpid = 1002 };
	assert_layout(w, "proc/sysvipc/shm",
		      "proc__sysvipc__shm__with-one-segment.txt");
	expect(w, "proc/sysvipc/msg", "proc__sysvipc__msg.txt", NULL);
	expect(w, "proc/sysvipc/sem", "proc__sysvipc__sem.txt", NULL);
	sample_world_free(w);
}

static void the_rest_is_laid_out_so(void **state)
{
	struct world *w = sample_world();
	struct tasks *t = &w->m.tasks;
	char *text;

	(void)state;
	t->now = 809565000000;
	t->avenrun[0] = 2150;
	t->cpus[0].user_ns = 47110000000;
	t->cpus[0].system_ns = 762455000000;
	t->cpus[1].system_ns = 95435000000;
	assert_layout(w, "proc/stat", "proc__stat.txt");
	assert_layout(w, "proc/uptime", "proc__uptime.txt");
	assert_layout(w, "proc/softirqs", "proc__softirqs.txt");
	assert_layout(w, "proc/pressure/memory", "proc__pressure__memory.txt");
	text = render(w, "proc/loadavg");
	assert_string_equal(text, "1.05 0.00 0.00 0/0 0\n");
	free(text);
	text = render(w, "proc/uptime");
	assert_string_equal(text, "809.56 714.13\n");
	free(text);
	sample_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zoneinfo_is_the_sample),
		cmocka_unit_test(free_lists_are_the_sample),
		cmocka_unit_test(free_memory_in_pieces_is_measured),
		cmocka_unit_test(vmstat_is_the_sample),
		cmocka_unit_test(huge_folios_count_as_one),
		cmocka_unit_test(meminfo_is_the_sample),
		cmocka_unit_test(total_and_linear_map_agree),
		cmocka_unit_test(slabinfo_is_the_sample),
		cmocka_unit_test(disks_are_laid_out_so),
		cmocka_unit_test(segments_are_laid_out_so),
		cmocka_unit_test(the_rest_is_laid_out_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
