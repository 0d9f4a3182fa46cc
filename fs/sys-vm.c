// SPDX-License-Identifier: Apache-2.0
/*
 * Files of proc/sys/vm that are no knobs: they act, or always read the same.
 */
#include "fs/knob-text.h"
#include "fs/tree.h"

#include <errno.h>
#include <string.h>

/* One int of @low..@high, as proc_dointvec_minmax() parses it. */
static int parse_int(const char *text, size_t len, int low, int high,
		     struct knob_value *ret_value)
{
	const struct knob any = { .type = KNOB_INT, .min = low, .max = high };

	return knob_parse(&any, text, len, ret_value);
}

/* sysctl_compaction_handler() refuses what does not read 1, also nothing. */
static long compact_store(const struct view *v, const char *text, size_t len)
{
	struct knob_value value;
	int err = parse_int(text, len, INT32_MIN, INT32_MAX, &value);

	if (err || !value.nr || value.number[0] != 1)
		return -EINVAL;
	err = machine_compact(&v->w->m, MAX_NODES);
	return err ? err : (long)value.used;
}

/* drop_caches_sysctl_handler(); the machine's init is who did it. */
static long drop_store(const struct view *v, const char *text, size_t len)
{
	struct machine *m = &v->w->m;
	struct knob_value value;
	unsigned bits;
	int err = parse_int(text, len, 1, 4, &value);

	if (err || !value.nr)
		return err;
	bits = (unsigned)value.number[0];
	err = machine_drop_caches(m, bits & 3);
	if (err)
		return err < 0 ? err : -err;
	if (!m->sysctl.drop_caches_quiet)
		klog_add(&m->tasks.log, machine_now(m), 6,
			 "init (1): drop_caches: %u", bits);
	if (bits & 4)
		m->sysctl.drop_caches_quiet = 1;
	return (long)value.used;
}

/* vmstat_refresh(): the counters are exact at all times. */
static int refresh_show(const struct view *v, struct outbuf *out)
{
	(void)v;
	(void)out;
	return 0;
}

static long refresh_store(const struct view *v, const char *text, size_t len)
{
	(void)v;
	(void)text;
	return (long)len;
}

/* numa_zonelist_order_handler(): one order is left. */
static int order_show(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "Node\n");
	return 0;
}

static long order_store(const struct view *v, const char *text, size_t len)
{
	(void)v;
	return len && *text && strchr("dDnN", *text) ? (long)len : -EINVAL;
}

/* hugetlb_sysctl_handler(): hugepages-2048kB, of all nodes. */
static int hugepages_show(const struct view *v, struct outbuf *out)
{
	const struct hugepool *pool =
		&v->m->cache.huge[huge_default(&v->m->phys)];

	out_dec(out, v->arg ? pool->overcommit : pool->nr, 0);
	out_char(out, '\n');
	return 0;
}

static long hugepages_store(const struct view *v, const char *text, size_t len)
{
	const struct knob any = { .type = KNOB_ULONG, .max = -1 };
	struct knob_value value;
	int err = knob_parse(&any, text, len, &value);

	if (err)
		return err;
	if (value.nr && v->arg)
		v->w->m.cache.huge[huge_default(&v->m->phys)].overcommit =
			value.number[0];
	else if (value.nr)
		err = machine_set_hugepages(&v->w->m, huge_default(&v->m->phys),
					    HUGE_ALL_NODES, value.number[0]);
	return err ? err : (long)value.used;
}

const struct fsnode sys_vm_nodes[] = {
	{ .path = "proc/sys/vm/compact_memory",
	  .mode = 0200,
	  .flags = FSNODE_STALL,
	  .store = compact_store },
	{ .path = "proc/sys/vm/drop_caches",
	  .mode = 0200,
	  .flags = FSNODE_STALL,
	  .store = drop_store },
	{ .path = "proc/sys/vm/nr_hugepages",
	  .mode = 0644,
	  .flags = FSNODE_STALL,
	  .show = hugepages_show,
	  .store = hugepages_store },
	{ .path = "proc/sys/vm/nr_hugepages_mempolicy",
	  .mode = 0644,
	  .flags = FSNODE_STALL,
	  .show = hugepages_show,
	  .store = hugepages_store },
	{ .path = "proc/sys/vm/nr_overcommit_hugepages",
	  .mode = 0644,
	  .show = hugepages_show,
	  .store = hugepages_store,
	  .arg = 1 },
	{ .path = "proc/sys/vm/numa_zonelist_order",
	  .mode = 0644,
	  .show = order_show,
	  .store = order_store },
	{ .path = "proc/sys/vm/stat_refresh",
	  .mode = 0600,
	  .show = refresh_show,
	  .store = refresh_store },
};
const unsigned nr_sys_vm_nodes = ARRAY_SIZE(sys_vm_nodes);
