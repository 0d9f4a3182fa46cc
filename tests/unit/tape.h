/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TAPE_H
#define TESTS_TAPE_H

#include "vmcore/base/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * DOC: where a test saves a machine, or a floor of one, and loads it from.
 *
 * Models:  nothing.
 * Owns:    its bytes.
 * Units:   bytes.
 * Order:   read as it was written.
 * Omits:   files: what a damaged one does, tests/fuzz tells.
 */
struct tape {
	char *mem;
	size_t len, cap, at;
};

static inline int tape_write(void *arg, void *mem, size_t len)
{
	struct tape *t = arg;

	if (t->len + len > t->cap) {
		t->cap = 2 * (t->len + len);
		t->mem = realloc(t->mem, t->cap);
		assert_non_null(t->mem);
	}
	memcpy(t->mem + t->len, mem, len);
	t->len += len;
	return 0;
}

static inline int tape_read(void *arg, void *mem, size_t len)
{
	struct tape *t = arg;

	assert_true(t->at + len <= t->len);
	memcpy(mem, t->mem + t->at, len);
	t->at += len;
	return 0;
}

static inline struct archive tape_save(struct tape *t)
{
	return (struct archive){ .mode = ARCHIVE_SAVE,
				 .transfer = tape_write,
				 .arg = t };
}

static inline struct archive tape_load(struct tape *t)
{
	return (struct archive){ .mode = ARCHIVE_LOAD,
				 .transfer = tape_read,
				 .arg = t };
}

/* All of it was read; it is empty again. */
static inline void tape_end(struct tape *t)
{
	assert_int_equal(t->at, t->len);
	free(t->mem);
	*t = (struct tape){ 0 };
}

#endif
