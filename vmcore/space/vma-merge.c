// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/space/hugetlb.h"
#include "vmcore/space/vma-tree.h"
#include "vmcore/space/vma.h"

/* A VMA that holds anon_vmas of a parent process besides its own. */
static bool fork_child(const struct space *s, uint32_t vma)
{
	return vma && vma_at(s, vma)->anon_vma && !anon_vma_singular(s, vma);
}

/*
 * May @target, next to it, take over what @spec describes? (mm/vma.c,
 * is_mergeable_vma() and is_mergeable_anon_vma(): at most one side brings an
 * anon_vma, and that side was not forked; or both share one.)
 */
static bool fits(const struct space *s, uint32_t target, uint32_t middle,
		 const struct vma_spec *spec)
{
	const struct vma *t = vma_at(s, target);

	if (t->flags != spec->flags || t->file != spec->file ||
	    t->policy != spec->policy || t->name != spec->name ||
	    (spec->flags & VM_SPECIAL_MAP))
		return false;
	if (!t->anon_vma && spec->anon_vma)
		return !fork_child(s, middle) &&
		       !fork_child(s, spec->copied_from);
	if (t->anon_vma && !spec->anon_vma)
		return !fork_child(s, target);
	return t->anon_vma == spec->anon_vma;
}

static bool fits_left(const struct space *s, uint32_t prev, uint32_t middle,
		      const struct vma_spec *spec)
{
	const struct vma *p;

	if (!prev)
		return false;
	p = vma_at(s, prev);
	return p->end == spec->start &&
	       p->pgoff + vma_pages(p) == spec->pgoff &&
	       fits(s, prev, middle, spec);
}

static bool fits_right(const struct space *s, uint32_t next, uint32_t middle,
		       const struct vma_spec *spec)
{
	const struct vma *n;

	if (!next)
		return false;
	n = vma_at(s, next);
	return n->start == spec->end &&
	       spec->pgoff + ((spec->end - spec->start) >> PAGE_SHIFT) ==
		       n->pgoff &&
	       fits(s, next, middle, spec);
}

/* A SysV attachment counts its detach: such a VMA is never merged away. */
static bool has_close(const struct space *s, uint32_t vma)
{
	uint32_t file = vma_at(s, vma)->file;

	return file &&
	       (inode_at(s->cache, file_at(s->cache, file)->inode)->flags &
		INODE_SYSV);
}

static bool anon_compatible(const struct space *s, uint32_t a, uint32_t b)
{
	uint32_t x = vma_at(s, a)->anon_vma, y = vma_at(s, b)->anon_vma;

	return !x || !y || x == y;
}

/* @target without an anon_vma takes over those of @from. */
static int inherit(struct space *s, struct ctx *ctx, uint32_t target,
		   uint32_t from)
{
	int r;

	if (vma_at(s, target)->anon_vma || !vma_at(s, from)->anon_vma)
		return 0;
	r = anon_vma_clone(s, ctx, target, from);
	if (!r) {
		uint32_t av = vma_at(s, from)->anon_vma;

		vma_at(s, target)->anon_vma = av;
		anon_vma_at(s, av)->nr_active_vmas++;
	}
	return r;
}

static int join_both(struct space *s, struct ctx *ctx, uint32_t prev,
		     uint32_t next)
{
	uint64_t end = vma_at(s, next)->end;
	int r = inherit(s, ctx, prev, next);

	if (r)
		return r;
	vma_remove(s, ctx, next);
	vma_set_range(s, prev, vma_at(s, prev)->start, end,
		      vma_at(s, prev)->pgoff);
	return 0;
}

/* Neighbours of the free range of @spec. */
static void neighbours(const struct space *s, uint32_t mm,
		       const struct vma_spec *spec, uint32_t *prev,
		       uint32_t *next)
{
	uint32_t id = vma_tree_near(s, mm_at(s, mm), spec->start);

	*prev = *next = 0;
	if (id && vma_at(s, id)->start < spec->start) {
		*prev = id;
		*next = vma_at(s, id)->next;
	} else if (id) {
		*prev = vma_at(s, id)->prev;
		*next = id;
	}
}

