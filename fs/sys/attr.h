/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SYS_ATTR_H
#define FS_SYS_ATTR_H

#include "fs/world.h"

/*
 * DOC: what sysfs attributes print and take.
 *
 * Models:  lib/kstrtox.c (kstrtoul(), kstrtobool()), sysfs_streq().
 * Owns:    nothing.
 * Units:   as the attribute's own.
 * Order:   does not apply.
 * Omits:   octal and hexadecimal: the attributes of mm read base 10.
 *
 * Every store takes an empty write as done.
 */

/* A decimal number, an optional plus before and newline after it. 0, or
 * -EINVAL also when it is above @max. */
int attr_number(const char *text, size_t len, uint64_t max, uint64_t *ret_nr);
/* y, t, 1, on and n, f, 0, off by their first letters. 0 or -EINVAL. */
int attr_bool(const char *text, size_t len, bool *ret_on);
/* Which of @nr @words it is, alone or before a newline; -EINVAL: none. */
int attr_word(const char *const *words, unsigned nr, const char *text,
	      size_t len);
/* "always [madvise] never" */
void attr_choice(struct outbuf *out, const char *const *words, unsigned nr,
		 unsigned now);
/* "0-1,4" of the set bits of @mask, an empty line for none. */
void attr_list(struct outbuf *out, uint64_t mask);
/* "ff" in groups of 32 bits, as wide as @nr_bits. */
void attr_mask(struct outbuf *out, uint64_t mask, unsigned nr_bits);

/* "BYTES [swappiness=N|max]" of memory.reclaim and nodeN/reclaim: swappiness
 * as machine_group_reclaim() has it. 0 or -EINVAL. */
int attr_reclaim(const char *text, size_t len, uint64_t *ret_pages,
		 uint32_t *ret_swappiness);

/* A number kept in struct machine; a row's arg is its place in a table. */
struct attr {
	uint32_t off; /* offsetof(struct machine, ...) */
	uint32_t wide; /* 1: 64 bits, 0: 32 */
	uint64_t min, max;
};
#define ATTR32(field, low, high)                                      \
	{                                                             \
		.off = offsetof(struct machine, field), .min = (low), \
		.max = (high)                                         \
	}
#define ATTR64(field, low, high)                                   \
	{                                                          \
		.off = offsetof(struct machine, field), .wide = 1, \
		.min = (low), .max = (high)                        \
	}

int attr_show(const struct view *v, const struct attr *a, struct outbuf *out);
long attr_store(const struct view *v, const struct attr *a, const char *text,
		size_t len);

#endif
