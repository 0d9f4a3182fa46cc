/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MEMORY_H
#define VMCORE_MEMORY_H

#include "vmcore/space/space.h"

/*
 * DOC: what system calls and faults do to memory.
 *
 * Models:  mm/memory.c (faults), mm/mmap.c, mm/mprotect.c, mm/mremap.c,
 *          mm/madvise.c, mm/mlock.c, mm/msync.c, mm/gup.c of 6.18.
 * Owns:    fault_around_bytes; all else belongs to the floors below.
 * Units:   bytes for addresses and lengths.
 * Order:   pages in ascending address.
 * Omits:   see docs/fidelity.md.
 *
 * Each call answers 0, the errno of the system call, NEED_* or WAIT_IO (to
 * be repeated), or a host errno. A call that needs to fault pages in returns
 * STEP_MORE with the range left in its cursor.
 */
struct memory {
	struct space *space;
	uint32_t fault_around_bytes;
	uint32_t next_content; /* ids of contents of their own */
};

int memory_init(struct memory *m, struct space *space, int thp);
int memory_archive(struct memory *m, struct archive *a);

#define FAULT_FLAG_WRITE    1u
#define FAULT_FLAG_EXEC	    2u
#define FAULT_FLAG_POPULATE 4u /* mlock, MAP_POPULATE, MADV_POPULATE */
#define FAULT_FLAG_TRIED    8u /* again after waiting for its page */

struct fault_result {
	bool faulted; /* the hardware would have trapped */
	bool major;
	bool restarted; /* begun anew once its page was being read */
};

/*
 * One access by @mm at @addr: sets accessed and dirty bits, takes the fault
 * if one is due. @content: what a write leaves in the page (0: zeroes,
 * CONTENT_OWN: bytes no other page has).
 * Return: 0, FAULT_SIGSEGV, FAULT_SIGBUS, NEED_*, WAIT_IO, host errno.
 */
#define CONTENT_OWN UINT32_MAX
int memory_access(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t addr,
		  uint32_t flags, uint32_t content,
		  struct fault_result *ret_fault);

/*
 * Accesses by @mm to as many pages in a row from @addr on as fault each alike
 * and without anything else happening: what memory_access() of each would do
 * and cost, @run.user_ns for the program's part added to each. None begins at
 * or after @run.until. Return: how many, 0 too.
 */
struct touch_run {
	unsigned max; /* pages */
	bool write;
	uint32_t content; /* of each, as memory_access() has it */
	uint64_t user_ns;
	vtime_t until;
};
unsigned memory_touch_run(struct memory *m, struct ctx *ctx, uint32_t mm,
			  uint64_t addr, const struct touch_run *run);

/*
 * Accesses drawn beforehand, anywhere in @mm: what each needs is on its way
 * to the host's cache before the first is made.
 */
struct access {
	uint64_t addr;
	/* by memory_access_look(): its entry, NULL where there is no table */
	struct table *table;
	uint64_t *entry;
	bool write; /* of bytes no other page has */
};
void memory_access_look(const struct memory *m, uint32_t mm,
			struct access *list, unsigned nr);
/*
 * What memory_access() of each would do, for as many from the front on as
 * meet a page that is there; or as write to new memory, with nothing else
 * that could happen: those cost what their faults cost. What comes after them
 * is memory_access()'s. @list: looked for since anybody else had a turn.
 * Return: how many, 0 too.
 */
unsigned memory_hit_run(struct memory *m, uint32_t mm,
			const struct access *list, unsigned nr);
unsigned memory_fault_run(struct memory *m, struct ctx *ctx, uint32_t mm,
			  const struct access *list, unsigned nr);

/*
 * One step of swapoff(2): brings home what @area has, shared memory first,
 * then every address space, then what only the swap cache knows. @cur: zeroes
 * at first. Return: STEP_MORE; 0 when no slot is in use; WAIT_IO, NEED_*, host
 * errno, to be repeated.
 */
struct swapoff {
	uint32_t phase, id;
	uint64_t at; /* page, address or slot */
};
int memory_swapoff(struct memory *m, struct ctx *ctx, uint32_t area,
		   struct swapoff *cur);

/* --- mmap.c ----------------------------------------------------------------
 */
#define MAP_SHARED	0x1u
#define MAP_FIXED	0x10u
#define MAP_NORESERVE	0x4000u
#define MAP_LOCKED	0x2000u
#define MAP_HUGETLB	0x40000u
#define MAP_STACK_GROWS 0x100u

