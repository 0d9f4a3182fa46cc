// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "vmcore/task/sched.h"

static struct piece *piece_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->pieces, id);
}

uint32_t region_find(const struct tasks *t, uint32_t mm, const char *name)
{
	uint32_t id = mm_at(t->space, mm)->regions;

	while (id && strcmp(region_at(t, id)->name, name))
		id = region_at(t, id)->next;
	return id;
}

static void drop_pieces(struct tasks *t, struct region *r)
{
	while (r->pieces) {
		uint32_t id = r->pieces;

		r->pieces = piece_at(t, id)->next;
		pool_free(&t->pieces, id);
	}
}

/* Insert [@start, @end), which no piece overlaps, in address order. */
static int add_piece(struct tasks *t, struct region *r, uint64_t start,
		     uint64_t end)
{
	uint32_t *link = &r->pieces, id;
	struct piece *p;
	int e;

	while (*link && piece_at(t, *link)->end < start)
		link = &piece_at(t, *link)->next;
	if (*link && piece_at(t, *link)->end == start) {
		piece_at(t, *link)->end = end;
		return 0;
	}
	e = pool_new(&t->pieces, &id);
	if (e)
		return e;
	p = piece_at(t, id);
	p->start = start;
	p->end = end;
	p->next = *link;
	*link = id;
	return 0;
}

static int clip_region(struct tasks *t, struct region *r, uint64_t start,
		       uint64_t end)
{
	uint32_t *link = &r->pieces;

	while (*link) {
		struct piece *p = piece_at(t, *link);
		uint64_t upper = p->end;

		if (p->end <= start || p->start >= end) {
			link = &p->next;
			continue;
		}
		if (p->start >= start && p->end <= end) {
			uint32_t id = *link;

			*link = p->next;
			pool_free(&t->pieces, id);
			continue;
		}
		if (p->start < start) {
			p->end = start;
			if (upper > end)
				return add_piece(t, r, end, upper);
			link = &p->next;
		} else {
			p->start = end;
			link = &p->next;
		}
	}
	return 0;
}

/* Of all regions but @keep. A name nothing is left of is unknown again. */
static int clip_all(struct tasks *t, uint32_t mm, uint64_t start, uint64_t end,
		    uint32_t keep)
{
	uint32_t *link = &mm_at(t->space, mm)->regions;
	int e = 0;

	while (*link && !e) {
		uint32_t id = *link;

		if (id != keep)
			e = clip_region(t, region_at(t, id), start, end);
		if (region_at(t, id)->pieces) {
			link = &region_at(t, id)->next;
			continue;
		}
		*link = region_at(t, id)->next;
		pool_free(&t->regions, id);
	}
	return e;
}

int region_clip(struct tasks *t, uint32_t mm, uint64_t start, uint64_t end)
{
	return clip_all(t, mm, start, end, 0);
}

static int region_new(struct tasks *t, uint32_t mm, const char *name,
		      uint32_t *ret_region)
{
	uint32_t id, *link = &mm_at(t->space, mm)->regions;
	int e = pool_new(&t->regions, &id);

	if (e)
		return e;
	strncpy(region_at(t, id)->name, name, REGION_LEN - 1);
	while (*link)
		link = &region_at(t, *link)->next;
	*link = id;
	*ret_region = id;
	return 0;
}

int region_set(struct tasks *t, uint32_t mm, const char *name, uint64_t start,
	       uint64_t end)
{
	struct region *r;
	uint32_t id;
	int e = region_clip(t, mm, start, end);

	id = region_find(t, mm, name);
	if (!e && !id)
		e = region_new(t, mm, name, &id);
	if (e)
		return e;
	r = region_at(t, id);
	drop_pieces(t, r);
	r->base = start;
	r->bytes = end - start;
	return add_piece(t, r, start, end);
}

int region_lay(struct tasks *t, uint32_t mm, const char *name, uint64_t start,
	       uint64_t end)
{
	uint32_t id = region_find(t, mm, name);
	int e = id ? 0 : region_new(t, mm, name, &id);

	if (e)
		return e;
	drop_pieces(t, region_at(t, id));
	region_at(t, id)->base = start;
	region_at(t, id)->bytes = end - start;
	return add_piece(t, region_at(t, id), start, end);
}

void region_forget(struct tasks *t, uint32_t mm, uint32_t region)
{
	uint32_t *link = &mm_at(t->space, mm)->regions;

	while (*link != region)
		link = &region_at(t, *link)->next;
	*link = region_at(t, region)->next;
	drop_pieces(t, region_at(t, region));
	pool_free(&t->regions, region);
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
	return add_piece(t, region_at(t, id), start, end);
}

int region_move(struct tasks *t, uint32_t mm, uint32_t region, uint64_t start,
		uint64_t bytes)
{
	struct region *r = region_at(t, region);
	int e = clip_all(t, mm, start, start + bytes, region);

	if (e)
		return e;
	drop_pieces(t, r);
	r->base = start;
	r->bytes = bytes;
	return add_piece(t, r, start, start + bytes);
}

int region_copy_all(struct tasks *t, uint32_t from, uint32_t to)
{
	int e = 0;

	for (uint32_t id = mm_at(t->space, from)->regions; id && !e;
	     id = region_at(t, id)->next) {
		const struct region *r = region_at(t, id);
		uint32_t copy;

		e = region_new(t, to, r->name, &copy);
		if (e)
			break;
		region_at(t, copy)->base = r->base;
		region_at(t, copy)->bytes = r->bytes;
		for (uint32_t p = r->pieces; p && !e; p = piece_at(t, p)->next)
			e = add_piece(t, region_at(t, copy),
				      piece_at(t, p)->start,
				      piece_at(t, p)->end);
	}
	return e;
}

void region_free_all(struct tasks *t, uint32_t mm)
{
	struct mm *m = mm_at(t->space, mm);

	while (m->regions) {
		uint32_t id = m->regions;

		m->regions = region_at(t, id)->next;
		drop_pieces(t, region_at(t, id));
		pool_free(&t->regions, id);
	}
}
