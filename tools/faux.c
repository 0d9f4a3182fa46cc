// SPDX-License-Identifier: Apache-2.0
#include "tools/faux.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum need {
	NEEDS_NOTHING, /* -m is handed on */
	NEEDS_MACHINE, /* -m, else the one that is found */
	NEEDS_UNLESS_GIVEN, /* the same, unless an argument names it */
};

static const struct subcommand {
	const char *name;
	int (*run)(const char *mnt, int argc, char **argv);
	enum need need;
	const char *help;
} subcommands[] = {
	{ "cachestat", faux_cachestat, NEEDS_MACHINE,
	  "[-T] [INTERVAL [COUNT]]    hits of the page cache" },
	{ "cachetop", faux_cachetop, NEEDS_MACHINE,
	  "[INTERVAL [COUNT]]    the same by process" },
	{ "ctl", faux_ctl, NEEDS_MACHINE,
	  "OPERATION... | -f FILE    run operations on the machine" },
	{ "dump", faux_dump, NEEDS_NOTHING,
	  "[-c PROFILE] [-s SCRIPT] DIR    its tree as plain files" },
	{ "graph", faux_graph, NEEDS_MACHINE,
	  "[-o FILE] [INTERVAL [COUNT]]    lists of pages over time, SVG" },
	{ "import", faux_import, NEEDS_NOTHING,
	  "[-o NAME] [PROC]    a twin of a real machine" },
	{ "ksmtuned", faux_ksmtuned, NEEDS_MACHINE,
	  "[-n NAME] [INTERVAL [COUNT]]    starts and stops KSM" },
	{ "memleak", faux_memleak, NEEDS_MACHINE,
	  "[-a] -p PID [INTERVAL [COUNT]]    what grows in a process" },
	{ "pcstat", faux_pcstat, NEEDS_MACHINE,
	  "FILE...    how much of a simulated file is cached" },
	{ "replay", faux_replay, NEEDS_NOTHING,
	  "[-p NAME] [-t] LOG    what a real program did, as a script" },
	{ "run", faux_run, NEEDS_NOTHING,
	  "[-c PROFILE] -- COMMAND    a program that sees the machine" },
	{ "sim", faux_sim, NEEDS_NOTHING,
	  "PROFILE SCRIPT|-    a machine without a mount, or many" },
	{ "top", faux_top, NEEDS_MACHINE,
	  "[-b] [INTERVAL]    the machine's memory on one screen" },
	{ "umount", faux_umount, NEEDS_UNLESS_GIVEN,
	  "[MNT]    take the machine down" },
};
#define NR_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static int usage(FILE *to, int status)
{
	fputs("usage: faux [-m MNT] SUBCOMMAND [ARGUMENT...]\n", to);
	for (size_t i = 0; i < NR_SUBCOMMANDS; i++)
		fprintf(to, "  %-9s %s\n", subcommands[i].name,
			subcommands[i].help);
	fputs("The machine: -m MNT, else $FAUXPROC_MNT, else ./mnt, else "
	      "your only one. See faux(1).\n",
	      to);
	return status;
}

static int run(const struct subcommand *sub, const char *mnt, int argc,
	       char **argv)
{
	if (!mnt && (sub->need == NEEDS_MACHINE ||
		     (sub->need == NEEDS_UNLESS_GIVEN && argc < 2))) {
		mnt = faux_find_mount();
		if (!mnt)
			return FAUX_FAILED;
	}
	optind = 0; /* 0, not 1: glibc starts anew */
	return sub->run(mnt, argc, argv);
}

int main(int argc, char **argv)
{
	const char *mnt = NULL;
	int c;

	while ((c = getopt(argc, argv, "+m:h")) != -1) {
		if (c == 'h')
			return usage(stdout, FAUX_OK);
		if (c != 'm')
			return usage(stderr, FAUX_USAGE);
		mnt = optarg;
	}
	argc -= optind;
	argv += optind;
	for (size_t i = 0; argc && i < NR_SUBCOMMANDS; i++)
		if (!strcmp(argv[0], subcommands[i].name))
			return run(&subcommands[i], mnt, argc, argv);
	if (argc)
		fprintf(stderr, "faux: no subcommand '%s'\n", argv[0]);
	return usage(stderr, FAUX_USAGE);
}
