// SPDX-License-Identifier: Apache-2.0
/* What is said of an operation that is done, or failed. */
#include "fs/session-inner.h"

#include <errno.h>
#include <string.h>

/* --- replies ---------------------------------------------------------------
 */
static const char *signal_name(uint32_t number)
{
	static const struct {
		uint32_t number;
		const char *name;
	} signals[] = {
		{ 1, "SIGHUP" },   { 2, "SIGINT" },   { 3, "SIGQUIT" },
		{ 6, "SIGABRT" },  { 7, "SIGBUS" },   { 9, "SIGKILL" },
		{ 11, "SIGSEGV" }, { 15, "SIGTERM" },
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "by a signal";
}

void reply_faults(struct session *s)
{
	const struct op_result *r = &s->result;

	if (!(s->now.op_flags & OPF_PROCESS) || s->now.async)
		return;
	out_str(&s->replies, " minflt ");
	out_dec(&s->replies, r->minflt, 0);
	out_str(&s->replies, " majflt ");
	out_dec(&s->replies, r->majflt, 0);
	if (r->killed)
		out_printf(&s->replies, " killed %s", signal_name(r->killed));
}

enum form { FORM_OK, FORM_PID, FORM_SHMID, FORM_RANGE };

static const uint8_t forms[NR_OPS] = {
	[OP_CLIENT] = FORM_PID,	  [OP_SPAWN] = FORM_PID,
	[OP_FORK] = FORM_PID,	  [OP_VFORK] = FORM_PID,
	[OP_CLONE] = FORM_PID,	  [OP_SHMGET] = FORM_SHMID,
	[OP_MMAP] = FORM_RANGE,	  [OP_BRK] = FORM_RANGE,
	[OP_MREMAP] = FORM_RANGE, [OP_SHMAT] = FORM_RANGE,
	[OP_MALLOC] = FORM_RANGE,
};

static void reply_range(struct outbuf *o, const struct script_line *l,
			const uint64_t range[2])
{
	out_str(o, l->who);
	out_char(o, '/');
	out_str(o, l->op.region[0] ? l->op.region : "heap");
	out_char(o, ' ');
	out_hex(o, range[0], 1);
	out_char(o, '-');
	out_hex(o, range[1], 1);
}

void reply_op(struct session *s)
{
	const struct op *op = &s->now.op;
	const uint64_t *ret = s->result.ret;
	struct outbuf *o = &s->replies;
	enum form form = forms[op->code];

	/* Killed before there was a result. */
	if (s->result.killed && !ret[0] && !ret[1])
		form = FORM_OK;
	if (form == FORM_RANGE) {
		reply_range(o, &s->now, ret);
	} else if (form == FORM_OK) {
		out_str(o, "ok");
	} else {
		out_str(o, form == FORM_PID ? op->name : op->text);
		out_str(o, form == FORM_PID ? " pid " : " shmid ");
		out_dec(o, ret[0], 0);
	}
	reply_faults(s);
	out_char(o, '\n');
}

/* --- failures --------------------------------------------------------------
 */
/* @P process, @R region, @Q second region, @F path or key, @N new name */
struct reason {
	uint32_t op; /* NR_OPS: any */
	int error;
	const char *text;
};

static const struct reason reasons[] = {
	{ NR_OPS, ENOTRECOVERABLE,
	  "the kernel has panicked, see dev/kmsg; reset or load" },
	{ OP_SPAWN, EEXIST, "a process '@N' lives already, take another name" },
	{ OP_FORK, EEXIST, "a process '@N' lives already, take another name" },
	{ OP_VFORK, EEXIST, "a process '@N' lives already, take another name" },
	{ OP_CLONE, EEXIST, "a process '@N' lives already, take another name" },
	{ OP_MMAP, EACCES,
	  "'@F' may not be mapped so, look at prot= and shared" },
	{ OP_MMAP, EINVAL,
	  "the size, off= or fixed= is wrong: sizes above 0, whole pages; hugetlb= one that has a pool; remap=pfn is for shared" },
	{ OP_MMAP, ENOMEM,
	  "no room: see Committed_AS in proc/meminfo and model/PID/vmas" },
	{ OP_MMAP, EAGAIN, "more would be locked than RLIMIT_MEMLOCK allows" },
	{ OP_BRK, ENOMEM,
	  "the heap cannot go there: see Committed_AS and model/PID/vmas" },
	{ OP_MALLOC, ENOMEM,
	  "no room: see Committed_AS in proc/meminfo and model/PID/vmas" },
	{ OP_FREE, EINVAL, "'@R' is not what malloc gave" },
	{ OP_MREMAP, ENOMEM, "no room for it: see model/PID/vmas" },
	{ OP_MREMAP, EFAULT,
	  "'@R' is not mapped as one piece any more, or a driver's" },
	{ OP_MPROTECT, ENOMEM, "part of the range is not mapped" },
	{ OP_MPROTECT, EACCES, "its file may not be written" },
	{ OP_MADVISE, ENOMEM, "part of the range is not mapped" },
	{ OP_MADVISE, EINVAL, "the advice does not fit this mapping" },
	{ OP_MADVISE, EFAULT, "a page of the range cannot be made present" },
	{ OP_MADVISE, EBADF, "the mapping has no file" },
	{ OP_MLOCK, ENOMEM,
	  "part of the range is not mapped, or RLIMIT_MEMLOCK is reached" },
	{ OP_MUNLOCK, ENOMEM, "part of the range is not mapped" },
	{ OP_MLOCKALL, EINVAL, "say current, future or both" },
	{ OP_VFREE, EINVAL, "no vmalloc area '@R'" },
	{ OP_KFREE, EINVAL, "kmalloc gave nothing called '@R'" },
	{ OP_SLABFREE, EINVAL, "no objects called '@R', or STRIDE is 0" },
	{ OP_FREE_PAGES, EINVAL, "no pages called '@R', or STRIDE is 0" },
	{ OP_SLAB, EINVAL, "no cache '@Q', see /proc/slabinfo; or COUNT is 0" },
	{ OP_KMALLOC, EINVAL, "SIZE is 0 or above 4M" },
	{ OP_VMALLOC, EINVAL, "SIZE is 0" },
	{ OP_ALLOC_PAGES, EINVAL, "ORDER is above 10 or COUNT is 0" },
	{ OP_INJECT, EINVAL,
	  "no zone (0/Normal), list (0/active_file) or event (pgfault) '@Q'; nr_... are no events" },
	{ OP_INJECT, ENOMEM,
	  "'@Q' cannot have that many pages: see proc/zoneinfo for what is free above the high watermarks" },
	{ OP_CPU, EINVAL, "this machine has no such CPU" },
	{ OP_MIGRATEPAGES, EINVAL, "this machine has no such node" },
	{ OP_MOVEPAGES, ENODEV, "this machine has no such node" },
	{ OP_MEMPOLICY, EINVAL,
	  "MASK has no node with memory, or the policy takes no MASK, or not these options" },
	{ OP_MBIND, EINVAL,
	  "MASK has no node with memory, or the policy takes no MASK, or not these options" },
	{ OP_SHMAT, EINVAL, "no segment '@F', shmget it first" },
	{ OP_SHMAT, EIDRM, "the segment '@F' was removed" },
	{ OP_SHMGET, EINVAL, "the size is 0, above shmmax or the segment's" },
	{ OP_SHMGET, ENOSPC, "shmmni or shmall is reached" },
	{ OP_SHMRM, EINVAL, "no segment '@F'" },
	{ OP_RM, ENOENT, "no file '@F'" },
	{ OP_CGROUP, ENOENT, "no group above '@F', make it first" },
	{ OP_CGROUP, EBUSY, "groups below '@F' have the controller" },
	{ OP_MKCGROUP, ENOENT, "no group above '@F', make it first" },
	{ OP_MKCGROUP, EEXIST, "there is a '@F'" },
	{ OP_RMCGROUP, ENOENT, "no group '@F'" },
	{ OP_RMCGROUP, EBUSY, "'@F' has processes or groups" },
	{ NR_OPS, ENOENT, "no file '@F', mkfile it first" },
	{ NR_OPS, EISDIR, "'@F' is a folder" },
	{ NR_OPS, EBADF, "'@F' is not open for that" },
	{ NR_OPS, ENOSPC, "its disk is full" },
	{ NR_OPS, EFBIG, "the file would be too large" },
	{ NR_OPS, ESRCH, "no process '@P' that runs programs" },
	{ NR_OPS, EAGAIN, "no pid or no lock limit left, see pid_max" },
	{ NR_OPS, ENOMEM, "the machine has no memory for it" },
	{ NR_OPS, EINTR, "it was interrupted" },
	{ NR_OPS, EINVAL, "the arguments do not fit together" },
	{ NR_OPS, EPERM, "it is not allowed" },
	{ NR_OPS, EACCES, "it is not allowed" },
	{ NR_OPS, EBUSY, "it is in use" },
	{ NR_OPS, EDEADLK,
	  "process '@P' is frozen: write 0 to cgroup.freeze of its group" },
	{ NR_OPS, EEXIST, "it exists already" },
	{ NR_OPS, EFAULT, "an address that is not mapped" },
};

static void expand(struct session *s, const char *text)
{
	const struct op *op = &s->now.op;

	for (; *text; text++) {
		if (*text != '@') {
			out_char(&s->why, *text);
			continue;
		}
		switch (*++text) {
		case 'P':
			out_str(&s->why, s->now.who);
			break;
		case 'R':
			out_str(&s->why, op->region);
			break;
		case 'Q':
			out_str(&s->why, op->region2);
			break;
		case 'N':
			out_str(&s->why, op->name);
			break;
		default:
			out_str(&s->why, op->text);
		}
	}
}

/* An EINVAL for a name that means nothing is told as that. */
static const char *unknown_region(const struct session *s)
{
	const struct tasks *t = &s->world->m.tasks;
	const struct op *op = &s->now.op;
	uint32_t id = s->pid ? task_find(t, s->pid) : 0;
	uint32_t mm = id ? task_at(t, id)->mm : 0;

	if (!mm)
		return NULL;
	if (op->code == OP_MMAP)
		return op->flags & OPX_FIXED && !region_find(t, mm, op->region2)
			       ? "@P has no region '@Q', see model/PID/regions"
			       : NULL;
	if (!op->region[0] || op->code == OP_SHMAT || op->code == OP_MALLOC ||
	    region_find(t, mm, op->region))
		return NULL;
	return "@P has no region '@R', see model/PID/regions";
}

void explain_op(struct session *s, int error)
{
	uint32_t code = s->now.op.code;
	const char *text = error == EINVAL ? unknown_region(s) : NULL;

	if (error == ENOSYS) {
		session_bad(s, error, "this machine has no %s",
			    script_op_word(code));
		return;
	}
	for (size_t i = 0; !text && i < sizeof(reasons) / sizeof(reasons[0]);
	     i++)
		if (reasons[i].error == error &&
		    (reasons[i].op == code || reasons[i].op == NR_OPS))
			text = reasons[i].text;
	expand(s, text ? text : "it was refused");
}
