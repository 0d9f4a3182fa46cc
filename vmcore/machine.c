// SPDX-License-Identifier: Apache-2.0
#include "vmcore/machine.h"

#include <errno.h>
#include <string.h>

#include "vmcore/control/lru-gen.h"
#include "vmcore/machine-boot.h"
#include "vmcore/memory/ksm.h"
#include "vmcore/reclaim/compact.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/task/sched.h"

void machine_defaults(struct machine_config *c)
{
	static const uint64_t prices[NR_COSTS] = {
		[COST_SYSCALL] = 150,	   [COST_MINOR_FAULT] = 500,
		[COST_MAJOR_FAULT] = 2000, [COST_COPY_PAGE] = 250,
		[COST_ZERO_PAGE] = 120,	   [COST_SCAN_PAGE] = 100,
		[COST_TLB_MISS] = 20,	   [COST_SWITCH] = 1000,
		[COST_PAGEOUT] = 5000,
	};

	memset(c, 0, sizeof(*c));
	c->phys.memory_bytes = 8ull << 30;
	c->phys.nr_nodes = 1;
	c->phys.nr_cpus = 4;
	c->phys.thp = true;
	c->seed = 1;
	c->btime = 1767225600;
	c->pcid = true;
	c->spawn_full = true;
	c->pid_max = 32768;
	c->first_pid = 300;
	memcpy(c->prices, prices, sizeof(prices));
	memcpy(c->kernel, "6.18.0", sizeof("6.18.0"));
	memcpy(c->hostname, "fauxproc", sizeof("fauxproc"));
	memcpy(c->cpu_model, "fauxproc virtual CPU",
	       sizeof("fauxproc virtual CPU"));
}

static void copy_names(struct machine *m, const struct machine_config *c)
{
	memcpy(m->kernel, c->kernel, sizeof(m->kernel));
	memcpy(m->hostname, c->hostname, sizeof(m->hostname));
	memcpy(m->cpu_model, c->cpu_model, sizeof(m->cpu_model));
	m->btime = c->btime;
	m->la57 = c->la57;
	m->pcid = c->pcid;
}

#define EARLY_OBJECTS 1500u /* pages */

/*
 * What was free when init_user_reserve() ran (subsys_initcall): the first
 * 6 MiB of kernel objects were taken, init memory was not yet given back.
 */
static uint64_t early_free_pages(const struct phys *p)
{
	uint64_t pages = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++)
		pages += p->zones[i].early;
	return pages > 2 * EARLY_OBJECTS ? pages - EARLY_OBJECTS : pages / 2;
}

/* What a kernel uses before the first process, where a profile does not say;
 * never more than a quarter of what a tiny machine has. */
static void usual_boot(const struct machine *m, uint64_t used[3])
{
	uint64_t most = phys_free_pages(&m->phys) * PAGE_SIZE / 4, sum;

	kmem_boot_usual(&m->kmem, &used[0], &used[1], &used[2]);
	sum = used[0] + used[1] + used[2];
	for (unsigned i = 0; i < 3 && sum > most; i++)
		used[i] = used[i] / 1024 * (most / 1024) / (sum / 1024) * 1024;
}

static enum paging_kind paging_kind(const struct machine_config *c)
{
	if (c->phys.i386)
		return c->phys.pae ? PAGING_PAE : PAGING_2_LEVEL;
	return c->la57 ? PAGING_5_LEVEL : PAGING_4_LEVEL;
}

