/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MEMORY_H
#define VMCORE_MEMORY_H

#include "vmcore/space/space.h"

/*
 * DOC: what system calls and faults do to memory.
 *
 * Models:  mm/memory.c (faults), mm/mmap.c, mm/mprotect.c, mm/mremap.c,
 *          mm/madvise.c, mm/mlock.c, mm/msync.c, mm/gup.c of 6.18.
 * Owns:    the THP settings; all else belongs to the floors below.
 * Units:   bytes for addresses and lengths.
 * Order:   pages in ascending address.
 * Omits:   see docs/fidelity.md.
 */
enum thp_mode { THP_ALWAYS, THP_MADVISE, THP_NEVER };
/* thp_defrag and thp_shmem count in the order their files print the words;
 * a kernel boots with THP_DEFRAG_MADVISE and THP_SHMEM_NEVER. */
enum thp_defrag {
	THP_DEFRAG_ALWAYS,
	THP_DEFRAG_DEFER,
	THP_DEFRAG_DEFER_MADVISE,
	THP_DEFRAG_MADVISE,
	THP_DEFRAG_NEVER,
};
enum thp_shmem {
	THP_SHMEM_ALWAYS,
	THP_SHMEM_WITHIN_SIZE,
	THP_SHMEM_ADVISE,
	THP_SHMEM_NEVER,
	THP_SHMEM_DENY,
	THP_SHMEM_FORCE,
};

struct memory {
	struct space *space;
	int32_t thp_enabled, thp_defrag, thp_zero_page, thp_shmem;
	uint32_t fault_around_bytes;
};

int memory_init(struct memory *m, struct space *space, int thp);

#define FAULT_FLAG_WRITE    1u
#define FAULT_FLAG_EXEC	    2u
#define FAULT_FLAG_POPULATE 4u /* mlock, MAP_POPULATE, MADV_POPULATE */

struct fault_result {
	bool faulted; /* the hardware would have trapped */
	bool major;
};

/*
 * One access by @mm at @addr: sets accessed and dirty bits, takes the fault
 * if one is due. @content: what a write leaves in the page (0 keeps own).
 * Return: 0, FAULT_SIGSEGV, FAULT_SIGBUS, NEED_*, WAIT_IO, host errno.
 */
int memory_access(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t addr,
		  uint32_t flags, uint32_t content,
		  struct fault_result *ret_fault);

#endif
