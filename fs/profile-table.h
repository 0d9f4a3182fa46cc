/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROFILE_TABLE_H
#define FS_PROFILE_TABLE_H

#include "fs/profile.h"

/*
 * DOC: what a profile may say: sections, keys, types, ranges, defaults.
 *
 * Models:  nothing of the kernel.
 * Owns:    the tables; shared by the files of the profile reader alone.
 * Units:   as the key's type says.
 * Order:   as profile_print() writes them.
 * Omits:   how a file is read (fs/profile-ini.c).
 */
enum profile_type {
	PROFILE_SIZE, /* uint64_t bytes */
	PROFILE_TIME, /* uint64_t ns */
	PROFILE_NUMBER, /* uint64_t */
	PROFILE_SIGNED, /* int64_t */
	PROFILE_SPEED, /* uint64_t millionths */
	PROFILE_SWITCH, /* bool */
	PROFILE_WORD, /* uint32_t, one of words */
	PROFILE_STRING, /* char[room] */
	PROFILE_WORKLOAD, /* char[PROFILE_WORKLOADS][room], may repeat */
};

struct profile_key {
	const char *name;
	enum profile_type type;
	size_t off; /* in the section's record */
	size_t room; /* strings: bytes with the NUL */
	/* As in a file. NULL: none, printed only where it was given. */
	const char *def;
	int64_t min, max;
	const char *const *words; /* NULL-terminated */
	const char *doc;
};

enum profile_kind {
	SECTION_ONE, /* [machine]: record in struct profile at off */
	SECTION_LIST, /* [disk vda]: struct profile_list at off */
	SECTION_PAIRS, /* [set]: any key, pairs at off */
};

struct profile_section {
	const char *word; /* "disk" */
	const char *form; /* "[disk D]" */
	enum profile_kind kind;
	size_t off;
	size_t record; /* bytes of a record */
	uint32_t max; /* records */
	const struct profile_key *keys;
	uint32_t nr_keys;
	/* Is the argument (pairs: the key) good? NULL or what was expected. */
	const char *(*check)(const char *id);
	/* Lists that take any key too: where the pairs go, and which. */
	size_t pairs_off;
	const char *pairs_prefix;
	const char *doc;
};

extern const struct profile_section profile_sections[];
extern const unsigned nr_profile_sections;

/* Which zone "0 DMA32" names: node and enum zone_type. 0 or EINVAL. */
int profile_zone_id(const char *id, uint32_t *ret_node, uint32_t *ret_type);

/* Parse @text into the field of @record. 0 or EINVAL. */
int profile_value(const struct profile_key *k, void *record, const char *text);
/* What profile_value() takes, for messages. */
void profile_expected(const struct profile_key *k, struct outbuf *out);
/* Print the field as profile_value() reads it. */
void profile_value_print(const struct profile_key *k, const void *record,
			 struct outbuf *out);

/* A place in a file that a message names; line 0: the command line. */
struct profile_where {
	const char *file;
	uint32_t line;
};
/* `FILE:LINE: ` and the message. Return: -EINVAL. */
int profile_bad(struct outbuf *why, const struct profile_where *at,
		const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A section that is open: its row and, if it has one, its record. */
struct profile_open {
	const struct profile_section *row;
	void *record; /* NULL for pairs without record */
};
/* Open the section named between [ and ]; a new record is made. */
int profile_open_section(struct profile *p, const char *name,
			 const struct profile_where *at,
			 struct profile_open *ret, struct outbuf *why);
/* One `key = value` of it; @again: it may have been given before. */
int profile_entry(struct profile *p, const struct profile_open *open,
		  const char *key, const char *value, bool again,
		  const struct profile_where *at, struct outbuf *why);
/* What libinih would misread in `key = value`; NULL: nothing. */
const char *profile_line_fault(const char *line, size_t len);
/* CPUs of a list as in "0-3,8", a bit each. 0 or EINVAL. */
int profile_cpu_list(const char *list, uint64_t *ret_cpus);
/* Distances as in "10,21": one for each of @nr nodes. 0 or EINVAL. */
int profile_distances(const char *list, uint32_t nr, uint8_t *ret);
/* The pid that a process's parent has: a number, or the first of an earlier
 * [process NAME]. 0: neither. */
uint32_t profile_parent(const struct profile *p,
			const struct profile_process *of);
/* The bit of a key in profile_head.given. */
uint64_t profile_bit(const char *section, const char *key);
/* A zeroed record at the end of @l. 0 or -ENOMEM. */
int profile_grow(struct profile_list *l, size_t record, void **ret);

#endif
