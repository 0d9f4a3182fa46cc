// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/maps: fs/proc/task_mmu.c show_map_vma(). */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <string.h>

/* seq_setwidth() of show_vma_header_prefix(): 25 + 6 * sizeof(void *) - 1 */
static size_t name_column(const struct machine *m)
{
	return m->phys.i386 ? 48 : 72;
}

/* Numbers of file systems without a disk. */
#define SHMEM_MINOR    1u
#define DEVTMPFS_MINOR 6u
#define HUGETLB_MINOR  16u

static const char *const vma_names[] = {
	[VMA_VDSO] = "[vdso]",
	[VMA_VVAR] = "[vvar]",
	[VMA_VVAR_VCLOCK] = "[vvar_vclock]",
};

uint64_t mm_text_pages(const struct mm *mm)
{
	uint64_t end = (mm->end_code + PAGE_SIZE - 1) & PAGE_MASK;

	return (end - (mm->start_code & PAGE_MASK)) >> PAGE_SHIFT;
}

const struct inode *vma_inode(const struct machine *m, const struct vma *v)
{
	if (!v->file)
		return NULL;
	return inode_at(&m->cache, file_at(&m->cache, v->file)->inode);
}

bool vma_is_heap(const struct mm *mm, const struct vma *v)
{
	return v->start < mm->brk && v->end > mm->start_brk;
}

bool vma_is_stack(const struct mm *mm, const struct vma *v)
{
	return v->start <= mm->start_stack && v->end >= mm->start_stack;
}

static void put_range(uint64_t start, uint64_t end, const char *perms,
		      uint64_t offset, struct outbuf *out)
{
	out_hex(out, start, 8);
	out_char(out, '-');
	out_hex(out, end, 8);
	out_char(out, ' ');
	out_bytes(out, perms, 4);
	out_char(out, ' ');
	out_hex(out, offset, 8);
	out_char(out, ' ');
}

/* seq_pad(): to the column, and one blank whatever the length. */
static void put_name(const struct machine *m, struct outbuf *out, size_t line,
		     const char *name)
{
	out_pad(out, line, name_column(m));
	out_char(out, ' ');
	out_str(out, name);
}

void maps_line_named(const struct machine *m, uint64_t start, uint64_t end,
		     const char *perms, const char *name, struct outbuf *out)
{
	size_t line = out->len;

	put_range(start, end, perms, 0, out);
	out_str(out, "00:00 0 ");
	put_name(m, out, line, name);
	out_char(out, '\n');
}

void maps_line_vsyscall(const struct machine *m, struct outbuf *out)
{
	maps_line_named(m, VSYSCALL_START, VSYSCALL_START + PAGE_SIZE, "--xp",
			"[vsyscall]", out);
}

static void put_device(const struct machine *m, const struct inode *inode,
		       struct outbuf *out)
{
	uint32_t major = 0, minor = SHMEM_MINOR;

	if (inode->kind == INODE_HUGETLB)
		minor = HUGETLB_MINOR;
	if (inode->kind == INODE_DEVICE)
		minor = DEVTMPFS_MINOR;
	if (inode->kind == INODE_DISK && inode->disk) {
		const struct disk *d = pool_at(&m->cache.disks, inode->disk);

		major = d->major;
		minor = d->minor;
	}
	out_hex(out, major, 2);
	out_char(out, ':');
	out_hex(out, minor, 2);
	out_char(out, ' ');
	out_dec(out, inode->ino, 0);
	out_char(out, ' ');
}

/* file_path() with mangle_path(): only a newline would break the line. */
static void put_path(const struct machine *m, const struct inode *inode,
		     size_t line, struct outbuf *out)
{
	const char *p = inode->path, *nl;

	out_pad(out, line, name_column(m));
	out_char(out, ' ');
	for (; (nl = strchr(p, '\n')); p = nl + 1) {
		out_bytes(out, p, (size_t)(nl - p));
		out_str(out, "\\012");
	}
	out_str(out, p);
	if (inode->flags & (INODE_UNLINKED | INODE_DEVZERO | INODE_SYSV))
		out_str(out, " (deleted)");
}

/* What a VMA without a file is called (get_vma_name()), NULL nothing. */
static const char *anon_name(const struct mm *mm, const struct vma *v)
{
	if (v->name != VMA_PLAIN)
		return vma_names[v->name];
	if (vma_is_heap(mm, v))
		return "[heap]";
	if (vma_is_stack(mm, v))
		return "[stack]";
	return NULL;
}

void maps_line(const struct machine *m, const struct mm *mm,
	       const struct vma *v, struct outbuf *out)
{
	const struct inode *inode = vma_inode(m, v);
	size_t line = out->len;
	const char *name;
	char perms[4] = {
		v->flags & VM_READ ? 'r' : '-',
		v->flags & VM_WRITE ? 'w' : '-',
		v->flags & VM_EXEC ? 'x' : '-',
		v->flags & VM_MAYSHARE ? 's' : 'p',
	};

	put_range(v->start, v->end, perms, inode ? v->pgoff << PAGE_SHIFT : 0,
		  out);
	if (inode) {
		put_device(m, inode, out);
		put_path(m, inode, line, out);
	} else {
		out_str(out, "00:00 0 ");
		name = anon_name(mm, v);
		if (name)
			put_name(m, out, line, name);
	}
	out_char(out, '\n');
}

static int show_maps(const struct view *v, struct outbuf *out)
{
	const struct space *s = &v->m->space;
	const struct mm *mm = view_mm(v);

	if (!mm)
		return 0;
	vma_for_each (s, view_task(v)->mm, id)
		maps_line(v->m, mm, vma_at(s, id), out);
	if (mm_has_vsyscall(v->m, mm))
		maps_line_vsyscall(v->m, out);
	return 0;
}

const struct fsnode pid_maps_nodes[] = {
	PID_FILE("maps", 0444, show_maps, NULL),
};
const unsigned nr_pid_maps_nodes = ARRAY_SIZE(pid_maps_nodes);
