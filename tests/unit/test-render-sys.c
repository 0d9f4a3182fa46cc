// SPDX-License-Identifier: Apache-2.0
#include "fs/sys/attr.h"
#include "tests/unit/sample.h"

#include <errno.h>

/* A machine of two CPUs and one node of 1 GiB that nothing ran on. */
static struct world *small_world(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct disk *d;
	struct machine *m;
	uint32_t id;

	assert_non_null(w);
	m = &w->m;
	m->space.phys = &m->phys;
	m->tasks.space = &m->space;
	m->phys.nr_nodes = 1;
	m->phys.nr_cpus = m->tasks.nr_cpus = 2;
	m->phys.nodes[0].online = true;
	m->phys.nodes[0].nr_cpus = 2;
	m->phys.nodes[0].distance[0] = 10;
	m->phys.zones[ZONE_DMA] = (struct zone){ .type = ZONE_DMA,
						 .start_pfn = 1,
						 .spanned = 4095,
						 .present = 3998,
						 .managed = 3840 };
	m->phys.zones[ZONE_DMA32] = (struct zone){ .type = ZONE_DMA32,
						   .start_pfn = 4096,
						   .spanned = 258048,
						   .present = 258048,
						   .managed = 250000 };
	m->tasks.space = &m->space;
	m->space.phys = &m->phys;
	thp_defaults(&m->space.thp);
	ksm_defaults(&m->space.ksm);
	m->space.thp.enabled = THP_MADVISE;
	sysfs_later_defaults(&m->sysfs);
	m->phys.interleave_auto = 1;
	memset(m->phys.interleave_weight, 1, MAX_NODES);
	m->cache.swap.vma_ra = 1;
	pool_init(&m->cache.disks, &m->host, sizeof(struct disk));
	pool_init(&m->cache.ios, &m->host, sizeof(struct io));
	assert_int_equal(pool_new(&m->cache.disks, &id), 0);
	d = pool_at(&m->cache.disks, id);
	*d = (struct disk){ .name = "vda",
			    .major = 254,
			    .size_bytes = 1u << 30,
			    .readahead_pages = 32 };
	return w;
}

static void small_world_free(struct world *w)
{
	pool_fini(&w->m.cache.disks);
	pool_fini(&w->m.cache.ios);
	free(w);
}

static void assert_reads(struct world *w, const char *path, const char *text)
{
	char *ours = render(w, path);
	size_t len = strlen(ours);

	assert_true(len && ours[len - 1] == '\n');
	ours[len - 1] = '\0';
	assert_string_equal(ours, text);
	free(ours);
}

/* As the shell does: with the newline that echo adds, or without. */
static long writes(struct world *w, const char *path, const char *text,
		   size_t len)
{
	struct view v = { .m = &w->m, .w = w, .disk = 1 };
	const struct fsnode *row = row_of(path, &v);

	if (!row || !row->store)
		fail_msg("%s cannot be written", path);
	return row->store(&v, text, len);
}

/* --- what a kernel did with good and bad values ------------------------ */

struct behaviour {
	char path[160], written[64], result[32], after[80];
	size_t len;
};

/* 'always\n' and the like, with the escape as it stands in the log. */
static size_t unquote(char *text)
{
	size_t len = 0;

	for (const char *p = text + 1; *p && *p != '\''; p++) {
		if (*p == '\\' && p[1] == 'n') {
			text[len++] = '\n';
			p++;
		} else {
			text[len++] = *p;
		}
	}
	text[len] = '\0';
	return len;
}

static bool parse_behaviour(char *line, struct behaviour *b)
{
	char *field[4] = { line, NULL, NULL, NULL };

	for (unsigned i = 1; i < 4; i++) {
		field[i] = strchr(field[i - 1], '\t');
		if (!field[i])
			return false;
		*field[i]++ = '\0';
	}
	snprintf(b->path, sizeof(b->path), "%s", field[0] + 1);
	snprintf(b->written, sizeof(b->written), "%s", field[1]);
	snprintf(b->result, sizeof(b->result), "%s", field[2]);
	snprintf(b->after, sizeof(b->after), "%s", field[3]);
	b->len = unquote(b->written);
	return true;
}

