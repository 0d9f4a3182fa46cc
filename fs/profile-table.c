// SPDX-License-Identifier: Apache-2.0
/* Sections and keys of the profile. docs and --check read it as well. */
#include "fs/profile-table.h"

#include <errno.h>
#include <string.h>

#include "fs/script.h"

#define GIB	   (1ll << 30)
#define NR_ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_TIME   (1000000000ll * 3600)
#define MAX_PAGES  ((int64_t)UINT32_MAX)

static const char *const arch_words[] = { "x86_64", "i386", "i386-pae", NULL };
static const char *const spawn_words[] = { "full", "bare", NULL };
static const char *const cgroup_words[] = { "v1", "v2", NULL };
static const char *const reclaim_words[] = { "lru", "mglru", "classic", NULL };
static const char *const thp_words[] = { "always", "madvise", "never", NULL };

#define AT(field) \
	(offsetof(struct profile, field) - offsetof(struct profile, machine))
#define ROOM(field) sizeof(((struct profile *)0)->field)
static const struct profile_key machine_keys[] = {
	{ "memory", PROFILE_SIZE, AT(machine.memory_bytes), 0, "8G", 1 << 24,
	  16384 * GIB, NULL, "installed memory, all nodes" },
	{ "cpus", PROFILE_NUMBER, AT(machine.cpus), 0, "4", 1, MAX_CPUS, NULL,
	  "CPUs, shared out among the nodes" },
	{ "nodes", PROFILE_NUMBER, AT(machine.nodes), 0, "1", 1, MAX_NODES,
	  NULL, "NUMA nodes" },
	{ "arch", PROFILE_WORD, AT(machine.arch), 0, "x86_64", 0, 0, arch_words,
	  "layout of address spaces and zones" },
	{ "kernel", PROFILE_STRING, AT(machine.kernel), ROOM(machine.kernel),
	  "6.18", 0, 0, NULL,
	  "whose files it has: 6.18 6.12 6.1 5.10 4.19 3.10" },
	{ "seed", PROFILE_NUMBER, AT(machine.seed), 0, "1", 0, INT64_MAX, NULL,
	  "of all that is drawn at random" },
	{ "speed", PROFILE_SPEED, AT(machine.speed_ppm), 0, "0", 0,
	  1000000ll * 1000000, NULL,
	  "0: only operations move the clock; 1: as the wall's does" },
	{ "spawn", PROFILE_WORD, AT(machine.spawn), 0, "full", 0, 0,
	  spawn_words, "what a new process has mapped" },
	{ "cgroup", PROFILE_WORD, AT(machine.cgroup), 0, "v2", 0, 0,
	  cgroup_words, "tree of memory groups" },
	{ "reclaim", PROFILE_WORD, AT(machine.reclaim), 0, "lru", 0, 0,
	  reclaim_words, "which pages go first" },
	{ "thp", PROFILE_WORD, AT(machine.thp), 0, NULL, 0, 0, thp_words,
	  "transparent huge pages; never below 512 MiB, else always" },
	{ "la57", PROFILE_SWITCH, AT(machine.la57), 0, "no", 0, 0, NULL,
	  "page tables of five levels" },
	{ "pcid", PROFILE_SWITCH, AT(machine.pcid), 0, "yes", 0, 0, NULL,
	  "a context switch keeps the TLB" },
	{ "cpu", PROFILE_STRING, AT(machine.cpu), ROOM(machine.cpu), "generic",
	  0, 0, NULL,
	  "its name; Skylake or Pentium III in it: whose TLB the CPUs have" },
	{ "hostname", PROFILE_STRING, AT(machine.hostname),
	  ROOM(machine.hostname), "fauxproc", 0, 0, NULL, "its name" },
	{ "btime", PROFILE_NUMBER, AT(machine.btime), 0, "1767225600", 0,
	  INT64_MAX, NULL, "seconds since 1970 at boot" },
	{ "pid_max", PROFILE_NUMBER, AT(machine.pid_max), 0, "32768", 301,
	  4194304, NULL, "pids wrap here" },
	{ "first_pid", PROFILE_NUMBER, AT(machine.first_pid), 0, "300", 3,
	  4194303, NULL, "pid of the first user process" },
	{ "reserved", PROFILE_SIZE, AT(machine.reserved_bytes), 0, NULL, 0,
	  16384 * GIB, NULL, "memory the kernel keeps; default: its image" },
	{ "max_host_memory", PROFILE_SIZE, AT(machine.max_host_memory), 0, NULL,
	  1 << 20, INT64_MAX, NULL,
	  "host memory the model may take; default: no limit" },
};
#undef AT
#undef ROOM

