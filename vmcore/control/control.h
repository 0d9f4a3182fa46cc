/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_CONTROL_H
#define VMCORE_CONTROL_H

#include "vmcore/base/pool.h"
#include "vmcore/control/psi.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: memory groups, LRU lists, charges, overcommit.
 *
 * Models:  mm/memcontrol.c, mm/swap.c, mm/mmzone.c, mm/util.c
 *          (__vm_enough_memory), include/linux/memcontrol.h of 6.18.
 * Owns:    groups, lruvecs (one a group and node), Committed_AS.
 * Units:   pages.
 * Order:   lists by arrival; newest at the head, reclaim takes the tail.
 * Omits:   per-CPU charge stocks and LRU batches: exact at once.
 */
enum lru {
	LRU_INACTIVE_ANON,
	LRU_ACTIVE_ANON,
	LRU_INACTIVE_FILE,
	LRU_ACTIVE_FILE,
	LRU_UNEVICTABLE,
	NR_LRU
};

/* The unevictable list only counts: its folios are not linked, as in the
 * kernel; their frame.prev counts the mlocks (lruvec_add_folio()). */
struct lru_list {
	uint32_t head, tail; /* pfn of folio heads, PFN_NONE */
	uint64_t nr; /* pages */
};

struct lruvec {
	struct lru_list list[NR_LRU];
	uint64_t nonresident_age;
	uint64_t anon_cost, file_cost;
	uint64_t refaults[2]; /* snapshots of workingset_activate */
	uint32_t deferred_head, deferred_tail, nr_deferred; /* THP split */
	uint32_t gens; /* its struct lru_gens (lru-gen.h), 0 none */
	/* POLICY_CLASSIC: laundered pages, and what is left to scan (2.6's
	 * nr_scan_active, nr_scan_inactive) */
	struct lru_list clean;
	uint32_t nr_scan[2];
};

/* What memory.events and memory.swap.events count (enum memcg_memory_event). */
enum group_count {
	GROUP_LOW,
	GROUP_HIGH,
	GROUP_MAX,
	GROUP_OOM,
	GROUP_OOM_KILL,
	GROUP_OOM_GROUP_KILL,
	GROUP_SWAP_HIGH, /* memory.swap.events */
	GROUP_SWAP_MAX,
	GROUP_SWAP_FAIL,
	NR_GROUP_COUNTS
};

/* Per-group counters that memory.stat shows and no node counter has. */
struct group {
	uint32_t parent; /* 0 for the root itself */
	uint32_t first_child, next_sibling;
	uint32_t nr_tasks;
	uint64_t own; /* pages charged here, not to a child */
	uint64_t usage, peak; /* pages, children included */
	uint64_t max, high, min, low; /* pages; UINT64_MAX: none */
	uint64_t swap_usage, swap_peak, swap_max, swap_high;
	/* Bytes of kernel objects, unreclaimable and reclaimable (enum
	 * kmem_kind); `own` has their sum, rounded up to pages. */
	uint64_t slab_bytes[2];
	/* Of objects that name it, though it is gone: the group above pays. */
	uint64_t orphan_bytes;
	uint64_t born; /* the how manieth group ever made */
	uint64_t failcnt; /* charges that found it at its max */
	/* memory.events: with those of groups below it, and its own alone */
	uint64_t count[NR_GROUP_COUNTS], count_local[NR_GROUP_COUNTS];
	/* cgroup v1 alone: memory.swappiness, oom_kill_disable, memory.memsw.*,
	 * memory.soft_limit_in_bytes, memory.kmem.max_usage_in_bytes */
	int32_t swappiness;
	uint32_t oom_disabled;
	uint64_t memsw_max, memsw_peak, memsw_failcnt, soft_limit, kmem_peak;
	uint32_t oom_group; /* memory.oom.group: all of it dies */
	uint32_t subtree; /* its children have the controller */
	/* cgroup.max.depth, cgroup.max.descendants; UINT32_MAX: max */
	uint32_t max_depth, max_descendants;
	/* kept for memory.zswap.max, memory.zswap.writeback */
	uint64_t zswap_max;
	uint32_t zswap_writeback;
	uint32_t freeze; /* cgroup.freeze of itself */
	/* cgroup.stat.local: how long it stood still, and since when it does */
	uint64_t frozen_ns, frozen_at;
	/* memory.peak, memory.swap.peak since they were last written: one file
	 * that is open counts anew */
	uint64_t local_peak[2];
	int64_t stat[NR_NODE_STATS]; /* own pages only */
	int64_t node_stat[MAX_NODES][NR_NODE_STATS]; /* the same by node */
	uint64_t event[NR_EVENTS];
	char name[64];
	struct psi psi; /* of its processes and those below */
	struct lruvec lruvec[MAX_NODES];
};

