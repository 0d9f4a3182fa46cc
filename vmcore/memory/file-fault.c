// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/content.h"
#include "vmcore/memory/fault.h"

static const struct inode *inode_of(const struct fault *f)
{
	const struct cache *c = f->m->space->cache;

	return inode_at(c, file_at(c, f->vma->file)->inode);
}

bool fault_is_shmem(const struct fault *f)
{
	return inode_of(f)->kind == INODE_SHMEM;
}

static uint32_t how(const struct fault *f)
{
	uint32_t how = 0;

	if (f->vma->flags & VM_RAND_READ)
		how |= FAULT_RAND;
	if (f->vma->flags & VM_SEQ_READ)
		how |= FAULT_SEQ;
	if (f->vma->flags & VM_EXEC)
		how |= FAULT_EXEC;
	if (f->flags & FAULT_FLAG_WRITE)
		how |= FAULT_WRITE;
	if (f->flags & FAULT_FLAG_TRIED)
		how |= FAULT_TRIED;
	return how;
}

/*
 * The folio for this address: readahead and waiting included. *@ret_dropped:
 * the kernel lets go of the address space to start reading and then begins
 * the fault anew (maybe_unlock_mmap_for_io()).
 */
static int get_folio(struct fault *f, pfn_t *ret_folio, bool *ret_dropped)
{
	const struct vma *v = f->vma;
	struct cache *c = f->m->space->cache;
	uint64_t index = vma_index(v, f->addr);
	pfn_t folio = cache_find(c, file_at(c, v->file)->inode, index);
	bool major = false, marked;
	int r;

	marked = folio != PFN_NONE &&
		 (frame_at(f->m->space->phys, folio)->word & PG_READAHEAD);
	r = file_fault(c, f->ctx, v->file, index, how(f), v->pgoff,
		       v->pgoff + vma_pages(v) - 1, ret_folio, &major);
	if (r == WAIT_IO)
		f->ctx->wait_major = major;
	if (r)
		return r;
	if (marked)
		marked = !(frame_at(f->m->space->phys, folio)->word &
			   PG_READAHEAD);
	/* shmem_fault() holds on to it. */
	*ret_dropped = (major || marked) && !(f->flags & FAULT_FLAG_TRIED) &&
		       !fault_is_shmem(f);
	f->restarted |= *ret_dropped;
	if (major) {
		f->major = true;
		f->flags |= FAULT_FLAG_TRIED;
	}
	return 0;
}

/* An entry for one page of a file, read-only unless shared memory, which
 * has no page_mkwrite() and is writable at once. */
static void map_one(struct fault *f, pfn_t page, unsigned slot, bool write)
{
	struct space *s = f->m->space;
	uint64_t bits = fault_pte_bits(f->vma) | PTE_SHARED;

	if (write)
		bits |= PTE_DIRTY;
	if ((f->vma->flags & (VM_SHARED | VM_WRITE)) ==
		    (VM_SHARED | VM_WRITE) &&
	    (write || fault_is_shmem(f)))
		bits |= PTE_WRITE;
	rmap_add(s, page);
	pte_set(s, f->table, slot, PTE_OF(page) | bits);
}

/* Pages of a folio that a fault may map: of the object, first slot, count. */
struct run {
	uint64_t index; /* of the object */
	unsigned slot, nr;
};

/* All of the folio, where VMA, table and file allow it; @eof: pages. Else
 * @run stays as it is (filemap_map_folio_range(), finish_fault()). */
static bool whole_folio(const struct fault *f, const struct frame *h,
			uint64_t eof, struct run *run)
{
	uint64_t n = 1ull << frame_order(h), first = f->vma->pgoff;
	uint64_t before = run->index - h->index;

	if (h->index < first || h->index + n > first + vma_pages(f->vma) ||
	    run->slot < before ||
	    run->slot - before + n > table_slots(f->m->space))
		return false;
	if (h->index + n > eof && !fault_is_shmem(f))
		return false;
	*run = (struct run){ h->index, run->slot - (unsigned)before,
			     (unsigned)n };
	return true;
}

/* Map what of @run is not yet; its mmap_miss. */
static unsigned map_run(struct fault *f, pfn_t folio, const struct run *run)
{
	struct space *s = f->m->space;
	const struct frame *h = frame_at(s->phys, folio);
	pfn_t page = folio + (pfn_t)(run->index - h->index);

	unsigned mapped = 0;

	for (unsigned i = 0; i < run->nr; i++) {
		if (table_at(s, f->table)->entry[run->slot + i])
			continue;
		map_one(f, page + i, run->slot + i, false);
		mapped++;
	}
	fault_mlock(f, folio, mapped);
	return h->word & PG_WORKINGSET ? 0 : run->nr;
}

