/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROFILE_H
#define FS_PROFILE_H

#include "fs/outbuf.h"
#include "vmcore/machine.h"

/*
 * DOC: the profile: an INI file that describes a machine.
 *
 * Models:  nothing of the kernel.
 * Owns:    every value of the file or its default, parsed.
 * Units:   bytes, ns, pages (zones), millionths (speed).
 * Order:   sections keep the order of the file.
 * Omits:   meaning: world_init() turns it into a struct machine_config.
 *
 * fs/profile-table.c lists sections and keys with types, defaults and what
 * they are for; fs/profile-ini.c reads files through libinih.
 */
#define PROFILE_TEXT 256u
#define PROFILE_ID   64u

/*
 * Records of sections with an argument begin with the argument: @id is
 * "vda" of [disk vda]. @given has a bit for each key that was named.
 */
struct profile_head {
	char id[PROFILE_ID];
	uint64_t given;
	uint32_t line; /* where the section was first opened; 0: --set */
};
struct profile_pair {
	struct profile_head head; /* cgroup: its path; else "" */
	char name[PROFILE_TEXT];
	char value[PROFILE_TEXT];
};
struct profile_node {
	struct profile_head head;
	uint64_t memory_bytes; /* 0: its share */
	char cpus[PROFILE_TEXT], distance[PROFILE_TEXT];
};
struct profile_zone {
	struct profile_head head;
	uint64_t start_pfn, spanned, present, managed, early; /* pages */
};
struct profile_disk {
	struct profile_head head;
	uint64_t size_bytes, latency_ns, bandwidth, readahead_bytes;
	bool rotational;
	char filesystem[64]; /* mount point, "" none */
	char backing[PROFILE_TEXT]; /* host file, "" none */
};
struct profile_swap {
	struct profile_head head;
	uint64_t size_bytes; /* 0: the whole disk */
	int64_t prio; /* -1: by order */
};
struct profile_file {
	struct profile_head head;
	uint64_t size_bytes;
	char content[PROFILE_TEXT]; /* a host file, or "seed" */
};
struct profile_group {
	struct profile_head head;
};
#define PROFILE_WORKLOADS 4u
struct profile_process {
	struct profile_head head;
	uint64_t count, uid, node, cpu;
	int64_t oom_score_adj;
	uint64_t text_bytes, data_bytes, bss_bytes, heap_bytes, stack_bytes;
	uint64_t leak_bytes; /* a second */
	char parent[COMM_LEN];
	char cmdline[128], cgroup[64];
	char libs[PROFILE_TEXT], files[PROFILE_TEXT];
	uint32_t nr_workloads;
	char workload[PROFILE_WORKLOADS][128];
};

/* An array of records, in the file's order. */
struct profile_list {
	void *items;
	uint32_t nr, cap;
};

struct profile {
	char path[PROFILE_TEXT]; /* for messages */
	struct {
		struct profile_head head;
		uint64_t memory_bytes, cpus, nodes, seed, btime;
		uint64_t pid_max, first_pid, speed_ppm;
		uint64_t reserved_bytes; /* 0: the kernel's own */
		uint64_t max_host_memory; /* 0: no limit */
		uint32_t arch, spawn, cgroup, reclaim, thp;
		bool la57, pcid;
		char kernel[32], cpu[64], hostname[64];
	} machine;
	struct {
		struct profile_head head; /* bytes */
		uint64_t slab_reclaimable, slab_unreclaimable, other;
	} boot;
	struct {
		struct profile_head head;
		uint64_t price[NR_COSTS]; /* ns */
	} cost;
	/* struct profile_node, profile_zone ... by name */
	struct profile_list node, zone, disk, swap, file, group, process;
	/* struct profile_pair */
	struct profile_list group_set, sysctl, set;
};

enum profile_arch { ARCH_X86_64, ARCH_I386, ARCH_I386_PAE };
/* reclaim: enum policy of control.h */
enum profile_thp { PROFILE_THP_AUTO = THP_NEVER + 1 }; /* until finish */

/* All defaults. 0 or -ENOMEM. */
int profile_init(struct profile *p);
void profile_fini(struct profile *p);

/*
 * Read @path, or @len bytes of @text that messages call @name.
 * Return: 0; -EINVAL with lines `FILE:LINE: what was wrong, what was
 * expected` in @why; -errno of open(2) or read(2), told in @why as well.
 */
int profile_load(struct profile *p, const char *path, struct outbuf *why);
int profile_parse(struct profile *p, const char *name, const char *text,
		  size_t len, struct outbuf *why);
/* SECTION.KEY=VALUE of the command line. 0 or -EINVAL. */
int profile_set(struct profile *p, const char *assignment, struct outbuf *why);
/*
 * After the last load and set, once: what hangs together is checked and
 * values that depend on others get their defaults. 0, -EINVAL, -ENOMEM.
 */
int profile_finish(struct profile *p, struct outbuf *why);

/* The profile in force, every default written out; can be loaded again. */
void profile_print(const struct profile *p, struct outbuf *out);

static inline struct profile_pair *profile_pairs(const struct profile_list *l)
{
	return l->items;
}

/*
 * Fill @c. It points into memory that profile_config_free() gives back.
 * 0 or -ENOMEM.
 */
int profile_config(const struct profile *p, struct machine_config *c);
void profile_config_free(struct machine_config *c);

#endif
