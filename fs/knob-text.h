/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_KNOB_TEXT_H
#define FS_KNOB_TEXT_H

#include "fs/outbuf.h"
#include "vmcore/base/knob.h"

/*
 * DOC: the text of a sysctl: parsing a write, printing the value.
 *
 * Models:  kernel/sysctl.c proc_get_long(), __do_proc_dointvec(),
 *          __do_proc_doulongvec_minmax(), proc_dostring() (6.18).
 * Owns:    nothing.
 * Units:   the row's.
 * Order:   does not apply.
 * Omits:   what a change does: fs/sys-vm.c.
 */
#define KNOB_MAX_LEN  16u /* elements of a vector, at most */
#define KNOB_MAX_TEXT 256u

/* A value parsed and not yet stored. */
struct knob_value {
	unsigned nr; /* elements given; 0: nothing to store */
	uint64_t number[KNOB_MAX_LEN]; /* ints sign-extended */
	char text[KNOB_MAX_TEXT]; /* KNOB_STRING */
	size_t used; /* bytes of the write that it took */
};

/* Print the value at @base + its offset, with a newline. */
void knob_print(const struct knob *k, const void *base, struct outbuf *out);
/*
 * Parse a write at offset 0. An empty one gives nr = 0. Return: 0 or -EINVAL.
 * After a failure @ret_value holds the elements that came before it.
 */
int knob_parse(const struct knob *k, const char *text, size_t len,
	       struct knob_value *ret_value);
/* Put @v at @base + its offset. Return: did anything change? */
bool knob_put(const struct knob *k, void *base, const struct knob_value *v);
/* Element @i as stored. */
int64_t knob_get(const struct knob *k, const void *base, unsigned i);

#endif