/* Who decides which pages go first: [machine] reclaim, and between the first
 * two sys/kernel/mm/lru_gen/enabled. */
enum policy { POLICY_LRU, POLICY_MGLRU, POLICY_CLASSIC, NR_POLICIES };

/* Bits of sys/kernel/mm/lru_gen/enabled. */
#define GEN_CAP_CORE	1u
#define GEN_CAP_WALK	2u /* age by walking page tables */
#define GEN_CAP_NONLEAF 4u /* skip tables that nothing was used through */
#define GEN_CAPS	7u

/* The states of a page in Linux 2.4: frame_gen() under POLICY_CLASSIC. There
 * both types share the lists of files, but for lruvec.clean; counters stay
 * those of the page's own type. */
enum page_state {
	STATE_FREE, /* of no use to the LRU at any rate */
	STATE_ACTIVE,
	STATE_INACTIVE_DIRTY, /* nobody looked whether it is clean */
	STATE_INACTIVE_CLEAN, /* laundered: can be freed at once */
	NR_PAGE_STATES
};
/* What was last told of a choice of reclaim, packed, and when. */
struct told {
	uint64_t what;
	vtime_t at;
};
/* What POLICY_CLASSIC knows beside the lists. */
struct classic {
	uint32_t prev_priority[MAX_NODES];
	/* pages that went from one state to another; to STATE_FREE: derived,
	 * page_states() */
	uint64_t moved[NR_PAGE_STATES][NR_PAGE_STATES];
};

struct control {
	struct host *host;
	struct phys *phys;
	struct pool groups; /* id 1 is the root */
	uint64_t groups_born;
	int64_t committed; /* Committed_AS, pages */
	uint64_t total_swap_pages, free_swap_pages;
	uint64_t hugetlb_pages; /* all sizes, 4 KiB units */
	/* knobs, rows in control_knobs[] */
	int32_t overcommit_memory, overcommit_ratio;
	uint64_t overcommit_kbytes, user_reserve_kbytes, admin_reserve_kbytes;
	int32_t swappiness;
	uint32_t policy; /* enum policy */
	uint32_t v1; /* memory groups are of cgroup version 1 */
	/* A fault is being handled: what it adds is in use
	 * (lru_gen_in_fault()). Set and cleared within one step. */
	uint32_t in_fault;
	struct classic classic;
	struct told told[MAX_NODES];
	struct pool gens; /* struct lru_gens, while POLICY_MGLRU */
	uint64_t min_ttl_ns; /* lru_gen/min_ttl_ms */
	uint32_t nr_freezing; /* groups whose cgroup.freeze says 1 */
	uint32_t spare;
	uint32_t gen_caps; /* GEN_CAP_*, beside POLICY_MGLRU itself */
};
#define GROUP_ROOT 1u

extern const struct knob control_knobs[];
extern const unsigned nr_control_knobs;
enum control_hook {
	CONTROL_HOOK_NONE,
	CONTROL_HOOK_OVERCOMMIT_RATIO, /* overcommit_kbytes becomes 0 */
	CONTROL_HOOK_OVERCOMMIT_KBYTES,
};
void control_changed(struct control *c, enum control_hook hook);

/*
 * The two reserves of overcommit mode 2 follow from the memory free when the
 * kernel sets them up (init_user_reserve(), init_admin_reserve()): boot calls
 * this once, with the free pages of that moment.
 */
void control_boot_reserves(struct control *c, uint64_t free_pages);

