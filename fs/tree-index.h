/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_TREE_INDEX_H
#define FS_TREE_INDEX_H

#include "fs/tree.h"

/*
 * DOC: the index of all rows: a trie of path parts.
 *
 * Models:  nothing of the kernel.
 * Owns:    its parts, their names, the rows made from knobs.
 * Units:   parts are numbered from 0, the root.
 * Order:   the children of a part: fixed names by strcmp(), then those that
 *          stand for numbers, in the order the rows came.
 * Omits:   everything outside fs/tree*.c and fs/sys-*.c.
 */
enum part_kind {
	PART_FIXED,
	PART_PID,
	PART_TID,
	PART_NODE,
	PART_CPU,
	PART_SIZE,
	PART_THPSIZE,
	PART_SHMSIZE,
	PART_BLOCK,
	PART_GROUP,
	PART_DISK,
	NR_PART_KINDS
};

/* Which rules hold for a part: whose file system it imitates. */
enum part_area {
	AREA_OTHER, /* root, dev/ */
	AREA_PROC,
	AREA_SYSCTL, /* proc/sys/ */
	AREA_SYS,
	AREA_MODEL,
};

struct part {
	char *head; /* the name, or what stands before the number */
	const char *tail; /* what stands after it */
	uint32_t parent;
	uint32_t first, nr, nr_fixed; /* kids[first .. first + nr) */
	uint32_t sibling; /* while the index is being built */
	const struct fsnode *row; /* NULL: a folder no row names */
	uint8_t kind; /* enum part_kind */
	uint8_t area; /* enum part_area */
	bool in_process; /* $pid is in the path */
};

struct tree {
	struct part *parts;
	uint32_t nr, cap;
	uint32_t *kids;
	struct fsnode *knob_rows;
	char **knob_paths;
	unsigned nr_knob_rows;
};

static inline const struct part *part_at(const struct tree *t, uint32_t id)
{
	return &t->parts[id];
}

static inline bool part_is_dir(const struct part *p)
{
	return !p->row || p->row->flags & FSNODE_DIR;
}

/* Add a row while building. 0, -ENOMEM, -EEXIST: two rows for one path. */
int tree_add(struct tree *t, const struct fsnode *row);
/* Add rows for every knob (fs/sys-knobs.c). */
int tree_add_knobs(struct tree *t);
/* Sort, once all rows were added. 0 or -ENOMEM. */
int tree_seal(struct tree *t);

/*
 * The next number after @after (-1: the first) that @kind stands for at
 * @dir, -1: no more. Not for PART_PID.
 */
int64_t part_next(const struct world *w, const struct place *dir,
		  enum part_kind kind, int64_t after);
/* Does @number stand at @dir? Then its field in @at is set. */
bool part_set(const struct world *w, struct place *at, enum part_kind kind,
	      uint64_t number);
/* Its field in @at. */
uint64_t part_get(const struct place *at, enum part_kind kind);
/* Kinds whose members have names: the name, else NULL. */
const char *part_word(const struct world *w, enum part_kind kind,
		      uint64_t number);

/* Does the row of @at, if it has one, say that it is there? */
bool part_there(const struct world *w, const struct place *at);

/* Print @at without the hook of FSNODE_READ_HOOK: stat(2) is no read. */
int tree_print(struct world *w, const struct place *at, struct outbuf *out);

/* What show() and store() are told. 0 or -ENOENT: the process is gone. */
int view_fill(struct world *w, const struct place *at, struct view *v);

#endif
