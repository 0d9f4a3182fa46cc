// SPDX-License-Identifier: Apache-2.0
/* /proc/sysvipc: ipc/shm.c, sysvipc_shm_proc_show(); ipc/{msg,sem}.c. */
#include "fs/proc/proc-nodes.h"

#include <stdlib.h>
#include <string.h>

#define SHM_PERMS   0600
#define SHM_DEST    01000 /* removed, and somebody is still attached */
#define SYSV_PREFIX "/SYSV"

typedef unsigned long long ull;

static uint64_t wall_s(const struct machine *m, vtime_t at)
{
	return at ? m->btime + at / 1000000000u : 0;
}

/* The key stands in the name that maps shows: /SYSV0000abcd. */
static int32_t shm_key(const struct inode *inode, const struct shm *s)
{
	size_t len = strlen(SYSV_PREFIX);

	if (s->removed || strncmp(inode->path, SYSV_PREFIX, len) != 0)
		return 0;
	return (int32_t)strtoul(inode->path + len, NULL, 16);
}

static void show_segment(const struct machine *m, uint32_t id,
			 struct outbuf *out)
{
	const struct shm *s = pool_at(&m->tasks.shms, id);
	const struct inode *inode = inode_at(&m->cache, s->inode);
	unsigned perms = SHM_PERMS | (s->removed ? SHM_DEST : 0u);
	uint64_t rss = inode->nr_cached;

	if (inode->kind == INODE_HUGETLB)
		rss = hugetlb_cached(&m->cache, s->inode);

	out_printf(out, "%10d %10u  %4o %21llu %5u %5u  %5u", shm_key(inode, s),
		   s->id, perms, (ull)s->size, s->cpid, s->lpid,
		   shm_attached(&m->tasks, id));
	out_printf(out, " %5u %5u %5u %5u", s->uid, s->uid, s->uid, s->uid);
	out_printf(out, " %10llu %10llu %10llu", (ull)wall_s(m, s->atime),
		   (ull)wall_s(m, s->dtime),
		   (ull)(m->btime + s->ctime / 1000000000u));
	out_printf(out, " %21llu %21llu\n", (ull)rss << PAGE_SHIFT,
		   (ull)inode->swapped << PAGE_SHIFT);
}

static int show_shm(const struct view *v, struct outbuf *out)
{
	const struct tasks *t = &v->m->tasks;

	out_str(out, "       key      shmid perms                  size  cpid"
		     "  lpid nattch   uid   gid  cuid  cgid      atime"
		     "      dtime      ctime                   rss"
		     "                  swap\n");
	for (uint32_t id = t->shm_first; id;) {
		show_segment(v->m, id, out);
		id = ((const struct shm *)pool_at(&t->shms, id))->next;
	}
	return out->error;
}

static int show_msg(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "       key      msqid perms      cbytes       qnum lspid"
		     " lrpid   uid   gid  cuid  cgid      stime      rtime"
		     "      ctime\n");
	return out->error;
}

static int show_sem(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "       key      semid perms      nsems   uid   gid  cuid"
		     "  cgid      otime      ctime\n");
	return out->error;
}

const struct fsnode proc_sysvipc_nodes[] = {
	{ .path = "proc/sysvipc/msg", .mode = 0444, .show = show_msg },
	{ .path = "proc/sysvipc/sem", .mode = 0444, .show = show_sem },
	{ .path = "proc/sysvipc/shm", .mode = 0444, .show = show_shm },
};
NODES_COUNT(proc_sysvipc);
