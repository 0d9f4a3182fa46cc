// SPDX-License-Identifier: Apache-2.0
/* Numbers written to files of a process: lib/kstrtox.c. */
#include "fs/proc-pid/pid-render.h"

#include <errno.h>

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

/* Base 0: the prefix decides (_parse_integer_fixup_radix()). */
static unsigned take_base(const char **p, const char *end, unsigned base)
{
	bool hex = end - *p > 2 && (*p)[0] == '0' &&
		   ((*p)[1] == 'x' || (*p)[1] == 'X') && digit((*p)[2]) < 16;

	if (hex && (!base || base == 16)) {
		*p += 2;
		return 16;
	}
	if (base)
		return base;
	return end > *p && **p == '0' ? 8 : 10;
}

int parse_int(const char *text, size_t len, unsigned base, int *ret_value)
{
	const char *p = text, *end = text + len, *first;
	int64_t value = 0;
	bool minus, over = false;

	while (p < end && is_blank(*p))
		p++;
	while (p < end && is_blank(end[-1]))
		end--;
	minus = p < end && *p == '-';
	if (minus || (p < end && *p == '+'))
		p++;
	base = take_base(&p, end, base);
	for (first = p; p < end && digit(*p) < base; p++) {
		value = value * base + digit(*p);
		if (value > (int64_t)INT32_MAX + minus) {
			value = 0;
			over = true;
		}
	}
	if (p == first || (p < end && !over))
		return -EINVAL;
	if (over)
		return -ERANGE;
	*ret_value = (int)(minus ? -value : value);
	return 0;
}
