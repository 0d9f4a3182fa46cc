// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-top.h"
#include "tools/faux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bar(struct outbuf *o, const char *name, uint64_t part,
		uint64_t whole, unsigned width)
{
	unsigned room = width > 60 ? width - 40 : 20;
	unsigned full = whole ? (unsigned)(part * room / whole) : 0;

	out_printf(o, "%-6s[", name);
	for (unsigned i = 0; i < room; i++)
		out_char(o, i < full ? '|' : ' ');
	out_printf(o, "] %llu of %llu kB\n", (unsigned long long)part,
		   (unsigned long long)whole);
}

static int memory(struct reader *r, unsigned width, struct outbuf *o)
{
	uint64_t total, swap;

	if (reader_need(r, "proc/meminfo"))
		return FAUX_FAILED;
	total = text_number(r->text, "MemTotal");
	swap = text_number(r->text, "SwapTotal");
	bar(o, "Used", total - text_number(r->text, "MemAvailable"), total,
	    width);
	bar(o, "Cache",
	    text_number(r->text, "Buffers") + text_number(r->text, "Cached"),
	    total, width);
	bar(o, "Dirty", text_number(r->text, "Dirty"), total, width);
	bar(o, "Swap", swap - text_number(r->text, "SwapFree"), swap, width);
	out_printf(o,
		   "LRU kB anon %llu active %llu inactive, file %llu active "
		   "%llu inactive, %llu unevictable\n",
		   (unsigned long long)text_number(r->text, "Active(anon)"),
		   (unsigned long long)text_number(r->text, "Inactive(anon)"),
		   (unsigned long long)text_number(r->text, "Active(file)"),
		   (unsigned long long)text_number(r->text, "Inactive(file)"),
		   (unsigned long long)text_number(r->text, "Unevictable"));
	return 0;
}

static const char *level(const uint64_t mark[4])
{
	return mark[0] < mark[1]   ? "below min"
	       : mark[0] < mark[2] ? "below low"
	       : mark[0] < mark[3] ? "below high"
				   : "above high";
}

/* Zones of proc/zoneinfo that manage pages: free against min, low, high. */
static int zones(struct reader *r, struct outbuf *o)
{
	static const char *const names[] = { "pages free", "min", "low",
					     "high" };
	uint64_t mark[4] = { 0 };
	char zone[17] = "";
	unsigned node = 0;

	if (reader_need(r, "proc/zoneinfo"))
		return FAUX_FAILED;
	out_str(o,
		"\nNODE ZONE        FREE      MIN      LOW     HIGH pages\n");
	for (const char *s = r->text; s; s = text_next(s)) {
		const char *word = s + strspn(s, " ");

		sscanf(s, "Node %u, zone %16s", &node, zone);
		for (unsigned i = 0; i < 4; i++) {
			size_t len = strlen(names[i]);

			if (!strncmp(word, names[i], len) && word[len] == ' ')
				mark[i] = strtoull(word + len, NULL, 10);
		}
		if (strncmp(word, "managed ", 8) ||
		    !strtoull(word + 8, NULL, 10))
			continue;
		out_printf(o, "%4u %-8s %8llu %8llu %8llu %8llu %s\n", node,
			   zone, (unsigned long long)mark[0],
			   (unsigned long long)mark[1],
			   (unsigned long long)mark[2],
			   (unsigned long long)mark[3], level(mark));
	}
	return 0;
}

static int print_rates(struct reader *r, struct rates *last, struct outbuf *o)
{
	static const char *const names[NR_RATES] = {
		"pgfault",	 "pgmajfault",	   "pgscan_kswapd",
		"pgscan_direct", "pgsteal_kswapd", "pgsteal_direct",
		"pswpin",	 "pswpout",
	};
	struct rates now;
	double passed;

	if (reader_need(r, "model/clock"))
		return FAUX_FAILED;
	now.clock = strtod(r->text, NULL);
	if (reader_need(r, "proc/vmstat"))
		return FAUX_FAILED;
	passed = now.clock - last->clock;
	out_str(o, "\n");
	for (unsigned i = 0; i < NR_RATES; i++) {
		double more;

		now.value[i] = text_number(r->text, names[i]);
		more = (double)now.value[i] - (double)last->value[i];
		out_printf(o, "%14s/s %9.1f%s", names[i],
			   passed > 0 ? more / passed : 0.0,
			   i % 2 ? "\n" : "  ");
	}
	*last = now;
	return 0;
}

struct process {
	unsigned pid;
	uint64_t pss, rss, swap;
};

static int by_pss(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->pss != y->pss)
		return x->pss < y->pss ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int processes(struct reader *r, struct outbuf *o)
{
	unsigned *pids = NULL;
	struct process *rows;
	size_t nr = 0, kept = 0;
	char comm[16];

	if (reader_pids(r, &pids, &nr))
		return FAUX_FAILED;
	rows = calloc(nr + 1, sizeof(*rows));
	for (size_t i = 0; rows && i < nr; i++) {
		/* A kernel thread has no memory: ESRCH. */
		if (reader_get(r, "proc/%u/smaps_rollup", pids[i]))
			continue;
		rows[kept++] = (struct process){ pids[i],
						 text_number(r->text, "Pss"),
						 text_number(r->text, "Rss"),
						 text_number(r->text, "Swap") };
	}
	free(pids);
	if (!rows)
		return FAUX_MEMORY;
	qsort(rows, kept, sizeof(*rows), by_pss);
	out_str(o, "\n    PID      PSS      RSS     SWAP kB COMMAND\n");
	for (size_t i = 0; i < kept; i++) {
		reader_comm(r, rows[i].pid, comm);
		out_printf(o, "%7u %8llu %8llu %8llu    %s\n", rows[i].pid,
			   (unsigned long long)rows[i].pss,
			   (unsigned long long)rows[i].rss,
			   (unsigned long long)rows[i].swap, comm);
	}
	free(rows);
	return 0;
}

int top_frame(struct reader *r, struct rates *rates, unsigned width,
	      struct outbuf *frame)
{
	int status = memory(r, width, frame);

	if (!status)
		status = zones(r, frame);
	if (!status)
		status = print_rates(r, rates, frame);
	if (!status)
		status = processes(r, frame);
	if (!status && frame->error)
		status = FAUX_MEMORY;
	return status;
}
