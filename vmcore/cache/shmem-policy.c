// SPDX-License-Identifier: Apache-2.0
/* Memory policies of shared memory, by page and for everybody who maps it:
 * mpol_set_shared_policy(), shmem_get_pgoff_policy(). */
#include "vmcore/cache/cache-check.h"
#include "vmcore/cache/cache-internal.h"

static struct shmem_policy *at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->policies, id);
}

uint32_t shmem_policy(const struct cache *c, uint32_t inode, uint64_t index)
{
	for (uint32_t id = inode_at(c, inode)->policies; id;
	     id = at(c, id)->next)
		if (index >= at(c, id)->first && index < at(c, id)->end)
			return at(c, id)->policy;
	return 0;
}

/* A row before *@link's. */
static int insert(struct cache *c, uint32_t *link, uint64_t first, uint64_t end,
		  uint32_t policy)
{
	uint32_t id;
	int r = pool_new(&c->policies, &id);

	if (r)
		return r;
	*at(c, id) = (struct shmem_policy){
		.first = first, .end = end, .policy = policy, .next = *link
	};
	*link = id;
	return 0;
}

/* Take [@first, @end) out of *@link's row. *@ret_link: the link behind what is
 * left in front of it. */
static int cut(struct cache *c, uint32_t *link, uint64_t first, uint64_t end,
	       uint32_t **ret_link)
{
	uint32_t id = *link;
	struct shmem_policy *row = at(c, id);
	int r = 0;

	*ret_link = link;
	if (row->first < first) {
		*ret_link = &row->next;
		if (row->end > end)
			r = insert(c, &row->next, end, row->end, row->policy);
		row->end = row->end < first ? row->end : first;
	} else if (row->end > end) {
		row->first = row->first > end ? row->first : end;
	} else {
		*link = row->next;
		pool_free(&c->policies, id);
	}
	return r;
}

int shmem_policy_set(struct cache *c, uint32_t inode, uint64_t first,
		     uint64_t end, uint32_t policy)
{
	uint32_t *link = &inode_at(c, inode)->policies;
	int r;

	while (*link && at(c, *link)->end <= first)
		link = &at(c, *link)->next;
	while (*link && at(c, *link)->first < end) {
		r = cut(c, link, first, end, &link);
		if (r)
			return r;
		if (*link && at(c, *link)->first >= end)
			break;
	}
	return policy ? insert(c, link, first, end, policy) : 0;
}

void shmem_policy_drop(struct cache *c, uint32_t inode)
{
	uint32_t *link = &inode_at(c, inode)->policies;

	while (*link) {
		uint32_t id = *link;

		*link = at(c, id)->next;
		pool_free(&c->policies, id);
	}
}

int shmem_folio_new(struct cache *c, struct ctx *ctx, uint32_t id,
		    uint64_t index, unsigned order, uint32_t gfp,
		    pfn_t *ret_folio)
{
	const struct inode *inode = inode_at(c, id);
	uint32_t own = ctx->policy;
	int r;

	if (inode->policies) {
		uint32_t policy = shmem_policy(c, id, index);

		ctx->policy = policy ? policy : own;
	}
	/* Files begin with different nodes. */
	if (ctx->policy)
		ctx->il_index = 1 + inode->ino + (index >> order);
	r = folio_new(c, ctx, id, index, order, gfp, 0, ret_folio);
	ctx->policy = own;
	ctx->il_index = 0;
	return r;
}

void cache_check_policies(const struct cache_tally *t)
{
	const struct cache *c = t->c;
	uint32_t rows = 0;

	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		uint64_t end = 0;

		for (uint32_t p = inode_at(c, id)->policies; p;
		     p = at(c, p)->next) {
			cache_differ(t, "range of a policy, inode", id,
				     (int64_t)end,
				     (int64_t)(at(c, p)->first < end
						       ? at(c, p)->first
						       : end));
			end = at(c, p)->end;
			rows++;
		}
	}
	cache_differ(t, "policies of shared memory", 0, c->policies.used, rows);
}
