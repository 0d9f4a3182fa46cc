/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_TASK_H
#define VMCORE_TASK_H

#include "vmcore/base/ctx.h"
#include "vmcore/base/eventq.h"
#include "vmcore/base/klog.h"
#include "vmcore/cache/names.h"
#include "vmcore/memory/memory.h"
#include "vmcore/reclaim/compact.h"
#include "vmcore/reclaim/reclaim.h"
#include "vmcore/task/pattern.h"

/*
 * DOC: processes, actors and the scheduler.
 *
 * Models:  kernel/fork.c, kernel/exit.c, kernel/sched as far as who runs
 *          when; struct task_struct.
 * Owns:    tasks, actors, region names, the run queues, the kernel log.
 * Units:   ns of simulated time.
 * Order:   the earliest by (time, class, sequence) runs first.
 * Omits:   priorities within a class, balancing across nodes, threads of a
 *          process.
 */
enum op_code {
#define OP(id, word, grammar, flags) id,
#include "vmcore/task/op.def"
	NR_OPS,
	/* without a word: what a file of the tree begins */
	OP_SET_HUGEPAGES = NR_OPS,
	OP_COMPACT,
	NR_ALL_OPS
};
#define OPF_PROCESS 1u
#define OPF_LATER   2u
#define OPF_FILES   4u

#define COMM_LEN   16
#define REGION_LEN 32
#define OP_TEXT	   256

/* One operation, parsed. Fields not used by its row are 0. */
struct op {
	uint32_t code; /* enum op_code */
	uint32_t pid; /* process it is done by */
	uint32_t pid2; /* pipe */
	uint32_t flags; /* OPX_* options present */
	uint64_t size; /* bytes; brk: signed */
	uint64_t off, len; /* OFF LEN, bytes; OPX_RANGE when given */
	uint64_t addr; /* @ADDR; OPX_ADDR when given */
	uint64_t stride; /* bytes; 0: a page */
	uint64_t value; /* value=N, seq=N, a number argument */
	uint64_t loops; /* 0: once */
	uint64_t time_ns; /* for=, TIME, advance */
	uint64_t rate; /* workload: per second */
	uint32_t prot; /* VM_READ | VM_WRITE | VM_EXEC */
	uint32_t advice; /* MADV_* or POSIX_FADV_*, enum access_kind */
	uint32_t percent; /* write=F%, cpu=F% */
	int32_t prio;
	char name[COMM_LEN]; /* the new process, program */
	char region[REGION_LEN];
	char region2[REGION_LEN]; /* fixed=R2+OFF; its OFF is in off */
	char text[OP_TEXT]; /* path, key, pattern, the rest */
};
#define OPX_RANGE     0x1u
#define OPX_ADDR      0x2u
#define OPX_SHARED    0x4u
#define OPX_POPULATE  0x8u
#define OPX_NORESERVE 0x10u
#define OPX_LOCKED    0x20u
#define OPX_HUGETLB   0x40u
#define OPX_FIXED     0x80u
#define OPX_FILE      0x100u
#define OPX_VALUE     0x200u
#define OPX_SEQ	      0x400u
#define OPX_FOR	      0x800u
#define OPX_CURRENT   0x1000u
#define OPX_FUTURE    0x2000u
#define OPX_ONFAULT   0x4000u
#define OPX_PRIO      0x8000u
#define OPX_NEGATIVE  0x10000u
#define OPX_LOOPS     0x20000u
#define OPX_DEV	      0x40000u
#define OPX_OFF	      0x80000u /* workload ... off, leak ... off */
#define OPX_REMAP     0x100000u
#define OPX_CPU	      0x200000u /* workload: percent is of a CPU */
#define OPX_WRITE     0x400000u /* write=F% given */
#define OPX_STATIC    0x800000u /* flags of a memory policy */
#define OPX_RELATIVE  0x1000000u
#define OPX_BALANCING 0x2000000u
#define OPX_MOVE      0x4000000u /* flags of mbind */
#define OPX_STRICT    0x8000000u

