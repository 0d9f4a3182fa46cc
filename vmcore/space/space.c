// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

const struct knob space_knobs[] = {
	{ .name = "legacy_va_layout",
	  .type = KNOB_INT,
	  .mode = 0644,
	  .off = offsetof(struct space, legacy_va_layout),
	  .min = 0,
	  .max = INT32_MAX,
	  .def = 0,
	  .unit = "switch",
	  .doc = "non-zero: bottom-up layout of the next program",
	  .source = "mm/util.c" },
	{ .name = "max_map_count",
	  .type = KNOB_INT,
	  .mode = 0644,
	  .off = offsetof(struct space, max_map_count),
	  .min = 0,
	  .max = INT32_MAX,
	  .def = 65530,
	  .unit = "VMAs",
	  .doc = "most VMAs an address space may have",
	  .source = "mm/mmap.c" },
	{ .name = "mmap_min_addr",
	  .type = KNOB_ULONG,
	  .mode = 0644,
	  .off = offsetof(struct space, mmap_min_addr),
	  .min = 0,
	  .max = -1,
	  .def = 65536,
	  .unit = "bytes",
	  .doc = "lowest address a program may map",
	  .source = "security/min_addr.c" },
	{ .name = "mmap_rnd_bits",
	  .type = KNOB_INT,
	  .mode = 0600,
	  .off = offsetof(struct space, mmap_rnd_bits),
	  .min = 28,
	  .max = 32,
	  .def = 28,
	  .unit = "bits",
	  .doc = "randomness of the mmap base",
	  .source = "mm/mmap.c" },
	{ .name = "mmap_rnd_compat_bits",
	  .type = KNOB_INT,
	  .mode = 0600,
	  .off = offsetof(struct space, mmap_rnd_compat_bits),
	  .min = 8,
	  .max = 16,
	  .def = 8,
	  .unit = "bits",
	  .doc = "the same for 32-bit programs",
	  .source = "mm/mmap.c" },
	{ .name = "randomize_va_space",
	  .type = KNOB_INT,
	  .mode = 0644,
	  .off = offsetof(struct space, randomize_va_space),
	  .min = INT32_MIN,
	  .max = INT32_MAX,
	  .def = 2,
	  .unit = "mode",
	  .doc = "0: programs lie where they did last time; 2: the heap moves too",
	  .source = "kernel/sysctl.c" },
};
const unsigned nr_space_knobs = sizeof(space_knobs) / sizeof(*space_knobs);

int space_init(struct space *s, struct host *host, struct cache *cache,
	       uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	s->host = host;
	s->cache = cache;
	s->phys = cache->phys;
	s->control = cache->control;
	s->kmem = cache->kmem;
	pool_init(&s->mms, host, sizeof(struct mm));
	pool_init(&s->vmas, host, sizeof(struct vma));
	pool_init(&s->vma_nodes, host, sizeof(struct vma_node));
	pool_init(&s->anon_vmas, host, sizeof(struct anon_vma));
	pool_init(&s->chains, host, sizeof(struct anon_vma_chain));
	pool_init(&s->ksm_slots, host, sizeof(struct ksm_slot));
	pool_init(&s->ksm_items, host, sizeof(struct ksm_item));
	pool_init(&s->ksm_nodes, host, sizeof(struct ksm_node));
	pool_init(&s->ksm_tree, host, sizeof(struct xa_node));
	space_set_paging(s, PAGING_4_LEVEL);
	pool_init(&s->tlb.entries, host, sizeof(struct tlb_entry));
	s->max_map_count = 65530;
	s->mmap_rnd_compat_bits = 8;
	s->randomize_va_space = 2;
	s->mmap_min_addr = 65536;
	s->rng = seed;
	thp_defaults(&s->thp);
	ksm_defaults(&s->ksm);
	return pt_memo_new(s);
}

void space_set_paging(struct space *s, enum paging_kind kind)
{
	const struct paging *p = &paging_rows[kind];

	s->paging = *p;
	s->mmap_rnd_bits = p->rnd_bits;
	pool_fini(&s->tables);
	pool_init(
		&s->tables, s->host,
		(uint32_t)(sizeof(struct table) + p->slots * sizeof(uint64_t)));
}

void space_fini(struct space *s)
{
	tlb_fini(s);
	pt_memo_free(s);
	pool_fini(&s->ksm_tree);
	pool_fini(&s->ksm_nodes);
	pool_fini(&s->ksm_items);
	pool_fini(&s->ksm_slots);
	pool_fini(&s->tables);
	pool_fini(&s->chains);
	pool_fini(&s->anon_vmas);
	pool_fini(&s->vma_nodes);
	pool_fini(&s->vmas);
	pool_fini(&s->mms);
}

int space_archive(struct space *s, struct archive *a)
{
	struct pool *pools[] = { &s->mms,	&s->vmas,      &s->vma_nodes,
				 &s->anon_vmas, &s->chains,    &s->tables,
				 &s->ksm_slots, &s->ksm_items, &s->ksm_nodes,
				 &s->ksm_tree };
	int r = 0;

	if (archive_loading(a))
		pt_forget(s);
	for (unsigned i = 0; i < sizeof(pools) / sizeof(*pools) && !r; i++)
		r = pool_archive(pools[i], a);
	if (!r && s->tlb.on)
		r = pool_archive(&s->tlb.entries, a);
	if (!r && s->tlb.on)
		r = archive_bytes(a, s->tlb.cpu, sizeof(s->tlb.cpu));
	if (!r)
		r = archive_bytes(
			a, &s->max_map_count,
			sizeof(*s) - offsetof(struct space, max_map_count));
	return r;
}
