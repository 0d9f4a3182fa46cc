// SPDX-License-Identifier: Apache-2.0
/* The report of a group at its limit: mem_cgroup_print_oom_meminfo(). */
#include "vmcore/task/group-stat.h"
#include "vmcore/task/oom.h"

/* PAGE_COUNTER_MAX, which `max` is printed as */
#define COUNTER_MAX (INT64_MAX >> PAGE_SHIFT)

static oom_ull limit_kb(uint64_t pages)
{
	return oom_kb(pages > COUNTER_MAX ? COUNTER_MAX : (int64_t)pages);
}

static void line_counter(const struct oom *o, const char *name, uint64_t usage,
			 uint64_t limit, uint64_t failcnt)
{
	klog_add(&o->t->log, o->t->now, 6,
		 "%s: usage %llukB, limit %llukB, failcnt %llu", name,
		 oom_kb((int64_t)usage), limit_kb(limit), (oom_ull)failcnt);
}

static void line_stat(const struct oom *o, const char *prefix, const char *name,
		      int64_t value)
{
	klog_add(&o->t->log, o->t->now, 6, "%s%s %lld", prefix, name,
		 (long long)value);
}

static void stats_v1(const struct oom *o, const struct control *c)
{
	for (unsigned i = 0; i < nr_group_stats_v1; i++)
		line_stat(o, "", group_stat_v1_name(i),
			  group_stat_v1_own(c, o->group, i));
	for (unsigned memsw = 0; memsw < 2; memsw++) {
		uint64_t least = group_least(c, o->group, memsw);

		if (least > COUNTER_MAX)
			least = COUNTER_MAX;
		line_stat(o, "hierarchical_",
			  memsw ? "memsw_limit" : "memory_limit",
			  (int64_t)(least << PAGE_SHIFT));
	}
	for (unsigned i = 0; i < nr_group_stats_v1; i++)
		line_stat(o, "total_", group_stat_v1_name(i),
			  group_stat_v1_total(c, o->group, i));
}

void oom_report_group(const struct oom *o)
{
	const struct control *c = o->t->space->control;
	const struct group *g = group_at(c, o->group);
	struct oom_text b = { 0 };

	line_counter(o, "memory", g->usage, g->max, g->failcnt);
	if (c->v1) {
		line_counter(o, "memory+swap", group_memsw(c, o->group),
			     g->memsw_max, g->memsw_failcnt);
		line_counter(o, "kmem", group_kernel_pages(c, o->group),
			     UINT64_MAX, 0);
	} else {
		line_counter(o, "swap", g->swap_usage, g->swap_max, 0);
	}
	oom_add(&b, "Memory cgroup stats for ");
	oom_path(c, o->group, &b);
	oom_add(&b, ":");
	oom_line(o, 6, &b);
	if (c->v1) {
		stats_v1(o, c);
		return;
	}
	for (unsigned i = 0; i < nr_group_stats; i++)
		line_stat(o, "", group_stat_name(i),
			  group_stat_value(c, o->group, i));
}
