// SPDX-License-Identifier: Apache-2.0
/* The caches and how their objects lie in slabs (mm/slab_common.c,
 * calculate_alignment(); mm/slub.c, calculate_sizes(), calculate_order()). */
#include "vmcore/kmem/inner.h"

#include <errno.h>
#include <string.h>

#define WORD		8u
#define CACHE_LINE	64u
#define MAX_OBJS	32767u /* MAX_OBJS_PER_PAGE */
#define SLUB_MAX_ORDER	3u
#define MIN_PARTIAL	5u
#define MAX_PARTIAL	10u
#define MAX_OBJECT_SIZE (PAGE_SIZE << MAX_ORDER)

static const struct kmem_cache_args rows[] = {
#define CACHE(id, cache_name, object, alignment, cache_flags, cache_kind) \
	[id] = { .name = (cache_name),                                    \
		 .object_size = (object),                                 \
		 .align = (alignment),                                    \
		 .flags = (cache_flags),                                  \
		 .kind = (cache_kind) },
#include "vmcore/kmem/kmem-caches.def"
};

static const struct {
	const char *name;
	uint32_t cache;
} aliases[] = {
#define ALIAS(id, alias, of) { (alias), (of) },
#include "vmcore/kmem/kmem-caches.def"
};

static uint32_t align_up(uint32_t size, uint32_t align)
{
	return (size + align - 1) / align * align;
}

/* fls(): number of the highest bit, from 1. */
static uint32_t highest_bit(uint32_t word)
{
	uint32_t bit = 0;

	for (; word; word >>= 1)
		bit++;
	return bit;
}

/* The order of a block that holds @bytes (get_order()). */
static uint32_t bytes_order(uint64_t bytes)
{
	uint32_t order = 0;

	while (((uint64_t)PAGE_SIZE << order) < bytes)
		order++;
	return order;
}

static uint32_t alignment(uint32_t flags, uint32_t align, uint32_t size)
{
	if (flags & KMEM_HWCACHE) {
		uint32_t line = CACHE_LINE;

		while (size <= line / 2)
			line /= 2;
		if (align < line)
			align = line;
	}
	return align_up(align < WORD ? WORD : align, WORD);
}

static uint32_t slab_order(uint32_t size, uint32_t nr_cpus)
{
	uint32_t min_objects = 4 * (highest_bit(nr_cpus) + 1);
	uint32_t max_objects = (PAGE_SIZE << SLUB_MAX_ORDER) / size;
	uint32_t min_order;

	if (min_objects > max_objects)
		min_objects = max_objects ? max_objects : 1;
	min_order = bytes_order((uint64_t)min_objects * size);
	if ((PAGE_SIZE << min_order) / size > MAX_OBJS)
		min_order = bytes_order((uint64_t)size * MAX_OBJS) - 1;
	/* Waste a sixteenth at most; if no order can, an eighth ... */
	for (uint32_t fraction = 16; fraction > 1; fraction /= 2)
		for (uint32_t o = min_order; o <= SLUB_MAX_ORDER; o++) {
			uint32_t bytes = PAGE_SIZE << o;

			if (bytes % size <= bytes / fraction)
				return o;
		}
	return bytes_order(size);
}

/* set_cpu_partial(): so many objects, half of the slabs' in use. */
static uint32_t cpu_partial(const struct kmem_cache *c)
{
	uint32_t objects = 120;

	if (c->size >= PAGE_SIZE)
		objects = 6;
	else if (c->size >= 1024)
		objects = 24;
	else if (c->size >= 256)
		objects = 52;
	return (2 * objects + c->per_slab - 1) / c->per_slab;
}

void cache_layout(struct kmem_cache *c, uint32_t align, uint32_t nr_cpus)
{
	uint32_t size = align_up(c->object_size, WORD);

	if (c->flags & (KMEM_RCU | KMEM_CTOR))
		size += WORD;
	c->size = align_up(size, alignment(c->flags, align, c->object_size));
	c->order = slab_order(c->size, nr_cpus);
	c->min_order = bytes_order(c->size);
	c->per_slab = (PAGE_SIZE << c->order) / c->size;
	c->min_partial = (highest_bit(c->size) - 1) / 2;
	if (c->min_partial < MIN_PARTIAL)
		c->min_partial = MIN_PARTIAL;
	if (c->min_partial > MAX_PARTIAL)
		c->min_partial = MAX_PARTIAL;
	c->cpu_partial = cpu_partial(c);
}

