// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/tlb.h"

#include <string.h>

#include "vmcore/space/pgtable.h"

/* Entries and ways as the makers' manuals have them (Intel's optimization
 * manual; of the page-walk cache its size is measured); the price of a read is
 * that of a table in the second-level cache. */
const struct tlb_row tlb_rows[] = {
	{ .name = "Skylake",
	  .cycles = 12,
	  .unit = { [TLB_L1_4K] = { 64, 4 },
		    [TLB_L1_LARGE] = { 32, 4 },
		    [TLB_L1_1G] = { 4, 4 },
		    [TLB_L1I_4K] = { 128, 8 },
		    [TLB_L1I_LARGE] = { 8, 8 },
		    [TLB_L2] = { 1536, 12 },
		    [TLB_L2_1G] = { 16, 4 },
		    [TLB_PWC] = { 32, 4 } } },
	{ .name = "Nehalem",
	  .cycles = 10,
	  .unit = { [TLB_L1_4K] = { 64, 4 },
		    [TLB_L1_LARGE] = { 32, 4 },
		    [TLB_L1I_4K] = { 64, 4 },
		    [TLB_L1I_LARGE] = { 7, 7 },
		    [TLB_L2] = { 512, 4 },
		    [TLB_PWC] = { 32, 4 } } },
	{ .name = "Pentium III",
	  .cycles = 7,
	  .unit = { [TLB_L1_4K] = { 64, 4 },
		    [TLB_L1_LARGE] = { 8, 4 },
		    [TLB_L1I_4K] = { 32, 4 },
		    [TLB_L1I_LARGE] = { 2, 2 } } },
};
const unsigned nr_tlb_rows = sizeof(tlb_rows) / sizeof(*tlb_rows);

/* Which unit of the first and of the second level has pages of a level. */
static const struct {
	enum tlb_unit l1, l1i, l2;
} units_of[] = {
	[1] = { TLB_L1_4K, TLB_L1I_4K, TLB_L2 },
	[2] = { TLB_L1_LARGE, TLB_L1I_LARGE, TLB_L2 },
	[3] = { TLB_L1_1G, TLB_L1I_LARGE, TLB_L2_1G },
};

const struct tlb_row *tlb_row_of(const char *cpu)
{
	for (size_t i = 0; i < nr_tlb_rows; i++)
		if (strstr(cpu, tlb_rows[i].name))
			return &tlb_rows[i];
	return NULL;
}

static const struct tlb_row *row_of(const struct tlb *t)
{
	return &tlb_rows[t->row];
}

int tlb_init(struct space *s, const char *cpu, uint32_t nr_cpus, bool pcid)
{
	const struct tlb_row *row = tlb_row_of(cpu);
	struct tlb *t = &s->tlb;
	uint32_t id;
	int r = 0;

	if (!row)
		return 0;
	t->row = (uint32_t)(row - tlb_rows);
	t->nr_cpus = nr_cpus;
	t->pcid = pcid && s->paging.levels > 3;
	for (unsigned u = 0; u < NR_TLB_UNITS; u++)
		t->per_cpu += row->unit[u].entries;
	for (uint32_t i = 0; i < nr_cpus * t->per_cpu && !r; i++)
		r = pool_new(&t->entries, &id);
	t->on = !r;
	return r;
}

void tlb_fini(struct space *s)
{
	pool_fini(&s->tlb.entries);
}

/* --- sets ------------------------------------------------------------------
 */
struct set {
	uint32_t first; /* id of its first entry */
	uint32_t ways; /* 0: the machine has no such unit */
};

static struct set set_of(const struct tlb *t, uint32_t cpu, enum tlb_unit unit,
			 uint64_t page)
{
	const struct tlb_shape *u = &row_of(t)->unit[unit];
	struct set set = { cpu * t->per_cpu + 1, u->ways };

	for (unsigned i = 0; i < unit; i++)
		set.first += row_of(t)->unit[i].entries;
	if (u->ways)
		set.first +=
			(uint32_t)(page % (u->entries / u->ways)) * u->ways;
	return set;
}

static struct tlb_entry *entry_at(const struct tlb *t, uint32_t id)
{
	return pool_at(&t->entries, id);
}

static struct tlb_entry *find(const struct tlb *t, uint32_t cpu,
			      enum tlb_unit unit, const struct tlb_entry *tag)
{
	struct set set = set_of(t, cpu, unit, tag->page);

