/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_STORE_H
#define FS_STORE_H

#include "fs/outbuf.h"
#include "fs/profile.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * DOC: where the bytes and names of the simulated disks are kept.
 *
 * Models:  nothing of the kernel.
 * Owns:    a folder of the host for each disk with a file system: that of
 *          backing=, or one of its own below $TMPDIR, gone at the end.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   what is cached, and time: the machine's.
 *
 * Folders are opened before the tree is mounted and reached by descriptors
 * alone, so a daemon never comes upon its own mount.
 */
#define STORE_KEY   128u /* struct inode.path */
#define STORE_ROOTS 17u /* one for files of no disk, at most 16 disks */

struct store_root {
	char mount[64]; /* without slash at the end; "" the root */
	char name[32]; /* of its disk, "" none */
	int fd; /* -1: not made yet */
	bool own; /* private: goes with the daemon */
	uint64_t size; /* of the disk; 0: no limit */
	uint64_t used; /* about; counted anew before it says ENOSPC */
	bool counted;
};

struct store {
	struct store_root roots[STORE_ROOTS];
	unsigned nr;
	int tmp; /* folder that the private one is made in */
	int folder; /* the private one, -1: none yet; locked */
	char name[48];
	/* disks without a file system: a file each */
	struct store_block {
		char name[32];
		int fd; /* -1: not made yet */
	} blocks[STORE_ROOTS];
	unsigned nr_blocks;
};

/* Open what backs the disks of @p. 0 or -errno, told in @why. */
int store_init(struct store *s, const struct profile *p, struct outbuf *why);
/* Private folders go with all that is in them. */
void store_fini(struct store *s);

/* The file system that @path, absolute, is on, if it is its root: its index;
 * else -1. */
int store_mount_at(const struct store *s, const char *path);
/* Its folder, made when it is first asked for: a descriptor (the store's) or
 * -errno. */
int store_root_fd(struct store *s, unsigned root);
/* The file with the bytes of a disk without one, made when it is first asked
 * for: a descriptor (the store's) or -errno. */
int store_block_fd(struct store *s, const char *disk);
/* Bytes that its files take, counted anew. */
uint64_t store_count(struct store *s, unsigned root);

/*
 * How a path is called in the machine and in its journal: what would end a
 * word of a script stands as %XX, a name too long as one made of it.
 */
void store_key(const char *path, char key[STORE_KEY]);
/* The way back; false: no file of a disk has that key. */
bool store_path(const char *key, char *path, size_t room);

/* Bytes of [@off, @off + @len) that take no room yet. */
uint64_t store_holes(int fd, uint64_t off, uint64_t len);
/* Room that a file takes. */
static inline uint64_t store_room(const struct stat *st)
{
	return (uint64_t)st->st_blocks * 512;
}

/* A file that took @before takes @now. */
static inline void store_took(struct store_root *root, uint64_t now,
			      uint64_t before)
{
	uint64_t used = root->used + now;

	root->used = used > before ? used - before : 0;
}

#endif
