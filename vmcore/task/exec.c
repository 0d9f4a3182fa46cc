// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"
#include "vmcore/task/exec.h"
#include "vmcore/task/layout.h"
#include "vmcore/task/sched.h"

#define STACK_BYTES (132u << 10)

static uint64_t align(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & PAGE_MASK;
}

struct image {
	struct tasks *t;
	struct ctx *ctx;
	uint32_t mm;
	struct layout layout;
};

/* One mapping of the image, named @region if given. */
static int map(const struct image *im, const struct mmap_args *args,
	       const char *region, uint64_t *ret_addr)
{
	uint64_t at = 0;
	int r = memory_mmap(im->t->memory, im->ctx, im->mm, args, &at);

	if (!r && region)
		r = region_set(im->t, im->mm, region, at,
			       at + align(args->len));
	if (!r && ret_addr)
		*ret_addr = at;
	return r;
}

static uint64_t head_bytes(const struct image *im)
{
	return im->layout.separate ? PAGE_SIZE : 0;
}

/* Segments of one ELF file from @at on (0: top-down): r--, r-x, r--, rw-;
 * without the first if the headers are part of the text. */
static int map_elf(const struct image *im, uint32_t file, uint64_t at,
		   uint64_t text, uint64_t data, bool program)
{
	const uint64_t head = head_bytes(im), rodata = align(text / 4);
	const uint64_t len[4] = { head, align(text), rodata, align(data) };
	static const uint32_t prot[4] = { VM_READ, VM_READ | VM_EXEC, VM_READ,
					  VM_READ | VM_WRITE };
	static const char *const names[4] = { NULL, "text", "rodata", "data" };
	struct mmap_args a = { .file = file };
	uint64_t off = 0;
	int r = 0;

	if (!at)
		at = memory_unmapped_area(im->t->memory, im->mm, file, false, 0,
					  len[0] + len[1] + len[2] + len[3]);
	if (at == UINT64_MAX)
		return ENOMEM;
	for (unsigned i = 0; i < 4 && !r; i++) {
		a.flags = MAP_FIXED;
		a.addr = at + off;
		a.len = len[i];
		a.prot = prot[i];
		a.pgoff = off >> PAGE_SHIFT;
		if (a.len)
			r = map(im, &a, program ? names[i] : NULL, NULL);
		off += len[i];
	}
	return r;
}

#define VVAR_FLAGS (VM_READ | VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP)

static int map_vdso(const struct image *im)
{
	static const struct {
		uint64_t len;
		uint32_t flags, denied, name;
		const char *region;
	} parts[] = {
		{ 4 * PAGE_SIZE, VVAR_FLAGS, VM_MAYWRITE | VM_MAYEXEC, VMA_VVAR,
		  "vvar" },
		{ 2 * PAGE_SIZE, VVAR_FLAGS, VM_MAYWRITE | VM_MAYEXEC,
		  VMA_VVAR_VCLOCK, NULL },
		{ 2 * PAGE_SIZE, VM_READ | VM_EXEC | VM_DONTEXPAND, 0, VMA_VDSO,
		  "vdso" },
	};
	uint64_t at = memory_unmapped_area(im->t->memory, im->mm, 0, false, 0,
					   8 * PAGE_SIZE);
	int r = at == UINT64_MAX ? ENOMEM : 0;

	for (unsigned i = 0; i < 3 && !r; i++) {
		struct mmap_args a = { .addr = at,
				       .len = parts[i].len,
				       .flags = MAP_FIXED,
				       .prot = parts[i].flags,
				       .denied = parts[i].denied,
				       .name = parts[i].name };

		r = map(im, &a, parts[i].region, NULL);
		at += a.len;
	}
	return r;
}

static int map_stack(const struct image *im, uint64_t top, uint64_t bytes)
{
	struct mmap_args a = { .addr = top - bytes,
			       .len = bytes,
			       .prot = VM_READ | VM_WRITE,
			       .flags = MAP_FIXED | MAP_STACK_GROWS };

	return map(im, &a, "stack", NULL);
}

