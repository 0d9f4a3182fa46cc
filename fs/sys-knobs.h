/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SYS_KNOBS_H
#define FS_SYS_KNOBS_H

#include "fs/world.h"

/*
 * DOC: the knobs of all floors as files below proc/sys.
 *
 * Models:  kernel/sysctl.c: handlers that do more than parse one number.
 * Owns:    which floor has which rows, and in which folder they stand.
 * Units:   the row's.
 * Order:   does not apply.
 * Omits:   parsing and printing (fs/knob-text.h).
 *
 * A row made from a knob carries its floor in fsnode.arg.
 */
enum knob_floor {
	FLOOR_PHYS,
	FLOOR_CONTROL,
	FLOOR_CACHE,
	FLOOR_SPACE,
	FLOOR_TASK,
	FLOOR_LATER,
	FLOOR_MACHINE, /* rows of this library over struct machine itself */
	NR_FLOORS
};

/* show() and store() of a FSNODE_KNOB row. */
int knob_show(const struct view *v, const struct knob *k, struct outbuf *out);
long knob_store(const struct view *v, const struct knob *k, const char *text,
		size_t len);
/* ", expected ...": which numbers it takes; nothing for text. */
void knob_expected(const struct machine *m, const struct knob *k,
		   struct outbuf *out);
/* Tell the floor that @k was written; @changed: to another value. */
void knob_changed(struct world *w, uint32_t floor, const struct knob *k,
		  bool changed);

#endif
