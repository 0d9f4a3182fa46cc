// SPDX-License-Identifier: Apache-2.0
/* Kernel memory by name, recounted. */
#include "vmcore/task/kernel-alloc.h"

struct recount {
	const struct tasks *t;
	check_report *report;
	void *arg;
	uint64_t objects;
};

static void same(const struct recount *c, const char *what, uint64_t recounted,
		 uint64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, (int64_t)recounted, (int64_t)kept);
}

static void check_objects(struct recount *c, const struct kernel_alloc *k)
{
	const struct phys *p = c->t->space->phys;
	uint64_t n = 0;

	for (uint32_t id = k->first; id;
	     id = kernel_object_at(c->t, id)->next) {
		const struct frame *f =
			frame_at(p, kernel_object_at(c->t, id)->slab);

		n++;
		if (frame_type(f) != FRAME_SLAB || !f->private)
			same(c, "slab of a named object", 0, 1);
	}
	same(c, "objects of a name", n, k->nr);
	c->objects += n;
}

static void check_blocks(struct recount *c, const struct kernel_alloc *k,
			 uint32_t id)
{
	const struct phys *p = c->t->space->phys;
	uint64_t n = 0;

	for (pfn_t pfn = k->first; pfn != PFN_NONE;
	     pfn = frame_at(p, pfn)->next) {
		const struct frame *f = frame_at(p, pfn);

		n++;
		if (frame_type(f) != FRAME_KERNEL || f->owner != id ||
		    frame_order(f) != k->order) {
			same(c, "block of a name", 0, 1);
			break;
		}
	}
	same(c, "blocks of a name", n, k->nr);
}

static void check_one(struct recount *c, uint32_t id)
{
	const struct kernel_alloc *k = kernel_at(c->t, id);
	const struct phys *p = c->t->space->phys;

	if (k->kind == KERNEL_SLAB)
		check_objects(c, k);
	else if (k->kind == KERNEL_PAGES)
		check_blocks(c, k, id);
	else if (k->kind == KERNEL_KMALLOC && k->nr)
		same(c, "block of kmalloc",
		     frame_type(frame_at(p, k->first)) == FRAME_SLAB ||
			     frame_at(p, k->first)->owner == KMALLOC_LARGE,
		     1);
}

void kernel_check(const struct tasks *t, check_report *report, void *arg)
{
	struct recount c = { .t = t, .report = report, .arg = arg };
	uint64_t names = 0;

	for (uint32_t id = t->kernel_first; id; id = kernel_at(t, id)->next) {
		names++;
		same(&c, "kernel memory by its name", id,
		     kernel_find(t, kernel_at(t, id)->name));
		check_one(&c, id);
	}
	same(&c, "names of kernel memory", names, t->kernel_allocs.used);
	same(&c, "objects with a name", c.objects, t->kernel_objects.used);
}
