// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/device.h"

#include "vmcore/cache/cache-internal.h"

#include <errno.h>

/* Its node in devtmpfs, there from the first open on. */
static int node(struct cache *c, struct ctx *ctx)
{
	uint32_t id;
	int r;

	if (c->device)
		return 0;
	r = inode_new(c, "/dev/" DEVICE_NAME, INODE_DEVICE, &id);
	if (r)
		return r;
	r = inode_objects(c, ctx, id);
	if (r)
		pool_free(&c->inodes, id);
	else
		c->device = id;
	return r;
}

int device_open(struct cache *c, struct ctx *ctx, uint32_t *ret_file)
{
	int r = node(c, ctx);

	return r ? r : file_open(c, ctx, c->device, ret_file);
}

int device_fill(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t pages,
		uint32_t max)
{
	struct file *f = file_at(c, id);
	int r;

	/* __vmalloc_node_range() */
	if (pages > phys_total_pages(c->phys))
		return ENOMEM;
	if (!f->area) {
		r = vmalloc_reserve(c->kmem, ctx, pages, VMALLOC_BY_MODULE,
				    &f->area);
		if (r)
			return r;
		vmalloc_at(c->kmem, f->area)->kind = VMALLOC_USER;
	}
	return vmalloc_fill(c->kmem, ctx, f->area, max);
}

pfn_t device_page(struct cache *c, uint32_t file, uint64_t index)
{
	uint32_t area = file_at(c, file)->area;

	if (!area || index >= vmalloc_at(c->kmem, area)->nr_filled)
		return PFN_NONE;
	return vmalloc_near(c->kmem, area, (uint32_t)index);
}
