// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/status: fs/proc/array.c proc_pid_status(). */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <string.h>

/* MAX_NUMNODES of the common configuration, in words of the mask. */
#define NODE_MASK_WORDS 32

/* All capabilities up to CAP_CHECKPOINT_RESTORE. */
#define CAP_FULL 0x1ffffffffffull

static const char *const task_states[] = {
	[TASK_RUNNING] = "R (running)",
	[TASK_SLEEPING] = "S (sleeping)",
	[TASK_DISK] = "D (disk sleep)",
	[TASK_ZOMBIE] = "Z (zombie)",
};

char task_state_letter(const struct task *t)
{
	return task_states[t->state][0];
}

void out_name(const char *text, bool escape, struct outbuf *out)
{
	for (; *text; text++) {
		if (escape && *text == '\n')
			out_str(out, "\\n");
		else if (escape && *text == '\\')
			out_str(out, "\\\\");
		else
			out_char(out, *text);
	}
}

void out_list(const uint64_t *bits, unsigned nr, struct outbuf *out)
{
	bool comma = false;

	for (unsigned i = 0; i < nr; i++) {
		unsigned last = i;

		if (!(*bits >> i & 1))
			continue;
		while (last + 1 < nr && *bits >> (last + 1) & 1)
			last++;
		if (comma)
			out_char(out, ',');
		comma = true;
		out_dec(out, i, 0);
		if (last > i) {
			out_char(out, '-');
			out_dec(out, last, 0);
		}
		i = last;
	}
}

static void put_num(struct outbuf *out, const char *label, uint64_t value)
{
	out_str(out, label);
	out_char(out, '\t');
	out_dec(out, value, 0);
	out_char(out, '\n');
}

static void put_mask(struct outbuf *out, const char *label, uint64_t mask)
{
	out_str(out, label);
	out_char(out, '\t');
	out_hex(out, mask, 16);
	out_char(out, '\n');
}

static void put_kb(struct outbuf *out, const char *label, uint64_t pages)
{
	out_str(out, label);
	out_char(out, '\t');
	out_dec(out, pages << 2, 8);
	out_str(out, " kB\n");
}

static void put_ids(struct outbuf *out, const char *label, uint32_t id)
{
	out_printf(out, "%s\t%u\t%u\t%u\t%u\n", label, id, id, id, id);
}

/* Slots of the descriptor table: what NR_OPEN_DEFAULT grows from. */
static uint32_t fd_table_size(const struct machine *m, const struct task *t)
{
	uint32_t nr = 3, size = 64;

	for (uint32_t id = t->files; id;) {
		const struct openfile *f = pool_at(&m->tasks.openfiles, id);

		nr++;
		id = f->next;
	}
	while (size < nr)
		size = size < 256 ? 256 : size * 2;
	return size;
}

/* task_state(): every process leads a group and a session of its own. */
static void put_state(const struct machine *m, const struct task *t,
		      struct outbuf *out)
{
	uint32_t leader = t->kthread ? 0 : t->tgid;

	out_str(out, "Umask:\t0022\nState:\t");
	out_str(out, task_states[t->state]);
	out_char(out, '\n');
	put_num(out, "Tgid:", t->tgid);
	put_num(out, "Ngid:", 0);
	put_num(out, "Pid:", t->pid);
	put_num(out, "PPid:", t->ppid);
	put_num(out, "TracerPid:", 0);
	put_ids(out, "Uid:", t->uid);
	put_ids(out, "Gid:", t->uid);
	put_num(out, "FDSize:", fd_table_size(m, t));
	out_str(out, "Groups:\t \n");
	put_num(out, "NStgid:", t->tgid);
	put_num(out, "NSpid:", t->pid);
	put_num(out, "NSpgid:", leader);
	put_num(out, "NSsid:", leader);
	put_num(out, "Kthread:", t->kthread != 0);
}

/* task_mem() */
static void put_mem(const struct machine *m, const struct mm *mm,
		    struct outbuf *out)
{
	uint64_t rss = mm_rss(mm), text = mm_text_pages(mm);

