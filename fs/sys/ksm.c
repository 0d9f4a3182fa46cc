// SPDX-License-Identifier: Apache-2.0
/* /sys/kernel/mm/ksm: mm/ksm.c. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#include <errno.h>

#define RMAP_ITEM_BYTES 64 /* struct ksm_rmap_item */

enum setting {
	RUN,
	TO_SCAN,
	SLEEP,
	ACROSS_NODES,
	MAX_SHARING,
	ZERO_PAGES,
	SMART_SCAN,
	PRUNE,
	MAX_CPU,
	MIN_PAGES,
	MAX_PAGES,
	TARGET,
	SHARED,
	SHARING,
	UNSHARED,
	SKIPPED,
	SCANNED,
	SCANS,
	NR_ZERO,
	CHAINS,
	DUPS,
};
static const struct attr attrs[] = {
	[RUN] = ATTR32(space.ksm.run, 0, 2),
	[TO_SCAN] = ATTR32(space.ksm.pages_to_scan, 0, UINT32_MAX),
	[SLEEP] = ATTR32(space.ksm.sleep_ms, 0, UINT32_MAX),
	[ACROSS_NODES] = ATTR32(space.ksm.merge_across_nodes, 0, 1),
	[MAX_SHARING] = ATTR32(space.ksm.max_page_sharing, 2, INT32_MAX),
	[ZERO_PAGES] = ATTR32(space.ksm.use_zero_pages, 0, 1),
	[SMART_SCAN] = ATTR32(space.ksm.smart_scan, 0, 1),
	[PRUNE] = ATTR32(space.ksm.prune_ms, 0, UINT32_MAX),
	[MAX_CPU] = ATTR32(space.ksm.advisor_max_cpu, 0, UINT32_MAX),
	[MIN_PAGES] = ATTR64(space.ksm.advisor_min_pages, 0, UINT64_MAX),
	[MAX_PAGES] = ATTR64(space.ksm.advisor_max_pages, 0, UINT64_MAX),
	[TARGET] = ATTR32(space.ksm.advisor_target_s, 1, UINT32_MAX),
	[SHARED] = ATTR64(space.ksm.pages_shared, 0, 0),
	[SHARING] = ATTR64(space.ksm.pages_sharing, 0, 0),
	[UNSHARED] = ATTR64(space.ksm.pages_unshared, 0, 0),
	[SKIPPED] = ATTR64(space.ksm.pages_skipped, 0, 0),
	[SCANNED] = ATTR64(space.ksm.pages_scanned, 0, 0),
	[SCANS] = ATTR64(space.ksm.seqnr, 0, 0),
	[NR_ZERO] = ATTR64(space.ksm.zero_pages, 0, 0),
	[CHAINS] = ATTR64(space.ksm.stable_node_chains, 0, 0),
	[DUPS] = ATTR64(space.ksm.stable_node_dups, 0, 0),
};
static const char *const advisors[] = {
	[KSM_ADVISOR_NONE] = "none",
	[KSM_ADVISOR_SCAN_TIME] = "scan-time",
};

static int show(const struct view *v, struct outbuf *out)
{
	return attr_show(v, &attrs[v->arg], out);
}

static long store(const struct view *v, const char *text, size_t len)
{
	struct ksm *k = &v->w->m.space.ksm;
	uint64_t nr;
	int err;

	if (!len)
		return 0;
	/* the advisor sets it itself */
	if (v->arg == TO_SCAN && k->advisor != KSM_ADVISOR_NONE)
		return -EINVAL;
	err = attr_number(text, len, attrs[v->arg].max, &nr);
	if (!err && nr < attrs[v->arg].min)
		err = -EINVAL;
	if (err)
		return err;
	if (v->arg == RUN)
		err = machine_set_ksm_run(&v->w->m, (uint32_t)nr);
	/* the trees are built for the old value while they hold pages */
	else if ((v->arg == ACROSS_NODES && nr != k->merge_across_nodes) ||
		 (v->arg == MAX_SHARING && nr != k->max_page_sharing))
		err = machine_empty_ksm(&v->w->m);
	if (err)
		return err < 0 ? err : -err;
	/* who sleeps shall do so anew */
	k->wake |= v->arg == SLEEP;
	return v->arg == RUN ? (long)len
			     : attr_store(v, &attrs[v->arg], text, len);
}

