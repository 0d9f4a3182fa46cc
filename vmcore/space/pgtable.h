/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PGTABLE_H
#define VMCORE_PGTABLE_H

#include "vmcore/space/space.h"

/*
 * DOC: page tables and the pages they map.
 *
 * Models:  mm/memory.c (tables), mm/rmap.c, arch/x86 paging of 6.18.
 * Owns:    table pages; every entry that maps is written by pte_set() alone.
 * Units:   addresses are bytes, slots count from 0.
 * Order:   by address.
 * Omits:   the kernel half.
 */
static inline unsigned level_shift(const struct space *s, unsigned level)
{
	return PAGE_SHIFT + s->paging.bits * (level - 1);
}
/* What an entry of @level maps. */
static inline uint64_t level_bytes(const struct space *s, unsigned level)
{
	return 1ull << level_shift(s, level);
}
/* What one table of PTEs maps: 2 MiB, or 4 on i386 without PAE. */
static inline uint64_t table_bytes(const struct space *s)
{
	return s->paging.table_bytes;
}
static inline unsigned table_slots(const struct space *s)
{
	return s->paging.slots;
}
/* The slots of @t, which maps memory from @base on, in touch with [@start,
 * @end), which is in touch with that memory. */
static inline void pt_slots(const struct space *s, const struct table *t,
			    uint64_t base, uint64_t start, uint64_t end,
			    unsigned *ret_first, unsigned *ret_last)
{
	unsigned shift = level_shift(s, t->level);
	uint64_t last = (end - 1 - base) >> shift;

	*ret_first = start > base ? (unsigned)((start - base) >> shift) : 0;
	*ret_last = last < table_slots(s) ? (unsigned)last : table_slots(s) - 1;
}
static inline unsigned pt_slot(const struct space *s, uint64_t addr,
			       unsigned level)
{
	return (unsigned)(addr >> level_shift(s, level)) &
	       (s->paging.slots - 1);
}
static inline unsigned pte_slot(const struct space *s, uint64_t addr)
{
	return (unsigned)(addr >> PAGE_SHIFT) & (s->paging.slots - 1);
}
static inline unsigned pmd_slot(const struct space *s, uint64_t addr)
{
	return pt_slot(s, addr, 2);
}

/* Entries of pages in swap: bit 0 is clear, none is 0. PTE_SWP_EXCLUSIVE: the
 * page was this address space's alone (PG_EXCLUSIVE) when it was unmapped, as
 * x86 keeps it. */
#define PTE_SWP_EXCLUSIVE 0x8ull
static inline uint64_t pte_of_swap(swp_t swp)
{
	return (uint64_t)swp << PAGE_SHIFT;
}
/* 0: empty, or a page is there. */
static inline swp_t pte_swap(uint64_t pte)
{
	return pte & PTE_PRESENT ? 0 : (swp_t)(pte >> PAGE_SHIFT);
}

/* The PGD of a new mm. 0, NEED_*, host errno. */
int pgd_new(struct space *s, struct ctx *ctx, uint32_t mm);
/* At the end: whatever is pinned below the PGD; then the PGD too. */
void pgd_empty(struct space *s, struct ctx *ctx, uint32_t mm);
void pgd_free(struct space *s, struct ctx *ctx, uint32_t mm);

/* The table that entry @slot of @t points to, 0 none. */
static inline uint32_t pt_child(const struct space *s, const struct table *t,
				unsigned slot)
{
	uint64_t e = t->entry[slot];

	if (!(e & PTE_PRESENT) || (e & PTE_HUGE))
		return 0;
	return frame_at(s->phys, PTE_PFN(e))->owner;
}
/* Which table of @level, 1 or 2, @addr needs: for struct pt_memo. */
#define PT_PLACE_BITS 60
static inline uint64_t pt_place(const struct space *s, uint64_t addr,
				unsigned level)
{
	return addr >> level_shift(s, level + 1) | (uint64_t)level
							   << PT_PLACE_BITS;
}
static inline struct pt_memo *pt_memo_at(const struct space *s, uint64_t place)
{
	return &s->memo[place % PT_MEMO];
}
uint32_t pt_find_anew(const struct space *s, const struct mm *mm, uint64_t addr,
		      unsigned level);
/* Table of level @level that covers @addr, 0 none. Level 1 holds PTEs. */
static inline uint32_t pt_find(const struct space *s, const struct mm *mm,
			       uint64_t addr, unsigned level)
{
	uint64_t place = pt_place(s, addr, level);
	const struct pt_memo *m = pt_memo_at(s, place);

	return m->pgd == mm->pgd && m->place == place
		       ? m->table
		       : pt_find_anew(s, mm, addr, level);
}
/* The table of @level that covers @addr leaves its place; all may have. */
void pt_forget_one(struct space *s, const struct mm *mm, uint64_t addr,
		   unsigned level);
