// SPDX-License-Identifier: Apache-2.0
#include "fs/tree-index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool place_same(const struct place *a, const struct place *b)
{
	return a->part == b->part && a->pid == b->pid && a->born == b->born &&
	       a->node == b->node && a->cpu == b->cpu &&
	       a->size_kb == b->size_kb && a->block == b->block &&
	       a->group == b->group && a->disk == b->disk;
}

static bool group_alive(const struct world *w, const struct place *at)
{
	const struct control *c = &w->m.control;
	uint32_t id = at->group;

	return id <= GROUP_ROOT ||
	       (id <= c->groups.top && group_at(c, id)->parent &&
		group_online(c, id) && group_at(c, id)->born == at->born);
}

bool tree_alive(const struct world *w, const struct place *at)
{
	uint32_t id;

	if (!group_alive(w, at))
		return false;
	if (!at->pid)
		return true;
	id = task_find(&w->m.tasks, at->pid);
	return id && task_at(&w->m.tasks, id)->start_time == at->born;
}

/* The world is const for callers that only look; a row's exists() gets a view
 * that it may not write through. */
bool part_there(const struct world *w, const struct place *at)
{
	const struct fsnode *row = w->tree->parts[at->part].row;
	struct view v;

	if (!row || !row->exists)
		return true;
	return !view_fill((struct world *)(uintptr_t)w, at, &v) &&
	       row->exists(&v);
}

