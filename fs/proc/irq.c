// SPDX-License-Identifier: Apache-2.0
/* /proc/interrupts, /proc/softirqs. */
#include "fs/proc/irq.h"

#include "fs/proc/proc-nodes.h"

uint32_t irq_count(const struct machine *m)
{
	/* 24 lines of one I/O APIC, 16 messages for each, 8 for a CPU */
	return 24 + 24 * 16 + 8 * m->phys.nr_cpus;
}

uint64_t irq_disk(const struct machine *m, uint32_t id)
{
	const struct disk *d = pool_at(&m->cache.disks, id);

	return d->ios[0] + d->ios[1];
}

uint32_t irq_disk_cpu(const struct machine *m, uint32_t id)
{
	return m->phys.nr_cpus ? (id - 1) % m->phys.nr_cpus : 0;
}

uint64_t irq_ticks(const struct machine *m, uint32_t cpu)
{
	const struct cpu_state *c = &m->tasks.cpus[cpu];

	return (c->user_ns + c->system_ns) / (1000000000u / IRQ_HZ);
}

uint64_t irq_timers(const struct machine *m, uint32_t cpu)
{
	return irq_ticks(m, cpu) + m->tasks.cpus[cpu].timers;
}

static void out_cpu_heads(const struct machine *m, struct outbuf *out,
			  unsigned indent)
{
	out_printf(out, "%*s", (int)indent, "");
	for (uint32_t cpu = 0; cpu < m->phys.nr_cpus; cpu++)
		out_printf(out, "CPU%-8u", cpu);
	out_char(out, '\n');
}

static void show_disk_irq(const struct machine *m, uint32_t id,
			  struct outbuf *out)
{
	uint32_t on = irq_disk_cpu(m, id);

	out_printf(out, "%3u:", IRQ_FIRST_DISK + id - 1);
	for (uint32_t cpu = 0; cpu < m->phys.nr_cpus; cpu++) {
		out_char(out, ' ');
		out_dec(out, cpu == on ? irq_disk(m, id) : 0, 10);
	}
	out_printf(out,
		   " PCI-MSIX-0000:00:%02x.0   1-edge      virtio%u-req.0\n",
		   id + 1, id - 1);
}

/* Interrupts that have a name instead of a number. */
struct named_irq {
	const char *name, *what;
	bool timers;
};
static const struct named_irq named[] = {
	{ "NMI", "Non-maskable interrupts", false },
	{ "LOC", "Local timer interrupts", true },
	{ "SPU", "Spurious interrupts", false },
	{ "PMI", "Performance monitoring interrupts", false },
	{ "IWI", "IRQ work interrupts", false },
	{ "RTR", "APIC ICR read retries", false },
	{ "RES", "Rescheduling interrupts", false },
	{ "CAL", "Function call interrupts", false },
	{ "TLB", "TLB shootdowns", false },
	{ "TRM", "Thermal event interrupts", false },
};

static int show_interrupts(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;

	out_cpu_heads(m, out, 11);
	for (uint32_t id = 1; id <= m->cache.disks.top; id++)
		show_disk_irq(m, id, out);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		out_printf(out, "%s:", named[i].name);
		for (uint32_t cpu = 0; cpu < m->phys.nr_cpus; cpu++) {
			out_char(out, ' ');
			out_dec(out, named[i].timers ? irq_timers(m, cpu) : 0,
				10);
		}
		out_printf(out, "   %s\n", named[i].what);
	}
	out_printf(out, "ERR: %10u\nMIS: %10u\n", 0, 0);
	return out->error;
}

enum softirq { SOFT_NONE, SOFT_TICK, SOFT_BLOCK };
static const struct {
	const char *name;
	enum softirq source;
} softirqs[] = {
	{ "HI", SOFT_NONE },	  { "TIMER", SOFT_TICK },
	{ "NET_TX", SOFT_NONE },  { "NET_RX", SOFT_NONE },
	{ "BLOCK", SOFT_BLOCK },  { "IRQ_POLL", SOFT_NONE },
	{ "TASKLET", SOFT_NONE }, { "SCHED", SOFT_TICK },
	{ "HRTIMER", SOFT_NONE }, { "RCU", SOFT_TICK },
};

unsigned softirq_kinds(void)
{
	return ARRAY_SIZE(softirqs);
}

uint64_t softirq_count(const struct machine *m, unsigned kind, uint32_t cpu)
{
	uint64_t sum = 0;

	if (softirqs[kind].source == SOFT_TICK)
		return irq_ticks(m, cpu);
	if (softirqs[kind].source == SOFT_BLOCK)
		for (uint32_t id = 1; id <= m->cache.disks.top; id++)
			if (irq_disk_cpu(m, id) == cpu)
				sum += irq_disk(m, id);
	return sum;
}

static int show_softirqs(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;

	out_cpu_heads(m, out, 20);
	for (unsigned i = 0; i < softirq_kinds(); i++) {
		out_printf(out, "%12s:", softirqs[i].name);
		for (uint32_t cpu = 0; cpu < m->phys.nr_cpus; cpu++) {
			out_char(out, ' ');
			out_dec(out, softirq_count(m, i, cpu), 10);
		}
		out_char(out, '\n');
	}
	return out->error;
}

const struct fsnode proc_irq_nodes[] = {
	{ .path = "proc/interrupts", .mode = 0444, .show = show_interrupts },
	{ .path = "proc/softirqs", .mode = 0444, .show = show_softirqs },
};
NODES_COUNT(proc_irq);
