// SPDX-License-Identifier: Apache-2.0
/* model/walk and model/PID/walk: what the hardware does with an address. */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/pgtable.h"

#include <string.h>

#define GIANT_PAGES (1u << 18)

/* Flat data segments: arch/x86/include/asm/segment.h. */
#define USER_DS	    0x2bu
#define KERNEL_DS   0x18u
#define USER32_DS   0x7bu
#define KERNEL32_DS 0x68u

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

static void put_level(const struct space *s, unsigned level, uint64_t addr,
		      const uint64_t *entry, struct outbuf *out)
{
	out_printf(out, "%s %u ", level_name(s, level),
		   pt_slot(s, addr, level));
	if (entry) {
		out_entry(s, *entry, out);
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
static void put_address(const struct space *s, uint64_t addr, bool kernel,
			struct outbuf *out)
{
	bool long_mode = s->paging.entry_bytes == 8 && s->paging.levels > 3;
	unsigned segment = long_mode ? (kernel ? KERNEL_DS : USER_DS)
				     : (kernel ? KERNEL32_DS : USER32_DS);

	out_printf(out, "logical %02x:", segment);
	out_hex(out, addr, s->paging.digits);
	out_str(out, "\nlinear ");
	out_hex(out, addr, s->paging.digits);
	out_char(out, '\n');
}

/*
 * How the kernel maps all memory (init_memory_mapping()): by the largest pages
 * that lie in one run of it, the first of them by small ones.
 */
static unsigned direct_level(const struct machine *m, pfn_t pfn)
{
	const struct phys *p = &m->phys;
	pfn_t first = pfn & ~(GIANT_PAGES - 1);

	if (pfn < m->space.paging.table_bytes >> PAGE_SHIFT)
		return 1;
	for (pfn_t i = first; i < first + GIANT_PAGES; i += BLOCK_FRAMES)
		if (p->i386 || !first || i >> MAX_ORDER >= p->nr_blocks ||
		    p->blocks[i >> MAX_ORDER].state == BLOCK_HOLE)
			return 2;
	return 3;
}

/* What a kernel address leads to. */
struct kernel_at {
	struct kernel_range range;
	uint64_t entry;
	unsigned leaf;
	pfn_t pfn;
	const char *how; /* virt_to_phys() */
};

/* The mapping of all memory: one subtraction. */
static void look_direct(const struct machine *m, uint64_t addr,
			struct kernel_at *at)
{
	uint64_t pfn = (addr - m->space.paging.direct_map) >> PAGE_SHIFT;
	uint64_t bytes;

	at->how = "subtraction";
	if (pfn >= phys_low_end(&m->phys) ||
	    m->phys.blocks[pfn >> MAX_ORDER].state == BLOCK_HOLE)
		return;
	at->pfn = (pfn_t)pfn;
	at->leaf = direct_level(m, at->pfn);
	bytes = level_bytes(&m->space, at->leaf);
	at->entry = PTE_OF(at->pfn & ~((bytes >> PAGE_SHIFT) - 1)) |
		    (at->leaf > 1 ? PTE_HUGE : 0) | DIRECT_BITS;
}

/* vmalloc_to_page(): each page has an entry of its own. */
static void look_vmalloc(const struct machine *m, uint64_t addr,
			 struct kernel_at *at)
{
	const struct kmem *k = &m->kmem;

	at->how = "table";
	for (uint32_t id = vmalloc_next(k, ID_NONE); id;
	     id = vmalloc_next(k, id)) {
		const struct vmalloc_area *a = vmalloc_at(k, id);
		uint64_t index = (addr - a->start) >> PAGE_SHIFT;

		if (addr < a->start || index >= a->nr_filled)
			continue;
		at->pfn = vmalloc_page(k, id, (uint32_t)index);
		if (at->pfn != PFN_NONE)
			at->entry = PTE_OF(at->pfn) | DIRECT_BITS;
		return;
	}
}

static void put_cr3(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = v->task ? view_mm(v) : NULL;

	out_str(out, "cr3 ");
	if (mm && mm->pgd)
		out_hex(out, PTE_OF(table_at(&v->m->space, mm->pgd)->pfn),
			v->m->space.paging.digits);
	else
		out_char(out, '-');
	out_char(out, '\n');
}

/* The kernel's own tables are no pages of the model: what leads to an entry is
 * not shown. The same for every process. */
static void show_kernel(const struct view *v, uint64_t addr, struct outbuf *out)
{
	struct kernel_at at = { .leaf = 1, .pfn = PFN_NONE, .how = "-" };
	const struct space *s = &v->m->space;

	if (!kernel_range_of(v->m, addr, &at.range))
		at.range.name = "-";
	else if (!strcmp(at.range.name, "direct_map"))
		look_direct(v->m, addr, &at);
	else if (!strcmp(at.range.name, "vmalloc"))
		look_vmalloc(v->m, addr, &at);
	if (!s->paging.nx)
		at.entry &= ~PTE_NX;
	for (unsigned level = s->paging.levels; level >= at.leaf; level--)
		put_level(s, level, addr,
			  level == at.leaf && at.entry ? &at.entry : NULL, out);
	put_frame(at.pfn, addr, out);
	out_printf(out, "range %s\nvirt_to_phys %s\nusers", at.range.name,
		   at.how);
	if (at.pfn != PFN_NONE)
		out_users(v->m, at.pfn, 0, 0, out);
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
	const struct space *s = &v->m->space;
	struct mapped at = { .page = PFN_NONE };
	struct walk w = { .levels = 0 };

	if (!view_mm(v)) {
		put_frame(PFN_NONE, addr, out);
		out_str(out, "swap -\nfile -\nvma -\ntlb miss\nusers -\n");
		return;
	}
	pt_walk(s, view_task(v)->mm, addr, &w);
	for (unsigned i = 0; i < w.levels; i++)
		put_level(s, s->paging.levels - i, addr, &w.entry[i], out);
	look_mapped(s, &w, addr, &at);
	put_frame(at.page, addr, out);
	put_backing(v, addr, &at, out);
	out_str(out, tlb_knows(s, view_task(v)->mm, addr) ? "tlb hit\nusers"
							  : "tlb miss\nusers");
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
	const struct paging *pg = &v->m->space.paging;
	bool kernel = addr >= pg->kernel && addr >> 4 * (pg->digits - 1) < 16;

	put_address(&v->m->space, addr, kernel, out);
	put_cr3(v, out);
	if (kernel) {
		show_kernel(v, addr, out);
	} else if (addr >= pg->span) {
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
