// SPDX-License-Identifier: Apache-2.0
/* Hint faults: do_numa_page() of mm/memory.c, mpol_misplaced() of
 * mm/mempolicy.c, should_numa_migrate_memory() of kernel/sched/fair.c. */
#include "vmcore/memory/numab.h"
#include "vmcore/phys/block.h"
#include "vmcore/phys/tier.h"
#include "vmcore/reclaim/compact.h"

/* alloc_misplaced_dst_folio() */
#define GFP_MISPLACED                                                    \
	((GFP_HIGHUSER_MOVABLE | GFP_BIT_THISNODE | GFP_BIT_NOMEMALLOC | \
	  GFP_BIT_NORETRY | GFP_BIT_NOWARN) &                            \
	 ~(GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM))

/* --- who used a page last ---------------------------------------------------
 */
#define CPUPID_PID(cpupid) ((cpupid) >> 8 & 0xff)
#define CPUPID_CPU(cpupid) ((cpupid)&0xff)
#define CPUPID_SET	   0x10000u

static uint32_t this_cpupid(const struct ctx *ctx)
{
	return CPUPID_SET | (ctx->pid & 0xff) << 8 | ctx->cpu;
}

/* folio_xchg_last_cpupid(); 0: nobody yet, or the field has other uses now. */
static uint32_t exchange(struct frame *f, uint32_t cpupid)
{
	uint32_t last = f->private;

	if (numab_busy(f))
		return 0;
	f->private = cpupid;
	return last & CPUPID_SET ? last : 0;
}

/* folio_use_access_time(): hot or not is what counts for slow memory. */
static bool by_time(const struct phys *p, pfn_t folio)
{
	return p->numa_balancing & NUMAB_TIERING &&
	       !node_is_toptier(p, pfn_node(p, folio));
}

/* folio_xchg_access_time(): how long it was marked. */
static bool hot(const struct fault *f, pfn_t folio)
{
	struct phys *p = f->m->space->phys;
	struct frame *head = frame_at(p, folio);
	uint32_t now = NUMAB_MS(f->ctx->now), since = 0;

	if (!numab_busy(head)) {
		since = now - head->private;
		head->private = now;
	}
	return promotion_due(p, f->ctx->node, 1u << frame_order(head), since,
			     now);
}

/* should_numa_migrate_memory(): at once early in a process's life, later only
 * when the page was used from here twice in a row. */
static bool wanted_here(const struct fault *f, uint32_t last)
{
	const struct phys *p = f->m->space->phys;
	bool mine = last && CPUPID_PID(last) == (f->ctx->pid & 0xff);

	if (f->ctx->numab_early && (!last || mine))
		return true;
	return !last || p->cpu_node[CPUPID_CPU(last)] == f->ctx->node;
}

/* --- does it go? ------------------------------------------------------------
 */
/* Policies of one's own are left in peace, unless they ask for it. */
static bool policy_lets(const struct fault *f)
{
	uint32_t policy = f->vma->policy ? f->vma->policy : f->ctx->policy;

	return !policy || (policy & MPOL_F_BALANCING &&
			   mpol_nodes(policy) >> f->ctx->node & 1);
}

static bool mapped_elsewhere(const struct phys *p, pfn_t folio)
{
	const struct frame *f = frame_at(p, folio);

	for (unsigned i = 0; i < 1u << frame_order(f); i++)
		if (frame_mapcount(f + i) > 1)
			return true;
	return false;
}

/* migrate_misplaced_folio_prepare() */
static bool may_leave(const struct fault *f, pfn_t folio)
{
	const struct phys *p = f->m->space->phys;
	const struct frame *head = frame_at(p, folio);

	if (!(head->word & PG_SWAPBACKED) && frame_type(head) == FRAME_FILE &&
	    (head->word & PG_DIRTY ||
	     (f->vma->flags & VM_EXEC && mapped_elsewhere(p, folio))))
		return false;
	return folio_migratable(f->m->space, folio);
}

/* migrate_misplaced_folio(): to this CPU's node, if that is easily done. */
static int come_here(struct fault *f, pfn_t folio, bool *ret_came)
{
	struct space *s = f->m->space;
	struct vmstat *stat = &s->phys->stat;
	unsigned order = frame_order(frame_at(s->phys, folio));
	uint32_t group = frame_group(frame_at(s->phys, folio));
	bool promoted = by_time(s->phys, folio);
	pfn_t to;
	int r;

	*ret_came = false;
	if (!may_leave(f, folio))
		return 0;
	if (!node_above(s->phys, f->ctx->node, WMARK_HIGH, 1u << order)) {
		if (s->phys->numa_balancing & NUMAB_TIERING)
			promotion_wants_room(s->phys, f->ctx->node);
		return 0;
	}
	r = page_alloc_near(s->phys, f->ctx, order, GFP_MISPLACED, &to);
	if (r < 0)
		return r;
	vmstat_event(stat, r ? PGMIGRATE_FAIL : PGMIGRATE_SUCCESS, 1u << order);
	if (r)
		return 0;
	folio_move(s, f->ctx, folio, to);
	vmstat_event(stat, NUMA_PAGE_MIGRATE, 1u << order);
	group_event(s->control, group, NUMA_PAGE_MIGRATE, 1u << order);
	if (order == HPAGE_ORDER)
		vmstat_event(stat, THP_MIGRATION_SUCCESS, 1);
	if (promoted) {
		group_stat(s->control, group, f->ctx->node, PGPROMOTE_SUCCESS,
			   (int64_t)1 << order);
		if (!numab_busy(frame_at(s->phys, to)))
			frame_at(s->phys, to)->private = 0;
	}
	*ret_came = true;
	return 0;
}

/* --- the fault --------------------------------------------------------------
 */
static void count(struct fault *f, const struct frame *head, bool local)
{
	struct space *s = f->m->space;

	vmstat_event(&s->phys->stat, NUMA_HINT_FAULTS, 1);
	group_event(s->control, frame_group(head), NUMA_HINT_FAULTS, 1);
	if (local)
		vmstat_event(&s->phys->stat, NUMA_HINT_FAULTS_LOCAL, 1);
}

int fault_hint(struct fault *f, uint32_t table, unsigned slot)
{
	struct space *s = f->m->space;
	struct numab_faults *sum = &f->ctx->numab;
	uint64_t *entry = &table_at(s, table)->entry[slot];
	pfn_t folio = folio_head(s->phys, PTE_PFN(*entry));
	struct frame *head = frame_at(s->phys, folio);
	uint32_t pages = 1u << frame_order(head);
	bool local = pfn_node(s->phys, folio) == f->ctx->node, came = false;
	bool slow = by_time(s->phys, folio);
	uint32_t last;
	int r = 0;

	pte_set(s, table, slot, *entry & ~PTE_HINT);
	if (frame_type(head) != FRAME_ANON && frame_type(head) != FRAME_FILE)
		return 0;
	count(f, head, local);
	last = slow ? 0 : exchange(head, this_cpupid(f->ctx));
	if (!local && policy_lets(f) &&
	    (slow ? hot(f, folio) : wanted_here(f, last)))
		r = come_here(f, folio, &came);
	else if (!local)
		sum->stayed += pages;
	sum->local += local ? pages : 0;
	sum->remote += local ? 0 : pages;
	sum->shared += last && CPUPID_PID(last) != (f->ctx->pid & 0xff) ? pages
									: 0;
	sum->came += came ? pages : 0;
	sum->node[pfn_node(s->phys, PTE_PFN(*entry))] += pages;
	return r;
}
