// SPDX-License-Identifier: Apache-2.0
/*
 * model/frames.svg: the frames of model/frames as a picture. A cell is a power
 * of two of frames, filled from below as far as they are in use, in the
 * colours of their owners.
 */
#include "fs/model/frame-owners.h"
#include "fs/model/model-nodes.h"

#include <string.h>

#define PER_ROW	    64u
#define MOST_CELLS  2560u
#define LEAST_CELL  16u /* frames */
#define CELL	    13u /* pixels, with the line of the grid beside it */
#define FILL	    (CELL - 1)
#define LEFT	    92u
#define RIGHT	    110u
#define TOP	    176u
#define LEGEND_ROWS 5u

typedef unsigned long long ull;

/* From below: what stays, then what comes and goes. */
static const uint8_t layers[] = { OWNER_RESERVED, OWNER_KERNEL,	 OWNER_SLAB,
				  OWNER_TABLE,	  OWNER_HUGETLB, OWNER_SHMEM,
				  OWNER_FILE,	  OWNER_ANON };
#define NR_LAYERS sizeof(layers)

struct cell {
	uint8_t hole; /* no memory at all */
	uint8_t height[NR_LAYERS]; /* pixels */
};

struct picture {
	const struct phys *p;
	struct outbuf *out;
	uint32_t frames; /* of a cell */
	unsigned rows;
	unsigned zone; /* of the last row + 1 */
};

/* --- amounts ----------------------------------------------------------------
 */
/* Three digits and a unit. */
static void out_pages(struct outbuf *out, uint64_t pages)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	uint64_t n = pages * (PAGE_SIZE >> 10) * 100; /* hundredths */
	unsigned unit = 0;

	while (n >= 102400 && unit < 3) {
		n /= 1024;
		unit++;
	}
	if (n >= 10000 || n % 100 == 0)
		out_printf(out, "%llu %s", (ull)n / 100, units[unit]);
	else if (n >= 1000 || n % 10 == 0)
		out_printf(out, "%llu.%u %s", (ull)n / 100,
			   (unsigned)(n / 10 % 10), units[unit]);
	else
		out_printf(out, "%llu.%02u %s", (ull)n / 100,
			   (unsigned)(n % 100), units[unit]);
}

static void legend_row(struct picture *x, unsigned i, uint64_t pages)
{
	unsigned left = LEFT + i / LEGEND_ROWS * 420;
	unsigned top = 58 + i % LEGEND_ROWS * 20;

	out_printf(x->out,
		   "<rect x=\"%u\" y=\"%u\" width=\"12\" height=\"12\" "
		   "fill=\"%s\" stroke=\"#999\" stroke-width=\"0.5\"/>\n"
		   "<text x=\"%u\" y=\"%u\">%s</text>\n"
		   "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">",
		   left, top, frame_owners[i].colour, left + 20, top + 10,
		   frame_owners[i].what, left + 350, top + 10);
	out_pages(x->out, pages);
	out_str(x->out, "</text>\n");
}

/* A name that is no markup. */
static void out_name(struct outbuf *out, const char *name)
{
	for (; *name; name++)
		out_char(out, strchr("<>&", *name) ? '?' : *name);
}

static void out_legend(struct picture *x, const char *host)
{
	uint64_t nr[NR_OWNERS] = { 0 };
	uint32_t block = 1u << MAX_ORDER;

	for (uint64_t pfn = 0; pfn < x->p->max_pfn; pfn += block)
		frame_owners_count(x->p, (pfn_t)pfn, block, nr);
	out_printf(x->out,
		   "<text x=\"%u\" y=\"24\" font-size=\"17\" "
		   "font-weight=\"bold\">Page frames of ",
		   LEFT);
	out_name(x->out, host);
	out_printf(x->out,
		   " by owner</text>\n"
		   "<text x=\"%u\" y=\"44\" fill=\"#555\">A cell is ",
		   LEFT);
	out_pages(x->out, x->frames);
	out_str(x->out, ", a row ");
	out_pages(x->out, (uint64_t)x->frames * PER_ROW);
	out_str(x->out, "; it is filled as far as its frames are in "
			"use.</text>\n");
	for (unsigned i = 0; i < NR_OWNERS; i++)
		legend_row(x, i, nr[i]);
}

/* --- cells ------------------------------------------------------------------
 */
static struct cell cell_at(const struct picture *x, uint64_t pfn)
{
	uint64_t nr[NR_OWNERS] = { 0 };
	struct cell c = { 0 };
	unsigned left = FILL;

