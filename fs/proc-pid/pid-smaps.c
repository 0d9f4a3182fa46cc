// SPDX-License-Identifier: Apache-2.0
/*
 * /proc/PID/smaps and smaps_rollup: fs/proc/task_mmu.c __show_smap(),
 * show_smap(), show_smaps_rollup(). Lines are built by hand: ten thousand
 * VMAs are a quarter of a million lines.
 */
#include "fs/older.h"
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/hugetlb.h"

#include <errno.h>
#include <string.h>

/* Every value ends here, whatever the length of its label. */
#define VALUE_END 24

enum smaps_unit { UNIT_PAGES, UNIT_PSS };

struct smaps_row {
	const char *label;
	uint16_t off;
	uint8_t unit;
	bool rollup_only;
	uint16_t since; /* kernel_has() */
};

#define SINCE(version, text, field, in, only)                        \
	{                                                            \
		.label = text, .off = offsetof(struct smaps, field), \
		.unit = in, .rollup_only = only, .since = version,   \
	}
#define ROW(text, field, in, only) SINCE(0, text, field, in, only)

static const struct smaps_row smaps_rows[] = {
	ROW("Rss:", rss, UNIT_PAGES, false),
	ROW("Pss:", pss, UNIT_PSS, false),
	SINCE(600, "Pss_Dirty:", pss_dirty, UNIT_PSS, false),
	SINCE(504, "Pss_Anon:", pss_anon, UNIT_PSS, true),
	SINCE(504, "Pss_File:", pss_file, UNIT_PSS, true),
	SINCE(504, "Pss_Shmem:", pss_shmem, UNIT_PSS, true),
	ROW("Shared_Clean:", shared_clean, UNIT_PAGES, false),
	ROW("Shared_Dirty:", shared_dirty, UNIT_PAGES, false),
	ROW("Private_Clean:", private_clean, UNIT_PAGES, false),
	ROW("Private_Dirty:", private_dirty, UNIT_PAGES, false),
	ROW("Referenced:", referenced, UNIT_PAGES, false),
	ROW("Anonymous:", anonymous, UNIT_PAGES, false),
	SINCE(607, "KSM:", ksm, UNIT_PAGES, false),
	SINCE(412, "LazyFree:", lazyfree, UNIT_PAGES, false),
	ROW("AnonHugePages:", anon_thp, UNIT_PAGES, false),
	SINCE(408, "ShmemPmdMapped:", shmem_thp, UNIT_PAGES, false),
	SINCE(504, "FilePmdMapped:", file_thp, UNIT_PAGES, false),
	SINCE(404, "Shared_Hugetlb:", shared_hugetlb, UNIT_PAGES, false),
	SINCE(404, "Private_Hugetlb:", private_hugetlb, UNIT_PAGES, false),
	ROW("Swap:", swap, UNIT_PAGES, false),
	SINCE(403, "SwapPss:", swap_pss, UNIT_PSS, false),
	ROW("Locked:", pss_locked, UNIT_PSS, false),
};

/* show_smap_vma_flags(): two letters a bit, in bit order. */
static const char vm_flag_words[32][3] = {
	[0] = "rd",  [1] = "wr",  [2] = "ex",  [3] = "sh",  [4] = "mr",
	[5] = "mw",  [6] = "me",  [7] = "ms",  [8] = "gd",  [10] = "pf",
	[13] = "lo", [14] = "io", [15] = "sr", [16] = "rr", [17] = "dc",
	[18] = "de", [19] = "lf", [20] = "ac", [21] = "nr", [22] = "ht",
	[23] = "sf", [24] = "ar", [25] = "wf", [26] = "dd", [27] = "sd",
	[28] = "mm", [29] = "hg", [30] = "nh", [31] = "mg",
};

