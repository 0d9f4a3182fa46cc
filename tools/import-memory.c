// SPDX-License-Identifier: Apache-2.0
/* Zones, lists and processes of a real machine, as a script. */
#include "tools/faux.h"
#include "tools/import.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const list_names[] = {
	"nr_inactive_anon",
	"nr_active_anon",
	"nr_inactive_file",
	"nr_active_file",
};

static int refuse(const struct import *im, const char *file, int error)
{
	fprintf(stderr, "faux import: %s/%s: %s\n", im->r.mnt, file,
		error ? strerror(-error) : "not what a kernel prints");
	return FAUX_FAILED;
}

/* --- zoneinfo ----------------------------------------------------------------
 */
static void zone_line(struct import *im, struct import_zone *z,
		      const char *name, uint64_t value)
{
	const struct {
		const char *name;
		uint64_t *field;
	} fields[] = {
		{ "spanned", &z->spanned }, { "present", &z->present },
		{ "managed", &z->managed }, { "start_pfn:", &z->start },
		{ "free", &z->free },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!strcmp(name, fields[i].name))
			*fields[i].field = value;
	for (unsigned i = 0; i < 4 && z->node < 8; i++)
		if (!strcmp(name, list_names[i]))
			im->lists[z->node][i] = value;
}

static int read_zones(struct import *im)
{
	struct import_zone *z = NULL;
	int r = reader_get(&im->r, "zoneinfo");

	if (r)
		return refuse(im, "zoneinfo", r);
	for (const char *l = im->r.text; l; l = text_next(l)) {
		char name[32], zone[16];
		unsigned long long value;
		unsigned node;

		if (sscanf(l, "Node %u, zone %15s", &node, zone) == 2) {
			if (!z || z->managed)
				im->nr_zones += z != NULL;
			if (im->nr_zones == IMPORT_ZONES)
				break;
			z = &im->zones[im->nr_zones];
			memset(z, 0, sizeof(*z));
			z->node = node;
			snprintf(z->name, sizeof(z->name), "%s", zone);
		} else if (z &&
			   (sscanf(l, " pages %31s %llu", name, &value) == 2 ||
			    sscanf(l, " %31s %llu", name, &value) == 2)) {
			zone_line(im, z, name, value);
		}
	}
	im->nr_zones += z && z->managed && im->nr_zones < IMPORT_ZONES;
	return im->nr_zones ? 0 : refuse(im, "zoneinfo", 0);
}

/* Memory that was plugged into a guest counts in MemTotal and MemFree, but on
 * some kernels not in its zone: the last one that has room for it has it. The
 * reserves between zones are still those of before. */
static void give_rest(struct import *im)
{
	uint64_t pages = im->mem.total / 4, free = im->mem.free / 4;

	for (unsigned i = 0; i < im->nr_zones; i++) {
		pages -= im->zones[i].managed < pages ? im->zones[i].managed
						      : pages;
		free -= im->zones[i].free < free ? im->zones[i].free : free;
	}
	for (unsigned i = im->nr_zones; i-- && pages;) {
		struct import_zone *z = &im->zones[i];
		uint64_t room = z->present - z->managed;
		uint64_t more = pages < room ? pages : room;

		if (more)
			z->early = z->managed;
		z->managed += more;
		z->free += more < free ? more : free;
		pages -= more;
		free -= more < free ? more : free;
	}
}

int import_memory(struct import *im)
{
	int r = reader_get(&im->r, "meminfo");

	if (r)
		return refuse(im, "meminfo", r);
	im->mem.reclaimable = text_number(im->r.text, "SReclaimable");
	im->mem.unreclaim = text_number(im->r.text, "SUnreclaim");
	im->mem.shmem = text_number(im->r.text, "Shmem");
	im->mem.total = text_number(im->r.text, "MemTotal");
	im->mem.free = text_number(im->r.text, "MemFree");
	r = read_zones(im);
	if (!r)
		give_rest(im);
	return r;
}

/* --- processes ---------------------------------------------------------------
 */
/* A name that a script can say: letters and digits of comm, then the pid. */
static void script_name(const char *comm, unsigned pid, char name[16])
{
	char word[16];
	size_t n = 0, digits;
	char number[12];

	digits = (size_t)snprintf(number, sizeof(number), "-%u", pid);
	for (; *comm && *comm != '\n' && n + digits < 15; comm++)
		if (isalnum((unsigned char)*comm) || strchr("_-.", *comm))
			word[n++] = *comm;
	word[n] = '\0';
	if (!n || !isalpha((unsigned char)word[0]))
		snprintf(name, 16, "p%s", number);
	else
		snprintf(name, 16, "%.*s%s", (int)n, word, number);
}