uint32_t kmem_cache_find(const struct kmem *k, const char *name)
{
	for (uint32_t i = 0; i < k->caches.top; i++)
		if (!strcmp(kmem_cache_at(k, i)->name, name))
			return i;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcmp(aliases[i].name, name))
			return aliases[i].cache;
	return k->caches.top;
}

static void cache_setup(struct kmem *k, uint32_t cache,
			const struct kmem_cache_args *args)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);

	memcpy(c->name, args->name, strlen(args->name));
	c->object_size = args->object_size;
	c->flags = args->flags;
	c->kind = args->kind;
	cache_layout(c, args->align, k->phys->nr_cpus);
	c->bulk_head = PFN_NONE;
	for (unsigned n = 0; n < MAX_NODES; n++)
		c->node[n].head = c->node[n].tail = PFN_NONE;
	for (unsigned cpu = 0; cpu < k->phys->nr_cpus; cpu++)
		*kmem_cpu_at(k, cache, cpu) =
			(struct kmem_cpu){ .slab = PFN_NONE,
					   .partial = PFN_NONE };
}

int kmem_cache_create(struct kmem *k, const struct kmem_cache_args *args,
		      uint32_t *ret_cache)
{
	size_t len = strlen(args->name);
	uint32_t id, cpus;
	int r;

	if (!len || len >= sizeof(((struct kmem_cache *)0)->name) ||
	    !args->object_size || args->object_size > MAX_OBJECT_SIZE - WORD)
		return EINVAL;
	if (kmem_cache_find(k, args->name) < k->caches.top)
		return EEXIST;
	if (k->caches.top == KMEM_MAX_CACHES)
		return ENOSPC;
	r = pool_new(&k->cpus, &cpus);
	if (r)
		return r;
	r = pool_new(&k->caches, &id);
	if (r) {
		pool_free(&k->cpus, cpus);
		return r;
	}
	cache_setup(k, id - 1, args);
	*ret_cache = id - 1;
	return 0;
}

uint64_t kmem_cache_total(const struct kmem_cache *c)
{
	uint64_t nr = 0;

	for (unsigned n = 0; n < MAX_NODES; n++)
		nr += c->node[n].nr_total;
	return nr;
}

uint64_t kmem_cache_active(const struct kmem_cache *c)
{
	uint64_t nr = 0;

	for (unsigned n = 0; n < MAX_NODES; n++)
		nr += c->node[n].nr_total - c->node[n].nr_free;
	return nr;
}

#define I386_DIRECT 0xc0000000u
#define I386_GAP    (8u << 20) /* VMALLOC_OFFSET */

/* VMALLOC_START and VMALLOC_END; on i386 from 8 MiB above the direct mapping
 * to two pages below pkmap (pgtable_32_areas.h, eight CPUs configured). */
static void set_range(struct kmem *k)
{
	const struct phys *p = k->phys;

	k->vmalloc_start = 0xffffc90000000000u;
	k->vmalloc_end = 0xffffe8ffffffffffu;
	if (!p->i386)
		return;
	k->vmalloc_start =
		I386_DIRECT + I386_GAP + (uint64_t)phys_low_end(p) * PAGE_SIZE;
	k->vmalloc_end = p->pae ? 0xff5fe000u : 0xfeffe000u;
}

void kmem_set_la57(struct kmem *k)
{
	k->vmalloc_start = 0xffa0000000000000u;
	k->vmalloc_end = 0xffd1ffffffffffffu;
}

int kmem_init(struct kmem *k, struct host *host, struct control *control)
{
	uint32_t nr_cpus = control->phys->nr_cpus, cache;
	int r = 0;

	memset(k, 0, sizeof(*k));
	k->host = host;
	k->phys = control->phys;
	k->control = control;
	k->boot_head = PFN_NONE;
	set_range(k);
	pool_init(&k->caches, host, sizeof(struct kmem_cache));
	pool_init(&k->cpus, host, nr_cpus * (uint32_t)sizeof(struct kmem_cpu));
	pool_init(&k->charges, host, sizeof(struct slab_charge));
	pool_init(&k->vmalloc_areas, host, sizeof(struct vmalloc_area));
	for (unsigned i = 0; i < NR_KMEM_CACHES && !r; i++)
		r = kmem_cache_create(k, &rows[i], &cache);
	if (r)
		kmem_fini(k);
	return r;
}

void kmem_fini(struct kmem *k)
{
	pool_fini(&k->caches);
	pool_fini(&k->cpus);
	pool_fini(&k->charges);
	pool_fini(&k->vmalloc_areas);
}
