// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/ksm_stat, ksm_merging_pages, clear_refs: fs/proc. */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <errno.h>
#include <string.h>

/* enum clear_refs_types; 4 clears soft-dirty bits, which are not kept */
#define CLEAR_REFS_ALL	      1
#define CLEAR_REFS_SOFT_DIRTY 4
#define CLEAR_REFS_MM_HIWATER 5

/* Pages of the process that stand for several, and whether any VMA may. */
static uint64_t merged_pages(const struct view *v, bool *ret_mergeable)
{
	const struct space *s = &v->m->space;
	struct smaps sum;

	memset(&sum, 0, sizeof(sum));
	*ret_mergeable = false;
	vma_for_each (s, view_task(v)->mm, id) {
		if (!(vma_at(s, id)->flags & VM_MERGEABLE))
			continue;
		*ret_mergeable = true;
		smaps_add(s, id, &sum);
	}
	return sum.ksm;
}

/* proc_pid_ksm_stat() */
static int show_ksm_stat(const struct view *v, struct outbuf *out)
{
	bool mergeable;
	uint64_t merged;

	if (!view_mm(v))
		return 0;
	merged = merged_pages(v, &mergeable);
	out_printf(out,
		   "ksm_rmap_items 0\nksm_zero_pages 0\n"
		   "ksm_merging_pages %llu\nksm_process_profit %llu\n"
		   "ksm_merge_any: no\nksm_mergeable: %s\n",
		   (unsigned long long)merged,
		   (unsigned long long)(merged << PAGE_SHIFT),
		   mergeable ? "yes" : "no");
	return 0;
}

static int show_ksm_merging_pages(const struct view *v, struct outbuf *out)
{
	bool mergeable;

	if (!view_mm(v))
		return 0;
	out_dec(out, merged_pages(v, &mergeable), 0);
	out_char(out, '\n');
	return 0;
}

/* clear_refs_write() */
static long store_clear_refs(const struct view *v, const char *text, size_t len)
{
	size_t used = len < PROC_NUMBER ? len : PROC_NUMBER;
	int what, r = parse_int(text, used, 10, &what);

	if (r)
		return r;
	if (what < CLEAR_REFS_ALL || what > CLEAR_REFS_MM_HIWATER)
		return -EINVAL;
	if (what == CLEAR_REFS_SOFT_DIRTY || !view_mm(v))
		return (long)used;
	r = machine_clear_refs(&v->w->m, view_task(v)->pid, (unsigned)what);
	if (r)
		return r > 0 ? -r : r;
	return (long)used;
}

const struct fsnode pid_ksm_nodes[] = {
	PID_FILE("ksm_stat", 0400, show_ksm_stat, NULL),
	PID_FILE("ksm_merging_pages", 0400, show_ksm_merging_pages, NULL),
	PID_FILE("clear_refs", 0200, NULL, store_clear_refs),
};
const unsigned nr_pid_ksm_nodes = ARRAY_SIZE(pid_ksm_nodes);