	if (text > mm->exec_vm)
		text = mm->exec_vm;
	put_kb(out, "VmPeak:",
	       mm->hiwater_vm > mm->total_vm ? mm->hiwater_vm : mm->total_vm);
	put_kb(out, "VmSize:", mm->total_vm);
	put_kb(out, "VmLck:", mm->locked_vm);
	put_kb(out, "VmPin:", mm->pinned_vm);
	put_kb(out, "VmHWM:", mm->hiwater_rss > rss ? mm->hiwater_rss : rss);
	put_kb(out, "VmRSS:", rss);
	put_kb(out, "RssAnon:", (uint64_t)mm->rss[RSS_ANON]);
	put_kb(out, "RssFile:", (uint64_t)mm->rss[RSS_FILE]);
	put_kb(out, "RssShmem:", (uint64_t)mm->rss[RSS_SHMEM]);
	put_kb(out, "VmData:", mm->data_vm);
	put_kb(out, "VmStk:", mm->stack_vm);
	put_kb(out, "VmExe:", text);
	put_kb(out, "VmLib:", mm->exec_vm - text);
	put_kb(out, "VmPTE:", mm->pgtables_bytes >> PAGE_SHIFT);
	put_kb(out, "VmSwap:", (uint64_t)mm->rss[RSS_SWAP]);
	put_kb(out, "HugetlbPages:", mm->hugetlb_pages);
	out_printf(out, "CoreDumping:\t0\nTHP_enabled:\t%u\nuntag_mask:\t0x",
		   m->space.paging.thp);
	out_hex(out, pid_ulong(m, UINT64_MAX), 1);
	out_char(out, '\n');
}

/* task_sig(), task_cap(), task_seccomp() */
static void put_rights(const struct machine *m, const struct task *t,
		       struct outbuf *out)
{
	uint64_t caps = t->kthread || !t->uid ? CAP_FULL : 0;

	put_num(out, "Threads:", 1);
	out_printf(out, "SigQ:\t0/%d\n", m->tasks.threads_max / 2);
	put_mask(out, "SigPnd:", 0);
	put_mask(out, "ShdPnd:", 0);
	put_mask(out, "SigBlk:", 0);
	put_mask(out, "SigIgn:", t->kthread ? UINT64_MAX : 0);
	put_mask(out, "SigCgt:", 0);
	put_mask(out, "CapInh:", 0);
	put_mask(out, "CapPrm:", caps);
	put_mask(out, "CapEff:", caps);
	put_mask(out, "CapBnd:", CAP_FULL);
	put_mask(out, "CapAmb:", 0);
	out_str(out, "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n"
		     "Speculation_Store_Bypass:\tvulnerable\n"
		     "SpeculationIndirectBranch:\talways enabled\n");
}

/* cpuset_task_status_allowed(): the model binds by policy, not by mask. */
static void put_allowed(const struct machine *m, struct outbuf *out)
{
	const struct phys *p = &m->phys;
	uint64_t nodes = 0;
	uint64_t cpus = p->nr_cpus < 64 ? (1ull << p->nr_cpus) - 1 : UINT64_MAX;

	for (unsigned i = 0; i < MAX_NODES; i++)
		if (p->nodes[i].online)
			nodes |= 1ull << i;
	out_str(out, "Cpus_allowed:\t");
	if (p->nr_cpus > 32) {
		out_hex(out, cpus >> 32, (p->nr_cpus - 32 + 3) / 4);
		out_char(out, ',');
	}
	out_hex(out, cpus & UINT32_MAX,
		p->nr_cpus > 32 ? 8 : (p->nr_cpus + 3) / 4);
	out_str(out, "\nCpus_allowed_list:\t");
	out_list(&cpus, p->nr_cpus, out);
	out_str(out, "\nMems_allowed:\t");
	for (unsigned i = 1; i < NODE_MASK_WORDS; i++)
		out_str(out, "00000000,");
	out_hex(out, nodes, 8);
	out_str(out, "\nMems_allowed_list:\t");
	out_list(&nodes, MAX_NODES, out);
	out_char(out, '\n');
}

static int show_status(const struct view *v, struct outbuf *out)
{
	const struct task *t = view_task(v);
	const struct mm *mm = view_mm(v);

	out_str(out, "Name:\t");
	out_name(t->comm, true, out);
	out_char(out, '\n');
	put_state(v->m, t, out);
	if (mm)
		put_mem(v->m, mm, out);
	put_rights(v->m, t, out);
	put_allowed(v->m, out);
	put_num(out, "voluntary_ctxt_switches:", t->nvcsw);
	put_num(out, "nonvoluntary_ctxt_switches:", t->nivcsw);
	return 0;
}

const struct fsnode pid_status_nodes[] = {
	PID_FILE("status", 0444, show_status, NULL),
};
const unsigned nr_pid_status_nodes = ARRAY_SIZE(pid_status_nodes);