int control_init(struct control *c, struct host *host, struct phys *phys);
/* At boot, when no folio is there yet. 0 or a host errno. */
int control_set_policy(struct control *c, enum policy policy);
void control_fini(struct control *c);
int control_archive(struct control *c, struct archive *a);
void control_check(const struct control *c, check_report *report, void *arg);

/* --- groups ------------------------------------------------------------ */
/*
 * A child of @parent named @name: 1 to 63 bytes, no slash.
 * Return: 0, EINVAL, ENAMETOOLONG, EEXIST, EAGAIN (cgroup.max.*), ENOSPC (too
 * many groups), or a host errno.
 */
int group_new(struct control *c, uint32_t parent, const char *name,
	      uint32_t *ret_group);
/*
 * Remove a group: EBUSY while it has tasks or children. What is charged to it
 * stays so, but kernel objects, which the group above pays for from then on: it
 * becomes nameless and is forgotten when the last page is gone, at the latest
 * when the next group is made (mem_cgroup_css_offline()).
 */
int group_remove(struct control *c, uint32_t group);
/*
 * Its children get the controller, or lose it (cgroup.subtree_control).
 * Return: 0; EBUSY: it has processes, or a child's children have it.
 */
int group_set_subtree(struct control *c, uint32_t group, bool on);
/* Do its processes stand still: its cgroup.freeze, or that of one above? */
bool group_frozen(const struct control *c, uint32_t group);
/* memory.peak and memory.swap.peak since they were written last. */
enum group_peak { PEAK_MEMORY, PEAK_SWAP };
/* Removed, but something is charged to it or one below it. */
bool group_dying(const struct control *c, uint32_t group);
/* Groups below @group that were not removed. */
uint32_t group_descendants(const struct control *c, uint32_t group);
/* By path below the root, "a/b"; "" is the root. ID_NONE: no such group. */
uint32_t group_find(const struct control *c, const char *path);
/* The next group of the tree below @top, parents first, children by age;
 * @group ID_NONE begins. ID_NONE: that was the last. */
uint32_t group_next(const struct control *c, uint32_t top, uint32_t group);
/* Does @group equal @top or lie below it? */
bool group_below(const struct control *c, uint32_t group, uint32_t top);
/*
 * Charge @pages to ctx->group and its ancestors. Reclaim itself
 * (ALLOC_MEMALLOC) may go past a limit.
 * Return: 0, or NEED_CHARGE with ctx->need, nothing charged.
 */
int group_charge(struct control *c, struct ctx *ctx, uint32_t pages);
/* The same of a folio that was asked for with @gfp. ENOMEM: it is one that may
 * be had smaller, and nothing more is done for it (try_charge_memcg()). */
int group_charge_folio(struct control *c, struct ctx *ctx, unsigned order,
		       uint32_t gfp);
void group_uncharge(struct control *c, uint32_t group, uint32_t pages);
/* group_charge() for pages of the kernel's own, which are no pgpgin of the
 * group. */
int group_charge_kernel(struct control *c, struct ctx *ctx, uint32_t pages);
/* How many single pages, @want at most, group_charge() would take without
 * meeting a limit or memory.high; and as many charges at once. */
uint32_t group_room_run(const struct control *c, const struct ctx *ctx,
			uint32_t want);
void group_charge_run(struct control *c, struct ctx *ctx, uint32_t nr);
void group_uncharge_kernel(struct control *c, uint32_t group, uint32_t pages);
/* Would @pages more fit into @group itself? */
bool group_room(const struct control *c, uint32_t group, uint32_t pages);
/* Version 1: memory and swap together; a page that is in both counts once. */
uint64_t group_memsw(const struct control *c, uint32_t group);
/* Pages of kernel objects, stacks and tables of @group and those below. */
uint64_t group_kernel_pages(const struct control *c, uint32_t group);
/* Does it have processes' groups below it alone, and none itself? */
bool group_inner(const struct control *c, uint32_t group);
/*
 * Slots of swap for @pages of @group (mem_cgroup_try_charge_swap()). False:
 * the group or an ancestor may have no more.
 */
bool group_charge_swap(struct control *c, uint32_t group, uint32_t pages);
void group_uncharge_swap(struct control *c, uint32_t group, uint32_t pages);

