// SPDX-License-Identifier: Apache-2.0
/* What a process is called and where it belongs: fs/proc/base.c. */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <errno.h>
#include <string.h>

#define USER_TICKS 100u

/* include/uapi/linux/auxvec.h */
enum auxv_type {
	AT_NULL = 0,
	AT_PAGESZ = 6,
	AT_FLAGS = 8,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_SYSINFO_EHDR = 33,
};

static int show_comm(const struct view *v, struct outbuf *out)
{
	out_name(view_task(v)->comm, false, out);
	out_char(out, '\n');
	return 0;
}

/*
 * comm_write() lets a process name only itself; here the writer speaks for
 * it. The newline of echo is left out: scripts call the process by its comm.
 */
static long store_comm(const struct view *v, const char *text, size_t len)
{
	char comm[COMM_LEN] = "";
	size_t n = len < COMM_LEN - 1 ? len : COMM_LEN - 1;
	char *newline;
	int r;

	memcpy(comm, text, n);
	newline = strchr(comm, '\n');
	if (newline)
		*newline = '\0';
	r = machine_set_comm(&v->w->m, view_task(v)->pid, comm);
	if (r)
		return r > 0 ? -r : r;
	return (long)len;
}

static int show_cmdline(const struct view *v, struct outbuf *out)
{
	const struct task *t = view_task(v);

	if (t->mm && t->cmdline_len)
		out_bytes(out, t->cmdline, t->cmdline_len);
	return 0;
}

/* In version 1 the unified hierarchy has no controller and no groups
 * (proc_cgroup_show()). */
static int show_cgroup(const struct view *v, struct outbuf *out)
{
	out_str(out, v->m->control.v1 ? "1:memory:" : "0::");
	out_group(&v->m->control, view_task(v)->group, out);
	out_str(out, v->m->control.v1 ? "\n0::/\n" : "\n");
	return 0;
}

/* Processes of the model have no environment. */
static int show_environ(const struct view *v, struct outbuf *out)
{
	(void)v;
	(void)out;
	return 0;
}

static void put_aux(struct outbuf *out, uint64_t type, uint64_t value)
{
	unsigned char bytes[16];

	for (unsigned i = 0; i < 8; i++) {
		bytes[i] = (unsigned char)(type >> 8 * i);
		bytes[8 + i] = (unsigned char)(value >> 8 * i);
	}
	out_bytes(out, bytes, sizeof(bytes));
}

/* create_elf_tables(), as far as the model has an image. */
static int show_auxv(const struct view *v, struct outbuf *out)
{
	const struct space *s = &v->m->space;
	const struct task *t = view_task(v);
	const struct mm *mm = view_mm(v);

	if (!mm)
		return 0;
	vma_for_each (s, t->mm, id)
		if (vma_at(s, id)->name == VMA_VDSO)
			put_aux(out, AT_SYSINFO_EHDR, vma_at(s, id)->start);
	put_aux(out, AT_PAGESZ, PAGE_SIZE);
	put_aux(out, AT_CLKTCK, USER_TICKS);
	put_aux(out, AT_FLAGS, 0);
	put_aux(out, AT_ENTRY, mm->start_code);
	put_aux(out, AT_UID, t->uid);
	put_aux(out, AT_EUID, t->uid);
	put_aux(out, AT_GID, t->uid);
	put_aux(out, AT_EGID, t->uid);
	put_aux(out, AT_SECURE, 0);
	put_aux(out, AT_NULL, 0);
	return 0;
}

/* Nobody logged in: AUDIT_UID_UNSET (proc_loginuid_read()). */
static int show_unset(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_dec(out, UINT32_MAX, 0);
	return 0;
}

static int show_exe(const struct view *v, struct outbuf *out)
{
	uint32_t exe = view_task(v)->exe;
	const struct inode *inode;

	if (!view_task(v)->mm || !exe)
		return -ENOENT;
	inode = inode_at(&v->m->cache, exe);
	out_str(out, inode->path);
	if (inode->flags & INODE_UNLINKED)
		out_str(out, " (deleted)");
	return 0;
}

