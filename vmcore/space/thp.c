// SPDX-License-Identifier: Apache-2.0
/* What may be huge, and the huge zero page (mm/huge_memory.c). */
#include <string.h>

#include "vmcore/space/pgtable.h"

#define ORDERS_ANON 0x3fcu /* THP_ORDERS_ALL_ANON: 2..9 */
#define ORDERS_FILE 0x3feu /* THP_ORDERS_ALL_FILE_DEFAULT, up to a PMD */
#define ORDER_PMD   (1u << HPAGE_ORDER)

#define GFP_TRANSHUGE_LIGHT                                          \
	((GFP_HIGHUSER_MOVABLE | GFP_BIT_COMP | GFP_BIT_NOMEMALLOC | \
	  GFP_BIT_NOWARN) &                                          \
	 ~(uint32_t)(GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM))

void thp_defaults(struct thp *t)
{
	struct khugepaged *k = &t->khugepaged;

	memset(t, 0, sizeof(*t));
	t->defrag = THP_DEFRAG_MADVISE;
	t->zero_page = 1;
	t->shmem = THP_SHMEM_NEVER;
	memset(t->size, THP_SIZE_NEVER, sizeof(t->size));
	memset(t->size_shmem, THP_SIZE_SHMEM_NEVER, sizeof(t->size_shmem));
	t->size[HPAGE_ORDER] = THP_SIZE_INHERIT;
	t->size_shmem[HPAGE_ORDER] = THP_SIZE_SHMEM_INHERIT;
	t->shrink_underused = 1;
	k->defrag = 1;
	k->max_ptes_none = HPAGE_PAGES - 1;
	k->max_ptes_swap = HPAGE_PAGES / 8;
	k->max_ptes_shared = HPAGE_PAGES / 2;
	k->pages_to_scan = HPAGE_PAGES * 8;
	k->scan_sleep_ms = 10000;
	k->alloc_sleep_ms = 60000;
}

void thp_set_size(struct thp *t, unsigned order, enum thp_size_mode mode)
{
	t->size[order] = (uint8_t)mode;
	t->small = 0;
	for (unsigned o = 1; o < HPAGE_ORDER; o++)
		if (t->size[o] != THP_SIZE_NEVER)
			t->small |= 1u << o;
}

void thp_count(struct space *s, unsigned order, enum thp_stat item)
{
	s->thp.stat[order][item]++;
}

/* --- settings ------------------------------------------------------------ */
/* The top-level switch, as "inherit" sees it. */
static bool inherits(const struct thp *t, uint32_t flags)
{
	return t->enabled == THP_ALWAYS ||
	       (t->enabled == THP_MADVISE && (flags & VM_HUGEPAGE));
}

/* thp_vma_allowable_orders(): what the sizes' own settings allow. */
static uint32_t size_orders(const struct thp *t, uint32_t flags)
{
	uint32_t orders = 0;

	for (unsigned o = 0; o <= HPAGE_ORDER; o++) {
		enum thp_size_mode mode = (enum thp_size_mode)t->size[o];

		if (mode == THP_SIZE_ALWAYS ||
		    (mode == THP_SIZE_MADVISE && (flags & VM_HUGEPAGE)) ||
		    (mode == THP_SIZE_INHERIT && inherits(t, flags)))
			orders |= 1u << o;
	}
	return orders & ORDERS_ANON;
}

bool thp_fits(const struct vma *v, uint64_t addr, unsigned order)
{
	uint64_t bytes = (uint64_t)PAGE_SIZE << order;
	uint64_t first = addr & ~(bytes - 1);

	/* thp_vma_suitable_order(): a file lies as it does in its folios. */
	if (v->file &&
	    (((v->start >> PAGE_SHIFT) - v->pgoff) & ((1u << order) - 1)))
		return false;
	return first >= v->start && first + bytes <= v->end;
}

/* The orders of which at least one block lies in @v. */
static uint32_t fitting(const struct vma *v, uint32_t orders)
{
	for (unsigned o = HPAGE_ORDER; o; o--) {
		uint64_t bytes = (uint64_t)PAGE_SIZE << o;

		if ((orders >> o & 1) && v->end > bytes &&
		    thp_fits(v, v->end - bytes, o))
			return orders;
		orders &= ~(1u << o);
	}
	return 0;
}

static const struct inode *inode_of(const struct space *s, const struct vma *v)
{
	return inode_at(s->cache, file_at(s->cache, v->file)->inode);
}

