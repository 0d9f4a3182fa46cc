// SPDX-License-Identifier: Apache-2.0
/* model/files, what cachestat(2) would answer. */
#include "fs/model/model-nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void out_field(const char *text, struct outbuf *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && c != '\\' && c != 127)
			out_char(out, *text);
		else
			out_printf(out, "\\%03o", c);
	}
}

void out_inode(const struct inode *inode, struct outbuf *out)
{
	out_field(inode->path, out);
	if (inode->flags & (INODE_UNLINKED | INODE_DEVZERO | INODE_SYSV))
		out_str(out, "\\040(deleted)");
}

void out_group(const struct control *c, uint32_t group, struct outbuf *out)
{
	const struct group *g = group_at(c, group);

	if (!g->parent) {
		out_char(out, '/');
		return;
	}
	if (group_at(c, g->parent)->parent)
		out_group(c, g->parent, out);
	out_char(out, '/');
	out_field(g->name, out);
}

struct named {
	const struct inode *inode;
	uint32_t id;
};

static int by_path(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->inode->path, y->inode->path);

	return order ? order : x->id < y->id ? -1 : 1;
}

static void put_file(const struct inode *inode, const struct cachestat *stat,
		     struct outbuf *out)
{
	const uint64_t values[] = {
		inode->size,	    stat->nr_cache,   stat->nr_dirty,
		stat->nr_writeback, stat->nr_evicted, stat->nr_recently_evicted,
	};

	out_inode(inode, out);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		out_char(out, ' ');
		out_dec(out, values[i], 0);
	}
	out_char(out, '\n');
}

static int show_files(const struct view *v, struct outbuf *out)
{
	const struct cache *c = &v->m->cache;
	struct cachestat stat;
	struct named *list;
	size_t nr = 0;

	if (!c->inodes.used)
		return 0;
	list = malloc(c->inodes.top * sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (uint32_t id = 1; id <= c->inodes.top; id++)
		if (inode_used(inode_at(c, id)) &&
		    !(inode_at(c, id)->flags & INODE_DIR))
			list[nr++] = (struct named){ inode_at(c, id), id };
	qsort(list, nr, sizeof(*list), by_path);
	for (size_t i = 0; i < nr; i++) {
		cache_stat(c, list[i].id, 0, UINT64_MAX, &stat);
		put_file(list[i].inode, &stat, out);
	}
	free(list);
	return 0;
}

const struct fsnode model_cache_nodes[] = {
	MODEL_FILE("files", show_files),
};
const unsigned nr_model_cache_nodes = ARRAY_SIZE(model_cache_nodes);
