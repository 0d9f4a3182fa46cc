/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MACHINE_H
#define VMCORE_MACHINE_H

#include "vmcore/memory/memory.h"
#include "vmcore/task/sysctl-later.h"
#include "vmcore/task/sysfs-later.h"
#include "vmcore/task/task.h"

/*
 * DOC: a whole machine.
 *
 * Models:  one booted Linux 6.18.
 * Owns:    every floor, by value.
 * Units:   ns, pages, bytes as named.
 * Order:   everything happens in machine_run(), event by event.
 * Omits:   text: scripts and files are the upper library's.
 */

/* A process the profile starts at boot ([process NAME]). */
struct process_config {
	char name[COMM_LEN];
	char cmdline[128];
	char libs[OP_TEXT], files[OP_TEXT]; /* comma separated paths */
	char cgroup[64];
	uint32_t count, uid, cpu, node; /* cpu, node UINT32_MAX: any */
	uint32_t parent;
	int32_t oom_score_adj;
	uint64_t text_bytes, data_bytes, bss_bytes, heap_bytes, stack_bytes;
	uint64_t leak_bytes; /* a second: mapped, touched, never freed */
	uint32_t nr_workloads;
	struct {
		char region[REGION_LEN], pattern[24];
		uint64_t rate;
		uint32_t write_percent, cpu_percent;
	} workload[4];
};

struct file_config {
	char path[128];
	uint64_t size_bytes;
	bool outside; /* its contents are those of a file of the host */
};

struct machine_config {
	struct phys_config phys;
	uint64_t seed, btime;
	uint64_t max_host_memory;
	char kernel[32], hostname[64], cpu_model[64];
	bool spawn_full, la57, pcid;
	bool cgroup_v1;
	enum policy policy; /* reclaim */
	int thp; /* 0 always 1 madvise 2 never */
	int32_t pid_max, first_pid;
	uint64_t prices[NR_COSTS];
	uint64_t boot_reclaimable, boot_unreclaimable, boot_other; /* bytes */
	bool boot_given;
	struct disk disks[16];
	uint32_t nr_disks;
	struct file_config *files; /* the caller's; read during init */
	uint32_t nr_files;
	struct process_config *processes;
	uint32_t nr_processes;
	char (*groups)[64];
	uint32_t nr_groups;
};

struct machine {
	struct host host;
	struct phys phys;
	struct control control;
	struct kmem kmem;
	struct cache cache;
	struct space space;
	struct memory memory;
	struct tasks tasks;
	struct later_sysfs sysfs;
	struct later_knobs sysctl;
	uint64_t btime;
	bool la57, pcid;
	char kernel[32], hostname[64], cpu_model[64];
};

/* Fill @c with the defaults of a profile that says nothing. */
void machine_defaults(struct machine_config *c);
/*
 * Boot. Return: 0; a positive errno if the configuration cannot be (then
 * @ret_why says what, in words); a negative host errno.
 */
int machine_init(struct machine *m, const struct machine_config *c,
		 const char **ret_why);
void machine_fini(struct machine *m);

/*
 * Begin an operation. Return: 0 and an actor to be passed to machine_take();
 * a positive errno if it cannot begin (unknown process ...); a host errno.
 */
int machine_begin(struct machine *m, const struct op *op, bool async,
		  uint32_t *ret_actor);
/* Is it done? Then its result is in *@ret_result and the actor is gone. */
struct op_result {
	int32_t error; /* 0, errno of the call, negative host errno */
	uint32_t pid; /* whose faults they are */
	uint64_t minflt, majflt;
	uint32_t killed; /* signal it died of, 0 none */
	uint64_t ret[2]; /* START END; pid; shmid */
	vtime_t ended;
};
bool machine_take(struct machine *m, uint32_t actor,
		  struct op_result *ret_result);
/* End an operation at its next step: EINTR. */
void machine_interrupt(struct machine *m, uint32_t actor);

/*
 * Run events until @until (ns), until @actor (0: none) is done, or until
 * @budget steps ran. Return: 0, or a negative host errno.
 */
int machine_run(struct machine *m, vtime_t until, uint32_t actor,
		uint64_t budget);
/* The same as far as @until, whoever waits for what is done on the way. 0 or a
 * host errno. */
int machine_pass(struct machine *m, vtime_t until);
/*
 * End an operation that somebody waits for (sched_watch()) at its next step,
 * by its actor. 0, or ESRCH: none runs there.
 */
