// SPDX-License-Identifier: Apache-2.0
/*
 * Node ids. The kernel remembers one for each name it looked up until it
 * forgets it; equal places share one, except names that must be fresh at each
 * lookup: the kernel locks an inode over a direct write, and the second writer
 * of one inode would hang where no signal reaches it.
 */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_SIZE 4096u

static uint32_t ref_hash(const struct inode_ref *r)
{
	const struct place *p = &r->at;
	uint64_t h = p->part + p->pid * 0x9e3779b97f4a7c15ull;

	h ^= (p->node | (uint64_t)p->cpu << 8 | (uint64_t)p->size_kb << 16) *
	     0xc2b2ae3d27d4eb4full;
	h ^= (p->block | (uint64_t)p->group << 20 | (uint64_t)p->disk << 50) *
	     0x165667b19e3779f9ull;
	return (uint32_t)((h ^ h >> 29) * 0x9e3779b97f4a7c15ull >> 32) %
	       HASH_SIZE;
}

int refs_init(struct daemon *d)
{
	struct inode_ref root = { .lookups = 1 };

	d->hash = calloc(HASH_SIZE, sizeof(*d->hash));
	d->cap_refs = 256;
	d->refs = calloc(d->cap_refs, sizeof(*d->refs));
	if (!d->hash || !d->refs)
		return -ENOMEM;
	d->nr_refs = 2; /* 0 is none, 1 the root */
	d->refs[FUSE_ROOT_ID] = root;
	return 0;
}

void refs_fini(struct daemon *d)
{
	free(d->refs);
	free(d->hash);
}

struct inode_ref *ref_at(const struct daemon *d, fuse_ino_t ino)
{
	return &d->refs[ino];
}

static uint32_t ref_new(struct daemon *d)
{
	struct inode_ref *more;
	uint32_t id = d->free_ref;

	if (id) {
		d->free_ref = d->refs[id].next;
		return id;
	}
	if (d->nr_refs == d->cap_refs) {
		more = realloc(d->refs, d->cap_refs * 2 * sizeof(*more));
		if (!more)
			return 0;
		d->refs = more;
		d->cap_refs *= 2;
	}
	return d->nr_refs++;
}

fuse_ino_t ref_get(struct daemon *d, const struct inode_ref *like)
{
	uint32_t *slot = &d->hash[ref_hash(like)], id;
	struct inode_ref *r;

	if (!like->fresh && like->kind == NODE_TREE && !like->at.part)
		return FUSE_ROOT_ID;
	for (id = like->fresh ? 0 : *slot; id; id = d->refs[id].next) {
		r = &d->refs[id];
		if (r->kind == like->kind && place_same(&r->at, &like->at)) {
			r->lookups++;
			return id;
		}
	}
	id = ref_new(d);
	if (!id)
		return 0;
	r = &d->refs[id];
	*r = *like;
	r->lookups = 1;
	if (r->kind == NODE_DISK)
		node_get(d, r->at.block);
	if (!r->fresh) {
		r->next = *slot;
		*slot = id;
	}
	return id;
}

void ref_forget(struct daemon *d, fuse_ino_t ino, uint64_t lookups)
{
	struct inode_ref *r = &d->refs[ino];
	uint32_t *slot, id = (uint32_t)ino;

	if (ino == FUSE_ROOT_ID || ino >= d->nr_refs)
		return;
	r->lookups -= lookups < r->lookups ? lookups : r->lookups;
	if (r->lookups)
		return;
	if (!r->fresh) {
		slot = &d->hash[ref_hash(r)];
		while (*slot != id)
			slot = &d->refs[*slot].next;
		*slot = r->next;
	}
	if (r->kind == NODE_DISK)
		node_put(d, r->at.block);
	kept_drop(d, r);
	memset(r, 0, sizeof(*r));
	r->next = d->free_ref;
	d->free_ref = id;
}
