// SPDX-License-Identifier: Apache-2.0
/* What a frame is, used or not, and what kpageflags says of it. */
#include "phys-fixture.h"

#include "fs/page-look.h"
#include "fs/proc/proc-nodes.h"

#include <errno.h>

#define KPF_BUDDY 10
#define KPF_HEAD  15
#define KPF_TAIL  16

/* Frames by what they look like. */
static void count_looks(const struct phys *p, uint64_t nr[NR_FRAME_TYPES])
{
	memset(nr, 0, NR_FRAME_TYPES * sizeof(*nr));
	for (pfn_t pfn = 0; pfn < p->max_pfn; pfn++) {
		struct page_look look;

		page_look(p, pfn, &look);
		nr[look.type]++;
		assert_true(look.head <= pfn);
		assert_true(pfn - look.head < 1u << look.order);
		if (look.type == FRAME_BUDDY || look.type == FRAME_PCP)
			assert_int_equal(page_refcount(p, &look), 0);
	}
}

static uint64_t pcp_pages(const struct phys *p)
{
	uint64_t pages = 0;

	for (unsigned z = 0; z < MAX_ZONES; z++)
		for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
			pages += (uint64_t)p->zones[z].pcp[cpu].count;
	return pages;
}

static void every_free_page_is_seen_so(void **state)
{
	struct bench *b = bench_of_bytes(256u << 20);
	uint64_t nr[NR_FRAME_TYPES], nr_free;
	pfn_t pages[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(page_alloc(&b->phys, &b->ctx, 0,
					    GFP_ANON_FAULT, &pages[i]),
				 0);
	page_free(&b->phys, &b->ctx, pages[2], 0);
	count_looks(&b->phys, nr);
	nr_free = (uint64_t)vmstat_zone_sum(&b->phys.stat, NR_FREE_PAGES);
	assert_int_equal(nr[FRAME_BUDDY], nr_free);
	assert_true(nr[FRAME_PCP] > 0);
	assert_int_equal(nr[FRAME_PCP], pcp_pages(&b->phys));
	assert_int_equal(nr[FRAME_KERNEL], 4);
	assert_int_equal(nr[FRAME_FREE_TAIL], 0);
	bench_free(b);
}

/* kpageflags of @pfn, by its row. */
static uint64_t flags_of(struct bench *b, struct world *w, pfn_t pfn)
{
	struct view v = { .m = &w->m, .w = w, .len = 8 };
	struct outbuf out;
	uint64_t value = 0;

	w->m.phys = b->phys;
	v.off = (uint64_t)pfn * 8;
	out_init(&out);
	assert_int_equal(proc_kpage_nodes[1].show(&v, &out), 0);
	assert_int_equal(out.len, 8);
	for (unsigned i = 8; i--;)
		value = value << 8 | (unsigned char)out.text[i];
	out_free(&out);
	return value;
}

static void compound_pages_have_heads_and_tails(void **state)
{
	struct bench *b = bench_of_bytes(64u << 20);
	struct world *w = calloc(1, sizeof(*w));
	struct page_look look;
	pfn_t head;

	(void)state;
	assert_non_null(w);
	assert_int_equal(page_alloc(&b->phys, &b->ctx, 2,
				    GFP_KERNEL | GFP_BIT_COMP, &head),
			 0);
	page_look(&b->phys, head + 3, &look);
	assert_int_equal(look.head, head);
	assert_int_equal(look.order, 2);
	assert_int_equal(page_refcount(&b->phys, &look), 1);
	assert_true(flags_of(b, w, head) >> KPF_HEAD & 1);
	assert_false(flags_of(b, w, head) >> KPF_TAIL & 1);
	assert_true(flags_of(b, w, head + 3) >> KPF_TAIL & 1);
	page_free(&b->phys, &b->ctx, head, 2);
	pcp_drain_all(&b->phys);
	assert_true(flags_of(b, w, head + 3) >> KPF_BUDDY & 1);
	free(w);
	bench_free(b);
}

static void the_file_ends_with_a_section(void **state)
{
	struct bench *b = bench_of_bytes(64u << 20);
	struct world *w = calloc(1, sizeof(*w));
	struct view v = { .off = (32768 - 1) * 8, .len = 64 };
	struct outbuf out;

	(void)state;
	assert_non_null(w);
	w->m.phys = b->phys;
	v.m = &w->m;
	out_init(&out);
	assert_int_equal(proc_kpage_nodes[0].show(&v, &out), 0);
	assert_int_equal(out.len, 8);
	v.off++;
	assert_int_equal(proc_kpage_nodes[0].show(&v, &out), -EINVAL);
	out_free(&out);
	free(w);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_free_page_is_seen_so),
		cmocka_unit_test(compound_pages_have_heads_and_tails),
		cmocka_unit_test(the_file_ends_with_a_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
