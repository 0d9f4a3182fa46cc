// SPDX-License-Identifier: Apache-2.0
/* Names of parts of address spaces: found by name, and by address when what
 * they mean is unmapped or mapped anew. */
#include <string.h>

#include "vmcore/base/tree.h"
#include "vmcore/task/sched.h"

static struct piece *piece_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->pieces, id);
}

static struct mm *mm_of(const struct tasks *t, uint32_t mm)
{
	return mm_at(t->space, mm);
}

/* --- trees ---------------------------------------------------------------
 */
static int name_side(const void *owner, const void *name, uint32_t id)
{
	return strcmp(name, region_at(owner, id)->name);
}

static bool name_less(const void *owner, uint32_t a, uint32_t b)
{
	return name_side(owner, region_at(owner, a)->name, b) < 0;
}

static const struct tree_type by_name = {
	.pool = offsetof(struct tasks, regions),
	.node = offsetof(struct region, by_name),
	.less = name_less,
};

static bool piece_less(const void *owner, uint32_t a, uint32_t b)
{
	return piece_at(owner, a)->start < piece_at(owner, b)->start;
}

static bool piece_update(const void *owner, void *piece, const void *left,
			 const void *right)
{
	struct piece *p = piece;
	const struct piece *l = left, *r = right;
	uint64_t old = p->max_end;

	(void)owner;
	p->max_end = p->end;
	if (l && l->max_end > p->max_end)
		p->max_end = l->max_end;
	if (r && r->max_end > p->max_end)
		p->max_end = r->max_end;
	return p->max_end != old;
}

static const struct tree_type by_addr = {
	.pool = offsetof(struct tasks, pieces),
	.node = offsetof(struct piece, by_addr),
	.less = piece_less,
	.update = piece_update,
};

uint32_t region_find(const struct tasks *t, uint32_t mm, const char *name)
{
	return tree_search(&by_name, t, mm_of(t, mm)->region_names, name,
			   name_side);
}

/* The lowest piece in touch with [@start, @end), 0 none. */
static uint32_t overlap(const struct tasks *t, uint32_t mm, uint64_t start,
			uint64_t end)
{
	uint32_t id = mm_of(t, mm)->region_pieces;

	while (id) {
		const struct piece *p = piece_at(t, id);
		uint32_t left = p->by_addr.left;

		if (left && piece_at(t, left)->max_end > start)
			id = left;
		else if (p->start >= end)
			return 0;
		else if (p->end > start)
			return id;
		else
			id = p->by_addr.right;
	}
	return 0;
}

static void piece_in(struct tasks *t, uint32_t mm, uint32_t id)
{
	tree_insert(&by_addr, t, &mm_of(t, mm)->region_pieces, id);
}

static void piece_out(struct tasks *t, uint32_t mm, uint32_t id)
{
	tree_erase(&by_addr, t, &mm_of(t, mm)->region_pieces, id);
}

/* --- regions -------------------------------------------------------------
 */
static int region_new(struct tasks *t, uint32_t mm, const char *name,
		      uint32_t *ret_region)
{
	struct mm *m = mm_of(t, mm);
	struct region *r;
	uint32_t id;
	int e = pool_new(&t->regions, &id);

	if (e)
		return e;
	r = region_at(t, id);
	strncpy(r->name, name, REGION_LEN - 1);
	r->prev = m->regions_last;
	if (r->prev)
		region_at(t, r->prev)->next = id;
	else
		m->regions = id;
	m->regions_last = id;
	tree_insert(&by_name, t, &m->region_names, id);
	*ret_region = id;
	return 0;
}

/* It has no pieces. */
static void region_drop(struct tasks *t, uint32_t mm, uint32_t id)
{
	struct mm *m = mm_of(t, mm);
	const struct region *r = region_at(t, id);

	if (r->prev)
		region_at(t, r->prev)->next = r->next;
	else
		m->regions = r->next;
	if (r->next)
		region_at(t, r->next)->prev = r->prev;
	else
		m->regions_last = r->prev;
	tree_erase(&by_name, t, &m->region_names, id);
	pool_free(&t->regions, id);
}