/* Merge into neighbours. @ret_vma 0: nothing fitted, nothing changed. */
static int merge_new(struct space *s, struct ctx *ctx, uint32_t prev,
		     uint32_t next, const struct vma_spec *spec,
		     uint32_t *ret_vma)
{
	bool left, right;
	int r;

	left = fits_left(s, prev, 0, spec);
	right = fits_right(s, next, 0, spec) &&
		(!left ||
		 (anon_compatible(s, prev, next) && !has_close(s, next)));
	*ret_vma = 0;
	if (left && right) {
		r = join_both(s, ctx, prev, next);
		if (!r)
			*ret_vma = prev;
		return r;
	}
	if (left) {
		if (spec->copied_from) {
			r = inherit(s, ctx, prev, spec->copied_from);
			if (r)
				return r;
		}
		vma_set_range(s, prev, vma_at(s, prev)->start, spec->end,
			      vma_at(s, prev)->pgoff);
		*ret_vma = prev;
	} else if (right) {
		if (spec->copied_from) {
			r = inherit(s, ctx, next, spec->copied_from);
			if (r)
				return r;
		}
		vma_set_range(s, next, spec->start, vma_at(s, next)->end,
			      spec->pgoff);
		*ret_vma = next;
	}
	return 0;
}

int vma_map(struct space *s, struct ctx *ctx, uint32_t mm,
	    const struct vma_spec *spec, uint32_t *ret_vma)
{
	uint32_t id, prev, next;
	struct vma *v;
	int r;

	neighbours(s, mm, spec, &prev, &next);
	r = merge_new(s, ctx, prev, next, spec, &id);
	if (r || id) {
		if (!r)
			*ret_vma = id;
		return r;
	}
	r = vma_new(s, ctx, &id);
	if (r)
		return r;
	v = vma_at(s, id);
	v->start = spec->start;
	v->end = spec->end;
	v->pgoff = spec->pgoff;
	v->flags = spec->flags;
	v->file = spec->file;
	v->policy = spec->policy;
	v->name = spec->name;
	if (spec->copied_from && spec->anon_vma) {
		r = anon_vma_clone(s, ctx, id, spec->copied_from);
		if (r) {
			vma_delete(s, ctx, id);
			return r;
		}
		v->anon_vma = spec->anon_vma;
		anon_vma_at(s, v->anon_vma)->nr_active_vmas++;
	}
	if (v->file)
		file_get(s->cache, v->file);
	vma_link(s, mm, id, prev, next);
	*ret_vma = id;
	return 0;
}

int vma_split(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t addr,
	      uint32_t *ret_upper)
{
	struct vma *v = vma_at(s, vma), *u;
	uint32_t up;
	int r;

	if (mm_at(s, v->mm)->map_count >= (uint32_t)s->max_map_count)
		return ENOMEM;
	/* hugetlb_vm_op_split() */
	if ((v->flags & VM_HUGETLB) && (addr & (vma_huge_bytes(s, v) - 1)))
		return EINVAL;
	r = vma_new(s, ctx, &up);
	if (r)
		return r;
	u = vma_at(s, up);
	u->start = addr;
	u->end = v->end;
	u->pgoff = v->pgoff + ((addr - v->start) >> PAGE_SHIFT);
	u->flags = v->flags;
	u->file = v->file;
	u->policy = v->policy;
	u->swap_ra = v->swap_ra;
	u->name = v->name;
	u->hugetlb = v->hugetlb;
	r = anon_vma_clone(s, ctx, up, vma);
	if (r) {
		vma_delete(s, ctx, up);
		return r;
	}
	u->anon_vma = v->anon_vma;
	if (u->anon_vma)
		anon_vma_at(s, u->anon_vma)->nr_active_vmas++;
	if (u->file)
		file_get(s->cache, u->file);
	pmd_split_at(s, ctx, vma, addr);
	vma_set_range(s, vma, v->start, addr, v->pgoff);
	vma_link(s, v->mm, up, vma, vma_next(s, vma));
	*ret_upper = up;
	return 0;
}

static void set_flags(struct space *s, uint32_t vma, uint32_t flags,
		      uint32_t policy)
{
	struct vma *v = vma_at(s, vma);
	struct mm *m = mm_at(s, v->mm);
	int64_t pages = (int64_t)vma_pages(v);

	mm_account(m, v->flags, -pages);
	if (v->flags & VM_LOCKED)
		m->locked_vm -= vma_pages(v);
	v->flags = flags;
	v->policy = policy;
	mm_account(m, flags, pages);
	if (flags & VM_LOCKED)
		m->locked_vm += vma_pages(v);
}

