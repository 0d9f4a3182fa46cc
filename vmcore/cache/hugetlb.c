// SPDX-License-Identifier: Apache-2.0
/* Files of huge pages, and what is reserved for them (mm/hugetlb.c,
 * fs/hugetlbfs/inode.c). */
#include "vmcore/cache/hugetlb-inner.h"

#include <errno.h>

static struct hugepool *pool_of(struct cache *c, const struct inode *inode)
{
	return &c->huge[inode->huge_size];
}

static enum huge_size size_of(const struct inode *inode)
{
	return (enum huge_size)inode->huge_size;
}

static uint64_t nr_pages(const struct inode *inode)
{
	return inode->size >> PAGE_SHIFT >> huge_order(size_of(inode));
}

/* hugetlb_file_setup() */
int hugetlb_new(struct cache *c, struct ctx *ctx, const char *path,
		uint64_t bytes, enum huge_size size, bool shared,
		uint32_t *ret_inode)
{
	struct inode *inode;
	uint32_t id;
	int r = inode_new(c, path, INODE_HUGETLB, &id);

	if (r)
		return r;
	inode = inode_at(c, id);
	inode->flags |= INODE_UNLINKED;
	inode->size = bytes;
	inode->huge_size = size;
	inode->huge_shared = shared;
	r = inode_objects(c, ctx, id);
	if (r) {
		pool_free(&c->inodes, id);
		return r;
	}
	*ret_inode = id;
	return 0;
}

/* --- reservations ------------------------------------------------------------
 */
/* gather_surplus_pages(): what the pool lacks for @delta more. */
static int gather(struct cache *c, struct ctx *ctx, enum huge_size size,
		  uint64_t delta)
{
	struct hugepool *p = &c->huge[size];
	uint64_t got = 0;
	int r = 0;

	while (!r && p->resv + delta > p->free) {
		pfn_t pfn;

		r = huge_alloc_surplus(c, ctx, size, &pfn);
		if (r)
			continue;
		huge_enqueue(c, size, pfn);
		got++;
	}
	if (r)
		huge_drop_surplus(c, ctx, size, got);
	return r == NEED_MEMORY ? ENOMEM : r;
}

int hugetlb_reserve(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	uint64_t pages = nr_pages(inode);
	int r = gather(c, ctx, size_of(inode), pages);

	if (r)
		return r;
	pool_of(c, inode)->resv += pages;
	inode->huge_resv = pages;
	return 0;
}

/* return_unused_surplus_pages() */
static void unreserve(struct cache *c, struct ctx *ctx, struct inode *inode,
		      uint64_t pages)
{
	pool_of(c, inode)->resv -= pages;
	inode->huge_resv -= pages;
	huge_drop_surplus(c, ctx, size_of(inode), pages);
}

/* hugetlb_vm_op_close() */
void hugetlb_unreserve(struct cache *c, struct ctx *ctx, uint32_t id,
		       uint64_t first, uint64_t end)
{
	struct inode *inode = inode_at(c, id);
	uint64_t pages = end - first, i = first, entry;

	if (inode->huge_shared)
		return;
	while ((i = xa_next(&c->huge_nodes, &inode->huge, i, end, &entry)) !=
	       XA_NONE) {
		pages--;
		i++;
	}
	unreserve(c, ctx, inode, pages);
}

void hugetlb_drop(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	uint64_t i = 0, entry;

	while ((i = xa_next(&c->huge_nodes, &inode->huge, i, UINT64_MAX,
			    &entry)) != XA_NONE) {
		if (inode->huge_shared)
			hugetlb_put(c, ctx, entry_folio(entry), false);
		xa_erase(&c->huge_nodes, &inode->huge, i, NULL, NULL);
	}
	unreserve(c, ctx, inode, inode->huge_resv);
}

/* --- pages -------------------------------------------------------------------
 */
/* Is a page kept for @index? vma_needs_reservation() */
static bool reserved(const struct cache *c, const struct inode *inode,
		     uint64_t index, unsigned how)
{
	if (inode->huge_shared)
		return inode->huge_resv;
	return (how & HUGE_OWNER) && !(how & HUGE_COW) &&
	       !xa_load(&c->huge_nodes, &inode->huge, index);
}

/* dequeue_hugetlb_folio_nodemask() */
static pfn_t dequeue_of(struct cache *c, unsigned near, uint32_t nodes,
			enum huge_size size)
{
	const struct node *home = &c->phys->nodes[near];

	for (unsigned i = 0; i < home->nr_zonelist; i++) {
		unsigned n = c->phys->zones[home->zonelist[i]].node;
		pfn_t pfn = nodes >> n & 1 ? huge_dequeue(c, size, n)
					   : PFN_NONE;

		if (pfn != PFN_NONE)
			return pfn;
	}
	return PFN_NONE;
}

