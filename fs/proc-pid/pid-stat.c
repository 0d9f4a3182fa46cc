// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/stat and statm: fs/proc/array.c do_task_stat(). */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <string.h>

#define NS_PER_TICK 10000000u /* USER_HZ 100 */

/* include/linux/sched.h */
#define PF_RANDOMIZE	 0x400000u
#define PF_KTHREAD_FLAGS 0x208040u /* KTHREAD, NOFREEZE, FORKNOEXEC */
#define SIGCHLD_NR	 17u
#define KTHREADD_PID	 2u

/* Kernel threads that run below the common priority. */
static const struct {
	const char *comm;
	uint32_t nice;
} nice_threads[] = {
	{ "ksmd", 5 },
	{ "khugepaged", 19 },
};

uint32_t task_nice(const struct task *t)
{
	const size_t nr = ARRAY_SIZE(nice_threads);

	for (size_t i = 0; t->kthread && i < nr; i++)
		if (!strcmp(t->comm, nice_threads[i].comm))
			return nice_threads[i].nice;
	return 0;
}

static void put(struct outbuf *out, uint64_t value)
{
	out_char(out, ' ');
	out_dec(out, value, 0);
}

static void put_zeros(struct outbuf *out, unsigned nr)
{
	while (nr--)
		out_bytes(out, " 0", 2);
}

static uint32_t task_flags(const struct machine *m, const struct task *t,
			   const struct mm *mm)
{
	if (t->kthread)
		return PF_KTHREAD_FLAGS;
	return mm && !mm->bare && m->space.randomize_va_space ? PF_RANDOMIZE
							      : 0;
}

/* Fields 4 to 22: who it is and what it used. */
static void put_usage(const struct machine *m, const struct task *t,
		      const struct mm *mm, struct outbuf *out)
{
	uint32_t leader = t->kthread ? 0 : t->tgid;
	uint32_t nice = task_nice(t);

	put(out, t->ppid);
	put(out, leader);
	put(out, leader);
	out_str(out, " 0 -1");
	put(out, task_flags(m, t, mm));
	put(out, t->minflt);
	put(out, t->cminflt);
	put(out, t->majflt);
	put(out, t->cmajflt);
	put(out, t->utime_ns / NS_PER_TICK);
	put(out, t->stime_ns / NS_PER_TICK);
	put_zeros(out, 2);
	put(out, 20 + nice);
	put(out, nice);
	out_str(out, " 1 0");
	put(out, t->start_time / NS_PER_TICK);
}

/* Fields 23 to 52: its memory; for a kernel thread all is 0. */
static void put_image(const struct machine *m, const struct task *t,
		      const struct mm *mm, struct outbuf *out)
{
	static const struct mm none = { .rlimit_as = 0 };
	bool kthreadd = t->pid == KTHREADD_PID;

	if (!mm)
		mm = &none;
	put(out, mm->total_vm << PAGE_SHIFT);
	put(out, mm_rss(mm));
	put(out, pid_ulong(m, UINT64_MAX));
	put(out, mm->start_code);
	put(out, mm->end_code);
	put(out, mm->start_stack);
	put_zeros(out, 4);
	put(out, t->kthread ? INT32_MAX : 0);
	put_zeros(out, 1);
	put(out, t->state != TASK_RUNNING);
	put_zeros(out, 2);
	put(out, kthreadd ? 0 : SIGCHLD_NR);
	put(out, t->cpu);
	put_zeros(out, 5);
	put(out, mm->start_data);
	put(out, mm->end_data);
	put(out, mm->start_brk);
	put(out, mm->arg_start);
	put(out, mm->arg_end);
	put(out, mm->env_start);
	put(out, mm->env_end);
	put(out, t->killed);
}

static int show_stat(const struct view *v, struct outbuf *out)
{
	const struct task *t = view_task(v);
	const struct mm *mm = view_mm(v);

	out_dec(out, t->pid, 0);
	out_str(out, " (");
	out_name(t->comm, false, out);
	out_str(out, ") ");
	out_char(out, task_state_letter(t));
	put_usage(v->m, t, mm, out);
	put_image(v->m, t, mm, out);
	out_char(out, '\n');
	return 0;
}

static int show_statm(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = view_mm(v);

	if (!mm) {
		out_str(out, "0 0 0 0 0 0 0\n");
		return 0;
	}
	out_dec(out, mm->total_vm, 0);
	put(out, mm_rss(mm));
	put(out, (uint64_t)(mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM]));
	put(out, mm_text_pages(mm));
	put_zeros(out, 1);
	put(out, mm->data_vm + mm->stack_vm);
	put_zeros(out, 1);
	out_char(out, '\n');
	return 0;
}

const struct fsnode pid_stat_nodes[] = {
	PID_FILE("stat", 0444, show_stat, NULL),
	PID_FILE("statm", 0444, show_statm, NULL),
};
const unsigned nr_pid_stat_nodes = ARRAY_SIZE(pid_stat_nodes);
