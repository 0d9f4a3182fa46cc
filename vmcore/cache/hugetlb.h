/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_HUGETLB_H
#define VMCORE_HUGETLB_H

#include "vmcore/base/ctx.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: pools of huge pages, and the files that map them.
 *
 * Models:  mm/hugetlb.c, fs/hugetlbfs/inode.c of 6.18.
 * Owns:    struct hugepool: free lists, counts, reservations.
 * Units:   pages of the pool's size; indexes of a file too.
 * Order:   a node's free list is LIFO; nodes take turns as in the kernel.
 * Omits:   mounts of hugetlbfs, sub-pools, the hugetlb cgroup controller,
 *          migration of their pages, shared PMD tables, vmemmap optimisation.
 *
 * A page of 2 MiB is one block of order 9, one of 4 MiB (i386) of order 10. One
 * of 1 GiB is 256 blocks of order 10 in a row, each with a FRAME_HUGETLB at its
 * head; the first of them stands for the whole. PG_UPTODATE at the head: it is
 * in use.
 *
 * Reservations. A shared file reserves what it was mapped with, page by page
 * until each is there. A private one reserves for its first mapping alone
 * (VMA_RESV_OWNER); inode.huge tells which pages that has used up.
 */
enum huge_size { HUGE_2M, HUGE_1G, HUGE_4M, NR_HUGE_SIZES };

static inline unsigned huge_order(enum huge_size size)
{
	return size == HUGE_1G ? 18 : size == HUGE_4M ? 10 : HPAGE_ORDER;
}

/* What an entry of level 2 maps: default_hstate. */
static inline enum huge_size huge_default(const struct phys *p)
{
	return p->i386 && !p->pae ? HUGE_4M : HUGE_2M;
}

static inline bool huge_exists(const struct phys *p, enum huge_size size)
{
	return size == huge_default(p) || (size == HUGE_1G && !p->i386);
}

static inline uint32_t huge_kb(enum huge_size size)
{
	return PAGE_SIZE / 1024 << huge_order(size);
}

/* hstate_sizelog(): the pool of pages of @bytes, 0: the default one. False:
 * this machine has none of them. */
static inline bool huge_of_bytes(const struct phys *p, uint64_t bytes,
				 uint32_t *ret_size)
{
	unsigned i = bytes ? 0 : huge_default(p);

	while (bytes && i < NR_HUGE_SIZES &&
	       (!huge_exists(p, (enum huge_size)i) ||
		bytes >> 10 != huge_kb((enum huge_size)i) || bytes & 1023))
		i++;
	if (i == NR_HUGE_SIZES)
		return false;
	*ret_size = i;
	return true;
}

/* Head of the page of a pool that @pfn, the head of a block, is part of. */
static inline pfn_t huge_head(const struct phys *p, pfn_t pfn)
{
	return frame_order(frame_at(p, pfn)) == MAX_ORDER && !p->i386
		       ? pfn & ~((1u << huge_order(HUGE_1G)) - 1)
		       : pfn;
}

struct hugepool {
	uint64_t nr, free, resv, surplus, overcommit;
	uint64_t node_nr[MAX_NODES], node_free[MAX_NODES];
	uint64_t node_surplus[MAX_NODES];
	uint32_t head[MAX_NODES]; /* free pages by frame.next, PFN_NONE */
	uint32_t next_alloc, next_free; /* whose turn it is, node */
};

struct cache;
void hugetlb_init(struct cache *c);
void hugetlb_check(const struct cache *c, check_report *report, void *arg);

#define HUGE_ALL_NODES MAX_NODES
/*
 * A pool shall have @count pages that are no surplus, of @node or in all
 * (set_max_huge_pages()). Return: 0 when it has or never will, NEED_MEMORY
 * (to be repeated; hugetlb_give_up() if that is of no use), host errno.
 */
int hugetlb_resize(struct cache *c, struct ctx *ctx, enum huge_size size,
		   unsigned node, uint64_t count);
/* Not even after reclaim there was memory for a page of 2 MiB. */
void hugetlb_give_up(struct cache *c);
/* Up to @count free pages of 1 GiB become pages of 2 MiB. */
void hugetlb_demote(struct cache *c, unsigned node, uint64_t count);

/* A file of no folder, of @bytes, a multiple of the page: "/anon_hugepage" for
 * one mmap(), or /SYSV........; the caller opens it. 0, NEED_*, host errno. */
int hugetlb_new(struct cache *c, struct ctx *ctx, const char *path,
		uint64_t bytes, enum huge_size size, bool shared,
		uint32_t *ret_inode);
/* All its pages are reserved (hugetlb_reserve_pages()). 0, ENOMEM, host. */
int hugetlb_reserve(struct cache *c, struct ctx *ctx, uint32_t inode);
/* The owner of a private file no longer maps [@first, @end). */
void hugetlb_unreserve(struct cache *c, struct ctx *ctx, uint32_t inode,
		       uint64_t first, uint64_t end);
/* The file is gone: its pages and what is left of its reservation. */
void hugetlb_drop(struct cache *c, struct ctx *ctx, uint32_t inode);

/* How alloc_hugetlb_folio() may be served. */
#define HUGE_OWNER 1u /* the mapping owns the file's reservation */
#define HUGE_COW   2u /* but this copy must not use it up */
/*
 * A page of zeroes for @index of @inode; a shared file keeps it. Return: 0,
 * FAULT_SIGBUS (none is left), host errno.
 */
int hugetlb_take(struct cache *c, struct ctx *ctx, uint32_t inode,
		 uint64_t index, unsigned how, pfn_t *ret_pfn);
/* Pages that a shared file has, of 4 KiB. */
uint64_t hugetlb_cached(const struct cache *c, uint32_t inode);
/* The page a shared file has at @index, PFN_NONE. */
pfn_t hugetlb_find(const struct cache *c, uint32_t inode, uint64_t index);
/* Nobody maps a private page any more: back to the pool, @restore with its
 * reservation (free_huge_folio()). */
void hugetlb_put(struct cache *c, struct ctx *ctx, pfn_t pfn, bool restore);

#endif
