// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-read.h"
#include "tools/faux.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What /etc/ksmtuned.conf sets where nothing else is said. */
enum {
	PAGES_BOOST = 300,
	PAGES_DECAY = -50,
	PAGES_MIN = 64,
	PAGES_MAX = 1250,
	SLEEP_MS = 10, /* of a host of 16 GiB; a larger one no less */
	THRES_PERCENT = 20,
	THRES_MIN_KB = 2048 * 1024,
};

const char faux_ksmtuned_usage[] =
	"usage: faux [-m MNT] ksmtuned [-n NAME] [INTERVAL [COUNT]]\n"
	"Starts, paces or stops KSM by what is free and what the "
	"processes NAME* [qemu] have\ncommitted: once, or every INTERVAL "
	"seconds.\n";

/* kB of address space of all processes whose name begins with @name. */
static uint64_t committed(struct reader *r, const char *name)
{
	unsigned *pids = NULL;
	uint64_t sum = 0;
	size_t nr = 0;
	char comm[16];

	if (reader_pids(r, &pids, &nr))
		return 0;
	for (size_t i = 0; i < nr; i++) {
		reader_comm(r, pids[i], comm);
		if (!strncmp(comm, name, strlen(name)) &&
		    !reader_get(r, "proc/%u/status", pids[i]))
			sum += text_number(r->text, "VmSize");
	}
	free(pids);
	return sum;
}

static int64_t clamp_pages(int64_t pages)
{
	return pages < PAGES_MIN   ? PAGES_MIN
	       : pages > PAGES_MAX ? PAGES_MAX
				   : pages;
}

struct memory {
	uint64_t total, free, threshold; /* kB */
};

static int look(struct reader *r, struct memory *m)
{
	if (reader_need(r, "proc/meminfo"))
		return FAUX_FAILED;
	m->total = text_number(r->text, "MemTotal");
	m->free = text_number(r->text, "MemFree") +
		  text_number(r->text, "Buffers") +
		  text_number(r->text, "Cached");
	m->threshold = m->total * THRES_PERCENT / 100;
	if (m->threshold < THRES_MIN_KB)
		m->threshold = THRES_MIN_KB;
	return m->total ? 0 : FAUX_FAILED;
}

static int start(struct reader *r, const struct memory *m, int64_t pages)
{
	uint64_t ms = SLEEP_MS * (uint64_t)16 * 1024 * 1024 / m->total;

	if (ms < SLEEP_MS)
		ms = SLEEP_MS;
	printf("start: %lld pages every %llu ms\n", (long long)pages,
	       (unsigned long long)ms);
	if (reader_put(r, "sys/kernel/mm/ksm/pages_to_scan", (uint64_t)pages) ||
	    reader_put(r, "sys/kernel/mm/ksm/sleep_millisecs", ms) ||
	    reader_put(r, "sys/kernel/mm/ksm/run", 1))
		return FAUX_FAILED;
	return FAUX_OK;
}

/* One turn of the daemon's loop; *pages is what it keeps between two. */
static int adjust(struct reader *r, const char *name, int64_t *pages)
{
	uint64_t used;
	struct memory m;
	int status = look(r, &m);

	if (status)
		return status;
	used = committed(r, name);
	printf("total %llu free %llu committed %llu threshold %llu: ",
	       (unsigned long long)m.total, (unsigned long long)m.free,
	       (unsigned long long)used, (unsigned long long)m.threshold);
	if (used + m.threshold < m.total && m.free > m.threshold) {
		puts("stop");
		status = reader_put(r, "sys/kernel/mm/ksm/run", 0) ? FAUX_FAILED
								   : FAUX_OK;
	} else {
		*pages = clamp_pages(*pages + (m.free < m.threshold
						       ? PAGES_BOOST
						       : PAGES_DECAY));
		status = start(r, &m, *pages);
	}
	return fflush(stdout) ? FAUX_FAILED : status;
}

/* A run that follows another goes on where KSM stands. */
static int first_pages(struct reader *r, int64_t *pages)
{
	if (reader_need(r, "sys/kernel/mm/ksm/run"))
		return FAUX_FAILED;
	*pages = 0;
	if (r->text[0] == '1' &&
	    !reader_get(r, "sys/kernel/mm/ksm/pages_to_scan"))
		*pages = strtoll(r->text, NULL, 10);
	return FAUX_OK;
}

int faux_ksmtuned(const char *mnt, int argc, char **argv)
{
	struct reader r = { .mnt = mnt, .command = "faux ksmtuned" };
	struct pace p = { .interval = 0 };
	const char *name = "qemu";
	int64_t pages = 0;
	int c, status;

	while ((c = getopt(argc, argv, "+n:")) != -1) {
		if (c != 'n')
			return faux_misused(faux_ksmtuned_usage);
		name = optarg;
	}
	if (!pace_parse(&p, argc, argv, optind))
		return faux_misused(faux_ksmtuned_usage);
	if (!p.interval)
		p.count = 1;
	status = first_pages(&r, &pages);
	for (unsigned i = 0; !status && (!p.count || i < p.count); i++) {
		if (i)
			sleep(p.interval);
		status = adjust(&r, name, &pages);
	}
	reader_fini(&r);
	return status;
}
