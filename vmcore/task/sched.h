/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SCHED_H
#define VMCORE_SCHED_H

#include "vmcore/task/task.h"

/*
 * DOC: what the files of this floor share: actors, steps, processes.
 *
 * Models:  kernel/sched/core.c, kernel/fork.c, kernel/exit.c as far as
 *          memory management needs them.
 * Owns:    nothing beyond task.h.
 * Units:   ns.
 * Order:   see task.h.
 * Omits:   signals but those that kill.
 */
#define SLICE_NS   3000000u /* a user's turn: 3 ms */
#define ACCESS_NS  100u /* a cache line of a page not used just before */
#define SIGKILL_NR 9u
#define SIGSEGV_NR 11u
#define SIGBUS_NR  7u
#define SIGABRT_NR 6u

/*
 * A fault that had its page read is major, and so is one that waited twice
 * for somebody else's reading: the first attempt, under the VMA's lock alone,
 * does not count (mm_account_fault(), do_user_addr_fault()).
 */
#define TRIED_MAJOR 2u
static inline uint32_t actor_tried(const struct actor *a)
{
	return a->tried >= TRIED_MAJOR ? FAULT_FLAG_TRIED : 0;
}

/* actor.begun: its call was entered; it was ended from outside. */
enum begun { BEGUN_NOT, BEGUN, BEGUN_ENDED };

/*
 * An operation. begin() runs once, resolves names and may fail; step() is
 * repeated until it is done. Both answer 0 (begin: go on; step: done),
 * STEP_MORE, an errno of the call, an outcome, or a host errno.
 */
struct op_row {
	int (*begin)(struct tasks *t, struct ctx *ctx, struct actor *a);
	int (*step)(struct tasks *t, struct ctx *ctx, struct actor *a);
};
extern const struct op_row op_rows[NR_ALL_OPS];
extern const uint8_t op_flags[NR_ALL_OPS]; /* OPF_* */

