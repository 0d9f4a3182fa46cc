// SPDX-License-Identifier: Apache-2.0
#include "vmcore/machine-boot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/cache/content.h"
#include "vmcore/task/exec.h"
#include "vmcore/task/sched.h"

#define BOOT_CACHE (64u << 20)

struct boot {
	struct machine *m;
	const struct machine_config *c;
	struct ctx ctx;
};

/* Run an operation to its end. */
static int run(struct boot *b, const struct op *op, bool started)
{
	struct tasks *t = &b->m->tasks;
	struct op_result result;
	uint32_t actor;
	int r = sched_begin(t, op, false, &actor);

	if (r)
		return r;
	if (started)
		actor_at(t, actor)->cursor[0] = 1;
	r = sched_run(t, UINT64_MAX, actor, UINT64_MAX);
	if (r)
		return r;
	if (!machine_take(b->m, actor, &result))
		return EDEADLK;
	return result.killed ? ENOMEM : result.error;
}

/* --- disks, files, groups ----------------------------------------------------
 */
static int boot_files(struct boot *b)
{
	uint32_t id;
	int r = 0;

	for (uint32_t i = 0; i < b->c->nr_disks && !r; i++)
		r = disk_new(&b->m->cache, &b->c->disks[i], &id);
	for (id = 1; id <= b->c->nr_disks && !r; id++)
		r = disk_mount(&b->m->cache, &b->ctx, id);
	for (uint32_t i = 0; i < b->c->nr_files && !r; i++) {
		const struct file_config *f = &b->c->files[i];

		r = inode_make(&b->m->cache, &b->ctx, f->path, f->size_bytes,
			       &id);
		if (!r && f->outside)
			cache_outside(&b->m->cache, id);
	}
	return r;
}

/* "a/b": each part a group, made when it is missing. */
static int group_path(struct boot *b, const char *path, uint32_t *ret_group)
{
	struct control *c = &b->m->control;
	uint32_t group = GROUP_ROOT;
	char part[64];

	while (*path) {
		size_t n = strcspn(path, "/");
		uint32_t child = GROUP_ROOT;
		int r = 0;

		if (n >= sizeof(part))
			return ENAMETOOLONG;
		memcpy(part, path, n);
		part[n] = 0;
		path += n + (path[n] == '/');
		if (!n)
			continue;
		child = group_at(c, group)->first_child;
		while (child && strcmp(group_at(c, child)->name, part))
			child = group_at(c, child)->next_sibling;
		if (!child)
			r = group_new(c, group, part, &child);
		if (!r)
			r = group_set_subtree(c, group, true);
		if (r)
			return r;
		group = child;
	}
	*ret_group = group;
	return 0;
}

static int boot_groups(struct boot *b)
{
	uint32_t group;
	int r = 0;

	for (uint32_t i = 0; i < b->c->nr_groups && !r; i++)
		r = group_path(b, b->c->groups[i], &group);
	return r;
}

/* --- kernel threads
 * ------------------------------------------------------------ */
static int kthread(struct boot *b, uint32_t cpu, const char *name,
		   enum daemon_kind kind, uint32_t *ret_actor)
{
	uint32_t id;
	int r = task_new(&b->m->tasks, &b->ctx, name,
			 b->m->tasks.next_pid == 2 ? 0 : 2, true, &id);

	if (r)
		return r;
	task_at(&b->m->tasks, id)->cpu = cpu;
	task_at(&b->m->tasks, id)->cmdline_len = 0;
	memset(task_at(&b->m->tasks, id)->cmdline, 0,
	       sizeof(task_at(&b->m->tasks, id)->cmdline));
	if (kind)
		r = sched_kthread(&b->m->tasks, id, kind, ret_actor);
	return r;
}

static uint32_t node_cpu(const struct boot *b, uint32_t node)
{
	for (uint32_t cpu = 0; cpu < b->c->phys.nr_cpus; cpu++)
		if (b->m->phys.cpu_node[cpu] == node)
			return cpu;
	return 0;
}

static int node_kthreads(struct boot *b, const char *format,
			 enum daemon_kind kind, uint32_t *ret_actors)
{
	int r = 0;

	for (uint32_t n = 0; n < b->m->phys.nr_nodes && !r; n++) {
		char name[COMM_LEN];

		snprintf(name, sizeof(name), format, n % 1000u);
		r = kthread(b, node_cpu(b, n), name, kind, &ret_actors[n]);
	}
	return r;
}