struct mmap_args {
	uint64_t addr, len; /* bytes; addr: without MAP_FIXED a hint, 0 none */
	uint64_t pgoff; /* pages */
	uint32_t prot; /* VM_READ | VM_WRITE | VM_EXEC, the kernel's own more */
	uint32_t flags; /* MAP_* */
	uint32_t file; /* open file, 0 anonymous */
	uint32_t name; /* enum vma_name */
	uint32_t huge; /* MAP_HUGETLB: enum huge_size */
	uint32_t denied; /* VM_MAY* that it never gets */
};
int memory_mmap(struct memory *m, struct ctx *ctx, uint32_t mm,
		const struct mmap_args *args, uint64_t *ret_addr);
int memory_munmap(struct memory *m, struct ctx *ctx, uint32_t mm,
		  uint64_t start, uint64_t len);
/* get_unmapped_area(): where @len bytes of @file from page @pgoff on (0:
 * anonymous) would go. UINT64_MAX: no room. */
uint64_t memory_unmapped_area(const struct memory *m, uint32_t mm,
			      uint32_t file, bool shared, uint64_t pgoff,
			      uint64_t len);
/* brk(2): unchanged if it cannot be had. */
int memory_brk(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t brk);
/* MREMAP_MAYMOVE. */
int memory_mremap(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t addr,
		  uint64_t old_len, uint64_t new_len, uint64_t *ret_addr);
int memory_mprotect(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t start, uint64_t len, uint32_t prot);

/* --- device.c ---------------------------------------------------------------
 */
/* How /dev/mapdrv maps its memory: when it is used, or all of it at once, as
 * pages or as mere frame numbers. */
enum device_way { DEVICE_FAULT, DEVICE_REMAP, DEVICE_PFN };
/* VM_* of such a mapping: for mmap_args.prot. */
uint32_t device_flags(enum device_way way);
/* Entries for the next table of [*@at, @end), which moves on. Return:
 * STEP_MORE, 0 when all is mapped, NEED_*, host errno. */
int memory_remap(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t *at,
		 uint64_t end);

/* --- mempolicy.c -------------------------------------------------------------
 */
/* mbind(2) without moving anything: @policy from mpol_make(), 0: the task's
 * again; @strict: not if a page is elsewhere. 0, EINVAL, EFAULT (a hole), EIO,
 * ENOMEM, NEED_*, host errno. */
int memory_mbind(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t len, uint32_t policy, bool strict);

/* --- madvise.c, mlock.c ------------------------------------------------------
 */
/* Advice that needs no faulting in; @advice is enum madvice of the task. */
int memory_madvise(struct memory *m, struct ctx *ctx, uint32_t mm,
		   uint64_t start, uint64_t len, unsigned advice);
/*
 * MADV_COLLAPSE of the next 2 MiB from *@at on, which moves on; *@fail is 0
 * at first. Return: STEP_MORE, 0, EINVAL, ENOMEM, EBUSY, EAGAIN, NEED_MEMORY,
 * WAIT_IO, host errno.
 */
int memory_collapse(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t *at, uint64_t end, uint32_t *fail);
/* Set or clear VM_LOCKED over a range; faulting in is memory_populate(). */
int memory_mlock(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t len, bool lock, bool onfault);
int memory_mlockall(struct memory *m, struct ctx *ctx, uint32_t mm,
		    bool current, bool future, bool onfault);
int memory_munlockall(struct memory *m, struct ctx *ctx, uint32_t mm);
/* From *@start, which moves on, to @end; @at is zero at first. Return: 0,
 * STEP_MORE, WAIT_IO, EINVAL, ENOMEM, host errno. */
int memory_msync(struct memory *m, struct ctx *ctx, uint32_t mm,
		 uint64_t *start, uint64_t end, struct sync_at *at);

/*
 * Fault in the next page of [*@cursor, @end): what mlock, MAP_POPULATE and
 * MADV_POPULATE do (populate_vma_page_range()). @write: 0 as the VMA would
 * be used, 1 read, 2 write. Return: STEP_MORE with *@cursor moved on, 0 at
 * the end, ENOMEM at a hole, EACCES where the VMA forbids it, FAULT_*; after
 * these *@cursor is behind the VMA or hole. NEED_*, WAIT_IO.
 */
int memory_populate(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t *cursor, uint64_t end, int write,
		    struct fault_result *ret_fault);

#endif