/* @vma whole goes to its left, right or both neighbours. */
static int absorb(struct space *s, struct ctx *ctx, uint32_t vma, uint32_t prev,
		  uint32_t next, uint32_t *ret_vma)
{
	uint64_t start = vma_at(s, vma)->start, end = vma_at(s, vma)->end;
	uint64_t pgoff = vma_at(s, vma)->pgoff;
	uint32_t to = prev ? prev : next;
	int r = inherit(s, ctx, to, vma);

	if (!r && prev && next)
		r = inherit(s, ctx, prev, next);
	if (r)
		return r;
	vma_remove(s, ctx, vma);
	if (prev && next) {
		end = vma_at(s, next)->end;
		vma_remove(s, ctx, next);
	}
	if (prev)
		vma_set_range(s, prev, vma_at(s, prev)->start, end,
			      vma_at(s, prev)->pgoff);
	else
		vma_set_range(s, next, start, vma_at(s, next)->end, pgoff);
	*ret_vma = to;
	return 0;
}

/* Part of @vma, at its start (its end), goes to that neighbour. */
static int shift_border(struct space *s, struct ctx *ctx, uint32_t vma,
			uint32_t prev, uint32_t next, uint64_t start,
			uint64_t end, uint32_t *ret_vma)
{
	struct vma *v = vma_at(s, vma);
	int r = inherit(s, ctx, prev ? prev : next, vma);

	if (r)
		return r;
	pmd_split_at(s, ctx, vma, prev ? end : start);
	if (prev) {
		uint64_t pages = (end - v->start) >> PAGE_SHIFT;

		vma_set_range(s, vma, end, v->end, v->pgoff + pages);
		vma_set_range(s, prev, vma_at(s, prev)->start, end,
			      vma_at(s, prev)->pgoff);
		*ret_vma = prev;
	} else {
		uint64_t pages = (start - v->start) >> PAGE_SHIFT;

		vma_set_range(s, vma, v->start, start, v->pgoff);
		vma_set_range(s, next, start, vma_at(s, next)->end,
			      v->pgoff + pages);
		*ret_vma = next;
	}
	return 0;
}

/* vma_merge_existing_range(): @ret_vma 0 if no neighbour fits. */
static int merge_existing(struct space *s, struct ctx *ctx, uint32_t vma,
			  const struct vma_spec *spec, uint32_t *ret_vma)
{
	const struct vma *v = vma_at(s, vma);
	bool at_start = spec->start == v->start, at_end = spec->end == v->end;
	uint32_t prev = at_start ? vma_prev(s, vma) : 0;
	uint32_t next = at_end ? vma_next(s, vma) : 0;

	if (!fits_left(s, prev, vma, spec))
		prev = 0;
	if (!fits_right(s, next, vma, spec))
		next = 0;
	if (prev && next &&
	    (!anon_compatible(s, prev, next) || has_close(s, next)))
		next = 0;
	*ret_vma = 0;
	if (!prev && !next)
		return 0;
	if (at_start && at_end)
		return has_close(s, vma)
			       ? 0
			       : absorb(s, ctx, vma, prev, next, ret_vma);
	return shift_border(s, ctx, vma, prev, next, spec->start, spec->end,
			    ret_vma);
}

int vma_modify(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
	       uint64_t end, uint32_t flags, uint32_t policy, uint32_t *ret_vma)
{
	struct vma *v = vma_at(s, vma);
	struct vma_spec spec = {
		.start = start,
		.end = end,
		.flags = flags,
		.pgoff = v->pgoff + ((start - v->start) >> PAGE_SHIFT),
		.file = v->file,
		.anon_vma = v->anon_vma,
		.policy = policy,
		.name = v->name,
	};
	uint32_t id;
	int r;

	if (v->flags == flags && v->policy == policy) {
		*ret_vma = vma;
		return 0;
	}
	r = merge_existing(s, ctx, vma, &spec, &id);
	if (r || id) {
		if (!r)
			*ret_vma = id;
		return r;
	}
	if (start > v->start) {
		r = vma_split(s, ctx, vma, start, &id);
		if (r)
			return r;
		vma = id;
	}
	if (end < vma_at(s, vma)->end) {
		r = vma_split(s, ctx, vma, end, &id);
		if (r)
			return r;
	}
	set_flags(s, vma, flags, policy);
	*ret_vma = vma;
	return 0;
}