uint32_t thp_orders(const struct space *s, const struct vma *v, uint32_t flags,
		    enum thp_use use)
{
	uint32_t orders = v->file ? ORDERS_FILE : ORDERS_ANON;

	if (!s->paging.thp)
		return 0;
	if (use == THP_FOR_DAEMON || use == THP_FOR_COLLAPSE)
		orders = ORDER_PMD;
	if (!v->file && use != THP_FOR_COLLAPSE)
		orders &= size_orders(&s->thp, flags);
	/* vma_thp_disabled(); VM_NO_KHUGEPAGED */
	if (!orders || flags & VM_NOHUGEPAGE || v->name ||
	    (flags & (VM_SPECIAL_MAP | VM_HUGETLB)))
		return 0;
	if (use != THP_FOR_FAULT)
		orders = fitting(v, orders);
	if (!orders)
		return 0;
	if (v->file &&
	    (inode_of(s, v)->kind != INODE_SHMEM || use == THP_FOR_FAULT))
		return 0;
	/* By the flags it has, not those it is about to get. */
	if (v->file)
		return orders &
		       thp_shmem_orders(s, file_at(s->cache, v->file)->inode, v,
					v->flags, v->pgoff,
					use == THP_FOR_COLLAPSE);
	if (!v->anon_vma && use != THP_FOR_SMAPS && use != THP_FOR_FAULT)
		return 0;
	return orders;
}

