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

/* --- written ---------------------------------------------------------------
 */
/* Can a line of a script say it? */
static bool plain(const char *text, size_t len)
{
	if (!len || text[0] == ' ' || text[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '#')
			return false;
	return true;
}

/* `set`, without the newline that echo adds; `store` for what that cannot say
 * and for what was refused half done. */
static void put_line(struct outbuf *out, const char *path, const char *text,
		     size_t len, bool taken)
{
	size_t n = len && text[len - 1] == '\n' ? len - 1 : len;

	if (taken && plain(text, n)) {
		out_printf(out, "set /%s %.*s", path, (int)n, text);
		return;
	}
	out_printf(out, "store /%s ", path);
	for (size_t i = 0; i < len; i++)
		out_printf(out, "%02x", (unsigned char)text[i]);
}

static long store(const struct view *v, const struct part *p, const char *text,
		  size_t len)
{
	const struct fsnode *row = p->row;

	if (row->store)
		return row->store(v, text, len);
	if (row->flags & FSNODE_KNOB)
		return knob_store(v, row->knob, text, len);
	return no_handler(p);
}

/* What no handler was asked, or not as root may, changed nothing. */
static bool may_have_acted(const struct view *v, const struct part *p,
			   long used)
{
	return used > 0 || (used < 0 && v->privileged && p->row->store);
}

/* What model/ is asked is no part of the machine's history: this is. */
static long store_told(struct world *w, const struct place *at,
		       const struct view *v, const char *text, size_t len)
{
	const struct part *p = part_at(w->tree, at->part);
	vtime_t began = machine_now(&w->m);
	struct outbuf path, line;
	long used;

	out_init(&path);
	out_init(&line);
	tree_path(w, at, &path); /* it may be gone afterwards */
	used = store(v, p, text, len);
	if (!path.error && may_have_acted(v, p, used))
		put_line(&line, path.text, text, used > 0 ? (size_t)used : len,
			 used > 0);
	if (path.error || line.error)
		w->journal.error = -ENOMEM; /* it is no history any more */
	else if (line.len)
		world_journal_did(w, began, line.text, line.len);
	out_free(&path);
	out_free(&line);
	return used;
}

long tree_store_at(struct world *w, const struct place *at, const char *text,
		   size_t len, const struct caller *who)
{
	const struct part *p = part_at(w->tree, at->part);
	struct view v;
	int err = 0;

	if (part_is_dir(p))
		return -EISDIR;
	if (p->area != AREA_MODEL)
		err = world_catch_up(w);
	if (!err)
		err = view_fill(w, at, &v);
	if (err)
		return err;
	v.arg = p->row->arg;
	v.privileged = who->owner || who->privileged;
	return p->area == AREA_MODEL ? store(&v, p, text, len)
				     : store_told(w, at, &v, text, len);
}

int tree_show(struct world *w, const char *path, struct outbuf *out)
{
	const struct caller root = { .owner = true, .privileged = true };
	struct place at;
	int err = tree_find(w, path, &at);

	if (!err)
		err = tree_open(w, &at, &root, true, false);
	if (!err)
		err = tree_begin(w, &at);
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
