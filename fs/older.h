/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_OLDER_H
#define FS_OLDER_H

#include "fs/outbuf.h"
#include "vmcore/machine.h"

/*
 * DOC: the same state in the formats of older kernels ([machine] kernel=).
 *
 * Models:  which rows /proc/vmstat, meminfo, zoneinfo and smaps had, from
 *          Linux 3.10 on.
 * Owns:    nothing.
 * Units:   versions as major * 100 + minor: 510 is 5.10.
 * Order:   as the kernel of that version prints.
 * Omits:   behaviour: the model is 6.18 whatever its files look like.
 */
#define KERNEL_NEWEST 618u

/* That of the machine; what nobody can read counts as the newest. */
unsigned kernel_version(const struct machine *m);
/* The versions a profile may name, NULL-terminated: "6.18", "6.12" ... */
extern const char *const kernel_versions[];

/* Did @version have a row that came with @since and left with @until? 0: it
 * was always there; it still is. */
static inline bool kernel_has(unsigned version, unsigned since, unsigned until)
{
	return version >= since && (!until || version < until);
}

/* /proc/vmstat of a version before the newest. */
void older_vmstat(const struct machine *m, unsigned version,
		  struct outbuf *out);
/* The gauges of a zone in zoneinfo before 4.8. What the machine counts by node
 * alone stands at the node's largest zone. */
void older_zone_stats(const struct phys *p, unsigned zone, struct outbuf *out);
/* Does /proc/vmstat of @version have a row of that name? */
bool older_has_row(unsigned version, const char *name);

#endif
