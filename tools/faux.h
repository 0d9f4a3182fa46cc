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
 * A subcommand gets its own name as argv[0] and @mnt, the machine that it was
 * told or that was found; NULL where it needs none. Return: exit status.
 */
enum faux_exit { FAUX_OK, FAUX_FAILED, FAUX_USAGE, FAUX_MEMORY = 4 };

int faux_cachestat(const char *mnt, int argc, char **argv);
int faux_graph(const char *mnt, int argc, char **argv);
int faux_cachetop(const char *mnt, int argc, char **argv);
int faux_ctl(const char *mnt, int argc, char **argv);
int faux_dump(const char *mnt, int argc, char **argv);
int faux_import(const char *mnt, int argc, char **argv);
int faux_ksmtuned(const char *mnt, int argc, char **argv);
int faux_memleak(const char *mnt, int argc, char **argv);
int faux_pcstat(const char *mnt, int argc, char **argv);
int faux_replay(const char *mnt, int argc, char **argv);
int faux_run(const char *mnt, int argc, char **argv);
int faux_sim(const char *mnt, int argc, char **argv);
int faux_top(const char *mnt, int argc, char **argv);
int faux_umount(const char *mnt, int argc, char **argv);

/*
 * The machine to use: $FAUXPROC_MNT, else ./mnt if a machine is mounted there,
 * else this user's only mount. NULL after a message on standard error.
 */
const char *faux_find_mount(void);

#endif
