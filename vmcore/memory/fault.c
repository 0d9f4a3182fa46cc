// SPDX-License-Identifier: Apache-2.0
#include "vmcore/memory/numab.h"

#include <string.h>

int memory_init(struct memory *m, struct space *space, int thp)
{
	memset(m, 0, sizeof(*m));
	m->space = space;
	space->thp.enabled = thp;
	m->fault_around_bytes = 65536;
	m->next_content = 1;
	return 0;
}

int memory_archive(struct memory *m, struct archive *a)
{
	return archive_bytes(
		a, &m->fault_around_bytes,
		sizeof(*m) - offsetof(struct memory, fault_around_bytes));
}

/* The bits an entry of this VMA has besides the frame (vm_page_prot). */
uint64_t fault_pte_bits(const struct vma *v)
{
	uint64_t bits = PTE_PRESENT | PTE_USER | PTE_ACCESSED;

	return v->flags & VM_EXEC ? bits : bits | PTE_NX;
}

uint32_t policy_enter(struct ctx *ctx, const struct vma *v, uint64_t addr,
		      unsigned order)
{
	uint32_t own = ctx->policy;

	if (v->policy)
		ctx->policy = v->policy;
	ctx->il_index = 1 + (v->pgoff >> order) +
			((addr - v->start) >> (PAGE_SHIFT + order));
	return own;
}

int fault_alloc_policy(struct fault *f, unsigned order, uint32_t gfp,
		       pfn_t *ret_pfn)
{
	uint32_t own = policy_enter(f->ctx, f->vma, f->addr, order);
	int r = page_alloc_policy(f->m->space->phys, f->ctx, order, gfp,
				  ret_pfn);

	policy_leave(f->ctx, own);
	return r;
}

/* A charged, uptodate anonymous frame in no table yet. */
int fault_new_anon(struct fault *f, pfn_t *ret_page)
{
	struct space *s = f->m->space;
	pfn_t pfn;
	int r = group_charge(s->control, f->ctx, 1);

	if (r)
		return r;
	r = fault_alloc(f, 0, GFP_ANON_FAULT, &pfn);
	if (r) {
		group_uncharge(s->control, f->ctx->group, 1);
		return r;
	}
	fault_dress(f, frame_at(s->phys, pfn),
		    (uint32_t)(vma_index(f->vma, f->addr) -
			       anon_vma_at(s, f->vma->anon_vma)->base));
	*ret_page = pfn;
	return 0;
}

/* mlock_vma_folio(): what is mapped whole into a locked VMA leaves the LRU. */
void fault_mlock(struct fault *f, pfn_t folio, unsigned nr)
{
	struct space *s = f->m->space;

	if ((f->vma->flags & VM_LOCKED) &&
	    nr == 1u << frame_order(frame_at(s->phys, folio)))
		lru_mlock(s->control, folio);
}

/* Put a new anonymous page where @f faulted. */
void fault_map_anon(struct fault *f, pfn_t page, uint64_t dirty)
{
	struct space *s = f->m->space;
	uint64_t bits = fault_pte_bits(f->vma) | dirty;

	if (f->vma->flags & VM_WRITE)
		bits |= PTE_WRITE;
	rmap_add(s, page);
	lru_add(s->control, page);
	fault_mlock(f, page, 1);
	pte_set(s, f->table, f->slot, PTE_OF(page) | bits);
}

/* do_anonymous_page(): reads share the zero page, writes get their own. */
static int anonymous(struct fault *f)
{
	struct space *s = f->m->space;
	pfn_t page;
	int r;

	if (f->vma->flags & VM_SHARED)
		return FAULT_SIGBUS;
	if (!(f->flags & FAULT_FLAG_WRITE)) {
		pte_set(s, f->table, f->slot,
			PTE_OF(s->phys->zero_pfn) | fault_pte_bits(f->vma));
		return 0;
	}
	r = anon_vma_prepare(s, f->ctx, f->vma_id);
	if (!r && s->thp.small) {
		r = fault_anon_large(f);
		if (r != FAULT_FALLBACK)
			return r;
		r = 0;
	}
	if (!r)
		r = fault_new_anon(f, &page);
	if (r)
		return r;
	fault_map_anon(f, page, PTE_DIRTY);
	ctx_pay(f->ctx, COST_ZERO_PAGE, 1);
	fault_set_content(f->m, page, f->content);
	return 0;
}

