/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_WORLD_H
#define FS_WORLD_H

#include "fs/outbuf.h"
#include "vmcore/machine.h"

/*
 * DOC: a machine and what is told about it: what daemon and `faux sim` run.
 *
 * Models:  nothing of the kernel.
 * Owns:    the machine, the profile in force, journal, events, the pace.
 * Units:   ns; speed in millionths of real time.
 * Order:   operations are journalled in the order they were begun.
 * Omits:   libfuse: fs/fuse-*.c drive a world from outside.
 */
#define WALKS_KEPT 64

struct profile; /* fs/profile.h: the parsed INI */
struct tree; /* fs/tree.h: the index of all rows */

struct world {
	struct machine m;
	struct profile *profile;
	struct tree *tree;
	struct outbuf journal; /* a script */
	vtime_t journal_at; /* clock at its last line */
	size_t journal_open; /* where the line that still runs begins, + 1 */
	uint64_t journal_ticket; /* lines ever written */
	struct host host; /* of the events */
	uint64_t generation; /* counts resets and loads: actors are void */
	struct klog events; /* model/events */
	uint64_t speed_ppm; /* 0: only operations move the clock */
	uint64_t slipped_ns; /* simulated time given up: the host is slow */
	uint32_t uid; /* who mounted */
	/* Told of operations of scripts that are done; NULL: nobody. */
	void (*changed)(void *arg, const struct op *op);
	void *changed_arg;
	/*
	 * Descriptor of the folder, + 1, below which FILE of save and load
	 * lies, on the same file system; 0: any file. A daemon that opened a
	 * file of its own mount would wait for itself.
	 */
	int files;
	/* what was written last to model/page, to model/walk (pid 0) and to
	 * model/PID/walk of the processes last asked about */
	uint64_t page_pfn;
	struct walk_at {
		uint32_t pid;
		vtime_t born; /* of the process */
		uint64_t addr;
	} walks[WALKS_KEPT];
	uint32_t next_walk;
};

/*
 * Boot the machine of @profile (finished; the caller's, it must outlive the
 * world) and write what its [cgroup], [swap], [sysctl] and [set] say. 0, or
 * -errno with a message in @why: -EINVAL the profile's fault.
 */
int world_init(struct world *w, struct profile *profile, struct outbuf *why);
void world_fini(struct world *w);
/* Write the settings of the profile to a machine that has just booted. */
int world_settle(struct world *w, struct outbuf *why);
/*
 * All that is due at this moment happens; before anything from outside acts on
 * the machine. The clock alone then says where it stands: whoever acts at the
 * same time again, as a journal does, meets the same state. 0 or a host errno.
 */
int world_catch_up(struct world *w);
/* One line of the journal, stamped by `advance` lines when time passed. */
void world_journal(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * The same for an operation that takes time, as it begins; call
 * world_journal_end() with the ticket when it is seen that it was done at
 * @ended. If another line comes before that, or the clock went on since, this
 * one becomes `async`.
 */
uint64_t world_journal_begin(struct world *w, const char *line, size_t len);
void world_journal_end(struct world *w, uint64_t ticket, vtime_t ended);
/* It failed: `async`, so that the journal goes on where a script ends. */
void world_journal_failed(struct world *w, uint64_t ticket);
/* One line that is done, begun at @began: it takes its time again. */
void world_journal_did(struct world *w, vtime_t began, const char *line,
		       size_t len);
/* The time that passed since the last line, as a line of its own. */
void world_journal_clock(struct world *w);
/* One line of model/events; @text is EVENT key=value ... rule=NAME. */
void world_event(struct world *w, uint32_t pid, const char *comm,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The machine as it was at boot; journal, events and running operations are
 * gone. 0 or -errno with a message in @why. */
int world_reset(struct world *w, struct outbuf *why);
/*
 * The whole machine with its journal to and from a file, which holds the
 * profile too: only a world of the same one loads it. Results of operations
 * that ran when it was saved are dropped. 0 or -errno, told in @why; when
 * loading fails with -EIO, -ENOMEM or -ENOBUFS the machine is as at boot.
 */
int world_save(struct world *w, const char *path, struct outbuf *why);
int world_load(struct world *w, const char *path, struct outbuf *why);

/*
 * DOC (the tree): a row a file, found by path.
 *
 * A path has parts; `$pid`, `$tid`, `$node`, `$cpu` and `$size` in a row
 * stand for a number, `$disk` for a disk's name. struct view carries what
 * they were.
 */
struct view {
	const struct machine *m;
	struct world *w; /* store() acts through it; show() must not */
	uint32_t task; /* pool id of $pid; 0: none in the path */
	uint32_t node, cpu;
	uint32_t size_kb; /* hugepages-$sizekB */
	uint32_t arg; /* the row's own number */
	uint32_t pid; /* of $pid */
	uint32_t block; /* memory$block */
	uint32_t group; /* pool id of $group; GROUP_ROOT: none */
	uint32_t disk; /* index of $disk */
	bool privileged; /* store(): the writer may do what root may */
	/* FSNODE_OFFSET: what part of the file is asked for, bytes */
	uint64_t off;
	uint32_t len;
};

#define FSNODE_DIR   1u
#define FSNODE_LINK  2u
#define FSNODE_SIZE0 4u /* st_size 0 as on /proc/PID */
#define FSNODE_STALL 8u /* its store may wait: fresh node id each lookup */
#define FSNODE_POLL  16u /* somebody may wait for it to change: stamp() */
#define FSNODE_KNOB  32u /* generated from a struct knob; arg: its floor */
/* show() prints view.len bytes from view.off on, fewer at the end of the
 * file: each read is answered on its own, nothing is kept for the next. */
#define FSNODE_OFFSET 128u
/* a look runs the knob's hook, as the kernel's handler does */
#define FSNODE_READ_HOOK 64u

#define FSNODE_SELF    256u /* links to the process that asks; arg 1: thread */
#define FSNODE_TRIGGER 1024u /* a write asks to be told: proc/pressure */
#define FSNODE_BLOCK   2048u /* a disk of dev/: read by operations */
#define FSNODE_MM      16384u /* below $pid: opened with its mm, or not */
#define FSNODE_EMPTY   8192u /* below $pid: nothing can be read, ever */
#define FSNODE_PEAK    4096u /* a write counts anew for that open file */
#define FSNODE_LOG     512u /* records of the kernel log, one a read */

struct fsnode {
	const char *path; /* "proc/meminfo", "proc/$pid/smaps" */
	uint16_t mode; /* permission bits */
	uint16_t flags;
	/* Print the file. 0 or -errno. */
	int (*show)(const struct view *v, struct outbuf *out);
	/*
	 * Take a write at offset 0. Return: bytes used (> 0 or 0), or
	 * -errno and nothing changed.
	 */
	long (*store)(const struct view *v, const char *text, size_t len);
	const struct knob *knob;
	uint32_t arg;
	/* Is it there on this machine? NULL: always. */
	bool (*exists)(const struct view *v);
	/* FSNODE_POLL: counts what a poll waits for. */
	uint64_t (*stamp)(const struct view *v);
};

#endif
