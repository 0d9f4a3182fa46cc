// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/hugetlb.h"

#define PSS_SHIFT 12

/* smaps_account() and smaps_page_accumulate() of fs/proc/task_mmu.c, of @n
 * pages of a folio that are mapped @maps times each, by one entry or by such
 * ones. */
static void add_pages(struct smaps *m, const struct frame *head, uint32_t maps,
		      uint64_t n, uint64_t pte, bool locked)
{
	bool dirty = (pte & PTE_DIRTY) || (head->word & PG_DIRTY);
	uint64_t pss = n * ((1ull << PSS_SHIFT) / (maps ? maps : 1));

	m->rss += n;
	m->pss += pss;
	if (dirty)
		m->pss_dirty += pss;
	if (locked)
		m->pss_locked += pss;
	if (frame_type(head) == FRAME_ANON) {
		m->anonymous += n;
		m->pss_anon += pss;
		if (!(head->word & PG_SWAPBACKED) && !dirty)
			m->lazyfree += n;
		if (head->word & PG_KSM)
			m->ksm += n;
	} else if (head->word & PG_SWAPBACKED) {
		m->pss_shmem += pss;
	} else {
		m->pss_file += pss;
	}
	if ((pte & PTE_ACCESSED) || (head->word & PG_REFERENCED))
		m->referenced += n;
	if (maps > 1)
		*(dirty ? &m->shared_dirty : &m->shared_clean) += n;
	else
		*(dirty ? &m->private_dirty : &m->private_clean) += n;
}

/* A slot that others refer to as well is shared by them. */
static void add_swap(const struct space *s, struct smaps *m, uint64_t pte)
{
	uint32_t users = swap_count(s->cache, pte_swap(pte));

	m->swap++;
	m->swap_pss += (1ull << PSS_SHIFT) / (users ? users : 1);
}

static void add_table(const struct space *s, const struct vma *v, uint32_t id,
		      uint64_t base, struct smaps *m)
{
	const struct table *t = table_at(s, id);
	unsigned i = v->start > base ? pte_slot(s, v->start) : 0;
	unsigned last = v->end >= base + table_bytes(s) ? table_slots(s)
							: pte_slot(s, v->end);

	for (; i < last; i++) {
		uint64_t pte = t->entry[i];
		const struct frame *page, *head;

		if (!(pte & PTE_PRESENT)) {
			if (pte)
				add_swap(s, m, pte);
			continue;
		}
		page = frame_at(s->phys, PTE_PFN(pte));
		/* vm_normal_page() */
		if (frame_type(page) == FRAME_ZERO || pte & PTE_SPECIAL)
			continue;
		head = frame_type(page) == FRAME_TAIL
			       ? frame_at(s->phys, page->owner)
			       : page;
		add_pages(m, head, frame_mapcount(page), 1, pte,
			  v->flags & VM_LOCKED);
	}
}

/* Which tables need no walk: all of it is this VMA's, nothing in it can be
 * mapped elsewhere, every entry is an anonymous dirty page. */
static bool add_whole(const struct space *s, const struct vma *v, uint32_t id,
		      uint64_t base, struct smaps *m)
{
	const struct table *t = table_at(s, id);
	uint64_t n = t->nr_anon;

	if (v->start > base || v->end < base + table_bytes(s) || t->nr_shared ||
	    t->nr_swap || t->nr_file || t->nr_shmem || t->nr_dirty != n ||
	    t->nr_young != n || t->nr_zero)
		return false;
	m->rss += n;
	m->pss += n << PSS_SHIFT;
	m->pss_dirty += n << PSS_SHIFT;
	m->pss_anon += n << PSS_SHIFT;
	m->anonymous += n;
	m->referenced += n;
	m->private_dirty += n;
	if (v->flags & VM_LOCKED)
		m->pss_locked += n << PSS_SHIFT;
	return true;
}

/* What shared memory has in swap (smap_gather_stats()); where the VMA may have
 * copies of its own, only what it has not mapped counts. */
static void add_shmem_swap(const struct space *s, const struct vma *v,
			   struct smaps *m)
{
	const struct cache *c = s->cache;
	uint32_t id = v->file ? file_at(c, v->file)->inode : 0;
	uint64_t i = v->pgoff, end = v->pgoff + vma_pages(v);
	swp_t swp;

	if (!id || inode_at(c, id)->kind != INODE_SHMEM ||
	    !inode_at(c, id)->swapped)
		return;
	if ((v->flags & VM_SHARED) || !(v->flags & VM_WRITE)) {
		m->swap += shmem_swapped(c, id, i, end);
		return;
	}
	for (; (i = shmem_next_swap(c, id, i, end, &swp)) != UINT64_MAX; i++)
		if (!pte_get(s, mm_at(s, v->mm),
			     v->start + ((i - v->pgoff) << PAGE_SHIFT)))
			m->swap++;
}

/* How many pages of a huge one, from @first on, are mapped as often. Who has it
 * alone has all of it. */
static unsigned alike(const struct frame *head, unsigned first)
{
	uint32_t maps = frame_mapcount(head + first);
	unsigned i = first + 1;

	if (frame_type(head) == FRAME_ANON && head->word & PG_EXCLUSIVE)
		return HPAGE_PAGES;
	while (i < HPAGE_PAGES && frame_mapcount(head + i) == maps)
		i++;
	return i - first;
}

/* smaps_pmd_entry() */
static void add_huge(const struct space *s, const struct vma *v, uint64_t pmd,
		     struct smaps *m)
{
	const struct frame *head = frame_at(s->phys, PTE_PFN(pmd));

	if (frame_type(head) == FRAME_ZERO)
		return;
	if (frame_type(head) == FRAME_ANON)
		m->anon_thp += HPAGE_PAGES;
	else if (head->word & PG_SWAPBACKED)
		m->shmem_thp += HPAGE_PAGES;
	else
		m->file_thp += HPAGE_PAGES;
	for (unsigned i = 0, n; i < HPAGE_PAGES; i += n) {
		n = alike(head, i);
		add_pages(m, head, frame_mapcount(head + i), n, pmd,
			  v->flags & VM_LOCKED);
	}
}

void smaps_add(const struct space *s, uint32_t vma, struct smaps *sum)
{
	const struct vma *v = vma_at(s, vma);
	const struct mm *mm = mm_at(s, v->mm);
	uint64_t at = v->start, base = 0;
	uint32_t t;

	if (v->flags & VM_HUGETLB) {
		huge_smaps(s, v, sum);
		return;
	}
	add_shmem_swap(s, v, sum);
	for (; (t = pt_next(s, mm, at, v->end, &base)) != 0;
	     at = base + table_bytes(s))
		if (table_at(s, t)->level > 1)
			add_huge(s, v, table_at(s, t)->entry[pmd_slot(s, base)],
				 sum);
		else if (!add_whole(s, v, t, base, sum))
			add_table(s, v, t, base, sum);
}

bool vma_thp_eligible(const struct space *s, uint32_t vma)
{
	const struct vma *v = vma_at(s, vma);

	return thp_orders(s, v, v->flags, THP_FOR_SMAPS);
}
