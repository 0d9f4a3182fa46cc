// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/extent.h"

#define FIRST_PLACE 2048u /* behind boot block, bitmaps, the first inodes */

static bool less(const void *owner, uint32_t a, uint32_t b)
{
	return extent_at(owner, a)->place < extent_at(owner, b)->place;
}

static const struct tree_type by_place = {
	.pool = offsetof(struct cache, extents),
	.node = offsetof(struct extent, by_place),
	.less = less,
};

/* The last extent that begins at @place or before, 0 none. */
static uint32_t at_or_before(const struct cache *c, const struct disk *d,
			     uint64_t place)
{
	uint32_t id = d->extents, best = 0;

	while (id) {
		const struct extent *e = extent_at(c, id);

		if (e->place <= place) {
			best = id;
			id = e->by_place.right;
		} else {
			id = e->by_place.left;
		}
	}
	return best;
}

uint32_t extent_find(const struct cache *c, uint32_t disk, uint64_t place,
		     uint64_t *ret_page)
{
	uint32_t id = at_or_before(c, disk_at(c, disk), place);
	const struct extent *e = id ? extent_at(c, id) : NULL;

	if (!e || place >= e->place + e->nr)
		return ID_NONE;
	*ret_page = e->page + (place - e->place);
	return e->inode;
}

/* --- found ------------------------------------------------------------------
 */
/* How many places from @place on are free, none if it is taken; where to look
 * next in that case. */
static uint64_t free_run(const struct cache *c, const struct disk *d,
			 uint64_t place, uint64_t *ret_next)
{
	uint64_t end = d->size_bytes >> PAGE_SHIFT;
	uint32_t id = at_or_before(c, d, place), next;

	if (id && extent_at(c, id)->place + extent_at(c, id)->nr > place) {
		*ret_next = extent_at(c, id)->place + extent_at(c, id)->nr;
		return 0;
	}
	next = id ? tree_next(&by_place, c, id)
		  : tree_first(&by_place, c, d->extents);
	if (next && extent_at(c, next)->place < end)
		end = extent_at(c, next)->place;
	return place < end ? end - place : 0;
}

/* A run of at most @nr places from @from on, before @stop. */
static uint64_t search(const struct cache *c, const struct disk *d,
		       uint64_t from, uint64_t stop, uint64_t nr,
		       uint64_t *ret_place)
{
	while (from < stop) {
		uint64_t next = stop, n = free_run(c, d, from, &next);

		if (n) {
			*ret_place = from;
			return n < nr ? n : nr;
		}
		from = next;
	}
	return 0;
}

static uint64_t find_run(struct cache *c, struct disk *d, uint64_t nr,
			 uint64_t *ret_place)
{
	uint64_t end = d->size_bytes >> PAGE_SHIFT, n;

	if (d->next_place < FIRST_PLACE)
		d->next_place = FIRST_PLACE;
	n = search(c, d, d->next_place, end, nr, ret_place);
	if (!n)
		n = search(c, d, FIRST_PLACE, d->next_place, nr, ret_place);
	if (n)
		d->next_place = *ret_place + n;
	return n;
}

/* --- of a file --------------------------------------------------------------
 */
/* The last one goes on where it ends, as far as there is room. */
static uint64_t grow(struct cache *c, struct disk *d, uint32_t id, uint64_t nr)
{
	struct extent *e = extent_at(c, id);
	uint64_t from = e->place + e->nr, next;
	uint64_t n = free_run(c, d, from, &next);

	if (n > nr)
		n = nr;
	e->nr += n;
	if (n && d->next_place == from)
		d->next_place += n;
	return n;
}

static int add(struct cache *c, struct disk *d, uint32_t inode,
	       const struct extent *like)
{
	uint32_t id, last = inode_at(c, inode)->extent_last;
	int r = pool_new(&c->extents, &id);

	if (r)
		return r;
	*extent_at(c, id) = *like;
	extent_at(c, id)->inode = inode;
	if (last)
		extent_at(c, last)->next = id;
	else
		inode_at(c, inode)->extents = id;
	inode_at(c, inode)->extent_last = id;
	tree_insert(&by_place, c, &d->extents, id);
	return 0;
}

int extent_place(struct cache *c, uint32_t id, uint64_t end)
{
	struct inode *inode = inode_at(c, id);
	struct disk *d = inode->disk ? disk_at(c, inode->disk) : NULL;

	if (!d || inode->kind != INODE_DISK)
		return 0;
	while (inode->placed < end) {
		uint32_t last = inode->extent_last;
		struct extent e = { .page = inode->placed };
		uint64_t want = end - inode->placed;
		uint64_t n = last ? grow(c, d, last, want) : 0;
		int r = 0;

		if (!n) {
			e.nr = find_run(c, d, want, &e.place);
			if (!e.nr)
				return 0;
			r = add(c, d, id, &e);
			n = e.nr;
		}
		if (r)
			return r;
		inode->placed += n;
	}
	return 0;
}

void extent_cut(struct cache *c, uint32_t id, uint64_t first)
{
	struct inode *inode = inode_at(c, id);
	uint32_t *link = &inode->extents;

	if (inode->placed <= first)
		return;
	inode->placed = first;
	inode->extent_last = 0;
	while (*link) {
		uint32_t at = *link;
		struct extent *e = extent_at(c, at);

		if (e->page < first) {
			if (e->page + e->nr > first)
				e->nr = first - e->page;
			inode->extent_last = at;
			link = &e->next;
			continue;
		}
		*link = e->next;
		tree_erase(&by_place, c, &disk_at(c, inode->disk)->extents, at);
		pool_free(&c->extents, at);
	}
}

/* --- recounted --------------------------------------------------------------
 */
static uint32_t check_file(const struct cache *c, uint32_t inode,
			   check_report *report, void *arg)
{
	uint64_t page = 0;
	uint32_t nr = 0;

	for (uint32_t id = inode_at(c, inode)->extents; id;
	     id = extent_at(c, id)->next) {
		const struct extent *e = extent_at(c, id);

		if (e->page != page || e->inode != inode)
			report(arg, "extent of a file, page", (int64_t)page,
			       (int64_t)e->page);
		page += e->nr;
		nr++;
	}
	if (page != inode_at(c, inode)->placed)
		report(arg, "placed pages, inode", (int64_t)page,
		       (int64_t)inode_at(c, inode)->placed);
	return nr;
}

void extent_check(const struct cache *c, check_report *report, void *arg)
{
	uint32_t listed = 0, placed = 0;

	for (uint32_t id = 1; id <= c->inodes.top; id++)
		if (inode_used(inode_at(c, id)))
			listed += check_file(c, id, report, arg);
	for (uint32_t d = 1; d <= c->disks.top; d++) {
		uint64_t end = 0;

		for (uint32_t id =
			     tree_first(&by_place, c, disk_at(c, d)->extents);
		     id; id = tree_next(&by_place, c, id)) {
			if (extent_at(c, id)->place < end)
				report(arg, "extents overlap, place",
				       (int64_t)end,
				       (int64_t)extent_at(c, id)->place);
			end = extent_at(c, id)->place + extent_at(c, id)->nr;
			placed++;
		}
	}
	if (listed != c->extents.used || placed != c->extents.used)
		report(arg, "extents", listed, c->extents.used);
}
