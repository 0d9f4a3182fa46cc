/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_BYTES_H
#define FS_BYTES_H

#include <stddef.h>
#include <stdint.h>

/*
 * DOC: the bytes of a page whose content is a number.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   bytes; a page is 4096.
 * Order:   does not apply: a number is always the same bytes.
 * Omits:   what programs wrote: fs/store.h.
 *
 * 0 is a page of zeroes. Any other number is 64 lines of text, each the number
 * in eight hex digits, a blank and 54 letters and digits drawn from number and
 * line: a terminal can show it, grep(1) finds a page by its number.
 */
#define BYTES_PAGE 4096u

/* Bytes [@off, @off + @len) of the page, which end within it. */
void bytes_of(uint32_t number, size_t off, size_t len, char *ret);

#endif
