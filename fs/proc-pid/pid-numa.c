// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/numa_maps: fs/proc/task_mmu.c show_numa_map(). */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/hugetlb.h"

#include <string.h>

/* struct numa_maps: pages of one VMA */
struct numa_sum {
	uint64_t pages, anon, dirty, swapcache, active, writeback;
	uint64_t node[MAX_NODES];
	uint32_t mapcount_max;
	bool private; /* its pages from pools are anonymous memory */
};

/* gather_stats(), for pages that can_gather_numa_stats() */
static void gather(const struct phys *p, uint64_t entry, pfn_t page,
		   uint64_t nr, struct numa_sum *sum)
{
	const struct frame *f;
	uint32_t mapcount;

	if (!(entry & PTE_PRESENT) || entry & PTE_SPECIAL)
		return;
	f = frame_at(p, folio_head(p, page));
	mapcount = frame_mapcount(frame_at(p, page));
	if (frame_type(f) == FRAME_HUGETLB)
		nr = 1; /* gather_hugetlb_stats() */
	else if (frame_type(f) != FRAME_ANON && frame_type(f) != FRAME_FILE &&
		 frame_type(f) != FRAME_VMALLOC)
		return;
	sum->pages += nr;
	if (entry & PTE_DIRTY || f->word & PG_DIRTY)
		sum->dirty += nr;
	if (f->word & PG_SWAPCACHE)
		sum->swapcache += nr;
	if (f->word & (PG_ACTIVE | PG_UNEVICTABLE))
		sum->active += nr;
	if (f->word & PG_WRITEBACK)
		sum->writeback += nr;
	if (frame_type(f) == FRAME_ANON ||
	    (frame_type(f) == FRAME_HUGETLB && sum->private))
		sum->anon += nr;
	if (mapcount > sum->mapcount_max)
		sum->mapcount_max = mapcount;
	sum->node[pfn_node(p, page)] += nr;
}

/* One step of the walk: what a PMD covers. Returns where to go on. */
static uint64_t gather_pmd(const struct machine *m, uint32_t mm, uint64_t addr,
			   uint64_t end, struct numa_sum *sum)
{
	const struct paging *pg = &m->space.paging;
	unsigned down = pg->levels - 1; /* entries read down to the PMD */
	uint64_t next = (addr | (pg->table_bytes - 1)) + 1;
	const struct table *t;
	struct walk w;

	if (next < end)
		end = next;
	pt_walk(&m->space, mm, addr, &w);
	if (w.levels < down) { /* nothing in this GiB, or one page */
		uint64_t e = w.levels == down - 1 ? w.entry[w.levels - 1] : 0;

		if (e & PTE_HUGE)
			gather(&m->phys, e, PTE_PFN(e), 1, sum);
		return ((addr >> 30) + 1) << 30;
	}
	if (w.levels == down) {
		uint64_t e = w.entry[down - 1];

		if (e & PTE_HUGE)
			gather(&m->phys, e, PTE_PFN(e),
			       (unsigned)(pg->table_bytes >> PAGE_SHIFT), sum);
		return next;
	}
	t = table_at(&m->space, w.table[down]);
	for (; addr < end; addr += PAGE_SIZE) {
		uint64_t e = t->entry[addr >> PAGE_SHIFT & (pg->slots - 1)];

		gather(&m->phys, e, PTE_PFN(e), 1, sum);
	}
	return next;
}

/* seq_file_path(m, file, "\n\t= ") */
static void put_file(const struct inode *inode, struct outbuf *out)
{
	out_str(out, " file=");
	for (const char *p = inode->path; *p; p++) {
		if (strchr("\n\t= \\", *p))
			out_printf(out, "\\%03o", (unsigned char)*p);
		else
			out_char(out, *p);
	}
	if (inode->flags & (INODE_UNLINKED | INODE_DEVZERO | INODE_SYSV))
		out_str(out, "\\040(deleted)");
}

static void put_count(struct outbuf *out, const char *name, uint64_t value)
{
	out_str(out, name);
	out_dec(out, value, 0);
}

