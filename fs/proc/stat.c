// SPDX-License-Identifier: Apache-2.0
/* /proc/stat, uptime, loadavg, schedstat: fs/proc/{stat,uptime,loadavg}.c,
 * kernel/sched/stats.c. */
#include "fs/counters.h"
#include "fs/proc/irq.h"
#include "fs/proc/proc-nodes.h"

#define NS_PER_CLOCK_TICK 10000000u /* USER_HZ is 100 */
#define NS_PER_S	  1000000000u
#define JIFFY_NS	  4000000u
/* The kernel's jiffies start five minutes before they wrap. */
#define INITIAL_JIFFIES (UINT32_MAX - 300u * IRQ_HZ + 1u)

typedef unsigned long long ull;

static unsigned nr_tasks(const struct machine *m, enum task_state state)
{
	unsigned nr = 0;

	task_for_each (&m->tasks, id) {
		if (task_at(&m->tasks, id)->state == (uint32_t)state)
			nr++;
	}
	return nr;
}

static void out_cpu_times(struct outbuf *out, const struct cpu_times *c)
{
	out_printf(out, " %llu 0 %llu %llu %llu 0 0 0 0 0\n",
		   (ull)(c->user_ns / NS_PER_CLOCK_TICK),
		   (ull)(c->system_ns / NS_PER_CLOCK_TICK),
		   (ull)(c->idle_ns / NS_PER_CLOCK_TICK),
		   (ull)(c->iowait_ns / NS_PER_CLOCK_TICK));
}

static void show_cpus(const struct machine *m, struct outbuf *out)
{
	const struct tasks *t = &m->tasks;
	struct cpu_times sum = { 0 }, one;

	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++) {
		one = cpu_times(t, cpu);
		sum.user_ns += one.user_ns;
		sum.system_ns += one.system_ns;
		sum.idle_ns += one.idle_ns;
		sum.iowait_ns += one.iowait_ns;
	}
	out_str(out, "cpu ");
	out_cpu_times(out, &sum);
	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++) {
		one = cpu_times(t, cpu);
		out_printf(out, "cpu%u", cpu);
		out_cpu_times(out, &one);
	}
}

static void show_intr(const struct machine *m, struct outbuf *out)
{
	uint32_t disks = m->cache.disks.top, nr = irq_count(m);
	uint64_t sum = 0;

	for (uint32_t id = 1; id <= disks; id++)
		sum += irq_disk(m, id);
	for (uint32_t cpu = 0; cpu < m->tasks.nr_cpus; cpu++)
		sum += irq_timers(m, cpu);
	out_printf(out, "intr %llu", (ull)sum);
	for (uint32_t irq = 0; irq < nr; irq++) {
		bool disk = irq >= IRQ_FIRST_DISK &&
			    irq < IRQ_FIRST_DISK + disks;

		out_char(out, ' ');
		out_dec(out, disk ? irq_disk(m, irq - IRQ_FIRST_DISK + 1) : 0,
			0);
	}
	out_char(out, '\n');
}

static uint64_t softirq_sum(const struct machine *m, unsigned kind)
{
	uint64_t sum = 0;

	for (uint32_t cpu = 0; cpu < m->tasks.nr_cpus; cpu++)
		sum += softirq_count(m, kind, cpu);
	return sum;
}

static void show_softirq_sums(const struct machine *m, struct outbuf *out)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < softirq_kinds(); i++)
		sum += softirq_sum(m, i);
	out_printf(out, "softirq %llu", (ull)sum);
	for (unsigned i = 0; i < softirq_kinds(); i++)
		out_printf(out, " %llu", (ull)softirq_sum(m, i));
	out_char(out, '\n');
}

static int show_stat(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;
	uint64_t switches = 0;

	for (uint32_t cpu = 0; cpu < m->tasks.nr_cpus; cpu++)
		switches += m->tasks.cpus[cpu].switches;
	show_cpus(m, out);
	show_intr(m, out);
	out_counter(out, "ctxt", switches);
	out_counter(out, "btime", m->btime);
	out_counter(out, "processes", m->tasks.forks);
	out_counter(out, "procs_running", nr_tasks(m, TASK_RUNNING));
	out_counter(out, "procs_blocked", nr_tasks(m, TASK_DISK));
	show_softirq_sums(m, out);
	return out->error;
}

static void out_centiseconds(struct outbuf *out, uint64_t ns)
{
	out_printf(out, "%llu.%02llu", (ull)(ns / NS_PER_S),
		   (ull)(ns % NS_PER_S / 10000000u));
}

static int show_uptime(const struct view *v, struct outbuf *out)
{
	const struct tasks *t = &v->m->tasks;
	uint64_t idle = 0;

	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++)
		idle += cpu_times(t, cpu).idle_ns;
	out_centiseconds(out, t->now);
	out_char(out, ' ');
	out_centiseconds(out, idle);
	out_char(out, '\n');
	return out->error;
}

static uint32_t last_pid(const struct tasks *t)
{
	return t->last ? task_at(t, t->last)->pid : 0;
}

static int show_loadavg(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;

	for (unsigned i = 0; i < 3; i++) {
		/* 11 bits of fraction, rounded to 1/100 */
		uint64_t load = m->tasks.avenrun[i] + 2048 / 200;

		out_printf(out, "%llu.%02llu ", (ull)(load >> 11),
			   (ull)(((load & 2047) * 100) >> 11));
	}
	out_printf(out, "%u/%u %u\n", nr_tasks(m, TASK_RUNNING),
		   m->tasks.pool.used, last_pid(&m->tasks));
	return out->error;
}

static int show_schedstat(const struct view *v, struct outbuf *out)
{
	const struct tasks *t = &v->m->tasks;

	out_printf(out, "version 17\ntimestamp %llu\n",
		   (ull)INITIAL_JIFFIES + t->now / JIFFY_NS);
	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++) {
		const struct cpu_state *c = &t->cpus[cpu];

		/* yields, legacy, schedules, to idle, wakeups, local ones,
		 * ns run, ns waited, time slices */
		out_printf(out, "cpu%u 0 0 %llu 0 0 0 %llu 0 %llu\n", cpu,
			   (ull)c->switches, (ull)(c->user_ns + c->system_ns),
			   (ull)c->switches);
	}
	return out->error;
}

const struct fsnode proc_stat_nodes[] = {
	{ .path = "proc/stat", .mode = 0444, .show = show_stat },
	{ .path = "proc/uptime", .mode = 0444, .show = show_uptime },
	{ .path = "proc/loadavg", .mode = 0444, .show = show_loadavg },
	{ .path = "proc/schedstat", .mode = 0444, .show = show_schedstat },
};
NODES_COUNT(proc_stat);