/* In the order a booting kernel starts them. */
static int boot_kthreads(struct boot *b)
{
	struct tasks *t = &b->m->tasks;
	int r = kthread(b, 0, "kthreadd", DAEMON_NONE, NULL);

	if (!r)
		r = node_kthreads(b, "kcompactd%u", DAEMON_KCOMPACTD,
				  t->kcompactd);
	for (uint32_t n = 0; n < b->m->phys.nr_nodes && !r; n++)
		sched_wake(t, t->kcompactd[n]);
	if (!r)
		r = kthread(b, 0, "ksmd", DAEMON_KSMD, &t->ksmd);
	if (!r && b->c->phys.thp)
		r = kthread(b, 0, "khugepaged", DAEMON_KHUGEPAGED,
			    &t->khugepaged);
	if (!r)
		r = node_kthreads(b, "kswapd%u", DAEMON_KSWAPD, t->kswapd);
	for (uint32_t i = 0; i < b->c->nr_disks && !r; i++) {
		struct wb *w = wb_at(&b->m->cache, i + 1);
		char name[COMM_LEN];

		snprintf(name, sizeof(name), "flush-%u:%u",
			 b->c->disks[i].major % 1000u,
			 b->c->disks[i].minor % 10000u);
		r = kthread(b, 0, name, DAEMON_FLUSHER, &w->actor);
		if (!r)
			actor_at(t, w->actor)->cursor[0] = i + 1;
	}
	return r;
}

/* Programs run more than once: their pages are active. */
static void use_again(struct boot *b, uint32_t inode)
{
	struct cache *c = &b->m->cache;
	uint64_t i = 0;
	pfn_t folio;

	while ((i = cache_next(c, inode, i, UINT64_MAX, &folio)) !=
	       UINT64_MAX) {
		for (unsigned n = 0; n < 2; n++)
			lru_mark_accessed(&b->m->control, folio);
		i++;
	}
}

/*
 * What has started up runs on, as programs that init stands for here: a file
 * of a sixty-fourth of memory, at most 64 MiB, mapped. A profile that says
 * what memory is in use ([boot]) has said it all.
 */
static int boot_programs(struct boot *b)
{
	struct op op = { .code = OP_MMAP,
			 .pid = 1,
			 .flags = OPX_FILE | OPX_SHARED | OPX_POPULATE,
			 .prot = VM_READ | VM_EXEC,
			 .region = "programs",
			 .text = "/usr/lib/programs" };
	uint32_t inode;
	int r;

	if (b->c->boot_given)
		return 0;
	op.size = phys_total_pages(&b->m->phys) * PAGE_SIZE / 64;
	if (op.size > BOOT_CACHE)
		op.size = BOOT_CACHE;
	op.size &= PAGE_MASK;
	r = inode_make(&b->m->cache, &b->ctx, op.text, op.size, &inode);
	if (!r)
		r = run(b, &op, false);
	if (!r)
		use_again(b, inode);
	return r;
}

/* --- processes
 * ------------------------------------------------------------------ */
/* The next of a list of paths separated by commas; NULL at its end. */
static const char *next_path(const char *list, char *path, size_t size)
{
	size_t n = strcspn(list, ",");

	if (!*list)
		return NULL;
	snprintf(path, size, "%.*s", (int)n, list);
	return list + n + (list[n] == ',');
}

static void image_of(const struct tasks *t, const struct process_config *p,
		     struct exec_image *e)
{
	const char *libs = p->libs;

	exec_defaults(t, e, p->name);
	if (p->text_bytes)
		e->text = p->text_bytes;
	if (p->data_bytes)
		e->data = p->data_bytes;
	if (p->bss_bytes)
		e->bss = p->bss_bytes;
	e->stack = p->stack_bytes;
	if (!*libs)
		return;
	for (e->nr_libs = 0; e->nr_libs < EXEC_LIBS; e->nr_libs++) {
		libs = next_path(libs, e->libs[e->nr_libs], sizeof(e->libs[0]));
		if (!libs)
			break;
	}
}

static int boot_workloads(struct boot *b, uint32_t task,
			  const struct process_config *p)
{
	int r = 0;

	for (uint32_t i = 0; i < p->nr_workloads && !r; i++) {
		struct op op = { .code = OP_WORKLOAD,
				 .pid = task_at(&b->m->tasks, task)->pid,
				 .rate = p->workload[i].rate };

		op.percent = p->workload[i].write_percent;
		if (p->workload[i].cpu_percent) {
			op.flags |= OPX_CPU;
			op.percent = p->workload[i].cpu_percent;
		}
		memcpy(op.region, p->workload[i].region, REGION_LEN);
		memcpy(op.text, p->workload[i].pattern,
		       sizeof(p->workload[i].pattern));
		r = run(b, &op, false);
	}
	return r;
}

/* The files it works on, read once. */
static int boot_reads(struct boot *b, uint32_t task,
		      const struct process_config *p)
{
	struct op op = { .code = OP_READ,
			 .pid = task_at(&b->m->tasks, task)->pid };
	const char *files = p->files;
	int r = 0;

	while (!r && (files = next_path(files, op.text, sizeof(op.text)))) {
		uint32_t inode = inode_find(&b->m->cache, op.text);

		if (!inode)
			return ENOENT;
		op.len = inode_at(&b->m->cache, inode)->size;
		r = run(b, &op, false);
	}
	return r;
}