/* @huge: kB of its huge pages, 0 none. */
static void put_sum(const struct numa_sum *sum, uint64_t huge,
		    struct outbuf *out)
{
	if (!sum->pages)
		return;
	if (sum->anon)
		put_count(out, " anon=", sum->anon);
	if (sum->dirty)
		put_count(out, " dirty=", sum->dirty);
	if (sum->pages != sum->anon && sum->pages != sum->dirty)
		put_count(out, " mapped=", sum->pages);
	if (sum->mapcount_max > 1)
		put_count(out, " mapmax=", sum->mapcount_max);
	if (sum->swapcache)
		put_count(out, " swapcache=", sum->swapcache);
	if (sum->active < sum->pages && !huge)
		put_count(out, " active=", sum->active);
	if (sum->writeback)
		put_count(out, " writeback=", sum->writeback);
	for (unsigned i = 0; i < MAX_NODES; i++) {
		if (!sum->node[i])
			continue;
		put_count(out, " N", i);
		put_count(out, "=", sum->node[i]);
	}
	put_count(out, " kernelpagesize_kB=", huge ? huge : 4);
}

/* mpol_to_str() of the policy in force: the VMA's, the task's, none. */
static void put_policy(struct outbuf *out, uint32_t policy)
{
	static const char *const modes[NR_MPOL_MODES] = {
		[MPOL_DEFAULT] = "default",
		[MPOL_PREFERRED] = "prefer",
		[MPOL_BIND] = "bind",
		[MPOL_INTERLEAVE] = "interleave",
		[MPOL_LOCAL] = "local",
		[MPOL_PREFERRED_MANY] = "prefer (many)",
		[MPOL_WEIGHTED_INTERLEAVE] = "weighted interleave",
	};
	const char *separator = "=";
	uint64_t nodes = mpol_nodes(policy);

	out_char(out, ' ');
	out_str(out, modes[mpol_mode(policy)]);
	if (policy & (MPOL_F_STATIC | MPOL_F_RELATIVE)) {
		out_str(out, policy & MPOL_F_STATIC ? "=static" : "=relative");
		separator = "|";
	}
	if (policy & MPOL_F_BALANCING)
		out_printf(out, "%sbalancing", separator);
	if (!nodes)
		return;
	out_char(out, ':');
	out_list(&nodes, MAX_NODES, out);
}

/* get_vma_policy(): of shared memory what is kept with it. */
static uint32_t policy_of(const struct view *v, const struct vma *vma)
{
	const struct cache *c = &v->m->cache;
	uint32_t inode = vma->file ? file_at(c, vma->file)->inode : 0;
	uint32_t policy = vma->policy;

	if (inode && inode_at(c, inode)->kind == INODE_SHMEM)
		policy = shmem_policy(c, inode, vma->pgoff);
	return policy ? policy : view_task(v)->policy;
}

static int show_numa_maps(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;
	const struct mm *mm = view_mm(v);

	if (!mm)
		return 0;
	vma_for_each (&m->space, view_task(v)->mm, id) {
		const struct vma *vma = vma_at(&m->space, id);
		const struct inode *inode = vma_inode(m, vma);
		struct numa_sum sum = { .private = !(vma->flags & VM_SHARED) };
		bool huge = vma->flags & VM_HUGETLB;

		for (uint64_t addr = vma->start; addr < vma->end;)
			addr = gather_pmd(m, vma->mm, addr, vma->end, &sum);
		out_hex(out, vma->start, 8);
		put_policy(out, policy_of(v, vma));
		if (inode)
			put_file(inode, out);
		else if (vma_is_heap(mm, vma))
			out_str(out, " heap");
		else if (vma_is_stack(mm, vma))
			out_str(out, " stack");
		if (huge)
			out_str(out, " huge");
		put_sum(&sum, huge ? vma_page_kb(&m->space, vma) : 0, out);
		out_char(out, '\n');
	}
	return 0;
}

const struct fsnode pid_numa_nodes[] = {
	PID_FILE("numa_maps", 0444, show_numa_maps, NULL),
};
const unsigned nr_pid_numa_nodes = ARRAY_SIZE(pid_numa_nodes);