static int show_advisor(const struct view *v, struct outbuf *out)
{
	attr_choice(out, advisors, ARRAY_SIZE(advisors),
		    v->m->space.ksm.advisor);
	return out->error;
}

/* set_advisor_defaults() */
static long store_advisor(const struct view *v, const char *text, size_t len)
{
	struct ksm *k = &v->w->m.space.ksm;
	int word;

	if (!len)
		return 0;
	word = attr_word(advisors, ARRAY_SIZE(advisors), text, len);
	if (word < 0)
		return word;
	k->advisor = (uint32_t)word;
	k->pages_to_scan =
		word == KSM_ADVISOR_NONE ? 100 : (uint32_t)k->advisor_min_pages;
	return (long)len;
}

/* Items in no tree: their content changes too often. */
static int show_volatile(const struct view *v, struct outbuf *out)
{
	const struct ksm *k = &v->m->space.ksm;
	uint64_t placed =
		k->pages_shared + k->pages_sharing + k->pages_unshared;

	out_dec(out, k->rmap_items > placed ? k->rmap_items - placed : 0, 0);
	out_char(out, '\n');
	return out->error;
}

static int show_profit(const struct view *v, struct outbuf *out)
{
	const struct ksm *k = &v->m->space.ksm;
	int64_t saved = ((int64_t)k->pages_sharing + k->zero_pages) *
			(int64_t)PAGE_SIZE;

	out_printf(
		out, "%lld\n",
		(long long)(saved - (int64_t)k->rmap_items * RMAP_ITEM_BYTES));
	return out->error;
}

#define DIR "sys/kernel/mm/ksm/"
#define SETTING(name, which)                                                \
	{                                                                   \
		.path = DIR name, .mode = 0644, .arg = which, .show = show, \
		.store = store                                              \
	}
#define RESULT(name, which)                                                \
	{                                                                  \
		.path = DIR name, .mode = 0444, .arg = which, .show = show \
	}
const struct fsnode sys_ksm_nodes[] = {
	SETTING("advisor_max_cpu", MAX_CPU),
	SETTING("advisor_max_pages_to_scan", MAX_PAGES),
	SETTING("advisor_min_pages_to_scan", MIN_PAGES),
	{ .path = DIR "advisor_mode",
	  .mode = 0644,
	  .show = show_advisor,
	  .store = store_advisor },
	SETTING("advisor_target_scan_time", TARGET),
	RESULT("full_scans", SCANS),
	{ .path = DIR "general_profit", .mode = 0444, .show = show_profit },
	RESULT("ksm_zero_pages", NR_ZERO),
	SETTING("max_page_sharing", MAX_SHARING),
	SETTING("merge_across_nodes", ACROSS_NODES),
	RESULT("pages_scanned", SCANNED),
	RESULT("pages_shared", SHARED),
	RESULT("pages_sharing", SHARING),
	RESULT("pages_skipped", SKIPPED),
	SETTING("pages_to_scan", TO_SCAN),
	RESULT("pages_unshared", UNSHARED),
	{ .path = DIR "pages_volatile", .mode = 0444, .show = show_volatile },
	SETTING("run", RUN),
	SETTING("sleep_millisecs", SLEEP),
	SETTING("smart_scan", SMART_SCAN),
	RESULT("stable_node_chains", CHAINS),
	SETTING("stable_node_chains_prune_millisecs", PRUNE),
	RESULT("stable_node_dups", DUPS),
	SETTING("use_zero_pages", ZERO_PAGES),
};
NODES_COUNT(sys_ksm);
