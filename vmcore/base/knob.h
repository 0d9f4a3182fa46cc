/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KNOB_H
#define VMCORE_KNOB_H

#include "vmcore/base/types.h"

/*
 * DOC: knob rows: what a sysctl is, wherever its value lives.
 *
 * Models:  struct ctl_table (kernel/sysctl.c, mm/), sysfs attributes of mm.
 * Owns:    nothing: a row points into the struct of its floor by offset.
 * Units:   the row's unit word says.
 * Order:   rows stand in the order /proc/sys lists them.
 * Omits:   namespaces.
 *
 * Each floor has one array of rows beside its owner (phys_knobs[],
 * control_knobs[] ...). The file layer parses text by the row's type, checks
 * its range, stores the value and then calls the floor's change hook.
 */
enum knob_type {
	KNOB_INT, /* 32 bit, minus allowed */
	KNOB_UINT, /* 32 bit, no minus sign */
	KNOB_ULONG, /* 64 bit, no minus sign */
	KNOB_BOOL, /* any number; non-zero becomes 1 */
	KNOB_INTVEC, /* @len ints, tab separated */
	KNOB_STRING, /* @len bytes */
};

struct knob {
	const char *name; /* below its folder: "swappiness" */
	enum knob_type type;
	uint16_t mode; /* 0644, 0200, 0600 ... */
	uint16_t len; /* elements of a vector */
	uint32_t off; /* offsetof() in the floor's struct */
	int64_t min, max; /* accepted; ulong rows: as uint64_t */
	int64_t def; /* default; computed ones: 0 */
	uint16_t hook; /* what a change does: enum of the floor; 0 none */
	const char *unit; /* "kB", "pages", "%" ... of the stored value */
	const char *doc; /* one line */
	const char *source; /* kernel file */
};

/* Store the default of each of @nr rows in @owner, the struct their offsets
 * are of. Vectors and strings have no single one: they are the floor's own. */
void knob_defaults(const struct knob *rows, unsigned nr, void *owner);

#endif
