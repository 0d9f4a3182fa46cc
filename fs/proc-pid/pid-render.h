/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_PID_PID_RENDER_H
#define FS_PROC_PID_PID_RENDER_H

#include "fs/tree.h"

/*
 * DOC: what the renderers of one process share.
 *
 * Models:  fs/proc/task_mmu.c, fs/proc/array.c helpers.
 * Owns:    nothing.
 * Units:   bytes for addresses.
 * Order:   does not apply.
 * Omits:   permission to look: the tree checks that at open.
 */
#define VSYSCALL_START 0xffffffffff600000ull

/* The same file in /proc/PID and in /proc/PID/task/TID. */
#define PID_FILE(name, bits, show_file, store_file) \
	PID_FLAGGED(name, bits, FSNODE_SIZE0, show_file, store_file)
#define PID_FLAGGED(name, bits, row_flags, show_file, store_file)    \
	{                                                            \
		.path = "proc/$pid/" name,                           \
		.mode = (bits),                                      \
		.flags = (row_flags),                                \
		.show = (show_file),                                 \
		.store = (store_file),                               \
	},                                                           \
	{                                                            \
		.path = "proc/$pid/task/$tid/" name, .mode = (bits), \
		.flags = (row_flags), .show = (show_file),           \
		.store = (store_file),                               \
	}

static inline const struct task *view_task(const struct view *v)
{
	return task_at(&v->m->tasks, v->task);
}

/* NULL: a kernel thread or a zombie. */
static inline const struct mm *view_mm(const struct view *v)
{
	uint32_t mm = view_task(v)->mm;

	return mm ? mm_at(&v->m->space, mm) : NULL;
}

/* A whole 64-bit image has the vsyscall page; a bare process shows no such
 * line. */
static inline bool mm_has_vsyscall(const struct machine *m, const struct mm *mm)
{
	return !mm->bare && !m->phys.i386;
}

/* What the machine's unsigned long keeps of @value. */
static inline uint64_t pid_ulong(const struct machine *m, uint64_t value)
{
	return m->phys.i386 ? (uint32_t)value : value;
}

/* R, S, D or Z. */
char task_state_letter(const struct task *t);
/* 0, or that of a kernel thread that runs below the common priority. */
uint32_t task_nice(const struct task *t);
/* A comm; @escape: a newline and a backslash become two characters. */
void out_name(const char *text, bool escape, struct outbuf *out);
/* "0-3,5" of the first @nr bits. */
void out_list(const uint64_t *bits, unsigned nr, struct outbuf *out);

/* The two letters of each VM_* bit; a blank @between also ends the last. */
void out_vm_flags(uint32_t flags, char between, struct outbuf *out);

/* What a number written to a file may be long: PROC_NUMBUF. */
#define PROC_NUMBER 12u
/*
 * A number with blanks round it; @base 0: 0x and 0 prefixes count.
 * Return: 0, -EINVAL, -ERANGE beyond an int.
 */
int parse_int(const char *text, size_t len, unsigned base, int *ret_value);

/* Pages of program text (task_mem()). */
uint64_t mm_text_pages(const struct mm *mm);

/* Inode a VMA maps, NULL if anonymous. */
const struct inode *vma_inode(const struct machine *m, const struct vma *v);
/* True for [heap], [stack] (mm.h vma_is_initial_heap() ...). */
bool vma_is_heap(const struct mm *mm, const struct vma *v);
bool vma_is_stack(const struct mm *mm, const struct vma *v);

/* The maps line of a VMA, of the vsyscall page, of any range with a name. */
void maps_line(const struct machine *m, const struct mm *mm,
	       const struct vma *v, struct outbuf *out);
void maps_line_vsyscall(const struct machine *m, struct outbuf *out);
void maps_line_named(const struct machine *m, uint64_t start, uint64_t end,
		     const char *perms, const char *name, struct outbuf *out);

#endif