static void put_kb(struct outbuf *out, const char *label, uint64_t kb)
{
	char line[VALUE_END + 4];
	size_t len = strlen(label), at = VALUE_END;
	uint64_t rest = kb;

	memset(line, ' ', VALUE_END);
	memcpy(line, label, len);
	do {
		line[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest && at > len + 1);
	memcpy(line + VALUE_END, " kB\n", 4);
	if (rest)
		out_printf(out, "%-15s %8llu kB\n", label,
			   (unsigned long long)kb);
	else
		out_bytes(out, line, sizeof(line));
}

static void put_page_sizes(uint64_t page_kb, struct outbuf *out)
{
	put_kb(out, "KernelPageSize:", page_kb);
	put_kb(out, "MMUPageSize:", page_kb);
}

/* @page_kb: before 4.15 the sizes of a page stood behind Swap; 0: nowhere. */
static void put_rows(const struct smaps *sum, bool rollup, unsigned version,
		     uint64_t page_kb, struct outbuf *out)
{
	const size_t nr = ARRAY_SIZE(smaps_rows);

	for (size_t i = 0; i < nr; i++) {
		const struct smaps_row *r = &smaps_rows[i];
		uint64_t value;

		if ((r->rollup_only && !rollup) ||
		    !kernel_has(version, r->since, 0))
			continue;
		if (page_kb && r->off == offsetof(struct smaps, pss_locked) &&
		    !kernel_has(version, 415, 0))
			put_page_sizes(page_kb, out);
		memcpy(&value, (const char *)sum + r->off, sizeof(value));
		put_kb(out, r->label,
		       r->unit == UNIT_PSS ? value >> 10 : value << 2);
	}
}

void out_vm_flags(uint32_t flags, char between, struct outbuf *out)
{
	char line[32 * 3];
	size_t len = 0;

	for (unsigned bit = 0; bit < 32; bit++) {
		if (!(flags >> bit & 1) || !vm_flag_words[bit][0])
			continue;
		line[len++] = vm_flag_words[bit][0];
		line[len++] = vm_flag_words[bit][1];
		line[len++] = between;
	}
	if (between != ' ' && len)
		len--;
	out_bytes(out, line, len);
}

/* @page_kb: vma_kernel_pagesize() */
static void put_vma(const struct smaps *sum, uint64_t bytes, uint32_t flags,
		    uint64_t page_kb, bool thp, unsigned version,
		    struct outbuf *out)
{
	put_kb(out, "Size:", bytes >> 10);
	if (kernel_has(version, 415, 0))
		put_page_sizes(page_kb, out);
	put_rows(sum, false, version, page_kb, out);
	if (kernel_has(version, 604, 0))
		out_str(out, thp ? "THPeligible:           1\n"
				 : "THPeligible:           0\n");
	else if (kernel_has(version, 500, 0))
		out_str(out,
			thp ? "THPeligible:    1\n" : "THPeligible:    0\n");
	out_str(out, "VmFlags: ");
	out_vm_flags(flags, ' ', out);
	out_char(out, '\n');
}

static int show_smaps(const struct view *v, struct outbuf *out)
{
	const struct space *s = &v->m->space;
	const struct mm *mm = view_mm(v);
	unsigned version = kernel_version(v->m);
	struct smaps sum;

	if (!mm)
		return 0;
	vma_for_each (s, view_task(v)->mm, id) {
		const struct vma *vma = vma_at(s, id);

		memset(&sum, 0, sizeof(sum));
		smaps_add(s, id, &sum);
		maps_line(v->m, mm, vma, out);
		put_vma(&sum, vma->end - vma->start, vma->flags,
			vma_page_kb(s, vma), vma_thp_eligible(s, id), version,
			out);
	}
	if (mm_has_vsyscall(v->m, mm)) {
		memset(&sum, 0, sizeof(sum));
		maps_line_vsyscall(v->m, out);
		put_vma(&sum, PAGE_SIZE, VM_EXEC, PAGE_SIZE >> 10, false,
			version, out);
	}
	return 0;
}

static int show_smaps_rollup(const struct view *v, struct outbuf *out)
{
	const struct space *s = &v->m->space;
	uint64_t start = 0, end = 0;
	struct smaps sum;

	if (!view_mm(v))
		return -ESRCH;
	memset(&sum, 0, sizeof(sum));
	vma_for_each (s, view_task(v)->mm, id) {
		const struct vma *vma = vma_at(s, id);

		if (!end)
			start = vma->start;
		end = vma->end;
		smaps_add(s, id, &sum);
	}
	maps_line_named(v->m, start, end, "---p", "[rollup]", out);
	put_rows(&sum, true, kernel_version(v->m), 0, out);
	return 0;
}

const struct fsnode pid_smaps_nodes[] = {
	PID_FILE("smaps", 0444, show_smaps, NULL),
	PID_FLAGGED("smaps_rollup", 0444, FSNODE_SIZE0 | FSNODE_MM,
		    show_smaps_rollup, NULL),
};
const unsigned nr_pid_smaps_nodes = ARRAY_SIZE(pid_smaps_nodes);