int machine_interrupt_op(struct machine *m, uint32_t actor);
/* Time of the next event, UINT64_MAX if none. */
vtime_t machine_next(const struct machine *m);
/* Move the clock to @to (>= now) after all events before it ran. */
static inline vtime_t machine_now(const struct machine *m)
{
	return m->tasks.now;
}
/* True while an operation begun with async (or not yet taken) is not done;
 * @pid 0: anybody's. */
bool machine_busy(const struct machine *m, uint32_t pid);

/* Save, load (into a machine made from the same profile) or digest. */
int machine_archive(struct machine *m, struct archive *a);
uint64_t machine_digest(const struct machine *m);
/* Recount everything (model/check). */
void machine_check(const struct machine *m, check_report *report, void *arg);
/* User memory by page: what the sum of Pss over all processes must be. */
uint64_t machine_user_pages(const struct machine *m);

/* Files that act when written; 0 or a positive errno. */
int machine_drop_caches(struct machine *m, unsigned bits);
/* compact_memory; @node MAX_NODES: of all nodes. 0 or a host errno. */
int machine_compact(struct machine *m, unsigned node);
/* nr_hugepages of a node or (HUGE_ALL_NODES) all: as many as can be had. 0 or
 * a host errno. */
int machine_set_hugepages(struct machine *m, enum huge_size size, unsigned node,
			  uint64_t count);
/* ksm/run: enum ksm_run. 0, ENOMEM (then it stops), or a host errno. */
int machine_set_ksm_run(struct machine *m, uint32_t run);
/* max_page_sharing or merge_across_nodes is to change. EBUSY: it cannot. */
int machine_empty_ksm(struct machine *m);
/*
 * A limit of a memory group, pages, UINT64_MAX: none. What is above goes, or
 * (max) somebody dies; the time that takes passes. 0 or a host errno.
 */
int machine_group_max(struct machine *m, uint32_t group, uint64_t pages);
int machine_group_high(struct machine *m, uint32_t group, uint64_t pages);
/* Version 1: a limit, of memory or of both. EBUSY: what is above cannot go;
 * EINVAL: memory would have more than both. */
int machine_group_resize(struct machine *m, uint32_t group, uint64_t pages,
			 bool memsw);
/* memory.force_empty: 0 or a host errno. */
int machine_group_empty(struct machine *m, uint32_t group);
/*
 * memory.reclaim: 0, EAGAIN: fewer could go; a host errno. @swappiness: 0 as
 * the group's, else 1 more than asked for, SWAPPINESS_MAX + 2: `max`.
 */
int machine_group_reclaim(struct machine *m, uint32_t group, uint64_t pages,
			  uint32_t swappiness);
/* cgroup.kill: all of it and below. 0 or a host errno. */
int machine_group_kill(struct machine *m, uint32_t group);
/* Does an operation of @pid (0: of anybody) stand still? */
bool machine_frozen(const struct machine *m, uint32_t pid);
/* cgroup.freeze */
void machine_group_freeze(struct machine *m, uint32_t group, bool on);
/* cgroup.stat.local: how long its processes have stood still, ever. */
uint64_t group_frozen_ns(const struct control *c, uint32_t group, vtime_t now);
/* nodeN/reclaim, as memory.reclaim. */
int machine_node_reclaim(struct machine *m, unsigned node, uint64_t pages,
			 uint32_t swappiness);
/* A process joins @group: 0, ESRCH, EINVAL (kernel threads), EBUSY. */
int machine_group_move(struct machine *m, uint32_t pid, uint32_t group);
/* The controller for all children: 0, EBUSY. */
int machine_group_subtree(struct machine *m, uint32_t group, bool on);
/* lru_gen/enabled: GEN_CAP_* bits. 0, EOPNOTSUPP (a machine of the classic
 * policy) or a host errno. */
int machine_set_lru_gen(struct machine *m, uint32_t caps);
/* One command to debugfs' lru_gen: a new youngest generation where @seq is the
 * youngest, or @pages of generations up to @seq go. 0 or EINVAL. */
struct gen_command {
	bool evict;
	uint32_t group, node;
	uint32_t swappiness; /* + 1; 0: the group's; 202: no files */
	uint64_t seq, pages;
};
int machine_lru_gen(struct machine *m, const struct gen_command *cmd);
int machine_set_oom_score_adj(struct machine *m, uint32_t pid, int32_t adj);
int machine_set_comm(struct machine *m, uint32_t pid, const char *comm);
/* bits: clear_refs values 1..3, 5 */
int machine_clear_refs(struct machine *m, uint32_t pid, unsigned what);

#endif