	if (pfn >= x->p->max_pfn)
		return (struct cell){ .hole = 1 };
	frame_owners_count(x->p, (pfn_t)pfn, x->frames, nr);
	c.hole = nr[OWNER_HOLE] == x->frames;
	for (unsigned i = 0; i < NR_LAYERS && left; i++) {
		uint64_t n = nr[layers[i]];
		unsigned high =
			(unsigned)((n * FILL + x->frames / 2) / x->frames);

		if (n && !high)
			high = 1; /* it is there */
		if (high > left)
			high = left;
		c.height[i] = (uint8_t)high;
		left -= high;
	}
	return c;
}

static void out_rect(struct picture *x, unsigned from, unsigned cells,
		     unsigned y, unsigned height, const char *colour)
{
	out_printf(x->out,
		   "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" "
		   "fill=\"%s\"/>\n",
		   LEFT + from * CELL, y, cells * CELL, height, colour);
}

/* Cells alike beside each other are one piece; the grid parts them. */
static void out_run(struct picture *x, unsigned from, unsigned cells,
		    unsigned y, const struct cell *c)
{
	unsigned used = 0;

	if (c->hole)
		return;
	for (unsigned i = 0; i < NR_LAYERS; i++) {
		if (!c->height[i])
			continue;
		used += c->height[i];
		out_rect(x, from, cells, y + FILL - used, c->height[i],
			 frame_owners[layers[i]].colour);
	}
	if (used < FILL)
		out_rect(x, from, cells, y, FILL - used,
			 frame_owners[OWNER_FREE].colour);
}

/* Where the row begins, and in which zone if that is another. */
static void row_labels(struct picture *x, uint64_t pfn, unsigned y)
{
	unsigned zone = pfn_zone(x->p, (pfn_t)pfn);

	out_printf(x->out, "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">",
		   LEFT - 8, y + FILL - 1);
	out_pages(x->out, pfn);
	out_str(x->out, "</text>\n");
	if (zone + 1 == x->zone)
		return;
	x->zone = zone + 1;
	out_printf(x->out, "<text x=\"%u\" y=\"%u\">node %u %s</text>\n",
		   LEFT + PER_ROW * CELL + 8, y + FILL - 1,
		   zone / MAX_ZONES_PER_NODE,
		   zone_name(x->p, zone % MAX_ZONES_PER_NODE));
}

static void out_row(struct picture *x, unsigned row)
{
	uint64_t pfn = (uint64_t)row * PER_ROW * x->frames;
	unsigned y = TOP + row * CELL, from = 0;
	struct cell last = cell_at(x, pfn);

	row_labels(x, pfn, y);
	for (unsigned i = 1; i <= PER_ROW; i++) {
		struct cell c = { .hole = 2 };

		if (i < PER_ROW)
			c = cell_at(x, pfn + (uint64_t)i * x->frames);
		if (!memcmp(&c, &last, sizeof(c)))
			continue;
		out_run(x, from, i - from, y, &last);
		from = i;
		last = c;
	}
}

static void out_grid(struct picture *x)
{
	out_printf(x->out,
		   "<defs><pattern id=\"grid\" x=\"%u\" y=\"%u\" width=\"%u\" "
		   "height=\"%u\" patternUnits=\"userSpaceOnUse\">"
		   "<path d=\"M%u.5 0V%u\" stroke=\"#fff\"/></pattern></defs>\n"
		   "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" "
		   "fill=\"url(#grid)\"/>\n",
		   LEFT, TOP, CELL, CELL, FILL, CELL, LEFT, TOP, PER_ROW * CELL,
		   x->rows * CELL);
}

static int show_picture(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	struct picture x = { .p = p, .out = out, .frames = LEAST_CELL };
	unsigned width = LEFT + PER_ROW * CELL + RIGHT, height;

	while ((p->max_pfn - 1) / x.frames >= MOST_CELLS)
		x.frames *= 2;
	x.rows = (unsigned)((p->max_pfn - 1) / x.frames / PER_ROW + 1);
	height = TOP + x.rows * CELL + 16;
	out_printf(out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
		   "height=\"%u\" viewBox=\"0 0 %u %u\" "
		   "font-family=\"system-ui, sans-serif\" font-size=\"12\" "
		   "fill=\"#222\">\n"
		   "<rect width=\"%u\" height=\"%u\" fill=\"#fff\"/>\n",
		   width, height, width, height, width, height);
	out_legend(&x, v->m->hostname);
	for (unsigned i = 0; i < x.rows; i++)
		out_row(&x, i);
	out_grid(&x);
	out_str(out, "</svg>\n");
	return out->error;
}

const struct fsnode model_picture_nodes[] = {
	MODEL_FILE("frames.svg", show_picture),
};
const unsigned nr_model_picture_nodes = ARRAY_SIZE(model_picture_nodes);
