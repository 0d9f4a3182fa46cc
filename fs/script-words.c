// SPDX-License-Identifier: Apache-2.0
/* The small words of the grammar: numbers, sizes, times, names, paths. */
#include "fs/script-parse.h"

#include <errno.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Leading digits of @s; how many there were. 0 on overflow or none. */
static size_t take_digits(const char *s, size_t len, uint64_t *ret)
{
	uint64_t value = 0, digit;
	size_t n = 0;

	for (; n < len && is_digit(s[n]); n++) {
		digit = (uint64_t)(s[n] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	if (n)
		*ret = value;
	return n;
}

int script_number(const char *s, size_t len, uint64_t *ret)
{
	uint64_t value;

	if (!len || take_digits(s, len, &value) != len)
		return EINVAL;
	*ret = value;
	return 0;
}

struct unit {
	const char *word;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "", 1 },	     { "K", 1ull << 10 }, { "M", 1ull << 20 },
	{ "G", 1ull << 30 }, { "T", 1ull << 40 }, { "p", PAGE_SIZE },
};

static const struct unit times[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
};

/* 0: no such unit */
static uint64_t unit_factor(const struct unit *units, size_t nr, const char *s,
			    size_t len)
{
	for (size_t i = 0; i < nr; i++)
		if (text_is(s, len, units[i].word))
			return units[i].factor;
	return 0;
}

int script_size(const char *s, size_t len, uint64_t *ret_bytes)
{
	uint64_t value = 0, factor;
	size_t n = take_digits(s, len, &value);

	factor = unit_factor(sizes, sizeof(sizes) / sizeof(sizes[0]), s + n,
			     len - n);
	if (!n || !factor || value > UINT64_MAX / factor)
		return EINVAL;
	*ret_bytes = value * factor;
	return 0;
}

/*
 * DIGITS[.DIGITS] in units of @one (a power of ten): what does not fit below
 * is cut. Return: how many bytes were taken, 0 if it is no number.
 */
static size_t take_decimal(const char *s, size_t len, uint64_t one,
			   uint64_t *ret)
{
	uint64_t value = 0, place = one;
	size_t n = take_digits(s, len, &value), start;

	if (!n || value > UINT64_MAX / one - 1)
		return 0;
	value *= one;
	if (n == len || s[n] != '.') {
		*ret = value;
		return n;
	}
	for (start = ++n; n < len && is_digit(s[n]); n++) {
		place /= 10;
		value += place * (uint64_t)(s[n] - '0');
	}
	if (n == start)
		return 0;
	*ret = value;
	return n;
}

int script_time(const char *s, size_t len, uint64_t *ret_ns)
{
	uint64_t factor, value;
	size_t n = 0;

	while (n < len && (is_digit(s[n]) || s[n] == '.'))
		n++;
	factor = unit_factor(times, sizeof(times) / sizeof(times[0]), s + n,
			     len - n);
	if (!factor || take_decimal(s, n, factor, &value) != n || !n)
		return EINVAL;
	*ret_ns = value;
	return 0;
}

int script_millionths(const char *s, size_t len, uint64_t *ret)
{
	uint64_t value;

	if (!len || take_decimal(s, len, 1000000, &value) != len)
		return EINVAL;
	*ret = value;
	return 0;
}

bool script_name_ok(const char *s, size_t len, size_t max)
{
	if (!len || len > max || !is_letter(s[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '_' &&
		    s[i] != '-' && s[i] != '.')
			return false;
	return true;
}

int script_path(const char *s, size_t len, char *ret, size_t room)
{
	size_t slash;

	if (len >= 4 && !memcmp(s, "/mnt", 4) && (len == 4 || s[4] == '/')) {
		s += 4;
		len -= 4;
	}
	slash = !len || s[0] != '/';
	if (len + slash + 1 > room)
		return ENAMETOOLONG;
	ret[0] = '/';
	memcpy(ret + slash, s, len);
	ret[len + slash] = '\0';
	return 0;
}

struct errno_name {
	int error;
	const char *name;
};

#define NAME(e)       \
	{             \
		e, #e \
	}
static const struct errno_name errno_names[] = {
	NAME(E2BIG),	 NAME(EACCES),		NAME(EAGAIN),  NAME(EBADF),
	NAME(EBUSY),	 NAME(ECHILD),		NAME(EDEADLK), NAME(EEXIST),
	NAME(EFAULT),	 NAME(EFBIG),		NAME(EINTR),   NAME(EINVAL),
	NAME(EIO),	 NAME(EISDIR),		NAME(ELOOP),   NAME(EMFILE),
	NAME(EMLINK),	 NAME(ENAMETOOLONG),	NAME(ENFILE),  NAME(ENODEV),
	NAME(ENOENT),	 NAME(ENOEXEC),		NAME(ENOMEM),  NAME(ENOSPC),
	NAME(ENOSYS),	 NAME(ENOTBLK),		NAME(ENOTDIR), NAME(ENOTEMPTY),
	NAME(ENOTTY),	 NAME(ENOBUFS),		NAME(ENXIO),   NAME(EOPNOTSUPP),
	NAME(EOVERFLOW), NAME(EPERM),		NAME(EPIPE),   NAME(ERANGE),
	NAME(EROFS),	 NAME(ESPIPE),		NAME(ESRCH),   NAME(ETIME),
	NAME(ETIMEDOUT), NAME(ETXTBSY),		NAME(EXDEV),   NAME(EIDRM),
	NAME(ENODATA),	 NAME(ENOTRECOVERABLE),
};
#undef NAME

const char *script_errno_name(int error)
{
	for (size_t i = 0; i < sizeof(errno_names) / sizeof(errno_names[0]);
	     i++)
		if (errno_names[i].error == error)
			return errno_names[i].name;
	return NULL;
}
