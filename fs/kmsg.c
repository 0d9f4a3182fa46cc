// SPDX-License-Identifier: Apache-2.0
#include "fs/kmsg.h"

#include <errno.h>
#include <stdlib.h>

#define FACILITY_USER 1u /* what devkmsg_write() puts in front */
#define LEVEL_DEFAULT 4u

void kmsg_record(const struct klog *k, uint64_t seq, struct outbuf *out)
{
	const struct klog_line *line = klog_at(k, seq);
	const char *text;

	if (!line)
		return;
	text = klog_text(k, line);
	out_printf(out, "%u,%llu,%llu,-;", line->level, (unsigned long long)seq,
		   (unsigned long long)(line->at / 1000));
	for (unsigned i = 0; i < line->len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			out_printf(out, "\\x%02x", c);
		else
			out_char(out, (char)c);
	}
	out_char(out, '\n');
}

/* "<N>" in front, N below 1024: facility and level. */
static size_t parse_level(const char *text, size_t len, unsigned *ret_level)
{
	unsigned n = 0;
	size_t i = 1;

	if (!len || text[0] != '<')
		return 0;
	for (; i < len && i < 5 && text[i] >= '0' && text[i] <= '9'; i++)
		n = n * 10 + (unsigned)(text[i] - '0');
	if (i == 1 || i == len || text[i] != '>')
		return 0;
	*ret_level = n < 8 ? FACILITY_USER << 3 | n : n;
	return i + 1;
}

long kmsg_write(struct klog *k, vtime_t now, const char *text, size_t len)
{
	unsigned level = FACILITY_USER << 3 | LEVEL_DEFAULT;
	size_t from = parse_level(text, len, &level), end = len;

	if (len > 1024)
		return -EINVAL;
	while (end > from && (text[end - 1] == '\n' || !text[end - 1]))
		end--;
	klog_add(k, now, level, "%.*s", (int)(end - from), text + from);
	return (long)len;
}
