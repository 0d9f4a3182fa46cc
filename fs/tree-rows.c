// SPDX-License-Identifier: Apache-2.0
/*
 * Rows that belong to the mount itself: links to who asks, the kernel log.
 */
#include "fs/kmsg.h"
#include "fs/tree.h"

#include <errno.h>

/* Only the daemon knows who asks. */
static int nobody(const struct view *v, struct outbuf *out)
{
	(void)v;
	(void)out;
	return -ENOENT;
}

/* All that a reader who never stopped would have read. */
static int log_show(const struct view *v, struct outbuf *out)
{
	const struct klog *k = &v->m->tasks.log;

	for (uint64_t seq = klog_first(k); seq < k->next; seq++)
		kmsg_record(k, seq, out);
	return out->error;
}

/* Its bytes are not the model's: `read P /dev/vda OFF LEN` takes the time. */
static int no_text(const struct view *v, struct outbuf *out)
{
	(void)v;
	return out->error;
}

static long no_write(const struct view *v, const char *text, size_t len)
{
	(void)v;
	(void)text;
	(void)len;
	return -EPERM;
}

static long log_store(const struct view *v, const char *text, size_t len)
{
	return kmsg_write(&v->w->m.tasks.log, machine_now(v->m), text, len);
}

const struct fsnode tree_rows_nodes[] = {
	{ .path = "dev/$disk",
	  .mode = 0660,
	  .flags = FSNODE_SIZE0 | FSNODE_BLOCK | FSNODE_OFFSET,
	  .show = no_text,
	  .store = no_write },
	{ .path = "dev/kmsg",
	  .mode = 0644,
	  .flags = FSNODE_SIZE0 | FSNODE_LOG | FSNODE_POLL,
	  .show = log_show,
	  .store = log_store },
	{ .path = "proc/.host", .mode = 0555, .flags = FSNODE_DIR },
	{ .path = "proc/self",
	  .mode = 0777,
	  .flags = FSNODE_LINK | FSNODE_SELF | FSNODE_SIZE0,
	  .show = nobody },
	{ .path = "proc/thread-self",
	  .mode = 0777,
	  .flags = FSNODE_LINK | FSNODE_SELF | FSNODE_SIZE0,
	  .show = nobody,
	  .arg = 1 },
};
const unsigned nr_tree_rows_nodes = ARRAY_SIZE(tree_rows_nodes);
