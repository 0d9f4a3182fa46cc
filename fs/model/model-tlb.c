// SPDX-License-Identifier: Apache-2.0
/* model/tlb: what each CPU's translations were good for. */
#include "fs/model/model-nodes.h"
#include "vmcore/space/tlb.h"

/* LEVEL SIZE, by unit; the size of large pages is the machine's. */
static const struct {
	const char *level, *size, *size_4m;
} units[NR_TLB_UNITS] = {
	[TLB_L1_4K] = { "l1", "4K", "4K" },
	[TLB_L1_LARGE] = { "l1", "2M", "4M" },
	[TLB_L1_1G] = { "l1", "1G", "1G" },
	[TLB_L1I_4K] = { "l1i", "4K", "4K" },
	[TLB_L1I_LARGE] = { "l1i", "2M", "4M" },
	[TLB_L2] = { "l2", "4K+2M", "4K+4M" },
	[TLB_L2_1G] = { "l2", "1G", "1G" },
	[TLB_PWC] = { "pwc", "tables", "tables" },
};

static void show_unit(const struct machine *m, uint32_t cpu, unsigned unit,
		      struct outbuf *out)
{
	const struct tlb *t = &m->space.tlb;
	const struct tlb_count *c = &t->cpu[cpu].count[unit];
	const struct tlb_shape *shape = &tlb_rows[t->row].unit[unit];
	const uint64_t fields[] = { c->hits, c->misses, c->evictions,
				    c->flushes, c->walk_cycles };

	if (!shape->ways)
		return;
	out_printf(out, "%u %s %s %u", cpu, units[unit].level,
		   m->space.paging.bits == 10 ? units[unit].size_4m
					      : units[unit].size,
		   shape->entries);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		out_char(out, ' ');
		out_dec(out, fields[i], 0);
	}
	out_char(out, '\n');
}

static int show_tlb(const struct view *v, struct outbuf *out)
{
	const struct tlb *t = &v->m->space.tlb;

	if (!t->on) {
		out_str(out, "off: [machine] cpu names none of");
		for (unsigned i = 0; i < nr_tlb_rows; i++)
			out_printf(out, "%s %s", i ? "," : "",
				   tlb_rows[i].name);
		out_char(out, '\n');
	}
	for (uint32_t cpu = 0; t->on && cpu < t->nr_cpus; cpu++)
		for (unsigned unit = 0; unit < NR_TLB_UNITS; unit++)
			show_unit(v->m, cpu, unit, out);
	return 0;
}

const struct fsnode model_tlb_nodes[] = {
	MODEL_FILE("tlb", show_tlb),
};
const unsigned nr_model_tlb_nodes = ARRAY_SIZE(model_tlb_nodes);
