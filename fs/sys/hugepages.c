// SPDX-License-Identifier: Apache-2.0
/* /sys/kernel/mm/hugepages and its copies below a node: mm/hugetlb.c. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#include <errno.h>

#define GIGANTIC_KB 1048576u

enum field { NR, FREE, RESV, SURPLUS, OVERCOMMIT, NODE_NR };

static bool gigantic(const struct view *v)
{
	return v->size_kb == GIGANTIC_KB;
}

static enum huge_size size_of(const struct view *v)
{
	return gigantic(v) ? HUGE_1G : huge_default(&v->m->phys);
}

static const struct hugepool *pool_of(const struct view *v)
{
	return &v->m->cache.huge[size_of(v)];
}

static int out_number(struct outbuf *out, uint64_t nr)
{
	out_dec(out, nr, 0);
	out_char(out, '\n');
	return out->error;
}

static int show_pool(const struct view *v, struct outbuf *out)
{
	const struct hugepool *pool = pool_of(v);

	switch ((enum field)v->arg) {
	case NR:
	case NODE_NR:
		return out_number(out, pool->nr);
	case FREE:
		return out_number(out, pool->free);
	case RESV:
		return out_number(out, pool->resv);
	case SURPLUS:
		return out_number(out, pool->surplus);
	case OVERCOMMIT:
		return out_number(out, pool->overcommit);
	}
	return -EINVAL;
}

static int show_node_pool(const struct view *v, struct outbuf *out)
{
	const struct hugepool *pool = pool_of(v);

	if (v->arg == NODE_NR)
		return out_number(out, pool->node_nr[v->node]);
	if (v->arg == FREE)
		return out_number(out, pool->node_free[v->node]);
	return out_number(out, pool->node_surplus[v->node]);
}

/* Best effort, as the kernel's: what cannot be had is no error, and the file
 * then reads the number there is. */
static long store_nr(const struct view *v, const char *text, size_t len)
{
	uint64_t nr;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, UINT64_MAX, &nr);
	if (!err)
		err = machine_set_hugepages(
			&v->w->m, size_of(v),
			v->arg == NODE_NR ? v->node : HUGE_ALL_NODES, nr);
	return err ? err : (long)len;
}

static long store_demote(const struct view *v, const char *text, size_t len)
{
	uint64_t nr;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, UINT64_MAX, &nr);
	if (err)
		return err;
	hugetlb_demote(&v->w->m.cache,
		       v->arg == NODE_NR ? v->node : HUGE_ALL_NODES, nr);
	return (long)len;
}

/* Gigantic pages cannot be had on demand: no surplus of them. */
static long store_overcommit(const struct view *v, const char *text, size_t len)
{
	uint64_t nr;
	int err;

	if (!len)
		return 0;
	if (gigantic(v))
		return -EINVAL;
	err = attr_number(text, len, UINT64_MAX, &nr);
	if (err)
		return err;
	v->w->m.cache.huge[size_of(v)].overcommit = nr;
	return (long)len;
}

static int show_demote_size(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_printf(out, "%ukB\n", HPAGE_SIZE >> 10);
	return out->error;
}

/* memparse(): digits and one of K M G; what follows is not looked at. */
static uint64_t parse_size(const char *text, size_t len)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		size = size * 10 + (uint64_t)(text[i] - '0');
	if (i == len || !text[i])
		return size;
	switch (text[i]) {
	case 'G':
	case 'g':
		return size << 30;
	case 'M':
	case 'm':
		return size << 20;
	case 'K':
	case 'k':
		return size << 10;
	default:
		return size;
	}
}

/* 2 MiB is the one smaller size that has a pool. */
static long store_demote_size(const struct view *v, const char *text,
			      size_t len)
{
	(void)v;
	if (!len)
		return 0;
	return parse_size(text, len) == HPAGE_SIZE ? (long)len : -EINVAL;
}

#define NODE_DIR \
	"sys/devices/system/node/node$node/hugepages/hugepages-$sizekB/"
#define ALL_DIR "sys/kernel/mm/hugepages/hugepages-$sizekB/"
#define RESULT(name, which)                                       \
	{                                                         \
		.path = ALL_DIR name, .mode = 0444, .arg = which, \
		.show = show_pool                                 \
	}
#define RESIZE(dir, name, fn, which)                                 \
	{                                                            \
		.path = dir name, .mode = 0644, .arg = which,        \
		.flags = FSNODE_STALL, .show = fn, .store = store_nr \
	}
#define DEMOTE(dir, which)                                                 \
	{                                                                  \
		.path = dir "demote", .mode = 0200, .flags = FSNODE_STALL, \
		.arg = which, .store = store_demote, .exists = gigantic    \
	}
#define DEMOTE_SIZE(dir)                                              \
	{                                                             \
		.path = dir "demote_size", .mode = 0644,              \
		.show = show_demote_size, .store = store_demote_size, \
		.exists = gigantic                                    \
	}
const struct fsnode sys_hugepages_nodes[] = {
	DEMOTE(ALL_DIR, NR),
	DEMOTE_SIZE(ALL_DIR),
	RESULT("free_hugepages", FREE),
	RESIZE(ALL_DIR, "nr_hugepages", show_pool, NR),
	RESIZE(ALL_DIR, "nr_hugepages_mempolicy", show_pool, NR),
	{ .path = ALL_DIR "nr_overcommit_hugepages",
	  .mode = 0644,
	  .arg = OVERCOMMIT,
	  .show = show_pool,
	  .store = store_overcommit },
	RESULT("resv_hugepages", RESV),
	RESULT("surplus_hugepages", SURPLUS),
	DEMOTE(NODE_DIR, NODE_NR),
	DEMOTE_SIZE(NODE_DIR),
	{ .path = NODE_DIR "free_hugepages",
	  .mode = 0444,
	  .arg = FREE,
	  .show = show_node_pool },
	RESIZE(NODE_DIR, "nr_hugepages", show_node_pool, NODE_NR),
	{ .path = NODE_DIR "surplus_hugepages",
	  .mode = 0444,
	  .arg = SURPLUS,
	  .show = show_node_pool },
};
NODES_COUNT(sys_hugepages);