static void drop_pieces(struct tasks *t, uint32_t mm, struct region *r)
{
	while (r->pieces) {
		uint32_t id = r->pieces;

		r->pieces = piece_at(t, id)->next;
		piece_out(t, mm, id);
		pool_free(&t->pieces, id);
	}
}

/* Insert [@start, @end), which none of its pieces overlaps, in their order. A
 * region that gets no first piece goes. */
static int add_piece(struct tasks *t, uint32_t mm, uint32_t region,
		     uint64_t start, uint64_t end)
{
	uint32_t *link = &region_at(t, region)->pieces, id;
	struct piece *p;
	int e;

	while (*link && piece_at(t, *link)->end < start)
		link = &piece_at(t, *link)->next;
	if (*link && piece_at(t, *link)->end == start) {
		id = *link;
		piece_out(t, mm, id);
		piece_at(t, id)->end = end;
		piece_in(t, mm, id);
		return 0;
	}
	e = pool_new(&t->pieces, &id);
	if (e) {
		if (!region_at(t, region)->pieces)
			region_drop(t, mm, region);
		return e;
	}
	p = piece_at(t, id);
	p->start = start;
	p->end = end;
	p->region = region;
	p->next = *link;
	*link = id;
	piece_in(t, mm, id);
	return 0;
}

/* What [@start, @end) has of piece @id, which is in touch with it, goes. */
static int clip_piece(struct tasks *t, uint32_t mm, uint32_t id, uint64_t start,
		      uint64_t end)
{
	struct piece *p = piece_at(t, id);
	uint32_t region = p->region, *link = &region_at(t, region)->pieces;
	uint64_t upper = p->end;

	piece_out(t, mm, id);
	if (p->start < start || upper > end) {
		if (p->start < start)
			p->end = start;
		else
			p->start = end;
		piece_in(t, mm, id);
		return p->end == start && upper > end
			       ? add_piece(t, mm, region, end, upper)
			       : 0;
	}
	while (*link != id)
		link = &piece_at(t, *link)->next;
	*link = p->next;
	pool_free(&t->pieces, id);
	if (!region_at(t, region)->pieces)
		region_drop(t, mm, region);
	return 0;
}

/* A name nothing is left of is unknown again. */
int region_clip(struct tasks *t, uint32_t mm, uint64_t start, uint64_t end)
{
	uint32_t id;
	int e = 0;

	while (!e && (id = overlap(t, mm, start, end)))
		e = clip_piece(t, mm, id, start, end);
	return e;
}

/* All it means from now on. */
static int region_be(struct tasks *t, uint32_t mm, uint32_t region,
		     uint64_t start, uint64_t end)
{
	struct region *r = region_at(t, region);

	drop_pieces(t, mm, r);
	r->base = start;
	r->bytes = end - start;
	return add_piece(t, mm, region, start, end);
}

int region_lay(struct tasks *t, uint32_t mm, const char *name, uint64_t start,
	       uint64_t end)
{
	uint32_t id = region_find(t, mm, name);
	int e = id ? 0 : region_new(t, mm, name, &id);

	return e ? e : region_be(t, mm, id, start, end);
}

int region_set(struct tasks *t, uint32_t mm, const char *name, uint64_t start,
	       uint64_t end)
{
	int e = region_clip(t, mm, start, end);

	return e ? e : region_lay(t, mm, name, start, end);
}

void region_forget(struct tasks *t, uint32_t mm, uint32_t region)
{
	drop_pieces(t, mm, region_at(t, region));
	region_drop(t, mm, region);
}

int region_extend(struct tasks *t, uint32_t mm, const char *name, uint64_t base,
		  uint64_t start, uint64_t end)
{
	uint32_t id;
	int e = region_clip(t, mm, start, end);

	id = region_find(t, mm, name);
	if (!e && !id)
		e = region_new(t, mm, name, &id);
	if (e)
		return e;
	region_at(t, id)->base = base;
	region_at(t, id)->bytes = end - base;
	return add_piece(t, mm, id, start, end);
}

