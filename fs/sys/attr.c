// SPDX-License-Identifier: Apache-2.0
#include "fs/sys/attr.h"

#include <errno.h>
#include <string.h>

int attr_number(const char *text, size_t len, uint64_t max, uint64_t *ret_nr)
{
	uint64_t nr = 0;
	size_t i = 0;

	if (len && text[len - 1] == '\n')
		len--;
	if (len && text[0] == '+')
		i++;
	if (i == len)
		return -EINVAL;
	for (; i < len; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		if (digit > 9 || nr > (UINT64_MAX - digit) / 10)
			return -EINVAL;
		nr = nr * 10 + digit;
	}
	if (nr > max)
		return -EINVAL;
	*ret_nr = nr;
	return 0;
}

int attr_bool(const char *text, size_t len, bool *ret_on)
{
	char first = len ? text[0] : '\0', second = len > 1 ? text[1] : '\0';

	if (first && strchr("yYtT1", first))
		*ret_on = true;
	else if (first && strchr("nNfF0", first))
		*ret_on = false;
	else if ((first == 'o' || first == 'O') && second &&
		 strchr("nNfF", second))
		*ret_on = second == 'n' || second == 'N';
	else
		return -EINVAL;
	return 0;
}

int attr_word(const char *const *words, unsigned nr, const char *text,
	      size_t len)
{
	if (len && text[len - 1] == '\n')
		len--;
	for (unsigned i = 0; i < nr; i++)
		if (strlen(words[i]) == len && !memcmp(words[i], text, len))
			return (int)i;
	return -EINVAL;
}

void attr_choice(struct outbuf *out, const char *const *words, unsigned nr,
		 unsigned now)
{
	for (unsigned i = 0; i < nr; i++)
		out_printf(out, i == now ? "%s[%s]" : "%s%s", i ? " " : "",
			   words[i]);
	out_char(out, '\n');
}

void attr_list(struct outbuf *out, uint64_t mask)
{
	bool any = false;

	for (unsigned i = 0; i < 64; i++) {
		unsigned first = i;

		if (!(mask >> i & 1))
			continue;
		while (i < 63 && mask >> (i + 1) & 1)
			i++;
		out_printf(out, any ? ",%u" : "%u", first);
		if (i > first)
			out_printf(out, "-%u", i);
		any = true;
	}
	out_char(out, '\n');
}

void attr_mask(struct outbuf *out, uint64_t mask, unsigned nr_bits)
{
	unsigned low = nr_bits > 32 ? 32 : nr_bits;

	if (nr_bits > 32) {
		out_hex(out, mask >> 32, (nr_bits - 32 + 3) / 4);
		out_char(out, ',');
	}
	out_hex(out, (uint32_t)mask, (low + 3) / 4);
	out_char(out, '\n');
}

static uint64_t attr_read(const struct machine *m, const struct attr *a)
{
	const char *at = (const char *)m + a->off;
	uint64_t wide;
	uint32_t narrow;

	if (a->wide) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

int attr_show(const struct view *v, const struct attr *a, struct outbuf *out)
{
	out_dec(out, attr_read(v->m, a), 0);
	out_char(out, '\n');
	return out->error;
}

long attr_store(const struct view *v, const struct attr *a, const char *text,
		size_t len)
{
	char *at = (char *)&v->w->m + a->off;
	uint64_t wide;
	uint32_t narrow;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, a->max, &wide);
	if (err)
		return err;
	if (wide < a->min)
		return -EINVAL;
	narrow = (uint32_t)wide;
	if (a->wide)
		memcpy(at, &wide, sizeof(wide));
	else
		memcpy(at, &narrow, sizeof(narrow));
	return (long)len;
}