/* What `inject` puts in a state. */
enum inject_kind { INJECT_ZONE, INJECT_LIST, INJECT_COUNTER };
#define OPX_DIRECT 0x10000000u /* O_DIRECT */
#define OPX_FOLDER 0x20000000u
#define OPX_PFN	   0x40000000u /* remap=pfn */

enum touch_kind { TOUCH_READ, TOUCH_WRITE, TOUCH_EXEC };

/* madvise words, values of include/uapi/asm-generic/mman-common.h */
enum madvice {
	MADV_NORMAL = 0,
	MADV_RANDOM = 1,
	MADV_SEQUENTIAL = 2,
	MADV_WILLNEED = 3,
	MADV_DONTNEED = 4,
	MADV_FREE = 8,
	MADV_DONTFORK = 10,
	MADV_DOFORK = 11,
	MADV_MERGEABLE = 12,
	MADV_UNMERGEABLE = 13,
	MADV_HUGEPAGE = 14,
	MADV_NOHUGEPAGE = 15,
	MADV_COLD = 20,
	MADV_PAGEOUT = 21,
	MADV_POPULATE_READ = 22,
	MADV_POPULATE_WRITE = 23,
	MADV_COLLAPSE = 25,
};

enum task_state { TASK_RUNNING, TASK_SLEEPING, TASK_DISK, TASK_ZOMBIE };

/* NUMA balancing of a process; counts are pages since the last pass. */
struct numab {
	uint64_t stamp_ns,
		period_ns; /* CPU time of the last scan, and between */
	uint64_t local, remote, shared, failed;
	uint64_t faults[MAX_NODES], fresh[MAX_NODES]; /* fading; since */
	uint64_t migrated, total; /* ever */
	vtime_t retry_at; /* when it may be moved to its memory again */
	uint32_t seq; /* pass they are of */
	uint32_t preferred; /* 1 + the node most are on, 0: not known */
};

struct task {
	uint32_t pid, ppid, tgid;
	uint32_t mm; /* 0: kernel thread */
	uint32_t actor; /* what it runs now, 0 idle */
	uint32_t state; /* enum task_state */
	uint32_t cpu, uid, kthread, group;
	int32_t oom_score_adj, oom_score_adj_min;
	uint32_t next, prev; /* all tasks, creation order */
	uint32_t hash_next; /* by pid */
	uint32_t killed; /* signal that ended it */
	uint32_t files, files_by_inode; /* open files: list, tree */
	uint64_t minflt, majflt, cminflt, cmajflt;
	uint64_t utime_ns, stime_ns;
	vtime_t start_time;
	uint64_t rchar, wchar, syscr, syscw;
	uint64_t read_bytes, write_bytes, cancelled_write_bytes;
	uint64_t nvcsw, nivcsw;
	uint32_t slabs[8]; /* task_struct, signal, sighand, files, fs ... */
	pfn_t stack[4];
	uint32_t exe; /* inode of its program, 0 none */
	uint32_t exe_file; /* keeps it */
	char comm[COMM_LEN];
	char name[COMM_LEN]; /* as a script calls it */
	uint32_t name_next; /* of its bucket in tasks.names */
	uint32_t actors; /* all begun and not done, by sibling */
	char cmdline[128];
	uint32_t cmdline_len;
	uint32_t pinned; /* to its CPU */
	uint32_t bound; /* to the CPUs of its node */
	uint32_t vforked; /* lives in its parent's memory until exec */
	uint32_t over_high; /* pages charged above memory.high, unpaid */
	uint32_t dirtied_disk; /* the last it dirtied pages of */
	struct dirtier dirtier;
	uint32_t policy; /* set_mempolicy(2): mempolicy.h, 0 none */
	uint32_t il_prev, il_weight; /* where interleaving stands */
	uint32_t outside; /* stands for a program outside of the machine */
	struct numab numab;
};