	for (uint32_t i = 0; i < set.ways; i++) {
		struct tlb_entry *e = entry_at(t, set.first + i);

		if (e->used && e->page == tag->page && e->asid == tag->asid &&
		    e->level == tag->level)
			return e;
	}
	return NULL;
}

/* The least recently used of its set makes room. */
static void insert(struct tlb *t, uint32_t cpu, enum tlb_unit unit,
		   const struct tlb_entry *tag)
{
	struct set set = set_of(t, cpu, unit, tag->page);
	struct tlb_entry *old;

	if (!set.ways)
		return;
	old = entry_at(t, set.first);
	for (uint32_t i = 1; i < set.ways; i++)
		if (entry_at(t, set.first + i)->used < old->used)
			old = entry_at(t, set.first + i);
	t->cpu[cpu].count[unit].evictions += old->used != 0;
	*old = *tag;
	old->used = ++t->cpu[cpu].clock;
}

/* Hit in @unit? */
static bool look(struct tlb *t, uint32_t cpu, enum tlb_unit unit,
		 const struct tlb_entry *tag)
{
	struct tlb_cpu *c = &t->cpu[cpu];
	struct tlb_entry *e;

	if (!row_of(t)->unit[unit].ways)
		return false;
	e = find(t, cpu, unit, tag);
	if (e)
		e->used = ++c->clock;
	c->count[unit].hits += e != NULL;
	c->count[unit].misses += !e;
	return e != NULL;
}

/* --- address spaces --------------------------------------------------------
 */
/* All that @asid has on @cpu goes; @level 0: of each size. */
static void flush(struct tlb *t, uint32_t cpu, uint32_t asid)
{
	uint32_t id = cpu * t->per_cpu + 1;

	for (unsigned u = 0; u < NR_TLB_UNITS; u++)
		for (uint32_t i = 0; i < row_of(t)->unit[u].entries;
		     i++, id++) {
			struct tlb_entry *e = entry_at(t, id);

			if (!e->used || e->asid != asid)
				continue;
			memset(e, 0, sizeof(*e));
			t->cpu[cpu].count[u].flushes++;
		}
}

/* choose_new_asid(): the address space's own if it still has one. */
static uint16_t load(struct tlb *t, uint32_t cpu, uint32_t mm)
{
	struct tlb_cpu *c = &t->cpu[cpu];
	uint32_t asid = 0;

	if (c->mm[c->loaded] == mm)
		return (uint16_t)c->loaded;
	while (t->pcid && asid < TLB_ASIDS && c->mm[asid] != mm)
		asid++;
	if (!t->pcid || asid == TLB_ASIDS) {
		asid = t->pcid ? c->next : 0;
		c->next = (c->next + 1) % TLB_ASIDS;
		flush(t, cpu, asid);
		c->mm[asid] = mm;
	}
	c->loaded = asid;
	return (uint16_t)asid;
}

/* --- use ---------------------------------------------------------------------
 */
static struct tlb_entry tag_of(const struct space *s, uint16_t asid,
			       uint64_t addr, unsigned level)
{
	return (struct tlb_entry){ .page = addr >> level_shift(s, level),
				   .asid = asid,
				   .level = (uint16_t)level };
}

/* Entries of tables that a miss reads: with the one above the last cached, the
 * last alone. */
static void walk(struct space *s, struct ctx *ctx, uint16_t asid, uint64_t addr,
		 const struct walk *w, enum tlb_unit unit)
{
	struct tlb *t = &s->tlb;
	struct tlb_entry above = tag_of(s, asid, addr, 2);
	unsigned reads = w->levels;

	if (w->levels == s->paging.levels) {
		if (look(t, ctx->cpu, TLB_PWC, &above))
			reads = 1;
		else
			insert(t, ctx->cpu, TLB_PWC, &above);
	}
	t->cpu[ctx->cpu].count[unit].walk_cycles += reads * row_of(t)->cycles;
	ctx_pay(ctx, COST_TLB_MISS, 1);
}

