// SPDX-License-Identifier: Apache-2.0
/* model/kernel_map: the upper half of every address space. */
#include "fs/model/model-nodes.h"

/* Four-level paging without KASLR; the same in every process's tables. */
static const struct kernel_range ranges[] = {
	{ 0xffff800000000000, 0xffff87ffffffffff, "hypervisor" },
	{ 0xffff880000000000, 0xffff887fffffffff, "ldt" },
	{ DIRECT_MAP, 0xffffc87fffffffff, "direct_map" },
	{ 0xffffc90000000000, 0xffffe8ffffffffff, "vmalloc" },
	{ 0xffffea0000000000, 0xffffeaffffffffff, "vmemmap" },
	{ 0xffffec0000000000, 0xfffffbffffffffff, "kasan" },
	{ 0xfffffe0000000000, 0xfffffe7fffffffff, "cpu_entry_area" },
	{ 0xffffff0000000000, 0xffffff7fffffffff, "espfix" },
	{ 0xffffffef00000000, 0xfffffffeffffffff, "efi" },
	{ 0xffffffff80000000, 0xffffffff9fffffff, "kernel_text" },
	{ 0xffffffffa0000000, 0xfffffffffeffffff, "modules" },
	{ 0xffffffffff000000, 0xffffffffff5fffff, "fixmap" },
	{ 0xffffffffff600000, 0xffffffffff600fff, "vsyscall" },
};

const struct kernel_range *kernel_range_of(uint64_t addr)
{
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (addr >= ranges[i].start && addr <= ranges[i].last)
			return &ranges[i];
	return NULL;
}

static int show_kernel_map(const struct view *v, struct outbuf *out)
{
	(void)v;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct kernel_range *r = &ranges[i];

		out_hex(out, r->start, 16);
		out_char(out, '-');
		out_hex(out, r->last, 16);
		out_char(out, ' ');
		out_str(out, r->name);
		out_char(out, ' ');
		out_dec(out, r->last - r->start + 1, 0);
		out_char(out, '\n');
	}
	return 0;
}

const struct fsnode model_kernel_nodes[] = {
	MODEL_FILE("kernel_map", show_kernel_map),
};
const unsigned nr_model_kernel_nodes = ARRAY_SIZE(model_kernel_nodes);
