/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_FUSE_DAEMON_H
#define FS_FUSE_DAEMON_H

#define FUSE_USE_VERSION 31
#include <fuse_lowlevel.h>

#include "fs/tree.h"
#include "tools/faux-world.h"

#include <sys/types.h>

/*
 * DOC: the daemon: one world behind one mount, one thread, one poll loop.
 *
 * Models:  what the VFS does for /proc: opens, snapshots, waiting readers.
 * Owns:    the FUSE session, node ids, open handles, the pace of the clock.
 * Units:   wall time in ns of CLOCK_MONOTONIC.
 * Order:   requests are answered in the order they come; what waits for
 *          simulated time is answered when that time has come.
 * Omits:   everything about the model: fs/tree.h and fs/session.h.
 */
#define NS_PER_S  1000000000ull
#define NS_PER_MS 1000000ull

/* Exit codes of the command. */
enum {
	GO_ON = -1,
	EXIT_DONE,
	EXIT_PROFILE,
	EXIT_USAGE,
	EXIT_MOUNT,
	EXIT_MEMORY
};

enum node_kind {
	NODE_TREE, /* a row or folder of the tree */
	NODE_CTL, /* MNT/ctl */
	NODE_PUPPETS, /* MNT/.puppets */
	NODE_REAL, /* proc/N of a process of the host: a link below .host */
	NODE_DISK, /* below MNT/disk: at.block is its struct disk_node */
};

/* What a node id stands for; id 1 is the root. */
struct inode_ref {
	struct place at; /* NODE_REAL: at.pid */
	uint64_t lookups; /* how many the kernel has yet to forget; 0: free */
	uint32_t next; /* hash chain, or free list */
	uint8_t kind; /* enum node_kind */
	bool fresh; /* not shared: the next lookup makes another */
	bool kept, outdated; /* fuse-kept.c: on its list, and to go */
	uint32_t kept_next, kept_prev;
};

enum handle_kind {
	HANDLE_FILE,
	HANDLE_DIR,
	HANDLE_CTL,
	HANDLE_LOG,
	HANDLE_PUPPETS,
	HANDLE_KILL, /* a signal for a process, see fuse-puppets.c */
	HANDLE_DISK, /* a file below MNT/disk */
	HANDLE_BLOCK, /* a disk of MNT/dev */
};

/* One open file. */
struct handle {
	struct handle *next, **link; /* on one list of the daemon, or none */
	struct handle *all_next, **all_link;
	uint8_t kind; /* enum handle_kind */
	bool shown; /* text is what was read at offset 0 */
	bool append;
	bool interrupted;
	struct place at;
	struct outbuf text; /* snapshot; of a folder: struct entry, names */
	struct session *session; /* HANDLE_CTL, HANDLE_KILL */
	struct puppets *puppets; /* HANDLE_PUPPETS */
	fuse_req_t req; /* the request that waits, NULL none */
	size_t size; /* its bytes */
	uint64_t seq; /* HANDLE_LOG: next record */
	uint64_t stamp; /* HANDLE_FILE: when it was last read */
	fuse_ino_t ino;
	int fd; /* of the host, -1 none; HANDLE_DISK, folders there */
	uint32_t node; /* struct disk_node, 0 none */
	struct client *client; /* HANDLE_DISK, HANDLE_BLOCK: who opened it */
	bool direct; /* O_DIRECT */
	struct fuse_pollhandle *poll;
	uint32_t trigger; /* of pressure, 0 none */
	uint64_t trigger_generation; /* of the world it was made in */
	bool counts; /* FSNODE_PEAK: it was written, counts from then on */
	uint64_t peak; /* pages, as far as they are not the group's */
};

/* How simulated time follows the wall's. */
struct pace {
	uint64_t speed, generation; /* of the world it was anchored with */
	uint64_t wall; /* wall time of the anchor */
	vtime_t base; /* simulated time of the anchor */
	uint64_t wake; /* wall time the loop meant to go on at, 0: at once */
};

/* The command line; strings are argv's or live as long. */
struct options {
	const char *mount; /* as given */
	const char *script; /* NULL: none */
	bool check; /* --check: look at the profile, mount nothing */
	struct outbuf fuse; /* what -o hands on, a comma before each */
	unsigned max_read; /* bytes a READ asks for at most, 0: libfuse's */
	bool foreground;
	bool world; /* .host holds a real procfs */
	bool list_self; /* list=sim+self */
};

/* A thread that was answered ESTALE, and about what. */
#define STALE 64u
struct stale {
	pid_t thread;
	struct place at;
};

/* The machine as it was when the kernel was last told who ended. */
struct kept_look {
	uint64_t generation, forks, ended;
};

struct disk_fs;
struct client;

