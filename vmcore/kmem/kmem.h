/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KMEM_H
#define VMCORE_KMEM_H

#include "vmcore/base/tree.h"
#include "vmcore/control/control.h"

/*
 * DOC: slab caches, kernel stacks, vmalloc.
 *
 * Models:  mm/slub.c, mm/slab_common.c, mm/vmalloc.c, kernel/fork.c (stacks)
 *          of 6.18.
 * Owns:    kmem caches and their slabs, vmalloc areas, cached stacks.
 * Units:   objects; slabs are blocks of 2^order pages.
 * Order:   caches in creation order (slabinfo prints newest first); partial
 *          lists are served from the head, as the kernel's.
 * Omits:   which object of a slab is whose: only how many are in use, and of
 *          which groups; per-CPU sheaves; lazily freed vmalloc ranges.
 *
 * An allocation is named by its slab's head pfn: give it back to free one
 * object of that slab.
 *
 * A slab is in one place: some CPU's own slab (SLAB_FROZEN), a CPU's list of
 * partial ones, a node's (SLAB_PARTIAL), a cache's bulk list (SLAB_BULK), or,
 * being full, in none.
 *
 * An object of an accounted cache is charged to ctx->group by its bytes; a
 * group's pages are its bytes rounded up. kmem_free() takes the object off
 * ctx->group if that has one in the slab: who frees for another group says so
 * by ctx->group.
 */
enum kmem_kind { KMEM_UNRECLAIMABLE, KMEM_RECLAIMABLE };
#define KMEM_ACCOUNT	1u
#define KMEM_HWCACHE	2u
#define KMEM_RCU	4u /* TYPESAFE_BY_RCU: free pointer outside */
#define KMEM_CTOR	8u
#define KMEM_DMA	16u
#define KMEM_MAX_CACHES 512u

/* Caches the model itself charges; rows in kmem-caches.def. */
enum kmem_cache_id {
#define CACHE(id, name, object, align, flags, kind) id,
#include "vmcore/kmem/kmem-caches.def"
	NR_KMEM_CACHES,
/* What merges into an older cache is that cache. */
#define ALIAS(id, name, of) id = of,
#include "vmcore/kmem/kmem-caches.def"
};

/* Where a slab is: bits of its frame's word. */
#define SLAB_PARTIAL PG_WORKINGSET /* the kernel's own choice */
#define SLAB_FROZEN  PG_DEFERRED
#define SLAB_BULK    PG_RESERVE

/* A node's share of a cache (struct kmem_cache_node). */
struct kmem_node {
	uint32_t head, tail, nr_partial; /* partial slabs, by pfn */
	uint32_t nr_slabs; /* all slabs of the node */
	uint64_t nr_free; /* free objects of the partial slabs */
	uint64_t nr_total; /* objects its slabs hold, free or not */
};

/* A CPU's share (struct kmem_cache_cpu). */
struct kmem_cpu {
	uint32_t slab; /* pfn it allocates from, PFN_NONE */
	uint32_t partial, nr_partial; /* slabs, by frame.next */
};

struct kmem_cache {
	char name[32];
	uint32_t object_size, size; /* bytes, asked and laid out */
	uint32_t order, per_slab; /* 2^order pages, objects a slab */
	uint32_t min_order; /* if there is no block of @order */
	uint32_t flags, kind;
	uint32_t min_partial; /* slabs a node keeps though empty */
	uint32_t cpu_partial; /* slabs a CPU keeps beside its own */
	uint32_t bulk_head; /* slabs of kmem_alloc_many(), by pfn */
	uint32_t bulk_charges; /* and whom they are charged to */
	uint64_t nr_slabs, nr_objects; /* objects in use */
	uint64_t nr_bulk; /* of these in bulk slabs */
	struct kmem_node node[MAX_NODES];
};

/* Objects of one slab charged to one group. */
struct slab_charge {
	uint32_t next, group, count, spare;
};

enum vmalloc_kind {
	VMALLOC_PLAIN,
	VMALLOC_STACK,
	VMALLOC_BOOT,
	VMALLOC_USER, /* vmalloc_user(): a process may map it */
};

/* struct vmap_area and vm_struct in one. The guard page behind the area is
 * no part of nr_pages. */
struct vmalloc_area {
	struct tree_node node;
	uint64_t start;
	uint64_t low, high, gap; /* of the subtree */
	uint32_t kind, caller; /* index to vmalloc_callers[] */
	uint32_t nr_pages, nr_filled;
	uint32_t pages, last; /* frames, by frame.next; PFN_NONE */
	uint32_t array; /* slab of the page array, 0 */
	uint32_t array_area; /* or its area, if it is long */
	uint32_t slab[2]; /* vmap_area and vm_struct */
	uint32_t near, spare; /* the frame last asked for; 0 none */
};

#define STACK_PAGES  4
#define STACK_CACHED 2 /* stacks a CPU keeps of the dead */

struct kmem {
	struct host *host;
	struct phys *phys;
	struct control *control;
	struct pool caches; /* id = enum kmem_cache_id + 1, then named */
	struct pool cpus; /* same ids: nr_cpus struct kmem_cpu each */
	struct pool charges; /* struct slab_charge */
	struct pool vmalloc_areas;
	uint32_t vmalloc_root; /* areas by address */
	uint64_t vmalloc_start, vmalloc_end;
	uint64_t vmalloc_pages; /* VmallocUsed */
	uint64_t percpu_pages; /* Percpu */
	uint32_t boot_head; /* list of [boot] blocks */
	uint32_t stack_cache[MAX_CPUS][STACK_CACHED]; /* areas, 0 none */
};

