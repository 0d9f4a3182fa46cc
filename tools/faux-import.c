// SPDX-License-Identifier: Apache-2.0
/* A twin of a real machine: from its /proc to a profile and a script. */
#include "tools/faux-read.h"
#include "tools/faux.h"
#include "tools/import.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char faux_import_usage[] =
	"usage: faux import [-o NAME] [PROC]\n"
	"Writes NAME.ini and NAME.mm (twin): the machine whose /proc "
	"is, or was copied\nto, PROC (/proc), and what it had in "
	"memory. Then:\n"
	"       faux sim NAME.ini NAME.mm; fauxproc -c NAME.ini -s "
	"NAME.mm MNT\n";

/* --- the profile -------------------------------------------------------------
 */
/* Settings that a twin takes over. */
static const char *const settings[] = {
	"dirty_background_ratio",
	"dirty_expire_centisecs",
	"dirty_ratio",
	"dirty_writeback_centisecs",
	"min_free_kbytes",
	"overcommit_memory",
	"overcommit_ratio",
	"page-cluster",
	"swappiness",
	"vfs_cache_pressure",
	"watermark_boost_factor",
	"watermark_scale_factor",
};

static void put_settings(struct import *im)
{
	fputs("\n[sysctl]\n", im->ini);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (!reader_get(&im->r, "sys/vm/%s", settings[i]))
			fprintf(im->ini, "vm.%s = %.*s\n", settings[i],
				(int)strcspn(im->r.text, "\n"), im->r.text);
}

static unsigned count_cpus(struct import *im)
{
	unsigned cpus = 0;

	if (reader_get(&im->r, "stat"))
		return 1;
	for (const char *l = im->r.text; l; l = text_next(l))
		cpus += !strncmp(l, "cpu", 3) && l[3] >= '0' && l[3] <= '9';
	return cpus ? cpus : 1;
}

static void put_host(struct import *im)
{
	if (!reader_get(&im->r, "sys/kernel/hostname") &&
	    !strpbrk(im->r.text, " ;#\"'="))
		fprintf(im->ini, "hostname = %.*s\n",
			(int)strcspn(im->r.text, "\n"), im->r.text);
}

static void put_zones(struct import *im)
{
	for (unsigned i = 0; i < im->nr_zones; i++) {
		const struct import_zone *z = &im->zones[i];

		fprintf(im->ini,
			"\n[zone %u %s]\nstart_pfn = %llu\nspanned = "
			"%llu\npresent = %llu\nmanaged = %llu\n",
			z->node, z->name, (import_ull)z->start,
			(import_ull)z->spanned, (import_ull)z->present,
			(import_ull)z->managed);
		if (z->early)
			fprintf(im->ini, "early = %llu\n",
				(import_ull)z->early);
	}
}

static void put_swaps(struct import *im)
{
	unsigned n = 0;

	if (reader_get(&im->r, "swaps"))
		return;
	for (const char *l = text_next(im->r.text); l; l = text_next(l)) {
		char path[256], type[32];
		unsigned long long kb, used;
		int prio;

		if (sscanf(l, "%255s %31s %llu %llu %d", path, type, &kb, &used,
			   &prio) != 5)
			continue;
		fprintf(im->ini, "\n; %s\n[swap /swap.%u]\nsize = %lluK\n",
			path, n++, kb + 4);
		if (prio >= 0)
			fprintf(im->ini, "prio = %d\n", prio);
	}
}

static void put_profile(struct import *im)
{
	uint64_t pages = 0;
	unsigned nodes = 1;

	for (unsigned i = 0; i < im->nr_zones; i++) {
		pages += im->zones[i].present;
		if (im->zones[i].node >= nodes)
			nodes = im->zones[i].node + 1;
	}
	fprintf(im->ini,
		"; SPDX-License-Identifier: Apache-2.0\n"
		"; A twin of a real machine, by faux import.\n[machine]\n"
		"memory = %lluK\ncpus = %u\nnodes = %u\nspawn = bare\n"
		"thp = never\n",
		(import_ull)pages * 4, count_cpus(im), nodes);
	put_host(im);
	fprintf(im->ini,
		"\n[boot]\nslab_reclaimable = %lluK\nslab_unreclaimable = "
		"%lluK\nother = 8M\n"
		"\n[disk vda]\nsize = 1T\nlatency = 0\nfilesystem = /\n",
		(import_ull)im->mem.reclaimable, (import_ull)im->mem.unreclaim);
	put_zones(im);
	put_swaps(im);
	put_settings(im);
}

/* --- both files --------------------------------------------------------------
 */
static FILE *create(const char *name, const char *suffix)
{
	char path[PATH_MAX];
	FILE *f;

	if (snprintf(path, sizeof(path), "%s.%s", name, suffix) >=
	    (int)sizeof(path))
		return NULL;
	f = fopen(path, "we");
	if (!f)
		fprintf(stderr, "faux import: %s: %s\n", path, strerror(errno));
	return f;
}

static int finish(FILE *f)
{
	bool bad = f && ferror(f);

	return (f && fclose(f)) || bad ? FAUX_FAILED : FAUX_OK;
}

static int run(struct import *im, const char *name)
{
	int r = import_memory(im), closed;

	if (r)
		return r;
	im->ini = create(name, "ini");
	im->mm = im->ini ? create(name, "mm") : NULL;
	if (im->mm) {
		put_profile(im);
		r = import_script(im);
	} else {
		r = FAUX_FAILED;
	}
	closed = finish(im->ini) | finish(im->mm);
	return r ? r : closed;
}

int faux_import(const char *mnt, int argc, char **argv)
{
	struct import im = { .r = { .mnt = "/proc",
				    .command = "faux import" } };
	const char *name = "twin";
	int c, r;

	(void)mnt;
	while ((c = getopt(argc, argv, "+o:")) != -1) {
		if (c != 'o')
			return faux_misused(faux_import_usage);
		name = optarg;
	}
	if (argc - optind > 1)
		return faux_misused(faux_import_usage);
	if (optind < argc)
		im.r.mnt = argv[optind];
	r = run(&im, name);
	reader_fini(&im.r);
	return r;
}