int region_move(struct tasks *t, uint32_t mm, uint32_t region, uint64_t start,
		uint64_t bytes)
{
	int e;

	/* Its own memory is where it was or where it will be: no name loses
	 * anything by that. */
	drop_pieces(t, mm, region_at(t, region));
	e = region_clip(t, mm, start, start + bytes);
	if (e) {
		region_drop(t, mm, region);
		return e;
	}
	return region_be(t, mm, region, start, start + bytes);
}

int region_copy_all(struct tasks *t, uint32_t from, uint32_t to)
{
	int e = 0;

	for (uint32_t id = mm_of(t, from)->regions; id && !e;
	     id = region_at(t, id)->next) {
		const struct region *r = region_at(t, id);
		uint32_t copy;

		e = region_new(t, to, r->name, &copy);
		if (e)
			break;
		region_at(t, copy)->base = r->base;
		region_at(t, copy)->bytes = r->bytes;
		for (uint32_t p = r->pieces; p && !e; p = piece_at(t, p)->next)
			e = add_piece(t, to, copy, piece_at(t, p)->start,
				      piece_at(t, p)->end);
	}
	return e;
}

void region_free_all(struct tasks *t, uint32_t mm)
{
	struct mm *m = mm_of(t, mm);

	while (m->regions) {
		uint32_t id = m->regions;

		m->regions = region_at(t, id)->next;
		for (uint32_t p = region_at(t, id)->pieces, next; p; p = next) {
			next = piece_at(t, p)->next;
			pool_free(&t->pieces, p);
		}
		pool_free(&t->regions, id);
	}
	m->regions_last = m->region_names = m->region_pieces = 0;
}

/* --- recount -------------------------------------------------------------
 */
static void same(check_report *report, void *arg, const char *what,
		 uint64_t recounted, uint64_t kept)
{
	if (recounted != kept)
		report(arg, what, (int64_t)recounted, (int64_t)kept);
}

/* How many pieces the tree below @id has. */
static uint64_t count_pieces(const struct tasks *t, uint32_t id,
			     check_report *report, void *arg)
{
	const struct piece *p = id ? piece_at(t, id) : NULL;
	uint32_t l = p ? p->by_addr.left : 0, r = p ? p->by_addr.right : 0;
	uint64_t most;

	if (!p)
		return 0;
	most = p->end;
	if (l && piece_at(t, l)->max_end > most)
		most = piece_at(t, l)->max_end;
	if (r && piece_at(t, r)->max_end > most)
		most = piece_at(t, r)->max_end;
	same(report, arg, "end of pieces", most, p->max_end);
	same(report, arg, "order of pieces",
	     (!l || piece_at(t, l)->start <= p->start) &&
		     (!r || piece_at(t, r)->start >= p->start),
	     1);
	return 1 + count_pieces(t, l, report, arg) +
	       count_pieces(t, r, report, arg);
}

void region_check(const struct tasks *t, uint32_t mm, check_report *report,
		  void *arg)
{
	const struct mm *m = mm_of(t, mm);
	uint64_t pieces = 0;
	uint32_t prev = 0;

	for (uint32_t id = m->regions; id; id = region_at(t, id)->next) {
		const struct region *r = region_at(t, id);
		uint64_t last = 0;

		same(report, arg, "region by its name", id,
		     region_find(t, mm, r->name));
		same(report, arg, "region before a region", prev, r->prev);
		prev = id;
		for (uint32_t p = r->pieces; p; p = piece_at(t, p)->next) {
			const struct piece *piece = piece_at(t, p);

			same(report, arg, "pieces of a region",
			     piece->start >= last && piece->end > piece->start,
			     1);
			same(report, arg, "region of a piece", id,
			     piece->region);
			last = piece->end;
			pieces++;
		}
	}
	same(report, arg, "last region", prev, m->regions_last);
	same(report, arg, "pieces of all regions",
	     count_pieces(t, m->region_pieces, report, arg), pieces);
}