struct daemon {
	struct alone *alone; /* profile and world */
	struct world *world; /* alone->w */
	struct options opt;
	struct fuse_session *se;
	struct fuse_buf buf;
	char *mount; /* absolute */
	int folder; /* below the mount, locked until it is there */
	int cwd; /* where save and load find their files */
	int proc; /* the real /proc, opened before the mount */
	int ready; /* who started it waits there for an exit code */
	uid_t uid;
	gid_t gid;
	struct inode_ref *refs;
	uint32_t nr_refs, cap_refs, free_ref;
	uint32_t *hash;
	struct handle *running; /* ctl handles with a write under way */
	struct handle *waiting; /* log readers, who polls */
	struct handle *held; /* ctl handles whose write waits for puppets */
	struct puppets *puppets;
	struct handle *handles; /* all */
	struct pace pace;
	struct disk_fs *disk; /* fuse-disk.h */
	struct stale stale[STALE]; /* fuse-gone.c */
	uint32_t kept; /* nodes whose attributes the kernel keeps */
	uint32_t kept_again; /* turns in which one may be told once more */
	struct kept_look kept_look;
};

static inline struct daemon *daemon_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* --- fuse-refs.c: node ids ---------------------------------------------- */
int refs_init(struct daemon *d);
void refs_fini(struct daemon *d);
struct inode_ref *ref_at(const struct daemon *d, fuse_ino_t ino);
/* The id for @like, one more lookup; 0: no memory. */
fuse_ino_t ref_get(struct daemon *d, const struct inode_ref *like);
void ref_forget(struct daemon *d, fuse_ino_t ino, uint64_t lookups);

/* --- fuse-names.c: lookup, attributes, links, folders -------------------- */
void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void on_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup);
void on_forget_multi(fuse_req_t req, size_t count,
		     struct fuse_forget_data *forgets);
void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void on_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		struct fuse_file_info *fi);
void on_access(fuse_req_t req, fuse_ino_t ino, int mask);
void on_readlink(fuse_req_t req, fuse_ino_t ino);
void on_statfs(fuse_req_t req, fuse_ino_t ino);
/* The name @name below @dir for @thread. 0 and @ret filled, or -errno. */
int name_lookup(struct daemon *d, const struct inode_ref *dir, const char *name,
		pid_t thread, struct inode_ref *ret);
/* Attributes; 0 or -errno. */
int name_attr(struct daemon *d, const struct inode_ref *ref,
	      struct stat *ret_attr);
/* A reference taken and described for the kernel; 0 or -errno. */
int name_entry(struct daemon *d, const struct inode_ref *like,
	       struct fuse_entry_param *ret_entry);

/* --- fuse-gone.c: processes that ended ----------------------------------- */
/* 0; or -ESTALE or -ENOENT, which @req about @ino is to be answered: its
 * process is gone. */
int gone_error(fuse_req_t req, fuse_ino_t ino);
/* The same where an open file of the process is not gone with it. */
int gone_stat(fuse_req_t req, fuse_ino_t ino);

/* --- fuse-kept.c: attributes the kernel keeps ----------------------------- */
/* Seconds for which the kernel may keep the attributes of @ino. */
double kept_attr(struct daemon *d, fuse_ino_t ino);
/* @ref is forgotten. */
void kept_drop(struct daemon *d, struct inode_ref *ref);
/* Tell the kernel whose attributes are no more: after the machine moved, before
 * anybody can know from an answer. */
void kept_tell(struct daemon *d);

/* --- fuse-real.c: processes of the host ---------------------------------- */
/* Who asks, as it sees itself. */
struct real_caller {
	uint32_t pid, tid;
	bool nested; /* in a pid namespace below the daemon's */
};
/* 0 or -ENOENT. */
int real_caller(const struct daemon *d, pid_t thread, struct real_caller *ret);
bool real_alive(const struct daemon *d, uint32_t pid);

/* --- fuse-dir.c ----------------------------------------------------------- */
void on_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void on_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		struct fuse_file_info *fi);
void on_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi);
void on_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* --- fuse-file.c: files of the tree -------------------------------------- */
void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	     struct fuse_file_info *fi);
void on_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
	      off_t off, struct fuse_file_info *fi);
void on_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void on_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
	      struct fuse_file_info *fi);
struct handle *handle_new(struct daemon *d, enum handle_kind kind,
			  const struct place *at);
/* One that owns @fd; NULL (no memory): @fd is closed. */
struct handle *handle_over(struct daemon *d, enum handle_kind kind,
			   const struct place *at, int fd);
void handle_free(struct daemon *d, struct handle *h);
/* Put @h on a list of the daemon, unless it is there already. */
void handle_list(struct handle *h, struct handle **list);
void handle_unlist(struct handle *h);
static inline struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}
/* Who sent @req. */
struct caller caller_of(fuse_req_t req);
/* FUSE_INTERRUPT of a request that waits: the loop looks at h->interrupted. */
void handle_wait(struct handle *h, fuse_req_t req, size_t size);

