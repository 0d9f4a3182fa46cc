/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SPACE_H
#define VMCORE_SPACE_H

#include "vmcore/cache/cache.h"
#include "vmcore/space/ksm.h"
#include "vmcore/space/paging.h"
#include "vmcore/space/thp.h"
#include "vmcore/space/tlb.h"

/*
 * DOC: address spaces: mm, VMAs, page tables, reverse mapping.
 *
 * Models:  mm/mmap.c, mm/vma.c, mm/memory.c (tables), mm/rmap.c of 6.18.
 * Owns:    mms, VMAs, anon_vmas and their chains, table descriptors.
 * Units:   addresses are bytes; sizes say pages or bytes.
 * Order:   VMAs by address; reverse maps by interval tree.
 * Omits:   userfaultfd, protection keys, soft-dirty.
 */
#define STACK_GUARD_GAP (256ull << PAGE_SHIFT)

/* VMA flags: include/linux/mm.h values */
#define VM_READ	       0x1u
#define VM_WRITE       0x2u
#define VM_EXEC	       0x4u
#define VM_SHARED      0x8u
#define VM_MAYREAD     0x10u
#define VM_MAYWRITE    0x20u
#define VM_MAYEXEC     0x40u
#define VM_MAYSHARE    0x80u
#define VM_GROWSDOWN   0x100u
#define VM_PFNMAP      0x400u
#define VM_LOCKED      0x2000u
#define VM_IO	       0x4000u
#define VM_SEQ_READ    0x8000u
#define VM_RAND_READ   0x10000u
#define VM_DONTCOPY    0x20000u
#define VM_DONTEXPAND  0x40000u
#define VM_LOCKONFAULT 0x80000u
#define VM_ACCOUNT     0x100000u
#define VM_NORESERVE   0x200000u
#define VM_HUGETLB     0x400000u
#define VM_WIPEONFORK  0x2000000u
#define VM_DONTDUMP    0x4000000u
#define VM_MIXEDMAP    0x10000000u
#define VM_HUGEPAGE    0x20000000u
#define VM_NOHUGEPAGE  0x40000000u
#define VM_MERGEABLE   0x80000000u
#define VM_ACCESS      (VM_READ | VM_WRITE | VM_EXEC)
#define VM_SPECIAL_MAP (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#define VM_MAYALL      (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

/* what a VMA is called in maps when it has no file */
enum vma_name { VMA_PLAIN, VMA_VDSO, VMA_VVAR, VMA_VVAR_VCLOCK };

struct vma {
	uint64_t start, end; /* bytes */
	uint64_t pgoff; /* pages; anonymous: start >> 12 at creation */
	uint64_t max_last; /* i_mmap: largest last page in the subtree */
	uint32_t flags; /* VM_* */
	uint32_t mm;
	uint32_t file; /* open file, 0 anonymous */
	uint32_t anon_vma; /* 0: never written privately */
	uint32_t chain; /* its anon_vma_chains, newest first */
	uint32_t name; /* enum vma_name */
	uint32_t policy; /* mempolicy, 0 the task's */
	uint32_t slab;
	uint32_t in_rmap; /* 1: its chains and file know its range */
	uint32_t hugetlb; /* VMA_RESV_*, with VM_HUGETLB */
	uint64_t swap_ra; /* swap readahead by address: swap_in_window() */
	uint32_t leaf, prev, next; /* of the mm: its node, its neighbours */
	uint32_t spare;
	struct tree_node by_pgoff; /* in inode.mmap_root */
};

/* VMAs of an mm by address, or nodes of them. */
#define VMA_FAN 16u
struct vma_node {
	uint32_t parent; /* 0: the root */
	uint16_t nr, leaf; /* slots in use; they are VMAs */
	uint32_t kid[VMA_FAN];
	/* leaf: where it starts; else none of it starts before, all in the
	 * slot before do ([0]: as the node) */
	uint64_t low[VMA_FAN];
	/* leaf: bytes free below it, down to its neighbour; else the largest
	 * of these */
	uint64_t gap[VMA_FAN];
};

/* HPAGE_RESV_OWNER: its file's reservation is its own, as it was mapped first;
 * HPAGE_RESV_UNMAPPED: that one took a page away from it. */
#define VMA_RESV_OWNER	  1u
#define VMA_RESV_UNMAPPED 2u

struct anon_vma {
	uint32_t root, parent;
	uint32_t nr_children; /* anon_vmas below it (kernel's num_children) */
	uint32_t nr_active_vmas; /* VMAs whose anon_vma it is */
	uint32_t refs; /* chains and children */
	uint32_t chains; /* interval tree of chains */
	uint64_t base; /* page index that frame.index counts from */
	uint32_t slab, nr_pages; /* frames owned */
};

