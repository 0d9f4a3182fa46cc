// SPDX-License-Identifier: Apache-2.0
/* /sys/devices/system/cpu: drivers/base/cpu.c, topology.c. A node is a socket
 * and every CPU a core of its own. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#define CPU "sys/devices/system/cpu/"

enum set { ALL, NONE, SELF, SOCKET };

static uint64_t cpu_set(const struct view *v)
{
	const struct phys *p = &v->m->phys;
	uint64_t mask = 0;

	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++) {
		bool in = false;

		switch ((enum set)v->arg) {
		case ALL:
			in = true;
			break;
		case NONE:
			break;
		case SELF:
			in = cpu == v->cpu;
			break;
		case SOCKET:
			in = p->cpu_node[cpu] == p->cpu_node[v->cpu];
			break;
		}
		mask |= (uint64_t)in << cpu;
	}
	return mask;
}

static int show_list(const struct view *v, struct outbuf *out)
{
	attr_list(out, cpu_set(v));
	return out->error;
}

static int show_map(const struct view *v, struct outbuf *out)
{
	attr_mask(out, cpu_set(v), v->m->phys.nr_cpus);
	return out->error;
}

/* The largest number a CPU could have: NR_CPUS - 1 of the model. */
static int show_kernel_max(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_printf(out, "%d\n", MAX_CPUS - 1);
	return out->error;
}

static int show_package(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", v->m->phys.cpu_node[v->cpu]);
	return out->error;
}

static int show_core(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	unsigned core = 0;

	for (unsigned cpu = 0; cpu < v->cpu; cpu++)
		core += p->cpu_node[cpu] == p->cpu_node[v->cpu];
	out_printf(out, "%u\n", core);
	return out->error;
}

static int show_die(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "0\n");
	return out->error;
}

static int show_online(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "1\n");
	return out->error;
}

/* The CPU that boots cannot be taken away: it has no switch. */
static bool can_go_offline(const struct view *v)
{
	return v->cpu > 0;
}

#define TOPOLOGY CPU "cpu$cpu/topology/"
#define LIST(name, set)                                                       \
	{                                                                     \
		.path = CPU name, .mode = 0444, .arg = set, .show = show_list \
	}
/* The same CPUs as a mask and as a list. */
#define SIBLINGS(name, set)                                                    \
	{ .path = TOPOLOGY name, .mode = 0444, .arg = set, .show = show_map }, \
	{                                                                      \
		.path = TOPOLOGY name "_list", .mode = 0444, .arg = set,       \
		.show = show_list                                              \
	}
const struct fsnode sys_cpu_nodes[] = {
	{ .path = CPU "kernel_max", .mode = 0444, .show = show_kernel_max },
	LIST("isolated", NONE),
	LIST("offline", NONE),
	LIST("online", ALL),
	LIST("possible", ALL),
	LIST("present", ALL),
	{ .path = CPU "cpu$cpu/online",
	  .mode = 0644,
	  .show = show_online,
	  .exists = can_go_offline },
	{ .path = TOPOLOGY "core_id", .mode = 0444, .show = show_core },
	{ .path = TOPOLOGY "die_id", .mode = 0444, .show = show_die },
	{ .path = TOPOLOGY "physical_package_id",
	  .mode = 0444,
	  .show = show_package },
	SIBLINGS("core_cpus", SELF),
	SIBLINGS("core_siblings", SOCKET),
	SIBLINGS("die_cpus", SOCKET),
	SIBLINGS("package_cpus", SOCKET),
	SIBLINGS("thread_siblings", SELF),
};
NODES_COUNT(sys_cpu);