/* --- fuse-ctl.c ----------------------------------------------------------- */
int ctl_open(struct daemon *d, struct handle *h, bool replies);
void ctl_close(struct handle *h);
void ctl_read(fuse_req_t req, struct handle *h, size_t size);
void ctl_write(fuse_req_t req, struct daemon *d, struct handle *h,
	       const char *buf, size_t size);
/* Step every session once and answer what is done. */
void ctl_step(struct daemon *d);
/* What the sessions wait for. */
struct awaited {
	vtime_t until; /* the earliest time one waits for, UINT64_MAX none */
	bool advances; /* some `advance`, which no wall holds up */
};
void ctl_awaited(const struct daemon *d, struct awaited *ret);

/* --- fuse-log.c: dev/kmsg ------------------------------------------------- */
/* At the first record. */
void log_open(const struct daemon *d, struct handle *h);
void log_read(fuse_req_t req, struct daemon *d, struct handle *h, size_t size,
	      off_t off, bool nonblock);
/* Is there a record to read? */
bool log_ready(const struct daemon *d, struct handle *h);
/* Behind the last record. */
void log_seek_end(struct daemon *d, struct handle *h);
/* Answer the reader of @h if its record has come or it gave up. */
void log_wake(struct daemon *d, struct handle *h);

/* --- fuse-poll.c ---------------------------------------------------------- */
void on_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	     struct fuse_pollhandle *ph);
/* Wake readers and pollers for whom something has come. */
void poll_wake(struct daemon *d);

/* --- fuse-group.c: FSNODE_PEAK ----------------------------------------------
 */
/* @h was written: bytes used, or -errno. */
long peak_write(struct daemon *d, struct handle *h, const char *text,
		size_t len, const struct caller *who);
/* What @h counted, instead of what the file says. */
void peak_show(const struct daemon *d, struct handle *h);

/* --- fuse-psi.c: files with FSNODE_TRIGGER ----------------------------------
 */
/* Bytes used, or -errno. */
long trigger_write(struct daemon *d, struct handle *h, const char *text,
		   size_t len, bool privileged);
unsigned trigger_mask(const struct daemon *d, const struct handle *h);
/* A poll has been answered with that mask. */
void trigger_told(const struct daemon *d, const struct handle *h);
void trigger_close(struct daemon *d, struct handle *h);

/* --- fuse-puppets.c: real processes in place of simulated ones ----------- */
int puppets_open(struct daemon *d, struct handle *h);
void puppets_close(struct daemon *d, struct handle *h);
bool puppets_ready(const struct handle *h);
void puppets_read(fuse_req_t req, struct handle *h, size_t size);
void puppets_write(fuse_req_t req, struct daemon *d, struct handle *h,
		   const char *buf, size_t size);
/* See who was born and who is gone. Must an operation that is done wait for
 * puppets of what it made? Its handle goes on d->held then. */
bool puppets_hold(struct daemon *d);
/* After time has passed: the same, and let go who waited. */
void puppets_turn(struct daemon *d);
/* Does @pid not show yet? */
bool puppets_hide(const struct daemon *d, uint32_t pid);
/* Is the real process of that pid a puppet whose process is gone? */
bool puppets_leaving(const struct daemon *d, uint32_t pid);
/* The operation of a HANDLE_KILL is done; @h goes. */
void puppets_killed(struct daemon *d, struct handle *h);

/* --- fuse-pace.c ---------------------------------------------------------- */
uint64_t wall_now(void);
/*
 * Simulate what is due, 2 ms at most. *@ret_wake: the wall's time at which to
 * go on, 0: at once, UINT64_MAX: not before a request comes. Return: 0 or a
 * negative host errno.
 */
int pace_run(struct daemon *d, uint64_t *ret_wake);

/* --- fuse-options.c ------------------------------------------------------- */
/* Return: GO_ON, or an exit code after what there was to say. */
int options_parse(struct options *o, struct alone *a, int argc, char **argv);

/* --- fuse-mount.c --------------------------------------------------------- */
/*
 * Find out whether the machine can be mounted, and see to it that nobody else
 * mounts one there. 0 or an exit code, told on stderr.
 */
int mount_prepare(struct daemon *d);
/* libfuse's side of it, not yet mounted; NULL: it said what was wrong. */
struct fuse_session *mount_session(struct daemon *d);
/* 0 or an exit code, told on stderr. */
int mount_tree(struct daemon *d);
/* Answer whoever waits and take the mount down. */
void mount_end(struct daemon *d);

/* --- fuse-group.c: folders of memory groups ------------------------------- */
void on_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void on_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);

/* --- fuse-refuse.c -------------------------------------------------------- */
/* Set those of @ops that no file of the tree allows but those of disk/. */
void refuse_ops(struct fuse_lowlevel_ops *ops);

/* --- fuse-loop.c ---------------------------------------------------------- */
/* Until the mount goes or a signal comes. An exit code. */
int daemon_loop(struct daemon *d);
/* Block what daemon_loop() waits for; before any other work. */
void loop_signals(void);

#endif