/*
 * Pages of [@first, @last] slots that the cache holds, uptodate and not the
 * readahead marker (filemap_map_pages()); folios as a whole unless they reach
 * the last page of the file, by the kernel's way of counting it.
 */
static void map_cached(struct fault *f, unsigned first, unsigned last)
{
	struct space *s = f->m->space;
	struct file *file = file_at(s->cache, f->vma->file);
	uint64_t base = vma_index(f->vma, f->addr) - f->slot;
	uint64_t eof = (inode_of(f)->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t i = base + first, end = base + last + 1, next;
	unsigned miss = 0;
	pfn_t folio;

	if (end > eof)
		end = eof;
	for (; (i = cache_next(s->cache, file->inode, i, end, &folio)) < end;
	     i = next) {
		const struct frame *h = frame_at(s->phys, folio);
		struct run run = { i, (unsigned)(i - base), 0 };

		next = (uint64_t)h->index + (1ull << frame_order(h));
		if (!(h->word & PG_UPTODATE) ||
		    (h->word & (PG_LOCKED | PG_READAHEAD)))
			continue;
		run.nr = (unsigned)((next < end ? next : end) - i);
		if (frame_order(h))
			whole_folio(f, h, eof - 1, &run);
		miss += map_run(f, folio, &run);
	}
	file_mapped_around(file, miss);
}

/* do_fault_around(): the aligned window, clipped to VMA and table. */
static bool fault_around(struct fault *f)
{
	unsigned pages = f->m->fault_around_bytes >> PAGE_SHIFT;
	uint64_t vma_off = (f->addr - f->vma->start) >> PAGE_SHIFT;
	uint64_t left = vma_pages(f->vma) - vma_off;
	unsigned first, last;

	/* shm_vm_ops has no map_pages. */
	if (pages <= 1 || (inode_of(f)->flags & INODE_SYSV))
		return false;
	first = f->slot & ~(pages - 1);
	if (f->slot - first > vma_off)
		first = f->slot - (unsigned)vma_off;
	last = first + pages - 1;
	if (last >= table_slots(f->m->space))
		last = table_slots(f->m->space) - 1;
	if (last >= f->slot + left)
		last = (unsigned)(f->slot + left - 1);
	map_cached(f, first, last);
	return table_at(f->m->space, f->table)->entry[f->slot];
}

/* finish_fault(): the folio, unless something of it is mapped already. */
static void map_folio(struct fault *f, pfn_t folio, bool write)
{
	struct space *s = f->m->space;
	const struct frame *h = frame_at(s->phys, folio);
	uint64_t eof = (inode_of(f)->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct run run = { vma_index(f->vma, f->addr), f->slot, 1 };
	struct run one = run;
	pfn_t page;

	if (frame_order(h) && whole_folio(f, h, eof, &run))
		for (unsigned i = 0; i < run.nr; i++)
			if (table_at(s, f->table)->entry[run.slot + i])
				run = one;
	page = folio + (pfn_t)(run.index - h->index);
	for (unsigned i = 0; i < run.nr; i++)
		map_one(f, page + i, run.slot + i, write);
	fault_mlock(f, folio, run.nr);
}

/* do_cow_fault(): the file's page is read, copied, not mapped. */
static int private_write(struct fault *f)
{
	struct space *s = f->m->space;
	pfn_t folio, page;
	bool dropped;
	int r = anon_vma_prepare(s, f->ctx, f->vma_id);

	if (!r)
		r = get_folio(f, &folio, &dropped);
	if (!r)
		r = fault_new_anon(f, &page);
	if (r)
		return r;
	ctx_pay(f->ctx, COST_COPY_PAGE, 1);
	fault_map_anon(f, page, PTE_DIRTY);
	fault_set_content(f->m, page, f->content);
	return 0;
}

static void store_content(struct fault *f, pfn_t page)
{
	struct cache *c = f->m->space->cache;

	fault_set_content(f->m, page, f->content);
	cache_numbered(c, file_at(c, f->vma->file)->inode);
}

int fault_file(struct fault *f)
{
	struct space *s = f->m->space;
	bool write = f->flags & FAULT_FLAG_WRITE, dropped;
	pfn_t folio;
	int r;

	if (write && !(f->vma->flags & VM_SHARED))
		return private_write(f);
	do {
		if (!write && fault_around(f))
			return 0;
		r = get_folio(f, &folio, &dropped);
		if (r)
			return r;
	} while (dropped && !write);
	if (write) {
		r = folio_buffers(s->cache, f->ctx, folio);
		if (r)
			return r;
		folio_mark_dirty(s->cache, f->ctx, folio);
	}
	map_folio(f, folio, write);
	if (write)
		store_content(f,
			      PTE_PFN(table_at(s, f->table)->entry[f->slot]));
	return 0;
}
