// SPDX-License-Identifier: Apache-2.0
/* /proc/cpuinfo: arch/x86/kernel/cpu/proc.c, show_cpuinfo(). */
#include "fs/proc/proc-nodes.h"

#include <string.h>

/* What a CPU says of itself, by the name the profile gives it. */
struct cpu_id {
	const char *word; /* in the profile's name */
	const char *vendor;
	unsigned family, model, stepping, mhz, cache_kb;
};
static const struct cpu_id cpu_ids[] = {
	{ "AMD", "AuthenticAMD", 25, 1, 1, 2450, 512 },
	{ "EPYC", "AuthenticAMD", 25, 1, 1, 2450, 512 },
	{ "Ryzen", "AuthenticAMD", 25, 33, 0, 3700, 512 },
	{ "Pentium", "GenuineIntel", 6, 8, 6, 1000, 256 },
	{ "", "GenuineIntel", 6, 85, 7, 2500, 33792 },
};

static const struct cpu_id *cpu_id(const struct machine *m)
{
	const struct cpu_id *id = cpu_ids;

	while (!strstr(m->cpu_model, id->word))
		id++;
	return id;
}

/* Only what paging and 64-bit mode need changes with the machine. */
static void out_flags(const struct machine *m, struct outbuf *out)
{
	out_str(out, "flags\t\t: fpu vme de pse tsc msr");
	if (!m->phys.i386 || m->phys.pae)
		out_str(out, " pae");
	out_str(out, " mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush "
		     "mmx fxsr sse sse2 ht");
	if (m->phys.pae)
		out_str(out, " nx");
	if (!m->phys.i386) {
		out_str(out, " syscall nx pdpe1gb rdtscp lm constant_tsc nopl "
			     "cpuid tsc_known_freq pni ssse3 cx16");
		if (m->pcid)
			out_str(out, " pcid");
		out_str(out, " sse4_1 sse4_2 movbe popcnt hypervisor lahf_lm "
			     "smep smap");
		if (m->pcid)
			out_str(out, " invpcid");
		if (m->la57)
			out_str(out, " la57");
	}
	out_char(out, '\n');
}

/* CPUs of its socket before @cpu, and all of them: a node is a socket. */
static uint32_t socket_cpus(const struct phys *p, uint32_t cpu,
			    uint32_t *ret_index)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < p->nr_cpus; i++) {
		if (i == cpu)
			*ret_index = nr;
		if (p->cpu_node[i] == p->cpu_node[cpu])
			nr++;
	}
	return nr;
}

static void show_cpu(const struct machine *m, uint32_t cpu, struct outbuf *out)
{
	const struct cpu_id *id = cpu_id(m);
	uint32_t core = 0, cores = socket_cpus(&m->phys, cpu, &core);

	out_printf(out, "processor\t: %u\n", cpu);
	out_printf(out, "vendor_id\t: %s\n", id->vendor);
	out_printf(out, "cpu family\t: %u\n", id->family);
	out_printf(out, "model\t\t: %u\n", id->model);
	out_printf(out, "model name\t: %s\n",
		   m->cpu_model[0] ? m->cpu_model : "fauxproc CPU");
	out_printf(out, "stepping\t: %u\n", id->stepping);
	out_printf(out, "cpu MHz\t\t: %u.000\n", id->mhz);
	out_printf(out, "cache size\t: %u KB\n", id->cache_kb);
	out_printf(out, "physical id\t: %u\n", m->phys.cpu_node[cpu]);
	out_printf(out, "siblings\t: %u\n", cores);
	out_printf(out, "core id\t\t: %u\n", core);
	out_printf(out, "cpu cores\t: %u\n", cores);
	out_printf(out, "apicid\t\t: %u\n", cpu);
	out_printf(out, "initial apicid\t: %u\n", cpu);
	out_str(out, "fpu\t\t: yes\nfpu_exception\t: yes\n");
	out_str(out, "cpuid level\t: 22\nwp\t\t: yes\n");
	out_flags(m, out);
	out_str(out, "bugs\t\t:\n");
	out_printf(out, "bogomips\t: %u.00\n", 2 * id->mhz);
	out_str(out, "clflush size\t: 64\ncache_alignment\t: 64\n");
	out_printf(out, "address sizes\t: %u bits physical, %u bits virtual\n",
		   !m->phys.i386 ? 46
		   : m->phys.pae ? 36
				 : 32,
		   m->phys.i386 ? 32
		   : m->la57	? 57
				: 48);
	out_str(out, "power management:\n\n");
}

static int show_cpuinfo(const struct view *v, struct outbuf *out)
{
	for (uint32_t cpu = 0; cpu < v->m->phys.nr_cpus; cpu++)
		show_cpu(v->m, cpu, out);
	return out->error;
}

const struct fsnode proc_cpuinfo_nodes[] = {
	{ .path = "proc/cpuinfo", .mode = 0444, .show = show_cpuinfo },
};
NODES_COUNT(proc_cpuinfo);
