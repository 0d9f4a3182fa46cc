// SPDX-License-Identifier: Apache-2.0
/* What a real program did to its memory, as a script. */
#include "tools/faux.h"
#include "tools/replay.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
	fputs("usage: faux replay [-p NAME] [-t] LOG\n"
	      "Prints a script that does what LOG says, for faux ctl -f and "
	      "faux sim:\n"
	      "  strace -f -e trace=memory,file,desc,process -o LOG PROGRAM\n"
	      "  valgrind --tool=lackey --trace-mem=yes --log-file=LOG "
	      "PROGRAM\n"
	      "-t: strace does not see accesses: touch what is mapped, "
	      "once.\n",
	      stderr);
	return FAUX_USAGE;
}

static bool is_lackey(FILE *log)
{
	char line[512];
	bool found = false;

	for (unsigned i = 0; i < 2000 && !found; i++) {
		unsigned long long addr, size;
		char kind;

		if (!fgets(line, sizeof(line), log))
			break;
		found = sscanf(line, " %c %llx,%llu", &kind, &addr, &size) ==
				3 &&
			strchr("ILSM", kind);
	}
	rewind(log);
	return found;
}

int faux_replay(const char *mnt, int argc, char **argv)
{
	const char *name = "p";
	bool touch = false;
	FILE *log;
	int c, r;

	(void)mnt;
	while ((c = getopt(argc, argv, "+p:t")) != -1) {
		if (c == 'p')
			name = optarg;
		else if (c == 't')
			touch = true;
		else
			return usage();
	}
	if (argc - optind != 1 || !*name || strlen(name) > 8)
		return usage();
	log = fopen(argv[optind], "re");
	if (!log) {
		fprintf(stderr, "faux replay: %s: %s\n", argv[optind],
			strerror(errno));
		return FAUX_FAILED;
	}
	r = is_lackey(log) ? replay_lackey(log, name)
			   : replay_strace(log, name, touch);
	fclose(log);
	return fflush(stdout) || ferror(stdout) ? FAUX_FAILED : r;
}
