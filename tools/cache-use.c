// SPDX-License-Identifier: Apache-2.0
#include "tools/cache-use.h"
#include "tools/faux.h"

#include <stdlib.h>

static const struct {
	const char *name;
	size_t at;
} io_fields[] = {
	{ "rchar", offsetof(struct io_count, rchar) },
	{ "wchar", offsetof(struct io_count, wchar) },
	{ "syscr", offsetof(struct io_count, syscr) },
	{ "syscw", offsetof(struct io_count, syscw) },
	{ "read_bytes", offsetof(struct io_count, read_bytes) },
	{ "write_bytes", offsetof(struct io_count, write_bytes) },
};
#define NR_IO_FIELDS (sizeof(io_fields) / sizeof(io_fields[0]))

static void parse_io(const char *text, struct io_count *c)
{
	for (size_t i = 0; i < NR_IO_FIELDS; i++)
		*(uint64_t *)(void *)((char *)c + io_fields[i].at) =
			text_number(text, io_fields[i].name);
}

int io_look(struct reader *r, struct io_look *look)
{
	unsigned *pids = NULL;
	size_t nr = 0;

	*look = (struct io_look){ 0 };
	if (reader_need(r, "proc/vmstat") || reader_pids(r, &pids, &nr))
		return FAUX_FAILED;
	/* pgpgin is in kB. */
	look->disk_pages = text_number(r->text, "pgpgin") / 4 -
			   text_number(r->text, "pswpin");
	look->dirtied = text_number(r->text, "nr_dirtied");
	look->rows = calloc(nr + 1, sizeof(*look->rows));
	for (size_t i = 0; look->rows && i < nr; i++) {
		struct io_count *c = &look->rows[look->nr];

		if (reader_get(r, "proc/%u/io", pids[i]))
			continue;
		c->pid = pids[i];
		parse_io(r->text, c);
		look->nr++;
	}
	free(pids);
	return look->rows ? 0 : FAUX_MEMORY;
}

void io_look_fini(struct io_look *look)
{
	free(look->rows);
	*look = (struct io_look){ 0 };
}

/* The rows stand by pid; all zero for a process that is new. */
static const struct io_count *find(const struct io_look *look, unsigned pid)
{
	static const struct io_count none;
	size_t low = 0, high = look->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (look->rows[mid].pid == pid)
			return &look->rows[mid];
		if (look->rows[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return &none;
}

static uint64_t more(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct use use_since(const struct io_look *before, const struct io_count *now)
{
	const struct io_count *was = find(before, now->pid);
	struct use u;

	u.reads = larger(more(was->rchar, now->rchar) / 4096,
			 more(was->syscr, now->syscr));
	u.writes = larger(more(was->wchar, now->wchar) / 4096,
			  more(was->syscw, now->syscw));
	/* Faults read as well: what nobody asked for by a call is no miss. */
	u.misses =
		smaller(more(was->read_bytes, now->read_bytes) / 4096, u.reads);
	u.dirties = more(was->write_bytes, now->write_bytes) / 4096;
	return u;
}

/* What a process did that ended is its parent's: nothing is lost. */
static struct io_count total(const struct io_look *look)
{
	struct io_count sum = { 0 };

	for (size_t i = 0; i < look->nr; i++)
		for (size_t j = 0; j < NR_IO_FIELDS; j++)
			*(uint64_t *)(void *)((char *)&sum + io_fields[j].at) +=
				*(const uint64_t
					  *)(const void *)((const char *)&look
								   ->rows[i] +
							   io_fields[j].at);
	return sum;
}

struct use use_of_all(const struct io_look *before, const struct io_look *now)
{
	struct io_count was = total(before), is = total(now);
	struct io_look one = { .rows = &was, .nr = 1 };
	struct use sum = use_since(&one, &is);

	sum.misses =
		smaller(more(before->disk_pages, now->disk_pages), sum.reads);
	sum.dirties = more(before->dirtied, now->dirtied);
	return sum;
}

uint64_t use_hits(const struct use *u)
{
	return u->reads + u->writes - u->misses;
}

double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0.0;
}
