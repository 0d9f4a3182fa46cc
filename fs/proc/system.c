// SPDX-License-Identifier: Apache-2.0
/* Files of /proc that say what the kernel is and has: fs/proc/version.c,
 * cmdline.c, devices.c, filesystems.c; kernel/cgroup/cgroup-v1.c. */
#include "fs/proc/proc-nodes.h"
#include "vmcore/cache/device.h"

#include <string.h>

static int show_version(const struct view *v, struct outbuf *out)
{
	out_printf(out,
		   "Linux version %s (fauxproc@%s) (cc, ld) "
		   "#1 SMP PREEMPT_DYNAMIC @0\n",
		   v->m->kernel, v->m->hostname);
	return out->error;
}

static const struct disk *root_disk(const struct machine *m)
{
	for (uint32_t id = 1; id <= m->cache.disks.top; id++) {
		const struct disk *d = pool_at(&m->cache.disks, id);

		if (strcmp(d->mount, "/") == 0)
			return d;
	}
	return NULL;
}

/* What a boot loader would have said to start this machine. */
static int show_cmdline(const struct view *v, struct outbuf *out)
{
	const struct disk *root = root_disk(v->m);

	if (root)
		out_printf(out, "root=/dev/%s rw", root->name);
	else
		out_str(out, "root=tmpfs rw");
	if (!v->m->pcid && !v->m->phys.i386)
		out_str(out, " nopcid");
	out_char(out, '\n');
	return out->error;
}

static const struct {
	const char *name;
	bool on_disk;
} filesystems[] = {
	{ "sysfs", false },    { "tmpfs", false },     { "bdev", false },
	{ "proc", false },     { "cgroup", false },    { "cgroup2", false },
	{ "devtmpfs", false }, { "sockfs", false },    { "pipefs", false },
	{ "ramfs", false },    { "hugetlbfs", false }, { "devpts", false },
	{ "ext3", true },      { "ext2", true },       { "ext4", true },
	{ "mqueue", false },
};

static int show_filesystems(const struct view *v, struct outbuf *out)
{
	(void)v;
	for (size_t i = 0; i < ARRAY_SIZE(filesystems); i++)
		out_printf(out, "%s\t%s\n",
			   filesystems[i].on_disk ? "" : "nodev",
			   filesystems[i].name);
	return out->error;
}

struct device {
	unsigned major;
	const char *name;
};
static const struct device characters[] = {
	{ 1, "mem" },
	{ 4, "/dev/vc/0" },
	{ 4, "tty" },
	{ 5, "/dev/tty" },
	{ 5, "/dev/console" },
	{ 5, "/dev/ptmx" },
	{ 7, "vcs" },
	{ 10, "misc" },
	{ 128, "ptm" },
	{ 136, "pts" },
	{ DEVICE_MAJOR, DEVICE_NAME },
};
/* Who registers a block major; a disk of another major is its own driver. */
static const struct device drivers[] = {
	{ 3, "ide0" },	    { 7, "loop" },	{ 8, "sd" },
	{ 253, "virtblk" }, { 254, "virtblk" }, { 259, "blkext" },
};

static const char *driver_name(const struct disk *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (drivers[i].major == d->major)
			return drivers[i].name;
	return d->name;
}

/* The disk with the lowest major of at least @from, NULL when none is left. */
static const struct disk *next_major(const struct cache *c, uint32_t from)
{
	const struct disk *best = NULL;

	for (uint32_t id = 1; id <= c->disks.top; id++) {
		const struct disk *d = pool_at(&c->disks, id);

		if (d->major >= from && (!best || d->major < best->major))
			best = d;
	}
	return best;
}

static int show_devices(const struct view *v, struct outbuf *out)
{
	const struct cache *c = &v->m->cache;
	const struct disk *d = next_major(c, 0);

	out_str(out, "Character devices:\n");
	for (size_t i = 0; i < ARRAY_SIZE(characters); i++)
		out_printf(out, "%3u %s\n", characters[i].major,
			   characters[i].name);
	out_str(out, "\nBlock devices:\n");
	for (; d; d = next_major(c, d->major + 1))
		out_printf(out, "%3u %s\n", d->major, driver_name(d));
	return out->error;
}

/* Memory is the one controller: on the unified hierarchy, or the first. */
static int show_cgroups(const struct view *v, struct outbuf *out)
{
	out_str(out, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	out_printf(out, "memory\t%u\t%u\t1\n", v->m->control.v1,
		   v->m->control.groups.used);
	return out->error;
}

static int show_locks(const struct view *v, struct outbuf *out)
{
	(void)v;
	return out->error;
}

/* The machine has no network; in a world these are the real interfaces. */
static int link_net(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "self/net");
	return out->error;
}

static int link_mounts(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "self/mounts");
	return out->error;
}

/* Each line of a record is stamped: record_print_text(). */
static void out_record(const struct klog *log, const struct klog_line *line,
		       struct outbuf *out)
{
	const char *text = klog_text(log, line), *end = text + line->len;

	while (text <= end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		out_printf(
			out, "<%u>[%5llu.%06llu] ", line->level,
			(unsigned long long)(line->at / 1000000000u),
			(unsigned long long)(line->at % 1000000000u / 1000u));
		if (!stop)
			stop = end;
		out_bytes(out, text, (size_t)(stop - text));
		out_char(out, '\n');
		text = stop + 1;
	}
}

/* "<6>[    0.000000] text": what a reader of the log device gets. */
static int show_kmsg(const struct view *v, struct outbuf *out)
{
	const struct klog *log = &v->m->tasks.log;

	for (uint64_t seq = klog_first(log); seq < log->next; seq++) {
		const struct klog_line *line = klog_at(log, seq);

		if (line)
			out_record(log, line, out);
	}
	return out->error;
}

const struct fsnode proc_system_nodes[] = {
	{ .path = "proc/cgroups", .mode = 0444, .show = show_cgroups },
	{ .path = "proc/cmdline", .mode = 0444, .show = show_cmdline },
	{ .path = "proc/devices", .mode = 0444, .show = show_devices },
	{ .path = "proc/filesystems", .mode = 0444, .show = show_filesystems },
	{ .path = "proc/kmsg", .mode = 0400, .show = show_kmsg },
	{ .path = "proc/locks", .mode = 0444, .show = show_locks },
	{ .path = "proc/mounts",
	  .mode = 0777,
	  .flags = FSNODE_LINK,
	  .show = link_mounts },
	{ .path = "proc/net",
	  .mode = 0777,
	  .flags = FSNODE_LINK,
	  .show = link_net },
	{ .path = "proc/version", .mode = 0444, .show = show_version },
};
NODES_COUNT(proc_system);