static inline struct group *group_at(const struct control *c, uint32_t id)
{
	/* The root, which nearly all is of, is the first record. */
	return id <= GROUP_ROOT ? pool_first(&c->groups)
				: pool_at(&c->groups, id);
}

/* Move a per-node counter together with the group's share of it. */
static inline void group_stat_of(struct control *c, struct group *g,
				 unsigned node, enum node_stat item,
				 int64_t delta)
{
	vmstat_node(&c->phys->stat, node, item, delta);
	g->stat[item] += delta;
	g->node_stat[node][item] += delta;
}
static inline void group_stat(struct control *c, uint32_t group, unsigned node,
			      enum node_stat item, int64_t delta)
{
	group_stat_of(c, group_at(c, group), node, item, delta);
}

/* Has it the controller? Every group below one whose subtree has. */
static inline bool group_controlled(const struct control *c, uint32_t id)
{
	return id <= GROUP_ROOT ||
	       group_at(c, group_at(c, id)->parent)->subtree;
}

/* Who pays for the processes of @id: the nearest that has the controller. */
static inline uint32_t group_payer(const struct control *c, uint32_t id)
{
	while (!group_controlled(c, id))
		id = group_at(c, id)->parent;
	return id ? id : GROUP_ROOT;
}

/*
 * What memory.min and memory.low keep of @group's pages when @root, above it
 * or the same, is reclaimed from; 0 of @root itself.
 */
void group_protection(const struct control *c, uint32_t root, uint32_t group,
		      uint64_t *ret_min, uint64_t *ret_low);
/* memory.events of @group and of all above it. */
void group_count(struct control *c, uint32_t group, enum group_count what);

/* mem_cgroup_swappiness(): of its own only in version 1. */
static inline uint32_t group_swappiness(const struct control *c, uint32_t id)
{
	return (uint32_t)(c->v1 && id > GROUP_ROOT ? group_at(c, id)->swappiness
						   : c->swappiness);
}

/* The pressure of @id, whose number is @born; that of the whole machine, @all,
 * for the root; NULL: the group is gone. */
const struct psi *group_psi(const struct control *c, const struct psi *all,
			    uint32_t id, uint64_t born);

/* Not removed yet: a group that shows in the tree. */
static inline bool group_online(const struct control *c, uint32_t id)
{
	return id <= GROUP_ROOT || group_at(c, id)->name[0];
}

/* Who pays for kernel objects that were charged to @id: it or, when it is
 * gone, the group above. */
static inline uint32_t group_kmem_owner(const struct control *c, uint32_t id)
{
	while (!group_online(c, id))
		id = group_at(c, id)->parent;
	return id;
}

/* The pages that kernel objects of @g are charged as. */
static inline uint64_t group_kmem_pages(const struct group *g)
{
	return (g->slab_bytes[0] + g->slab_bytes[1] + PAGE_SIZE - 1) >>
	       PAGE_SHIFT;
}

/* Count an event in the group alone (count_memcg_events()). */
static inline void group_event(struct control *c, uint32_t group,
			       enum event item, uint64_t count)
{
	group_at(c, group)->event[item] += count;
}

/* --- LRU --------------------------------------------------------------- */
/* The list a folio belongs on by its flags (folio_lru_list()). */
enum lru folio_lru(const struct frame *f);
/* The lruvec of a folio, by its group and node. */
struct lruvec *folio_lruvec(const struct control *c, pfn_t folio);
/*
 * Put a folio at the head (tail) of its list; sets PG_LRU. One with
 * PG_MLOCKED goes to the unevictable list and gets PG_UNEVICTABLE.
 */
void lru_add(struct control *c, pfn_t folio);
/* The same of @nr single pages alike in group, zone and flags, none mlocked,
 * from @first on by frame.next. Not with POLICY_CLASSIC. */
void lru_add_run(struct control *c, pfn_t first, uint32_t nr);
void lru_add_tail(struct control *c, pfn_t folio);
/* Take it off; clears PG_LRU. It must be on a list. */
void lru_del(struct control *c, pfn_t folio);
/* The same by who reclaims: with generations it is not active any more. */
void lru_isolate(struct control *c, pfn_t folio);
/* The same of folios from @l's tail on, oldest first, until they have @most
 * pages or one is in a zone of a type above @highest. Not with POLICY_MGLRU.
 * Return: how many. */
