/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KLOG_H
#define VMCORE_KLOG_H

#include "vmcore/base/archive.h"
#include "vmcore/base/host.h"

#include <string.h>

/*
 * DOC: two rings of text lines: the kernel log and the model's events.
 *
 * Models:  kernel/printk.
 * Owns:    the last lines; older ones are overwritten and counted as lost.
 * Units:   ns for stamps.
 * Order:   sequence numbers from 0, never reused.
 * Omits:   facilities beyond the priority digit.
 */
#define KLOG_LINES 4096u /* of the kernel's log */
#define KLOG_TEXT  2048u /* of one line; the kernel's PRINTK_MESSAGE_MAX */
#define KLOG_BYTES (512u << 10) /* of its text */

struct klog_line { /* 32 bytes */
	vtime_t at;
	uint64_t seq;
	uint64_t start; /* bytes of text ever written before it */
	uint16_t len, level;
	uint32_t spare;
};

struct klog {
	struct host *host;
	struct klog_line *lines; /* nr_lines of them, made at first use */
	char *text; /* nr_bytes, behind the lines */
	uint64_t next; /* sequence of the next line */
	uint64_t end; /* bytes of text ever written */
	uint32_t allocated;
	uint32_t nr_lines, nr_bytes; /* that it keeps */
	uint32_t spare;
};

void klog_init(struct klog *k, struct host *host);
/* One that keeps @lines lines and @bytes bytes of text. */
void klog_init_sized(struct klog *k, struct host *host, uint32_t lines,
		     uint32_t bytes);
void klog_fini(struct klog *k);
int klog_archive(struct klog *k, struct archive *a);
/* printf-like; longer lines are cut. @level: syslog 0..7. Losing a line to
 * lack of host memory is not an error of the caller. */
void klog_add(struct klog *k, vtime_t at, unsigned level, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct ctx;
/* A line of model/events: who acts, and printf-like what and why (EVENT
 * key=value ... rule=NAME). Nothing if nobody reads them. */
void ctx_tell(const struct ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Such a line put together by hand, where printf's price would be seen; what
 * does not fit is cut. */
#define TALE_TEXT 480u
struct tale {
	size_t len;
	char text[TALE_TEXT];
};
static inline void tale_put(struct tale *t, const char *bytes, size_t len)
{
	size_t room = sizeof(t->text) - 1 - t->len;

	if (len > room)
		len = room;
	memcpy(t->text + t->len, bytes, len);
	t->len += len;
}
static inline void tale_add(struct tale *t, const char *word)
{
	tale_put(t, word, strlen(word));
}
void tale_digits(struct tale *t, uint64_t n);
/* @word, then @n in decimal. */
static inline void tale_number(struct tale *t, const char *word, uint64_t n)
{
	tale_add(t, word);
	tale_digits(t, n);
}
void ctx_tell_tale(const struct ctx *ctx, const struct tale *t);
/* First sequence number still kept. */
uint64_t klog_first(const struct klog *k);
/* NULL: gone or not yet written. */
const struct klog_line *klog_at(const struct klog *k, uint64_t seq);
/* Its text, line->len bytes; it may hold newlines. */
static inline const char *klog_text(const struct klog *k,
				    const struct klog_line *line)
{
	return k->text + line->start % k->nr_bytes;
}

#endif
