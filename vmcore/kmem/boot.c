// SPDX-License-Identifier: Apache-2.0
/* What the kernel holds before the first process runs. */
#include "vmcore/kmem/inner.h"

#include <errno.h>

/* A CPU's part of the percpu first chunk (mm/percpu.c): of the kernel's own
 * reserved memory, shown as Percpu all the same. */
#define PERCPU_FIRST_CHUNK 64u
/* Kernel pages that are no cache's and no area's: modules, tables, buffers. */
#define PLAIN_PAGES 1800u
#define BLOCK_ORDER 3u
/* Of the atomic pools of DMA: the least one, and all pages by its size. */
#define POOL_ORDER 5u
#define POOL_SHARE 8192u

static const struct {
	uint32_t cache, objects;
} boot_rows[] = {
#define BOOT(id, count) { (id), (count) },
#include "vmcore/kmem/kmem-boot.def"
};
#define NR_ROWS (sizeof(boot_rows) / sizeof(boot_rows[0]))

static const struct {
	enum vmalloc_caller caller;
	uint32_t pages, count;
} boot_areas[] = {
	{ VMALLOC_BY_BPF_PACK, 512, 1 }, { VMALLOC_BY_CHUNK, 512, 1 },
	{ VMALLOC_BY_PERCPU, 9, 1 },	 { VMALLOC_BY_PERCPU, 8, 1 },
	{ VMALLOC_BY_PERCPU, 2, 1 },	 { VMALLOC_BY_FTRACE, 1, 1 },
	{ VMALLOC_BY_BPF, 1, 63 },
};
#define NR_AREAS (sizeof(boot_areas) / sizeof(boot_areas[0]))

static int boot_result(int r)
{
	return r == NEED_MEMORY ? ENOMEM : r;
}

static uint64_t pages_of(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static uint64_t row_slabs(const struct kmem *k, size_t row)
{
	const struct kmem_cache *c = kmem_cache_at(k, boot_rows[row].cache);

	return (boot_rows[row].objects + c->per_slab - 1) / c->per_slab;
}

/* Pages of all rows of a kind. */
static uint64_t rows_pages(const struct kmem *k, uint32_t kind)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < NR_ROWS; i++) {
		const struct kmem_cache *c =
			kmem_cache_at(k, boot_rows[i].cache);

		if (c->kind == kind)
			pages += row_slabs(k, i) << c->order;
	}
	return pages;
}

void kmem_boot_usual(const struct kmem *k, uint64_t *ret_reclaimable,
		     uint64_t *ret_unreclaimable, uint64_t *ret_other)
{
	uint64_t pages = PLAIN_PAGES;

	for (size_t i = 0; i < NR_AREAS; i++)
		pages += boot_areas[i].pages * boot_areas[i].count;
	*ret_reclaimable = rows_pages(k, KMEM_RECLAIMABLE) << PAGE_SHIFT;
	*ret_unreclaimable = rows_pages(k, KMEM_UNRECLAIMABLE) << PAGE_SHIFT;
	*ret_other = pages << PAGE_SHIFT;
}

static uint64_t slab_pages(const struct kmem *k, uint32_t kind)
{
	return (uint64_t)vmstat_node_sum(&k->phys->stat,
					 kind == KMEM_RECLAIMABLE
						 ? NR_SLAB_RECLAIMABLE
						 : NR_SLAB_UNRECLAIMABLE);
}

static int fill_slabs(struct kmem *k, struct ctx *ctx, uint32_t cache,
		      uint64_t slabs)
{
	uint32_t per_slab = kmem_cache_at(k, cache)->per_slab;
	int r = 0;

	while (slabs-- && !r) {
		r = kmem_alloc_many(k, ctx, (enum kmem_cache_id)cache,
				    per_slab);
		pcp_refill_small(k->phys, ctx->cpu);
	}
	return r;
}

/* Slabs of a kind up to @pages in all: the rows' share of what is missing,
 * then names (or directory entries), then single pages. */
static int boot_slabs(struct kmem *k, struct ctx *ctx, uint32_t kind,
		      uint64_t pages)
{
	bool names = kind == KMEM_RECLAIMABLE;
	const uint32_t rest[] = {
		names ? KMEM_DENTRY : KMEM_KERNFS_NODE,
		names ? KMEM_MALLOC_RCL_64 : KMEM_MALLOC_64,
	};
	uint64_t usual = rows_pages(k, kind), have = slab_pages(k, kind);
	uint64_t missing = pages > have ? pages - have : 0;
	int r = 0;

	for (size_t i = 0; i < NR_ROWS && !r; i++)
		if (kmem_cache_at(k, boot_rows[i].cache)->kind == kind)
			r = fill_slabs(k, ctx, boot_rows[i].cache,
				       row_slabs(k, i) * missing / usual);
	for (unsigned i = 0; i < 2 && !r; i++) {
		uint32_t order = kmem_cache_at(k, rest[i])->order;

		have = slab_pages(k, kind);
		if (have < pages)
			r = fill_slabs(k, ctx, rest[i],
				       (pages - have) >> order);
	}
	return boot_result(r);
}

