// SPDX-License-Identifier: Apache-2.0
/* sys/fs/cgroup/memory, the hierarchy of version 1: mm/memcontrol-v1.c
 * mem_cgroup_legacy_files[], kernel/cgroup/cgroup-v1.c cgroup1_base_files[]. */
#include "fs/sys/attr.h"
#include "fs/sys/cgroup.h"
#include "fs/sys/sys-nodes.h"
#include "vmcore/task/group-stat.h"

#include <errno.h>
#include <string.h>

typedef unsigned long long ull;

/* Of which counter, and what of it: MEMFILE_PRIVATE(). */
enum counter { MEM, MEMSW, KMEM, TCP };
enum what { USAGE, MAX_USAGE, LIMIT, FAILCNT, SOFT };
#define KEY(counter, what) ((counter)*8 + (what))

static struct group *group_of(const struct view *v)
{
	return group_at(&v->m->control, v->group);
}

/* --- counters ------------------------------------------------------------- */
static uint64_t usage(const struct view *v, enum counter which)
{
	const struct control *c = &v->m->control;

	/* mem_cgroup_usage(): what the root is charged counts nowhere */
	if (which == MEM && v->group <= GROUP_ROOT)
		return (uint64_t)(group_stat_v1_total(c, v->group, 0) +
				  group_stat_v1_total(c, v->group, 1)) >>
		       PAGE_SHIFT;
	if (which == MEM)
		return group_of(v)->usage;
	if (which == MEMSW)
		return group_memsw(c, v->group);
	return which == KMEM ? group_kernel_pages(c, v->group) : 0;
}

static uint64_t most_used(const struct group *g, enum counter which)
{
	static const uint64_t none;
	const uint64_t *peak[] = { [MEM] = &g->peak,
				   [MEMSW] = &g->memsw_peak,
				   [KMEM] = &g->kmem_peak,
				   [TCP] = &none };

	return *peak[which];
}

static uint64_t limit(const struct group *g, enum counter which)
{
	if (which == MEM)
		return g->max;
	return which == MEMSW ? g->memsw_max : UINT64_MAX;
}

static int show_counter(const struct view *v, struct outbuf *out)
{
	const struct group *g = group_of(v);
	enum counter which = v->arg / 8;
	uint64_t n = 0;

	switch ((enum what)(v->arg % 8)) {
	case FAILCNT:
		n = which == MEM     ? g->failcnt
		    : which == MEMSW ? g->memsw_failcnt
				     : 0;
		out_printf(out, "%llu\n", (ull)n);
		return out->error;
	case USAGE:
		n = usage(v, which);
		break;
	case MAX_USAGE:
		n = most_used(g, which);
		break;
	case LIMIT:
		n = limit(g, which);
		break;
	case SOFT:
		n = g->soft_limit;
		break;
	}
	if (n > GROUP_COUNTER_MAX)
		n = GROUP_COUNTER_MAX;
	out_printf(out, "%llu\n", (ull)n << PAGE_SHIFT);
	return out->error;
}

/* mem_cgroup_write() */
static long store_limit(const struct view *v, const char *text, size_t len)
{
	enum counter which = v->arg / 8;
	const char *s = text;
	size_t n = len;
	uint64_t pages;
	int r;

	strip(&s, &n);
	r = group_parse_pages(s, n, "-1", &pages);
	if (r)
		return r;
	if (v->arg % 8 == SOFT)
		group_of(v)->soft_limit = pages;
	else if (v->group <= GROUP_ROOT)
		return -EINVAL;
	else if (which > MEMSW)
		return which == KMEM ? -EOPNOTSUPP : (long)len;
	else
		r = machine_group_resize(&v->w->m, v->group, pages,
					 which == MEMSW);
	return r ? (r > 0 ? -r : r) : (long)len;
}

/* mem_cgroup_reset(): whatever is written. */
static long store_reset(const struct view *v, const char *text, size_t len)
{
	struct group *g = group_of(v);
	enum counter which = v->arg / 8;
	uint64_t *peak[] = { &g->peak, &g->memsw_peak, &g->kmem_peak };
	uint64_t *failcnt[] = { &g->failcnt, &g->memsw_failcnt };

	(void)text;
	if (v->arg % 8 == MAX_USAGE && which < TCP)
		*peak[which] = usage(v, which);
	if (v->arg % 8 == FAILCNT && which < KMEM)
		*failcnt[which] = 0;
	return (long)len;
}

