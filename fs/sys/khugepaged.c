// SPDX-License-Identifier: Apache-2.0
/* transparent_hugepage/khugepaged: mm/khugepaged.c. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#define PTES (HPAGE_PAGES - 1)

enum setting {
	DEFRAG,
	MAX_NONE,
	MAX_SWAP,
	MAX_SHARED,
	TO_SCAN,
	SCAN_SLEEP,
	ALLOC_SLEEP,
	COLLAPSED,
	SCANS,
};
static const struct attr attrs[] = {
	[DEFRAG] = ATTR32(space.thp.khugepaged.defrag, 0, 1),
	[MAX_NONE] = ATTR32(space.thp.khugepaged.max_ptes_none, 0, PTES),
	[MAX_SWAP] = ATTR32(space.thp.khugepaged.max_ptes_swap, 0, PTES),
	[MAX_SHARED] = ATTR32(space.thp.khugepaged.max_ptes_shared, 0, PTES),
	[TO_SCAN] = ATTR32(space.thp.khugepaged.pages_to_scan, 1, UINT32_MAX),
	[SCAN_SLEEP] =
		ATTR32(space.thp.khugepaged.scan_sleep_ms, 0, UINT32_MAX),
	[ALLOC_SLEEP] =
		ATTR32(space.thp.khugepaged.alloc_sleep_ms, 0, UINT32_MAX),
	[COLLAPSED] = ATTR32(space.thp.khugepaged.pages_collapsed, 0, 0),
	[SCANS] = ATTR32(space.thp.khugepaged.full_scans, 0, 0),
};

static int show(const struct view *v, struct outbuf *out)
{
	return attr_show(v, &attrs[v->arg], out);
}

static long store(const struct view *v, const char *text, size_t len)
{
	long r = attr_store(v, &attrs[v->arg], text, len);

	/* A new time to sleep ends the present sleep. */
	if (r > 0 && (v->arg == SCAN_SLEEP || v->arg == ALLOC_SLEEP))
		v->w->m.space.thp.khugepaged.wake = THP_WAKE_NOW;
	return r;
}

#define DIR "sys/kernel/mm/transparent_hugepage/khugepaged/"
#define SETTING(name, which)                                                \
	{                                                                   \
		.path = DIR name, .mode = 0644, .arg = which, .show = show, \
		.store = store                                              \
	}
#define RESULT(name, which)                                                \
	{                                                                  \
		.path = DIR name, .mode = 0444, .arg = which, .show = show \
	}
const struct fsnode sys_khugepaged_nodes[] = {
	SETTING("alloc_sleep_millisecs", ALLOC_SLEEP),
	SETTING("defrag", DEFRAG),
	RESULT("full_scans", SCANS),
	SETTING("max_ptes_none", MAX_NONE),
	SETTING("max_ptes_shared", MAX_SHARED),
	SETTING("max_ptes_swap", MAX_SWAP),
	RESULT("pages_collapsed", COLLAPSED),
	SETTING("pages_to_scan", TO_SCAN),
	SETTING("scan_sleep_millisecs", SCAN_SLEEP),
};
NODES_COUNT(sys_khugepaged);