/* Text, data, bss and where the heap starts. */
static int map_program(const struct image *im, uint32_t task,
		       const struct exec_image *e)
{
	const struct layout *l = &im->layout;
	struct mm *mm = mm_at(im->t->space, im->mm);
	uint64_t bss = align(e->bss), end;
	uint32_t file;
	int r = task_open(im->t, im->ctx, task, e->path, &file);

	if (!r)
		r = map_elf(im, file, l->load, e->text, e->data, true);
	end = l->load + head_bytes(im) + align(e->text) + align(e->text / 4) +
	      align(e->data);
	if (!r && bss) {
		struct mmap_args a = { .addr = end,
				       .len = bss,
				       .prot = VM_READ | VM_WRITE,
				       .flags = MAP_FIXED };

		r = map(im, &a, "bss", NULL);
	}
	mm->start_code = l->load + head_bytes(im);
	mm->end_code = mm->start_code + e->text;
	mm->start_data = end - align(e->data);
	mm->end_data = mm->start_data + e->data;
	mm->start_brk = mm->brk = end + bss + l->brk;
	return r;
}

/* The kernel maps the loader; the loader maps the other libraries. */
static bool is_loader(const char *path)
{
	const char *name = strrchr(path, '/');

	return !strncmp(name ? name + 1 : path, "ld-", 3);
}

static int map_libs(const struct image *im, uint32_t task,
		    const struct exec_image *e, bool loader)
{
	const struct cache *c = im->t->space->cache;
	int r = 0;

	for (unsigned i = 0; i < e->nr_libs && !r; i++) {
		uint64_t size;
		uint32_t file;

		if (is_loader(e->libs[i]) != loader)
			continue;
		r = task_open(im->t, im->ctx, task, e->libs[i], &file);
		if (r)
			break;
		size = inode_at(c, file_at(c, file)->inode)->size;
		r = map_elf(im, file, 0, size * 2 / 3 & PAGE_MASK, size / 32,
			    false);
	}
	return r;
}

int exec_image(struct tasks *t, struct ctx *ctx, uint32_t task,
	       const struct exec_image *e, uint32_t *ret_mm)
{
	struct image im = { .t = t, .ctx = ctx };
	uint64_t top;
	struct mm *mm;
	int r = mm_new(t->space, ctx, &im.mm);

	if (r)
		return r;
	mm = mm_at(t->space, im.mm);
	if (t->spawn_full) {
		im.layout = layout_draw(t->space, mm);
		top = im.layout.stack_top;
		mm->mmap_base = im.layout.mmap_base;
		mm->legacy = t->space->legacy_va_layout != 0;
		r = map_stack(&im, top,
			      e->stack ? align(e->stack) : STACK_BYTES);
		mm->start_stack = top - 0x520;
		mm->arg_start = top - 0x400;
		mm->arg_end = mm->arg_start + task_at(t, task)->cmdline_len;
		mm->env_start = mm->arg_end;
		mm->env_end = top - 8;
		if (!r)
			r = map_program(&im, task, e);
		if (!r)
			r = map_libs(&im, task, e, true);
		if (!r)
			r = map_vdso(&im);
		if (!r)
			r = map_libs(&im, task, e, false);
	} else {
		r = mm_make_bare(t->space, ctx, im.mm);
	}
	if (r) {
		region_free_all(t, im.mm);
		mm_free(t->space, ctx, im.mm);
		return r;
	}
	*ret_mm = im.mm;
	return 0;
}

/* A program's file, made when it is first asked for. */
static int program_file(struct tasks *t, struct ctx *ctx,
			const struct exec_image *e)
{
	uint64_t size = PAGE_SIZE + align(e->text) + align(e->text / 4) +
			align(e->data);
	uint32_t inode;

	if (inode_find(t->space->cache, e->path))
		return 0;
	return inode_make(t->space->cache, ctx, e->path, size, &inode);
}

void exec_defaults(const struct tasks *t, struct exec_image *e,
		   const char *name)
{
	static const char folder[] = "/usr/bin/";
	const struct program_row *row = program_row(t->space->paging.kind);

	memset(e, 0, sizeof(*e));
	memcpy(e->path, folder, sizeof(folder));
	strncpy(e->path + sizeof(folder) - 1, name,
		sizeof(e->path) - sizeof(folder));
	e->text = 1u << 20;
	e->data = 256u << 10;
	e->bss = 64u << 10;
	e->nr_libs = 2;
	for (unsigned i = 0; i < 2; i++)
		strncpy(e->libs[i], row->libs[i], sizeof(e->libs[i]) - 1);
}

