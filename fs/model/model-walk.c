// SPDX-License-Identifier: Apache-2.0
/* model/walk and model/PID/walk: what the hardware does with an address. */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/pgtable.h"

#define LEVELS	    4u
#define GIANT_PAGES (1u << 18)

/* Flat data segments: arch/x86/include/asm/segment.h. */
#define USER_DS	  0x2bu
#define KERNEL_DS 0x18u

#define ADDR_BITS  48u
#define KERNEL_MIN (~0ull << (ADDR_BITS - 1))

#define DIRECT_BITS \
	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_NX)

static struct walk_at *walk_slot(struct world *w, uint32_t pid, vtime_t born)
{
	for (unsigned i = 0; i < WALKS_KEPT; i++)
		if (w->walks[i].pid == pid && w->walks[i].born == born)
			return &w->walks[i];
	return NULL;
}

static vtime_t view_born(const struct view *v)
{
	return v->task ? view_task(v)->start_time : 0;
}

static unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static void put_level(unsigned level, uint64_t addr, const uint64_t *entry,
		      struct outbuf *out)
{
	unsigned index = (unsigned)(addr >> level_shift(level)) & 511;

	out_printf(out, "%s %u ", level_names[level], index);
	if (entry) {
		out_hex(out, *entry, 16);
		out_pte_bits(*entry, out);
	} else {
		out_char(out, '-');
	}
	out_char(out, '\n');
}

static void put_frame(pfn_t pfn, uint64_t addr, struct outbuf *out)
{
	if (pfn == PFN_NONE) {
		out_str(out, "frame -\nphysical -\n");
		return;
	}
	out_printf(out, "frame %u\nphysical ", pfn);
	out_hex(out, PTE_OF(pfn) | (addr & (PAGE_SIZE - 1)), 1);
	out_char(out, '\n');
}

/* Segments are flat: linear is logical. */
static void put_address(uint64_t addr, unsigned segment, struct outbuf *out)
{
	out_printf(out, "logical %02x:%016llx\nlinear %016llx\n", segment,
		   (unsigned long long)addr, (unsigned long long)addr);
}

/*
 * How the kernel maps all memory (init_memory_mapping()): by the largest pages
 * that lie in one run of it, the first 2 MiB by small ones.
 */
static unsigned direct_level(const struct phys *p, pfn_t pfn)
{
	pfn_t first = pfn & ~(GIANT_PAGES - 1);

	if (pfn < HPAGE_PAGES)
		return 1;
	for (pfn_t i = first; i < first + GIANT_PAGES; i += BLOCK_FRAMES)
		if (!first || i >> MAX_ORDER >= p->nr_blocks ||
		    p->blocks[i >> MAX_ORDER].state == BLOCK_HOLE)
			return 2;
	return 3;
}

static void put_cr3(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = v->task ? view_mm(v) : NULL;

	out_str(out, "cr3 ");
	if (mm && mm->pgd)
		out_hex(out, PTE_OF(table_at(&v->m->space, mm->pgd)->pfn), 16);
	else
		out_char(out, '-');
	out_char(out, '\n');
}

/* The model keeps no tables of the kernel; what it knows is the mapping of all
 * memory. */
static void show_kernel(const struct view *v, uint64_t addr, struct outbuf *out)
{
	const struct kernel_range *r = kernel_range_of(addr);
	const struct phys *p = &v->m->phys;
	uint64_t at = (addr - DIRECT_MAP) >> PAGE_SHIFT;
	pfn_t pfn = PFN_NONE;
	uint64_t entry = 0;
	unsigned leaf = 1;

	if (addr >= DIRECT_MAP && at < p->max_pfn &&
	    p->blocks[at >> MAX_ORDER].state != BLOCK_HOLE) {
		pfn = (pfn_t)at;
		leaf = direct_level(p, pfn);
		entry = DIRECT_BITS | (leaf > 1 ? PTE_HUGE : 0) |
			PTE_OF(pfn & ~((1u << 9 * (leaf - 1)) - 1));
	}
	for (unsigned level = LEVELS; level >= leaf; level--)
		put_level(level, addr, level == leaf && entry ? &entry : NULL,
			  out);
	put_frame(pfn, addr, out);
	out_printf(out, "range %s\nusers", r ? r->name : "-");
	if (pfn != PFN_NONE)
		out_users(v->m, pfn, 0, 0, out);
	else
		out_str(out, " -");
	out_char(out, '\n');
}

