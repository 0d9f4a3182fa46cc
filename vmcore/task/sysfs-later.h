/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SYSFS_LATER_H
#define VMCORE_SYSFS_LATER_H

#include "vmcore/base/types.h"

/*
 * DOC: settings below /sys of subsystems that are not built.
 *
 * Models:  attributes of mm/zswap.c of 6.18.
 * Owns:    the values and nothing that acts on them; the results such a
 *          subsystem counts stand beside its settings and are zero.
 * Units:   pages, ms, percent as the kernel's files have them.
 * Order:   does not apply.
 * Omits:   the subsystems.
 */

/* module/zswap/parameters */
struct zswap_sysfs {
	uint32_t enabled, shrinker_enabled;
	uint32_t max_pool_percent, accept_threshold_percent;
	uint32_t compressor; /* place in the table of names */
};

struct later_sysfs {
	struct zswap_sysfs zswap;
};

/* What a booted kernel shows before anybody wrote. */
void sysfs_later_defaults(struct later_sysfs *s);

#endif
