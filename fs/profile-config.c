// SPDX-License-Identifier: Apache-2.0
/* From a profile to what machine_init() takes. */
#include "fs/profile-table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/script.h"

/* Numbers that drivers have: Documentation/admin-guide/devices.txt; virtio
 * and others take theirs from the top of the dynamic ones. */
static const struct {
	const char *prefix;
	uint32_t major, step; /* minors a disk */
} drivers[] = {
	{ "sd", 8, 16 },    { "vd", 254, 16 }, { "xvd", 202, 16 },
	{ "nvme", 259, 1 }, { "", 252, 16 },
};

static void number_disk(struct disk *disks, uint32_t nr)
{
	struct disk *d = &disks[nr];
	uint32_t i = 0, before = 0;

	while (strncmp(d->name, drivers[i].prefix, strlen(drivers[i].prefix)))
		i++;
	d->major = drivers[i].major;
	for (uint32_t j = 0; j < nr; j++)
		before += disks[j].major == d->major;
	d->minor = before * drivers[i].step;
}

static void config_disks(const struct profile *p, struct machine_config *c)
{
	const struct profile_disk *from = p->disk.items;

	c->nr_disks = p->disk.nr;
	for (uint32_t i = 0; i < p->disk.nr; i++) {
		struct disk *d = &c->disks[i];

		snprintf(d->name, sizeof(d->name), "%.31s", from[i].head.id);
		snprintf(d->mount, sizeof(d->mount), "%s", from[i].filesystem);
		d->size_bytes = from[i].size_bytes;
		d->latency_ns = from[i].latency_ns;
		d->bandwidth = from[i].bandwidth;
		d->rotational = from[i].rotational;
		d->readahead_pages =
			(uint32_t)(from[i].readahead_bytes / PAGE_SIZE);
		number_disk(c->disks, i);
	}
}

static void config_nodes(const struct profile *p, struct phys_config *c)
{
	const struct profile_node *from = p->node.items;
	uint64_t cpus;

	/* CPUs in equal shares, the first to node 0, as QEMU and SMP boards
	 * number them. */
	for (uint32_t i = 0; i < c->nr_cpus; i++)
		c->cpu_node[i] = (uint8_t)(i * c->nr_nodes / c->nr_cpus);
	for (uint32_t i = 0; i < p->node.nr; i++) {
		unsigned n = (unsigned)(from[i].head.id[0] - '0');

		c->node_bytes[n] = from[i].memory_bytes;
		profile_cpu_list(from[i].cpus, &cpus);
		for (uint32_t j = 0; j < c->nr_cpus; j++)
			if (cpus >> j & 1)
				c->cpu_node[j] = (uint8_t)n;
		if (from[i].distance[0])
			profile_distances(from[i].distance, c->nr_nodes,
					  c->distance[n]);
	}
}

static void config_zones(const struct profile *p, struct phys_config *c)
{
	const struct profile_zone *from = p->zone.items;
	uint32_t node, type;

	for (uint32_t i = 0; i < p->zone.nr; i++) {
		profile_zone_id(from[i].head.id, &node, &type);
		c->zones[node * MAX_ZONES_PER_NODE + type] =
			(struct zone_config){
				.given = true,
				.node = node,
				.type = type,
				.start_pfn = (uint32_t)from[i].start_pfn,
				.spanned = (uint32_t)from[i].spanned,
				.present = (uint32_t)from[i].present,
				.managed = (uint32_t)from[i].managed,
				.early = (uint32_t)from[i].early,
			};
	}
}

static void config_workload(struct process_config *c, const char *text)
{
	struct script_line line;
	struct outbuf words, why;
	uint32_t n = c->nr_workloads;

	out_init(&words);
	out_init(&why);
	out_printf(&words, "workload P %s", text);
	if (!words.error && !script_parse(words.text, words.len, &line, &why)) {
		memcpy(c->workload[n].region, line.op.region, REGION_LEN);
		snprintf(c->workload[n].pattern, sizeof(c->workload[n].pattern),
			 "%.23s", line.op.text);
		c->workload[n].rate = line.op.rate;
		if (line.op.flags & OPX_CPU)
			c->workload[n].cpu_percent = line.op.percent;
		else
			c->workload[n].write_percent = line.op.percent;
		c->nr_workloads++;
	}
	out_free(&words);
	out_free(&why);
}

static void config_process(const struct profile *p,
			   const struct profile_process *from,
			   struct process_config *c)
{
	uint64_t given = from->head.given;

