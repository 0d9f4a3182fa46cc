// SPDX-License-Identifier: Apache-2.0
/*
 * Files of proc/sys/kernel and proc/sys/fs that are no knobs.
 */
#include "fs/tree.h"

#include <string.h>

enum kernel_file {
	FILE_ARCH, /* uname -m */
	FILE_OSRELEASE,
	FILE_OSTYPE,
	FILE_VERSION,
	FILE_CAP,
	FILE_NGROUPS,
	FILE_ENTROPY
};

static int kernel_show(const struct view *v, struct outbuf *out)
{
	static const char *const text[] = {
		[FILE_OSTYPE] = "Linux",
		[FILE_VERSION] = "#1 SMP PREEMPT_DYNAMIC @0",
		[FILE_CAP] = "40",
		[FILE_NGROUPS] = "65536",
		[FILE_ENTROPY] = "256",
	};

	if (v->arg == FILE_OSRELEASE)
		out_str(out, v->m->kernel);
	else if (v->arg == FILE_ARCH)
		out_str(out, v->m->phys.i386 ? "i686" : "x86_64");
	else
		out_str(out, text[v->arg]);
	out_char(out, '\n');
	return 0;
}

/* nr_files and its limit (proc_nr_files()). */
static int file_nr_show(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\t0\t%llu\n", v->m->cache.files.used,
		   (unsigned long long)v->m->sysctl.file_max);
	return 0;
}

static uint64_t objects(const struct view *v, const char *name)
{
	const struct pool *caches = &v->m->kmem.caches;

	for (uint32_t id = 1; id <= caches->top; id++) {
		const struct kmem_cache *c = pool_at(caches, id);

		if (!strcmp(c->name, name))
			return c->nr_objects;
	}
	return 0;
}

static uint64_t inodes(const struct view *v)
{
	return objects(v, "inode_cache") + objects(v, "ext4_inode_cache") +
	       objects(v, "shmem_inode_cache") +
	       objects(v, "proc_inode_cache") + objects(v, "sock_inode_cache");
}

static int dentry_state_show(const struct view *v, struct outbuf *out)
{
	struct dcache_count n;

	dcache_count(&v->m->cache, &n);
	out_printf(out, "%llu\t%llu\t45\t0\t%llu\t0\n",
		   (unsigned long long)objects(v, "dentry"),
		   (unsigned long long)n.dentries,
		   (unsigned long long)n.negative);
	return 0;
}

static int inode_show(const struct view *v, struct outbuf *out)
{
	struct dcache_count n;

	dcache_count(&v->m->cache, &n);
	out_printf(out, "%llu\t%llu%s\n", (unsigned long long)inodes(v),
		   (unsigned long long)n.inodes,
		   v->arg ? "\t0\t0\t0\t0\t0" : "");
	return 0;
}

static int aio_show(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "0\n");
	return 0;
}

#define KERNEL(name, which)                                    \
	{                                                      \
		.path = "proc/sys/kernel/" name, .mode = 0444, \
		.show = kernel_show, .arg = which              \
	}

const struct fsnode sys_kernel_nodes[] = {
	{ .path = "proc/sys/fs/aio-nr", .mode = 0444, .show = aio_show },
	{ .path = "proc/sys/fs/dentry-state",
	  .mode = 0444,
	  .show = dentry_state_show },
	{ .path = "proc/sys/fs/file-nr", .mode = 0444, .show = file_nr_show },
	{ .path = "proc/sys/fs/inode-nr", .mode = 0444, .show = inode_show },
	{ .path = "proc/sys/fs/inode-state",
	  .mode = 0444,
	  .show = inode_show,
	  .arg = 1 },
	KERNEL("arch", FILE_ARCH),
	KERNEL("cap_last_cap", FILE_CAP),
	KERNEL("ngroups_max", FILE_NGROUPS),
	KERNEL("osrelease", FILE_OSRELEASE),
	KERNEL("ostype", FILE_OSTYPE),
	KERNEL("random/entropy_avail", FILE_ENTROPY),
	KERNEL("version", FILE_VERSION),
};
const unsigned nr_sys_kernel_nodes = ARRAY_SIZE(sys_kernel_nodes);
