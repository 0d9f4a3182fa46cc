// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/memory.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

static uint64_t page_align(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & PAGE_MASK;
}

/* may_expand_vm(): the address space and data limits. */
static bool may_expand(const struct mm *mm, uint32_t flags, uint64_t pages)
{
	if (mm->total_vm + pages > mm->rlimit_as >> PAGE_SHIFT)
		return false;
	if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE)
		return mm->data_vm + pages <= mm->rlimit_data >> PAGE_SHIFT;
	return true;
}

/* Cut VMAs at @start and @end so that whole ones lie in between, from
 * @ret_first (0: none) on; each cut is neutral and stays if a later one must
 * wait. */
static int split_at(struct space *s, struct ctx *ctx, uint32_t mm,
		    uint64_t start, uint64_t end, uint32_t *ret_first)
{
	uint32_t v = vma_find(s, mm, start), last, up;
	int r = 0;

	*ret_first = 0;
	if (!v || vma_at(s, v)->start >= end)
		return 0;
	if (vma_at(s, v)->start < start) {
		r = vma_split(s, ctx, v, start, &up);
		if (r)
			return r;
		v = up;
	}
	*ret_first = v;
	last = vma_at(s, v)->end < end ? vma_find(s, mm, end) : v;
	if (last && vma_at(s, last)->start < end && vma_at(s, last)->end > end)
		r = vma_split(s, ctx, last, end, &up);
	return r;
}

int memory_munmap(struct memory *m, struct ctx *ctx, uint32_t mm,
		  uint64_t start, uint64_t len)
{
	uint64_t end = start + page_align(len);
	uint64_t task_size = m->space->paging.task_size;
	uint32_t first;
	int r;

	if ((start & ~PAGE_MASK) || !len || start > task_size ||
	    len > task_size - start)
		return EINVAL;
	r = split_at(m->space, ctx, mm, start, end, &first);
	if (!r)
		unmap_range(m->space, ctx, first, start, end);
	return r;
}

/* What VM_* a mapping gets (calc_vm_prot_bits() and do_mmap()). */
static uint32_t map_flags(const struct memory *m, const struct mm *mm,
			  const struct mmap_args *a)
{
	uint32_t flags = a->prot | mm->def_flags | VM_MAYALL;

	if (a->flags & MAP_SHARED)
		flags |= VM_SHARED | VM_MAYSHARE;
	flags &= ~a->denied;
	if ((a->flags & MAP_SHARED) && (a->denied & VM_MAYWRITE))
		flags &= ~(uint32_t)VM_SHARED;
	if (a->flags & MAP_LOCKED)
		flags |= VM_LOCKED;
	/* hugetlbfs_file_mmap(); it is never swapped, hence not locked */
	if (a->flags & MAP_HUGETLB) {
		flags |= VM_HUGETLB | VM_DONTEXPAND;
		flags &= ~(uint32_t)(VM_LOCKED | VM_LOCKONFAULT);
	}
	/* A driver's memory is never locked (__mmap_complete()). */
	if (flags & VM_SPECIAL_MAP)
		flags &= ~(uint32_t)(VM_LOCKED | VM_LOCKONFAULT);
	if (a->flags & MAP_STACK_GROWS)
		flags |= VM_GROWSDOWN;
	/* Strict overcommit takes no notice of MAP_NORESERVE. */
	if ((a->flags & MAP_NORESERVE) &&
	    m->space->control->overcommit_memory != 2)
		flags |= VM_NORESERVE;
	if ((flags & (VM_NORESERVE | VM_SHARED | VM_WRITE | VM_HUGETLB)) ==
	    VM_WRITE)
		flags |= VM_ACCOUNT;
	return flags;
}

/* Huge-page alignment: anonymous private lengths that are a multiple of
 * 2 MiB, and files of file systems that ask for it. @off, @len: bytes. */
static uint64_t alignment(const struct memory *m, uint32_t file, bool shared,
			  uint64_t off, uint64_t len)
{
	const struct cache *c = m->space->cache;
	uint64_t up;

	/* thp_get_unmapped_area() is for 64 bits alone. */
	if (m->space->paging.digits < 16)
		return 0;
	if (!file)
		return !shared && !(len % HPAGE_SIZE) ? HPAGE_SIZE : 0;
	if (inode_at(c, file_at(c, file)->inode)->kind != INODE_DISK)
		return 0;
	up = (off + HPAGE_SIZE - 1) & ~(uint64_t)(HPAGE_SIZE - 1);
	if (off + len <= up || off + len - up < HPAGE_SIZE)
		return 0;
	return HPAGE_SIZE;
}

/* shmem_get_unmapped_area(): placed as any mapping, and only if that is not
 * as its huge pages lie, with room to slide. */
