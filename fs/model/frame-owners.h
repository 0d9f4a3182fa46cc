/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_MODEL_FRAME_OWNERS_H
#define FS_MODEL_FRAME_OWNERS_H

#include "vmcore/phys/phys.h"

/*
 * DOC: who has a frame, as model/frames tells it in letters and colours.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   frames.
 * Order:   of the legend.
 * Omits:   which process or file it is: model/page.
 */
enum frame_owner {
	OWNER_FREE,
	OWNER_HOLE,
	OWNER_RESERVED,
	OWNER_ANON,
	OWNER_FILE,
	OWNER_SHMEM,
	OWNER_SLAB,
	OWNER_TABLE,
	OWNER_KERNEL,
	OWNER_HUGETLB,
	NR_OWNERS
};

struct frame_owner_row {
	char some, full; /* of a block: part of it is free, none is */
	const char *colour;
	const char *what;
};
extern const struct frame_owner_row frame_owners[NR_OWNERS];

/* Adds the frames of [@start, @start + @frames): a power of two of them,
 * aligned. Beyond the end of memory is a hole. */
void frame_owners_count(const struct phys *p, pfn_t start, uint32_t frames,
			uint64_t nr[NR_OWNERS]);

#endif