/* Its own part of what it shares with forked children, where one may look. */
static uint64_t anon_kb(struct import *im, unsigned pid, uint64_t rss)
{
	uint64_t pss = 0;

	if (!reader_get(&im->r, "%u/smaps_rollup", pid))
		pss = text_number(im->r.text, "Pss_Anon");
	return pss ? pss : rss;
}

static uint64_t put_process(struct import *im, unsigned pid)
{
	uint64_t anon, file, locked;
	char name[16];
	const char *comm;

	if (reader_get(&im->r, "%u/status", pid))
		return 0;
	comm = strchr(im->r.text, '\t');
	anon = text_number(im->r.text, "RssAnon");
	file = text_number(im->r.text, "RssFile");
	locked = text_number(im->r.text, "VmLck");
	if (!comm || !(anon + file))
		return 0; /* a kernel thread */
	script_name(comm + 1, pid, name);
	anon = anon_kb(im, pid, anon) / 4 * 4;
	fprintf(im->mm, "spawn %s\n", name);
	if (anon)
		fprintf(im->mm,
			"mmap %s anon %lluK noreserve\ntouch %s anon write\n",
			name, (import_ull)anon, name);
	if (locked && locked / 4 * 4 <= anon && locked >= 4)
		fprintf(im->mm, "mlock %s anon 0 %lluK\n", name,
			(import_ull)(locked / 4 * 4));
	if (file >= 4)
		fprintf(im->mm,
			"mmap %s files %lluK file=/twin/mapped shared\n"
			"touch %s files read\n",
			name, (import_ull)(file / 4 * 4), name);
	if (!reader_get(&im->r, "%u/oom_score_adj", pid) &&
	    strcmp(im->r.text, "0\n") != 0)
		fprintf(im->mm, "set /proc/%s/oom_score_adj %.*s\n", name,
			(int)strcspn(im->r.text, "\n"), im->r.text);
	return file;
}

static int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* The pids of the folder, ascending. */
static unsigned *list_pids(const struct import *im, size_t *ret_nr)
{
	DIR *dir = opendir(im->r.mnt);
	unsigned *pids = NULL, *more;
	struct dirent *e;
	size_t nr = 0;

	while (dir && (e = readdir(dir))) {
		unsigned pid;

		if (!parse_positive(e->d_name, &pid))
			continue;
		more = realloc(pids, (nr + 1) * sizeof(*pids));
		if (!more)
			break;
		pids = more;
		pids[nr++] = pid;
	}
	if (dir)
		closedir(dir);
	if (nr)
		qsort(pids, nr, sizeof(*pids), compare);
	*ret_nr = nr;
	return pids;
}

static void put_processes(struct import *im)
{
	size_t nr;
	unsigned *pids = list_pids(im, &nr);
	uint64_t most = 4;

	/* As much as the largest maps of files. */
	for (size_t i = 0; i < nr; i++)
		if (!reader_get(&im->r, "%u/status", pids[i])) {
			uint64_t kb = text_number(im->r.text, "RssFile");

			most = kb > most ? kb : most;
		}
	fprintf(im->mm, "mkfile /twin/mapped %lluK\n", (import_ull)most);
	for (size_t i = 0; i < nr; i++)
		put_process(im, pids[i]);
	free(pids);
}

/* --- what nobody maps --------------------------------------------------------
 */
static void put_lists(struct import *im)
{
	static const char *const names[] = { "inactive_anon", NULL,
					     "inactive_file", "active_file" };

	/* Too many of one list are the other's: active ones of files first. */
	for (unsigned node = 0; node < 8; node++)
		for (unsigned i = 4; i--;)
			if (names[i] && im->lists[node][i])
				fprintf(im->mm, "inject list %u/%s %llup\n",
					node, names[i],
					(import_ull)im->lists[node][i]);
	for (unsigned i = 0; i < im->nr_zones; i++)
		fprintf(im->mm, "inject zone %u/%s %llup\n", im->zones[i].node,
			im->zones[i].name, (import_ull)im->zones[i].free);
}

int import_script(struct import *im)
{
	fputs("# SPDX-License-Identifier: Apache-2.0\n"
	      "# What the machine had in memory, by faux import.\n",
	      im->mm);
	put_processes(im);
	if (im->mem.shmem >= 4)
		fprintf(im->mm,
			"spawn shmem\nmmap shmem s %lluK shared noreserve\n"
			"touch shmem s write\n",
			(import_ull)(im->mem.shmem / 4 * 4));
	put_lists(im);
	return FAUX_OK;
}