/* shmem_get_orders_within_size() */
static uint32_t within_size(const struct inode *inode, uint32_t orders,
			    uint64_t index)
{
	uint64_t pages = (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	for (unsigned o = 1; o <= HPAGE_ORDER; o++) {
		uint64_t end = (index >> o << o) + (1u << o);

		if (end > pages)
			orders &= ~(1u << o);
	}
	return orders;
}

/* shmem_huge_global_enabled(): what the mount says; only the kernel's own,
 * of shared anonymous memory and SysV segments, is ever mounted huge=. */
static uint32_t mount_orders(const struct thp *t, const struct inode *inode,
			     uint32_t flags, uint64_t index, bool force)
{
	bool internal = inode->flags & (INODE_DEVZERO | INODE_SYSV);

	if (t->shmem == THP_SHMEM_DENY)
		return 0;
	if (force || t->shmem == THP_SHMEM_FORCE)
		return ORDER_PMD;
	if (!internal)
		return 0;
	if (t->shmem == THP_SHMEM_ALWAYS)
		return ORDER_PMD;
	if (t->shmem == THP_SHMEM_WITHIN_SIZE &&
	    within_size(inode, ORDER_PMD, index))
		return ORDER_PMD;
	if (t->shmem <= THP_SHMEM_ADVISE && (flags & VM_HUGEPAGE))
		return ORDER_PMD;
	return 0;
}

/* Orders whose own shmem_enabled is @mode. */
static uint32_t shmem_sizes(const struct thp *t, enum thp_size_shmem mode)
{
	uint32_t orders = 0;

	for (unsigned o = 1; o <= HPAGE_ORDER; o++)
		if (t->size_shmem[o] == mode)
			orders |= 1u << o;
	return orders;
}

uint32_t thp_shmem_orders(const struct space *s, uint32_t id,
			  const struct vma *v, uint32_t flags, uint64_t index,
			  bool force)
{
	const struct inode *inode = inode_at(s->cache, id);
	const struct thp *t = &s->thp;
	uint32_t mount, orders;

	if (v && (flags & VM_NOHUGEPAGE) && !force)
		return 0;
	mount = mount_orders(t, inode, flags, index, force);
	if (!v || !(inode->flags & INODE_DEVZERO))
		return mount;
	if (t->shmem == THP_SHMEM_DENY)
		return 0;
	if (t->shmem == THP_SHMEM_FORCE)
		return shmem_sizes(t, THP_SIZE_SHMEM_INHERIT);
	orders = shmem_sizes(t, THP_SIZE_SHMEM_ALWAYS);
	orders |= within_size(inode, shmem_sizes(t, THP_SIZE_SHMEM_WITHIN),
			      index);
	if (flags & VM_HUGEPAGE)
		orders |= shmem_sizes(t, THP_SIZE_SHMEM_ADVISE);
	if (mount)
		orders |= shmem_sizes(t, THP_SIZE_SHMEM_INHERIT);
	return orders & ORDERS_FILE;
}

uint64_t thp_shmem_alignment(const struct space *s, bool internal)
{
	const struct thp *t = &s->thp;
	uint32_t orders;

	if (t->shmem == THP_SHMEM_DENY)
		return 0;
	if (t->shmem == THP_SHMEM_FORCE)
		return HPAGE_SIZE;
	if (!internal)
		return 0;
	orders = shmem_sizes(t, THP_SIZE_SHMEM_ALWAYS) |
		 shmem_sizes(t, THP_SIZE_SHMEM_WITHIN) |
		 shmem_sizes(t, THP_SIZE_SHMEM_ADVISE);
	if (t->shmem != THP_SHMEM_NEVER)
		orders |= shmem_sizes(t, THP_SIZE_SHMEM_INHERIT);
	for (unsigned o = HPAGE_ORDER; o; o--)
		if (orders >> o & 1)
			return (uint64_t)PAGE_SIZE << o;
	return t->shmem != THP_SHMEM_NEVER ? HPAGE_SIZE : 0;
}

bool thp_pmd_enabled(const struct space *s)
{
	const struct thp *t = &s->thp;

	if (t->size[HPAGE_ORDER] == THP_SIZE_INHERIT)
		return t->enabled != THP_NEVER;
	return t->size[HPAGE_ORDER] != THP_SIZE_NEVER;
}

uint32_t thp_gfp(const struct space *s, uint32_t flags)
{
	bool advised = flags & VM_HUGEPAGE;

	switch ((enum thp_defrag)s->thp.defrag) {
	case THP_DEFRAG_ALWAYS:
		return GFP_TRANSHUGE_LIGHT | GFP_BIT_DIRECT_RECLAIM |
		       (advised ? 0 : GFP_BIT_NORETRY);
	case THP_DEFRAG_DEFER:
		return GFP_TRANSHUGE_LIGHT | GFP_BIT_KSWAPD_RECLAIM;
	case THP_DEFRAG_DEFER_MADVISE:
		return GFP_TRANSHUGE_LIGHT | (advised ? GFP_BIT_DIRECT_RECLAIM
						      : GFP_BIT_KSWAPD_RECLAIM);
	case THP_DEFRAG_MADVISE:
		return GFP_TRANSHUGE_LIGHT |
		       (advised ? GFP_BIT_DIRECT_RECLAIM : 0);
	case THP_DEFRAG_NEVER:
		break;
	}
	return GFP_TRANSHUGE_LIGHT;
}

uint32_t thp_collapse_gfp(const struct space *s, bool daemon)
{
	return daemon && !s->thp.khugepaged.defrag
		       ? GFP_TRANSHUGE_LIGHT
		       : GFP_TRANSHUGE_LIGHT | GFP_BIT_DIRECT_RECLAIM;
}

/* --- the huge zero page -------------------------------------------------- */
/* get_huge_zero_folio(): not movable, charged to nobody. */
int thp_zero_get(struct space *s, struct ctx *ctx, uint32_t mm)
{
	uint32_t gfp =
		(GFP_TRANSHUGE_LIGHT | GFP_BIT_DIRECT_RECLAIM | GFP_BIT_ZERO) &
		~(uint32_t)GFP_BIT_MOVABLE;
	pfn_t pfn;
	int r;

	if (mm_at(s, mm)->huge_zero)
		return 0;
	if (!s->thp.zero_pfn) {
		r = page_alloc(s->phys, ctx, HPAGE_ORDER, gfp, &pfn);
		if (r == NEED_MEMORY && ctx->no_huge)
			vmstat_event(&s->phys->stat, THP_ZERO_PAGE_ALLOC_FAILED,
				     1);
		if (r)
			return r;
		frame_set(frame_at(s->phys, pfn), FRAME_ZERO, HPAGE_ORDER,
			  PG_HEAD);
		s->thp.zero_pfn = pfn;
		vmstat_event(&s->phys->stat, THP_ZERO_PAGE_ALLOC, 1);
		ctx_pay(ctx, COST_ZERO_PAGE, HPAGE_PAGES);
	}
	mm_at(s, mm)->huge_zero = 1;
	s->thp.zero_users++;
	return 0;
}

void thp_zero_put(struct space *s, uint32_t mm)
{
	s->thp.zero_users -= mm_at(s, mm)->huge_zero;
	mm_at(s, mm)->huge_zero = 0;
}

uint32_t thp_zero_shrink(struct space *s, struct ctx *ctx)
{
	if (!s->thp.zero_pfn || s->thp.zero_users)
		return 0;
	page_free(s->phys, ctx, s->thp.zero_pfn, HPAGE_ORDER);
	s->thp.zero_pfn = 0;
	return HPAGE_PAGES;
}