void tlb_use(struct space *s, struct ctx *ctx, uint32_t mm, uint64_t addr,
	     bool fetch)
{
	struct tlb *t = &s->tlb;
	uint16_t asid = load(t, ctx->cpu, mm);
	struct tlb_entry tag;
	enum tlb_unit l1, l2;
	struct walk w;
	unsigned level;

	pt_walk(s, mm, addr, &w);
	level = s->paging.levels + 1 - w.levels;
	if (!w.levels || !(w.entry[w.levels - 1] & PTE_PRESENT) || level > 3)
		return;
	tag = tag_of(s, asid, addr, level);
	tag.frame = PTE_PFN(w.entry[w.levels - 1]);
	l1 = fetch ? units_of[level].l1i : units_of[level].l1;
	l2 = units_of[level].l2;
	if (look(t, ctx->cpu, l1, &tag))
		return;
	if (!look(t, ctx->cpu, l2, &tag)) {
		bool has = row_of(t)->unit[l2].ways;

		walk(s, ctx, asid, addr, &w, has ? l2 : l1);
		insert(t, ctx->cpu, l2, &tag);
	}
	insert(t, ctx->cpu, l1, &tag);
}

/* --- shootdown -------------------------------------------------------------
 */
static void drop(struct tlb *t, uint32_t cpu, enum tlb_unit unit,
		 const struct tlb_entry *tag)
{
	struct tlb_entry *e = find(t, cpu, unit, tag);

	if (!e)
		return;
	memset(e, 0, sizeof(*e));
	t->cpu[cpu].count[unit].flushes++;
}

void tlb_shoot(struct space *s, uint32_t mm, uint64_t addr, unsigned level)
{
	struct tlb *t = &s->tlb;

	if (level > 3)
		return;
	for (uint32_t cpu = 0; cpu < t->nr_cpus; cpu++)
		for (uint16_t asid = 0; asid < TLB_ASIDS; asid++) {
			struct tlb_entry tag = tag_of(s, asid, addr, level);
			struct tlb_entry above = tag_of(s, asid, addr, 2);

			if (t->cpu[cpu].mm[asid] != mm)
				continue;
			drop(t, cpu, units_of[level].l1, &tag);
			drop(t, cpu, units_of[level].l1i, &tag);
			drop(t, cpu, units_of[level].l2, &tag);
			drop(t, cpu, TLB_PWC, &above);
		}
}

bool tlb_knows(const struct space *s, uint32_t mm, uint64_t addr)
{
	const struct tlb *t = &s->tlb;

	for (uint32_t i = 0; t->on && i < t->nr_cpus * TLB_ASIDS * 3; i++) {
		uint32_t cpu = i / 3 / TLB_ASIDS;
		uint16_t asid = (uint16_t)(i / 3 % TLB_ASIDS);
		unsigned level = 1 + i % 3;
		struct tlb_entry tag = tag_of(s, asid, addr, level);

		if (t->cpu[cpu].mm[asid] == mm &&
		    (find(t, cpu, units_of[level].l1, &tag) ||
		     find(t, cpu, units_of[level].l1i, &tag) ||
		     find(t, cpu, units_of[level].l2, &tag)))
			return true;
	}
	return false;
}

/* --- check -------------------------------------------------------------------
 */
static void check_entry(const struct space *s, uint32_t mm,
			const struct tlb_entry *e, check_report *report,
			void *arg)
{
	struct walk w = { .levels = 0 };
	uint64_t entry;

	pt_walk(s, mm, e->page << level_shift(s, e->level), &w);
	entry = w.levels == s->paging.levels + 1 - e->level
			? w.entry[w.levels - 1]
			: 0;
	if (!(entry & PTE_PRESENT) || PTE_PFN(entry) != e->frame)
		report(arg, "frame in a TLB",
		       entry & PTE_PRESENT ? (int64_t)PTE_PFN(entry) : -1,
		       e->frame);
}

void tlb_check(const struct space *s, check_report *report, void *arg)
{
	const struct tlb *t = &s->tlb;

	for (uint32_t cpu = 0; t->on && cpu < t->nr_cpus; cpu++) {
		uint32_t id = cpu * t->per_cpu + 1;

		for (unsigned u = 0; u < NR_TLB_UNITS; u++)
			for (uint32_t i = 0; i < row_of(t)->unit[u].entries;
			     i++, id++) {
				const struct tlb_entry *e = entry_at(t, id);
				uint32_t mm = t->cpu[cpu].mm[e->asid];

				if (e->used && u != TLB_PWC)
					check_entry(s, mm, e, report, arg);
			}
	}
}
