/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_TREE_H
#define FS_TREE_H

#include "fs/world.h"

/*
 * DOC: the mounted tree: rows found by path, listed, read and written.
 *
 * Models:  fs/proc/generic.c, fs/proc/proc_sysctl.c, fs/kernfs: names, modes,
 *          who may open what, what a file without a handler answers.
 * Owns:    the index of all rows, built once by tree_init().
 * Units:   sizes in bytes.
 * Order:   a folder lists its fixed names by strcmp(), then the numbered
 *          ones in ascending order.
 * Omits:   libfuse; disk/ and ctl, which are no rows.
 *
 * Rows: each renderer file defines
 *     const struct fsnode NAME_nodes[] = { { .path = "proc/meminfo", ... } };
 *     const unsigned nr_NAME_nodes = ARRAY_SIZE(NAME_nodes);
 * and fs/tree-tables.c lists it. Folders are implied by the rows below them;
 * a row with FSNODE_DIR gives a folder its mode, or makes an empty one. A
 * row with FSNODE_LINK prints its target, without a newline.
 *
 * Parts of a path that stand for what the machine has:
 *     $pid       live processes              view.task, view.pid
 *     $tid       its threads                 view.task, view.pid
 *     $node      online nodes                view.node
 *     $cpu       CPUs                        view.cpu
 *     $size      hugetlb sizes in kB         view.size_kb
 *     $thpsize   folio sizes of anonymous memory, 16 kB .. 2048 kB
 *     $shmsize   folio sizes of shared memory, 8 kB .. 2048 kB; view.size_kb
 *     $block     memory blocks of 128 MiB    view.block
 *     $group     memory groups below the one the path stands at: this part
 *                alone repeats, "sys/fs/cgroup/$group/memory.max" is every
 *                depth but the root          view.group
 *     $disk      names of disks, "vda"       view.disk
 * Text may stand before and after: "node$node", "hugepages-$sizekB".
 */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct fsnode_table {
	const struct fsnode *rows;
	const unsigned *count;
};
/* Every array of rows; fs/tree-tables.c. */
extern const struct fsnode_table fsnode_tables[];
extern const unsigned nr_fsnode_tables;

/* Where a path led. Plain data: copy it, compare it with place_same(). */
struct place {
	uint32_t part; /* of the index; 0 is the root of the tree */
	uint32_t pid; /* 0: no process in the path */
	/* of the process, or of the group: a number used again is another */
	vtime_t born;
	uint32_t node, cpu, size_kb, block, group, disk;
};

struct tree_attr {
	uint64_t ino;
	uint64_t size;
	uint32_t mode; /* S_IFREG, S_IFDIR or S_IFLNK with permissions */
	uint32_t nlink;
	uint32_t flags; /* FSNODE_* of the row */
};

/* Who opens, reads or writes. */
struct caller {
	bool owner; /* the user who mounted: owner bits, else others' */
	bool privileged; /* root: passes mode bits where the kernel's would */
};

/* Build the index of all rows and knobs in @w->tree. 0 or -errno. */
int tree_init(struct world *w);
/* The same for some tables only, without knobs: for tests. */
int tree_init_tables(struct world *w, const struct fsnode_table *tables,
		     unsigned count);
void tree_fini(struct world *w);

/* One name below @dir. 0, -ENOENT, -ENOTDIR. */
int tree_lookup(const struct world *w, const struct place *dir,
		const char *name, struct place *ret_place);
/* A whole path, with or without a leading slash; "" is the root. */
int tree_find(const struct world *w, const char *path, struct place *ret_place);
bool place_same(const struct place *a, const struct place *b);
/* Is what @at names still there (the process lives)? */
bool tree_alive(const struct world *w, const struct place *at);
/* The path of @at without leading slash, appended to @out. */
void tree_path(const struct world *w, const struct place *at,
	       struct outbuf *out);

/* Called for each name of a folder; another value than 0 ends the list. */
typedef int tree_entry(void *arg, const char *name, const struct place *at);
/* 0, -ENOTDIR, -ENOENT, -ENOMEM or what @entry returned. */
int tree_list(const struct world *w, const struct place *dir, tree_entry *entry,
	      void *arg);

/* The inode number of @at, the same for the same path, for ever. */
uint64_t tree_ino(const struct place *at);
/* May the name of @at be gone, or mean another thing, at the next look? */
bool tree_comes_and_goes(const struct world *w, const struct place *at);
/* Is it the folder of a process, proc/PID? */
bool tree_is_process(const struct world *w, const struct place *at);
/* Has @dir no file of that name, on whatever machine, at whatever time? */
bool tree_never_has(const struct world *w, const struct place *dir,
		    const char *name);
/* Does a write beyond the first byte go nowhere (sysctl_writes_strict)? */
bool tree_is_sysctl(const struct world *w, const struct place *at);

/* Does it belong to model/? */
bool tree_is_model(const struct world *w, const struct place *at);
/* FSNODE_POLL: another value than before says that the text changed. */
uint64_t tree_stamp(const struct world *w, const struct place *at);

/* 0 or -ENOENT when the process is gone. Prints the file to learn its size
 * where stat shows one. */
int tree_attr(const struct world *w, const struct place *at,
	      struct tree_attr *ret_attr);
/* NULL for a folder that no row names. */
const struct fsnode *tree_row(const struct world *w, const struct place *at);
/* Type and permissions, FSNODE_*, without printing anything. */
uint32_t tree_mode(const struct world *w, const struct place *at);

/* May @who open @at so? 0, -EACCES. */
int tree_open(const struct world *w, const struct place *at,
	      const struct caller *who, bool reads, bool writes);
/* What the file itself says when it is opened: 0 or -ESRCH. */
int tree_begin(const struct world *w, const struct place *at);
/* Print a file or the target of a link, appended to @out. 0 or -errno. */
int tree_show_at(struct world *w, const struct place *at, struct outbuf *out);
/* Up to @len bytes from @off on of a file with FSNODE_OFFSET. 0 or -errno. */
int tree_read_at(struct world *w, const struct place *at, uint64_t off,
		 uint32_t len, struct outbuf *out);
/*
 * Take what was written at offset 0; stamps the journal with a `set` line
 * if it was accepted. Return: bytes used, as the file's write(2) returns
 * them, or -errno and nothing changed.
 */
long tree_store_at(struct world *w, const struct place *at, const char *text,
		   size_t len, const struct caller *who);

/*
 * mkdir(2) and rmdir(2) in @dir, of memory groups alone: -EPERM elsewhere.
 * Both write the journal. 0 or -errno.
 */
int tree_mkdir(struct world *w, const struct place *dir, const char *name,
	       const struct caller *who);
int tree_rmdir(struct world *w, const struct place *dir, const char *name,
	       const struct caller *who);

/* Open, print, close, as root: what `show` does. 0 or -errno. */
int tree_show(struct world *w, const char *path, struct outbuf *out);
/*
 * Open, write, close: what `set` does. @privileged: as root, else as a
 * stranger. Return: 0 (a short write too) or -errno. Writes the journal.
 */
int tree_store(struct world *w, const char *path, const char *text, size_t len,
	       bool privileged);

#endif
