// SPDX-License-Identifier: Apache-2.0
/*
 * model/frames: one letter a pageblock, 64 on a line. Where that would be too
 * long to look at a letter stands for more.
 */
#include "fs/model/frame-owners.h"
#include "fs/model/model-nodes.h"

#define PER_LINE     64u
#define MOST_LETTERS 8192u

/* A letter's worth of frames: who has most of those in use, and are all? */
static char letter_at(const struct phys *p, pfn_t start, uint32_t frames)
{
	uint64_t nr[NR_OWNERS] = { 0 };
	unsigned owner = OWNER_FREE;

	frame_owners_count(p, start, frames, nr);
	if (!nr[OWNER_FREE])
		owner = OWNER_HOLE;
	for (unsigned i = OWNER_RESERVED; i < NR_OWNERS; i++)
		if (nr[i] && (owner < OWNER_RESERVED || nr[i] > nr[owner]))
			owner = i;
	return nr[OWNER_FREE] ? frame_owners[owner].some
			      : frame_owners[owner].full;
}

static int show_frames(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint32_t frames = PAGEBLOCK_PAGES;

	while ((p->max_pfn - 1) / frames >= MOST_LETTERS)
		frames *= 2;
	for (unsigned i = 0; i < NR_OWNERS; i++)
		out_printf(out, "%c %s\n", frame_owners[i].some,
			   frame_owners[i].what);
	out_printf(out,
		   "upper case: no frame of it is free; "
		   "a letter is %u frames, a line starts with its pfn\n",
		   frames);
	for (uint64_t pfn = 0; pfn < p->max_pfn;) {
		char line[PER_LINE + 1];
		unsigned n = 0;

		out_dec(out, pfn, 10);
		out_char(out, ' ');
		for (; n < PER_LINE && pfn < p->max_pfn; pfn += frames)
			line[n++] = letter_at(p, (pfn_t)pfn, frames);
		line[n++] = '\n';
		out_bytes(out, line, n);
	}
	return 0;
}

const struct fsnode model_frames_nodes[] = {
	MODEL_FILE("frames", show_frames),
};
const unsigned nr_model_frames_nodes = ARRAY_SIZE(model_frames_nodes);
