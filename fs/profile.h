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

/* [swap], [file], [cgroup], [set], [sysctl]: path and what belongs to it */
struct profile_pair {
	char section[64]; /* cgroup: the group's path */
	char name[PROFILE_TEXT];
	char value[PROFILE_TEXT];
	uint32_t line; /* of the file, 0: --set */
};
struct profile_swap {
	char path[128];
	uint64_t size_bytes;
	int64_t prio;
	uint64_t given;
};
struct profile_file {
	char path[128];
	uint64_t size_bytes;
	char content[PROFILE_TEXT]; /* a host file, or "seed" */
	uint64_t given;
};
struct profile_disk {
	char name[32];
	uint64_t size_bytes, latency_ns, bandwidth, readahead_bytes;
	bool rotational;
	char filesystem[64]; /* mount point, "" none */
	char backing[PROFILE_TEXT]; /* host file, "" none */
	uint64_t given; /* bit a key that the file names */
};
struct profile_node {
	uint32_t number;
	uint64_t memory_bytes; /* 0: its share */
	char cpus[PROFILE_TEXT], distance[PROFILE_TEXT];
	uint64_t given;
};
struct profile_zone {
	uint32_t node;
	char name[16];
	uint64_t start_pfn, spanned, present, managed, early; /* pages */
	uint64_t given;
};
struct profile_process {
	struct process_config c;
	char parent[COMM_LEN];
	uint64_t count, uid, node, cpu;
	int64_t oom_score_adj;
	uint64_t given;
};

/* An array that a section with an argument fills, in the file's order. */
struct profile_list {
	void *items;
	uint32_t nr, cap;
};

struct profile {
	char path[PROFILE_TEXT]; /* for messages */
	/* [machine] */
	uint64_t memory_bytes, cpus, nodes, seed, btime, pid_max, first_pid;
	uint64_t speed_ppm, reserved_bytes, max_host_memory;
	uint32_t arch, spawn, cgroup, reclaim, thp;
	bool la57, pcid;
	char kernel[32], cpu[64], hostname[64];
	uint64_t machine_given;
	/* [boot], bytes */
	uint64_t slab_reclaimable, slab_unreclaimable, other;
	uint64_t boot_given;
	uint64_t cost[NR_COSTS];
	uint64_t cost_given;
	struct profile_list node, zone, disk, swap, file, process;
	struct profile_list cgroup_set, sysctl, set; /* struct profile_pair */
};

enum profile_arch { ARCH_X86_64, ARCH_I386, ARCH_I386_PAE };
enum profile_reclaim { RECLAIM_LRU, RECLAIM_MGLRU, RECLAIM_CLASSIC };
enum profile_thp { PROFILE_THP_AUTO = THP_NEVER + 1 }; /* until finish */

/* All defaults. */
void profile_init(struct profile *p);
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
 * values that depend on others get their defaults. 0 or -EINVAL.
 */
int profile_finish(struct profile *p, struct outbuf *why);

/* The profile in force, every default written out; can be loaded again. */
void profile_print(const struct profile *p, struct outbuf *out);

/*
 * Fill @c. It points into memory that profile_config_free() gives back.
 * 0 or -ENOMEM.
 */
int profile_config(const struct profile *p, struct machine_config *c);
void profile_config_free(struct machine_config *c);

#endif
