/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_FAUX_TOP_H
#define TOOLS_FAUX_TOP_H

#include "fs/outbuf.h"
#include "tools/faux-read.h"

/*
 * DOC: one frame of faux top, as text.
 *
 * Models:  nothing of the kernel.
 * Owns:    the counters of the frame before.
 * Units:   KiB, pages where it says so, events a second of the machine.
 * Order:   does not apply.
 * Omits:   how it comes to a screen.
 */
enum { NR_RATES = 8 };
struct rates {
	double clock; /* of the machine, seconds */
	uint64_t value[NR_RATES];
};

/*
 * Append a frame for lines of @width columns. Rates are those since the frame
 * before, the first time since boot. 0 or an exit status after a message.
 */
int top_frame(struct reader *r, struct rates *rates, unsigned width,
	      struct outbuf *frame);

#endif
