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

void oom_report_group(const struct oom *o)
{
	const struct control *c = o->t->space->control;
	const struct group *g = group_at(c, o->group);
	struct klog *log = &o->t->log;
	struct oom_text b = { 0 };

	klog_add(log, o->t->now, 6,
		 "memory: usage %llukB, limit %llukB, failcnt %llu",
		 oom_kb((int64_t)g->usage), limit_kb(g->max),
		 (oom_ull)g->failcnt);
	klog_add(log, o->t->now, 6,
		 "swap: usage %llukB, limit %llukB, failcnt 0",
		 oom_kb((int64_t)g->swap_usage), limit_kb(g->swap_max));
	oom_add(&b, "Memory cgroup stats for ");
	oom_path(c, o->group, &b);
	oom_add(&b, ":");
	oom_line(o, 6, &b);
	for (unsigned i = 0; i < nr_group_stats; i++)
		klog_add(log, o->t->now, 6, "%s %lld", group_stat_name(i),
			 (long long)group_stat_value(c, o->group, i));
}