#define AT(field)   offsetof(struct profile_node, field)
#define ROOM(field) sizeof(((struct profile_node *)0)->field)
static const struct profile_key node_keys[] = {
	{ "memory", PROFILE_SIZE, AT(memory_bytes), 0, NULL, 1 << 20,
	  16384 * GIB, NULL, "of this node; default: its share" },
	{ "cpus", PROFILE_STRING, AT(cpus), ROOM(cpus), NULL, 0, 0, NULL,
	  "list of CPUs: 0-3,8; default: its share" },
	{ "distance", PROFILE_STRING, AT(distance), ROOM(distance), NULL, 0, 0,
	  NULL, "to each node: 10,21" },
};
#undef AT
#undef ROOM

#define AT(field) offsetof(struct profile_zone, field)
static const struct profile_key zone_keys[] = {
	{ "start_pfn", PROFILE_NUMBER, AT(start_pfn), 0, NULL, 0, MAX_PAGES,
	  NULL, "its first page" },
	{ "spanned", PROFILE_NUMBER, AT(spanned), 0, NULL, 0, MAX_PAGES, NULL,
	  "pages from the first to the last" },
	{ "present", PROFILE_NUMBER, AT(present), 0, NULL, 0, MAX_PAGES, NULL,
	  "pages without holes" },
	{ "managed", PROFILE_NUMBER, AT(managed), 0, NULL, 0, MAX_PAGES, NULL,
	  "pages the allocator got" },
	{ "early", PROFILE_NUMBER, AT(early), 0, NULL, 0, MAX_PAGES, NULL,
	  "managed when the watermarks were first set; default: managed" },
};
#undef AT

#define AT(field) \
	(offsetof(struct profile, boot.field) - offsetof(struct profile, boot))
static const struct profile_key boot_keys[] = {
	{ "slab_reclaimable", PROFILE_SIZE, AT(slab_reclaimable), 0, NULL, 0,
	  16384 * GIB, NULL, "caches in use before the first process" },
	{ "slab_unreclaimable", PROFILE_SIZE, AT(slab_unreclaimable), 0, NULL,
	  0, 16384 * GIB, NULL, "kernel objects in use then" },
	{ "other", PROFILE_SIZE, AT(other), 0, NULL, 0, 16384 * GIB, NULL,
	  "whatever else is in use then" },
};
#undef AT

#define PRICE(name, what, def, doc)                              \
	{                                                        \
		name, PROFILE_TIME,                              \
			offsetof(struct profile, cost.price) -   \
				offsetof(struct profile, cost) + \
				(what) * sizeof(uint64_t),       \
			0, def, 0, MAX_TIME, NULL, doc           \
	}
static const struct profile_key cost_keys[NR_COSTS] = {
	[COST_MINOR_FAULT] = PRICE("minor_fault", COST_MINOR_FAULT, "500ns",
				   "a fault without I/O"),
	[COST_MAJOR_FAULT] = PRICE("major_fault", COST_MAJOR_FAULT, "2us",
				   "a fault with I/O, besides the I/O"),
	[COST_COPY_PAGE] =
		PRICE("copy_page", COST_COPY_PAGE, "250ns", "a page copied"),
	[COST_ZERO_PAGE] =
		PRICE("zero_page", COST_ZERO_PAGE, "120ns", "a page cleared"),
	[COST_SCAN_PAGE] = PRICE("scan_page", COST_SCAN_PAGE, "100ns",
				 "a page looked at by reclaim"),
	[COST_TLB_MISS] =
		PRICE("tlb_miss", COST_TLB_MISS, "20ns", "a page-table walk"),
	[COST_SYSCALL] =
		PRICE("syscall", COST_SYSCALL, "150ns", "a system call"),
	[COST_SWITCH] = PRICE("switch", COST_SWITCH, "1us", "a context switch"),
	[COST_PAGEOUT] = PRICE("pageout", COST_PAGEOUT, "5us",
			       "a page unmapped and sent to swap"),
};

#define AT(field)   offsetof(struct profile_disk, field)
#define ROOM(field) sizeof(((struct profile_disk *)0)->field)
static const struct profile_key disk_keys[] = {
	{ "size", PROFILE_SIZE, AT(size_bytes), 0, "64G", 1 << 16, INT64_MAX,
	  NULL, "of the device" },
	{ "latency", PROFILE_TIME, AT(latency_ns), 0, "100us", 0, MAX_TIME,
	  NULL, "of a request; 0: none" },
	{ "bandwidth", PROFILE_SIZE, AT(bandwidth), 0, "400M", 0, INT64_MAX,
	  NULL, "bytes a second; 0: no limit" },
	{ "rotational", PROFILE_SWITCH, AT(rotational), 0, "yes", 0, 0, NULL,
	  "a hard disk" },
	{ "readahead", PROFILE_SIZE, AT(readahead_bytes), 0, "128K", 0, 1 << 30,
	  NULL, "largest readahead" },
	{ "filesystem", PROFILE_STRING, AT(filesystem), ROOM(filesystem), NULL,
	  0, 0, NULL, "where its file system is mounted" },
	{ "backing", PROFILE_STRING, AT(backing), ROOM(backing), NULL, 0, 0,
	  NULL, "host file with its contents" },
};
#undef AT
#undef ROOM