void pt_forget(struct space *s);
/* What pt_find() remembers in. 0 or a host errno; the end accepts none. */
int pt_memo_new(struct space *s);
void pt_memo_free(struct space *s);
/* It is what is there. */
void pt_check(const struct space *s, check_report *report, void *arg);
/* The host shall fetch what an access by that entry will need. */
static inline void pte_prefetch(const struct table *t, const uint64_t *entry)
{
	__builtin_prefetch(t, 1);
	__builtin_prefetch(entry, 1);
}
/* As pt_find(), made with all above it if missing. 0, NEED_*, host errno. */
int pt_make(struct space *s, struct ctx *ctx, uint32_t mm, uint64_t addr,
	    unsigned level, uint32_t *ret_table);
/* First PTE table at or after @addr and below @end; its base address in
 * @ret_base. 0 none. Huge entries are passed over. */
uint32_t pt_next_leaf(const struct space *s, const struct mm *mm, uint64_t addr,
		      uint64_t end, uint64_t *ret_base);
/* The same, or the table of level 2 whose entry for *@ret_base is huge. */
uint32_t pt_next(const struct space *s, const struct mm *mm, uint64_t addr,
		 uint64_t end, uint64_t *ret_base);
/* The same within @vma; what [@addr, @end) holds only part of is split. */
uint32_t pt_next_whole(struct space *s, struct ctx *ctx, uint32_t vma,
		       uint64_t addr, uint64_t end, uint64_t *ret_base);
/* The entry that maps @addr, 0 none: of a PTE table alone. */
uint64_t pte_get(const struct space *s, const struct mm *mm, uint64_t addr);
/* The entry of level 2 for @addr: 0, that of a table, or a huge one. */
uint64_t pmd_get(const struct space *s, const struct mm *mm, uint64_t addr);
static inline bool pmd_huge(uint64_t pmd)
{
	return (pmd & (PTE_PRESENT | PTE_HUGE)) == (PTE_PRESENT | PTE_HUGE);
}
/* An empty PTE table that no entry points to yet; the same taken back. */
int pt_new_leaf(struct space *s, struct ctx *ctx, uint32_t mm,
		uint32_t *ret_table);
void pt_drop_leaf(struct space *s, struct ctx *ctx, uint32_t table);
/* Put such a table where @addr's entry of @table (level 2) is empty. */
void pt_link_leaf(struct space *s, uint32_t table, uint64_t addr,
		  uint32_t leaf);
/* The empty PTE table of @addr leaves its place: pt_link_leaf() undone. */
void pt_unlink_leaf(struct space *s, uint32_t leaf);

/* The one function that writes an entry of a PTE table, or a huge one: it
 * keeps the table's and the mm's counters. Mapcounts are the caller's. */
void pte_set(struct space *s, uint32_t table, unsigned slot, uint64_t pte);
/* The walker uses an entry of @t, which maps a page and permits it: accessed,
 * and dirty by a @write. */
static inline void pte_use(struct table *t, uint64_t *entry, bool write)
{
	uint64_t add = write ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;

	add &= ~*entry;
	if (!add)
		return;
	t->nr_young = (uint16_t)(t->nr_young + !!(add & PTE_ACCESSED));
	t->nr_dirty = (uint16_t)(t->nr_dirty + !!(add & PTE_DIRTY));
	*entry |= add;
}
/* As pte_set() of @nr empty entries from @slot on for anonymous pages of their
 * own, by frame.next from @first on; @bits are the same for all. */
void pte_fill_anon(struct space *s, uint32_t table, unsigned slot, pfn_t first,
		   unsigned nr, uint64_t bits);
/* The same of one entry of @t, which becomes @pte: all but the page's mapcount
 * and what mm_new_anon() counts for all. */
static inline void pte_new_anon(struct table *t, uint64_t *entry, uint64_t pte)
{
	*entry = pte;
	t->nr_used++;
	t->nr_present++;
	t->nr_anon++;
	t->nr_dirty = (uint16_t)(t->nr_dirty + !!(pte & PTE_DIRTY));
	t->nr_young = (uint16_t)(t->nr_young + !!(pte & PTE_ACCESSED));
}
void mm_new_anon(struct space *s, uint32_t mm, pfn_t first, unsigned nr);
/* The same for the zero page. */
void pte_fill_zero(struct space *s, uint32_t table, unsigned slot, unsigned nr,
		   uint64_t bits);
/* As pte_set() to 0 and rmap_remove() of @nr entries of single anonymous pages
 * that others map too. No TLB may be on. */
void pte_clear_shared(struct space *s, uint32_t table, unsigned slot,
		      unsigned nr);