struct anon_vma_chain {
	uint32_t vma, anon_vma;
	uint32_t next; /* of the VMA */
	uint32_t slab;
	struct tree_node node;
	uint64_t max_last;
};

/* Page-table entries: x86-64 bits. Not present and not 0: a swap entry. */
#define PTE_PRESENT  0x1ull
#define PTE_WRITE    0x2ull
#define PTE_USER     0x4ull
#define PTE_ACCESSED 0x20ull
#define PTE_DIRTY    0x40ull
#define PTE_HUGE     0x80ull
#define PTE_SHARED   0x200ull /* software bit: others may map the page too */
#define PTE_HINT     0x400ull /* software bit: faults as if PROT_NONE */
#define PTE_SPECIAL  0x800ull /* software bit: no page to speak of (pfnmap) */
#define PTE_NX	     0x8000000000000000ull
#define PTE_PFN(pte) ((pfn_t)(((pte)&0x000ffffffffff000ull) >> PAGE_SHIFT))
#define PTE_OF(pfn)  ((uint64_t)(pfn) << PAGE_SHIFT)

/* A page-table page: its frame, what its entries sum up to, the entries.
 * Level 1 holds PTEs, the machine's last one is the PGD (struct paging). */
struct table {
	uint32_t mm;
	uint32_t pfn;
	uint32_t parent; /* table above, 0 for the PGD */
	uint16_t level;
	uint16_t slot; /* index in the parent */
	/* of the entries; level 2: of its huge ones, but nr_used of all */
	uint16_t nr_used; /* not empty */
	uint16_t nr_present;
	uint16_t nr_swap;
	uint16_t nr_shared; /* PTE_SHARED */
	uint16_t nr_anon, nr_file, nr_shmem;
	uint16_t nr_dirty, nr_young;
	uint16_t nr_zero;
	uint16_t pinned; /* a bare image's table: kept until exit */
	/* level 2: the tables deposited for its huge entries, newest first;
	 * deposited: the next of them */
	uint32_t deposit;
	uint64_t entry[]; /* struct paging: slots */
};

enum rss { RSS_ANON, RSS_FILE, RSS_SHMEM, RSS_SWAP, NR_RSS };

struct mm {
	uint32_t users; /* tasks */
	uint32_t pgd; /* table of the last level */
	uint32_t vmas; /* root of its vma_nodes */
	uint32_t map_count;
	uint32_t highest_vma, spare;
	/* names a script gave, of the task floor: list, trees by name and by
	 * the address of what they mean */
	uint32_t regions, regions_last, region_names, region_pieces;
	uint32_t group;
	uint32_t slab, def_flags; /* def_flags: mlockall(MCL_FUTURE) */
	uint32_t last_vma; /* find_vma cache */
	uint32_t last_leaf; /* table of level 1 last used, and its address */
	uint64_t last_leaf_addr;
	uint64_t task_size, mmap_base; /* bytes */
	uint64_t start_code, end_code, start_data, end_data;
	uint64_t start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t total_vm, data_vm, exec_vm, stack_vm, locked_vm, pinned_vm;
	uint64_t hiwater_vm, hiwater_rss; /* pages */
	int64_t rss[NR_RSS]; /* pages */
	uint64_t hugetlb_pages; /* 4 KiB units */
	uint64_t ksm_merging_pages, ksm_rmap_items;
	int64_t ksm_zero_pages; /* entries that KSM led to the zero page */
	uint32_t ksm_slot, ksm_spare; /* 0: nothing of it is mergeable */
	uint64_t pgtables_bytes; /* PTE, PMD and PUD tables */
	uint64_t rlimit_as, rlimit_data, rlimit_stack, rlimit_memlock;
	uint32_t bare; /* spawn = bare: exe tables stay until exit */
	uint32_t asid;
	uint32_t scan_next, scan_prev; /* khugepaged's list */
	uint32_t scanned; /* on it (MMF_VM_HUGEPAGE) */
	uint32_t scan_slab; /* its mm_slot object */
	uint32_t huge_zero; /* has mapped the huge zero page */
	uint32_t heap; /* chunks of its malloc(): of the task floor */
	uint32_t legacy; /* mappings go upwards from mmap_base */
	uint64_t cpus; /* bit a CPU that has it loaded (TLB) */
	/* NUMA balancing: where the next scan begins, and when; passes */
	uint64_t numa_scan_offset;
	vtime_t numa_next_scan;
	uint32_t numa_scan_seq, numa_spare;
};

/* A table of level 1 or 2 that was found not long ago (pt_find()). They are no
 * state: not saved, not in the digest. */
