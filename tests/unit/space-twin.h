/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SPACE_TWIN_H
#define TESTS_SPACE_TWIN_H

#include "tests/unit/machine-fixture.h"
#include "vmcore/base/rng.h"

/*
 * DOC: the twin's memory: what a page is, and what a touch does to it.
 *
 * Models:  private and shared anonymous memory, page by page.
 * Owns:    the twin's processes, objects and frames.
 * Units:   pages of a window below and above the first mapping.
 * Order:   does not apply.
 * Omits:   files, swap, huge pages, where mappings go.
 */
#define PROCS  5u
#define PAGES  4096u /* of the window that is looked at */
#define ABOVE  512u /* of them above the place of the first mapping */
#define FIRST  (0x7ffff7fff000 - (uint64_t)(PAGES - ABOVE) * PAGE_SIZE)
#define NAMES  8u
#define LINES  500u
#define AROUND 16u /* pages a read fault of shared memory looks at */

struct page {
	bool mapped, write, read; /* of the mapping */
	uint32_t object; /* 0: private memory, else which shared */
	uint32_t index; /* of the object */
	/* The entry. */
	uint32_t frame; /* 0: none or the zero page */
	bool zero, maybe_zero, writable, exclusive;
};

struct process {
	bool alive;
	struct page pages[PAGES];
	struct {
		uint32_t start, nr;
	} names[NAMES];
};

struct object {
	uint32_t frames[64]; /* 0: not there yet */
};

struct twin {
	struct fixture x;
	struct process procs[PROCS];
	struct object objects[LINES + 1];
	uint32_t maps[1u << 20]; /* mapcount of every frame ever */
	uint32_t nr_frames, nr_objects;
	uint64_t rng, lo, hi; /* lo, hi: faults this line must take */
	char line[128];
};

static inline uint32_t draw(struct twin *t, uint32_t n)
{
	return (uint32_t)rng_below(&t->rng, n);
}

static inline uint64_t address(uint32_t page)
{
	return FIRST + (uint64_t)page * PAGE_SIZE;
}

static inline uint32_t new_frame(struct twin *t)
{
	assert_true(t->nr_frames + 1 < 1u << 20);
	return ++t->nr_frames;
}

static inline void map_frame(struct twin *t, struct page *p, uint32_t frame)
{
	p->frame = frame;
	p->zero = p->maybe_zero = false;
	t->maps[frame]++;
}

static inline void drop_entry(struct twin *t, struct page *p)
{
	if (p->frame)
		t->maps[p->frame]--;
	p->frame = 0;
	p->zero = p->maybe_zero = p->writable = p->exclusive = false;
}

static inline void unmap(struct twin *t, struct process *q, uint32_t from,
			 uint32_t nr)
{
	for (uint32_t i = from; i < from + nr; i++) {
		drop_entry(t, &q->pages[i]);
		memset(&q->pages[i], 0, sizeof(q->pages[i]));
	}
}

static inline void die(struct twin *t, struct process *q)
{
	unmap(t, q, 0, PAGES);
	memset(q, 0, sizeof(*q));
}

/* --- faults --------------------------------------------------------------- */
static inline bool same_mapping(const struct page *a, const struct page *b)
{
	return a->mapped && b->mapped && a->object == b->object &&
	       a->write == b->write && a->read == b->read &&
	       b->index == a->index + 1;
}

/* A read fault of shared memory maps what is there around it: 16 pages from
 * the last multiple of 16 on, or from the mapping's first page if that is
 * later, within one page table. */
static inline void around(struct twin *t, struct process *q, uint32_t at)
{
	uint64_t window = address(at) / PAGE_SIZE / AROUND;
	uint32_t first = at, last = at;

	while (first && same_mapping(&q->pages[first - 1], &q->pages[first]) &&
	       address(first - 1) / PAGE_SIZE / AROUND == window)
		first--;
	while (last + 1 < PAGES && last + 1 < first + AROUND &&
	       same_mapping(&q->pages[last], &q->pages[last + 1]) &&
	       address(last + 1) / HPAGE_SIZE == address(at) / HPAGE_SIZE)
		last++;
	for (uint32_t i = first; i <= last; i++) {
		struct page *p = &q->pages[i];
		uint32_t frame = t->objects[p->object].frames[p->index];

		if (!p->frame && frame) {
			map_frame(t, p, frame);
			p->writable = p->write;
		}
	}
}

static inline void touch_shared(struct twin *t, struct process *q, uint32_t at,
				bool write)
{
	struct page *p = &q->pages[at];
	uint32_t *frame = &t->objects[p->object].frames[p->index];

	if (p->frame && (!write || p->writable))
		return;
	t->lo++;
	t->hi++;
	if (p->frame) {
		p->writable = true;
		return;
	}
	if (!write)
		around(t, q, at);
	if (!*frame)
		*frame = new_frame(t);
	if (!p->frame)
		map_frame(t, p, *frame);
	p->writable = p->write;
}

static inline void touch_private(struct twin *t, struct page *p, bool write)
{
	if (!write) {
		if (p->frame || p->zero)
			return;
		t->hi++;
		t->lo += !p->maybe_zero;
		p->zero = true;
		p->maybe_zero = false;
		return;
	}
	if (p->frame && p->writable)
		return;
	t->lo++;
	t->hi++;
	if (!p->frame || t->maps[p->frame] > 1) {
		drop_entry(t, p);
		map_frame(t, p, new_frame(t));
	}
	p->writable = p->exclusive = true;
}

/* Return: false if the access kills. */
static inline bool touch(struct twin *t, struct process *q, uint32_t at,
			 bool write)
{
	struct page *p = &q->pages[at];

	if (!p->mapped || (write ? !p->write : !p->read))
		return false;
	if (p->object)
		touch_shared(t, q, at, write);
	else
		touch_private(t, p, write);
	return true;
}

#endif
