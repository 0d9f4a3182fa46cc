// SPDX-License-Identifier: Apache-2.0
/* Who maps a page: found in the page tables, not by the reverse map. */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/pgtable.h"

void look_mapped(const struct space *s, const struct walk *w, uint64_t addr,
		 struct mapped *ret_at)
{
	struct mapped at = { .page = PFN_NONE };

	if (w->levels) {
		at.entry = w->entry[w->levels - 1];
		at.level = s->paging.levels + 1 - w->levels;
	}
	if (at.entry & PTE_PRESENT && at.level == 1)
		at.page = PTE_PFN(at.entry);
	else if (at.entry & PTE_PRESENT && at.entry & PTE_HUGE)
		at.page = PTE_PFN(at.entry) +
			  (pfn_t)((addr & (level_bytes(s, at.level) - 1)) >>
				  PAGE_SHIFT);
	*ret_at = at;
}

/* A page that is looked for, and where the answer goes. */
struct seek {
	const struct machine *m;
	struct outbuf *out;
	pfn_t page;
	const struct frame *folio;
	uint64_t index; /* in its object */
	bool anywhere; /* the index does not tell where */
	uint32_t but_pid;
	uint64_t but_addr;
	unsigned found;
};

static void hit(struct seek *s, const struct task *t, uint64_t addr)
{
	if (t->pid == s->but_pid && addr == s->but_addr)
		return;
	s->found++;
	out_char(s->out, ' ');
	out_dec(s->out, t->pid, 0);
	out_char(s->out, ':');
	out_hex(s->out, addr, 1);
}

static void try_addr(struct seek *s, const struct task *t, uint64_t addr)
{
	struct mapped at;
	struct walk w;

	pt_walk(&s->m->space, t->mm, addr, &w);
	look_mapped(&s->m->space, &w, addr, &at);
	if (at.page == s->page)
		hit(s, t, addr);
}

/* For pages that KSM merged, and those of the pool of huge pages. */
static void try_range(struct seek *s, const struct task *t, uint64_t addr,
		      uint64_t end)
{
	while (addr < end) {
		struct mapped at;
		struct walk w;
		uint64_t bytes;
		pfn_t first;

		pt_walk(&s->m->space, t->mm, addr, &w);
		if (!w.levels)
			return;
		look_mapped(&s->m->space, &w, addr, &at);
		bytes = level_bytes(&s->m->space, at.level);
		addr &= ~(bytes - 1);
		first = PTE_PFN(at.entry);
		if (at.page != PFN_NONE && s->page >= first &&
		    s->page - first < bytes >> PAGE_SHIFT)
			hit(s, t,
			    addr + ((uint64_t)(s->page - first) << PAGE_SHIFT));
		addr += bytes;
	}
}

static void try_vma(struct seek *s, const struct task *t, const struct vma *v)
{
	const struct inode *inode = vma_inode(s->m, v);
	uint64_t pages = (v->end - v->start) >> PAGE_SHIFT;

	if (frame_type(s->folio) == FRAME_FILE &&
	    (!inode || inode != inode_at(&s->m->cache, s->folio->owner)))
		return;
	if (frame_type(s->folio) == FRAME_VMALLOC &&
	    !vma_is_device(&s->m->space, v))
		return;
	if (s->anywhere) {
		if (v->flags & (VM_MERGEABLE | VM_HUGETLB))
			try_range(s, t, v->start, v->end);
	} else if (s->index >= v->pgoff && s->index - v->pgoff < pages) {
		try_addr(s, t,
			 v->start + ((s->index - v->pgoff) << PAGE_SHIFT));
	}
}

static bool seek_begin(struct seek *s)
{
	const struct phys *p = &s->m->phys;
	pfn_t head = folio_head(p, s->page);
	const struct anon_vma *av;

	s->folio = frame_at(p, head);
	switch (frame_type(s->folio)) {
	case FRAME_ANON:
		s->anywhere = s->folio->word & PG_KSM;
		if (s->anywhere || !s->folio->owner)
			return true;
		av = pool_at(&s->m->space.anon_vmas, s->folio->owner);
		s->index = av->base + (uint64_t)(int32_t)s->folio->index;
		break;
	case FRAME_FILE:
		s->index = s->folio->index;
		if (!s->folio->owner)
			return false;
		break;
	case FRAME_VMALLOC:
		s->index = s->folio->index;
		break;
	case FRAME_HUGETLB:
		s->anywhere = true;
		return true;
	default:
		return false;
	}
	s->index += s->page - head;
	return true;
}

void out_users(const struct machine *m, pfn_t page, uint32_t but_pid,
	       uint64_t but_addr, struct outbuf *out)
{
	struct seek s = { .m = m,
			  .out = out,
			  .page = page,
			  .but_pid = but_pid,
			  .but_addr = but_addr };

	if (frame_peek(&m->phys, page) && seek_begin(&s)) {
		task_for_each (&m->tasks, id) {
			const struct task *t = task_at(&m->tasks, id);

			if (!t->mm)
				continue;
			vma_for_each (&m->space, t->mm, v)
				try_vma(&s, t, vma_at(&m->space, v));
		}
	}
	if (!s.found)
		out_str(out, " -");
}
