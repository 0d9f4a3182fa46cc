/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_XXH64_H
#define FS_XXH64_H

#include <stddef.h>
#include <stdint.h>

/*
 * DOC: the checksum of saved machines.
 *
 * Models:  XXH64 of xxHash with seed 0, as its specification says.
 * Owns:    what was seen so far.
 * Units:   bytes.
 * Order:   the same sum however the bytes were cut.
 * Omits:   seeds.
 */
struct xxh64 {
	uint64_t acc[4];
	uint64_t total;
	unsigned char part[32]; /* not yet a whole stripe */
	unsigned nr;
};

void xxh64_init(struct xxh64 *h);
void xxh64_add(struct xxh64 *h, const void *bytes, size_t len);
uint64_t xxh64_end(const struct xxh64 *h);

#endif
