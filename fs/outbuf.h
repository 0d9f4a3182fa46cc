/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_OUTBUF_H
#define FS_OUTBUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * DOC: text that grows.
 *
 * Models:  seq_file.
 * Owns:    its bytes.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   nothing. An error sticks: print on, look once at the end.
 */
struct outbuf {
	char *text; /* NUL-terminated once anything was printed */
	size_t len, cap;
	int error; /* 0 or a negative errno, the first that happened */
};

void out_init(struct outbuf *o);
void out_free(struct outbuf *o);
/* Forget the text, keep the memory. */
void out_clear(struct outbuf *o);
void out_printf(struct outbuf *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void out_vprintf(struct outbuf *o, const char *fmt, va_list ap);
/* Room for @more bytes and the NUL; NULL: there is none, o->error says why. */
char *out_grow(struct outbuf *o, size_t more);
static inline char *out_room(struct outbuf *o, size_t more)
{
	return o->len + more < o->cap && !o->error ? o->text + o->len
						   : out_grow(o, more);
}
/* @more bytes were written to what out_room() gave. */
static inline void out_done(struct outbuf *o, char *to, size_t more)
{
	to[more] = '\0';
	o->len += more;
}
static inline void out_bytes(struct outbuf *o, const void *bytes, size_t len)
{
	char *to = out_room(o, len);

	if (!to)
		return;
	memcpy(to, bytes, len);
	out_done(o, to, len);
}
/* Here, since the length of most is known beforehand. */
static inline void out_str(struct outbuf *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}
static inline void out_char(struct outbuf *o, char c)
{
	char *to = out_room(o, 1);

	if (!to)
		return;
	*to = c;
	out_done(o, to, 1);
}
/* Decimal, right-aligned to @width with blanks: the hot path of renderers. */
void out_dec(struct outbuf *o, uint64_t value, unsigned width);
/* Lower-case hex, at least @digits. */
void out_hex(struct outbuf *o, uint64_t value, unsigned digits);
/* Blanks up to column @column counted from @line_start (an out->len). */
void out_pad(struct outbuf *o, size_t line_start, size_t column);

#endif
