// SPDX-License-Identifier: Apache-2.0
/*
 * model/frames: one letter a pageblock, 64 on a line, and the same as a
 * picture. Where that would be too long to look at a letter stands for more.
 */
#include "fs/model/model-nodes.h"
#include "fs/page-look.h"

#define PER_LINE     64u
#define MOST_LETTERS 8192u
#define MOST_CELLS   4096u /* of the picture */
#define CELL	     10u /* pixels */
#define TOP	     90u

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
	const char *colour;
	const char *what;
} owners[NR_OWNERS] = {
	[OWNER_FREE] = { '.', '.', "#e8eee8", "free" },
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

static void count_open(const struct phys *p, pfn_t start,
		       uint64_t nr[NR_OWNERS])
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

static void count_block(const struct phys *p, pfn_t start,
			uint64_t nr[NR_OWNERS])
{
	switch ((enum block_state)p->blocks[start >> MAX_ORDER].state) {
	case BLOCK_OPEN:
		count_open(p, start, nr);
		break;
	case BLOCK_FREE:
		nr[OWNER_FREE] += PAGEBLOCK_PAGES;
		break;
	case BLOCK_RESERVED:
		nr[OWNER_RESERVED] += PAGEBLOCK_PAGES;
		break;
	case BLOCK_HOLE:
		nr[OWNER_HOLE] += PAGEBLOCK_PAGES;
		break;
	}
}

/* A letter's worth of frames: who has most of those in use, and are all? */
struct cell {
	unsigned owner;
	bool full;
};

static struct cell cell_at(const struct phys *p, pfn_t start, uint32_t frames)
{
	uint64_t nr[NR_OWNERS] = { 0 };
	struct cell c = { OWNER_FREE, false };

	for (uint32_t i = 0; i < frames && start + i < p->max_pfn;
	     i += PAGEBLOCK_PAGES)
		count_block(p, start + i, nr);
	if (!nr[OWNER_FREE])
		c.owner = OWNER_HOLE;
	for (unsigned i = OWNER_RESERVED; i < NR_OWNERS; i++)
		if (nr[i] && (c.owner < OWNER_RESERVED || nr[i] > nr[c.owner]))
			c.owner = i;
	c.full = !nr[OWNER_FREE];
	return c;
}

/* Frames of a letter, when there are to be at most so many of them. */
static uint32_t frames_of_cell(const struct phys *p, uint32_t most)
{
	uint32_t frames = PAGEBLOCK_PAGES;

	while ((p->max_pfn - 1) / frames >= most)
		frames *= 2;
	return frames;
}

static int show_frames(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint32_t frames = frames_of_cell(p, MOST_LETTERS);
	char line[PER_LINE + 1];

	for (unsigned i = 0; i < NR_OWNERS; i++)
		out_printf(out, "%c %s\n", owners[i].some, owners[i].what);
	out_printf(out,
		   "upper case: no frame of it is free; "
		   "a letter is %u frames, a line starts with its pfn\n",
		   frames);
	for (uint64_t pfn = 0; pfn < p->max_pfn;) {
		unsigned n = 0;

		out_dec(out, pfn, 10);
		out_char(out, ' ');
		for (; n < PER_LINE && pfn < p->max_pfn; pfn += frames) {
			struct cell c = cell_at(p, (pfn_t)pfn, frames);

			line[n++] = c.full ? owners[c.owner].full
					   : owners[c.owner].some;
		}
		line[n++] = '\n';
		out_bytes(out, line, n);
	}
	return 0;
}

/* --- the picture ------------------------------------------------------------
 */
static void out_rect(struct outbuf *out, unsigned x, unsigned y, unsigned width,
		     struct cell c)
{
	out_printf(out,
		   "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" "
		   "fill=\"%s\"%s/>\n",
		   x, y, width, CELL - 1, owners[c.owner].colour,
		   c.full || c.owner == OWNER_FREE ? ""
						   : " fill-opacity=\"0.55\"");
}

static void out_text(struct outbuf *out, unsigned x, unsigned y,
		     const char *text)
{
	out_printf(out, "<text x=\"%u\" y=\"%u\">%s</text>\n", x, y, text);
}

static void out_legend(struct outbuf *out, uint32_t frames)
{
	out_printf(out,
		   "<text x=\"4\" y=\"14\">pageblocks by owner: a cell is %u "
		   "kB, a row %u MB; pale: part of it is free</text>\n",
		   frames * (PAGE_SIZE >> 10), frames / 256 * PER_LINE);
	for (unsigned i = 0; i < NR_OWNERS; i++) {
		unsigned x = 4 + i % 4 * 190, y = 24 + i / 4 * 20;

		out_rect(out, x, y, CELL - 1, (struct cell){ i, true });
		out_text(out, x + 14, y + CELL - 1, owners[i].what);
	}
}

/* One row; cells alike beside each other are one piece. */
static void out_row(const struct phys *p, struct outbuf *out, uint64_t pfn,
		    uint32_t frames, unsigned y)
{
	struct cell last = { NR_OWNERS, false };
	unsigned from = 0, n = 0;

	for (; n < PER_LINE && pfn < p->max_pfn; n++, pfn += frames) {
		struct cell c = cell_at(p, (pfn_t)pfn, frames);

		if (c.owner == last.owner && c.full == last.full)
			continue;
		if (n)
			out_rect(out, 90 + from * CELL, y, (n - from) * CELL,
				 last);
		from = n;
		last = c;
	}
	out_rect(out, 90 + from * CELL, y, (n - from) * CELL, last);
}

static int show_picture(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint32_t frames = frames_of_cell(p, MOST_CELLS);
	uint64_t row = (uint64_t)frames * PER_LINE;
	unsigned rows = (unsigned)((p->max_pfn + row - 1) / row);

	out_printf(out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
		   "height=\"%u\" font-family=\"sans-serif\" "
		   "font-size=\"11\">\n",
		   100 + PER_LINE * CELL + 40, TOP + rows * CELL + CELL);
	out_legend(out, frames);
	for (unsigned i = 0; i < rows; i++) {
		out_printf(out, "<text x=\"4\" y=\"%u\">%llu</text>\n",
			   TOP + i * CELL + CELL - 1,
			   (unsigned long long)(i * row));
		out_row(p, out, i * row, frames, TOP + i * CELL);
	}
	out_str(out, "</svg>\n");
	return out->error;
}

const struct fsnode model_frames_nodes[] = {
	MODEL_FILE("frames", show_frames),
	MODEL_FILE("frames.svg", show_picture),
};
const unsigned nr_model_frames_nodes = ARRAY_SIZE(model_frames_nodes);