/* The rows' functions, by file. */
int op_spawn(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_fork(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_share(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_exec(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_exit(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_kill(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_cpu(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_cgroup(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mkcgroup(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_rmcgroup(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mmap_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mmap(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_range_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_munmap(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_brk(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mprotect(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mremap(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_madvise(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mlock(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_munlock(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mlockall(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_munlockall(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_msync(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_freealt(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_touch(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_access_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_access(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_stack_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_stack(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_workload(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_leak(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_malloc(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_free(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_read(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_write_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_write(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_file_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_fsync(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_fadvise(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mkfile(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mkfiles(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_statfiles(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_rm(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_sync(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_set_hugepages(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_compact(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_drop(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_shmget(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_shmat(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_shmdt(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_swapon(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_swapoff(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_swapout(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_pipe(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_shmrm(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_kernel_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_vmalloc(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_kmalloc(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_slab(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_alloc_pages(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_kernel_free(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mempolicy(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_mbind(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_inject(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_migratepages(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_movepages(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_client(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_stat(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_list(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_create(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_move(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_truncate(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_close(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_ondisk(struct tasks *t, struct ctx *ctx, struct actor *a);
/* A chunk of read or write with O_DIRECT. */
int op_direct(struct tasks *t, struct ctx *ctx, struct actor *a,
	      uint32_t *ret_len);
int op_nothing(struct tasks *t, struct ctx *ctx, struct actor *a);

/* --- sched.c ------------------------------------------------------------ */
int sched_begin(struct tasks *t, const struct op *op, bool async,
		uint32_t *ret_actor);
/* An operation that is watched is over. */
void watch_done(struct tasks *t, const struct actor *a);
int sched_run(struct tasks *t, vtime_t until, uint32_t actor, uint64_t budget);
vtime_t sched_next(const struct tasks *t);
/* The kernel panicked: operations end, nothing runs any more. */
void sched_halt(struct tasks *t, struct ctx *ctx);
/* End an operation at its next step: EINTR. */
void sched_interrupt(struct tasks *t, uint32_t actor);
/* An actor that belonged to nobody becomes the operation of @task. */
void sched_adopt(struct tasks *t, struct actor *a, uint32_t task);
/* Count a fault that its step took. */
void actor_fault(struct tasks *t, struct actor *a,
		 const struct fault_result *f);
/* --- cpu.c: run queues -------------------------------------------------- */
/* On a CPU's run queue: where it ran last, or where nobody runs. */
void sched_ready(struct tasks *t, uint32_t actor);
/* Whose turn it is on @cpu; what waits elsewhere if nobody's. 0: nobody. */
uint32_t sched_dequeue(struct tasks *t, uint32_t cpu);
/* @a is at something else now: pressure. */
void sched_account(struct tasks *t, struct actor *a);
/* @task is in another group now. */
bool sched_idle(const struct tasks *t, uint32_t cpu);
/* NUMA balancing has sent its process to another node. */
bool sched_strays(const struct tasks *t, const struct actor *a);
void sched_regroup(struct tasks *t, uint32_t task);
/* --- freeze.c: cgroup.freeze ------------------------------------------------
 */
bool op_reaches_frozen(uint32_t code);
bool task_frozen(const struct tasks *t, uint32_t task);
/* An actor that is to run stands still instead. */
bool sched_freezes(struct tasks *t, uint32_t actor);
/* What stood still of @task goes on, unless it is to stand still. */
void sched_thaw(struct tasks *t, uint32_t task);
/* @group is about to go: nobody of it runs. */
void sched_off(struct tasks *t, uint32_t group);
/* @cpu runs @a's next step; NULL: nothing more. */
void sched_runs(struct tasks *t, uint32_t cpu, const struct actor *a);
/* ------------------------------------------------------------------------ */
/* The CPU is free: whose turn is it? One step of that one. */
int sched_cpu(struct tasks *t, uint32_t cpu);
/* From when on @a, which runs on @c, must let somebody else have it;
 * UINT64_MAX: nobody waits. */
vtime_t sched_turn_end(const struct cpu_state *c, const struct actor *a);
/* The clock's own events. */
int clock_init(struct tasks *t);
/* A context for the kernel's own doings (boot, writes to files). */
struct ctx sched_ctx(const struct tasks *t, uint32_t task, uint32_t cpu);
/* Whoever waits for events gets them: I/O submitted by a step. */
int sched_submitted(struct tasks *t);
/* The process is gone: its actors end, but @except, which goes on. */
void sched_end_all(struct tasks *t, uint32_t task, uint32_t except,
		   uint32_t killed);
/* Start a workload of @task: it belongs to nobody's reply. */
int sched_daemon(struct tasks *t, uint32_t task, const struct op *op);
/* The actor of kernel thread @task, asleep. 0 or a host errno. */
int sched_kthread(struct tasks *t, uint32_t task, enum daemon_kind kind,
		  uint32_t *ret_actor);
/* A kernel thread that sleeps shall do so until @at. 0 or a host errno. */
int sched_wake_at(struct tasks *t, uint32_t actor, vtime_t at);
/* A kernel thread that sleeps (WAIT_WAKE, WAIT_TIME) runs; else nothing. */
void sched_wake(struct tasks *t, uint32_t actor);

/* --- daemon.c: kernel threads -----------------------------------------------
 */
/* One step: STEP_MORE, WAIT_WAKE, WAIT_TIME, WAIT_IO, or a host errno. */
typedef int daemon_step(struct tasks *t, struct ctx *ctx, struct actor *a);
extern daemon_step *const daemon_rows[NR_DAEMONS];
int kswapd_step(struct tasks *t, struct ctx *ctx, struct actor *a);
int kcompactd_step(struct tasks *t, struct ctx *ctx, struct actor *a);
void kcompactd_wake(struct tasks *t);
int flusher_step(struct tasks *t, struct ctx *ctx, struct actor *a);
int khugepaged_step(struct tasks *t, struct ctx *ctx, struct actor *a);
/* It has something to do, or is not to sleep any longer. */
void khugepaged_wake(struct tasks *t);
int ksmd_step(struct tasks *t, struct ctx *ctx, struct actor *a);
void ksmd_wake(struct tasks *t);
/* Disks that want their thread to run, now or then. 0 or a host errno. */
int flushers_wake(struct tasks *t);
/* Before its next step a process pays for the pages it dirtied: 0 or
 * WAIT_TIME. */
int dirtier_pay(struct tasks *t, struct ctx *ctx, const struct actor *a);
/* What a step dirtied is its process's. */
void dirtier_count(struct tasks *t, const struct ctx *ctx,
		   const struct actor *a);
/* After each step: who was asked for by what it did? */
void daemons_wake(struct tasks *t);
static inline struct task *actor_task(const struct tasks *t,
				      const struct actor *a)
{
	return task_at(t, a->task);
}

/* --- op-map.c --------------------------------------------------------------
 */
/* What mlock and populate do page by page over [a->pos, a->end); what cannot
 * be had is passed over as mm_populate() does, unless @strict. */
int actor_populate(struct tasks *t, struct ctx *ctx, struct actor *a, int write,
		   bool strict);
/* op-brk.c: brk(2), the region `heap` following; [a->pos, a->end): what is new.
 */
int actor_brk(struct tasks *t, struct ctx *ctx, struct actor *a, uint64_t brk);

/* --- op-device.c: mmap of /dev/mapdrv ------------------------------------- */
enum device_way op_device_way(const struct op *op);
/* The driver's memory is there; then it is mapped, if at once. 0, STEP_MORE,
 * EINVAL, ENOMEM, NEED_*, host errno. */
int op_device_fill(struct tasks *t, struct ctx *ctx, struct actor *a);
int op_device_remap(struct tasks *t, struct ctx *ctx, struct actor *a);

/* --- numab.c: NUMA balancing of a process ------------------------------- */
/* It ran for a while: are its pages to be looked at? */
void numab_tick(struct tasks *t, struct ctx *ctx, uint32_t task);
/* What the hint faults of its step said. */
void numab_count(struct tasks *t, const struct ctx *ctx, uint32_t task);
/* Is it too young for its faults to be weighed? */
bool numab_early(const struct tasks *t, uint32_t task);

/* --- need.c ------------------------------------------------------------- */
/* A step lacked memory (a->need): reclaim begins. 0, or ENOMEM: the request
 * is one that must not wait for it. */
int need_begin(struct tasks *t, struct ctx *ctx, struct actor *a);
/* One step of that. STEP_MORE, WAIT_TIME; 0: repeat the operation's step;
 * ENOMEM: give up; a host errno. */
int need_step(struct tasks *t, struct ctx *ctx, struct actor *a);
/* It waits on for room in a group that kills nobody: ctx->wait_until. */
bool oom_waits(const struct tasks *t, struct ctx *ctx, struct actor *a);

/* The kernel's line on an access that was refused: ctx.fault_addr. */
void task_log_segfault(struct tasks *t, const struct ctx *ctx,
		       const struct actor *a);

/* --- process.c ------------------------------------------------------------ */
/* A process without memory yet; @name also becomes its script name. 0,
 * EAGAIN (no pid), NEED_*, host errno. */
int task_new(struct tasks *t, struct ctx *ctx, const char *name,
	     uint32_t parent, bool kthread, uint32_t *ret_task);
/* Its end: mm, files and objects are given back. */
void task_free(struct tasks *t, struct ctx *ctx, uint32_t task);
/* One user less of an address space; the last takes all of it along. */
void task_put_mm(struct tasks *t, struct ctx *ctx, uint32_t mm);
/* Killed by @signal, with the kernel's log line where there is one. */
void task_die(struct tasks *t, struct ctx *ctx, uint32_t task, uint32_t except,
	      uint32_t signal);
/* @task is a member of @group now, and what it uses from now on is charged
 * there or above. */
void task_join(struct tasks *t, uint32_t task, uint32_t group);
/* --- high.c: mem_cgroup_handle_over_high() ----------------------------------
 */
/* Must @a pay before it goes on? */
bool high_due(const struct tasks *t, const struct actor *a);
/* Begin; @left: what the operation answered, STEP_MORE it goes on. */
void high_begin(struct tasks *t, struct actor *a, int left);
/* Return: STEP_MORE, WAIT_TIME, a host errno; at the end @left. */
int high_step(struct tasks *t, struct ctx *ctx, struct actor *a);
/* What an operation left half done when it is ended from outside. */
void actor_abandon(struct tasks *t, struct ctx *ctx, struct actor *a);
/* A bare or full image in a fresh mm. 0, ENOMEM, NEED_*, host errno. */
int task_image(struct tasks *t, struct ctx *ctx, uint32_t task);

/* --- files of a process ------------------------------------------------- */
/* The open file of @path, opened at first use. 0, ENOENT, NEED_*. */
int task_open(struct tasks *t, struct ctx *ctx, uint32_t task, const char *path,
	      uint32_t *ret_file);
/* The same of an operation, which keeps it open until its end: a->file. */
int actor_open(struct tasks *t, struct ctx *ctx, struct actor *a);
void actor_close(struct tasks *t, struct ctx *ctx, struct actor *a);
int task_share_files(struct tasks *t, uint32_t from, uint32_t to);
void task_close_all(struct tasks *t, struct ctx *ctx, uint32_t task);
/* Close @inode in @task. */
void task_close(struct tasks *t, struct ctx *ctx, uint32_t task,
		uint32_t inode);
/* Close @inode wherever it is open by name (rm). */
void task_close_inode(struct tasks *t, struct ctx *ctx, uint32_t inode);

/* Removed segments that nobody has attached any more go. */
void shm_reap(struct tasks *t, struct ctx *ctx);

/* --- region.c ----------------------------------------------------------- */
/* @name now means [@start, @end). 0 or a host errno. */
int region_set(struct tasks *t, uint32_t mm, const char *name, uint64_t start,
	       uint64_t end);
/* As region_set(), on top of what other names mean (malloc). */
int region_lay(struct tasks *t, uint32_t mm, const char *name, uint64_t start,
	       uint64_t end);
/* Its memory stays, nameless. */
void region_forget(struct tasks *t, uint32_t mm, uint32_t region);
/* More of the same name (brk). */
int region_extend(struct tasks *t, uint32_t mm, const char *name, uint64_t base,
		  uint64_t start, uint64_t end);
/* Nothing of [@start, @end) is anybody's any more. */
int region_clip(struct tasks *t, uint32_t mm, uint64_t start, uint64_t end);
int region_move(struct tasks *t, uint32_t mm, uint32_t region, uint64_t start,
		uint64_t bytes);
int region_copy_all(struct tasks *t, uint32_t from, uint32_t to);
void region_free_all(struct tasks *t, uint32_t mm);
/* Recount: pieces in order and apart, both trees. */
void region_check(const struct tasks *t, uint32_t mm, check_report *report,
		  void *arg);
static inline struct region *region_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->regions, id);
}

#endif