#define AT(field) offsetof(struct profile_swap, field)
static const struct profile_key swap_keys[] = {
	{ "size", PROFILE_SIZE, AT(size_bytes), 0, NULL, 1 << 16, INT64_MAX,
	  NULL, "of the area; default: the whole disk" },
	{ "prio", PROFILE_SIGNED, AT(prio), 0, "-1", -1, INT16_MAX, NULL,
	  "higher is used first; -1: by order" },
};
#undef AT

#define AT(field)   offsetof(struct profile_file, field)
#define ROOM(field) sizeof(((struct profile_file *)0)->field)
static const struct profile_key file_keys[] = {
	{ "size", PROFILE_SIZE, AT(size_bytes), 0, NULL, 0, INT64_MAX, NULL,
	  "of the file" },
	{ "content", PROFILE_STRING, AT(content), ROOM(content), "seed", 0, 0,
	  NULL, "a host file, or seed" },
};
#undef AT
#undef ROOM

#define AT(field)   offsetof(struct profile_process, field)
#define ROOM(field) sizeof(((struct profile_process *)0)->field)
static const struct profile_key process_keys[] = {
	{ "count", PROFILE_NUMBER, AT(count), 0, "1", 1, 30000, NULL,
	  "how many of them" },
	{ "uid", PROFILE_NUMBER, AT(uid), 0, "0", 0, UINT32_MAX - 1, NULL,
	  "their user" },
	{ "parent", PROFILE_STRING, AT(parent), ROOM(parent), "1", 0, 0, NULL,
	  "pid, or name of a process above" },
	{ "cmdline", PROFILE_STRING, AT(cmdline), ROOM(cmdline), NULL, 0, 0,
	  NULL, "as ps shows it; default: the name" },
	{ "text", PROFILE_SIZE, AT(text_bytes), 0, "1M", 0, 1 << 30, NULL,
	  "code" },
	{ "data", PROFILE_SIZE, AT(data_bytes), 0, "256K", 0, 1 << 30, NULL,
	  "initialised data" },
	{ "bss", PROFILE_SIZE, AT(bss_bytes), 0, "64K", 0, 1ll << 40, NULL,
	  "other static data" },
	{ "heap", PROFILE_SIZE, AT(heap_bytes), 0, "4M", 0, 1ll << 45, NULL,
	  "heap, touched" },
	{ "stack", PROFILE_SIZE, AT(stack_bytes), 0, "132K", 0, 8 << 20, NULL,
	  "stack, touched" },
	{ "libs", PROFILE_STRING, AT(libs), ROOM(libs), NULL, 0, 0, NULL,
	  "files mapped as libraries, comma separated" },
	{ "files", PROFILE_STRING, AT(files), ROOM(files), NULL, 0, 0, NULL,
	  "files mapped for reading, comma separated" },
	{ "oom_score_adj", PROFILE_SIGNED, AT(oom_score_adj), 0, "0", -1000,
	  1000, NULL, "as in /proc/PID" },
	{ "cgroup", PROFILE_STRING, AT(cgroup), ROOM(cgroup), NULL, 0, 0, NULL,
	  "memory group, one of [cgroup PATH]" },
	{ "cpu", PROFILE_NUMBER, AT(cpu), 0, NULL, 0, MAX_CPUS - 1, NULL,
	  "the only CPU they run on" },
	{ "node", PROFILE_NUMBER, AT(node), 0, NULL, 0, MAX_NODES - 1, NULL,
	  "the node whose CPUs they run on" },
	{ "leak", PROFILE_SIZE, AT(leak_bytes), 0, "0", 0, 1ll << 40, NULL,
	  "a second: mapped, touched, never freed" },
	{ "workload", PROFILE_WORKLOAD, AT(workload), ROOM(workload[0]), NULL,
	  0, 0, NULL, "REGION PATTERN rate=N/s [write=F%], - cpu=F%" },
};
#undef AT
#undef ROOM

static const char *node_check(const char *id)
{
	uint64_t n;

	return script_number(id, strlen(id), &n) || n >= MAX_NODES
		       ? "a node from 0 to 7"
		       : NULL;
}