/* A private page nobody else maps any more is written in place; if it has a
 * slot of swap, that must go (wp_can_reuse_anon_folio()). A large folio if all
 * of it is only here. */
static bool reusable(struct fault *f, pfn_t page)
{
	struct space *s = f->m->space;
	const struct frame *p = frame_at(s->phys, page);
	pfn_t folio = folio_head(s->phys, page);
	struct frame *head = frame_at(s->phys, folio);

	if (frame_type(head) != FRAME_ANON || (head->word & PG_KSM))
		return false;
	if (p->word & PG_EXCLUSIVE)
		return true;
	if (!frame_order(head)) {
		if (frame_mapcount(p) != 1)
			return false;
		return !(p->word & PG_SWAPCACHE) ||
		       swap_free_folio(s->cache, f->ctx, page);
	}
	/* Its last page is copied, so that the folio can go. */
	return *folio_nr_mapped(head) > 1 &&
	       (!(head->word & PG_SWAPCACHE) ||
		swap_free_folio(s->cache, f->ctx, folio)) &&
	       !folio_maybe_shared(
		       s, folio, f->vma->mm,
		       f->addr - ((uint64_t)(page - folio) << PAGE_SHIFT));
}

static void reuse(struct fault *f, pfn_t page)
{
	struct space *s = f->m->space;
	struct frame *p = frame_at(s->phys, page);
	uint64_t pte = table_at(s, f->table)->entry[f->slot];

	if (frame_type(frame_at(s->phys, folio_head(s->phys, page))) ==
	    FRAME_ANON) {
		p->word |= PG_EXCLUSIVE;
		pte &= ~PTE_SHARED;
	}
	/* It is this VMA's alone now: move it to its anon_vma. */
	if (frame_type(p) == FRAME_ANON && !frame_order(p)) {
		p->owner = f->vma->anon_vma;
		p->index = (uint32_t)(vma_index(f->vma, f->addr) -
				      anon_vma_at(s, p->owner)->base);
	}
	pte_set(s, f->table, f->slot,
		pte | PTE_WRITE | PTE_DIRTY | PTE_ACCESSED);
	vmstat_event(&s->phys->stat, PGREUSE, 1);
	fault_set_content(f->m, page, f->content);
}

/* wp_page_copy() */
static int copy_on_write(struct fault *f, pfn_t old)
{
	struct space *s = f->m->space;
	const struct frame *o = frame_at(s->phys, old);
	bool zero = frame_type(o) == FRAME_ZERO, counted;
	pfn_t page;
	int r = anon_vma_prepare(s, f->ctx, f->vma_id);

	if (!r)
		r = fault_new_anon(f, &page);
	if (r)
		return r;
	if (o->word & PG_KSM)
		vmstat_event(&s->phys->stat, COW_KSM, 1);
	ctx_pay(f->ctx, zero ? COST_ZERO_PAGE : COST_COPY_PAGE, 1);
	counted = !zero &&
		  !(table_at(s, f->table)->entry[f->slot] & PTE_SPECIAL);
	pte_set(s, f->table, f->slot, 0);
	if (counted) {
		if (f->vma->flags & VM_LOCKED)
			lru_munlock(s->control, folio_head(s->phys, old));
		rmap_remove(s, f->ctx, old);
	}
	fault_map_anon(f, page, PTE_DIRTY);
	fault_set_content(f->m, page, f->content);
	return 0;
}

/* do_wp_page() */
int fault_write_protected(struct fault *f, uint64_t pte)
{
	struct space *s = f->m->space;
	pfn_t page = PTE_PFN(pte);

	if (f->vma->flags & VM_SHARED) {
		pfn_t folio = folio_head(s->phys, page);
		int r = folio_buffers(s->cache, f->ctx, folio);

		if (r)
			return r;
		folio_mark_dirty(s->cache, f->ctx, folio);
		reuse(f, page);
		return 0;
	}
	if (reusable(f, page)) {
		reuse(f, page);
		return 0;
	}
	return copy_on_write(f, page);
}

