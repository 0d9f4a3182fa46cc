// SPDX-License-Identifier: Apache-2.0
/* The report of an OOM kill: dump_header() of mm/oom_kill.c. */
#include "vmcore/task/oom.h"

#define TRANSHUGE_LIGHT                                              \
	((GFP_HIGHUSER_MOVABLE | GFP_BIT_COMP | GFP_BIT_NOMEMALLOC | \
	  GFP_BIT_NOWARN) &                                          \
	 ~(GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM))

struct gfp_name {
	uint32_t bits;
	const char *name;
};

/* gfpflag_names[] of include/trace/events/mmflags.h: the first that fits. */
static const struct gfp_name gfp_names[] = {
	{ TRANSHUGE_LIGHT | GFP_BIT_DIRECT_RECLAIM, "GFP_TRANSHUGE" },
	{ TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ GFP_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ GFP_HIGHUSER, "GFP_HIGHUSER" },
	{ GFP_USER, "GFP_USER" },
	{ GFP_KERNEL_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ GFP_KERNEL, "GFP_KERNEL" },
	{ GFP_NOFS, "GFP_NOFS" },
	{ GFP_ATOMIC, "GFP_ATOMIC" },
	{ GFP_NOIO, "GFP_NOIO" },
	{ GFP_NOWAIT, "GFP_NOWAIT" },
	{ GFP_BIT_DMA, "GFP_DMA" },
	{ GFP_BIT_DMA32, "GFP_DMA32" },
	{ GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM, "__GFP_RECLAIM" },
	{ GFP_BIT_HIGHMEM, "__GFP_HIGHMEM" },
	{ GFP_BIT_MOVABLE, "__GFP_MOVABLE" },
	{ GFP_BIT_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ GFP_BIT_HIGH, "__GFP_HIGH" },
	{ GFP_BIT_IO, "__GFP_IO" },
	{ GFP_BIT_FS, "__GFP_FS" },
	{ GFP_BIT_ZERO, "__GFP_ZERO" },
	{ GFP_BIT_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM" },
	{ GFP_BIT_KSWAPD_RECLAIM, "__GFP_KSWAPD_RECLAIM" },
	{ GFP_BIT_WRITE, "__GFP_WRITE" },
	{ GFP_BIT_NOWARN, "__GFP_NOWARN" },
	{ GFP_BIT_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ GFP_BIT_NOFAIL, "__GFP_NOFAIL" },
	{ GFP_BIT_NORETRY, "__GFP_NORETRY" },
	{ GFP_BIT_MEMALLOC, "__GFP_MEMALLOC" },
	{ GFP_BIT_COMP, "__GFP_COMP" },
	{ GFP_BIT_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ GFP_BIT_HARDWALL, "__GFP_HARDWALL" },
	{ GFP_BIT_THISNODE, "__GFP_THISNODE" },
	{ GFP_BIT_ACCOUNT, "__GFP_ACCOUNT" },
};

static void add_gfp(struct oom_text *b, uint32_t gfp)
{
	const char *bar = "";

	oom_add(b, "gfp_mask=0x%x(", gfp);
	for (unsigned i = 0; i < sizeof(gfp_names) / sizeof(*gfp_names); i++) {
		if ((gfp & gfp_names[i].bits) != gfp_names[i].bits)
			continue;
		oom_add(b, "%s%s", bar, gfp_names[i].name);
		bar = "|";
		gfp &= ~gfp_names[i].bits;
	}
	oom_add(b, ")");
}

/* --- the trace
 * ----------------------------------------------------------------
 */
/* Where the request came from, as far as the model knows it. */
static const char *const trace_head[] = {
	"dump_stack_lvl",
	"dump_header",
	"oom_kill_process",
	"out_of_memory",
};
static const char *const trace_page[] = {
	"__alloc_pages_slowpath.constprop.0",
	"__alloc_frozen_pages_noprof",
	"alloc_pages_mpol",
};
static const char *const trace_charge[] = {
	"mem_cgroup_out_of_memory",
	"try_charge_memcg",
	"charge_memcg",
	"__mem_cgroup_charge",
};
static const char *const trace_fault[] = {
	"handle_mm_fault",
	"do_user_addr_fault",
	"exc_page_fault",
	"asm_exc_page_fault",
};
static const char *const trace_call[] = {
	"do_syscall_64",
	"entry_SYSCALL_64_after_hwframe",
};
static const char *const trace_thread[] = {
	"kthread",
	"ret_from_fork",
	"ret_from_fork_asm",
};

static void trace(const struct oom *o, const char *const *names, size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(*names); i++)
		klog_add(&o->t->log, o->t->now, 4, " %s", names[i]);
}