static uint64_t shmem_area(const struct memory *m, uint32_t mm, uint32_t file,
			   uint64_t off, uint64_t len)
{
	const struct space *s = m->space;
	const struct inode *inode =
		file ? inode_at(s->cache, file_at(s->cache, file)->inode)
		     : NULL;
	bool internal = !inode || inode->flags & (INODE_DEVZERO | INODE_SYSV);
	uint64_t align = thp_shmem_alignment(s, internal), wide;
	uint64_t at = vma_unmapped_area(s, mm_at(s, mm), len, 0, 0);

	if (at == UINT64_MAX || !align || len < align)
		return at;
	off &= align - 1;
	if ((off && off + len < 2 * align) || (at & (align - 1)) == off)
		return at;
	wide = vma_unmapped_area(s, mm_at(s, mm), len + align - PAGE_SIZE, 0,
				 0);
	if (wide == UINT64_MAX)
		return at;
	return wide + ((off - wide) & (align - 1));
}

uint64_t memory_unmapped_area(const struct memory *m, uint32_t mm,
			      uint32_t file, bool shared, uint64_t pgoff,
			      uint64_t len)
{
	/* Anonymous memory has no offset to be congruent with. */
	uint64_t off = file ? pgoff << PAGE_SHIFT : 0;
	const struct cache *c = m->space->cache;

	if (file ? inode_at(c, file_at(c, file)->inode)->kind == INODE_SHMEM
		 : shared)
		return shmem_area(m, mm, file, off, len);
	return vma_unmapped_area(m->space, mm_at(m->space, mm), len,
				 alignment(m, file, shared, off, len), off);
}

/* What a mapping consists of: addresses and lengths are multiples. */
static uint64_t huge_bytes(const struct mmap_args *a)
{
	return a->flags & MAP_HUGETLB
		       ? (uint64_t)PAGE_SIZE
				 << huge_order((enum huge_size)a->huge)
		       : PAGE_SIZE;
}

/* Where: given and cleared, or found. */
static int place(struct memory *m, struct ctx *ctx, uint32_t mm,
		 const struct mmap_args *a, uint64_t len, uint64_t *ret_addr)
{
	struct space *s = m->space;
	uint32_t first;
	uint64_t at;
	int r;

	if (a->flags & MAP_FIXED) {
		if (a->addr & (huge_bytes(a) - 1))
			return EINVAL;
		if (len > s->paging.task_size ||
		    a->addr > s->paging.task_size - len)
			return ENOMEM;
		r = split_at(s, ctx, mm, a->addr, a->addr + len, &first);
		if (!r)
			*ret_addr = a->addr;
		return r;
	}
	if (a->addr && !(a->flags & MAP_HUGETLB))
		at = vma_hinted_area(s, mm, len, a->addr);
	else if (a->flags & MAP_HUGETLB)
		at = vma_unmapped_area(s, mm_at(s, mm), len, huge_bytes(a), 0);
	else
		at = memory_unmapped_area(m, mm, a->file, a->flags & MAP_SHARED,
					  a->pgoff, len);
	if (at == UINT64_MAX)
		return ENOMEM;
	*ret_addr = at;
	return 0;
}

/* A shared anonymous mapping is a file of its own (shmem_zero_setup()). */
static int shared_file(struct memory *m, struct ctx *ctx,
		       const struct mmap_args *a, uint64_t len,
		       uint32_t *ret_file)
{
	struct cache *c = m->space->cache;
	uint32_t inode;
	bool account = !(a->flags & MAP_NORESERVE) ||
		       m->space->control->overcommit_memory == 2;
	int r = shmem_new(c, ctx, "/dev/zero", len, INODE_DEVZERO, account,
			  &inode);

	if (r)
		return r;
	r = file_open(c, ctx, inode, ret_file);
	/* The mapping alone keeps it: no name, no descriptor. */
	if (!r || r != 0)
		inode_unlink(c, ctx, inode);
	return r;
}

/* hugetlb_file_setup(); the mapping reserves its pages. */
static int huge_file(struct memory *m, struct ctx *ctx,
		     const struct mmap_args *a, uint64_t len,
		     uint32_t *ret_file)
{
	struct cache *c = m->space->cache;
	uint32_t inode, file;
	int r = hugetlb_new(c, ctx, "/anon_hugepage", len,
			    (enum huge_size)a->huge, a->flags & MAP_SHARED,
			    &inode);

	if (r)
		return r;
	r = file_open(c, ctx, inode, &file);
	if (r) {
		inode_unlink(c, ctx, inode);
		return r;
	}
	if (!(a->flags & MAP_NORESERVE))
		r = hugetlb_reserve(c, ctx, inode);
	if (r)
		file_put(c, ctx, file);
	else
		*ret_file = file;
	return r;
}

