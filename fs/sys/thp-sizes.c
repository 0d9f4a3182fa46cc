// SPDX-License-Identifier: Apache-2.0
/* transparent_hugepage/hugepages-*kB: mm/huge_memory.c (thpsize_create()),
 * mm/shmem.c. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"
#include "fs/sys/thp.h"

/* One part of a path for all sizes; what anonymous memory alone has is
 * missing where the size is too small for it. */
#define SIZE	      "sys/kernel/mm/transparent_hugepage/hugepages-$shmsizekB/"
#define LEAST_ANON_KB 16

static const char *const enabled_words[] = {
	[THP_SIZE_ALWAYS] = "always",
	[THP_SIZE_INHERIT] = "inherit",
	[THP_SIZE_MADVISE] = "madvise",
	[THP_SIZE_NEVER] = "never",
};
static const char *const shmem_words[] = {
	[THP_SIZE_SHMEM_ALWAYS] = "always",
	[THP_SIZE_SHMEM_INHERIT] = "inherit",
	[THP_SIZE_SHMEM_WITHIN] = "within_size",
	[THP_SIZE_SHMEM_ADVISE] = "advise",
	[THP_SIZE_SHMEM_NEVER] = "never",
};

static unsigned view_order(const struct view *v)
{
	unsigned order = 0;

	for (uint32_t kb = v->size_kb; kb > PAGE_SIZE >> 10; kb >>= 1)
		order++;
	return order < HPAGE_ORDER ? order : HPAGE_ORDER;
}

static bool anon_exists(const struct view *v)
{
	return v->size_kb >= LEAST_ANON_KB;
}

static int show_enabled(const struct view *v, struct outbuf *out)
{
	attr_choice(out, enabled_words, ARRAY_SIZE(enabled_words),
		    v->m->space.thp.size[view_order(v)]);
	return out->error;
}

static long store_enabled(const struct view *v, const char *text, size_t len)
{
	int word;

	if (!len)
		return 0;
	word = attr_word(enabled_words, ARRAY_SIZE(enabled_words), text, len);
	if (word < 0)
		return word;
	thp_set_size(&v->w->m.space.thp, view_order(v),
		     (enum thp_size_mode)word);
	thp_changed(&v->w->m);
	return (long)len;
}

static int show_shmem(const struct view *v, struct outbuf *out)
{
	attr_choice(out, shmem_words, ARRAY_SIZE(shmem_words),
		    v->m->space.thp.size_shmem[view_order(v)]);
	return out->error;
}

static long store_shmem(const struct view *v, const char *text, size_t len)
{
	int word;

	if (!len)
		return 0;
	word = attr_word(shmem_words, ARRAY_SIZE(shmem_words), text, len);
	if (word < 0)
		return word;
	v->w->m.space.thp.size_shmem[view_order(v)] = (uint8_t)word;
	return (long)len;
}

static int show_stat(const struct view *v, struct outbuf *out)
{
	out_dec(out, v->m->space.thp.stat[view_order(v)][v->arg], 0);
	out_char(out, '\n');
	return out->error;
}

uint64_t thp_nr_anon(const struct phys *p, unsigned order, bool partial)
{
	uint64_t nr = 0;

	for (uint64_t pfn = 0; pfn < p->max_pfn; pfn += 1u << order) {
		const struct frame *f;

		if (!p->sections[pfn >> SECTION_SHIFT]) {
			pfn += SECTION_FRAMES - (1u << order);
			continue;
		}
		f = frame_at(p, (pfn_t)pfn);
		if (frame_type(f) != FRAME_ANON || !(f->word & PG_HEAD) ||
		    frame_order(f) != order)
			continue;
		if (!partial || f->word & PG_PARTIAL)
			nr++;
	}
	return nr;
}

static int show_nr_anon(const struct view *v, struct outbuf *out)
{
	out_dec(out, thp_nr_anon(&v->m->phys, view_order(v), v->arg), 0);
	out_char(out, '\n');
	return out->error;
}

#define STAT(name, item)                                                 \
	{                                                                \
		.path = SIZE "stats/" name, .mode = 0444, .arg = (item), \
		.show = show_stat                                        \
	}
#define ANON_STAT(name, item)                                            \
	{                                                                \
		.path = SIZE "stats/" name, .mode = 0444, .arg = (item), \
		.show = show_stat, .exists = anon_exists                 \
	}
#define GAUGE(name, partial)                                                \
	{                                                                   \
		.path = SIZE "stats/" name, .mode = 0444, .arg = (partial), \
		.show = show_nr_anon, .exists = anon_exists                 \
	}
const struct fsnode sys_thp_sizes_nodes[] = {
	{ .path = SIZE "enabled",
	  .mode = 0644,
	  .show = show_enabled,
	  .store = store_enabled,
	  .exists = anon_exists },
	{ .path = SIZE "shmem_enabled",
	  .mode = 0644,
	  .show = show_shmem,
	  .store = store_shmem },
	ANON_STAT("anon_fault_alloc", THP_STAT_ANON_ALLOC),
	ANON_STAT("anon_fault_fallback", THP_STAT_ANON_FALLBACK),
	ANON_STAT("anon_fault_fallback_charge", THP_STAT_ANON_FALLBACK_CHARGE),
	GAUGE("nr_anon", false),
	GAUGE("nr_anon_partially_mapped", true),
	STAT("shmem_alloc", THP_STAT_SHMEM_ALLOC),
	STAT("shmem_fallback", THP_STAT_SHMEM_FALLBACK),
	STAT("shmem_fallback_charge", THP_STAT_SHMEM_FALLBACK_CHARGE),
	STAT("split", THP_STAT_SPLIT),
	ANON_STAT("split_deferred", THP_STAT_SPLIT_DEFERRED),
	STAT("split_failed", THP_STAT_SPLIT_FAILED),
	STAT("swpin", THP_STAT_SWPIN),
	STAT("swpin_fallback", THP_STAT_SWPIN_FALLBACK),
	STAT("swpin_fallback_charge", THP_STAT_SWPIN_FALLBACK_CHARGE),
	STAT("swpout", THP_STAT_SWPOUT),
	STAT("swpout_fallback", THP_STAT_SWPOUT_FALLBACK),
	STAT("zswpout", THP_STAT_ZSWPOUT),
};
NODES_COUNT(sys_thp_sizes);
