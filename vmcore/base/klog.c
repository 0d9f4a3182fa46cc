// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TOLD 480 /* bytes that ctx_tell() tells at most, with their NUL */

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

/* printf into the next line, of which @len bytes are there, up to @max. */
static void add_text(struct klog *k, vtime_t at, unsigned level, size_t len,
		     size_t max, const char *fmt, va_list ap)
{
	struct klog_line *line = &k->lines[k->next % k->nr_lines];
	int n = vsnprintf(text_room(k) + len, max - len, fmt, ap);

	if (n > 0)
		len += (size_t)n;
	memset(line, 0, sizeof(*line));
	line->len = (uint16_t)(len < max ? len : max - 1);
	line->at = at;
	line->level = (uint16_t)level;
	line->start = k->end;
	line->seq = k->next++;
	k->end += line->len + 1u;
}

void klog_add(struct klog *k, vtime_t at, unsigned level, const char *fmt, ...)
{
	va_list ap;

	if (klog_room(k))
		return;
	va_start(ap, fmt);
	add_text(k, at, level, 0, KLOG_TEXT, fmt, ap);
	va_end(ap);
}

void ctx_tell(const struct ctx *ctx, const char *fmt, ...)
{
	struct klog *k = ctx->story;
	va_list ap;
	int n;

	if (!k || klog_room(k))
		return;
	n = snprintf(text_room(k), KLOG_TEXT, "%u %s ", ctx->pid,
		     ctx->comm ? ctx->comm : "-");
	va_start(ap, fmt);
	add_text(k, ctx->now, 6, (size_t)n, (size_t)n + TOLD, fmt, ap);
	va_end(ap);
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