static int map_region(struct memory *m, struct ctx *ctx, uint32_t mm,
		      const struct mmap_args *a, struct vma_spec *spec,
		      uint64_t len)
{
	struct space *s = m->space;
	bool huge = a->flags & MAP_HUGETLB && !a->file;
	bool own_file = huge || ((a->flags & MAP_SHARED) && !a->file);
	uint64_t pages = len >> PAGE_SHIFT;
	uint32_t vma;
	int r = 0;

	if (spec->flags & VM_ACCOUNT)
		r = commit_charge(s->control, pages, mm_at(s, mm)->total_vm,
				  true);
	if (r)
		return r;
	if (huge)
		r = huge_file(m, ctx, a, len, &spec->file);
	else if (own_file)
		r = shared_file(m, ctx, a, len, &spec->file);
	if (!r) {
		r = vma_map(s, ctx, mm, spec, &vma);
		if (!r && huge && !(a->flags & (MAP_SHARED | MAP_NORESERVE)))
			vma_at(s, vma)->hugetlb = VMA_RESV_OWNER;
		if (own_file)
			file_put(s->cache, ctx, spec->file);
	}
	if (r && (spec->flags & VM_ACCOUNT))
		commit_uncharge(s->control, pages);
	return r;
}

int memory_mmap(struct memory *m, struct ctx *ctx, uint32_t mm,
		const struct mmap_args *a, uint64_t *ret_addr)
{
	struct space *s = m->space;
	uint64_t bytes = huge_bytes(a), at;
	uint64_t len = (a->len + bytes - 1) & ~(bytes - 1);
	struct vma_spec spec = { .file = a->file, .name = a->name };
	int r;

	if (!a->len)
		return EINVAL;
	if (!len || len > s->paging.task_size)
		return ENOMEM;
	if (mm_at(s, mm)->map_count > (uint32_t)s->max_map_count)
		return ENOMEM;
	r = place(m, ctx, mm, a, len, &at);
	if (r)
		return r;
	spec.start = at;
	spec.end = at + len;
	spec.flags = map_flags(m, mm_at(s, mm), a);
	if (a->file)
		spec.pgoff = a->pgoff;
	else if (!(a->flags & (MAP_SHARED | MAP_HUGETLB)))
		spec.pgoff = at >> PAGE_SHIFT;
	if (!may_expand(mm_at(s, mm), spec.flags, len >> PAGE_SHIFT))
		return ENOMEM;
	if (a->flags & MAP_FIXED)
		unmap_range(s, ctx, vma_find(s, mm, at), at, at + len);
	r = map_region(m, ctx, mm, a, &spec, len);
	if (!r)
		*ret_addr = at;
	return r;
}

/* --- brk ----------------------------------------------------------------- */
static int grow_heap(struct memory *m, struct ctx *ctx, uint32_t mm,
		     uint64_t from, uint64_t to)
{
	struct space *s = m->space;
	struct vma_spec spec = {
		.start = from,
		.end = to,
		.pgoff = from >> PAGE_SHIFT,
		.flags = VM_READ | VM_WRITE | VM_MAYALL | VM_ACCOUNT |
			 mm_at(s, mm)->def_flags,
	};
	uint64_t pages = (to - from) >> PAGE_SHIFT;
	uint32_t next = vma_find(s, mm, from), vma;
	int r;

	/* A page, and the guard of a stack, stay free above the heap. */
	if (next) {
		const struct vma *n = vma_at(s, next);
		uint64_t guard = n->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0;

		if (to + PAGE_SIZE > n->start - guard)
			return ENOMEM;
	}
	if (to > s->paging.task_size ||
	    !may_expand(mm_at(s, mm), spec.flags, pages) ||
	    mm_at(s, mm)->map_count > (uint32_t)s->max_map_count)
		return ENOMEM;
	r = commit_charge(s->control, pages, mm_at(s, mm)->total_vm, true);
	if (r)
		return r;
	r = vma_map(s, ctx, mm, &spec, &vma);
	if (r)
		commit_uncharge(s->control, pages);
	return r;
}

int memory_brk(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t brk)
{
	struct mm *p = mm_at(m->space, mm);
	uint64_t old = page_align(p->brk), new = page_align(brk);
	int r = 0;

	if (brk < p->start_brk)
		return ENOMEM;
	if (new < old)
		r = memory_munmap(m, ctx, mm, new, old - new);
	else if (new > old)
		r = grow_heap(m, ctx, mm, old, new);
	if (!r)
		p->brk = brk;
	return r;
}
