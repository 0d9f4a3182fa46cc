// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/task/exec.h"
#include "vmcore/task/heap.h"
#include "vmcore/task/kernel-alloc.h"
#include "vmcore/task/sched.h"

#define HASH(pid) ((pid) % 1024u)

/* What a process costs the kernel besides memory of its own. */
static const enum kmem_cache_id task_objects[] = {
	KMEM_TASK_STRUCT, KMEM_SIGNAL, KMEM_SIGHAND, KMEM_FILES,
	KMEM_FS,	  KMEM_PID,    KMEM_CRED,
};
#define NR_OBJECTS (sizeof(task_objects) / sizeof(*task_objects))

static uint32_t name_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h % 1024u;
}

uint32_t task_find(const struct tasks *t, uint32_t pid)
{
	uint32_t id = t->hash[HASH(pid)];

	while (id && task_at(t, id)->pid != pid)
		id = task_at(t, id)->hash_next;
	return id;
}

uint32_t task_named(const struct tasks *t, const char *name)
{
	uint32_t id = t->names[name_hash(name)];

	while (id && strcmp(task_at(t, id)->name, name))
		id = task_at(t, id)->name_next;
	return id;
}

/* The next free pid: ascending, wrapping at pid_max. 0: none. */
static uint32_t new_pid(struct tasks *t)
{
	uint32_t tries = (uint32_t)t->pid_max;

	while (tries--) {
		uint32_t pid = t->next_pid++;

		if (t->next_pid >= (uint32_t)t->pid_max)
			t->next_pid = t->first_pid;
		if (!task_find(t, pid))
			return pid;
	}
	return 0;
}

static void link_task(struct tasks *t, uint32_t id)
{
	struct task *task = task_at(t, id);
	uint32_t h = HASH(task->pid), n = name_hash(task->name);

	task->hash_next = t->hash[h];
	t->hash[h] = id;
	task->name_next = t->names[n];
	t->names[n] = id;
	task->prev = t->last;
	if (t->last)
		task_at(t, t->last)->next = id;
	else
		t->first = id;
	t->last = id;
}

static void unlink_task(struct tasks *t, uint32_t id)
{
	struct task *task = task_at(t, id);
	uint32_t *link;

	for (link = &t->hash[HASH(task->pid)]; *link != id;
	     link = &task_at(t, *link)->hash_next)
		;
	*link = task->hash_next;
	for (link = &t->names[name_hash(task->name)]; *link != id;
	     link = &task_at(t, *link)->name_next)
		;
	*link = task->name_next;
	if (task->prev)
		task_at(t, task->prev)->next = task->next;
	else
		t->first = task->next;
	if (task->next)
		task_at(t, task->next)->prev = task->prev;
	else
		t->last = task->prev;
}

static void free_objects(struct tasks *t, struct ctx *ctx, struct task *task,
			 unsigned nr)
{
	while (nr--)
		kmem_free(t->space->kmem, ctx, task->slabs[nr]);
}

/* Slab objects and the kernel stack: all or nothing. */
static int charge_task(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	struct task *task = task_at(t, id);
	unsigned i;
	int r = 0;

	for (i = 0; i < NR_OBJECTS && !r; i++)
		r = kmem_alloc(t->space->kmem, ctx, task_objects[i],
			       &task->slabs[i]);
	if (r) {
		free_objects(t, ctx, task, i - 1);
		return r;
	}
	r = stack_alloc(t->space->kmem, ctx, id, task->stack);
	if (r)
		free_objects(t, ctx, task, NR_OBJECTS);
	return r;
}

int task_new(struct tasks *t, struct ctx *ctx, const char *name,
	     uint32_t parent, bool kthread, uint32_t *ret_task)
{
	struct task *task;
	uint32_t id;
	int r = pool_new(&t->pool, &id);

	if (r)
		return r;
	r = charge_task(t, ctx, id);
	if (r) {
		pool_free(&t->pool, id);
		return r;
	}
	task = task_at(t, id);
	task->pid = task->tgid = new_pid(t);
	if (!task->pid) {
		stack_free(t->space->kmem, ctx, task->stack);
		free_objects(t, ctx, task, NR_OBJECTS);
		pool_free(&t->pool, id);
		return EAGAIN;
	}
	task->ppid = parent;
	task->kthread = kthread;
	task->state = TASK_SLEEPING;
	task->cpu = task->pid % t->nr_cpus;
	task->group = ctx->group;
	task->start_time = t->now;
	strncpy(task->comm, name, COMM_LEN - 1);
	strncpy(task->name, name, COMM_LEN - 1);
	task->cmdline_len = (uint32_t)strlen(name) + 1;
	memcpy(task->cmdline, name, task->cmdline_len);
	group_at(t->space->control, task->group)->nr_tasks++;
	link_task(t, id);
	t->forks++;
	*ret_task = id;
	return 0;
}

