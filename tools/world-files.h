/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_WORLD_FILES_H
#define TOOLS_WORLD_FILES_H

/*
 * DOC: what of the machine lies where in a world: /proc, /sys, disks and kmsg
 * in /dev, /mnt and /etc/fstab.
 *
 * Models:  nothing of the kernel.
 * Owns:    the mounts of the namespace.
 * Units:   does not apply.
 * Order:   the real procfs of the pid namespace stands on /proc before.
 * Omits:   block devices: a disk in /dev is a file.
 *
 * MNT/disk lies over /mnt. A tree without it leaves an empty tmpfs there, in
 * which the profile's swap files stand as mkswap(8) leaves them, the first
 * page of each: swapon(8) looks into a file before it calls. On a disk/ such
 * a page lies over the profile's swap files.
 */

/* Call in the mount namespace of the world. 0, or WORLD_FAILED after a
 * message. */
int world_cover(const char *mnt);
/* Its part for /dev: the disks of the machine beside what is there. Where that
 * cannot be, /dev is as it was. */
void world_dev(const char *mnt);

#endif
