// SPDX-License-Identifier: Apache-2.0
/*
 * The cache recounted two ways: along every inode's tree, and over every
 * frame of every section in use. check-records.c looks at the rest.
 */
#include "vmcore/cache/cache-check.h"
#include "vmcore/cache/extent.h"

#include <stdio.h>

void cache_differ(const struct cache_tally *t, const char *what, uint64_t where,
		  int64_t recounted, int64_t kept)
{
	char text[96];

	if (recounted == kept)
		return;
	snprintf(text, sizeof(text), "%s %llu", what,
		 (unsigned long long)where);
	t->report(t->arg, text, recounted, kept);
}

/* One folio of @id, met at @index in its tree. */
static void check_folio(struct cache_tally *t, uint32_t id, uint64_t index,
			pfn_t folio)
{
	const struct cache *c = t->c;
	const struct frame *f = frame_at(c->phys, folio);
	bool shmem = inode_at(c, id)->kind == INODE_SHMEM;
	bool ok = frame_type(f) == FRAME_FILE && f->owner == id &&
		  f->index <= index && index < folio_end(f);

	cache_differ(t, "cached folio is not its inode's, frame", folio, 1, ok);
	cache_differ(t, "shared memory is swap backed, frame", folio, shmem,
		     (f->word & PG_SWAPBACKED) != 0);
	t->cached++;
	if (f->word & PG_WRITEBACK)
		t->writeback++;
	if (f->word & PG_DIRTY && !shmem)
		t->dirty++;
}

static void check_pages(struct cache_tally *t, uint32_t id)
{
	const struct inode *inode = inode_at(t->c, id);
	uint64_t i = 0, e;

	t->cached = t->dirty = t->writeback = t->evicted = t->swapped = 0;
	for (; (i = xa_next(&t->c->nodes, &inode->pages, i, UINT64_MAX, &e)) !=
	       XA_NONE;
	     i++) {
		if (entry_is_folio(e))
			check_folio(t, id, i, entry_folio(e));
		else if (entry_is_swap(e))
			t->swapped++;
		else
			t->evicted++;
	}
	cache_differ(t, "cached pages, inode", id, (int64_t)t->cached,
		     (int64_t)inode->nr_cached);
	cache_differ(t, "dirty pages, inode", id, (int64_t)t->dirty,
		     (int64_t)inode->nr_dirty);
	cache_differ(t, "pages under writeback, inode", id,
		     (int64_t)t->writeback, (int64_t)inode->nr_writeback);
	cache_differ(t, "shadow entries, inode", id, (int64_t)t->evicted,
		     (int64_t)inode->nr_evicted);
	cache_differ(t, "pages in swap, inode", id, (int64_t)t->swapped,
		     (int64_t)inode->swapped);
	if (inode->flags & INODE_TMPFS)
		t->tmpfs += t->cached + t->swapped;
}

/* The tree of an inode below node @id, whose slots lie at @index. */
static void check_node(struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	const struct xa_node *n = xa_node_at(&c->nodes, id);
	uint32_t used = 0, values = 0;

	for (unsigned i = 0; i < XA_SLOTS; i++) {
		used += n->slot[i] != 0;
		if (n->shift && n->slot[i])
			check_node(t, (uint32_t)n->slot[i]);
		else
			values += entry_is_shadow(n->slot[i]);
	}
	t->nodes++;
	cache_differ(t, "slots, tree node", id, used, n->count);
	cache_differ(t, "slab object, tree node", id, 1, n->slab != 0);
	if (n->shift)
		return;
	cache_differ(t, "shadows, tree node", id, values, n->nr_values);
	cache_differ(t, "only shadows, tree node", id, used == values,
		     (int64_t)(n->spare & 1));
	if (n->spare & 1)
		t->shadow_nodes[pfn_node(c->phys, n->slab)]++;
}

/* Nodes below @id of what an inode has on its disk; none is empty. */
static uint32_t content_nodes(const struct cache_tally *t, uint32_t id)
{
	const struct xa_node *n = xa_node_at(&t->c->contents, id);
	uint32_t used = 0, nodes = 1;

	for (unsigned i = 0; i < XA_SLOTS; i++) {
		used += n->slot[i] != 0;
		if (n->shift && n->slot[i])
			nodes += content_nodes(t, (uint32_t)n->slot[i]);
	}
	cache_differ(t, "slots, node of contents", id, used, n->count);
	return nodes;
}