#define PT_MEMO 4096u
struct pt_memo {
	uint64_t place; /* pt_place() */
	uint32_t pgd, table;
};

struct space {
	struct host *host;
	struct phys *phys;
	struct control *control;
	struct kmem *kmem;
	struct cache *cache;
	struct pool mms, vmas, vma_nodes, anon_vmas, chains, tables;
	struct pool ksm_slots, ksm_items, ksm_nodes;
	struct pool ksm_tree; /* xarray nodes of both trees */
	struct paging paging; /* the machine's row */
	struct tlb tlb; /* off: nothing of it is used */
	struct pt_memo *memo; /* by place: PT_MEMO; a look may change it */
	/* knobs, rows in space_knobs[] */
	int32_t max_map_count, legacy_va_layout;
	int32_t mmap_rnd_bits, mmap_rnd_compat_bits, randomize_va_space;
	uint64_t mmap_min_addr;
	uint64_t rng;
	struct thp thp;
	struct ksm ksm;
};

extern const struct knob space_knobs[];
extern const unsigned nr_space_knobs;

int space_init(struct space *s, struct host *host, struct cache *cache,
	       uint64_t seed);
/* Other than four levels: before the first address space. */
void space_set_paging(struct space *s, enum paging_kind kind);
void space_fini(struct space *s);
int space_archive(struct space *s, struct archive *a);
/* Recount one mm (each once), adding up mappings and tables; then the frames
 * against those sums. */
void space_check_mm(const struct space *s, uint32_t mm, check_report *report,
		    void *arg, uint64_t *maps, uint64_t *tables);
void space_check_frames(const struct space *s, check_report *report, void *arg,
			uint64_t maps, uint64_t tables);
/* The sum of swap_mark() over the swap entries of @mm. */
uint64_t space_swap_marks(const struct space *s, uint32_t mm);
/* Frames that some page table maps. */
uint64_t space_user_pages(const struct space *s);

static inline struct mm *mm_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->mms, id);
}
static inline struct vma *vma_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->vmas, id);
}
static inline struct vma_node *vma_node_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->vma_nodes, id);
}
static inline struct table *table_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->tables, id);
}
static inline uint64_t vma_pages(const struct vma *v)
{
	return (v->end - v->start) >> PAGE_SHIFT;
}
/* A driver's memory. */
static inline bool vma_is_device(const struct space *s, const struct vma *v)
{
	const struct cache *c = s->cache;

	return v->file &&
	       inode_at(c, file_at(c, v->file)->inode)->kind == INODE_DEVICE;
}
/* Total resident pages. */
static inline uint64_t mm_rss(const struct mm *mm)
{
	return (uint64_t)(mm->rss[RSS_ANON] + mm->rss[RSS_FILE] +
			  mm->rss[RSS_SHMEM]);
}

/* --- VMAs (vma.c) ------------------------------------------------------ */
/* First VMA with end > @addr, 0 none (find_vma()). */
uint32_t vma_find(const struct space *s, uint32_t mm, uint64_t addr);
uint32_t vma_first(const struct space *s, uint32_t mm);
uint32_t vma_last(const struct space *s, uint32_t mm);
uint32_t vma_next(const struct space *s, uint32_t vma);
uint32_t vma_prev(const struct space *s, uint32_t vma);
#define vma_for_each(s, mm, v) \
	for (uint32_t v = vma_first(s, mm); v; v = vma_next(s, v))

/* --- what smaps adds up (smaps.c) -------------------------------------- */
struct smaps {
	uint64_t rss, pss, pss_dirty; /* pss: pages << 12 */
	uint64_t pss_anon, pss_file, pss_shmem;
	uint64_t shared_clean, shared_dirty, private_clean, private_dirty;
	uint64_t referenced, anonymous, ksm, lazyfree; /* pages */
	uint64_t anon_thp, shmem_thp, file_thp;
	uint64_t shared_hugetlb, private_hugetlb;
	uint64_t swap, swap_pss; /* swap_pss: pages << 12 */
	uint64_t pss_locked; /* pages << 12 */
};
/* Add what @vma maps to @sum, exact to the page. */
void smaps_add(const struct space *s, uint32_t vma, struct smaps *sum);
/* Could a huge page be mapped somewhere in it (THPeligible). */
bool vma_thp_eligible(const struct space *s, uint32_t vma);

/* One step of a hardware walk, for model/PID/walk and pagetable. */
struct walk {
	unsigned levels; /* entries read, from the PGD down */
	uint32_t table[5]; /* 0: the PGD ... */
	uint64_t entry[5];
};
void pt_walk(const struct space *s, uint32_t mm, uint64_t addr,
	     struct walk *ret_walk);

#endif