/* Area and slot in swap; the place in the file that the address stands for. */
static void put_backing(const struct view *v, uint64_t addr,
			const struct mapped *at, struct outbuf *out)
{
	const struct space *s = &v->m->space;
	const struct inode *inode = NULL;
	const struct vma *vma = NULL;
	uint32_t id = vma_find(s, view_task(v)->mm, addr);

	if (id && vma_at(s, id)->start <= addr)
		vma = vma_at(s, id);
	if (vma)
		inode = vma_inode(v->m, vma);
	out_str(out, "swap ");
	if (pte_swap(at->entry))
		out_printf(out, "%u %u", swp_area(pte_swap(at->entry)),
			   swp_slot(pte_swap(at->entry)));
	else
		out_char(out, '-');
	out_str(out, "\nfile ");
	if (inode) {
		out_inode(inode, out);
		out_char(out, ' ');
		out_dec(out, (vma->pgoff << PAGE_SHIFT) + (addr - vma->start),
			0);
	} else {
		out_char(out, '-');
	}
	out_str(out, "\nvma ");
	if (vma)
		out_vm_flags(vma->flags, ',', out);
	else
		out_char(out, '-');
	out_char(out, '\n');
}

static void show_user(const struct view *v, uint64_t addr, struct outbuf *out)
{
	struct mapped at = { .page = PFN_NONE };
	struct walk w = { .levels = 0 };

	if (!view_mm(v)) {
		put_frame(PFN_NONE, addr, out);
		out_str(out, "swap -\nfile -\nvma -\ntlb miss\nusers -\n");
		return;
	}
	pt_walk(&v->m->space, view_task(v)->mm, addr, &w);
	for (unsigned i = 0; i < w.levels; i++)
		put_level(LEVELS - i, addr, &w.entry[i], out);
	look_mapped(&w, addr, &at);
	put_frame(at.page, addr, out);
	put_backing(v, addr, &at, out);
	/* no TLB keeps entries between accesses */
	out_str(out, "tlb miss\nusers");
	if (at.page != PFN_NONE)
		out_users(v->m, at.page, v->pid, addr & PAGE_MASK, out);
	else
		out_str(out, " -");
	out_char(out, '\n');
}

static int show_walk(const struct view *v, struct outbuf *out)
{
	const struct walk_at *slot = walk_slot(v->w, v->pid, view_born(v));
	uint64_t addr = slot ? slot->addr : 0;
	bool kernel = addr >= KERNEL_MIN;

	put_address(addr, kernel ? KERNEL_DS : USER_DS, out);
	put_cr3(v, out);
	if (kernel) {
		show_kernel(v, addr, out);
	} else if (addr >> (ADDR_BITS - 1)) {
		out_str(out, "fault not canonical\n");
	} else if (v->task) {
		show_user(v, addr, out);
	} else {
		out_str(out, "fault not a kernel address\n");
	}
	return 0;
}

static long store_walk(const struct view *v, const char *text, size_t len)
{
	struct walk_at *slot = walk_slot(v->w, v->pid, view_born(v));
	uint64_t addr;
	int err = parse_number(text, len, 16, &addr);

	if (err)
		return err;
	if (!slot) {
		/* the first one is always model/walk's */
		slot = &v->w->walks[1 + v->w->next_walk];
		v->w->next_walk = (v->w->next_walk + 1) % (WALKS_KEPT - 1);
	}
	*slot = (struct walk_at){ v->pid, view_born(v), addr };
	return (long)len;
}

const struct fsnode model_walk_nodes[] = {
	MODEL_ASK("walk", show_walk, store_walk),
	MODEL_ASK("$pid/walk", show_walk, store_walk),
};
const unsigned nr_model_walk_nodes = ARRAY_SIZE(model_walk_nodes);
