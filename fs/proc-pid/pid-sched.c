// SPDX-License-Identifier: Apache-2.0
/* What the scheduler knows: kernel/sched/debug.c, fs/proc/base.c. */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <string.h>

#define NS_PER_MS   1000000u
#define LOAD_WEIGHT 1048576u /* NICE_0_LOAD */
#define SLICE_NS    2800000u /* sysctl_sched_base_slice */

/* Where a thread that waits for work sleeps. */
static const struct {
	const char *comm; /* how its name begins */
	const char *symbol;
} kthread_waits[] = {
	{ "kswapd", "kswapd" },		{ "kcompactd", "kcompactd" },
	{ "khugepaged", "khugepaged" }, { "ksmd", "ksm_scan_thread" },
	{ "kthreadd", "kthreadd" },	{ "oom_reaper", "oom_reaper" },
};

static const char *wait_symbol(const struct task *t)
{
	if (t->state == TASK_RUNNING || t->state == TASK_ZOMBIE)
		return "0";
	if (t->state == TASK_DISK)
		return "folio_wait_bit_common";
	if (!t->kthread)
		return "hrtimer_nanosleep";
	for (size_t i = 0; i < ARRAY_SIZE(kthread_waits); i++)
		if (!strncmp(t->comm, kthread_waits[i].comm,
			     strlen(kthread_waits[i].comm)))
			return kthread_waits[i].symbol;
	return "worker_thread";
}

static int show_wchan(const struct view *v, struct outbuf *out)
{
	out_str(out, wait_symbol(view_task(v)));
	return 0;
}

/* No return addresses but the one that wchan tells. */
static int show_stack(const struct view *v, struct outbuf *out)
{
	const char *symbol = wait_symbol(view_task(v));

	if (strcmp(symbol, "0"))
		out_printf(out, "[<0>] %s+0x0/0x0\n", symbol);
	return 0;
}

/* Asleep in clock_nanosleep(2) (230) or in a fault, which is no call: -1. */
static int show_syscall(const struct view *v, struct outbuf *out)
{
	const struct task *t = view_task(v);
	const struct mm *mm = view_mm(v);
	unsigned long long sp = mm ? mm->start_stack : 0;

	if (t->state == TASK_RUNNING)
		out_str(out, "running\n");
	else if (!mm)
		out_str(out, "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n");
	else if (t->state == TASK_DISK)
		out_printf(out, "-1 0x%llx 0x0\n", sp);
	else
		out_printf(out, "230 0x0 0x0 0x0 0x0 0x0 0x0 0x%llx 0x0\n", sp);
	return 0;
}

static int show_schedstat(const struct view *v, struct outbuf *out)
{
	const struct task *t = view_task(v);

	out_printf(out, "%llu 0 %llu\n",
		   (unsigned long long)(t->utime_ns + t->stime_ns),
		   (unsigned long long)(t->nvcsw + t->nivcsw));
	return 0;
}

static void put_ms(struct outbuf *out, const char *name, uint64_t ns)
{
	out_printf(out, "%-45s:%14llu.%06u\n", name,
		   (unsigned long long)(ns / NS_PER_MS),
		   (unsigned)(ns % NS_PER_MS));
}

static void put_count(struct outbuf *out, const char *name, uint64_t value)
{
	out_printf(out, "%-45s:%21llu\n", name, (unsigned long long)value);
}

/* proc_sched_show_task(); the model keeps no load averages of tasks. */
static int show_sched(const struct view *v, struct outbuf *out)
{
	static const char *const averages[] = {
		"se.avg.load_sum",	   "se.avg.runnable_sum",
		"se.avg.util_sum",	   "se.avg.load_avg",
		"se.avg.runnable_avg",	   "se.avg.util_avg",
		"se.avg.last_update_time", "se.avg.util_est",
	};
	const struct task *t = view_task(v);
	uint64_t run_ns = t->utime_ns + t->stime_ns;

	out_name(t->comm, false, out);
	out_printf(out, " (%u, #threads: 1)\n", t->pid);
	out_str(out, "---------------------------------------------------------"
		     "----------\n");
	put_ms(out, "se.exec_start", machine_now(v->m));
	put_ms(out, "se.vruntime", run_ns);
	put_ms(out, "se.sum_exec_runtime", run_ns);
	put_count(out, "se.nr_migrations", 0);
	put_count(out, "nr_switches", t->nvcsw + t->nivcsw);
	put_count(out, "nr_voluntary_switches", t->nvcsw);
	put_count(out, "nr_involuntary_switches", t->nivcsw);
	put_count(out, "se.load.weight", LOAD_WEIGHT);
	for (size_t i = 0; i < ARRAY_SIZE(averages); i++)
		put_count(out, averages[i], 0);
	put_count(out, "policy", 0);
	put_count(out, "prio", 120 + task_nice(t));
	put_count(out, "se.slice", SLICE_NS);
	put_count(out, "clock-delta", 0);
	put_count(out, "mm->numa_scan_seq",
		  t->mm ? view_mm(v)->numa_scan_seq : 0);
	put_count(out, "numa_pages_migrated", t->numab.migrated);
	out_printf(out, "%-45s:%21d\n", "numa_preferred_nid",
		   (int)t->numab.preferred - 1);
	put_count(out, "total_numa_faults", t->numab.total);
	out_printf(out, "current_node=%u, numa_group_id=0\n",
		   v->m->phys.cpu_node[t->cpu]);
	return 0;
}

/* children_seq_show() */
static int show_children(const struct view *v, struct outbuf *out)
{
	const struct tasks *tasks = &v->m->tasks;
	uint32_t pid = view_task(v)->pid;

	task_for_each (tasks, id) {
		if (task_at(tasks, id)->ppid != pid)
			continue;
		out_dec(out, task_at(tasks, id)->pid, 0);
		out_char(out, ' ');
	}
	return 0;
}

const struct fsnode pid_sched_nodes[] = {
	PID_FILE("wchan", 0444, show_wchan, NULL),
	PID_FILE("stack", 0400, show_stack, NULL),
	PID_FILE("syscall", 0400, show_syscall, NULL),
	PID_FILE("schedstat", 0444, show_schedstat, NULL),
	PID_FILE("sched", 0644, show_sched, NULL),
	{
		.path = "proc/$pid/task/$tid/children",
		.mode = 0444,
		.flags = FSNODE_SIZE0,
		.show = show_children,
	},
};
const unsigned nr_pid_sched_nodes = ARRAY_SIZE(pid_sched_nodes);