/* Floors from the bottom up. */
static int init_floors(struct machine *m, const struct machine_config *c)
{
	struct ctx ctx = { .prices = m->tasks.prices,
			   .group = GROUP_ROOT,
			   .policy = mpol_boot(&m->phys) };
	uint64_t used[3] = { c->boot_reclaimable, c->boot_unreclaimable,
			     c->boot_other };
	int r = control_init(&m->control, &m->host, &m->phys);

	m->control.v1 = c->cgroup_v1;
	if (!r)
		r = control_set_policy(&m->control, c->policy);
	if (!r)
		r = kmem_init(&m->kmem, &m->host, &m->control);
	if (c->la57)
		kmem_set_la57(&m->kmem);
	if (!r && !c->boot_given)
		usual_boot(m, used);
	if (!r)
		r = kmem_boot(&m->kmem, &ctx, used[0], used[1], used[2]);
	if (r)
		return r;
	control_boot_reserves(&m->control, early_free_pages(&m->phys));
	r = cache_init(&m->cache, &m->host, &m->control, &m->kmem);
	if (!r)
		r = space_init(&m->space, &m->host, &m->cache, c->seed);
	if (!r)
		r = memory_init(&m->memory, &m->space, c->thp);
	space_set_paging(&m->space, paging_kind(c));
	if (!r)
		r = tlb_init(&m->space, c->cpu_model, c->phys.nr_cpus, c->pcid);
	if (!r)
		r = tasks_init(&m->tasks, &m->host, &m->memory,
			       c->phys.nr_cpus);
	if (r)
		return r;
	memcpy(m->tasks.prices, c->prices, sizeof(c->prices));
	memcpy(m->tasks.release, c->kernel, sizeof(m->tasks.release));
	m->tasks.spawn_full = c->spawn_full;
	m->tasks.pid_max = c->pid_max;
	m->tasks.first_pid = (uint32_t)c->first_pid;
	sysfs_later_defaults(&m->sysfs);
	later_knobs_init(&m->sysctl, phys_total_pages(&m->phys),
			 phys_free_pages(&m->phys));
	return 0;
}

int machine_init(struct machine *m, const struct machine_config *c,
		 const char **ret_why)
{
	int r;

	memset(m, 0, sizeof(*m));
	*ret_why = "";
	m->host.limit_bytes = c->max_host_memory;
	copy_names(m, c);
	r = phys_init(&m->phys, &m->host, &c->phys);
	if (r > 0)
		*ret_why = "the zones overlap or do not fit the memory";
	if (!r)
		r = init_floors(m, c);
	if (!r)
		r = machine_boot(m, c, ret_why);
	if (r > 0 && !**ret_why)
		*ret_why = "the machine has too little memory to boot";
	if (r)
		machine_fini(m);
	return r == NEED_MEMORY || r == NEED_CHARGE ? ENOMEM : r;
}

void machine_fini(struct machine *m)
{
	tasks_fini(&m->tasks);
	space_fini(&m->space);
	cache_fini(&m->cache);
	kmem_fini(&m->kmem);
	control_fini(&m->control);
	phys_fini(&m->phys);
}

/* --- operations
 * --------------------------------------------------------------- */
int machine_begin(struct machine *m, const struct op *op, bool async,
		  uint32_t *ret_actor)
{
	return sched_begin(&m->tasks, op, async, ret_actor);
}

bool machine_take(struct machine *m, uint32_t actor,
		  struct op_result *ret_result)
{
	struct actor *a = actor_at(&m->tasks, actor);

	if (a->state != ACTOR_DONE)
		return false;
	ret_result->error = a->result;
	ret_result->pid = a->op.pid;
	ret_result->minflt = a->minflt;
	ret_result->majflt = a->majflt;
	ret_result->killed = a->killed;
	ret_result->ended = a->wake_at;
	ret_result->ret[0] = a->ret[0];
	ret_result->ret[1] = a->ret[1];
	pool_free(&m->tasks.actors, actor);
	return true;
}

/* --- the whole state
 * ------------------------------------------------------------ */
int machine_archive(struct machine *m, struct archive *a)
{
	int r = phys_archive(&m->phys, a);

	if (!r)
		r = control_archive(&m->control, a);
	if (!r)
		r = kmem_archive(&m->kmem, a);
	if (!r)
		r = cache_archive(&m->cache, a);
	if (!r)
		r = space_archive(&m->space, a);
	if (!r)
		r = memory_archive(&m->memory, a);
	if (!r)
		r = tasks_archive(&m->tasks, a);
	if (!r)
		r = archive_bytes(a, &m->sysfs,
				  sizeof(*m) - offsetof(struct machine, sysfs));
	return r;
}