uint32_t lru_isolate_run(struct control *c, struct lru_list *l,
			 unsigned highest, uint64_t most, pfn_t *ret_folios,
			 uint64_t *ret_pages);
/* The list that @folio, on the LRU, is counted on. */
enum lru lru_counted(const struct control *c, pfn_t folio);
/* POLICY_CLASSIC: @folio, on no list, can be freed at once. */
void lru_launder(struct control *c, pfn_t folio);
/* Pages in each state, and all that ever went from one to another. */
void page_states(const struct control *c, uint64_t ret_pages[NR_PAGE_STATES],
		 uint64_t ret_moved[NR_PAGE_STATES][NR_PAGE_STATES]);
/* inactive -> active, counting pgactivate (folio_activate()). */
void lru_activate(struct control *c, pfn_t folio);
/* mark_page_accessed(): referenced, then active. */
void lru_mark_accessed(struct control *c, pfn_t folio);
/* MADV_COLD: an active folio to the inactive head, counting pgdeactivate;
 * an inactive one stays where it is (folio_deactivate()). */
void lru_deactivate(struct control *c, pfn_t folio);
/* deferred.c: on the queue of folios to be split, once, and off it. */
void deferred_add(struct control *c, pfn_t folio);
void deferred_del(struct control *c, pfn_t folio);
/* A folio that could not be invalidated: unmapped ones to the inactive tail,
 * or to the head and PG_RECLAIM if still dirty (deactivate_file_folio()). */
void lru_deactivate_file(struct control *c, pfn_t folio);
/* Written back for reclaim: to the inactive tail, counting pgrotated
 * (folio_rotate_reclaimable()). */
void lru_rotate(struct control *c, pfn_t folio);
/* MADV_FREE: to the inactive file list, PG_SWAPBACKED cleared. */
void lru_lazyfree(struct control *c, pfn_t folio);
/*
 * mlock and munlock of a page by one mapping (nr_mlock, unevictable list,
 * events). A folio has as many locks as lru_mlock() calls; the last
 * lru_munlock() makes it evictable.
 */
void lru_mlock(struct control *c, pfn_t folio);
void lru_munlock(struct control *c, pfn_t folio);
/* SHM_LOCK and back: a folio whose mapping is (no longer) unevictable. */
void lru_cull(struct control *c, pfn_t folio);
void lru_rescue(struct control *c, pfn_t folio);
/* The folio on the LRU at @folio became @pages single ones with its flags:
 * all take its place (lru_add_split_folio()). */
void lru_split(struct control *c, pfn_t folio, uint32_t pages);
/* The same of one folio at @part that it has been cut off. */
void lru_split_off(struct control *c, pfn_t folio, pfn_t part);
/* The folio is about to be freed: off its list, no longer active, locked or
 * unevictable (__page_cache_release()). On no list is fine. */
void lru_release(struct control *c, pfn_t folio);
/* nonresident_age of the lruvec and its ancestors: an eviction or activation
 * of @pages (workingset_age_nonresident()). */
void lru_age(struct control *c, uint32_t group, unsigned node, uint64_t pages);

/*
 * For a list that is put in a state, which no kernel does: nothing is counted.
 * The folio is (not) active. Up to @pages pages of the oldest folios of the
 * list @from of @node go to the other list of their kind; pages moved, whole
 * folios only.
 */
void lru_place(struct control *c, pfn_t folio, bool active);
uint64_t lru_shift(struct control *c, unsigned node, enum lru from,
		   uint64_t pages);

/* --- overcommit -------------------------------------------------------- */
/*
 * Commit @pages of private memory; @total_vm of the mm (0: kernel), pages.
 * Return: 0 or ENOMEM (positive), nothing committed.
 */
int commit_charge(struct control *c, uint64_t pages, uint64_t total_vm,
		  bool privileged);
void commit_uncharge(struct control *c, uint64_t pages);
/* CommitLimit, pages. */
uint64_t commit_limit(const struct control *c);

#endif