int kmem_init(struct kmem *k, struct host *host, struct control *control);
void kmem_fini(struct kmem *k);
int kmem_archive(struct kmem *k, struct archive *a);
void kmem_check(const struct kmem *k, check_report *report, void *arg);
/* The vmalloc range of five-level page tables; before anything is in it. */
void kmem_set_la57(struct kmem *k);

static inline struct kmem_cache *kmem_cache_at(const struct kmem *k,
					       uint32_t cache)
{
	return pool_at(&k->caches, cache + 1);
}

static inline struct vmalloc_area *vmalloc_at(const struct kmem *k, uint32_t id)
{
	return pool_at(&k->vmalloc_areas, id);
}

/* --- caches ------------------------------------------------------------ */
struct kmem_cache_args {
	const char *name;
	uint32_t object_size, align, flags, kind;
};
/*
 * A cache beyond the table's. Return: 0, EEXIST, ENOSPC, EINVAL (size 0 or
 * above 4 MiB, a bad name), or a host errno. It may be used as an enum
 * kmem_cache_id.
 */
int kmem_cache_create(struct kmem *k, const struct kmem_cache_args *args,
		      uint32_t *ret_cache);
/* By name, aliases too. Return: NR of caches if there is none such. */
uint32_t kmem_cache_find(const struct kmem *k, const char *name);
/* What slabinfo shows: objects all slabs hold, and those of them not free on
 * a node's partial list (get_slabinfo()). */
uint64_t kmem_cache_total(const struct kmem_cache *c);
uint64_t kmem_cache_active(const struct kmem_cache *c);

/*
 * One object of @cache for @ctx. Return: 0 and the slab's pfn, or
 * NEED_MEMORY / NEED_CHARGE / host errno, nothing changed.
 */
int kmem_alloc(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
	       pfn_t *ret_slab);
/* The same for a request other than GFP_KERNEL. */
int kmem_alloc_gfp(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		   uint32_t gfp, pfn_t *ret_slab);
void kmem_free(struct kmem *k, struct ctx *ctx, pfn_t slab);
/* @count objects at once, for bulk users and [boot]; frees by cache. They
 * share no slab with objects that have a name. */
int kmem_alloc_many(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		    uint32_t count);
void kmem_free_many(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		    uint32_t count);

/* --- kmalloc ----------------------------------------------------------- */
#define KMALLOC_MAX_CACHE 8192u
/* The cache that serves @bytes <= KMALLOC_MAX_CACHE of @gfp's family. */
enum kmem_cache_id kmalloc_cache(uint32_t bytes, uint32_t gfp);
/* Larger ones are blocks of pages. Return: as kmem_alloc(); EINVAL above 4
 * MiB or for 0 bytes. */
int kmalloc(struct kmem *k, struct ctx *ctx, uint64_t bytes, uint32_t gfp,
	    pfn_t *ret_pfn);
void kfree(struct kmem *k, struct ctx *ctx, pfn_t pfn);
/* frame.owner of such a block (type FRAME_KERNEL). */
#define KMALLOC_LARGE (UINT32_MAX - 1)

/* --- vmalloc ----------------------------------------------------------- */
/* Who asked, as vmallocinfo names it; by vmalloc_area.caller. */
enum vmalloc_caller {
#define CALLER(id, text) id,
#include "vmcore/kmem/vmalloc-callers.def"
	NR_VMALLOC_CALLERS
};
extern const char *const vmalloc_callers[NR_VMALLOC_CALLERS];
/*
 * Addresses for @pages > 0, no memory yet. Return: 0; ENOMEM if there is no
 * room; NEED_MEMORY; host errno.
 */
int vmalloc_reserve(struct kmem *k, struct ctx *ctx, uint64_t pages,
		    enum vmalloc_caller caller, uint32_t *ret_area);
/*
 * Give the area up to @max further pages. Return: 0 when it has all of them,
 * STEP_MORE, NEED_MEMORY (what it got it keeps), host errno.
 */
int vmalloc_fill(struct kmem *k, struct ctx *ctx, uint32_t area, uint32_t max);
/* Both at once, all or nothing. */
int vmalloc(struct kmem *k, struct ctx *ctx, uint64_t pages,
	    enum vmalloc_caller caller, uint32_t *ret_area);
void vfree(struct kmem *k, struct ctx *ctx, uint32_t area);
/* The next area by address, ID_NONE begins and ends. */
uint32_t vmalloc_next(const struct kmem *k, uint32_t area);
/* The frame behind the @index-th page of an area, PFN_NONE. */
pfn_t vmalloc_page(const struct kmem *k, uint32_t area, uint32_t index);
/* The same of an @index below nr_filled, quick for who asks in order. */
pfn_t vmalloc_near(struct kmem *k, uint32_t area, uint32_t index);

/* A kernel stack of 16 KiB: four order-0 frames, vmalloc'ed. On i386 one block
 * of 8 KiB of low memory, ret_pages[0]. */
int stack_alloc(struct kmem *k, struct ctx *ctx, uint32_t owner,
		pfn_t ret_pages[4]);
void stack_free(struct kmem *k, struct ctx *ctx, const pfn_t pages[4]);

/* --- boot -------------------------------------------------------------- */
/*
 * Memory in use before the first process ([boot]): slab objects that add up
 * to the given bytes (dentries and inodes, kmalloc), and @other bytes of
 * kernel pages. Return: 0, ENOMEM, host errno.
 */
int kmem_boot(struct kmem *k, struct ctx *ctx, uint64_t reclaimable_bytes,
	      uint64_t unreclaimable_bytes, uint64_t other_bytes);
/* What a kernel of this many CPUs and nodes uses: for profiles that do not
 * say. */
void kmem_boot_usual(const struct kmem *k, uint64_t *ret_reclaimable,
		     uint64_t *ret_unreclaimable, uint64_t *ret_other);

#endif
