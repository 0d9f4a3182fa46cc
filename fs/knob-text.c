// SPDX-License-Identifier: Apache-2.0
#include "fs/knob-text.h"

#include <errno.h>
#include <string.h>

/* What proc_get_long() copies of a number: longer ones are refused. */
#define NUMBER_TEXT 21u
/* A write is cut to this before it is looked at. */
#define WRITE_TEXT (PAGE_SIZE - 1)

struct cursor {
	const char *at, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && is_blank(*c->at))
		c->at++;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 255;
}

/* Digits in base 8, 10 or 16 as C writes them; false: 64 bits overflow. */
static bool get_digits(struct cursor *c, const char *end, uint64_t *ret)
{
	unsigned base = 10;
	uint64_t value = 0;

	if (*c->at == '0') {
		base = 8;
		if (end - c->at > 2 && (c->at[1] | 0x20) == 'x' &&
		    digit_of(c->at[2]) < 16) {
			base = 16;
			c->at += 2;
		}
	}
	for (; c->at < end && digit_of(*c->at) < base; c->at++) {
		unsigned digit = digit_of(*c->at);

		if (value > (UINT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret = value;
	return true;
}

/* proc_get_long(): a number that a blank, a newline or the end follows. */
static int get_long(struct cursor *c, bool *ret_minus, uint64_t *ret)
{
	const char *start = c->at, *end = c->end;

	if ((size_t)(end - start) > NUMBER_TEXT)
		end = start + NUMBER_TEXT;
	*ret_minus = *c->at == '-' && end - start > 1;
	if (*ret_minus)
		c->at++;
	if (*c->at < '0' || *c->at > '9' || !get_digits(c, end, ret))
		return -EINVAL;
	if ((size_t)(c->at - start) == NUMBER_TEXT)
		return -EINVAL;
	if (c->at < c->end && !strchr(" \t\n", *c->at)) /* NUL is fine */
		return -EINVAL;
	return 0;
}

/* The type's own range, before the row's. */
static int check_number(const struct knob *k, bool minus, uint64_t value,
			uint64_t *ret)
{
	int64_t number;

	switch (k->type) {
	case KNOB_ULONG:
		if (minus || value < (uint64_t)k->min ||
		    value > (uint64_t)k->max)
			return -EINVAL;
		*ret = value;
		return 0;
	case KNOB_UINT:
		if (minus || value > UINT32_MAX)
			return -EINVAL;
		break;
	case KNOB_BOOL:
		*ret = value != 0;
		return 0;
	default:
		if (value > INT32_MAX + (minus ? 1ull : 0))
			return -EINVAL;
	}
	number = minus ? -(int64_t)value : (int64_t)value;
	if (number < k->min || number > k->max)
		return -EINVAL;
	*ret = (uint64_t)number;
	return 0;
}

static int parse_numbers(const struct knob *k, struct cursor *c,
			 struct knob_value *v)
{
	unsigned nr = k->type == KNOB_INTVEC ? k->len : 1;
	uint64_t value;
	bool minus;
	int err;

	while (v->nr < nr && c->at < c->end) {
		skip_blanks(c);
		if (c->at == c->end)
			break;
		err = get_long(c, &minus, &value);
		if (!err)
			err = check_number(k, minus, value, &v->number[v->nr]);
		if (err)
			return err;
		v->nr++;
	}
	if (!v->nr)
		return -EINVAL;
	skip_blanks(c);
	return 0;
}

/* proc_dostring(): up to the first newline or NUL, cut to the row's size. */
static void parse_string(const struct knob *k, struct cursor *c,
			 struct knob_value *v)
{
	size_t n = 0, room = k->len < KNOB_MAX_TEXT ? k->len : KNOB_MAX_TEXT;

	for (const char *s = c->at; s < c->end && *s && *s != '\n'; s++)
		if (n + 1 < room)
			v->text[n++] = *s;
	v->text[n] = '\0';
	v->nr = 1;
	c->at = c->end;
}

int knob_parse(const struct knob *k, const char *text, size_t len,
	       struct knob_value *ret_value)
{
	struct cursor c = { text, text + len };
	struct knob_value v = { 0 };
	int err = 0;

	if (len > WRITE_TEXT)
		c.end = text + WRITE_TEXT;
	if (len) {
		if (k->type == KNOB_STRING)
			parse_string(k, &c, &v);
		else
			err = parse_numbers(k, &c, &v);
	}
	v.used = (size_t)(c.at - text);
	*ret_value = v;
	return err;
}

int64_t knob_get(const struct knob *k, const void *base, unsigned i)
{
	const char *at = (const char *)base + k->off;
	int32_t n;
	uint64_t wide;

	if (k->type == KNOB_ULONG) {
		memcpy(&wide, at, sizeof(wide));
		return (int64_t)wide;
	}
	memcpy(&n, at + i * sizeof(n), sizeof(n));
	return k->type == KNOB_UINT ? (int64_t)(uint32_t)n : n;
}

void knob_print(const struct knob *k, const void *base, struct outbuf *out)
{
	unsigned nr = k->type == KNOB_INTVEC ? k->len : 1;

	if (k->type == KNOB_STRING) {
		out_str(out, (const char *)base + k->off);
	} else if (k->type == KNOB_ULONG) {
		out_dec(out, (uint64_t)knob_get(k, base, 0), 0);
	} else {
		for (unsigned i = 0; i < nr; i++)
			out_printf(out, "%s%lld", i ? "\t" : "",
				   (long long)knob_get(k, base, i));
	}
	out_char(out, '\n');
}

static bool put_string(char *at, const struct knob_value *v)
{
	bool changed = strcmp(at, v->text) != 0;

	memcpy(at, v->text, strlen(v->text) + 1);
	return changed;
}

bool knob_put(const struct knob *k, void *base, const struct knob_value *v)
{
	char *at = (char *)base + k->off;
	bool changed = false;

	if (!v->nr)
		return false;
	if (k->type == KNOB_STRING)
		return put_string(at, v);
	for (unsigned i = 0; i < v->nr; i++) {
		int32_t n = (int32_t)v->number[i];

		changed |= (uint64_t)knob_get(k, base, i) != v->number[i];
		if (k->type == KNOB_ULONG)
			memcpy(at, &v->number[i], sizeof(v->number[i]));
		else
			memcpy(at + i * sizeof(n), &n, sizeof(n));
	}
	return changed;
}