/* --- statistics ------------------------------------------------------------
 */
static void out_stat(struct outbuf *out, const char *prefix, const char *name,
		     int64_t n)
{
	out_printf(out, "%s%s %llu\n", prefix, name, n < 0 ? 0 : (ull)n);
}

static int show_stat(const struct view *v, struct outbuf *out)
{
	const struct control *c = &v->m->control;

	for (unsigned i = 0; i < nr_group_stats_v1; i++)
		out_stat(out, "", group_stat_v1_name(i),
			 group_stat_v1_own(c, v->group, i));
	for (unsigned memsw = 0; memsw < 2; memsw++) {
		uint64_t n = group_least(c, v->group, memsw);

		if (n > GROUP_COUNTER_MAX)
			n = GROUP_COUNTER_MAX;
		out_printf(out, "hierarchical_%s_limit %llu\n",
			   memsw ? "memsw" : "memory", (ull)n << PAGE_SHIFT);
	}
	for (unsigned i = 0; i < nr_group_stats_v1; i++)
		out_stat(out, "total_", group_stat_v1_name(i),
			 group_stat_v1_total(c, v->group, i));
	return out->error;
}

/* Pages of the lists of @mask, of one node or (MAX_NODES) all. */
static uint64_t lists(const struct view *v, unsigned mask, unsigned node,
		      bool below)
{
	const struct control *c = &v->m->control;
	uint64_t sum = 0;

	for (uint32_t id = v->group; id; id = group_next(c, v->group, id)) {
		for (unsigned n = 0; n < MAX_NODES; n++)
			for (unsigned l = 0; l < NR_LRU; l++)
				if (mask >> l & 1 &&
				    (node == n || node == MAX_NODES))
					sum += group_at(c, id)
						       ->lruvec[n]
						       .list[l]
						       .nr;
		if (!below)
			break;
	}
	return sum;
}

/* memcg_numa_stat_show(), in pages. */
static int show_numa_stat(const struct view *v, struct outbuf *out)
{
	static const struct {
		const char *name;
		unsigned mask;
	} kinds[] = {
		{ "total", 31 },
		{ "file", 1u << LRU_INACTIVE_FILE | 1u << LRU_ACTIVE_FILE },
		{ "anon", 1u << LRU_INACTIVE_ANON | 1u << LRU_ACTIVE_ANON },
		{ "unevictable", 1u << LRU_UNEVICTABLE },
	};
	const struct phys *p = &v->m->phys;

	for (unsigned below = 0; below < 2; below++)
		for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
			out_printf(
				out, "%s%s=%llu", below ? "hierarchical_" : "",
				kinds[i].name,
				(ull)lists(v, kinds[i].mask, MAX_NODES, below));
			for (unsigned n = 0; n < p->nr_nodes; n++)
				if (p->nodes[n].online)
					out_printf(out, " N%u=%llu", n,
						   (ull)lists(v, kinds[i].mask,
							      n, below));
			out_char(out, '\n');
		}
	return out->error;
}

/* --- switches -------------------------------------------------------------
 */
static int show_swappiness(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", group_swappiness(&v->m->control, v->group));
	return out->error;
}

static int number_of(const char *text, size_t len, uint64_t most, uint64_t *ret)
{
	strip(&text, &len);
	return attr_number(text, len, most, ret) ? -EINVAL : 0;
}

/* The root's is vm.swappiness. */
static long store_swappiness(const struct view *v, const char *text, size_t len)
{
	uint64_t n;

	if (number_of(text, len, SWAPPINESS_MAX, &n))
		return -EINVAL;
	if (v->group > GROUP_ROOT)
		group_of(v)->swappiness = (int32_t)n;
	else
		v->w->m.control.swappiness = (int32_t)n;
	return (long)len;
}

static int show_oom(const struct view *v, struct outbuf *out)
{
	const struct group *g = group_of(v);

	out_printf(out, "oom_kill_disable %u\nunder_oom %d\noom_kill %llu\n",
		   g->oom_disabled, tasks_under_oom(&v->m->tasks, v->group),
		   (ull)g->count[GROUP_OOM_KILL]);
	return out->error;
}

