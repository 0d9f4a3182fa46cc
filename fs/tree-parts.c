// SPDX-License-Identifier: Apache-2.0
/*
 * What the parts of a path that are no fixed names stand for.
 */
#include "fs/tree-index.h"

#include <errno.h>

#define BLOCK_PAGES (128u << (20 - PAGE_SHIFT)) /* arch/x86: 128 MiB */

static bool node_there(const struct world *w, uint64_t n)
{
	return n < MAX_NODES && w->m.phys.nodes[n].online;
}

static bool cpu_there(const struct world *w, uint64_t n)
{
	return n < w->m.phys.nr_cpus;
}

/* 2 MiB and 1 GiB; without PAE a large page of i386 is 4 MiB. */
static bool size_there(const struct world *w, uint64_t kb)
{
	for (unsigned i = 0; i < NR_HUGE_SIZES; i++)
		if (huge_exists(&w->m.phys, (enum huge_size)i) &&
		    kb == huge_kb((enum huge_size)i))
			return true;
	return false;
}

static bool folio_size(uint64_t kb, uint64_t least)
{
	return kb >= least && kb <= HPAGE_SIZE >> 10 && !(kb & (kb - 1));
}

/* A memory block is there unless it is all hole, as below 4 GiB. */
static bool block_there(const struct world *w, uint64_t n)
{
	const struct phys *p = &w->m.phys;
	uint64_t b = n * (BLOCK_PAGES / BLOCK_FRAMES);
	uint64_t end = b + BLOCK_PAGES / BLOCK_FRAMES;

	for (; b < end && b < p->nr_blocks; b++)
		if (p->blocks[b].state != BLOCK_HOLE)
			return true;
	return false;
}

static bool disk_there(const struct world *w, uint64_t n)
{
	const struct pool *disks = &w->m.cache.disks;

	return n && n <= disks->top &&
	       ((const struct disk *)pool_at(disks, (uint32_t)n))->name[0];
}

static bool group_there(const struct world *w, const struct place *dir,
			uint64_t n)
{
	const struct control *c = &w->m.control;
	uint32_t above = dir->group ? dir->group : GROUP_ROOT, id;

	if (!c->groups.used)
		return false;
	for (id = group_at(c, above)->first_child; id;
	     id = group_at(c, id)->next_sibling)
		if (id == n)
			return group_online(c, id);
	return false;
}

/* Beyond the largest number of a kind. */
static int64_t kind_end(const struct world *w, enum part_kind kind)
{
	switch (kind) {
	case PART_NODE:
		return MAX_NODES;
	case PART_CPU:
		return w->m.phys.nr_cpus;
	case PART_BLOCK:
		return (w->m.phys.max_pfn + BLOCK_PAGES - 1) / BLOCK_PAGES;
	case PART_DISK:
		return (int64_t)w->m.cache.disks.top + 1;
	case PART_GROUP:
		return (int64_t)w->m.control.groups.top + 1;
	default:
		return 0;
	}
}

static bool number_there(const struct world *w, const struct place *dir,
			 enum part_kind kind, uint64_t n)
{
	switch (kind) {
	case PART_TID:
		return n == dir->pid;
	case PART_NODE:
		return node_there(w, n);
	case PART_CPU:
		return cpu_there(w, n);
	case PART_SIZE:
		return size_there(w, n);
	case PART_THPSIZE:
		return folio_size(n, 16);
	case PART_SHMSIZE:
		return folio_size(n, 8);
	case PART_BLOCK:
		return block_there(w, n);
	case PART_GROUP:
		return group_there(w, dir, n);
	case PART_DISK:
		return disk_there(w, n);
	default:
		return false;
	}
}

int64_t part_next(const struct world *w, const struct place *dir,
		  enum part_kind kind, int64_t after)
{
	int64_t n, end = kind_end(w, kind);

	if (kind == PART_TID)
		return after < 0 ? (int64_t)dir->pid : -1;
	if (end) {
		for (n = after + 1; n < end; n++)
			if (number_there(w, dir, kind, (uint64_t)n))
				return n;
		return -1;
	}
	/* sizes are powers of two, 1 GiB the largest */
	for (n = 4; n <= 1048576; n *= 2)
		if (n > after && number_there(w, dir, kind, (uint64_t)n))
			return n;
	return -1;
}

static bool process_set(const struct world *w, struct place *at, uint64_t pid)
{
	uint32_t id;

	if (!pid || pid > INT32_MAX)
		return false;
	id = task_find(&w->m.tasks, (uint32_t)pid);
	if (!id)
		return false;
	at->pid = (uint32_t)pid;
	at->born = task_at(&w->m.tasks, id)->start_time;
	return true;
}

static void group_set(const struct world *w, struct place *at, uint32_t id)
{
	at->group = id;
	at->born = group_at(&w->m.control, id)->born;
}

bool part_set(const struct world *w, struct place *at, enum part_kind kind,
	      uint64_t number)
{
	uint32_t n = (uint32_t)number;

	if (kind == PART_PID)
		return process_set(w, at, number);
	if (!number_there(w, at, kind, number))
		return false;
	if (kind == PART_NODE)
		at->node = n;
	else if (kind == PART_CPU)
		at->cpu = n;
	else if (kind == PART_BLOCK)
		at->block = n;
	else if (kind == PART_GROUP)
		group_set(w, at, n);
	else if (kind == PART_DISK)
		at->disk = n;
	else if (kind != PART_TID)
		at->size_kb = n;
	return true;
}

uint64_t part_get(const struct place *at, enum part_kind kind)
{
	switch (kind) {
	case PART_PID:
	case PART_TID:
		return at->pid;
	case PART_NODE:
		return at->node;
	case PART_CPU:
		return at->cpu;
	case PART_BLOCK:
		return at->block;
	case PART_GROUP:
		return at->group;
	case PART_DISK:
		return at->disk;
	default:
		return at->size_kb;
	}
}

const char *part_word(const struct world *w, enum part_kind kind,
		      uint64_t number)
{
	uint32_t id = (uint32_t)number;

	if (kind == PART_GROUP)
		return group_at(&w->m.control, id)->name;
	if (kind == PART_DISK)
		return ((const struct disk *)pool_at(&w->m.cache.disks, id))
			->name;
	return NULL;
}

int view_fill(struct world *w, const struct place *at, struct view *v)
{
	*v = (struct view){
		.m = &w->m,
		.w = w,
		.node = at->node,
		.cpu = at->cpu,
		.size_kb = at->size_kb,
		.pid = at->pid,
		.block = at->block,
		.group = at->group ? at->group : GROUP_ROOT,
		.disk = at->disk,
	};
	if (!at->pid)
		return tree_alive(w, at) ? 0 : -ENODEV;
	v->task = task_find(&w->m.tasks, at->pid);
	if (!v->task || task_at(&w->m.tasks, v->task)->start_time != at->born)
		return -ENOENT;
	return 0;
}