int exec_files(struct tasks *t, struct ctx *ctx, const struct exec_image *e)
{
	int r = t->spawn_full ? program_file(t, ctx, e) : 0;

	for (unsigned i = 0; i < e->nr_libs && !r && t->spawn_full; i++) {
		uint32_t inode;

		if (inode_find(t->space->cache, e->libs[i]))
			continue;
		r = inode_make(t->space->cache, ctx, e->libs[i],
			       i ? 220u << 10 : 1900u << 10, &inode);
	}
	return r;
}

/* The program's file is kept as long as it runs. */
static int exec_set(struct tasks *t, struct ctx *ctx, uint32_t task,
		    uint32_t mm, const struct exec_image *e)
{
	struct task *p = task_at(t, task);
	uint32_t file = 0;
	int r = 0;

	if (t->spawn_full)
		r = task_open(t, ctx, task, e->path, &file);
	if (r)
		return r;
	if (file)
		file_get(t->space->cache, file);
	if (p->exe_file)
		file_put(t->space->cache, ctx, p->exe_file);
	p->exe_file = file;
	p->exe = file ? file_at(t->space->cache, file)->inode : 0;
	p->mm = mm;
	p->vforked = 0;
	return 0;
}

int task_image(struct tasks *t, struct ctx *ctx, uint32_t task)
{
	struct exec_image e;

	exec_defaults(t, &e, task_at(t, task)->name);
	return exec_new(t, ctx, task, &e);
}

int exec_new(struct tasks *t, struct ctx *ctx, uint32_t task,
	     const struct exec_image *e)
{
	uint32_t mm;
	int r = exec_files(t, ctx, e);

	if (!r)
		r = exec_image(t, ctx, task, e, &mm);
	return r ? r : exec_set(t, ctx, task, mm, e);
}

/* --- a program's start ------------------------------------------------------
 */
#define WINDOW	   (16u * PAGE_SIZE) /* what one fault of a file maps at most */
#define STACK_USED (2u * PAGE_SIZE)

/* The next address in @v from @at on that the program uses at its start, and
 * how; UINT64_MAX: none. */
static uint64_t start_address(const struct vma *v, uint64_t at,
			      uint32_t *ret_flags)
{
	*ret_flags = 0;
	if (at < v->start)
		at = v->start;
	if (v->name != VMA_PLAIN || !(v->flags & VM_ACCESS))
		return UINT64_MAX;
	if (v->flags & VM_WRITE) {
		*ret_flags = FAULT_FLAG_WRITE;
		if (v->flags & VM_GROWSDOWN && at < v->end - STACK_USED)
			at = v->end - STACK_USED;
	} else {
		if (v->flags & VM_EXEC)
			*ret_flags = FAULT_FLAG_EXEC;
		if (at > v->start)
			at = (at + WINDOW - 1) & ~(uint64_t)(WINDOW - 1);
	}
	return at < v->end ? at : UINT64_MAX;
}

int exec_start(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct task *task = actor_task(t, a);
	uint32_t id = vma_find(t->space, task->mm, a->pos), flags;
	struct fault_result f;
	uint64_t at;
	int r;

	if (!id)
		return 0;
	at = start_address(vma_at(t->space, id), a->pos, &flags);
	if (at == UINT64_MAX) {
		a->pos = vma_at(t->space, id)->end;
		return STEP_MORE;
	}
	r = memory_access(t->memory, ctx, task->mm, at, flags | actor_tried(a),
			  CONTENT_OWN, &f);
	if (r)
		return r;
	a->pos = at + PAGE_SIZE;
	actor_fault(t, a, &f);
	return STEP_MORE;
}

/* cursor[0]: the new image is there and starts up. exec's text=, data= and
 * bss= stand in size, off and len. */
int op_exec(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct task *task = actor_task(t, a);
	uint32_t old = task->mm;
	struct exec_image e;
	int r;

	if (a->cursor[0])
		return exec_start(t, ctx, a);
	exec_defaults(t, &e, a->op.name);
	if (a->op.size)
		e.text = a->op.size;
	if (a->op.off)
		e.data = a->op.off;
	if (a->op.len)
		e.bss = a->op.len;
	r = exec_new(t, ctx, a->task, &e);
	if (r)
		return r;
	snprintf(task->comm, COMM_LEN, "%s", a->op.name);
	task->cmdline_len = (uint32_t)strlen(task->comm) + 1;
	memcpy(task->cmdline, task->comm, task->cmdline_len);
	task_put_mm(t, ctx, old);
	a->cursor[0] = 1;
	a->pos = 0;
	return STEP_MORE;
}
