// SPDX-License-Identifier: Apache-2.0
/* The index of an address space's VMAs beside an array of them: neighbours,
 * what is near an address, where there is room, after random histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vmcore/space/vma-tree.h"

#define SLOTS 3000u /* places of 16 pages; a VMA fills part of one */
#define BYTES (16ull << PAGE_SHIFT)
#define STEPS 60000u

struct fixture {
	struct host host;
	struct space s;
	uint32_t mm;
	uint32_t at[SLOTS]; /* VMA of the place, 0 none */
	uint32_t nr;
	uint64_t rng;
};

static uint64_t draw(struct fixture *f)
{
	f->rng ^= f->rng << 13;
	f->rng ^= f->rng >> 7;
	f->rng ^= f->rng << 17;
	return f->rng;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->rng = 88172645463325252u;
	pool_init(&f->s.mms, &f->host, sizeof(struct mm));
	pool_init(&f->s.vmas, &f->host, sizeof(struct vma));
	pool_init(&f->s.vma_nodes, &f->host, sizeof(struct vma_node));
	assert_int_equal(pool_new(&f->s.mms, &f->mm), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pool_fini(&f->s.vma_nodes);
	pool_fini(&f->s.vmas);
	pool_fini(&f->s.mms);
	assert_int_equal(f->host.used_bytes, 0);
	free(f);
	return 0;
}

/* The next VMA in this direction, from place @slot on. */
static uint32_t beside(const struct fixture *f, uint32_t slot, int step)
{
	for (uint32_t i = slot; i < SLOTS; i += (uint32_t)step)
		if (f->at[i])
			return f->at[i];
	return 0;
}

static void place(struct fixture *f, uint32_t slot, uint32_t vma)
{
	struct vma *v = vma_at(&f->s, vma);
	uint64_t room = BYTES >> PAGE_SHIFT, first = draw(f) % room;
	uint64_t base = (slot + 1) * BYTES;

	v->start = base + (first << PAGE_SHIFT);
	v->end = v->start + ((1 + draw(f) % (room - first)) << PAGE_SHIFT);
}

static void add(struct fixture *f, uint32_t slot)
{
	uint32_t vma;

	assert_int_equal(vma_tree_reserve(&f->s), 0);
	assert_int_equal(pool_new(&f->s.vmas, &vma), 0);
	place(f, slot, vma);
	vma_tree_add(&f->s, mm_at(&f->s, f->mm), vma, beside(f, slot, -1),
		     beside(f, slot, 1));
	f->at[slot] = vma;
	f->nr++;
}

static void del(struct fixture *f, uint32_t slot)
{
	vma_tree_del(&f->s, mm_at(&f->s, f->mm), f->at[slot]);
	pool_free(&f->s.vmas, f->at[slot]);
	f->at[slot] = 0;
	f->nr--;
}

static void differs(void *arg, const char *what, int64_t recounted,
		    int64_t kept)
{
	(void)arg;
	fail_msg("%s: %lld recounted, %lld kept", what, (long long)recounted,
		 (long long)kept);
}

static void near(const struct fixture *f, uint64_t addr)
{
	const struct space *s = &f->s;
	uint32_t id = vma_tree_near(s, mm_at(s, f->mm), addr), last = 0;
	uint64_t slot = addr / BYTES;

	for (uint32_t i = 0; i < SLOTS && i < slot; i++)
		if (f->at[i] && vma_at(s, f->at[i])->start <= addr)
			last = f->at[i];
	assert_int_equal(id != 0, f->nr != 0);
	if (id && vma_at(s, id)->start > addr)
		id = vma_at(s, id)->prev;
	assert_int_equal(id, last);
}

static bool whole(struct gap_search *q, const struct vma *v, uint64_t gap)
{
	uint64_t top = v->start < q->high ? v->start : q->high;
	uint64_t bottom = v->start - gap;

	bottom = bottom > q->low ? bottom : q->low;
	q->found = v->start;
	return top > bottom && top - bottom >= q->len;
}

/* By hand: the first that the search should find, from this end. */
static uint64_t by_hand(const struct fixture *f, struct gap_search q, bool down)
{
	uint64_t found = 0;
	uint64_t end = 0;

	for (uint32_t i = 0; i < SLOTS; i++) {
		const struct vma *v;

		if (!f->at[i])
			continue;
		v = vma_at(&f->s, f->at[i]);
		if (v->start - end >= q.len && whole(&q, v, v->start - end) &&
		    (down || !found))
			found = v->start;
		end = v->end;
	}
	return found;
}

static void room(struct fixture *f)
{
	const struct mm *mm = mm_at(&f->s, f->mm);
	struct gap_search q = { .s = &f->s, .fits = whole };
	bool found;

	q.len = (1 + draw(f) % 60) << PAGE_SHIFT;
	q.low = draw(f) % (SLOTS * BYTES);
	q.high = q.low + draw(f) % (SLOTS * BYTES);
	found = vma_tree_gap_down(&q, mm);
	assert_int_equal(found ? q.found : 0, by_hand(f, q, true));
	found = vma_tree_gap_up(&q, mm);
	assert_int_equal(found ? q.found : 0, by_hand(f, q, false));
}

static void one_step(struct fixture *f, uint32_t fill)
{
	uint32_t slot = (uint32_t)(draw(f) % SLOTS);

	if (!f->at[slot] && draw(f) % 100 < fill) {
		add(f, slot);
	} else if (f->at[slot] && draw(f) % 100 >= fill) {
		del(f, slot);
	} else if (f->at[slot]) {
		place(f, slot, f->at[slot]);
		vma_tree_moved(&f->s, f->at[slot]);
	}
}

static void look(struct fixture *f)
{
	const struct mm *mm = mm_at(&f->s, f->mm);

	vma_tree_check(&f->s, f->mm, differs, NULL);
	assert_int_equal(vma_tree_first(&f->s, mm), beside(f, 0, 1));
	assert_int_equal(mm->highest_vma, beside(f, SLOTS - 1, -1));
	near(f, draw(f) % ((SLOTS + 2) * BYTES));
	room(f);
}

/* Filled and emptied, again and again. */
static void random_history(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < STEPS; i++) {
		one_step(f, i / 15000 % 2 ? 10 : 90);
		if (i % 50 == 0)
			look(f);
	}
}

/* From above, as mmap() goes, and from below, as fork() does; then all go. */
static void rows(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < SLOTS; i++)
		if (f->at[i])
			del(f, i);
	assert_int_equal(f->s.vma_nodes.used, 0);
	for (uint32_t i = SLOTS; i-- > SLOTS / 2;)
		add(f, i);
	for (uint32_t i = 0; i < SLOTS / 2; i++)
		add(f, i);
	look(f);
	/* Nodes are half full at least: so many are enough for all. */
	assert_true(f->s.vma_nodes.used < SLOTS / (VMA_FAN / 2) * 5 / 4);
	for (uint32_t i = 0; i < SLOTS; i++)
		del(f, i);
	assert_int_equal(f->s.vma_nodes.used, 0);
	assert_int_equal(mm_at(&f->s, f->mm)->vmas, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_history),
		cmocka_unit_test(rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