static long store_oom(const struct view *v, const char *text, size_t len)
{
	uint64_t n;

	if (v->group <= GROUP_ROOT || number_of(text, len, 1, &n))
		return -EINVAL;
	group_of(v)->oom_disabled = (uint32_t)n;
	return (long)len;
}

static long store_empty(const struct view *v, const char *text, size_t len)
{
	int r;

	(void)text;
	if (v->group <= GROUP_ROOT)
		return -EINVAL;
	r = machine_group_empty(&v->w->m, v->group);
	return r ? r : (long)len;
}

/* Files that say one number and take no other: row.arg. */
static int show_fixed(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", v->arg);
	return out->error;
}

static long store_fixed(const struct view *v, const char *text, size_t len)
{
	uint64_t n;

	if (number_of(text, len, UINT32_MAX, &n) || n != v->arg)
		return -EINVAL;
	return (long)len;
}

static int show_nothing(const struct view *v, struct outbuf *out)
{
	(void)v;
	(void)out;
	return 0;
}

/* An eventfd is the number of an open file of who writes it. */
static long store_event(const struct view *v, const char *text, size_t len)
{
	(void)v;
	(void)text;
	(void)len;
	return -EBADF;
}

#define TOP  "sys/fs/cgroup/memory/"
#define EACH "sys/fs/cgroup/memory/$group/"
#define ONE(at, name, bits, what, f, g)                               \
	{                                                             \
		.path = at name, .mode = (bits), .arg = (what),       \
		.flags = (bits)&0222 ? FSNODE_STALL : 0, .show = (f), \
		.store = (g), .exists = group_v1                      \
	}
#define ROW(name, bits, what, f, g) \
	ONE(TOP, name, bits, what, f, g), ONE(EACH, name, bits, what, f, g)
#define COUNTER(name, which)                                                \
	ROW(name "failcnt", 0644, KEY(which, FAILCNT), show_counter,        \
	    store_reset),                                                   \
		ROW(name "limit_in_bytes", 0644, KEY(which, LIMIT),         \
		    show_counter, store_limit),                             \
		ROW(name "max_usage_in_bytes", 0644, KEY(which, MAX_USAGE), \
		    show_counter, store_reset),                             \
		ROW(name "usage_in_bytes", 0444, KEY(which, USAGE),         \
		    show_counter, NULL)
const struct fsnode sys_cgroup_v1_nodes[] = {
	{ .path = "sys/fs/cgroup/memory",
	  .mode = 0555,
	  .flags = FSNODE_DIR,
	  .exists = group_v1 },
	{ .path = "sys/fs/cgroup/memory/$group",
	  .mode = 0755,
	  .flags = FSNODE_DIR,
	  .exists = group_v1 },
	ONE(TOP, "cgroup.sane_behavior", 0444, 0, show_fixed, NULL),
	ONE(TOP, "release_agent", 0644, 0, show_nothing, NULL),
	ROW("cgroup.clone_children", 0644, 0, show_fixed, store_fixed),
	ROW("cgroup.event_control", 0200, 0, NULL, store_event),
	ROW("cgroup.procs", 0644, 0, group_show_procs, group_store_procs),
	COUNTER("memory.", MEM),
	ROW("memory.force_empty", 0200, 0, NULL, store_empty),
	COUNTER("memory.kmem.", KMEM),
	ROW("memory.kmem.slabinfo", 0444, 0, show_nothing, NULL),
	COUNTER("memory.kmem.tcp.", TCP),
	COUNTER("memory.memsw.", MEMSW),
	ROW("memory.move_charge_at_immigrate", 0644, 0, show_fixed,
	    store_fixed),
	ROW("memory.numa_stat", 0444, 0, show_numa_stat, NULL),
	ROW("memory.oom_control", 0644, 0, show_oom, store_oom),
	ROW("memory.pressure_level", 0444, 0, NULL, NULL),
	ROW("memory.soft_limit_in_bytes", 0644, KEY(MEM, SOFT), show_counter,
	    store_limit),
	ROW("memory.stat", 0444, 0, show_stat, NULL),
	ROW("memory.swappiness", 0644, 0, show_swappiness, store_swappiness),
	ROW("memory.use_hierarchy", 0644, 1, show_fixed, store_fixed),
	ROW("notify_on_release", 0644, 0, show_fixed, store_fixed),
	ROW("tasks", 0644, 0, group_show_procs, group_store_procs),
};
NODES_COUNT(sys_cgroup_v1);