int profile_zone_id(const char *id, uint32_t *ret_node, uint32_t *ret_type)
{
	static const struct {
		const char *name;
		uint32_t type;
	} zones[] = {
		{ "DMA", ZONE_DMA },	     { "DMA32", ZONE_DMA32 },
		{ "Normal", ZONE_NORMAL },   { "Movable", ZONE_MOVABLE },
		{ "HighMem", ZONE_MOVABLE }, { "Device", ZONE_DEVICE },
	};
	const char *blank = strchr(id, ' ');
	uint64_t node;

	if (!blank || script_number(id, (size_t)(blank - id), &node) ||
	    node >= MAX_NODES)
		return EINVAL;
	for (size_t i = 0; i < NR_ROWS(zones); i++)
		if (!strcmp(blank + 1, zones[i].name)) {
			*ret_node = (uint32_t)node;
			*ret_type = zones[i].type;
			return 0;
		}
	return EINVAL;
}

static const char *zone_check(const char *id)
{
	uint32_t node, type;

	return profile_zone_id(id, &node, &type)
		       ? "node and name, `0 DMA32`; DMA DMA32 Normal Movable "
			 "HighMem Device"
		       : NULL;
}

static const char *disk_check(const char *id)
{
	return script_name_ok(id, strlen(id), 31) ? NULL : "a disk's name, vda";
}

static const char *process_check(const char *id)
{
	return script_name_ok(id, strlen(id), COMM_LEN - 1)
		       ? NULL
		       : "a letter and then at most 14 letters, digits, _ - .";
}

static const char *path_check(const char *id)
{
	return id[0] == '/' && !strchr(id, ' ') ? NULL
						: "a path from the root on";
}

static const char *sysctl_check(const char *key)
{
	return script_name_ok(key, strlen(key), PROFILE_TEXT - 1)
		       ? NULL
		       : "a name below /proc/sys with dots, vm.swappiness";
}

static const char *group_check(const char *id)
{
	if (id[0] == '/' || strchr(id, ' ') || strstr(id, "..") ||
	    strstr(id, "//") || id[strlen(id) - 1] == '/')
		return "a path below the root group, web or web/db";
	return NULL;
}

#define ONE(name, member, keys, doc)                                    \
	{                                                               \
		name, "[" name "]", SECTION_ONE,                        \
			offsetof(struct profile, member),               \
			sizeof(((struct profile *)0)->member), 1, keys, \
			NR_ROWS(keys), NULL, 0, NULL, doc               \
	}
#define LIST(name, form, member, type, max, keys, check, doc)                 \
	{                                                                     \
		name, form, SECTION_LIST, offsetof(struct profile, member),   \
			sizeof(struct type), max, keys, NR_ROWS(keys), check, \
			0, NULL, doc                                          \
	}
#define PAIRS(name, member, check, doc)                                       \
	{                                                                     \
		name, "[" name "]", SECTION_PAIRS,                            \
			offsetof(struct profile, member),                     \
			sizeof(struct profile_pair), 4096, NULL, 0, check, 0, \
			NULL, doc                                             \
	}

const struct profile_section profile_sections[] = {
	ONE("machine", machine, machine_keys, "the machine as a whole"),
	LIST("node", "[node N]", node, profile_node, MAX_NODES, node_keys,
	     node_check, "a NUMA node"),
	LIST("zone", "[zone N NAME]", zone, profile_zone, MAX_ZONES, zone_keys,
	     zone_check, "a zone with the exact layout of a real one"),
	ONE("boot", boot, boot_keys, "memory in use before the first process"),
	ONE("cost", cost, cost_keys, "simulated time of what the CPU does"),
	LIST("disk", "[disk D]", disk, profile_disk, 16, disk_keys, disk_check,
	     "a disk"),
	LIST("swap", "[swap PATH]", swap, profile_swap, 32, swap_keys,
	     path_check, "a swap area, /dev/D or a file"),
	LIST("file", "[file PATH]", file, profile_file, 65536, file_keys,
	     path_check, "a file that exists at boot"),
	{ "cgroup", "[cgroup PATH]", SECTION_LIST,
	  offsetof(struct profile, group), sizeof(struct profile_group), 1024,
	  NULL, 0, group_check, offsetof(struct profile, group_set), "memory.",
	  "a memory group; keys are its files, memory.max = 1G" },
	PAIRS("sysctl", sysctl, sysctl_check, "vm.swappiness = 10"),
	PAIRS("set", set, path_check, "any file of the tree, written at boot"),
	LIST("process", "[process NAME]", process, profile_process, 4096,
	     process_keys, process_check, "a process that runs at boot"),
};
const unsigned nr_profile_sections = NR_ROWS(profile_sections);
