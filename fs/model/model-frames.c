// SPDX-License-Identifier: Apache-2.0
/* model/frames: one letter a pageblock, 64 on a line. */
#include "fs/model/model-nodes.h"
#include "fs/page-look.h"

#define PER_LINE 64u

/* What a frame counts as; the letter is upper case when the block is full. */
enum owner {
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

static const struct {
	char some, full;
	const char *what;
} owners[NR_OWNERS] = {
	[OWNER_FREE] = { '.', '.', "free" },
	[OWNER_HOLE] = { '-', '-', "no memory" },
	[OWNER_RESERVED] = { 'r', 'R', "reserved: kernel image, memmap" },
	[OWNER_ANON] = { 'a', 'A', "anonymous" },
	[OWNER_FILE] = { 'f', 'F', "page cache of files" },
	[OWNER_SHMEM] = { 'm', 'M', "shared memory, tmpfs" },
	[OWNER_SLAB] = { 's', 'S', "slab" },
	[OWNER_TABLE] = { 't', 'T', "page tables" },
	[OWNER_KERNEL] = { 'k', 'K', "stacks, vmalloc, other kernel memory" },
	[OWNER_HUGETLB] = { 'h', 'H', "hugetlb" },
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

static void count_block(const struct phys *p, pfn_t start,
			unsigned nr[NR_OWNERS])
{
	struct page_look look;

	page_look(p, start, &look);
	if (look.type == FRAME_HUGETLB) {
		nr[OWNER_HUGETLB] += PAGEBLOCK_PAGES;
		return;
	}
	for (pfn_t pfn = start; pfn < start + PAGEBLOCK_PAGES; pfn++) {
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

/* The owner of most frames in use; free only if all are. */
static char block_letter(const struct phys *p, pfn_t start)
{
	unsigned nr[NR_OWNERS] = { 0 }, most = OWNER_FREE;
	const struct block *b = &p->blocks[start >> MAX_ORDER];

	if (b->state != BLOCK_OPEN)
		return owners[b->state == BLOCK_FREE ? OWNER_FREE : OWNER_HOLE]
			.some;
	count_block(p, start, nr);
	if (!nr[OWNER_FREE])
		most = OWNER_HOLE;
	for (unsigned i = OWNER_RESERVED; i < NR_OWNERS; i++)
		if (nr[i] && (most < OWNER_RESERVED || nr[i] > nr[most]))
			most = i;
	return nr[OWNER_FREE] ? owners[most].some : owners[most].full;
}

static int show_frames(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	char line[PER_LINE + 1];

	for (unsigned i = 0; i < NR_OWNERS; i++)
		out_printf(out, "%c %s\n", owners[i].some, owners[i].what);
	out_str(out, "upper case: no frame of the block is free; "
		     "a letter is 512 frames, a line starts with its pfn\n");
	for (pfn_t pfn = 0; pfn < p->max_pfn;) {
		unsigned n = 0;

		out_dec(out, pfn, 10);
		out_char(out, ' ');
		for (; n < PER_LINE && pfn < p->max_pfn; pfn += PAGEBLOCK_PAGES)
			line[n++] = block_letter(p, pfn);
		line[n++] = '\n';
		out_bytes(out, line, n);
	}
	return 0;
}

const struct fsnode model_frames_nodes[] = {
	MODEL_FILE("frames", show_frames),
};
const unsigned nr_model_frames_nodes = ARRAY_SIZE(model_frames_nodes);