/* A name a script gave to part of an address space. */
struct region {
	uint32_t next, prev; /* of the mm, as they were made */
	uint32_t pieces; /* list of struct piece, by address */
	uint32_t spare;
	struct tree_node by_name;
	uint64_t base; /* first address as mapped: OFF counts from it */
	uint64_t bytes; /* as mapped */
	char name[REGION_LEN];
};
struct piece {
	uint64_t start, end;
	uint64_t max_end; /* of the pieces below it in the tree, and its own */
	uint32_t next; /* of the region */
	uint32_t region;
	struct tree_node by_addr; /* of all regions of the mm */
};

enum actor_class { CLASS_IO, CLASS_KTHREAD, CLASS_USER };
enum actor_state {
	ACTOR_READY, /* waits for its CPU */
	ACTOR_IO, /* waits for wait_io */
	ACTOR_TIMER, /* waits until wake_at */
	ACTOR_QUEUED, /* waits for another operation of its process */
	ACTOR_ASLEEP, /* a kernel thread with nothing to do: sched_wake() */
	ACTOR_ENDING, /* its last step still costs its CPU time */
	ACTOR_DONE, /* result stands; reaped by actor_take() */
	ACTOR_FROZEN, /* its memory group is: sched_thaw() */
};

/* What acts without an operation; steps: daemon_rows[] (daemon.c). */
enum daemon_kind {
	DAEMON_NONE,
	DAEMON_WORKLOAD, /* workload, leak: steps of its op */
	DAEMON_KSWAPD,
	DAEMON_FLUSHER,
	DAEMON_KSMD,
	DAEMON_KHUGEPAGED,
	DAEMON_KCOMPACTD,
	NR_DAEMONS
};

/* What stays of paying for charges above memory.high: high.c. */
struct high {
	uint32_t active; /* enum high_stage */
	uint32_t group; /* reclaimed from now */
	uint32_t pages; /* charged above */
	uint32_t retries;
	uint32_t again; /* the first round was not enough */
	uint32_t returning; /* the operation is over: its result */
	int32_t left;
	uint32_t spare;
	uint64_t reclaimed;
};

/* Where a request for a large block stands (__alloc_pages_slowpath()). */
struct slow {
	uint32_t stage; /* enum slow_stage of need.c */
	uint32_t open; /* it was refused before and tries again */
	uint32_t order, gfp; /* which request */
	uint32_t priority; /* of its next compaction */
	uint32_t result; /* of its last */
	uint32_t compactions; /* that made a block which was not got */
	uint32_t spare;
	struct compact_direct compact;
};

struct actor {
	struct op op;
	uint32_t self; /* its own id */
	uint32_t task; /* pool id, 0 none */
	uint32_t class;
	uint32_t state;
	uint32_t cpu;
	uint32_t next; /* run queue or wait list */
	uint32_t queued; /* operations of the process behind it */
	uint32_t sibling; /* next actor of the task, workloads too */
	uint32_t begun; /* enum begun */
	/* What its step waited for: 2 and more: TRIED_MAJOR */
	uint32_t tried;
	uint32_t wait_io;
	uint32_t io_next; /* waits for the same request */
	uint32_t async; /* begun by `async`: nobody takes its result */
	uint32_t daemon; /* enum daemon_kind */
	uint32_t detached; /* never an operation: nobody waits for it */
	uint32_t cursor[4];
	uint64_t pos, end; /* where the operation stands */
	struct sync_at sync; /* fsync, msync, sync */
	struct direct_at raw; /* read, write direct */
	uint64_t loop;
	vtime_t wake_at, slice_end, began; /* wake_at, once done: when */
	uint64_t minflt, majflt;
	uint64_t ret[2]; /* START END, pid, shmid */
	uint64_t rng;
	int32_t result; /* 0, errno of the call, or negative host errno */
	uint32_t killed; /* SIGSEGV, SIGBUS, SIGKILL: it died of it */
	struct need need;
	uint32_t no_huge; /* ctx.no_huge when its step is repeated */
	struct direct direct; /* reclaim on its behalf */
	struct high high;
	uint32_t oom_wait; /* a group at its limit that kills nobody */
	uint32_t huge_counted; /* ctx.huge_counted when its step is repeated */
	/* nodes that were looked through for its step (zone_reclaim_mode) */
	uint32_t node_reclaimed, spare_numa;
	struct slow slow; /* and compaction */
	uint32_t file; /* open for the operation, 0 none */
	/* PSI_* bits it counts with, where, and for which group */
	uint32_t psi, psi_cpu, psi_group;
	uint32_t memstall; /* a kernel thread that reclaims */
	/* its I/O is of a page lost too early; its timer is a disk's */
	uint32_t wait_stall;
	uint32_t holds; /* pages that its step will come back for: hold.h */
};

