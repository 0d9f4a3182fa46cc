// SPDX-License-Identifier: Apache-2.0
/* /proc/kpagecount and kpageflags: fs/proc/page.c, eight bytes a frame. */
#include "fs/page-look.h"
#include "fs/proc/proc-nodes.h"

#include <errno.h>

#define ENTRY_BYTES 8u
/* PAGES_PER_SECTION: the files end where a section of 128 MiB does. */
#define SECTION_PAGES (128u << (20 - PAGE_SHIFT))

/* include/uapi/linux/kernel-page-flags.h */
#define KPF(bit) (1ull << (bit))
enum {
	KPF_SLAB = 7,
	KPF_BUDDY = 10,
	KPF_MMAP = 11,
	KPF_ANON = 12,
	KPF_COMPOUND_HEAD = 15,
	KPF_COMPOUND_TAIL = 16,
	KPF_HUGE = 17,
	KPF_THP = 22,
	KPF_ZERO_PAGE = 24,
	KPF_PGTABLE = 26,
	KPF_RESERVED = 32,
};

/* Flags of a folio that show as they are. */
static const struct {
	uint32_t flag;
	unsigned bit;
} flag_bits[] = {
	{ PG_LOCKED, 0 },      { PG_REFERENCED, 2 },   { PG_UPTODATE, 3 },
	{ PG_DIRTY, 4 },       { PG_LRU, 5 },	       { PG_ACTIVE, 6 },
	{ PG_WRITEBACK, 8 },   { PG_RECLAIM, 9 },      { PG_SWAPCACHE, 13 },
	{ PG_SWAPBACKED, 14 }, { PG_UNEVICTABLE, 18 }, { PG_KSM, 21 },
	{ PG_MLOCKED, 33 },    { PG_PRIVATE, 35 },
};

/* What a page is by its type. */
static const uint64_t type_bits[NR_FRAME_TYPES] = {
	[FRAME_BUDDY] = KPF(KPF_BUDDY),
	[FRAME_RESERVED] = KPF(KPF_RESERVED),
	[FRAME_ANON] = KPF(KPF_ANON),
	[FRAME_SLAB] = KPF(KPF_SLAB),
	[FRAME_TABLE] = KPF(KPF_PGTABLE),
	[FRAME_HUGETLB] = KPF(KPF_HUGE),
	[FRAME_ZERO] = KPF(KPF_ZERO_PAGE) | KPF(KPF_RESERVED),
};

/* stable_page_flags() */
static uint64_t page_flags(const struct phys *p, pfn_t pfn)
{
	struct page_look look;
	uint64_t bits;

	page_look(p, pfn, &look);
	bits = type_bits[look.type];
	for (size_t i = 0; i < ARRAY_SIZE(flag_bits); i++)
		if (look.flags & flag_bits[i].flag)
			bits |= KPF(flag_bits[i].bit);
	if (look.mapcount)
		bits |= KPF(KPF_MMAP);
	if (look.flags & PG_HEAD) {
		bits |= pfn == look.head ? KPF(KPF_COMPOUND_HEAD)
					 : KPF(KPF_COMPOUND_TAIL);
		if (look.type == FRAME_ANON || look.type == FRAME_FILE)
			bits |= KPF(KPF_THP);
	}
	return bits;
}

static uint64_t page_count(const struct phys *p, pfn_t pfn)
{
	struct page_look look;

	page_look(p, pfn, &look);
	return look.mapcount;
}

/* kpage_read() */
static int show_kpage(const struct view *v, struct outbuf *out,
		      uint64_t (*value_of)(const struct phys *p, pfn_t pfn))
{
	const struct phys *p = &v->m->phys;
	uint64_t pfn = v->off / ENTRY_BYTES, end = pfn + v->len / ENTRY_BYTES;
	uint64_t last = (p->max_pfn + (uint64_t)SECTION_PAGES - 1) /
			SECTION_PAGES * SECTION_PAGES;

	if (v->off % ENTRY_BYTES || v->len % ENTRY_BYTES)
		return -EINVAL;
	for (; pfn < end && pfn < last && !out->error; pfn++) {
		uint64_t value = pfn < p->max_pfn ? value_of(p, (pfn_t)pfn) : 0;
		unsigned char bytes[ENTRY_BYTES];

		for (unsigned i = 0; i < ENTRY_BYTES; i++)
			bytes[i] = (unsigned char)(value >> 8 * i);
		out_bytes(out, bytes, sizeof(bytes));
	}
	return 0;
}

static int show_kpagecount(const struct view *v, struct outbuf *out)
{
	return show_kpage(v, out, page_count);
}

static int show_kpageflags(const struct view *v, struct outbuf *out)
{
	return show_kpage(v, out, page_flags);
}

#define KPAGE(name, show_file)                                            \
	{                                                                 \
		.path = "proc/" name, .mode = 0400,                       \
		.flags = FSNODE_SIZE0 | FSNODE_OFFSET, .show = show_file, \
	}
const struct fsnode proc_kpage_nodes[] = {
	KPAGE("kpagecount", show_kpagecount),
	KPAGE("kpageflags", show_kpageflags),
};
NODES_COUNT(proc_kpage);
