/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_MODEL_MODEL_NODES_H
#define FS_MODEL_MODEL_NODES_H

#include "fs/tree.h"

/*
 * DOC: the rows of model/: what no kernel shows.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   bytes for addresses and sizes, pages for counts.
 * Order:   the tree sorts by path; records by number or address.
 * Omits:   what their subsystems do not keep.
 */
/* The arrays and, by the same names, what fs/tree-tables.c lists. */
#define MODEL_TABLES(X)    \
	X(model_cache)     \
	X(model_frames)    \
	X(model_picture)   \
	X(model_kernel)    \
	X(model_lru)       \
	X(model_page)      \
	X(model_pagetable) \
	X(model_space)     \
	X(model_tlb)       \
	X(model_walk)      \
	X(model_world)

#define MODEL_DECLARE(name)                        \
	extern const struct fsnode name##_nodes[]; \
	extern const unsigned nr_##name##_nodes;
MODEL_TABLES(MODEL_DECLARE)

/* Rows of model/, no size shown; ASK: written to, then read. */
#define MODEL_ASK(name, show_file, store_file)                              \
	{                                                                   \
		.path = "model/" name, .mode = 0600, .flags = FSNODE_SIZE0, \
		.show = (show_file), .store = (store_file),                 \
	}
#define MODEL_FILE(name, show_file)                                         \
	{                                                                   \
		.path = "model/" name, .mode = 0444, .flags = FSNODE_SIZE0, \
		.show = (show_file),                                        \
	}

/* Text of a record's one field: a blank or newline becomes \040 or \012. */
void out_field(const char *text, struct outbuf *out);
/* An inode's field: its path, \040(deleted) when it has no name. */
void out_inode(const struct inode *inode, struct outbuf *out);
/* "SECONDS.NANOSECONDS", nine digits. */
void out_time(vtime_t t, struct outbuf *out);
/* Path of a group below the root, with its slash; "/" is the root. */
void out_group(const struct control *c, uint32_t group, struct outbuf *out);
/* "pte", "pmd", "pud", "p4d", "pgd": the last level is always the PGD. */
const char *level_name(const struct space *s, unsigned level);
/* The entry of a table as the machine has it, in hex. */
void out_entry(const struct space *s, uint64_t entry, struct outbuf *out);
/* The words of an entry's bits, a blank before each. */
void out_pte_bits(uint64_t entry, struct outbuf *out);
/* Where an address leads. */
struct mapped {
	uint64_t entry; /* the last one read; 0: nothing is there */
	unsigned level; /* of that entry */
	pfn_t page; /* PFN_NONE: not present */
};
void look_mapped(const struct space *s, const struct walk *w, uint64_t addr,
		 struct mapped *ret_at);
/*
 * " PID:ADDR" for each mapping of @page, oldest process first, without the one
 * of process @but_pid at @but_addr; " -" if there is none.
 */
void out_users(const struct machine *m, pfn_t page, uint32_t but_pid,
	       uint64_t but_addr, struct outbuf *out);

/* What the kernel keeps where: Documentation/arch/x86/x86_64/mm.rst. */
struct kernel_range {
	uint64_t start, last;
	const char *name;
};
/* The range @addr lies in; false: none. */
bool kernel_range_of(const struct machine *m, uint64_t addr,
		     struct kernel_range *ret_range);

/* One number of base @base, 0x before a hex one, and one newline. 0 or
 * -EINVAL. */
int parse_number(const char *text, size_t len, unsigned base,
		 uint64_t *ret_value);

#endif