/* A use that NUMA balancing waited for, then what it would have been. */
static int noticed(struct fault *f)
{
	struct space *s = f->m->space;
	bool write = f->flags & FAULT_FLAG_WRITE;
	int r = fault_hint(f, f->table, f->slot);
	uint64_t pte = table_at(s, f->table)->entry[f->slot];

	if (r)
		return r;
	if (write && !(pte & PTE_WRITE))
		return fault_write_protected(f, pte);
	pte_set(s, f->table, f->slot,
		pte | PTE_ACCESSED | (write ? PTE_DIRTY : 0));
	if (write)
		fault_set_content(f->m, PTE_PFN(pte), f->content);
	return 0;
}

/* handle_pte_fault(), with the table in place. */
static int handle_pte(struct fault *f, uint64_t pte)
{
	if (pte & PTE_HINT)
		return noticed(f);
	if (pte & PTE_PRESENT)
		return fault_write_protected(f, pte);
	if (pte)
		return fault_swap(f, pte);
	if (!f->vma->file)
		return anonymous(f);
	return vma_is_device(f->m->space, f->vma) ? fault_device(f)
						  : fault_file(f);
}

/* __handle_mm_fault() where no table of level 1 is. */
static int handle(struct fault *f)
{
	struct space *s = f->m->space;
	int r = fault_huge(f);

	if (r != FAULT_FALLBACK)
		return r;
	r = pt_make(s, f->ctx, f->vma->mm, f->addr, 1, &f->table);
	if (r)
		return r;
	f->slot = pte_slot(s, f->addr);
	return handle_pte(f, table_at(s, f->table)->entry[f->slot]);
}

/* expand_stack(): @vma grows down to the page of @addr (4.6). */
static int expand_stack(struct fault *f, uint32_t id)
{
	struct space *s = f->m->space;
	struct vma *v = vma_at(s, id);
	struct mm *mm = mm_at(s, v->mm);
	uint64_t start = f->addr & PAGE_MASK;
	uint64_t grow = (v->start - start) >> PAGE_SHIFT;
	uint32_t prev = vma_prev(s, id);

	if (v->end - start > mm->rlimit_stack)
		return FAULT_SIGSEGV;
	if (prev && (vma_at(s, prev)->flags & VM_ACCESS) &&
	    start - vma_at(s, prev)->end < STACK_GUARD_GAP)
		return FAULT_SIGSEGV;
	if (((mm->total_vm + grow) << PAGE_SHIFT) > mm->rlimit_as)
		return FAULT_SIGSEGV;
	if (commit_charge(s->control, grow, mm->total_vm, true))
		return FAULT_SIGSEGV;
	vma_set_range(s, id, start, v->end, v->pgoff - grow);
	return 0;
}

/* vma_find(), which the last one looked for often is. */
static uint32_t lookup(struct space *s, uint32_t id, uint64_t addr)
{
	struct mm *mm = mm_at(s, id);
	const struct vma *v = mm->last_vma ? vma_at(s, mm->last_vma) : NULL;

	if (v && v->mm == id && v->start <= addr && addr < v->end)
		return mm->last_vma;
	mm->last_vma = vma_find(s, id, addr);
	return mm->last_vma;
}

/* The VMA of the access, with the right to make it. */
static int find_vma_for(struct fault *f, uint32_t mm)
{
	struct space *s = f->m->space;
	uint32_t id = f->addr < s->paging.task_size ? lookup(s, mm, f->addr)
						    : 0;
	uint32_t flags;

	if (!id)
		return FAULT_SIGSEGV;
	if (vma_at(s, id)->start > f->addr) {
		int r = vma_at(s, id)->flags & VM_GROWSDOWN
				? expand_stack(f, id)
				: FAULT_SIGSEGV;

		if (r)
			return r;
	}
	flags = vma_at(s, id)->flags;
	if (f->flags & FAULT_FLAG_WRITE	 ? !(flags & VM_WRITE)
	    : f->flags & FAULT_FLAG_EXEC ? !(flags & VM_EXEC)
					 : !(flags & VM_ACCESS))
		return FAULT_SIGSEGV;
	f->vma_id = id;
	f->vma = vma_at(s, id);
	return 0;
}