/* Children of the dead go to init. */
static void reparent(struct tasks *t, uint32_t pid)
{
	task_for_each (t, id) {
		if (task_at(t, id)->ppid == pid)
			task_at(t, id)->ppid = 1;
	}
}

void task_put_mm(struct tasks *t, struct ctx *ctx, uint32_t mm)
{
	if (!mm || --mm_at(t->space, mm)->users)
		return;
	region_free_all(t, mm);
	heap_drop(t, mm);
	mm_free(t->space, ctx, mm);
	shm_reap(t, ctx);
}

/* task_io_accounting_add() in wait_task_zombie() */
static void reap_io(struct task *to, const struct task *from)
{
	to->rchar += from->rchar;
	to->wchar += from->wchar;
	to->syscr += from->syscr;
	to->syscw += from->syscw;
	to->read_bytes += from->read_bytes;
	to->write_bytes += from->write_bytes;
	to->cancelled_write_bytes += from->cancelled_write_bytes;
}

void task_free(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	struct task *task = task_at(t, id);
	uint32_t parent = task_find(t, task->ppid);

	task_put_mm(t, ctx, task->mm);
	if (task->exe_file)
		file_put(t->space->cache, ctx, task->exe_file);
	task_close_all(t, ctx, id);
	stack_free(t->space->kmem, ctx, task->stack);
	free_objects(t, ctx, task, NR_OBJECTS);
	group_at(t->space->control, task->group)->nr_tasks--;
	if (parent) {
		task_at(t, parent)->cminflt += task->minflt;
		task_at(t, parent)->cmajflt += task->majflt;
		reap_io(task_at(t, parent), task);
	}
	unlink_task(t, id);
	reparent(t, task->pid);
	pool_free(&t->pool, id);
}

/* A fork that will not be finished: its half of the memory goes. What a
 * library call has yet to touch is of no interest any more. */
void actor_abandon(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	actor_close(t, ctx, a);
	hold_drop(t->space->cache, &a->holds);
	if (a->op.code == OP_MALLOC || a->op.code == OP_FREE)
		heap_drop_touches(t, a);
	kernel_abandon(t, ctx, a);
	if (a->op.code == OP_SWAPOFF && a->cursor[0]) {
		swap_off_undo(t->space->cache, a->cursor[0]);
		a->cursor[0] = 0;
	}
	if (a->op.code != OP_FORK || !a->cursor[0])
		return;
	mm_free(t->space, ctx, a->cursor[0]);
	a->cursor[0] = 0;
}

void task_die(struct tasks *t, struct ctx *ctx, uint32_t task, uint32_t except,
	      uint32_t signal)
{
	for (uint32_t id = task_at(t, task)->actors; id;
	     id = actor_at(t, id)->sibling)
		actor_abandon(t, ctx, actor_at(t, id));
	sched_end_all(t, task, except, signal);
	for (uint32_t i = 0; i < t->nr_cpus; i++)
		if (t->cpus[i].last_task == task)
			t->cpus[i].last_task = 0;
	task_free(t, ctx, task);
}

/* A process that could not be made after all: as if never tried. */
static void task_undo(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	uint32_t pid = task_at(t, id)->pid;

	task_free(t, ctx, id);
	t->next_pid = pid;
	t->forks--;
}

/* cursor[0]: the process is there and starts up. */
int op_spawn(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id;
	int r;

	if (a->cursor[0])
		return exec_start(t, ctx, a);
	if (task_named(t, a->op.name))
		return EEXIST;
	r = task_new(t, ctx, a->op.name, 1, false, &id);
	if (r)
		return r;
	r = task_image(t, ctx, id);
	if (r) {
		task_undo(t, ctx, id);
		return r;
	}
	a->ret[0] = task_at(t, id)->pid;
	a->cursor[0] = 1;
	sched_adopt(t, a, id);
	return STEP_MORE;
}

/* The child as a task, its memory not yet copied. */
static int fork_task(struct tasks *t, struct ctx *ctx, struct actor *a,
		     uint32_t *ret_child)
{
	const struct task *p = actor_task(t, a);
	struct task *c;
	uint32_t id;
	int r;

	if (task_named(t, a->op.name))
		return EEXIST;
	r = task_new(t, ctx, a->op.name, p->pid, false, &id);
	if (r)
		return r;
	c = task_at(t, id);
	task_join(t, id, p->group);
	c->uid = p->uid;
	c->oom_score_adj = p->oom_score_adj;
	c->oom_score_adj_min = p->oom_score_adj_min;
	c->exe = p->exe;
	c->policy = p->policy;
	c->il_prev = p->il_prev;
	c->il_weight = p->il_weight;
	c->pinned = p->pinned;
	c->bound = p->bound;
	if (c->pinned || c->bound)
		c->cpu = p->cpu;
	c->exe_file = p->exe_file;
	if (c->exe_file)
		file_get(t->space->cache, c->exe_file);
	r = task_share_files(t, a->task, id);
	if (r) {
		task_undo(t, ctx, id);
		return r;
	}
	*ret_child = id;
	return 0;
}