/* What belongs to no process is init's doing. */
static const struct task *current_of(const struct oom *o)
{
	uint32_t id = o->a->task ? o->a->task : task_find(o->t, 1);

	return id ? task_at(o->t, id) : NULL;
}

/* A page touched by the program itself, or memory that a call needed? */
static bool faulted(const struct actor *a)
{
	switch ((enum op_code)a->op.code) {
	case OP_TOUCH:
	case OP_ACCESS:
	case OP_WORKLOAD:
	case OP_LEAK:
	case OP_MALLOC:
	case OP_STACK:
		return true;
	default:
		return false;
	}
}

void oom_report_stack(const struct oom *o)
{
	const struct actor *a = o->a;
	const struct task *task = current_of(o);
	struct klog *log = &o->t->log;

	klog_add(
		log, o->t->now, 4,
		"CPU: %u UID: %u PID: %u Comm: %s Not tainted %s #1 PREEMPT(full) ",
		o->cpu, task ? task->uid : 0, task ? task->pid : 0,
		task ? task->comm : "swapper", o->t->release);
	klog_add(log, o->t->now, 4, "Call Trace:");
	klog_add(log, o->t->now, 4, " <TASK>");
	trace(o, trace_head, sizeof(trace_head));
	if (o->group)
		trace(o, trace_charge, sizeof(trace_charge));
	else
		trace(o, trace_page, sizeof(trace_page));
	if (!task || task->kthread)
		trace(o, trace_thread, sizeof(trace_thread));
	else if (faulted(a))
		trace(o, trace_fault, sizeof(trace_fault));
	else
		trace(o, trace_call, sizeof(trace_call));
	klog_add(log, o->t->now, 4, " </TASK>");
}

/* --- processes
 * ----------------------------------------------------------------
 */
/* dump_task() */
static void report_task(const struct oom *o, const struct task *task)
{
	const struct mm *mm = mm_at(o->t->space, task->mm);

	klog_add(
		&o->t->log, o->t->now, 6,
		"[%7u] %5u %5u %8llu %8llu %8lld %8lld %9lld %8llu %8lld         %5d %s",
		task->pid, task->uid, task->tgid, (oom_ull)mm->total_vm,
		(oom_ull)mm_rss(mm), (long long)mm->rss[RSS_ANON],
		(long long)mm->rss[RSS_FILE], (long long)mm->rss[RSS_SHMEM],
		(oom_ull)mm->pgtables_bytes, (long long)mm->rss[RSS_SWAP],
		task->oom_score_adj, task->comm);
}

static void report_tasks(const struct oom *o)
{
	klog_add(&o->t->log, o->t->now, 6,
		 "Tasks state (memory values in pages):");
	klog_add(
		&o->t->log, o->t->now, 6,
		"[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name");
	task_for_each (o->t, id)
		if (oom_may_die(o, id))
			report_task(o, task_at(o->t, id));
}

void oom_report(const struct oom *o)
{
	const struct actor *a = o->a;
	const struct task *task = current_of(o);
	struct oom_text b = { 0 };

	oom_add(&b, "%s invoked oom-killer: ", task ? task->comm : "swapper");
	add_gfp(&b, a->need.gfp);
	oom_add(&b, ", order=%u, oom_score_adj=%d", a->need.order,
		task ? task->oom_score_adj : 0);
	oom_line(o, 4, &b);
	oom_report_stack(o);
	if (o->group)
		oom_report_group(o);
	else
		oom_report_memory(o);
	if (o->t->oom_dump_tasks)
		report_tasks(o);
}
