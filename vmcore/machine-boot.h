/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MACHINE_BOOT_H
#define VMCORE_MACHINE_BOOT_H

#include "vmcore/machine.h"

/*
 * DOC: from initialised floors to a machine with its first processes.
 *
 * Models:  kernel_init() and what user space starts.
 * Owns:    nothing.
 * Units:   as in struct machine_config.
 * Order:   disks, files, groups, init, kernel threads, processes.
 * Omits:   boot messages of drivers.
 */

/* Return: 0, an errno with the reason in *@ret_why, NEED_*, a host errno. */
int machine_boot(struct machine *m, const struct machine_config *c,
		 const char **ret_why);

#endif
