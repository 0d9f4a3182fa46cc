// SPDX-License-Identifier: Apache-2.0
/* model/PID/pagetable: every entry in use, equal runs folded. */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/pgtable.h"

#define FRAME_BITS PTE_OF(UINT32_MAX)

/* x86 page-table entry bits: arch/x86/include/asm/pgtable_types.h. */
static const struct {
	uint64_t bit;
	const char *name;
} pte_bits[] = {
	{ PTE_PRESENT, "present" },
	{ PTE_WRITE, "write" },
	{ PTE_USER, "user" },
	{ PTE_ACCESSED, "accessed" },
	{ PTE_DIRTY, "dirty" },
	{ PTE_HUGE, "huge" },
	{ PTE_SHARED, "maybeshared" },
	{ PTE_SPECIAL, "special" },
	{ PTE_NX, "nx" },
};

const char *level_name(const struct space *s, unsigned level)
{
	static const char *const names[] = { "-", "pte", "pmd", "pud", "p4d" };

	return level == s->paging.levels ? "pgd" : names[level];
}

void out_entry(const struct space *s, uint64_t entry, struct outbuf *out)
{
	swp_t swp = pte_swap(entry);

	/* 32 bits hold a slot of swap in another form than 64. */
	if (s->paging.entry_bytes == 4 && swp)
		entry = (uint64_t)swp_slot(swp) << 9 | swp_area(swp) << 4 |
			(entry & PTE_SWP_EXCLUSIVE);
	out_hex(out, entry, 2 * s->paging.entry_bytes);
}

void out_pte_bits(uint64_t entry, struct outbuf *out)
{
	char before = ' ';

	if (entry && !(entry & PTE_PRESENT)) {
		out_str(out, " swap");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pte_bits); i++) {
		if (!(entry & pte_bits[i].bit))
			continue;
		out_char(out, before);
		before = ',';
		out_str(out, pte_bits[i].name);
	}
}

/* A line under construction: @more entries like the first follow it. */
struct run {
	const struct machine *m;
	struct outbuf *out;
	uint64_t last; /* entry, 0: no line is open */
	uint64_t more;
	unsigned level;
	uint32_t step; /* frames from one to the next, once there are two */
};

static void run_end(struct run *r)
{
	if (!r->last)
		return;
	if (r->more) {
		out_str(r->out, " +");
		out_dec(r->out, r->more, 0);
	}
	out_char(r->out, '\n');
	r->last = 0;
	r->more = 0;
}

/* Does @entry, the next in the table, go on as the run does: the same bits,
 * and the next frame or, as with the zero page, the same one? */
static bool run_takes(struct run *r, unsigned level, uint64_t entry)
{
	uint32_t step = PTE_PFN(entry) - PTE_PFN(r->last);

	if (!r->last || r->level != level || !(entry & PTE_PRESENT) ||
	    (r->last & ~FRAME_BITS) != (entry & ~FRAME_BITS))
		return false;
	if (r->more ? step != r->step : step > 1)
		return false;
	r->step = step;
	r->last = entry;
	r->more++;
	return true;
}

static void run_add(struct run *r, unsigned level, uint64_t addr,
		    uint64_t entry)
{
	if (run_takes(r, level, entry))
		return;
	run_end(r);
	out_hex(r->out, addr, r->m->space.paging.digits < 12 ? 8 : 12);
	out_char(r->out, ' ');
	out_str(r->out, level_name(&r->m->space, level));
	out_char(r->out, ' ');
	out_entry(&r->m->space, entry, r->out);
	out_char(r->out, ' ');
	if (entry & PTE_PRESENT)
		out_dec(r->out, PTE_PFN(entry), 0);
	else
		out_char(r->out, '-');
	out_pte_bits(entry, r->out);
	r->last = entry;
	r->level = level;
}

static void put_table(struct run *r, uint32_t id, unsigned level, uint64_t base)
{
	const struct space *s = &r->m->space;
	const struct table *t = table_at(s, id);

	for (unsigned i = 0; i < table_slots(s); i++) {
		uint64_t addr = base + i * level_bytes(s, level);
		uint64_t e = t->entry[i];

		if (!e) {
			run_end(r);
			continue;
		}
		run_add(r, level, addr, e);
		if (level == 1 || !(e & PTE_PRESENT) || e & PTE_HUGE)
			continue;
		run_end(r);
		put_table(r, frame_at(&r->m->phys, PTE_PFN(e))->owner,
			  level - 1, addr);
		run_end(r);
	}
}

static int show_pagetable(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = view_mm(v);
	struct run r = { .m = v->m, .out = out };

	if (mm && mm->pgd)
		put_table(&r, mm->pgd, v->m->space.paging.levels, 0);
	run_end(&r);
	return 0;
}

const struct fsnode model_pagetable_nodes[] = {
	MODEL_FILE("$pid/pagetable", show_pagetable),
};
const unsigned nr_model_pagetable_nodes = ARRAY_SIZE(model_pagetable_nodes);