uint64_t machine_digest(const struct machine *m)
{
	struct archive a = { .mode = ARCHIVE_DIGEST };

	/* A digest only reads; the walk is the one that also loads. */
	machine_archive((struct machine *)(uintptr_t)m, &a);
	return a.digest;
}

void machine_check(const struct machine *m, check_report *report, void *arg)
{
	phys_check(&m->phys, report, arg);
	control_check(&m->control, report, arg);
	kmem_check(&m->kmem, report, arg);
	cache_check(&m->cache, report, arg);
	tasks_check(&m->tasks, report, arg);
}

uint64_t machine_user_pages(const struct machine *m)
{
	return space_user_pages(&m->space);
}

/* --- files that act
 * ------------------------------------------------------------- */
int machine_drop_caches(struct machine *m, unsigned bits)
{
	struct ctx ctx = sched_ctx(&m->tasks, 0, 0);

	if (bits < 1 || bits > 4)
		return EINVAL;
	if (bits & 3)
		cache_drop(&m->cache, &ctx, bits & 3);
	if (bits & 2)
		thp_shrink_all(&m->space, &ctx);
	return 0;
}

/* One run of direct reclaim for what @ctx lacks, as far as it goes without
 * waiting: was there progress? A host errno. */
static int reclaim_once(struct machine *m, struct ctx *ctx)
{
	struct direct d;
	int r;

	direct_begin(&m->space, ctx, &ctx->need, &d);
	do
		r = direct_step(&m->space, ctx, &d);
	while (r == STEP_MORE);
	if (r < 0)
		return r;
	return r == 0 && d.scan.nr_reclaimed;
}

/* An operation that a file of the tree begins, until it is done. Return: its
 * result; host errno. */
static int act(struct machine *m, const struct op *op)
{
	struct op_result result;
	uint32_t actor;
	uint32_t told = 0;
	int r = machine_begin(m, op, false, &actor);

	if (r)
		return r;
	do {
		r = machine_run(m, UINT64_MAX, actor, UINT64_MAX);
		told |= m->tasks.told;
	} while (!r && m->tasks.told &&
		 actor_at(&m->tasks, actor)->state != ACTOR_DONE);
	m->tasks.told = told;
	if (r)
		return r;
	if (!machine_take(m, actor, &result))
		return EDEADLK;
	return result.error;
}

int machine_compact(struct machine *m, unsigned node)
{
	struct op op = { .code = OP_COMPACT, .pid2 = node };

	return act(m, &op);
}

int machine_set_hugepages(struct machine *m, enum huge_size size, unsigned node,
			  uint64_t count)
{
	struct op op = { .code = OP_SET_HUGEPAGES,
			 .value = count,
			 .loops = size,
			 .pid2 = node };
	int r = act(m, &op);

	if (r == ENOMEM)
		hugetlb_give_up(&m->cache);
	return r == ENOMEM ? 0 : r;
}

int machine_set_ksm_run(struct machine *m, uint32_t run)
{
	struct ctx ctx = sched_ctx(&m->tasks, 0, 0);
	struct ksm *k = &m->space.ksm;
	int r = 0, more = 1;

	if (k->run == run)
		return 0;
	k->run = run;
	k->wake = 1;
	while (run == KSM_UNMERGE && more > 0 &&
	       (r = ksm_unmerge_all(&m->memory, &ctx)) >= OUTCOME_BASE)
		more = reclaim_once(m, &ctx);
	if (more < 0 || r < 0)
		return more < 0 ? more : r;
	if (r)
		k->run = KSM_STOP;
	return r ? ENOMEM : 0;
}

int machine_empty_ksm(struct machine *m)
{
	struct ctx ctx = sched_ctx(&m->tasks, 0, 0);

	if (m->space.ksm.pages_shared)
		return EBUSY;
	ksm_drop_nodes(&m->space, &ctx);
	return 0;
}