	memcpy(c->name, from->head.id, COMM_LEN - 1);
	snprintf(c->cmdline, sizeof(c->cmdline), "%s", from->cmdline);
	snprintf(c->libs, sizeof(c->libs), "%s", from->libs);
	snprintf(c->files, sizeof(c->files), "%s", from->files);
	snprintf(c->cgroup, sizeof(c->cgroup), "%s", from->cgroup);
	c->count = (uint32_t)from->count;
	c->uid = (uint32_t)from->uid;
	c->parent = profile_parent(p, from);
	c->cpu = given & profile_bit("process", "cpu") ? (uint32_t)from->cpu
						       : UINT32_MAX;
	c->node = given & profile_bit("process", "node") ? (uint32_t)from->node
							 : UINT32_MAX;
	c->oom_score_adj = (int32_t)from->oom_score_adj;
	c->text_bytes = from->text_bytes;
	c->data_bytes = from->data_bytes;
	c->bss_bytes = from->bss_bytes;
	c->heap_bytes = from->heap_bytes;
	c->leak_bytes = from->leak_bytes;
	c->stack_bytes = from->stack_bytes;
	for (uint32_t i = 0; i < from->nr_workloads; i++)
		config_workload(c, from->workload[i]);
}

static int config_lists(const struct profile *p, struct machine_config *c)
{
	const struct profile_process *processes = p->process.items;
	const struct profile_file *files = p->file.items;
	const struct profile_group *groups = p->group.items;

	c->files = calloc(p->file.nr + 1, sizeof(*c->files));
	c->processes = calloc(p->process.nr + 1, sizeof(*c->processes));
	c->groups = calloc(p->group.nr + 1, sizeof(*c->groups));
	if (!c->files || !c->processes || !c->groups) {
		profile_config_free(c);
		return -ENOMEM;
	}
	c->nr_files = p->file.nr;
	for (uint32_t i = 0; i < p->file.nr; i++) {
		snprintf(c->files[i].path, sizeof(c->files[i].path), "%s",
			 files[i].head.id);
		c->files[i].size_bytes = files[i].size_bytes;
		c->files[i].outside = strcmp(files[i].content, "seed") != 0;
	}
	c->nr_groups = p->group.nr;
	for (uint32_t i = 0; i < p->group.nr; i++)
		memcpy(c->groups[i], groups[i].head.id, PROFILE_ID);
	c->nr_processes = p->process.nr;
	for (uint32_t i = 0; i < p->process.nr; i++)
		config_process(p, &processes[i], &c->processes[i]);
	return 0;
}

int profile_config(const struct profile *p, struct machine_config *c)
{
	memset(c, 0, sizeof(*c));
	c->phys.memory_bytes = p->machine.memory_bytes;
	c->phys.nr_nodes = (uint32_t)p->machine.nodes;
	c->phys.nr_cpus = (uint32_t)p->machine.cpus;
	c->phys.reserved_bytes = p->machine.reserved_bytes;
	c->phys.i386 = p->machine.arch != ARCH_X86_64;
	c->phys.pae = p->machine.arch == ARCH_I386_PAE;
	c->phys.thp = p->machine.thp != THP_NEVER;
	config_nodes(p, &c->phys);
	config_zones(p, &c->phys);
	c->seed = p->machine.seed;
	c->btime = p->machine.btime;
	c->max_host_memory = p->machine.max_host_memory;
	memcpy(c->kernel, p->machine.kernel, sizeof(c->kernel));
	memcpy(c->hostname, p->machine.hostname, sizeof(c->hostname));
	memcpy(c->cpu_model, p->machine.cpu, sizeof(c->cpu_model));
	c->spawn_full = !p->machine.spawn;
	c->la57 = p->machine.la57;
	c->pcid = p->machine.pcid;
	c->policy = (enum policy)p->machine.reclaim;
	c->thp = (int)p->machine.thp;
	c->cgroup_v1 = !p->machine.cgroup; /* cgroup_words[] */
	c->pid_max = (int32_t)p->machine.pid_max;
	c->first_pid = (int32_t)p->machine.first_pid;
	memcpy(c->prices, p->cost.price, sizeof(c->prices));
	c->boot_reclaimable = p->boot.slab_reclaimable;
	c->boot_unreclaimable = p->boot.slab_unreclaimable;
	c->boot_other = p->boot.other;
	c->boot_given = p->boot.head.given;
	config_disks(p, c);
	return config_lists(p, c);
}

void profile_config_free(struct machine_config *c)
{
	free(c->files);
	free(c->processes);
	free(c->groups);
	c->files = NULL;
	c->processes = NULL;
	c->groups = NULL;
	c->nr_files = c->nr_processes = c->nr_groups = 0;
}
