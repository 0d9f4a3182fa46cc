/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KLOG_H
#define VMCORE_KLOG_H

#include "vmcore/base/archive.h"
#include "vmcore/base/host.h"

/*
 * DOC: two rings of text lines: the kernel log and the model's events.
 *
 * Models:  kernel/printk.
 * Owns:    the last lines; older ones are overwritten and counted as lost.
 * Units:   ns for stamps.
 * Order:   sequence numbers from 0, never reused.
 * Omits:   facilities beyond the priority digit.
 */
#define KLOG_LINES 4096u
#define KLOG_TEXT  232u

struct klog_line { /* 256 bytes */
	vtime_t at;
	uint64_t seq;
	uint16_t len, level;
	uint32_t spare;
	char text[KLOG_TEXT];
};

struct klog {
	struct host *host;
	struct klog_line *lines; /* KLOG_LINES of them, made at first use */
	uint64_t next; /* sequence of the next line */
	uint32_t allocated;
	uint32_t spare;
};

void klog_init(struct klog *k, struct host *host);
void klog_fini(struct klog *k);
int klog_archive(struct klog *k, struct archive *a);
/* printf-like; longer lines are cut. @level: syslog 0..7. Losing a line to
 * lack of host memory is not an error of the caller. */
void klog_add(struct klog *k, vtime_t at, unsigned level, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* First sequence number still kept. */
uint64_t klog_first(const struct klog *k);
/* NULL: gone or not yet written. */
const struct klog_line *klog_at(const struct klog *k, uint64_t seq);

#endif