/* Pools of huge pages are empty, and a node has nothing to reclaim or move:
 * there is nobody who would. */
static bool is_later(const struct behaviour *b)
{
	return strstr(b->path, "/compact") ||
	       (strstr(b->path, "/nr_hugepages") && b->after[0] == '1') ||
	       (strstr(b->path, "/reclaim") && !strncmp(b->result, "ok", 2) &&
		strcmp(b->written, "0") != 0);
}

static void check_behaviour(struct world *w, const struct behaviour *b)
{
	long expected = -EINVAL, got;

	if (!strncmp(b->result, "ok(", 3))
		expected = strtol(b->result + 3, NULL, 10);
	else if (!strcmp(b->result, "EAGAIN"))
		expected = -EAGAIN;
	got = writes(w, b->path, b->written, b->len);
	if (got != expected)
		fail_msg("%s: wrote '%s', got %ld, not %s", b->path, b->written,
			 got, b->result);
	if (strncmp(b->after, "read:", 5) != 0)
		assert_reads(w, b->path, b->after);
}

static void files_take_what_a_kernel_takes(void **state)
{
	char *text = sample_read("sysfs-behaviour.tsv"), *next, *line;
	unsigned nr = 0;

	(void)state;
	for (line = text; line && *line; line = next) {
		struct world *w;
		struct behaviour b;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_behaviour(line, &b) ||
		    !strncmp(b.result, "open:", 5) || is_later(&b))
			continue;
		w = small_world();
		check_behaviour(w, &b);
		small_world_free(w);
		nr++;
	}
	assert_in_range(nr, 140, 160);
	free(text);
}

/* --- modes and completeness -------------------------------------------- */

static void modes_are_the_kernels(void **state)
{
	struct world *w = small_world();
	char *text = sample_read("modes.tsv"), *line;

	(void)state;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long mode = strtoul(line, NULL, 8);
		struct view v = { .m = &w->m, .w = w, .disk = 1 };
		const struct fsnode *row = row_of(strchr(line, '\t') + 2, &v);

		if (!row)
			fail_msg("no row for %s", line);
		if (row->mode != mode)
			fail_msg("%s is %o here", line, row->mode);
	}
	free(text);
	small_world_free(w);
}

/* Every file prints, and ends its last line. */
static void every_row_prints(void **state)
{
	struct world *w = small_world();

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(sample_tables); t++)
		for (unsigned i = 0; i < *sample_tables[t].count; i++) {
			const struct fsnode *row = &sample_tables[t].rows[i];
			struct view v = { .m = &w->m,
					  .w = w,
					  .disk = 1,
					  .size_kb = 2048,
					  .arg = row->arg };
			struct outbuf out;

			/* Groups need a machine that booted: render-all. */
			if (!row->show || !strncmp(row->path, "proc/", 5) ||
			    !strncmp(row->path, "sys/fs/cgroup", 13) ||
			    strstr(row->path, "debug/lru_gen"))
				continue;
			out_init(&out);
			assert_int_equal(row->show(&v, &out), 0);
			assert_true(out.len && out.text[out.len - 1] == '\n');
			out_free(&out);
		}
	small_world_free(w);
}

/* --- settings ---------------------------------------------------------- */

