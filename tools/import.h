/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_IMPORT_H
#define TOOLS_IMPORT_H

#include "tools/faux-read.h"

#include <stdio.h>

/*
 * DOC: what faux import has learned of a real machine.
 *
 * Models:  nothing: it reads /proc as any monitor does.
 * Owns:    the two files it writes.
 * Units:   pages in zones and lists, kB from meminfo.
 * Order:   processes by pid.
 * Omits:   who shares which file: what processes map of files is one file
 *          for all; what lies in swap; dirty pages; huge pages.
 */
#define IMPORT_ZONES 40u

typedef unsigned long long import_ull;

struct import_zone {
	unsigned node;
	char name[16];
	uint64_t start, spanned, present, managed, free;
	uint64_t early; /* managed before memory was plugged in; 0: the same */
};

struct import {
	struct reader r; /* mnt is the folder of /proc */
	FILE *ini, *mm;
	struct import_zone zones[IMPORT_ZONES];
	unsigned nr_zones;
	struct {
		uint64_t reclaimable, unreclaim, shmem, total, free;
	} mem; /* kB */
	/* per-node stats of zoneinfo, in the order of list_names[] */
	uint64_t lists[8][4];
};

/* meminfo and zoneinfo. 0 or an exit status after a message. */
int import_memory(struct import *im);
/* The script: processes, lists, free memory. 0 or an exit status. */
int import_script(struct import *im);

#endif