/* Areas as far as they fit in @pages. *@ret_left: what they left of it. */
static int boot_vmalloc(struct kmem *k, struct ctx *ctx, uint64_t pages,
			uint64_t *ret_left)
{
	uint32_t area;
	int r = 0;

	for (size_t i = 0; i < NR_AREAS; i++)
		for (uint32_t n = 0; n < boot_areas[i].count; n++) {
			if (boot_areas[i].pages > pages)
				break;
			r = vmalloc(k, ctx, boot_areas[i].pages,
				    boot_areas[i].caller, &area);
			if (r)
				return boot_result(r);
			vmalloc_at(k, area)->kind = VMALLOC_BOOT;
			pages -= boot_areas[i].pages;
		}
	*ret_left = pages;
	return 0;
}

static int boot_block(struct kmem *k, struct ctx *ctx, unsigned order,
		      uint32_t gfp)
{
	struct frame *f;
	pfn_t pfn;
	int r = page_alloc(k->phys, ctx, order, gfp | GFP_BIT_COMP, &pfn);

	pcp_refill_small(k->phys, ctx->cpu);
	if (r)
		return boot_result(r);
	f = frame_at(k->phys, pfn);
	f->owner = KMEM_BOOT;
	f->next = k->boot_head;
	k->boot_head = pfn;
	return 0;
}

static int boot_blocks(struct kmem *k, struct ctx *ctx, uint64_t pages)
{
	int r = 0;

	while (pages && !r) {
		unsigned order = pages >> BLOCK_ORDER ? BLOCK_ORDER : 0;

		r = boot_block(k, ctx, order, GFP_KERNEL);
		pages -= 1u << order;
	}
	return r;
}

/* Memory for devices that may not wait, a pool of each kind (kernel/dma/pool.c,
 * dma_atomic_pool_init()): 128 KiB for each GiB. *@pages: what may be used. */
static int boot_dma_pools(struct kmem *k, struct ctx *ctx, uint64_t *pages)
{
	static const uint32_t kinds[] = { 0, GFP_BIT_DMA, GFP_BIT_DMA32 };
	uint64_t pool = phys_total_pages(k->phys) / POOL_SHARE;
	unsigned order = POOL_ORDER;
	int r = 0;

	while (order < MAX_ORDER && pool > 1u << order)
		order++;
	/* CONFIG_AMD_MEM_ENCRYPT, hence not for 32 bits */
	if (k->phys->i386 || *pages < 3ull << order ||
	    phys_total_pages(k->phys) < 64ull << order)
		return 0;
	for (unsigned i = 0; i < 3 && !r; i++) {
		r = boot_block(k, ctx, order, GFP_KERNEL | kinds[i]);
		if (!r)
			*pages -= 1ull << order;
		else if (r == ENOMEM) /* no such zone */
			r = 0;
	}
	return r;
}

/* The idle task of the first CPU runs on a stack of the kernel's image. */
static int boot_idle(struct kmem *k, struct ctx *ctx)
{
	pfn_t pages[STACK_PAGES];

	for (unsigned cpu = 1; cpu < k->phys->nr_cpus; cpu++) {
		int r = stack_alloc(k, ctx, ID_NONE, pages);

		if (r)
			return boot_result(r);
		if (!k->phys->i386)
			vmalloc_at(k, frame_at(k->phys, pages[0])->private)
				->caller = VMALLOC_BY_IDLE;
	}
	return 0;
}

int kmem_boot(struct kmem *k, struct ctx *ctx, uint64_t reclaimable_bytes,
	      uint64_t unreclaimable_bytes, uint64_t other_bytes)
{
	uint64_t other = pages_of(other_bytes), plain = 0;
	int r = boot_idle(k, ctx);

	k->percpu_pages = (uint64_t)PERCPU_FIRST_CHUNK * k->phys->nr_cpus;
	if (!r)
		r = boot_dma_pools(k, ctx, &other);
	if (!r)
		r = boot_vmalloc(k, ctx, other, &plain);
	if (!r)
		r = boot_blocks(k, ctx, plain);
	if (!r)
		r = boot_slabs(k, ctx, KMEM_RECLAIMABLE,
			       pages_of(reclaimable_bytes));
	if (!r)
		r = boot_slabs(k, ctx, KMEM_UNRECLAIMABLE,
			       pages_of(unreclaimable_bytes));
	return r;
}