/* No trap: the walker sets accessed and dirty itself. */
static bool hit(struct fault *f, uint64_t pte)
{
	bool write = f->flags & FAULT_FLAG_WRITE;
	struct table *t;

	if ((pte & (PTE_PRESENT | PTE_HINT)) != PTE_PRESENT ||
	    (write && !(pte & PTE_WRITE)))
		return false;
	t = table_at(f->m->space, f->table);
	pte_use(t, &t->entry[f->slot], write);
	if (write)
		fault_set_content(f->m, PTE_PFN(pte), f->content);
	return true;
}

/* Was there no trap? The entry, where there is a table, in @ret_pte. */
static bool touched(struct fault *f, uint32_t mm, uint64_t *ret_pte)
{
	struct space *s = f->m->space;

	if (f->vma->flags & VM_HUGETLB)
		return fault_hugetlb_hit(f);
	f->table = pt_find(s, mm_at(s, mm), f->addr, 1);
	if (!f->table)
		return fault_huge_hit(f, mm);
	f->slot = pte_slot(s, f->addr);
	*ret_pte = table_at(s, f->table)->entry[f->slot];
	return hit(f, *ret_pte);
}

static int trap(struct fault *f, uint64_t pte)
{
	if (f->vma->flags & VM_HUGETLB)
		return fault_hugetlb(f);
	/* Only anonymous memory has all there is to it in the table. */
	return f->table && !f->vma->file ? handle_pte(f, pte) : handle(f);
}

/* What the exception's error code says, for the kernel's log. */
static int refused(const struct fault *f, uint32_t mm, uint64_t addr)
{
	const struct space *s = f->m->space;
	uint32_t table, code = 4; /* from user mode */

	table = addr < s->paging.task_size ? pt_find(s, mm_at(s, mm), addr, 1)
					   : 0;
	if (addr >= s->paging.task_size ||
	    (table &&
	     (table_at(s, table)->entry[pte_slot(s, addr)] & PTE_PRESENT)))
		code |= 1;
	if (f->flags & FAULT_FLAG_WRITE)
		code |= 2;
	if (f->flags & FAULT_FLAG_EXEC)
		code |= 16;
	f->ctx->fault_addr = addr;
	f->ctx->fault_code = code;
	return FAULT_SIGSEGV;
}

/* The program's access goes through; the kernel's own, for populate, does not
 * go by its addresses. */
static void translated(const struct fault *f, uint32_t mm, uint32_t flags)
{
	struct space *s = f->m->space;

	if (s->tlb.on && !(flags & FAULT_FLAG_POPULATE))
		tlb_use(s, f->ctx, mm, f->addr, flags & FAULT_FLAG_EXEC);
}

int memory_access(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t addr,
		  uint32_t flags, uint32_t content,
		  struct fault_result *ret_fault)
{
	struct fault f = { .m = m,
			   .ctx = ctx,
			   .addr = addr & PAGE_MASK,
			   .flags = flags,
			   .content = content };
	struct fault_result none = { false, false, false };
	uint64_t pte = 0;
	int r;

	/* Without NX an instruction is fetched where data may be read. */
	if (!m->space->paging.nx)
		f.flags &= ~FAULT_FLAG_EXEC;
	r = find_vma_for(&f, mm);
	if (r == FAULT_SIGSEGV)
		return refused(&f, mm, addr);
	if (r)
		return r;
	*ret_fault = none;
	if (touched(&f, mm, &pte)) {
		translated(&f, mm, flags);
		return 0;
	}
	/* Who said how it reads has no claim (vma_has_recency()). */
	m->space->control->in_fault =
		!(f.vma->flags & (VM_RAND_READ | VM_SEQ_READ));
	r = trap(&f, pte);
	m->space->control->in_fault = 0;
	if (r)
		return r;
	ret_fault->faulted = true;
	ret_fault->major = f.major;
	ret_fault->restarted = f.restarted;
	translated(&f, mm, flags);
	vmstat_event(&m->space->phys->stat, PGFAULT, 1);
	group_event(m->space->control, mm_at(m->space, mm)->group, PGFAULT, 1);
	ctx_pay(ctx, f.major ? COST_MAJOR_FAULT : COST_MINOR_FAULT, 1);
	ctx->no_huge = ctx->huge_counted = 0; /* they were this fault's */
	return 0;
}
