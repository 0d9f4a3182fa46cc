/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_CACHE_USE_H
#define TOOLS_CACHE_USE_H

#include "tools/faux-read.h"

/*
 * DOC: who used the page cache since the last look.
 *
 * Models:  what cachestat and cachetop count by probes, from PID/io, vmstat.
 * Owns:    the counts of the last two looks.
 * Units:   pages of 4 KiB.
 * Order:   does not apply.
 * Omits:   processes that came and went between two looks; accesses through
 *          mappings, which no counter of the kernel tells from others.
 *
 * A read or write of N bytes counts as the pages it covers, at least one a
 * call. A miss is a page that was read from the disk, read-ahead included.
 */
struct io_count {
	unsigned pid;
	uint64_t rchar, wchar, syscr, syscw, read_bytes, write_bytes;
};

struct io_look {
	struct io_count *rows;
	size_t nr;
	uint64_t disk_pages; /* read for files: pgpgin without swap */
	uint64_t dirtied;
};

struct use {
	uint64_t reads, writes, misses, dirties;
};

/* 0 or an exit status after a message. */
int io_look(struct reader *r, struct io_look *look);
void io_look_fini(struct io_look *look);

/* What the process of @now did since @before. */
struct use use_since(const struct io_look *before, const struct io_count *now);
/* What all did. */
struct use use_of_all(const struct io_look *before, const struct io_look *now);
uint64_t use_hits(const struct use *u);
/* 0 to 100, 0 of nothing */
double percent(uint64_t part, uint64_t whole);

#endif
