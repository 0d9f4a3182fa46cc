/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_TLB_H
#define VMCORE_TLB_H

#include "vmcore/base/ctx.h"
#include "vmcore/base/pool.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: translation lookaside buffers of the CPUs.
 *
 * Models:  data and instruction TLBs of named processors; arch/x86/mm/tlb.c of
 *          6.18 (ASIDs, switch_mm(), flushes).
 * Owns:    each CPU's entries and what they were good for.
 * Units:   entries; cycles of the processor.
 * Order:   sets are least recently used; ASIDs are dealt round robin.
 * Omits:   global entries, flushes of a whole address space where more than
 *          33 pages change: each page is shot down by itself; fetches but
 *          those that a script asks for (`touch ... exec`).
 *
 * Off unless the machine's cpu is one of the rows: then nobody pays for it.
 */
enum tlb_unit {
	TLB_L1_4K,
	TLB_L1_LARGE, /* 2 MiB, or 4 MiB */
	TLB_L1_1G,
	TLB_L2, /* both kinds of access; small and large pages share it */
	TLB_L2_1G,
	TLB_PWC, /* entries of level 2 that lead to a table */
	TLB_L1I_4K, /* of instructions */
	TLB_L1I_LARGE,
	NR_TLB_UNITS
};

#define TLB_ASIDS 6 /* TLB_NR_DYN_ASIDS */

struct tlb_shape {
	uint32_t entries, ways; /* 0: there is none */
};

struct tlb_row {
	const char *name; /* part of [machine] cpu */
	uint32_t cycles; /* of reading one entry of a table */
	struct tlb_shape unit[NR_TLB_UNITS];
};

/* One translation: the tag, and the frame it leads to. */
struct tlb_entry {
	uint64_t page; /* address >> shift of its size */
	uint64_t used; /* when last, by the unit's clock; 0: empty */
	uint32_t frame;
	uint16_t asid;
	uint16_t level; /* 1 small, 2 large, 3 1 GiB */
};

struct tlb_count {
	uint64_t hits, misses, evictions, flushes, walk_cycles;
};

struct tlb_cpu {
	uint32_t mm[TLB_ASIDS]; /* whose ASID it is, 0 nobody's */
	uint32_t loaded, next; /* ASID in CR3; the next one dealt */
	uint64_t clock;
	struct tlb_count count[NR_TLB_UNITS];
};

struct tlb {
	bool on, pcid;
	uint32_t row, nr_cpus, per_cpu; /* entries of a CPU, all units */
	struct pool entries; /* CPU by CPU, unit by unit, set by set */
	struct tlb_cpu cpu[MAX_CPUS];
};

struct space;
extern const struct tlb_row tlb_rows[];
extern const unsigned nr_tlb_rows;
/* The row that @cpu's name has a part of, NULL. */
const struct tlb_row *tlb_row_of(const char *cpu);

/* Switch on what @cpu has; none: stay off. 0 or a host errno. */
int tlb_init(struct space *s, const char *cpu, uint32_t nr_cpus, bool pcid);
void tlb_fini(struct space *s);

/* @mm's program on ctx->cpu uses @addr, which is mapped, or fetches (@fetch) an
 * instruction there: a hit, or a walk that is paid for. */
void tlb_use(struct space *s, struct ctx *ctx, uint32_t mm, uint64_t addr,
	     bool fetch);
/* The entry of @level that maps @addr changes: no CPU may know it any more. */
void tlb_shoot(struct space *s, uint32_t mm, uint64_t addr, unsigned level);
/* Would an access of @mm at @addr hit on some CPU? */
bool tlb_knows(const struct space *s, uint32_t mm, uint64_t addr);
/* Every entry against the page tables. */
void tlb_check(const struct space *s, check_report *report, void *arg);

#endif
