// SPDX-License-Identifier: Apache-2.0
/* Single files below /sys/kernel/mm: mm/swap_state.c, mm/memory-tiers.c,
 * mm/mempolicy.c (weighted interleave). */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#include <errno.h>

#define MM "sys/kernel/mm/"

/* Switches that print as words. */
enum which { VMA_RA, DEMOTION };

static const uint32_t *switch_of(const struct machine *m, uint32_t which)
{
	return which == VMA_RA ? &m->cache.swap.vma_ra
			       : &m->phys.demotion_enabled;
}

static int out_bool(struct outbuf *out, bool on)
{
	out_str(out, on ? "true\n" : "false\n");
	return out->error;
}

static int show_switch(const struct view *v, struct outbuf *out)
{
	return out_bool(out, *switch_of(v->m, v->arg));
}

static long store_switch(const struct view *v, const char *text, size_t len)
{
	bool on;
	int err;

	if (!len)
		return 0;
	err = attr_bool(text, len, &on);
	if (err)
		return err;
	if (v->arg == VMA_RA)
		v->w->m.cache.swap.vma_ra = on;
	else
		v->w->m.phys.demotion_enabled = on;
	return (long)len;
}

static int show_weight(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", v->m->phys.interleave_weight[v->node]);
	return out->error;
}

/* A weight by hand ends the automatic ones. */
static long store_weight(const struct view *v, const char *text, size_t len)
{
	struct phys *p = &v->w->m.phys;
	uint64_t weight;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, UINT8_MAX, &weight);
	if (err || !weight)
		return -EINVAL;
	p->interleave_weight[v->node] = (uint8_t)weight;
	p->interleave_auto = 0;
	return (long)len;
}

static int show_auto(const struct view *v, struct outbuf *out)
{
	return out_bool(out, v->m->phys.interleave_auto);
}

/* No firmware tells this machine how fast its nodes are. */
static long store_auto(const struct view *v, const char *text, size_t len)
{
	struct phys *p = &v->w->m.phys;
	bool on;

	if (!len)
		return 0;
	if (attr_bool(text, len, &on))
		return -EINVAL;
	if (on && !p->interleave_auto)
		return -ENODEV;
	p->interleave_auto = on;
	return (long)len;
}

const struct fsnode sys_mm_nodes[] = {
	{ .path = MM "swap/vma_ra_enabled",
	  .mode = 0644,
	  .arg = VMA_RA,
	  .show = show_switch,
	  .store = store_switch },
	{ .path = MM "numa/demotion_enabled",
	  .mode = 0644,
	  .arg = DEMOTION,
	  .show = show_switch,
	  .store = store_switch },
	{ .path = MM "mempolicy/weighted_interleave/auto",
	  .mode = 0664,
	  .show = show_auto,
	  .store = store_auto },
	{ .path = MM "mempolicy/weighted_interleave/node$node",
	  .mode = 0644,
	  .show = show_weight,
	  .store = store_weight },
};
NODES_COUNT(sys_mm);