/* dequeue_hugetlb_folio_vma(): the nearest free one that policies allow. */
static pfn_t dequeue_near(struct cache *c, const struct ctx *ctx,
			  enum huge_size size)
{
	struct mpol_where w = { ctx->node, 0, true };
	pfn_t pfn;

	if (ctx->policy)
		mpol_find(c->phys, ctx, GFP_HIGHUSER_MOVABLE, &w);
	pfn = dequeue_of(c, w.node, w.nodes ? w.nodes : UINT32_MAX, size);
	if (pfn == PFN_NONE && w.nodes && w.beyond)
		pfn = dequeue_of(c, w.node, UINT32_MAX, size);
	return pfn;
}

static int find_page(struct cache *c, struct ctx *ctx,
		     const struct inode *inode, bool kept, pfn_t *ret_pfn)
{
	const struct hugepool *p = &c->huge[inode->huge_size];
	pfn_t pfn = PFN_NONE;
	int r;

	if (kept || p->free > p->resv)
		pfn = dequeue_near(c, ctx, size_of(inode));
	if (pfn != PFN_NONE) {
		*ret_pfn = pfn;
		return 0;
	}
	r = huge_alloc_surplus(c, ctx, size_of(inode), ret_pfn);
	if (!r)
		frame_at(c->phys, *ret_pfn)->word |= PG_UPTODATE;
	return r == NEED_MEMORY ? FAULT_SIGBUS : r;
}

int hugetlb_take(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t index,
		 unsigned how, pfn_t *ret_pfn)
{
	struct inode *inode = inode_at(c, id);
	bool kept = reserved(c, inode, index, how);
	unsigned order = huge_order(size_of(inode));
	struct frame *f;
	uint32_t leaf;
	pfn_t pfn;
	int r = xa_reserve(&c->huge_nodes, &inode->huge, index, &leaf);

	if (!r)
		r = find_page(c, ctx, inode, kept, &pfn);
	if (r) {
		if (!xa_load(&c->huge_nodes, &inode->huge, index))
			xa_erase(&c->huge_nodes, &inode->huge, index, NULL,
				 NULL);
		return r;
	}
	if (kept) {
		pool_of(c, inode)->resv--;
		inode->huge_resv--;
	}
	if (inode->huge_shared || kept)
		xa_store(&c->huge_nodes, &inode->huge, index,
			 inode->huge_shared ? (uint64_t)pfn << 1 : 1, &leaf);
	else if (!xa_load(&c->huge_nodes, &inode->huge, index))
		xa_erase(&c->huge_nodes, &inode->huge, index, NULL, NULL);
	huge_set_tails(c, size_of(inode), pfn, true);
	f = frame_at(c->phys, pfn);
	f->owner = id;
	f->index = (uint32_t)(index << order);
	f->private = inode->huge_shared;
	vmstat_node(&c->phys->stat, pfn_node(c->phys, pfn), NR_HUGETLB,
		    (int64_t)1 << order);
	*ret_pfn = pfn;
	return 0;
}

uint64_t hugetlb_cached(const struct cache *c, uint32_t id)
{
	const struct inode *inode = inode_at(c, id);
	uint64_t i = 0, pages = 0, entry;

	while ((i = xa_next(&c->huge_nodes, &inode->huge, i, UINT64_MAX,
			    &entry)) != XA_NONE) {
		pages += 1ull << huge_order(size_of(inode));
		i++;
	}
	return pages;
}

pfn_t hugetlb_find(const struct cache *c, uint32_t id, uint64_t index)
{
	const struct inode *inode = inode_at(c, id);
	uint64_t entry = xa_load(&c->huge_nodes, &inode->huge, index);

	return inode->huge_shared && entry ? entry_folio(entry) : PFN_NONE;
}

void hugetlb_put(struct cache *c, struct ctx *ctx, pfn_t pfn, bool restore)
{
	struct frame *f = frame_at(c->phys, pfn);
	struct inode *inode = inode_at(c, f->owner);
	enum huge_size size = size_of(inode);
	struct hugepool *p = &c->huge[size];
	unsigned node = pfn_node(c->phys, pfn), order = huge_order(size);

	vmstat_node(&c->phys->stat, node, NR_HUGETLB, -((int64_t)1 << order));
	if (restore &&
	    xa_load(&c->huge_nodes, &inode->huge, f->index >> order)) {
		xa_erase(&c->huge_nodes, &inode->huge, f->index >> order, NULL,
			 NULL);
		p->resv++;
		inode->huge_resv++;
	}
	huge_set_tails(c, size, pfn, false);
	if (!p->node_surplus[node]) {
		huge_enqueue(c, size, pfn);
		return;
	}
	huge_count_surplus(c, size, node, -1);
	huge_count(c, size, node, -1);
	huge_give_back(c, ctx, size, pfn);
}
