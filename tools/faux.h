/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_FAUX_H
#define TOOLS_FAUX_H

/*
 * DOC: the subcommands of faux(1), and what they share.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   does not apply.
 * Order:   does not apply.
 * Omits:   libfuse: faux talks to a machine through its tree, or has one of
 *          its own without any mount.
 *
 * A subcommand gets its own name as argv[0] ("faux ctl") and @mnt, the machine
 * that it was told or that was found; NULL where it needs none. Beside it is
 * what --help prints. Return: exit status.
 */
enum faux_exit { FAUX_OK, FAUX_FAILED, FAUX_USAGE, FAUX_MEMORY = 4 };

#define FAUX_SUBCOMMAND(name)                                    \
	int faux_##name(const char *mnt, int argc, char **argv); \
	extern const char faux_##name##_usage[]
FAUX_SUBCOMMAND(cachestat);
FAUX_SUBCOMMAND(cachetop);
FAUX_SUBCOMMAND(ctl);
FAUX_SUBCOMMAND(dump);
FAUX_SUBCOMMAND(graph);
FAUX_SUBCOMMAND(import);
FAUX_SUBCOMMAND(ksmtuned);
FAUX_SUBCOMMAND(memleak);
FAUX_SUBCOMMAND(pcstat);
FAUX_SUBCOMMAND(replay);
FAUX_SUBCOMMAND(run);
FAUX_SUBCOMMAND(sim);
FAUX_SUBCOMMAND(top);
FAUX_SUBCOMMAND(umount);

/* The usage on standard error. Return: FAUX_USAGE. */
int faux_misused(const char *usage);

/*
 * The machine to use: $FAUXPROC_MNT, else ./mnt if a machine is mounted there,
 * else this user's only mount. NULL after a message on standard error.
 */
const char *faux_find_mount(void);

#endif
