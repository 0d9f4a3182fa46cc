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

#define RMAP_ITEM_BYTES 64 /* struct ksm_rmap_item */

static bool mergeable(const struct view *v)
{
	const struct space *s = &v->m->space;

	vma_for_each (s, view_task(v)->mm, id)
		if (vma_at(s, id)->flags & VM_MERGEABLE)
			return true;
	return false;
}

/* proc_pid_ksm_stat() */
static int show_ksm_stat(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = view_mm(v);
	int64_t profit;

	if (!mm)
		return 0;
	profit = ((int64_t)mm->ksm_merging_pages + mm->ksm_zero_pages) *
			 (int64_t)PAGE_SIZE -
		 (int64_t)mm->ksm_rmap_items * RMAP_ITEM_BYTES;
	out_printf(out,
		   "ksm_rmap_items %llu\nksm_zero_pages %lld\n"
		   "ksm_merging_pages %llu\nksm_process_profit %lld\n"
		   "ksm_merge_any: no\nksm_mergeable: %s\n",
		   (unsigned long long)mm->ksm_rmap_items,
		   (long long)mm->ksm_zero_pages,
		   (unsigned long long)mm->ksm_merging_pages, (long long)profit,
		   mergeable(v) ? "yes" : "no");
	return 0;
}

static int show_ksm_merging_pages(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = view_mm(v);

	if (!mm)
		return 0;
	out_dec(out, mm->ksm_merging_pages, 0);
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
