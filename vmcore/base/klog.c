// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static size_t klog_size(const struct klog *k)
{
	return k->nr_lines * sizeof(struct klog_line) + k->nr_bytes;
}

void klog_init_sized(struct klog *k, struct host *host, uint32_t lines,
		     uint32_t bytes)
{
	memset(k, 0, sizeof(*k));
	k->host = host;
	k->nr_lines = lines;
	k->nr_bytes = bytes;
}

void klog_init(struct klog *k, struct host *host)
{
	klog_init_sized(k, host, KLOG_LINES, KLOG_BYTES);
}

void klog_fini(struct klog *k)
{
	if (k->lines)
		host_free(k->host, k->lines, klog_size(k));
	memset(k, 0, sizeof(*k));
}

static int klog_room(struct klog *k)
{
	void *mem;
	int r;

	if (k->lines)
		return 0;
	r = host_alloc(k->host, klog_size(k), &mem);
	if (r)
		return r;
	k->lines = mem;
	k->text = (char *)(k->lines + k->nr_lines);
	k->allocated = 1;
	return 0;
}

/* Room for the longest line in one piece: the ring's end may stay unused. */
static char *text_room(struct klog *k)
{
	uint64_t at = k->end % k->nr_bytes;

	if (at > k->nr_bytes - KLOG_TEXT)
		k->end += k->nr_bytes - at;
	return k->text + k->end % k->nr_bytes;
}

/* The next line has its text: @len bytes of text_room(). */
static void add_line(struct klog *k, vtime_t at, unsigned level, size_t len)
{
	struct klog_line *line = &k->lines[k->next % k->nr_lines];

	memset(line, 0, sizeof(*line));
	line->len = (uint16_t)len;
	line->at = at;
	line->level = (uint16_t)level;
	line->start = k->end;
	line->seq = k->next++;
	k->end += line->len + 1u;
}

/* printf behind the @len bytes that are there, up to @max with the NUL. */
static size_t print(char *text, size_t len, size_t max, const char *fmt,
		    va_list ap)
{
	int n = vsnprintf(text + len, max - len, fmt, ap);

	if (n > 0)
		len += (size_t)n;
	return len < max ? len : max - 1;
}

void klog_add(struct klog *k, vtime_t at, unsigned level, const char *fmt, ...)
{
	va_list ap;

	if (klog_room(k))
		return;
	va_start(ap, fmt);
	add_line(k, at, level, print(text_room(k), 0, KLOG_TEXT, fmt, ap));
	va_end(ap);
}

void tale_digits(struct tale *t, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	for (; n >= 100; n /= 100) {
		unsigned two = (unsigned)(n % 100);

		digits[--at] = (char)('0' + two % 10);
		digits[--at] = (char)('0' + two / 10);
	}
	if (n >= 10) {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	}
	digits[--at] = (char)('0' + n);
	tale_put(t, digits + at, sizeof(digits) - at);
}

/* Who acts. Return: bytes. */
static size_t put_who(char *text, const struct ctx *ctx)
{
	struct tale t;

	t.len = 0;
	tale_number(&t, "", ctx->pid);
	tale_add(&t, " ");
	tale_add(&t, ctx->comm ? ctx->comm : "-");
	tale_add(&t, " ");
	memcpy(text, t.text, t.len);
	return t.len;
}

void ctx_tell(const struct ctx *ctx, const char *fmt, ...)
{
	struct klog *k = ctx->story;
	char *text;
	size_t len;
	va_list ap;

	if (!k || klog_room(k))
		return;
	text = text_room(k);
	len = put_who(text, ctx);
	va_start(ap, fmt);
	len = print(text, len, len + TALE_TEXT, fmt, ap);
	va_end(ap);
	add_line(k, ctx->now, 6, len);
}

void ctx_tell_tale(const struct ctx *ctx, const struct tale *t)
{
	struct klog *k = ctx->story;
	char *text;
	size_t len;

	if (!k || klog_room(k))
		return;
	text = text_room(k);
	len = put_who(text, ctx);
	memcpy(text + len, t->text, t->len);
	text[len + t->len] = '\0';
	add_line(k, ctx->now, 6, len + t->len);
}

/* Is the text of line @seq still there? */
static bool text_kept(const struct klog *k, uint64_t seq)
{
	return k->lines[seq % k->nr_lines].start + k->nr_bytes >= k->end;
}

uint64_t klog_first(const struct klog *k)
{
	uint64_t low = k->next > k->nr_lines ? k->next - k->nr_lines : 0;
	uint64_t high = k->next;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (text_kept(k, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct klog_line *klog_at(const struct klog *k, uint64_t seq)
{
	if (seq >= k->next || seq + k->nr_lines < k->next || !text_kept(k, seq))
		return NULL;
	return &k->lines[seq % k->nr_lines];
}

int klog_archive(struct klog *k, struct archive *a)
{
	uint32_t allocated = k->allocated;
	size_t lines, text;
	int r = archive_bytes(a, &k->next, sizeof(k->next));

	if (!r)
		r = archive_bytes(a, &k->end, sizeof(k->end));
	if (!r)
		r = archive_bytes(a, &allocated, sizeof(allocated));
	if (!r && allocated)
		r = klog_room(k);
	if (r || !allocated)
		return r;
	/* Both fill up from their beginning. */
	lines = k->next < k->nr_lines ? k->next : k->nr_lines;
	text = k->end < k->nr_bytes ? k->end : k->nr_bytes;
	r = archive_bytes(a, k->lines, lines * sizeof(struct klog_line));
	return r ? r : archive_bytes(a, k->text, text);
}
