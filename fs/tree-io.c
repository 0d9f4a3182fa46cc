// SPDX-License-Identifier: Apache-2.0
#include "fs/sys-knobs.h"
#include "fs/tree-index.h"

#include <errno.h>
#include <string.h>

/* What a file without a handler answers: proc_reg_write() says EIO, files of
 * a process and sysfs EINVAL, the model's own refuse. */
static int no_handler(const struct part *p)
{
	if (p->area == AREA_PROC && !p->in_process)
		return -EIO;
	return p->area == AREA_MODEL ? -EACCES : -EINVAL;
}

int tree_print(struct world *w, const struct place *at, struct outbuf *out)
{
	const struct part *p = part_at(w->tree, at->part);
	const struct fsnode *row = p->row;
	size_t before = out->len;
	struct view v;
	int err;

	if (part_is_dir(p))
		return -EISDIR;
	err = view_fill(w, at, &v);
	if (err)
		return err;
	v.arg = row->arg;
	if (row->flags & FSNODE_KNOB)
		err = knob_show(&v, row->knob, out);
	else if (row->show)
		err = row->show(&v, out);
	else
		err = -EINVAL;
	if (!err)
		err = out->error;
	if (err && out->text && !out->error) {
		out->len = before;
		out->text[before] = '\0';
	}
	return err;
}

int tree_show_at(struct world *w, const struct place *at, struct outbuf *out)
{
	const struct fsnode *row = tree_row(w, at);

	if (row && row->flags & FSNODE_READ_HOOK)
		knob_changed(w, row->arg, row->knob, true);
	return tree_print(w, at, out);
}

int tree_read_at(struct world *w, const struct place *at, uint64_t off,
		 uint32_t len, struct outbuf *out)
{
	const struct fsnode *row = tree_row(w, at);
	struct view v;
	int err = view_fill(w, at, &v);

	if (err)
		return err;
	if (!row || !(row->flags & FSNODE_OFFSET))
		return -EINVAL;
	v.arg = row->arg;
	v.off = off;
	v.len = len;
	err = row->show(&v, out);
	return err ? err : out->error;
}

uint64_t tree_stamp(const struct world *w, const struct place *at)
{
	const struct fsnode *row = tree_row(w, at);
	struct view v;

	if (!row || !row->stamp ||
	    view_fill((struct world *)(uintptr_t)w, at, &v))
		return 0;
	return row->stamp(&v);
}

/* A `set` line: what was taken, without the newline that echo adds. */
static void journal_set(struct world *w, const struct place *at,
			const char *text, size_t len)
{
	struct outbuf path;

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\0'))
		len--;
	out_init(&path);
	tree_path(w, at, &path);
	if (!path.error && !memchr(text, '\n', len))
		world_journal(w, "set /%s %.*s", path.text, (int)len, text);
	out_free(&path);
}

long tree_store_at(struct world *w, const struct place *at, const char *text,
		   size_t len, const struct caller *who)
{
	const struct part *p = part_at(w->tree, at->part);
	const struct fsnode *row = p->row;
	struct view v;
	long used;
	int err;

	if (part_is_dir(p))
		return -EISDIR;
	err = view_fill(w, at, &v);
	if (err)
		return err;
	v.arg = row->arg;
	v.privileged = who->owner || who->privileged;
	if (row->store)
		used = row->store(&v, text, len);
	else if (row->flags & FSNODE_KNOB)
		used = knob_store(&v, row->knob, text, len);
	else
		used = no_handler(p);
	/* what model/ was asked is no part of the machine's history */
	if (used > 0 && p->area != AREA_MODEL)
		journal_set(w, at, text, (size_t)used);
	return used;
}

int tree_show(struct world *w, const char *path, struct outbuf *out)
{
	const struct caller root = { .owner = true, .privileged = true };
	struct place at;
	int err = tree_find(w, path, &at);

	if (!err)
		err = tree_open(w, &at, &root, true, false);
	return err ? err : tree_show_at(w, &at, out);
}

int tree_store(struct world *w, const char *path, const char *text, size_t len,
	       bool privileged)
{
	const struct caller who = { .owner = privileged,
				    .privileged = privileged };
	struct place at;
	long used;
	int err = tree_find(w, path, &at);

	if (!err)
		err = tree_open(w, &at, &who, false, true);
	if (err)
		return err;
	used = tree_store_at(w, &at, text, len, &who);
	return used < 0 ? (int)used : 0;
}