static void copy_layout(struct mm *to, const struct mm *from)
{
	to->mmap_base = from->mmap_base;
	to->legacy = from->legacy;
	to->task_size = from->task_size;
	to->start_code = from->start_code;
	to->end_code = from->end_code;
	to->start_data = from->start_data;
	to->end_data = from->end_data;
	to->start_brk = from->start_brk;
	to->brk = from->brk;
	to->start_stack = from->start_stack;
	to->arg_start = from->arg_start;
	to->arg_end = from->arg_end;
	to->env_start = from->env_start;
	to->env_end = from->env_end;
	to->rlimit_as = from->rlimit_as;
	to->rlimit_data = from->rlimit_data;
	to->rlimit_stack = from->rlimit_stack;
	to->rlimit_memlock = from->rlimit_memlock;
}

/* cursor[0] the child's mm; pos where its copy stands. */
static int fork_begin_mm(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct space *s = t->space;
	uint32_t mm, from = actor_task(t, a)->mm;
	int r;

	if (task_named(t, a->op.name))
		return EEXIST;
	r = mm_new(s, ctx, &mm);
	if (r)
		return r;
	copy_layout(mm_at(s, mm), mm_at(s, from));
	r = ksm_fork(s, ctx, mm, from);
	if (!r && mm_at(s, from)->bare) {
		uint64_t brk = mm_at(s, mm)->brk;

		r = mm_make_bare(s, ctx, mm);
		mm_at(s, mm)->brk = brk;
		mm_at(s, mm)->mmap_base = mm_at(s, from)->mmap_base;
	}
	if (r) {
		mm_free(s, ctx, mm);
		return r;
	}
	a->cursor[0] = mm;
	a->pos = 0;
	return STEP_MORE;
}

static int fork_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct mm *mm = mm_at(t->space, a->cursor[0]);
	uint32_t child;
	int r = region_copy_all(t, actor_task(t, a)->mm, a->cursor[0]);

	if (!r)
		r = heap_copy(t, actor_task(t, a)->mm, a->cursor[0]);
	if (!r)
		r = fork_task(t, ctx, a, &child);
	if (r) {
		region_free_all(t, a->cursor[0]);
		heap_drop(t, a->cursor[0]);
		return r;
	}
	mm->hiwater_vm = mm->total_vm;
	mm->hiwater_rss = mm_rss(mm);
	task_at(t, child)->mm = a->cursor[0];
	a->ret[0] = task_at(t, child)->pid;
	a->cursor[0] = 0;
	return 0;
}

int op_fork(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r;

	if (!a->cursor[0])
		return fork_begin_mm(t, ctx, a);
	r = mm_fork_step(t->space, ctx, a->cursor[0], actor_task(t, a)->mm,
			 &a->pos);
	if (!r)
		r = fork_end(t, ctx, a);
	/* Waiting repeats the step; an errno undoes the copy. */
	if (r && r < OUTCOME_BASE)
		actor_abandon(t, ctx, a);
	return r;
}

/* vfork and clone: the child lives in the same memory. */
int op_share(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t child;
	int r = fork_task(t, ctx, a, &child);

	if (r)
		return r;
	task_at(t, child)->mm = actor_task(t, a)->mm;
	task_at(t, child)->vforked = a->op.code == OP_VFORK;
	mm_at(t->space, task_at(t, child)->mm)->users++;
	a->ret[0] = task_at(t, child)->pid;
	return 0;
}

/* init ignores signals of its own machine; its exit would be a panic:
 * kernel/signal.c sig_task_ignored(), kernel/exit.c do_exit(). */
static bool is_init(struct tasks *t, const struct actor *a)
{
	return task_at(t, a->task)->pid == 1;
}

int op_exit(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (is_init(t, a))
		return EPERM;
	task_die(t, ctx, a->task, a->self, 0);
	return 0;
}

int op_kill(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (is_init(t, a))
		return EPERM;
	task_die(t, ctx, a->task, a->self,
		 a->op.flags & OPX_VALUE ? (uint32_t)a->op.value : SIGKILL_NR);
	return 0;
}

int op_cpu(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	(void)ctx;
	if (a->op.value >= t->nr_cpus)
		return EINVAL;
	actor_task(t, a)->cpu = (uint32_t)a->op.value;
	actor_task(t, a)->pinned = 1;
	return 0;
}