static void dress(struct boot *b, struct task *t,
		  const struct process_config *p)
{
	t->uid = p->uid;
	t->oom_score_adj = p->oom_score_adj;
	t->pinned = p->cpu != UINT32_MAX;
	t->bound = p->node != UINT32_MAX;
	if (t->pinned)
		t->cpu = p->cpu;
	else if (t->bound)
		t->cpu = node_cpu(b, p->node);
	if (!p->cmdline[0])
		return;
	memset(t->cmdline, 0, sizeof(t->cmdline));
	t->cmdline_len = (uint32_t)strlen(p->cmdline) + 1;
	memcpy(t->cmdline, p->cmdline, t->cmdline_len);
	for (uint32_t i = 0; i < t->cmdline_len; i++)
		if (t->cmdline[i] == ' ')
			t->cmdline[i] = 0;
}

static int boot_leak(struct boot *b, uint32_t task,
		     const struct process_config *p)
{
	const struct op op = { .code = OP_LEAK,
			       .pid = task_at(&b->m->tasks, task)->pid,
			       .rate = p->leak_bytes };

	return run(b, &op, false);
}

/* An image, its heap, and the start of its program. */
static int boot_start(struct boot *b, uint32_t task,
		      const struct process_config *p)
{
	struct tasks *t = &b->m->tasks;
	struct op op = { .code = OP_SPAWN, .pid = task_at(t, task)->pid };
	struct op brk = { .code = OP_BRK,
			  .pid = op.pid,
			  .size = p->heap_bytes };
	struct exec_image e;
	int r;

	image_of(&b->m->tasks, p, &e);
	r = exec_new(t, &b->ctx, task, &e);
	if (!r && p->heap_bytes)
		r = run(b, &brk, false);
	return r ? r : run(b, &op, true);
}

static int boot_process(struct boot *b, const struct process_config *p)
{
	struct tasks *t = &b->m->tasks;
	uint32_t id, group;
	int r = group_path(b, p->cgroup, &group);

	if (r)
		return r;
	b->ctx.group = group;
	r = task_new(t, &b->ctx, p->name, p->parent, false, &id);
	if (!r) {
		dress(b, task_at(t, id), p);
		r = boot_start(b, id, p);
	}
	if (!r)
		r = boot_reads(b, id, p);
	if (!r)
		r = boot_workloads(b, id, p);
	if (!r && p->leak_bytes)
		r = boot_leak(b, id, p);
	b->ctx.group = GROUP_ROOT;
	return r;
}

static int boot_processes(struct boot *b, const char **ret_why)
{
	int r = 0;

	for (uint32_t i = 0; i < b->c->nr_processes && !r; i++)
		for (uint32_t n = 0; n < b->c->processes[i].count && !r; n++)
			r = boot_process(b, &b->c->processes[i]);
	if (r == ENOENT)
		*ret_why = "a process reads a file that no [file] gives";
	else if (r > 0)
		*ret_why =
			"the processes of the profile do not fit into its memory";
	return r;
}

typedef unsigned long long ull;

/* What a kernel says first (setup_arch(), free_area_init(), mem_init()). */
static void banner(struct machine *m)
{
	struct klog *log = &m->tasks.log;
	uint64_t present = 0;

	klog_add(log, 0, 5, "Linux version %s (%s) #1 SMP PREEMPT_DYNAMIC",
		 m->kernel, m->hostname);
	klog_add(log, 0, 6, "Zone ranges:");
	for (unsigned z = 0; z < m->phys.nr_nodes * MAX_ZONES_PER_NODE; z++) {
		const struct zone *zone = &m->phys.zones[z];
		ull start = (ull)zone->start_pfn << PAGE_SHIFT;
		ull bytes = (ull)zone->spanned << PAGE_SHIFT;

		present += zone->present;
		if (zone->spanned)
			klog_add(log, 0, 6, "  %-8s [mem %#018llx-%#018llx]",
				 zone_name(&m->phys, zone->type), start,
				 start + bytes - 1);
	}
	klog_add(log, 0, 6, "Memory: %lluK/%lluK available",
		 (ull)phys_free_pages(&m->phys) << (PAGE_SHIFT - 10),
		 (ull)present << (PAGE_SHIFT - 10));
}

int machine_boot(struct machine *m, const struct machine_config *c,
		 const char **ret_why)
{
	static const struct process_config init = { .name = "init",
						    .cpu = UINT32_MAX,
						    .node = UINT32_MAX };
	struct boot b = { m, c, sched_ctx(&m->tasks, 0, 0) };
	int r;

	banner(m);
	r = boot_files(&b);

	if (!r)
		r = boot_groups(&b);
	if (!r)
		r = boot_process(&b, &init);
	if (!r)
		r = boot_kthreads(&b);
	pcp_settle(&m->phys);
	m->tasks.next_pid = m->tasks.first_pid;
	if (!r)
		r = boot_programs(&b);
	return r ? r : boot_processes(&b, ret_why);
}