static void defaults_are_a_kernels(void **state)
{
	static const char *const files[][2] = {
		{ "transparent_hugepage/enabled", "always [madvise] never" },
		{ "transparent_hugepage/defrag",
		  "always defer defer+madvise [madvise] never" },
		{ "transparent_hugepage/shmem_enabled",
		  "always within_size advise [never] deny force" },
		{ "transparent_hugepage/hpage_pmd_size", "2097152" },
		{ "transparent_hugepage/hugepages-2048kB/enabled",
		  "always [inherit] madvise never" },
		{ "transparent_hugepage/hugepages-16kB/enabled",
		  "always inherit madvise [never]" },
		{ "transparent_hugepage/hugepages-8kB/shmem_enabled",
		  "always inherit within_size advise [never]" },
		{ "transparent_hugepage/khugepaged/max_ptes_swap", "64" },
		{ "ksm/advisor_mode", "[none] scan-time" },
		{ "ksm/stable_node_chains_prune_millisecs", "2000" },
		{ "ksm/general_profit", "0" },
		{ "hugepages/hugepages-1048576kB/demote_size", "2048kB" },
		{ "swap/vma_ra_enabled", "true" },
		{ "numa/demotion_enabled", "false" },
		{ "mempolicy/weighted_interleave/auto", "true" },
	};
	struct world *w = small_world();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];

		snprintf(path, sizeof(path), "sys/kernel/mm/%s", files[i][0]);
		assert_reads(w, path, files[i][1]);
	}
	assert_reads(w, "sys/module/zswap/parameters/enabled", "N");
	assert_reads(w, "sys/module/zswap/parameters/compressor", "lzo");
	assert_reads(w, "sys/module/zswap/parameters/max_pool_percent", "20");
	small_world_free(w);
}

static void small_sizes_have_less(void **state)
{
	const char *dir = "sys/kernel/mm/transparent_hugepage/hugepages-8kB/";
	static const char *const absent[] = { "enabled",
					      "stats/anon_fault_alloc",
					      "stats/nr_anon",
					      "stats/split_deferred" };
	struct view v = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", dir, absent[i]);
		assert_null(row_of(path, &v));
	}
}

static void thp_decides_the_reserve(void **state)
{
	const char *top = "sys/kernel/mm/transparent_hugepage/enabled";
	const char *pmd =
		"sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled";
	struct world *w = small_world();

	(void)state;
	writes(w, top, "always", 6);
	assert_true(w->m.phys.thp_enabled);
	writes(w, pmd, "never", 5);
	assert_false(w->m.phys.thp_enabled);
	writes(w, pmd, "inherit", 7);
	assert_true(w->m.phys.thp_enabled);
	writes(w, top, "never\n", 6);
	assert_false(w->m.phys.thp_enabled);
	small_world_free(w);
}

static void an_advisor_sets_the_pace(void **state)
{
	const char *pace = "sys/kernel/mm/ksm/pages_to_scan";
	const char *mode = "sys/kernel/mm/ksm/advisor_mode";
	struct world *w = small_world();

	(void)state;
	writes(w, pace, "250", 3);
	writes(w, mode, "scan-time", 9);
	assert_reads(w, pace, "500");
	assert_int_equal(writes(w, pace, "250", 3), -EINVAL);
	writes(w, mode, "none", 4);
	assert_reads(w, pace, "100");
	w->m.space.ksm.pages_shared = 1;
	assert_int_equal(
		writes(w, "sys/kernel/mm/ksm/merge_across_nodes", "0", 1),
		-EBUSY);
	small_world_free(w);
}

static void weights_end_the_automatic(void **state)
{
	const char *all = "sys/kernel/mm/mempolicy/weighted_interleave/auto";
	const char *one = "sys/kernel/mm/mempolicy/weighted_interleave/node0";
	struct world *w = small_world();

	(void)state;
	assert_int_equal(writes(w, one, "3", 1), 1);
	assert_reads(w, all, "false");
	assert_int_equal(writes(w, all, "1", 1), -ENODEV);
	small_world_free(w);
}