/* fork(2) of the entries from @slot on, before @end, as far as each maps an
 * anonymous page: read-only and shared in both tables. Return: how many. */
unsigned pte_share_run(struct space *s, uint32_t from, uint32_t to,
		       unsigned slot, unsigned end);
/* With a TLB: an entry of @t is about to become @pte. */
void pte_changed(struct space *s, const struct table *t, unsigned slot,
		 uint64_t pte);

/* Free the tables that lie in [@start, @end) rounded out, as far as they map
 * nothing outside [@floor, @ceiling) (free_pgtables()). */
void pt_free_range(struct space *s, struct ctx *ctx, uint32_t mm,
		   uint64_t start, uint64_t end, uint64_t floor,
		   uint64_t ceiling);
/* Free one empty PTE table (CONFIG_PT_RECLAIM after MADV_DONTNEED). */
void pt_free_leaf(struct space *s, struct ctx *ctx, uint32_t table);

/* --- rmap.c ------------------------------------------------------------ */
/* A page enters (leaves) an address space: mapcount, nr_anon_pages,
 * nr_mapped. @page may be a tail. PMDs: rmap_add_pmd(). */
void rmap_add(struct space *s, pfn_t page);
/* Gone from one address space; the folio stays. */
void rmap_drop(struct space *s, pfn_t page);
/* The same; frees an anonymous folio nobody maps any more. */
void rmap_remove(struct space *s, struct ctx *ctx, pfn_t page);
/* The same of @nr pages of one folio at once: whether it is left partly
 * mapped shows only after all of them. */
void rmap_remove_run(struct space *s, struct ctx *ctx, pfn_t page, unsigned nr);

/* Who maps @page: visit(arg, mm, vma, addr, table, slot) each; false ends.
 * @table may be of level 2: @slot is huge, @addr that of the page. */
typedef bool rmap_visit(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
			uint32_t table, unsigned slot);
void rmap_walk(const struct space *s, pfn_t page, rmap_visit *visit, void *arg);
/* The same of a KSM page (ksm-rmap.c). */
void ksm_rmap_walk(const struct space *s, pfn_t page, rmap_visit *visit,
		   void *arg);
/* The same of a page that was looked for: @at may be NULL (unmap.h). */
struct rmap_spot;
void rmap_walk_at(const struct space *s, pfn_t page, const struct rmap_spot *at,
		  rmap_visit *visit, void *arg);
/* Clear dirty and write bits of all mappings of a file folio before it is
 * written (folio_mkclean()); true if any PTE was dirty. */
bool rmap_clean(struct space *s, pfn_t folio);

/* Page index of @addr in its VMA's object. */
static inline uint64_t vma_index(const struct vma *v, uint64_t addr)
{
	return v->pgoff + ((addr - v->start) >> PAGE_SHIFT);
}

/* --- zap.c, fork.c ------------------------------------------------------- */
#define ZAP_ANON   1u /* private pages */
#define ZAP_FILE   2u /* pages of files */
#define ZAP_TABLES 4u /* free tables that become empty (MADV_DONTNEED) */
/* Unmap [@start, @end) of @vma; the VMA stays. Pages unmapped. */
uint64_t zap_range(struct space *s, struct ctx *ctx, uint32_t vma,
		   uint64_t start, uint64_t end, unsigned what);
/* munmap of [@start, @end), at VMA borders already split, @first the VMA they
 * begin with (0 none): zap, drop VMAs, free tables, uncharge. */
void unmap_range(struct space *s, struct ctx *ctx, uint32_t first,
		 uint64_t start, uint64_t end);
/* Unmap pages >= @first of @inode in all address spaces (truncate). */
void unmap_file(struct space *s, struct ctx *ctx, uint32_t inode,
		uint64_t first, uint64_t last);

/* A new empty address space. 0, NEED_*, host errno. */
int mm_new(struct space *s, struct ctx *ctx, uint32_t *ret_mm);
/* Everything mapped goes, then the mm (exit_mmap()). */
void mm_free(struct space *s, struct ctx *ctx, uint32_t mm);
/* What is left when nobody knows of it any more: the PGD (__mmdrop()). */
void mm_drop(struct space *s, struct ctx *ctx, uint32_t mm);
/* The tables a bare process starts with (INTERFACE.md, spawn = bare). */
int mm_make_bare(struct space *s, struct ctx *ctx, uint32_t mm);
/*
 * One step of dup_mmap(): copies the next VMA or the next table of entries
 * from @src to @dst. @cursor starts at 0 and is the address to go on at.
 * Return: STEP_MORE, 0 when all is copied, ENOMEM, NEED_*, host errno.
 */
int mm_fork_step(struct space *s, struct ctx *ctx, uint32_t dst, uint32_t src,
		 uint64_t *cursor);

#endif
