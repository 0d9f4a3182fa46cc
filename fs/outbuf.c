// SPDX-License-Identifier: Apache-2.0
#include "fs/outbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void out_init(struct outbuf *o)
{
	memset(o, 0, sizeof(*o));
}

void out_free(struct outbuf *o)
{
	free(o->text);
	out_init(o);
}

void out_clear(struct outbuf *o)
{
	o->len = 0;
	o->error = 0;
	if (o->text)
		o->text[0] = '\0';
}

char *out_grow(struct outbuf *o, size_t more)
{
	size_t cap = o->cap ? o->cap : 4096;
	char *text;

	if (o->error)
		return NULL;
	while (cap < o->len + more + 1)
		cap *= 2;
	text = realloc(o->text, cap);
	if (!text) {
		o->error = -ENOMEM;
		return NULL;
	}
	o->text = text;
	o->cap = cap;
	return o->text + o->len;
}

void out_vprintf(struct outbuf *o, const char *fmt, va_list ap)
{
	va_list again;
	char *to = out_room(o, 256);
	int n;

	if (!to)
		return;
	va_copy(again, ap);
	n = vsnprintf(to, 257, fmt, ap);
	if (n > 256) {
		to = out_room(o, (size_t)n);
		if (to)
			vsnprintf(to, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (n < 0)
		o->error = -EINVAL;
	else if (to)
		o->len += (size_t)n;
}

void out_printf(struct outbuf *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_vprintf(o, fmt, ap);
	va_end(ap);
}

void out_dec(struct outbuf *o, uint64_t value, unsigned width)
{
	char buf[24], *p = buf + sizeof(buf), *to;
	size_t n, blanks;

	if (value < 10 && width < 2) {
		out_char(o, (char)('0' + value));
		return;
	}
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	n = (size_t)(buf + sizeof(buf) - p);
	blanks = width > n ? width - n : 0;
	to = out_room(o, blanks + n);
	if (!to)
		return;
	memset(to, ' ', blanks);
	memcpy(to + blanks, p, n);
	out_done(o, to, blanks + n);
}

void out_hex(struct outbuf *o, uint64_t value, unsigned digits)
{
	char buf[16], *p = buf + sizeof(buf);

	do
		*--p = "0123456789abcdef"[value & 15];
	while (value >>= 4);
	while ((size_t)(buf + sizeof(buf) - p) < digits)
		*--p = '0';
	out_bytes(o, p, (size_t)(buf + sizeof(buf) - p));
}

void out_pad(struct outbuf *o, size_t line_start, size_t column)
{
	size_t width = o->len - line_start;
	size_t blanks = column > width ? column - width : 0;
	char *to = out_room(o, blanks);

	if (!to)
		return;
	memset(to, ' ', blanks);
	out_done(o, to, blanks);
}