struct cpu_state {
	uint32_t running; /* actor, 0 idle */
	uint32_t head[2], tail[2]; /* run queues: kernel threads, users */
	uint32_t active; /* a step is due at free_at */
	uint32_t last_task; /* whose caches are warm: no switch to it */
	uint32_t last_actor; /* who ran last, 0: the idle task */
	uint32_t on_group; /* the group of who runs */
	uint32_t spare;
	vtime_t free_at; /* its present step ends then */
	vtime_t users_until; /* a kernel thread had its turn: users first */
	uint64_t user_ns, system_ns;
	/* Who waits for a disk does so from the beginning of the step that
	 * asks it: so much of PSI's time is not idle; PSI's when it began. */
	uint64_t overlap_ns, step_iowait_ns;
	uint64_t switches;
	uint64_t timers; /* that woke somebody: an interrupt each */
};

/* /proc/stat's columns of a CPU, ns since boot. */
struct cpu_times {
	uint64_t user_ns, system_ns, idle_ns, iowait_ns;
};

/* Events of the clock; rows of event_kinds[] in scheduler.c. */
enum event_kind {
	EVENT_CPU, /* a CPU's step ended: pick the next; arg = cpu */
	EVENT_WAKE, /* a timer of an actor; arg = actor */
	EVENT_IO, /* a request is done; arg = io */
	EVENT_TICK, /* load average, workload refills: once a second */
	EVENT_PSI, /* averages of pressure */
	EVENT_STAT, /* every vm.stat_interval */
	NR_EVENT_KINDS
};

/* Who waits for an operation begun by `async`, which leaves no record. */
struct watched {
	uint64_t ticket;
	uint32_t actor; /* 0: it is done */
	int32_t result;
	uint32_t killed;
	uint32_t pid; /* whose faults they are */
	uint64_t minflt, majflt;
	uint64_t ret[2];
	vtime_t ended;
};

struct tasks {
	struct host *host;
	struct space *space;
	struct memory *memory;
	struct pool pool; /* struct task */
	struct pool actors;
	struct pool regions, pieces;
	struct pool openfiles, shms;
	struct pool heaps, chunks, touches;
	struct pool kernel_allocs, kernel_objects;
	struct eventq events;
	struct klog log;
	struct psi_triggers triggers; /* who polls: never saved */
	struct watched *watched; /* operations somebody outside waits for: */
	uint32_t nr_watched, cap_watched; /* never saved either */
	uint32_t told, spare_told; /* one is done, and nobody looked yet */
	uint64_t watches; /* ever made */
	vtime_t alone_until; /* nothing but the present step happens before:
			      * as far as the caller goes, never saved */
	struct pattern pattern; /* drawn from last, made ready: never saved */
	struct klog *story; /* model/events, the upper library's; or NULL */
	vtime_t now;
	uint64_t seq;
	uint32_t nr_cpus;
	struct cpu_state cpus[MAX_CPUS];
	uint64_t prices[NR_COSTS];
	uint32_t first, last; /* all tasks */
	uint32_t hash[1024]; /* by pid */
	uint32_t names[1024]; /* by script name, newest first */
	uint32_t shm_first; /* SysV segments, by id */
	/* kernel memory, see kernel-alloc.h: list, tree by name */
	uint32_t kernel_first, kernel_last, kernel_names;
	uint32_t next_shmid;
	uint32_t next_pid, first_pid;
	uint64_t forks; /* processes ever made */
	uint64_t avenrun[3]; /* load averages, 11 bits of fraction */
	vtime_t next_load;
	uint32_t spawn_full; /* spawn = full */
	uint32_t nr_running_ops; /* operations somebody waits for */
	uint32_t kswapd[MAX_NODES]; /* actors of kernel threads, 0 none */
	uint32_t ksmd, spare_kthread;
	uint32_t khugepaged, khugepaged_spare;
	struct balance balance[MAX_NODES]; /* what each kswapd is at */
	uint32_t kcompactd[MAX_NODES];
	struct compact_daemon compacting[MAX_NODES]; /* and kcompactd */
	int32_t pid_max;
	uint64_t shmmax, shmall;
	int32_t shmmni, shm_rmid_forced;
	int32_t panic_on_oom, oom_kill_allocating_task, oom_dump_tasks;
	int32_t threads_max;
	struct psi psi;
	vtime_t stat_at; /* pages of idle CPUs were last looked after */
	vtime_t oom_since; /* since then so many reports of kills: */
	uint32_t oom_reports;
	uint32_t halted; /* the kernel panicked: nothing moves any more */
	char release[32]; /* of the kernel */
};