static void triggers_are_checked(void **state)
{
	struct world *w = small_world();
	struct view v = { .m = &w->m, .w = w };
	const struct fsnode *row = row_of("proc/pressure/memory", &v);

	(void)state;
	assert_int_equal(row->store(&v, "some 1000 2000000\n", 18), 18);
	assert_int_equal(row->store(&v, "some 100000 500000\n", 19), -EINVAL);
	assert_int_equal(row->store(&v, "some 0 2000000\n", 15), -EINVAL);
	assert_int_equal(row->store(&v, "foo 1 2\n", 8), -EINVAL);
	assert_int_equal(row->store(&v, "", 0), -EINVAL);
	v.privileged = true;
	assert_int_equal(row->store(&v, "some 100000 500000\n", 19), 19);
	assert_int_equal(row->store(&v, "full 1 11000000\n", 16), -EINVAL);
	small_world_free(w);
}

/* --- nodes, CPUs ------------------------------------------------------- */

static void node_files_are_laid_out_so(void **state)
{
	const char *dir = "sys/devices/system/node/node0/";
	const char *sample = "sys__devices__system__node__node0__";
	static const char *const files[] = { "meminfo", "numastat", "vmstat" };
	struct world *w = small_world();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[64], name[64];

		snprintf(path, sizeof(path), "%s%s", dir, files[i]);
		snprintf(name, sizeof(name), "%s%s.txt", sample, files[i]);
		assert_layout(w, path, name);
	}
	assert_reads(w, "sys/devices/system/node/node0/cpumap", "3");
	assert_reads(w, "sys/devices/system/node/node0/cpulist", "0-1");
	assert_reads(w, "sys/devices/system/node/node0/distance", "10");
	assert_reads(w, "sys/devices/system/node/has_memory", "0");
	assert_reads(w, "sys/devices/system/node/has_generic_initiator", "");
	assert_reads(w, "sys/devices/system/cpu/online", "0-1");
	assert_reads(w, "sys/devices/system/cpu/cpu1/topology/core_cpus", "2");
	assert_reads(w, "sys/devices/system/memory/block_size_bytes",
		     "8000000");
	assert_reads(w, "sys/devices/system/memory/memory0/valid_zones",
		     "none");
	assert_reads(w, "sys/devices/system/memory/memory1/valid_zones",
		     "DMA32");
	small_world_free(w);
}

static void sets_print_as_bitmaps(void **state)
{
	static const struct {
		uint64_t mask;
		unsigned bits;
		const char *list, *map;
	} sets[] = {
		{ 0, 4, "\n", "0\n" },
		{ 0xd, 4, "0,2-3\n", "d\n" },
		{ 1, 12, "0\n", "001\n" },
		{ UINT64_MAX, 64, "0-63\n", "ffffffff,ffffffff\n" },
		{ 1ull << 33, 36, "33\n", "2,00000000\n" },
	};
	struct outbuf out;

	(void)state;
	out_init(&out);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		out_clear(&out);
		attr_list(&out, sets[i].mask);
		assert_string_equal(out.text, sets[i].list);
		out_clear(&out);
		attr_mask(&out, sets[i].mask, sets[i].bits);
		assert_string_equal(out.text, sets[i].map);
	}
	out_free(&out);
}

static void disks_have_a_queue(void **state)
{
	const char *ahead = "sys/block/vda/queue/read_ahead_kb";
	struct world *w = small_world();

	(void)state;
	assert_reads(w, "sys/block/vda/dev", "254:0");
	assert_reads(w, "sys/block/vda/size", "2097152");
	assert_reads(w, ahead, "128");
	assert_int_equal(writes(w, ahead, "512\n", 4), 4);
	assert_reads(w, ahead, "512");
	small_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_take_what_a_kernel_takes),
		cmocka_unit_test(modes_are_the_kernels),
		cmocka_unit_test(every_row_prints),
		cmocka_unit_test(defaults_are_a_kernels),
		cmocka_unit_test(small_sizes_have_less),
		cmocka_unit_test(thp_decides_the_reserve),
		cmocka_unit_test(an_advisor_sets_the_pace),
		cmocka_unit_test(weights_end_the_automatic),
		cmocka_unit_test(triggers_are_checked),
		cmocka_unit_test(node_files_are_laid_out_so),
		cmocka_unit_test(sets_print_as_bitmaps),
		cmocka_unit_test(disks_have_a_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
