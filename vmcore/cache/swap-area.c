// SPDX-License-Identifier: Apache-2.0
/* swapon(2) and swapoff(2), as far as areas and slots go: mm/swapfile.c. */
#include "vmcore/cache/swap-internal.h"

#include <errno.h>
#include <string.h>

#define LEAST_PAGES 10u /* what mkswap makes an area of */

uint32_t swap_area_find(const struct cache *c, uint32_t inode)
{
	for (uint32_t i = 1; i <= SWAP_AREAS; i++)
		if (c->swap.area[i].flags && c->swap.area[i].inode == inode)
			return i;
	return 0;
}

/* The lowest number that is free (alloc_swap_info()); 0 none. */
static uint32_t area_number(const struct swap *s)
{
	uint32_t i = 1;

	while (i <= SWAP_AREAS && s->area[i].flags)
		i++;
	return i <= SWAP_AREAS ? i : 0;
}

static void active_add(struct swap *s, uint32_t area)
{
	uint32_t i = s->nr_active++;

	for (; i && s->area[s->active[i - 1]].prio < s->area[area].prio; i--)
		s->active[i] = s->active[i - 1];
	s->active[i] = (uint8_t)area;
}

static void active_del(struct swap *s, uint32_t area)
{
	uint32_t i = 0;

	while (s->active[i] != area)
		i++;
	s->nr_active--;
	memmove(&s->active[i], &s->active[i + 1], s->nr_active - i);
	s->active[s->nr_active] = 0;
}

/* enable_swap_info(): without a priority of its own it comes last. */
static void enable(struct cache *c, uint32_t id)
{
	struct swap *s = &c->swap;
	struct swap_area *a = swap_area_at(s, id);

	if (a->prio < 0)
		a->prio = --s->least_prio;
	a->flags |= SWAP_WRITEOK;
	active_add(s, id);
	if (a->inuse < swap_area_pages(a))
		avail_add(s, id);
	c->control->total_swap_pages += swap_area_pages(a);
	c->control->free_swap_pages += swap_area_pages(a) - a->inuse;
}

/* The header stays in the cache of its file, as read_mapping_page() left it:
 * 0, WAIT_IO, NEED_*, host errno. */
static int read_header(struct cache *c, struct ctx *ctx, uint32_t inode,
		       uint32_t *ret_file)
{
	uint32_t file, len;
	int r = file_open(c, ctx, inode, &file);

	if (r)
		return r;
	/* No neighbours: nobody reads on. */
	file_at(c, file)->ra_pages = 0;
	r = file_read(c, ctx, file, 0, 1, &len);
	if (r)
		file_put(c, ctx, file);
	else
		*ret_file = file;
	return r;
}

/* claim_swapfile(), read_swap_header() */
static int check_file(const struct cache *c, uint32_t id, uint64_t pages)
{
	const struct inode *inode = inode_at(c, id);

	if (swap_area_find(c, id))
		return EBUSY;
	if (inode->kind != INODE_BLOCK && inode->kind != INODE_DISK)
		return EINVAL;
	if (!inode->disk || pages < LEAST_PAGES ||
	    pages > inode->size >> PAGE_SHIFT)
		return EINVAL;
	return 0;
}

int swap_area_on(struct cache *c, struct ctx *ctx, uint32_t inode,
		 uint64_t pages, int32_t prio, uint32_t *ret_area)
{
	struct swap *s = &c->swap;
	uint32_t id = area_number(s), file;
	struct swap_area *a = swap_area_at(s, id);
	int r = id ? check_file(c, inode, pages) : EPERM;

	if (!r)
		r = read_header(c, ctx, inode, &file);
	if (r)
		return r;
	*a = (struct swap_area){ .prio = prio,
				 .inode = inode,
				 .file = file,
				 .disk = inode_at(c, inode)->disk };
	a->block_device = inode_at(c, inode)->kind == INODE_BLOCK;
	a->rotational = disk_at(c, a->disk)->rotational;
	a->max = pages > SWP_MAX_SLOT ? SWP_MAX_SLOT : (uint32_t)pages;
	r = clusters_init(c, id);
	if (r) {
		clusters_fini(c, id);
		file_put(c, ctx, file);
		*a = (struct swap_area){ 0 };
		return r;
	}
	a->flags = SWAP_USED;
	s->nr_rotating += a->rotational != 0;
	enable(c, id);
	*ret_area = id;
	return 0;
}

/* Those that came later by themselves move up (swapoff(2)). */
static void close_ranks(struct swap *s, uint32_t area)
{
	uint32_t i = 0;

	if (s->area[area].prio >= 0)
		return;
	while (s->active[i] != area)
		i++;
	while (++i < s->nr_active)
		s->area[s->active[i]].prio++;
	s->least_prio++;
}

void swap_off_begin(struct cache *c, uint32_t area)
{
	struct swap *s = &c->swap;
	struct swap_area *a = swap_area_at(s, area);

	avail_del(s, area);
	close_ranks(s, area);
	active_del(s, area);
	a->flags &= ~SWAP_WRITEOK;
	c->control->total_swap_pages -= swap_area_pages(a);
	c->control->free_swap_pages -= swap_area_pages(a) - a->inuse;
}

void swap_off_undo(struct cache *c, uint32_t area)
{
	enable(c, area);
}

void swap_off_end(struct cache *c, struct ctx *ctx, uint32_t area)
{
	struct swap *s = &c->swap;
	struct swap_area *a = swap_area_at(s, area);

	file_put(c, ctx, a->file);
	clusters_fini(c, area);
	s->nr_rotating -= a->rotational != 0;
	for (unsigned i = 0; i < MAX_CPUS; i++)
		for (unsigned o = 0; o < SWAP_ORDERS; o++)
			if (s->cpu[i][o].area == area)
				s->cpu[i][o].area = s->cpu[i][o].slot = 0;
	if (swp_area(s->window.target) == area)
		s->window = (struct swap_window){ 0 };
	*a = (struct swap_area){ 0 };
}

uint32_t swap_next_used(const struct cache *c, uint32_t area, uint32_t slot)
{
	uint32_t max = c->swap.area[area].max;

	for (slot++; slot < max; slot++) {
		const struct swap_slot *at =
			swap_slot_at(c, swp_of(area, slot));

		if (!at)
			slot |= CLUSTER_SLOTS - 1;
		else if (slot_used(at))
			return slot;
	}
	return 0;
}
