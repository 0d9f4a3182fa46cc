// SPDX-License-Identifier: Apache-2.0
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
	return how;
}

/* The folio for this address: readahead and waiting included. */
static int get_folio(struct fault *f, pfn_t *ret_folio)
{
	const struct vma *v = f->vma;
	bool major = false;
	int r = file_fault(f->m->space->cache, f->ctx, v->file,
			   vma_index(v, f->addr), how(f), v->pgoff,
			   v->pgoff + vma_pages(v) - 1, ret_folio, &major);

	if (!r && major)
		f->major = true;
	return r;
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
	fault_mlock(f, page);
	pte_set(s, f->table, slot, PTE_OF(page) | bits);
}

/* Pages of [@first, @last] slots that the cache holds, uptodate and not the
 * readahead marker (filemap_map_pages()). Pages mapped. */
static unsigned map_cached(struct fault *f, unsigned first, unsigned last)
{
	struct space *s = f->m->space;
	struct file *file = file_at(s->cache, f->vma->file);
	uint64_t base = vma_index(f->vma, f->addr) - f->slot;
	uint64_t eof = (inode_of(f)->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t i = base + first, end = base + last + 1;
	unsigned nr = 0, miss = 0;
	pfn_t folio;

	if (end > eof)
		end = eof;
	while ((i = cache_next(s->cache, file->inode, i, end, &folio)) < end) {
		const struct frame *h = frame_at(s->phys, folio);
		unsigned slot = (unsigned)(i - base);

		if (!(h->word & PG_UPTODATE) ||
		    (h->word & (PG_LOCKED | PG_READAHEAD))) {
			i = (uint64_t)h->index + (1ull << frame_order(h));
			continue;
		}
		if (!table_at(s, f->table)->entry[slot]) {
			map_one(f, folio + (pfn_t)(i - h->index), slot, false);
			miss += !(h->word & PG_WORKINGSET);
			nr++;
		}
		i++;
	}
	file->mmap_miss -= miss < file->mmap_miss ? miss : file->mmap_miss;
	return nr;
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
	if (last > 511)
		last = 511;
	if (last >= f->slot + left)
		last = (unsigned)(f->slot + left - 1);
	map_cached(f, first, last);
	return table_at(f->m->space, f->table)->entry[f->slot];
}

/* May all pages of the folio be mapped by this fault (finish_fault())? */
static bool whole_folio_fits(const struct fault *f, const struct frame *h)
{
	const struct space *s = f->m->space;
	uint64_t index = vma_index(f->vma, f->addr), n = 1ull << frame_order(h);
	uint64_t idx = index - h->index;
	uint64_t vma_off = (f->addr - f->vma->start) >> PAGE_SHIFT;
	uint64_t eof = (inode_of(f)->size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (vma_off < idx || vma_off + (n - idx) > vma_pages(f->vma) ||
	    f->slot < idx || f->slot + (n - idx) > 512 || h->index + n > eof)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (table_at(s, f->table)->entry[f->slot - idx + i])
			return false;
	return true;
}

static void map_folio(struct fault *f, pfn_t folio, bool write)
{
	const struct frame *h = frame_at(f->m->space->phys, folio);
	unsigned idx = (unsigned)(vma_index(f->vma, f->addr) - h->index);

	if (frame_order(h) && whole_folio_fits(f, h)) {
		for (unsigned i = 0; i < 1u << frame_order(h); i++)
			map_one(f, folio + i, f->slot - idx + i, write);
		return;
	}
	map_one(f, folio + idx, f->slot, write);
}

/* do_cow_fault(): the file's page is read, copied, not mapped. */
static int private_write(struct fault *f)
{
	struct space *s = f->m->space;
	pfn_t folio, page;
	int r = anon_vma_prepare(s, f->ctx, f->vma_id);

	if (!r)
		r = get_folio(f, &folio);
	if (!r)
		r = fault_new_anon(f, &page);
	if (r)
		return r;
	ctx_pay(f->ctx, COST_COPY_PAGE, 1);
	fault_map_anon(f, page, PTE_DIRTY);
	fault_set_content(f->m, page, f->content);
	return 0;
}

int fault_file(struct fault *f)
{
	struct space *s = f->m->space;
	bool write = f->flags & FAULT_FLAG_WRITE;
	pfn_t folio;
	int r;

	if (write && !(f->vma->flags & VM_SHARED))
		return private_write(f);
	if (!write && fault_around(f))
		return 0;
	r = get_folio(f, &folio);
	if (r)
		return r;
	if (write && !fault_is_shmem(f))
		folio_mark_dirty(s->cache, f->ctx, folio);
	map_folio(f, folio, write);
	if (write)
		fault_set_content(
			f->m, PTE_PFN(table_at(s, f->table)->entry[f->slot]),
			f->content);
	return 0;
}
