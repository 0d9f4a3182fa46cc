/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_CONDITION_H
#define FS_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * DOC: what `expect` and `until` ask of a file: FIELD OP VALUE.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing: a field points into the text.
 * Units:   as the file has them; VALUE may be a size where the file says kB.
 * Order:   the first field of that name, in the order of the file.
 * Omits:   arithmetic between fields.
 *
 * FIELD is
 *	N		the N-th word of the file, from 1
 *	NAME		the word behind the first word NAME, NAME: or
 *			NAME :, or what follows the first NAME=
 *	LINE.NAME	the same in lines whose first word is LINE
 */
struct field {
	const char *s; /* no NUL at its end */
	size_t len;
	bool kb; /* the next word is kB */
};

/* Find @name in @text. True if it is there. */
bool field_find(const char *text, size_t len, const char *name,
		struct field *ret);

/*
 * Compare as numbers where both are, else as text, which knows = and !=.
 * @op is one of = != < <= > >=. 0: it holds, ERANGE: it does not, EINVAL:
 * text has no order.
 */
int field_compare(const struct field *f, const char *op, const char *value);

#endif
