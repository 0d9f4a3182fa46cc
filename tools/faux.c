// SPDX-License-Identifier: Apache-2.0
#include "tools/faux.h"

#include <getopt.h>
#include <stdbool.h>
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
	const char *usage;
	enum need need;
	const char *help;
} subcommands[] = {
	{ "cachestat", faux_cachestat, faux_cachestat_usage, NEEDS_MACHINE,
	  "[-T] [INTERVAL [COUNT]]    hits of the page cache" },
	{ "cachetop", faux_cachetop, faux_cachetop_usage, NEEDS_MACHINE,
	  "[INTERVAL [COUNT]]    the same by process" },
	{ "ctl", faux_ctl, faux_ctl_usage, NEEDS_MACHINE,
	  "OPERATION... | -f FILE    run operations on the machine" },
	{ "dump", faux_dump, faux_dump_usage, NEEDS_NOTHING,
	  "[-c PROFILE] [-s SCRIPT] DIR    its tree as plain files" },
	{ "graph", faux_graph, faux_graph_usage, NEEDS_MACHINE,
	  "[-o FILE] [INTERVAL [COUNT]]    lists of pages over time, SVG" },
	{ "import", faux_import, faux_import_usage, NEEDS_NOTHING,
	  "[-o NAME] [PROC]    a twin of a real machine" },
	{ "ksmtuned", faux_ksmtuned, faux_ksmtuned_usage, NEEDS_MACHINE,
	  "[-n NAME] [INTERVAL [COUNT]]    starts and stops KSM" },
	{ "memleak", faux_memleak, faux_memleak_usage, NEEDS_MACHINE,
	  "[-a] -p PID [INTERVAL [COUNT]]    what grows in a process" },
	{ "pcstat", faux_pcstat, faux_pcstat_usage, NEEDS_MACHINE,
	  "FILE...    how much of a simulated file is cached" },
	{ "replay", faux_replay, faux_replay_usage, NEEDS_NOTHING,
	  "[-p NAME] [-t] LOG    what a real program did, as a script" },
	{ "run", faux_run, faux_run_usage, NEEDS_NOTHING,
	  "[-c PROFILE] -- COMMAND    a program that sees the machine" },
	{ "sim", faux_sim, faux_sim_usage, NEEDS_NOTHING,
	  "PROFILE SCRIPT|-    a machine without a mount, or many" },
	{ "top", faux_top, faux_top_usage, NEEDS_MACHINE,
	  "[-b] [INTERVAL]    the machine's memory on one screen" },
	{ "umount", faux_umount, faux_umount_usage, NEEDS_UNLESS_GIVEN,
	  "[MNT]    take the machine down" },
};
#define NR_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

int faux_misused(const char *usage)
{
	fputs(usage, stderr);
	return FAUX_USAGE;
}

static int usage(FILE *to, int status)
{
	fputs("usage: faux [-m MNT] SUBCOMMAND [ARGUMENT...]\n", to);
	for (size_t i = 0; i < NR_SUBCOMMANDS; i++)
		fprintf(to, "  %-9s %s\n", subcommands[i].name,
			subcommands[i].help);
	fputs("The machine: -m MNT, else $FAUXPROC_MNT, else ./mnt, else "
	      "your only one.\nfaux SUBCOMMAND --help says more. See "
	      "faux(1).\n",
	      to);
	return status;
}

static bool asks_help(int argc, char **argv)
{
	return argc == 2 &&
	       (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
}

static int run(const struct subcommand *sub, const char *mnt, int argc,
	       char **argv)
{
	char name[24];

	if (asks_help(argc, argv))
		return fputs(sub->usage, stdout) < 0 ? FAUX_FAILED : FAUX_OK;
	if (!mnt && (sub->need == NEEDS_MACHINE ||
		     (sub->need == NEEDS_UNLESS_GIVEN && argc < 2))) {
		mnt = faux_find_mount();
		if (!mnt)
			return FAUX_FAILED;
	}
	/* What getopt(3) complains with. */
	snprintf(name, sizeof(name), "faux %s", sub->name);
	argv[0] = name;
	optind = 0; /* 0, not 1: glibc starts anew */
	return sub->run(mnt, argc, argv);
}

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	const char *mnt = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "+m:hV", long_options, NULL)) !=
	       -1) {
		if (c == 'h')
			return usage(stdout, FAUX_OK);
		if (c == 'V')
			return puts("faux " FAUXPROC_VERSION) < 0 ? FAUX_FAILED
								  : FAUX_OK;
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
