/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_KMSG_H
#define FS_KMSG_H

#include "fs/outbuf.h"
#include "vmcore/base/klog.h"

/*
 * DOC: the text of dev/kmsg.
 *
 * Models:  kernel/printk/printk.c info_print_ext_header(),
 *          msg_print_ext_body(), devkmsg_write() of 6.18.
 * Owns:    nothing.
 * Units:   stamps are printed in microseconds.
 * Order:   by sequence number.
 * Omits:   facilities, continuation lines, dictionaries.
 */

/* Append record @seq, "LEVEL,SEQ,USEC,-;TEXT\n"; nothing if it is gone. */
void kmsg_record(const struct klog *k, uint64_t seq, struct outbuf *out);
/* A line written from outside, "<LEVEL>TEXT" or "TEXT". @len or -EINVAL. */
long kmsg_write(struct klog *k, vtime_t now, const char *text, size_t len);

#endif
