// SPDX-License-Identifier: Apache-2.0
/* model/kernel_map: the upper half of every address space. */
#include "fs/model/model-nodes.h"

/* Documentation/arch/x86/x86_64/mm.rst, without KASLR. */
static const struct kernel_range four_levels[] = {
	{ 0xffff800000000000, 0xffff87ffffffffff, "hypervisor" },
	{ 0xffff880000000000, 0xffff887fffffffff, "ldt" },
	{ 0xffff888000000000, 0xffffc87fffffffff, "direct_map" },
	{ 0xffffc88000000000, 0xffffc8ffffffffff, "gap" },
	{ 0xffffc90000000000, 0xffffe8ffffffffff, "vmalloc" },
	{ 0xffffe90000000000, 0xffffe9ffffffffff, "gap" },
	{ 0xffffea0000000000, 0xffffeaffffffffff, "vmemmap" },
	{ 0xffffeb0000000000, 0xffffebffffffffff, "gap" },
	{ 0xffffec0000000000, 0xfffffbffffffffff, "kasan" },
};

static const struct kernel_range five_levels[] = {
	{ 0xff00000000000000, 0xff0fffffffffffff, "hypervisor" },
	{ 0xff10000000000000, 0xff10ffffffffffff, "ldt" },
	{ 0xff11000000000000, 0xff90ffffffffffff, "direct_map" },
	{ 0xff91000000000000, 0xff9fffffffffffff, "gap" },
	{ 0xffa0000000000000, 0xffd1ffffffffffff, "vmalloc" },
	{ 0xffd2000000000000, 0xffd3ffffffffffff, "gap" },
	{ 0xffd4000000000000, 0xffd5ffffffffffff, "vmemmap" },
	{ 0xffd6000000000000, 0xffdeffffffffffff, "gap" },
	{ 0xffdf000000000000, 0xfffffbffffffffff, "kasan" },
};

/* Above them, with four levels and with five. */
static const struct kernel_range top[] = {
	{ 0xfffffc0000000000, 0xfffffdffffffffff, "gap" },
	{ 0xfffffe0000000000, 0xfffffe7fffffffff, "cpu_entry_area" },
	{ 0xfffffe8000000000, 0xfffffeffffffffff, "gap" },
	{ 0xffffff0000000000, 0xffffff7fffffffff, "espfix" },
	{ 0xffffff8000000000, 0xffffffeeffffffff, "gap" },
	{ 0xffffffef00000000, 0xfffffffeffffffff, "efi" },
	{ 0xffffffff00000000, 0xffffffff7fffffff, "gap" },
	{ 0xffffffff80000000, 0xffffffff9fffffff, "kernel_text" },
	{ 0xffffffffa0000000, 0xfffffffffeffffff, "modules" },
	{ 0xffffffffff000000, 0xffffffffff5fffff, "fixmap" },
	{ 0xffffffffff600000, 0xffffffffff600fff, "vsyscall" },
	{ 0xffffffffff601000, 0xffffffffffffffff, "gap" },
};

/*
 * arch/x86/include/asm/pgtable_32_areas.h and fixmap.h, eight CPUs configured.
 * The direct mapping ends with low memory (or at 896 MiB), the gap is 8 MiB,
 * modules share the vmalloc range.
 */
#define DIRECT	0 /* the rows that follow the machine's memory */
#define GAP	1
#define VMALLOC 2
static const struct kernel_range pae[] = {
	{ 0xc0000000, 0xf7ffffff, "direct_map" },
	{ 0xf8000000, 0xf87fffff, "gap" },
	{ 0xf8800000, 0xff5fdfff, "vmalloc" },
	{ 0xff5fe000, 0xff5fffff, "gap" },
	{ 0xff600000, 0xff7fffff, "pkmap" },
	{ 0xff800000, 0xff9fffff, "ldt" },
	{ 0xffa00000, 0xffb38fff, "cpu_entry_area" },
	{ 0xffb39000, 0xffd35fff, "gap" },
	{ 0xffd36000, 0xffffefff, "fixmap" },
	{ 0xfffff000, 0xffffffff, "gap" },
};

static const struct kernel_range two_levels[] = {
	{ 0xc0000000, 0xf7ffffff, "direct_map" },
	{ 0xf8000000, 0xf87fffff, "gap" },
	{ 0xf8800000, 0xfeffdfff, "vmalloc" },
	{ 0xfeffe000, 0xfeffffff, "gap" },
	{ 0xff000000, 0xff3fffff, "pkmap" },
	{ 0xff400000, 0xff7fffff, "ldt" },
	{ 0xff800000, 0xff938fff, "cpu_entry_area" },
	{ 0xff939000, 0xffd35fff, "gap" },
	{ 0xffd36000, 0xffffefff, "fixmap" },
	{ 0xfffff000, 0xffffffff, "gap" },
};

static const struct {
	const struct kernel_range *rows;
	size_t nr;
} maps[NR_PAGING_KINDS] = {
	[PAGING_4_LEVEL] = { four_levels, ARRAY_SIZE(four_levels) },
	[PAGING_5_LEVEL] = { five_levels, ARRAY_SIZE(five_levels) },
	[PAGING_PAE] = { pae, ARRAY_SIZE(pae) },
	[PAGING_2_LEVEL] = { two_levels, ARRAY_SIZE(two_levels) },
};

/* The @i-th range of the machine; false: there are no more. */
static bool range_at(const struct machine *m, size_t i,
		     struct kernel_range *ret_range)
{
	enum paging_kind kind = m->space.paging.kind;

	if (i >= maps[kind].nr) {
		i -= maps[kind].nr;
		if (m->phys.i386 || i >= ARRAY_SIZE(top))
			return false;
		*ret_range = top[i];
		return true;
	}
	*ret_range = maps[kind].rows[i];
	if (m->phys.i386 && i == DIRECT)
		ret_range->last = ret_range->start - 1 +
				  (uint64_t)phys_low_end(&m->phys) * PAGE_SIZE;
	if (m->phys.i386 && i == GAP) {
		ret_range->last = m->kmem.vmalloc_start - 1;
		ret_range->start = maps[kind].rows[DIRECT].start +
				   (uint64_t)phys_low_end(&m->phys) * PAGE_SIZE;
	}
	if (m->phys.i386 && i == VMALLOC)
		ret_range->start = m->kmem.vmalloc_start;
	return true;
}

bool kernel_range_of(const struct machine *m, uint64_t addr,
		     struct kernel_range *ret_range)
{
	struct kernel_range r;

	for (size_t i = 0; range_at(m, i, &r); i++)
		if (addr >= r.start && addr <= r.last) {
			*ret_range = r;
			return true;
		}
	return false;
}

static int show_kernel_map(const struct view *v, struct outbuf *out)
{
	unsigned digits = v->m->space.paging.digits;
	struct kernel_range r;

	for (size_t i = 0; range_at(v->m, i, &r); i++) {
		out_hex(out, r.start, digits);
		out_char(out, '-');
		out_hex(out, r.last, digits);
		out_char(out, ' ');
		out_str(out, r.name);
		out_char(out, ' ');
		out_dec(out, r.last - r.start + 1, 0);
		out_char(out, '\n');
	}
	return 0;
}

const struct fsnode model_kernel_nodes[] = {
	MODEL_FILE("kernel_map", show_kernel_map),
};
const unsigned nr_model_kernel_nodes = ARRAY_SIZE(model_kernel_nodes);