int machine_set_lru_gen(struct machine *m, uint32_t caps)
{
	struct control *c = &m->control;
	int r;

	if (c->policy == POLICY_CLASSIC)
		return EOPNOTSUPP;
	r = gens_switch(c, caps & GEN_CAP_CORE, machine_now(m));
	if (!r)
		c->gen_caps = caps & GEN_CAPS;
	return r;
}

/* Is there such a group, with folios on that node? */
static bool gens_target(const struct machine *m, const struct gen_command *cmd)
{
	uint32_t g = GROUP_ROOT;

	while (g && g != cmd->group)
		g = group_next(&m->control, GROUP_ROOT, g);
	return g && group_online(&m->control, g) &&
	       cmd->node < m->phys.nr_nodes;
}

/* run_aging() */
static int gens_age(struct machine *m, struct ctx *ctx, struct scan *sc,
		    uint64_t seq)
{
	struct lru_gens *g = gens_at(&m->control, sc->memcg, sc->node);

	if (seq != g->max_seq)
		return seq < g->max_seq ? 0 : EINVAL;
	if (m->control.gen_caps & GEN_CAP_WALK)
		while (!mglru_walk(&m->space, ctx, sc))
			;
	while (!gens_grow(&m->control, sc->memcg, sc->node,
			  mglru_swappiness(&m->space, sc), ctx->now))
		;
	return 0;
}

/* run_eviction() */
static int gens_evict(struct machine *m, struct ctx *ctx, struct scan *sc,
		      uint64_t seq, uint64_t nr)
{
	const struct lru_gens *g = gens_at(&m->control, sc->memcg, sc->node);
	unsigned swappiness = mglru_swappiness(&m->space, sc);

	if (seq + MIN_NR_GENS > g->max_seq)
		return EINVAL;
	while (seq >= gens_min(g, swappiness) && sc->list_reclaimed < nr)
		if (!mglru_evict(&m->space, ctx, sc, nr - sc->list_reclaimed))
			break;
	return 0;
}

int machine_lru_gen(struct machine *m, const struct gen_command *cmd)
{
	struct ctx ctx = sched_ctx(&m->tasks, 0, 0);
	struct scan sc = { .who = SCAN_PROACTIVE,
			   .gfp = GFP_KERNEL,
			   .memcg = cmd->group,
			   .node = cmd->node,
			   .highest = MAX_ZONES_PER_NODE - 1,
			   .swappiness = cmd->swappiness,
			   .may_writepage = 1,
			   .may_swap = 1 };

	if (m->control.policy != POLICY_MGLRU || !gens_target(m, cmd))
		return EINVAL;
	ctx.alloc |= ALLOC_MEMALLOC;
	return cmd->evict ? gens_evict(m, &ctx, &sc, cmd->seq, cmd->pages)
			  : gens_age(m, &ctx, &sc, cmd->seq);
}

int machine_set_oom_score_adj(struct machine *m, uint32_t pid, int32_t adj)
{
	uint32_t id = task_find(&m->tasks, pid), mm;

	if (!id)
		return ESRCH;
	if (adj < -1000 || adj > 1000)
		return EINVAL;
	task_at(&m->tasks, id)->oom_score_adj = adj;
	mm = task_at(&m->tasks, id)->mm;
	/* Who shares the memory shares the badness (__set_oom_adj()). */
	task_for_each (&m->tasks, other) {
		if (mm && task_at(&m->tasks, other)->mm == mm)
			task_at(&m->tasks, other)->oom_score_adj = adj;
	}
	return 0;
}

int machine_set_comm(struct machine *m, uint32_t pid, const char *comm)
{
	uint32_t id = task_find(&m->tasks, pid);
	struct task *t;

	if (!id)
		return ESRCH;
	t = task_at(&m->tasks, id);
	memset(t->comm, 0, COMM_LEN);
	for (unsigned i = 0; i < COMM_LEN - 1 && comm[i]; i++)
		t->comm[i] = comm[i];
	return 0;
}

int machine_clear_refs(struct machine *m, uint32_t pid, unsigned what)
{
	uint32_t id = task_find(&m->tasks, pid);

	return id ? task_clear_refs(&m->tasks, id, what) : ESRCH;
}
