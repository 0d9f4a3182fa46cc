/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PAGING_H
#define VMCORE_PAGING_H

#include "vmcore/base/types.h"

/*
 * DOC: the shape of a machine's page tables and address spaces.
 *
 * Models:  arch/x86/include/asm/pgtable*types.h, page_types.h, processor.h of
 *          6.18: what is #define there is a row here.
 * Owns:    nothing: the rows are constant, a machine copies its own at boot.
 * Units:   bytes, unless named otherwise.
 * Order:   does not apply.
 * Omits:   the kernel's half of the tables (model/kernel_map has its ranges).
 *
 * An entry takes 8 bytes on the host whatever the machine; entry_bytes is what
 * it takes in the table that is modelled, and 4 KiB of them are a table.
 */
enum paging_kind {
	PAGING_4_LEVEL, /* x86-64 */
	PAGING_5_LEVEL, /* x86-64 with la57 */
	PAGING_PAE, /* i386: a page directory pointer table of 4 entries */
	PAGING_2_LEVEL, /* i386: 1024 entries of 4 bytes */
	NR_PAGING_KINDS
};

struct paging {
	enum paging_kind kind;
	uint32_t levels, bits; /* address bits a level translates */
	uint32_t slots; /* entries of a table */
	uint32_t entry_bytes;
	uint32_t counted; /* tables of the levels below are in VmPTE */
	uint32_t prealloc; /* PMD tables that come with the PGD */
	int32_t rnd_bits; /* mmap_rnd_bits at boot */
	uint32_t digits; /* of an address in hex */
	bool nx; /* entries can forbid to execute */
	bool thp; /* level 2 maps transparent huge pages */
	uint64_t table_bytes; /* what one PTE table maps */
	uint64_t task_size; /* TASK_SIZE: the end of user addresses */
	uint64_t window; /* where a mapping without a hint must end */
	uint64_t span; /* where the tables of user addresses end */
	uint64_t unmapped_base; /* where mappings begin that go upwards */
	uint64_t static_load; /* of a program that its linker has a place for */
	uint64_t kernel; /* where the kernel's addresses begin */
	uint64_t
		direct_map; /* where it has all memory mapped, frame by frame */
	uint64_t no_bits; /* bits that its entries lack */
	uint64_t top_link; /* bits of an entry of the PGD that leads on */
};

extern const struct paging paging_rows[NR_PAGING_KINDS];

#endif