/* A frame that says it is a file's must be where it says. */
static void check_file_frame(struct cache_tally *t, pfn_t pfn,
			     const struct frame *f)
{
	const struct cache *c = t->c;
	unsigned node = pfn_node(c->phys, pfn);
	int64_t nr = (int64_t)frame_pages(f);
	const struct inode *inode;
	bool known = f->owner && f->owner <= c->inodes.top &&
		     inode_used(inode_at(c, f->owner));

	cache_differ(t, "file page without an inode, frame", pfn, 1, known);
	if (!known)
		return;
	inode = inode_at(c, f->owner);
	for (uint64_t i = f->index; i < folio_end(f); i++)
		cache_differ(t, "page is not cached, frame", pfn, pfn,
			     cache_find(c, f->owner, i));
	t->node[node].pages += nr;
	if (inode->kind == INODE_SHMEM)
		t->node[node].shmem += nr;
	if (f->word & PG_DIRTY && inode->kind != INODE_SHMEM) {
		t->node[node].dirty += nr;
		t->pending[pfn_zone(c->phys, pfn)] += nr;
	}
	if (f->word & PG_WRITEBACK) {
		t->node[node].writeback += nr;
		t->pending[pfn_zone(c->phys, pfn)] += nr;
	}
}

/* A folio of the swap cache must be where its slot says. */
static void check_swap_frame(struct cache_tally *t, pfn_t pfn,
			     const struct frame *f)
{
	unsigned node = pfn_node(t->c->phys, pfn);
	uint32_t nr = (uint32_t)frame_pages(f);

	for (uint32_t i = 0; i < nr; i++)
		cache_differ(t, "folio of a slot, frame", pfn, pfn,
			     swap_find(t->c, f->private + i));
	t->swapcache += nr;
	t->node[node].swapcache += nr;
	if (f->word & PG_WRITEBACK) {
		t->node[node].writeback += nr;
		t->pending[pfn_zone(t->c->phys, pfn)] += nr;
	}
}

static void check_frames(struct cache_tally *t)
{
	const struct phys *p = t->c->phys;

	for (pfn_t block = 0; block < p->nr_blocks; block++) {
		if (p->blocks[block].state != BLOCK_OPEN)
			continue;
		for (pfn_t i = 0; i < BLOCK_FRAMES; i++) {
			pfn_t pfn = (block << MAX_ORDER) + i;
			const struct frame *f = frame_at(p, pfn);

			if ((frame_type(f) == FRAME_FILE ||
			     frame_type(f) == FRAME_ANON) &&
			    f->word & PG_SWAPCACHE)
				check_swap_frame(t, pfn, f);
			else if (frame_type(f) == FRAME_FILE)
				check_file_frame(t, pfn, f);
		}
	}
}

static void check_counters(const struct cache_tally *t)
{
	const struct vmstat *v = &t->c->phys->stat;

	for (unsigned i = 0; i < MAX_NODES; i++) {
		const int64_t *kept = v->node[i];

		cache_differ(t, "nr_file_pages, node", i,
			     t->node[i].pages + t->node[i].swapcache,
			     kept[NR_FILE_PAGES]);
		cache_differ(t, "nr_swapcached, node", i, t->node[i].swapcache,
			     kept[NR_SWAPCACHE]);
		cache_differ(t, "nr_shmem, node", i, t->node[i].shmem,
			     kept[NR_SHMEM]);
		cache_differ(t, "nr_dirty, node", i, t->node[i].dirty,
			     kept[NR_FILE_DIRTY]);
		cache_differ(t, "workingset_nodes, node", i, t->shadow_nodes[i],
			     kept[WORKINGSET_NODES]);
		cache_differ(t, "nr_writeback, node", i, t->node[i].writeback,
			     kept[NR_WRITEBACK]);
	}
	for (unsigned i = 0; i < MAX_ZONES; i++)
		cache_differ(t, "nr_zone_write_pending, zone", i, t->pending[i],
			     v->zone[i][NR_ZONE_WRITE_PENDING]);
}

void cache_check(const struct cache *c, check_report *report, void *arg)
{
	struct cache_tally t = { .c = c, .report = report, .arg = arg };
	uint32_t contents = 0;

	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		if (!inode_used(inode_at(c, id)))
			continue;
		check_pages(&t, id);
		if (inode_at(c, id)->pages.root)
			check_node(&t, inode_at(c, id)->pages.root);
		if (inode_at(c, id)->written.root)
			contents += content_nodes(
				&t, inode_at(c, id)->written.root);
	}
	check_frames(&t);
	check_counters(&t);
	cache_differ(&t, "tree nodes, all", 0, t.nodes, c->nodes.used);
	cache_differ(&t, "nodes of contents", 0, contents, c->contents.used);
	cache_differ(&t, "pages of the tmpfs mount", 0, (int64_t)t.tmpfs,
		     (int64_t)c->tmpfs_pages);
	extent_check(c, report, arg);
	hugetlb_check(c, report, arg);
	cache_check_names(&t);
	cache_check_records(&t);
}
