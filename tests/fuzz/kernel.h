/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_KERNEL_H
#define TESTS_FUZZ_KERNEL_H

#include <linux/fuse.h>

#include "fs/fuse-disk.h"
#include "tests/fuzz/small.h"

/*
 * DOC: the kernel's side of a mount, as far as MNT/disk goes.
 *
 * Models:  fs/fuse of the kernel: which node ids and handles it may send, and
 *          that each request is answered once.
 * Owns:    what was looked up and opened, requests under way.
 * Units:   bytes.
 * Order:   requests are handed over at once; answers come when they come.
 * Omits:   /dev/fuse: requests are given to libfuse by hand.
 */
#define NODES	64u
#define HANDLES 32u
#define PENDING 16u
#define DATA	65536u

/* What of a reply is kept. */
enum want { WANT_NOTHING, WANT_ENTRY, WANT_OPEN, WANT_CREATE };

struct kernel {
	struct daemon d;
	struct small *m;
	uint64_t unique;
	unsigned waiting;
	struct {
		uint64_t unique, ino;
		uint32_t flags;
		enum want want;
	} pending[PENDING];
	struct {
		uint64_t id, lookups;
		uint32_t mode;
	} nodes[NODES];
	unsigned nr_nodes;
	struct {
		uint64_t fh, ino;
		uint32_t flags;
		bool folder;
	} handles[HANDLES];
	unsigned nr_handles;
	struct fuse_in_header *head;
	size_t len;
};

void kernel_mount(struct kernel *k);
/* Nothing may be left over: else abort(). */
void kernel_unmount(struct kernel *k);

/* A request: its head, what follows, and off it goes. */
void begin(struct kernel *k, uint32_t opcode, uint64_t ino);
void add(struct kernel *k, const void *bytes, size_t len);
void add_name(struct kernel *k, const char *name);
void ask_for(struct kernel *k, enum want want, uint32_t flags);
void ask(struct kernel *k);
/* One that has no answer. */
void hand_over(struct kernel *k);
/* Until nobody waits any more. */
void drain(struct kernel *k);
/* One that is known, of that type (0: any), which @pick chooses; 0: none. */
uint64_t node(const struct kernel *k, uint8_t pick, uint32_t type);

#endif
