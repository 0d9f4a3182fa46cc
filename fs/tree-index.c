// SPDX-License-Identifier: Apache-2.0
#include "fs/tree-index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const part_words[NR_PART_KINDS] = {
	[PART_PID] = "pid",	    [PART_TID] = "tid",
	[PART_NODE] = "node",	    [PART_CPU] = "cpu",
	[PART_SIZE] = "size",	    [PART_THPSIZE] = "thpsize",
	[PART_SHMSIZE] = "shmsize", [PART_BLOCK] = "block",
	[PART_GROUP] = "group",	    [PART_DISK] = "disk",
};

static uint32_t part_new(struct tree *t)
{
	struct part *more;

	if (t->nr == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		more = realloc(t->parts, t->cap * sizeof(*more));
		if (!more)
			return UINT32_MAX;
		t->parts = more;
	}
	memset(&t->parts[t->nr], 0, sizeof(t->parts[0]));
	return t->nr++;
}

/* The longest word after a `$` wins: $size and not $s. */
static enum part_kind kind_of(const char *dollar, size_t len, size_t *ret_word)
{
	enum part_kind best = PART_FIXED;
	size_t longest = 0, n;

	for (enum part_kind k = PART_PID; k < NR_PART_KINDS; k++) {
		n = strlen(part_words[k]);
		if (n < len && n > longest &&
		    !memcmp(dollar + 1, part_words[k], n)) {
			best = k;
			longest = n;
		}
	}
	*ret_word = longest + 1;
	return best;
}

/* Cut "hugepages-$sizekB" into head, kind and tail. */
static int part_name(struct part *p, const char *name, size_t len)
{
	const char *dollar = memchr(name, '$', len);
	size_t head = dollar ? (size_t)(dollar - name) : len, word = 0;
	char *text = calloc(1, len + 2);

	if (!text)
		return -ENOMEM;
	memcpy(text, name, head);
	if (dollar) {
		p->kind = (uint8_t)kind_of(dollar, len - head, &word);
		memcpy(text + head + 1, dollar + word, len - head - word);
	}
	p->head = text;
	p->tail = text + head + 1;
	return 0;
}

static bool part_is(const struct part *p, const struct part *like)
{
	return p->kind == like->kind && !strcmp(p->head, like->head) &&
	       !strcmp(p->tail, like->tail);
}

static uint8_t area_below(const struct tree *t, uint32_t parent,
			  const struct part *p)
{
	static const struct {
		const char *name;
		enum part_area area;
	} tops[] = {
		{ "proc", AREA_PROC },
		{ "sys", AREA_SYS },
		{ "model", AREA_MODEL },
	};

	if (!parent) {
		for (unsigned i = 0; i < ARRAY_SIZE(tops); i++)
			if (!strcmp(p->head, tops[i].name))
				return (uint8_t)tops[i].area;
		return AREA_OTHER;
	}
	if (t->parts[parent].area == AREA_PROC && !t->parts[parent].parent &&
	    !strcmp(p->head, "sys"))
		return AREA_SYSCTL;
	return t->parts[parent].area;
}

/* The child of @parent called so, made if it is new. */
static int part_child(struct tree *t, uint32_t parent, const char *name,
		      size_t len, uint32_t *ret_part)
{
	struct part like = { 0 };
	uint32_t id;
	int err = part_name(&like, name, len);

	if (err)
		return err;
	for (id = t->parts[parent].first; id; id = t->parts[id].sibling)
		if (part_is(&t->parts[id], &like))
			break;
	if (id) {
		free(like.head);
		*ret_part = id;
		return 0;
	}
	like.parent = parent;
	like.area = area_below(t, parent, &like);
	like.in_process = t->parts[parent].in_process || like.kind == PART_PID;
	like.sibling = t->parts[parent].first;
	id = part_new(t);
	if (id == UINT32_MAX) {
		free(like.head);
		return -ENOMEM;
	}
	t->parts[id] = like;
	t->parts[parent].first = id;
	t->parts[parent].nr++;
	*ret_part = id;
	return 0;
}

int tree_add(struct tree *t, const struct fsnode *row)
{
	const char *name = row->path, *end;
	uint32_t at = 0;
	int err;

	do {
		end = strchr(name, '/');
		err = part_child(t, at, name,
				 end ? (size_t)(end - name) : strlen(name),
				 &at);
		if (err)
			return err;
		name = end ? end + 1 : NULL;
	} while (name);
	if (t->parts[at].row)
		return -EEXIST;
	t->parts[at].row = row;
	return 0;
}

static bool part_before(const struct part *a, const struct part *b)
{
	if (!a->kind != !b->kind)
		return !a->kind;
	return strcmp(a->head, b->head) < 0;
}

/* Insertion sort into kids[]: folders are small. */
static void part_seal(struct tree *t, struct part *p, uint32_t first)
{
	uint32_t *kids = t->kids + first, id, n = 0, i;

	for (id = p->first; id; id = t->parts[id].sibling) {
		for (i = n++;
		     i && part_before(&t->parts[id], &t->parts[kids[i - 1]]);
		     i--)
			kids[i] = kids[i - 1];
		kids[i] = id;
		p->nr_fixed += !t->parts[id].kind;
	}
	p->first = first;
}

int tree_seal(struct tree *t)
{
	uint32_t first = 0;

	t->kids = calloc(t->nr, sizeof(*t->kids));
	if (!t->kids)
		return -ENOMEM;
	for (uint32_t id = 0; id < t->nr; id++) {
		part_seal(t, &t->parts[id], first);
		first += t->parts[id].nr;
	}
	return 0;
}

int tree_init_tables(struct world *w, const struct fsnode_table *tables,
		     unsigned count)
{
	struct tree *t = calloc(1, sizeof(*t));
	int err = 0;

	if (!t)
		return -ENOMEM;
	w->tree = t;
	if (part_new(t) == UINT32_MAX)
		err = -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		for (unsigned j = 0; !err && j < *tables[i].count; j++)
			err = tree_add(t, &tables[i].rows[j]);
	if (!err && tables == fsnode_tables)
		err = tree_add_knobs(t);
	if (!err)
		err = tree_seal(t);
	if (err)
		tree_fini(w);
	return err;
}

int tree_init(struct world *w)
{
	return tree_init_tables(w, fsnode_tables, nr_fsnode_tables);
}

void tree_fini(struct world *w)
{
	struct tree *t = w->tree;

	if (!t)
		return;
	for (uint32_t i = 0; i < t->nr; i++)
		free(t->parts[i].head);
	for (unsigned i = 0; i < t->nr_knob_rows; i++)
		free(t->knob_paths[i]);
	free(t->knob_paths);
	free(t->knob_rows);
	free(t->parts);
	free(t->kids);
	free(t);
	w->tree = NULL;
}
