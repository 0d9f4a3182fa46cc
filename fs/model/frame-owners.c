// SPDX-License-Identifier: Apache-2.0
#include "fs/model/frame-owners.h"
#include "fs/page-look.h"

const struct frame_owner_row frame_owners[NR_OWNERS] = {
	[OWNER_FREE] = { '.', '.', "#e6ece6", "free" },
	[OWNER_HOLE] = { '-', '-', "#ffffff", "no memory" },
	[OWNER_RESERVED] = { 'r', 'R', "#777777",
			     "reserved: kernel image, memmap" },
	[OWNER_ANON] = { 'a', 'A', "#1f77b4", "anonymous" },
	[OWNER_FILE] = { 'f', 'F', "#2ca02c", "page cache of files" },
	[OWNER_SHMEM] = { 'm', 'M', "#17becf", "shared memory, tmpfs" },
	[OWNER_SLAB] = { 's', 'S', "#d62728", "slab" },
	[OWNER_TABLE] = { 't', 'T', "#9467bd", "page tables" },
	[OWNER_KERNEL] = { 'k', 'K', "#8c564b",
			   "stacks, vmalloc, other kernel memory" },
	[OWNER_HUGETLB] = { 'h', 'H', "#ff7f0e", "hugetlb" },
};

static const uint8_t owner_of_type[NR_FRAME_TYPES] = {
	[FRAME_FREE_TAIL] = OWNER_FREE,	   [FRAME_BUDDY] = OWNER_FREE,
	[FRAME_PCP] = OWNER_FREE,	   [FRAME_HOLE] = OWNER_HOLE,
	[FRAME_RESERVED] = OWNER_RESERVED, [FRAME_TAIL] = OWNER_KERNEL,
	[FRAME_ANON] = OWNER_ANON,	   [FRAME_FILE] = OWNER_FILE,
	[FRAME_SLAB] = OWNER_SLAB,	   [FRAME_TABLE] = OWNER_TABLE,
	[FRAME_STACK] = OWNER_KERNEL,	   [FRAME_VMALLOC] = OWNER_KERNEL,
	[FRAME_KERNEL] = OWNER_KERNEL,	   [FRAME_HUGETLB] = OWNER_HUGETLB,
	[FRAME_ZERO] = OWNER_RESERVED,
};

/* At most a pageblock. */
static void count_open(const struct phys *p, pfn_t start, uint32_t frames,
		       uint64_t nr[NR_OWNERS])
{
	struct page_look look;

	/* a page of a pool may have no frames but its first */
	page_look(p, start & ~(pfn_t)(PAGEBLOCK_PAGES - 1), &look);
	if (look.type == FRAME_HUGETLB) {
		nr[OWNER_HUGETLB] += frames;
		return;
	}
	for (pfn_t pfn = start; pfn < start + frames; pfn++) {
		const struct frame *f = frame_peek(p, pfn);
		unsigned owner;

		if (!f) {
			nr[OWNER_HOLE]++;
			continue;
		}
		f = frame_at(p, folio_head(p, pfn));
		owner = owner_of_type[frame_type(f)];
		if (owner == OWNER_FILE && f->word & PG_SWAPBACKED)
			owner = OWNER_SHMEM;
		nr[owner]++;
	}
}

static void count_piece(const struct phys *p, pfn_t start, uint32_t frames,
			uint64_t nr[NR_OWNERS])
{
	switch ((enum block_state)p->blocks[start >> MAX_ORDER].state) {
	case BLOCK_OPEN:
		count_open(p, start, frames, nr);
		break;
	case BLOCK_FREE:
		nr[OWNER_FREE] += frames;
		break;
	case BLOCK_RESERVED:
		nr[OWNER_RESERVED] += frames;
		break;
	case BLOCK_HOLE:
		nr[OWNER_HOLE] += frames;
		break;
	}
}

void frame_owners_count(const struct phys *p, pfn_t start, uint32_t frames,
			uint64_t nr[NR_OWNERS])
{
	uint32_t piece = frames < PAGEBLOCK_PAGES ? frames : PAGEBLOCK_PAGES;

	for (uint32_t i = 0; i < frames; i += piece) {
		if (start + i < p->max_pfn)
			count_piece(p, start + i, piece, nr);
		else
			nr[OWNER_HOLE] += piece;
	}
}
