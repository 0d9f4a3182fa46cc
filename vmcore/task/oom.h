/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_OOM_H
#define VMCORE_OOM_H

#include "vmcore/task/sched.h"

/*
 * DOC: the OOM killer: who pays when nothing can be reclaimed.
 *
 * Models:  mm/oom_kill.c, __show_mem() of mm/show_mem.c,
 *          mem_cgroup_print_oom_meminfo() of mm/memcontrol.c, Linux 6.18.
 * Owns:    how many reports were printed lately (tasks.oom_since).
 * Units:   pages; the report has kB where the kernel has.
 * Order:   of processes with as many points the youngest pays.
 * Omits:   the reaper: who is killed is gone at once; registers and offsets
 *          of functions in the trace; cpusets.
 */
enum oom_constraint {
	CONSTRAINT_NONE,
	CONSTRAINT_CPUSET,
	CONSTRAINT_MEMORY_POLICY,
	CONSTRAINT_MEMCG,
};

/* struct oom_control: one request that could not be served. */
struct oom {
	struct tasks *t;
	const struct actor *a; /* whose request */
	uint32_t cpu;
	enum oom_constraint constraint;
	uint32_t group; /* whose limit, 0: the machine's memory */
	uint32_t nodes; /* bit a node that would do, 0: all */
	uint64_t total; /* what points are measured against */
};

/*
 * out_of_memory(): a process pays for what @a needs, @a's own perhaps: then
 * it is ended. Return: 0, ENOMEM: nobody may be killed, or the machine is
 * stopped (sched_halt()).
 */
int oom_kill(struct tasks *t, struct ctx *ctx, struct actor *a);

/* The same for a charge; in a group that may kill nobody it waits. */
int oom_charge(struct tasks *t, struct ctx *ctx, struct actor *a);

/* --- oom-report.c ------------------------------------------------------------
 */
/* dump_header(): the state of memory, and of the processes. */
void oom_report(const struct oom *o);
/* dump_stack(): who asks, and on what way. */
void oom_report_stack(const struct oom *o);
/* --- oom-memory.c: __show_mem() ---------------------------------------------
 */
void oom_report_memory(const struct oom *o);
/* --- oom-group.c: of a memory group ------------------------------------------
 */
void oom_report_group(const struct oom *o);

/* Text put together piece by piece; what does not fit is cut. */
#define OOM_TEXT 2048u
struct oom_text {
	size_t len;
	char s[OOM_TEXT];
};
void oom_add(struct oom_text *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void oom_path(const struct control *c, uint32_t group, struct oom_text *b);
/* "0-2,4": the set bits, (null) if there are none. */
void oom_list(uint64_t bits, struct oom_text *b);
/* Line @level of the kernel's log. */
void oom_line(const struct oom *o, unsigned level, const struct oom_text *b);

/* --- oom-classic.c: with reclaim = classic -----------------------------------
 */
/* -17..15, from oom_score_adj as /proc/PID/oom_adj shows it. */
int oom_adj_of(const struct task *task);
/* badness() of 2.6 of a task that may be killed; INT64_MIN: never. */
int64_t oom_points_classic(const struct tasks *t, uint32_t task);
/* Who dies in place of @victim: a child of its own memory, or itself. */
uint32_t oom_child_classic(const struct oom *o, uint32_t victim);

/* May @task pay at all, for what @o is about? */
bool oom_may_die(const struct oom *o, uint32_t task);

typedef unsigned long long oom_ull;
static inline oom_ull oom_kb(int64_t pages)
{
	return pages > 0 ? (oom_ull)pages << (PAGE_SHIFT - 10) : 0;
}

#endif