/* A SysV segment. */
struct shm {
	uint32_t next;
	uint32_t id, inode, file;
	uint32_t cpid, lpid;
	uint32_t removed, uid;
	uint64_t size;
	vtime_t atime, dtime, ctime;
	char key[REGION_LEN];
};

/* An open file of a process, by path. */
struct openfile {
	uint32_t next, prev; /* of the process, the last one first */
	uint32_t file, inode;
	struct tree_node by_inode;
};

int tasks_init(struct tasks *t, struct host *host, struct memory *memory,
	       uint32_t nr_cpus);
void tasks_fini(struct tasks *t);
int tasks_archive(struct tasks *t, struct archive *a);
/* Recount the processes and all they map. */
void tasks_check(const struct tasks *t, check_report *report, void *arg);
/* A write to /proc/PID/clear_refs: 1 to 5, else EINVAL. */
int task_clear_refs(struct tasks *t, uint32_t task, unsigned what);

/* `async` @op, watched (watch.c): sched_run() returns when it is done. 0, an
 * errno, a host errno. */
int sched_watch(struct tasks *t, const struct op *op, uint64_t *ret_ticket);
/* Is it done? Then @ret has what came of it. */
bool sched_watched(struct tasks *t, uint64_t ticket, struct watched *ret);
/* Its actor while it is not done, else 0. */
uint32_t sched_watched_actor(const struct tasks *t, uint64_t ticket);
/* Nobody waits for it any more; it goes on. */
void sched_unwatch(struct tasks *t, uint64_t ticket);

extern const struct knob task_knobs[];
extern const unsigned nr_task_knobs;

static inline struct task *task_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->pool, id);
}
static inline struct actor *actor_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->actors, id);
}

/* Does somebody wait for @group, which may not kill (v1: under_oom)? */
bool tasks_under_oom(const struct tasks *t, uint32_t group);
/* Task ids; 0 none. Names: the newest living process of that comm that a
 * script named. */
struct cpu_times cpu_times(const struct tasks *t, uint32_t cpu);
uint32_t task_find(const struct tasks *t, uint32_t pid);
uint32_t task_named(const struct tasks *t, const char *name);
#define task_for_each(t, id) \
	for (uint32_t id = (t)->first; id; id = task_at(t, id)->next)

/* How often a segment is attached (nattch), by pool id. */
uint32_t shm_attached(const struct tasks *t, uint32_t id);
/* oom_badness() points and /proc/PID/oom_score (8.3, 8.5). */
int64_t task_badness(const struct tasks *t, uint32_t task);
uint32_t task_oom_score(const struct tasks *t, uint32_t task);

/* Region of @mm by name, 0 none. */
uint32_t region_find(const struct tasks *t, uint32_t mm, const char *name);

#endif