static bool is_number(const char *s, size_t len)
{
	if (!len || len > 10 || (s[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* The number of a member that has a name: groups and disks. */
static bool word_number(const struct world *w, const struct place *dir,
			enum part_kind kind, const char *name, size_t len,
			uint64_t *ret_number)
{
	const char *word;

	for (int64_t n = part_next(w, dir, kind, -1); n >= 0;
	     n = part_next(w, dir, kind, n)) {
		word = part_word(w, kind, (uint64_t)n);
		if (!word)
			return false;
		if (strlen(word) == len && !memcmp(word, name, len)) {
			*ret_number = (uint64_t)n;
			return true;
		}
	}
	return false;
}

/* Does @name fit the pattern of part @id below @dir? */
static bool part_match(const struct world *w, const struct place *dir,
		       uint32_t id, const char *name, struct place *ret_place)
{
	const struct part *p = part_at(w->tree, id);
	size_t head = strlen(p->head), tail = strlen(p->tail),
	       len = strlen(name);
	struct place at = *dir;
	uint64_t number;

	if (len <= head + tail || memcmp(name, p->head, head) != 0 ||
	    strcmp(name + len - tail, p->tail) != 0)
		return false;
	name += head;
	len -= head + tail;
	if (p->kind == PART_GROUP || p->kind == PART_DISK) {
		if (!word_number(w, dir, p->kind, name, len, &number))
			return false;
	} else {
		if (!is_number(name, len))
			return false;
		number = strtoull(name, NULL, 10);
	}
	if (!part_set(w, &at, p->kind, number))
		return false;
	at.part = id;
	*ret_place = at;
	return true;
}

/* Binary search among the fixed names of @p; 0: none. */
static uint32_t fixed_child(const struct tree *t, const struct part *p,
			    const char *name)
{
	uint32_t low = 0, high = p->nr_fixed, mid;
	int order;

	while (low < high) {
		mid = (low + high) / 2;
		order = strcmp(name, t->parts[t->kids[p->first + mid]].head);
		if (!order)
			return t->kids[p->first + mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return 0;
}

int tree_lookup(const struct world *w, const struct place *dir,
		const char *name, struct place *ret_place)
{
	const struct tree *t = w->tree;
	const struct part *p = part_at(t, dir->part);
	struct place at = *dir;
	bool found;

	if (!part_is_dir(p))
		return -ENOTDIR;
	if (!tree_alive(w, dir))
		return -ENOENT;
	at.part = fixed_child(t, p, name);
	found = at.part != 0 && part_there(w, &at);
	for (uint32_t i = p->nr_fixed; !found && i < p->nr; i++)
		found = part_match(w, dir, t->kids[p->first + i], name, &at);
	if (!found && p->kind == PART_GROUP)
		found = part_match(w, dir, dir->part, name, &at);
	if (!found || !part_there(w, &at))
		return -ENOENT;
	*ret_place = at;
	return 0;
}

int tree_find(const struct world *w, const char *path, struct place *ret_place)
{
	struct place at = { 0 };
	char name[256];
	size_t len;
	int err;

	for (;;) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			break;
		if (len >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, path, len);
		name[len] = '\0';
		err = tree_lookup(w, &at, name, &at);
		if (err)
			return err;
		path += len;
	}
	*ret_place = at;
	return 0;
}

/* The name of @at's last part. */
static void place_name(const struct world *w, const struct place *at, char *buf,
		       size_t size)
{
	const struct part *p = part_at(w->tree, at->part);
	const char *word;
	uint64_t number;

	if (!p->kind) {
		snprintf(buf, size, "%s", p->head);
		return;
	}
	number = part_get(at, p->kind);
	word = part_word(w, p->kind, number);
	if (word)
		snprintf(buf, size, "%s%s%s", p->head, word, p->tail);
	else
		snprintf(buf, size, "%s%llu%s", p->head,
			 (unsigned long long)number, p->tail);
}

/* The folder that @at stands in. */
static struct place place_up(const struct world *w, const struct place *at)
{
	const struct part *p = part_at(w->tree, at->part);
	struct place up = *at;

	up.part = p->parent;
	if (p->kind == PART_GROUP) {
		up.group = group_at(&w->m.control, at->group)->parent;
		if (up.group > GROUP_ROOT)
			up.part = at->part;
		else
			up.group = 0;
		up.born = up.group ? group_at(&w->m.control, up.group)->born
				   : 0;
	}
	return up;
}

void tree_path(const struct world *w, const struct place *at,
	       struct outbuf *out)
{
	struct place up;
	char name[256];

	if (!at->part)
		return;
	up = place_up(w, at);
	place_name(w, at, name, sizeof(name));
	tree_path(w, &up, out);
	if (up.part)
		out_char(out, '/');
	out_str(out, name);
}

static int entry_call(const struct world *w, const struct place *at,
		      tree_entry *entry, void *arg)
{
	char name[256];

	if (!part_there(w, at))
		return 0;
	place_name(w, at, name, sizeof(name));
	return entry(arg, name, at);
}

static int pid_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Creation order is pid order until pids wrap; then sort. */
static int list_processes(const struct world *w, struct place at,
			  tree_entry *entry, void *arg)
{
	const struct tasks *t = &w->m.tasks;
	uint32_t nr = 0, *pids;
	int err = 0;

	task_for_each (t, id)
		nr++;
	pids = calloc(nr + 1u, sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	nr = 0;
	task_for_each (t, id)
		pids[nr++] = task_at(t, id)->pid;
	qsort(pids, nr, sizeof(*pids), pid_order);
	for (uint32_t i = 0; !err && i < nr; i++)
		if (part_set(w, &at, PART_PID, pids[i]))
			err = entry_call(w, &at, entry, arg);
	free(pids);
	return err;
}

static int list_numbers(const struct world *w, const struct place *dir,
			uint32_t part, tree_entry *entry, void *arg)
{
	enum part_kind kind = part_at(w->tree, part)->kind;
	struct place at = *dir;
	int err = 0;

	at.part = part;
	if (kind == PART_PID)
		return list_processes(w, at, entry, arg);
	for (int64_t n = part_next(w, dir, kind, -1); !err && n >= 0;
	     n = part_next(w, dir, kind, n)) {
		at = *dir;
		at.part = part;
		if (part_set(w, &at, kind, (uint64_t)n))
			err = entry_call(w, &at, entry, arg);
	}
	return err;
}

int tree_list(const struct world *w, const struct place *dir, tree_entry *entry,
	      void *arg)
{
	const struct tree *t = w->tree;
	const struct part *p = part_at(t, dir->part);
	struct place at = *dir;
	int err = 0;

	if (!part_is_dir(p))
		return -ENOTDIR;
	if (!tree_alive(w, dir))
		return -ENOENT;
	for (uint32_t i = 0; !err && i < p->nr_fixed; i++) {
		at.part = t->kids[p->first + i];
		err = entry_call(w, &at, entry, arg);
	}
	for (uint32_t i = p->nr_fixed; !err && i < p->nr; i++)
		err = list_numbers(w, dir, t->kids[p->first + i], entry, arg);
	if (!err && p->kind == PART_GROUP)
		err = list_numbers(w, dir, dir->part, entry, arg);
	return err;
}

const struct fsnode *tree_row(const struct world *w, const struct place *at)
{
	return part_at(w->tree, at->part)->row;
}

uint32_t tree_mode(const struct world *w, const struct place *at)
{
	const struct part *p = part_at(w->tree, at->part);
	uint32_t mode;

	if (p->row && p->row->flags & FSNODE_LINK)
		return S_IFLNK | 0777u;
	if (!part_is_dir(p))
		return S_IFREG | p->row->mode;
	if (p->row)
		return S_IFDIR | p->row->mode;
	mode = p->area == AREA_SYS || p->area == AREA_OTHER ? 0755 : 0555;
	return S_IFDIR | mode;
}

/* 12 bits hold any node, CPU and size together; the others stand alone. */
static uint64_t place_number(const struct place *at)
{
	uint64_t size = 0;

	if (at->group)
		return 1ull << 25 | at->group;
	if (at->block)
		return 1ull << 24 | at->block;
	if (at->disk)
		return 1ull << 23 | at->disk;
	while (at->size_kb >> size > 1)
		size++;
	return at->node | at->cpu << 3 | size << 9;
}

uint64_t tree_ino(const struct place *at)
{
	return (at->part + 1ull) | (uint64_t)at->pid << 16 |
	       place_number(at) << 38;
}

bool tree_comes_and_goes(const struct world *w, const struct place *at)
{
	enum part_kind kind = part_at(w->tree, at->part)->kind;

	return kind == PART_PID || kind == PART_TID || kind == PART_GROUP;
}

bool tree_is_process(const struct world *w, const struct place *at)
{
	return part_at(w->tree, at->part)->kind == PART_PID;
}

bool tree_never_has(const struct world *w, const struct place *dir,
		    const char *name)
{
	const struct part *p = part_at(w->tree, dir->part);

	return p->nr == p->nr_fixed && p->kind != PART_GROUP &&
	       !fixed_child(w->tree, p, name);
}

bool tree_is_sysctl(const struct world *w, const struct place *at)
{
	return part_at(w->tree, at->part)->area == AREA_SYSCTL;
}

bool tree_is_model(const struct world *w, const struct place *at)
{
	return part_at(w->tree, at->part)->area == AREA_MODEL;
}

/* Folders to come: find(1) trusts a link count of 2 or more, not 1. */
static uint32_t dir_links(const struct world *w, const struct part *p)
{
	const struct tree *t = w->tree;
	uint32_t n = 2;

	for (uint32_t i = 0; i < p->nr_fixed; i++)
		n += part_is_dir(part_at(t, t->kids[p->first + i]));
	return p->nr > p->nr_fixed || p->kind == PART_GROUP ? 1 : n;
}

static bool shows_size(const struct part *p)
{
	uint32_t flags = p->row->flags;

	if (p->in_process || flags & (FSNODE_SIZE0 | FSNODE_POLL))
		return false;
	if (p->row->mode & 0444 || flags & FSNODE_LINK)
		return p->area == AREA_PROC || p->area == AREA_SYSCTL ||
		       p->area == AREA_SYS;
	return false;
}

int tree_attr(const struct world *w, const struct place *at,
	      struct tree_attr *ret_attr)
{
	const struct part *p = part_at(w->tree, at->part);
	struct tree_attr attr = { .nlink = 1, .mode = tree_mode(w, at) };
	struct outbuf out;

	if (!tree_alive(w, at))
		return -ENOENT;
	attr.ino = tree_ino(at);
	attr.flags = p->row ? p->row->flags : FSNODE_DIR;
	if (part_is_dir(p)) {
		attr.nlink = dir_links(w, p);
	} else if (shows_size(p)) {
		out_init(&out);
		if (!tree_print((struct world *)(uintptr_t)w, at, &out))
			attr.size = out.len;
		out_free(&out);
	}
	*ret_attr = attr;
	return 0;
}

/*
 * /proc/sys and sysfs go by the mode bits even for root (test_perm(),
 * kernfs_fop_open()); elsewhere root passes and the file itself answers.
 */
int tree_open(const struct world *w, const struct place *at,
	      const struct caller *who, bool reads, bool writes)
{
	const struct part *p = part_at(w->tree, at->part);
	uint32_t mode = tree_mode(w, at), bits = who->owner ? mode >> 6 : mode;
	bool strict = p->area == AREA_SYSCTL || p->area == AREA_SYS;

	if (who->owner && who->privileged && (!strict || part_is_dir(p)))
		return 0;
	if ((reads && !(bits & 4)) || (writes && !(bits & 2)))
		return -EACCES;
	return 0;
}

/* proc_mem_open(): a kernel thread has no mm. */
int tree_begin(const struct world *w, const struct place *at)
{
	const struct tasks *t = &w->m.tasks;
	const struct fsnode *row = tree_row(w, at);
	uint32_t id;

	if (!row || !(row->flags & FSNODE_MM))
		return 0;
	id = task_find(t, at->pid);
	return id && task_at(t, id)->mm ? 0 : -ESRCH;
}