static int show_slash(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_char(out, '/');
	return 0;
}

/* The first of each kind, which all live in: include/uapi/linux/nsfs.h. */
static const struct {
	const char *type;
	uint32_t ino;
} namespaces[] = {
	{ "mnt", 0xeffffff8 },	  { "net", 0xeffffff9 }, { "time", 0xeffffffa },
	{ "cgroup", 0xeffffffb }, { "pid", 0xeffffffc }, { "user", 0xeffffffd },
	{ "uts", 0xeffffffe },	  { "ipc", 0xefffffff },
};

/* ns_get_name() */
static int show_ns(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%s:[%u]", namespaces[v->arg].type,
		   namespaces[v->arg].ino);
	return 0;
}

/* proc_pid_get_link() has no one to follow for these: EACCES of a stranger
 * is the tree's to give. */
#define PID_LINK(name, show_link)                                         \
	{                                                                 \
		.path = "proc/$pid/" name,                                \
		.mode = 0777,                                             \
		.flags = FSNODE_LINK | FSNODE_SIZE0,                      \
		.show = (show_link),                                      \
	},                                                                \
	{                                                                 \
		.path = "proc/$pid/task/$tid/" name, .mode = 0777,        \
		.flags = FSNODE_LINK | FSNODE_SIZE0, .show = (show_link), \
	}
#define PID_NS(name, index)                                           \
	{                                                             \
		.path = "proc/$pid/ns/" name,                         \
		.mode = 0777,                                         \
		.flags = FSNODE_LINK | FSNODE_SIZE0,                  \
		.show = show_ns,                                      \
		.arg = (index),                                       \
	},                                                            \
	{                                                             \
		.path = "proc/$pid/task/$tid/ns/" name, .mode = 0777, \
		.flags = FSNODE_LINK | FSNODE_SIZE0, .show = show_ns, \
		.arg = (index),                                       \
	}
#define PID_FOLDER(name, bits)                                       \
	{                                                            \
		.path = "proc/$pid/" name,                           \
		.mode = (bits),                                      \
		.flags = FSNODE_DIR | FSNODE_SIZE0,                  \
	},                                                           \
	{                                                            \
		.path = "proc/$pid/task/$tid/" name, .mode = (bits), \
		.flags = FSNODE_DIR | FSNODE_SIZE0,                  \
	}

const struct fsnode pid_name_nodes[] = {
	PID_FILE("comm", 0644, show_comm, store_comm),
	PID_FILE("cmdline", 0444, show_cmdline, NULL),
	PID_FILE("cgroup", 0444, show_cgroup, NULL),
	PID_FLAGGED("environ", 0400, FSNODE_SIZE0 | FSNODE_EMPTY | FSNODE_MM,
		    show_environ, NULL),
	PID_FLAGGED("auxv", 0400, FSNODE_SIZE0 | FSNODE_MM, show_auxv, NULL),
	PID_FILE("loginuid", 0644, show_unset, NULL),
	PID_FILE("sessionid", 0444, show_unset, NULL),
	PID_LINK("exe", show_exe),
	PID_LINK("cwd", show_slash),
	PID_LINK("root", show_slash),
	PID_FOLDER("fd", 0500),
	PID_FOLDER("fdinfo", 0555),
	PID_FOLDER("ns", 0511),
	PID_NS("mnt", 0),
	PID_NS("net", 1),
	PID_NS("time", 2),
	PID_NS("time_for_children", 2),
	PID_NS("cgroup", 3),
	PID_NS("pid", 4),
	PID_NS("pid_for_children", 4),
	PID_NS("user", 5),
	PID_NS("uts", 6),
	PID_NS("ipc", 7),
	{
		.path = "proc/$pid/map_files",
		.mode = 0500,
		.flags = FSNODE_DIR | FSNODE_SIZE0,
	},
};
const unsigned nr_pid_name_nodes = ARRAY_SIZE(pid_name_nodes);
