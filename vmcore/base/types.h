/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_TYPES_H
#define VMCORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * DOC: the words every floor speaks.
 *
 * Models:  page size and limits of Linux 6.18 on x86-64.
 * Owns:    nothing.
 * Units:   pfn_t counts 4 KiB frames, vtime_t virtual nanoseconds.
 * Order:   does not apply.
 * Omits:   host types; nothing here depends on the host.
 *
 * Results. 0 is done. A negative value is a host errno (out of host memory)
 * and is passed on unchanged. 1..4095 is the errno a simulated system call
 * answers. From OUTCOME_BASE on it is what kept a step from finishing.
 */
typedef uint32_t pfn_t;
typedef uint64_t vtime_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  (~(uint64_t)(PAGE_SIZE - 1))
#define PFN_NONE   UINT32_MAX
#define ID_NONE	   0u /* pools hand out ids from 1 */

#define MAX_ORDER	10
#define NR_ORDERS	11
#define PAGEBLOCK_ORDER 9
#define PAGEBLOCK_PAGES 512u
#define HPAGE_ORDER	9
#define HPAGE_PAGES	512u
#define HPAGE_SIZE	(2u << 20)

#define MAX_NODES	   8
#define MAX_CPUS	   64
#define MAX_ZONES_PER_NODE 5
#define MAX_ZONES	   (MAX_NODES * MAX_ZONES_PER_NODE)

enum outcome {
	OUTCOME_BASE = 4096,
	NEED_MEMORY, /* struct need says what; reclaim, then repeat */
	NEED_CHARGE, /* a memory group is at its limit */
	WAIT_IO, /* ctx.wait_io names the request */
	WAIT_TIME, /* ctx.wait_until */
	WAIT_WAKE, /* a kernel thread sleeps until somebody wakes it */
	STEP_MORE, /* this step is done, the operation is not */
	FAULT_SIGSEGV,
	FAULT_SIGBUS,
	FAULT_OOM,
	FAULT_ABORT, /* the program's own library ends it: SIGABRT */
};

#endif
