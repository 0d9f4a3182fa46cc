// SPDX-License-Identifier: Apache-2.0
#include "fs/condition.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fs/script.h"

/* A word of the text, and what may follow it on its line. */
struct words {
	const char *s, *end; /* not yet read */
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line; false at its end. */
static bool next_word(struct words *w, struct field *ret)
{
	while (w->s < w->end && blank(*w->s))
		w->s++;
	ret->s = w->s;
	while (w->s < w->end && !blank(*w->s))
		w->s++;
	ret->len = (size_t)(w->s - ret->s);
	ret->kb = false;
	return ret->len;
}

static bool next_line(const char **text, const char *end, struct words *ret)
{
	const char *stop;

	if (*text >= end)
		return false;
	stop = memchr(*text, '\n', (size_t)(end - *text));
	ret->s = *text;
	ret->end = stop ? stop : end;
	*text = ret->end + 1;
	return true;
}

static bool take_unit(struct words w, struct field *f)
{
	struct field unit;

	f->kb = next_word(&w, &unit) && unit.len == 2 &&
		!memcmp(unit.s, "kB", 2);
	return true;
}

/* The next word; a colon by itself belongs to the name before it. */
static bool next_value(struct words *w, struct field *ret)
{
	if (!next_word(w, ret))
		return false;
	return ret->len != 1 || *ret->s != ':' || next_word(w, ret);
}

/* The word behind NAME or NAME:, or what stands behind KEY=. */
static bool find_in_line(struct words w, const char *name, size_t len,
			 struct field *ret)
{
	struct field f;

	while (next_word(&w, &f)) {
		if (f.len < len || memcmp(f.s, name, len) != 0)
			continue;
		if (f.len == len || (f.len == len + 1 && f.s[len] == ':'))
			return next_value(&w, ret) && take_unit(w, ret);
		if (f.s[len] != '=')
			continue;
		ret->s = f.s + len + 1;
		ret->len = f.len - len - 1;
		ret->kb = false;
		return true;
	}
	return false;
}

static bool find_name(const char *text, const char *end, const char *name,
		      struct field *ret)
{
	struct words line;

	while (next_line(&text, end, &line))
		if (find_in_line(line, name, strlen(name), ret))
			return true;
	return false;
}

/* LINE.KEY: the first dot parts them. */
static bool find_dotted(const char *text, const char *end, const char *name,
			struct field *ret)
{
	const char *dot = strchr(name, '.');
	struct words line;
	struct field first;

	if (!dot || dot == name || !dot[1])
		return false;
	while (next_line(&text, end, &line)) {
		if (!next_word(&line, &first) ||
		    first.len != (size_t)(dot - name) ||
		    memcmp(first.s, name, first.len) != 0)
			continue;
		if (find_in_line(line, dot + 1, strlen(dot + 1), ret))
			return true;
	}
	return false;
}

static bool find_number(const char *text, const char *end, uint64_t n,
			struct field *ret)
{
	struct words line;

	while (n && next_line(&text, end, &line))
		while (next_word(&line, ret))
			if (!--n)
				return take_unit(line, ret);
	return false;
}

bool field_find(const char *text, size_t len, const char *name,
		struct field *ret)
{
	const char *end = text + len;
	uint64_t n;

	if (!script_number(name, strlen(name), &n))
		return find_number(text, end, n, ret);
	return find_name(text, end, name, ret) ||
	       find_dotted(text, end, name, ret);
}

/* A decimal number, exact to the millionth. */
struct number {
	bool minus;
	uint64_t whole, part;
};

static bool parse_number(const char *s, size_t len, struct number *ret)
{
	const char *dot;
	uint64_t place = 100000;

	ret->minus = len && *s == '-';
	ret->part = 0;
	s += ret->minus;
	len -= ret->minus;
	dot = memchr(s, '.', len);
	if (script_number(s, dot ? (size_t)(dot - s) : len, &ret->whole))
		return false;
	if (!dot)
		return true;
	if (dot + 1 == s + len)
		return false;
	for (const char *t = dot + 1; t < s + len; t++, place /= 10) {
		if (*t < '0' || *t > '9')
			return false;
		ret->part += place * (uint64_t)(*t - '0');
	}
	return true;
}

static int order_size(const struct number *a, const struct number *b)
{
	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	return (a->part > b->part) - (a->part < b->part);
}

static int order(const struct number *a, const struct number *b)
{
	bool zero = !a->whole && !a->part && !b->whole && !b->part;

	if (a->minus != b->minus && !zero)
		return a->minus ? -1 : 1;
	return a->minus ? order_size(b, a) : order_size(a, b);
}

/* Both as numbers; VALUE with a unit means bytes. */
static bool both_numbers(const struct field *f, const char *value,
			 struct number *ret_a, struct number *ret_b)
{
	uint64_t bytes;

	if (!parse_number(f->s, f->len, ret_a))
		return false;
	if (parse_number(value, strlen(value), ret_b))
		return true;
	if (script_size(value, strlen(value), &bytes))
		return false;
	if (f->kb) {
		if (ret_a->whole > UINT64_MAX >> 10)
			return false;
		ret_a->whole <<= 10;
	}
	*ret_b = (struct number){ .whole = bytes };
	return true;
}

int field_compare(const struct field *f, const char *op, const char *value)
{
	struct number a, b;
	bool less = op[0] == '<', more = op[0] == '>', same, holds;
	int cmp;

	if (both_numbers(f, value, &a, &b)) {
		cmp = order(&a, &b);
	} else {
		if (less || more)
			return EINVAL;
		cmp = strlen(value) != f->len ||
		      memcmp(value, f->s, f->len) != 0;
	}
	same = strchr(op, '=') && op[0] != '!';
	holds = op[0] == '!' ? cmp != 0
		: cmp == 0   ? same
		: cmp < 0    ? less
			     : more;
	return holds ? 0 : ERANGE;
}
