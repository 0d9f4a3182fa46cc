// SPDX-License-Identifier: Apache-2.0
/* What the thread of a disk does: wb_workfn() and below it
 * (fs/fs-writeback.c). */
#include "vmcore/cache/cache-internal.h"

#define MIN_WRITEBACK_PAGES 1024u
#define DIRTY_SCOPE	    8u
#define NS_PER_CS	    10000000u

static uint64_t nr_dirty(const struct cache *c)
{
	return (uint64_t)vmstat_node_sum(&c->phys->stat, NR_FILE_DIRTY);
}

void cache_start_writeback(struct cache *c)
{
	for (uint32_t id = 1; id <= c->disks.top; id++) {
		struct wb *w = wb_at(c, id);

		if (!wb_has_dirty(w))
			continue;
		w->start_all = 1;
		w->wake = 1;
		c->flush_wake = 1;
	}
}

vtime_t wb_due(const struct wb *w)
{
	vtime_t at;

	if (w->wake)
		return 0;
	at = w->timer < w->laptop_at ? w->timer : w->laptop_at;
	return at < w->commit_at ? at : w->commit_at;
}

/* wb_over_bg_thresh() */
static bool over_background(struct cache *c, struct wb *w, vtime_t now)
{
	uint64_t bg, thresh;

	dirty_limits(c, &bg, &thresh);
	return nr_dirty(c) > bg ||
	       w->nr_dirty > wb_thresh(c, w, now, bg, nr_dirty(c));
}

/* writeback_chunk_size(): half a second's worth at once. */
static uint64_t chunk(const struct cache *c, const struct wb *w)
{
	uint64_t n = w->avg_write_bandwidth / 2;

	if (n > c->domain.dirty_limit / DIRTY_SCOPE)
		n = c->domain.dirty_limit / DIRTY_SCOPE;
	if (n > w->work_left)
		n = w->work_left;
	return (n + MIN_WRITEBACK_PAGES) & ~(MIN_WRITEBACK_PAGES - 1ull);
}

/* queue_io(): what is left of the last round, then what is old enough. */
static void queue_io(struct cache *c, struct wb *w, vtime_t now)
{
	vtime_t age = 0;
	uint32_t id;

	if (w->work == WB_OLD)
		age = (vtime_t)c->dirty_expire_centisecs * NS_PER_CS;
	while ((id = w->list[WB_MORE_IO].head))
		wb_move(c, id, WB_IO);
	while ((id = w->list[WB_DIRTY].head) &&
	       inode_at(c, id)->dirtied_when + age <= now)
		wb_move(c, id, WB_IO);
}

/* redirty_tail(): it could not be written, and is as young as any. */
static void redirty(struct cache *c, struct wb *w, uint32_t id, vtime_t now)
{
	uint32_t tail = w->list[WB_DIRTY].tail;

	if (tail &&
	    inode_at(c, id)->dirtied_when < inode_at(c, tail)->dirtied_when)
		inode_at(c, id)->dirtied_when = now;
	wb_move(c, id, WB_DIRTY);
}

/* Part of one file, from where the last part ended, round its end. */
static int write_inode(struct cache *c, struct ctx *ctx, uint32_t id,
		       uint64_t nr, folio_clean *clean, void *arg,
		       uint64_t *ret_nr)
{
	uint32_t first = inode_at(c, id)->writeback_index;
	struct write_range range = { first, UINT64_MAX, nr };
	uint64_t done = 0, more = 0;
	int r = writeback_range(c, ctx, id, &range, clean, arg, &done);

	inode_at(c, id)->writeback_index =
		range.first == UINT64_MAX ? 0 : (uint32_t)range.first;
	if (!r && first && done < nr) {
		range = (struct write_range){ 0, first, nr - done };
		r = writeback_range(c, ctx, id, &range, clean, arg, &more);
		inode_at(c, id)->writeback_index = (uint32_t)range.first;
	}
	*ret_nr = done + more;
	return r;
}

/* One inode of the round. 0: the work is done; STEP_MORE; a host errno. */
static int work_step(struct cache *c, struct ctx *ctx, struct wb *w,
		     folio_clean *clean, void *arg)
{
	uint64_t nr = chunk(c, w), done;
	uint32_t id;
	int r;

	if (!w->work_left)
		return 0;
	if (w->work == WB_BACKGROUND && !over_background(c, w, ctx->now))
		return 0;
	if (!w->list[WB_IO].head) {
		if (!w->pass_wrote)
			return 0;
		w->pass_wrote = 0;
		queue_io(c, w, ctx->now);
	}
	id = w->list[WB_IO].head;
	if (!id)
		return 0;
	r = write_inode(c, ctx, id, nr, clean, arg, &done);
	if (r)
		return r;
	if (inode_at(c, id)->dirty_list && done >= nr)
		wb_move(c, id, WB_MORE_IO);
	else if (inode_at(c, id)->dirty_list)
		redirty(c, w, id, ctx->now);
	w->pass_wrote += done;
	w->work_left -= done < w->work_left ? done : w->work_left;
	wb_estimate(c, w, ctx->now, NULL);
	ctx_pay(ctx, COST_SCAN_PAGE, done);
	return STEP_MORE;
}

static void begin(struct wb *w, enum wb_work work, uint64_t nr)
{
	w->work = work;
	w->work_left = nr;
	w->pass_wrote = 1; /* the first round */
}

/* wb_check_old_data_flush(): each interval. */
static void begin_old(struct cache *c, struct wb *w, vtime_t now)
{
	vtime_t every = (vtime_t)c->dirty_writeback_centisecs * NS_PER_CS;

	if (c->dirty_writeback_centisecs <= 0 ||
	    now < w->last_old_flush + every)
		return;
	w->last_old_flush = now;
	begin(w, WB_OLD, nr_dirty(c));
}

/* Each kind of work once: wb_do_writeback(). */
static void look_for_work(struct cache *c, struct wb *w, vtime_t now)
{
	switch (++w->stage) {
	case WB_ALL:
		if (w->laptop_at <= now) {
			w->laptop_at = NEVER;
			w->start_all = 1;
		}
		if (w->start_all)
			begin(w, WB_ALL, nr_dirty(c));
		break;
	case WB_OLD:
		begin_old(c, w, now);
		break;
	case WB_BACKGROUND:
		if (over_background(c, w, now))
			begin(w, WB_BACKGROUND, UINT64_MAX);
		break;
	default:
		w->stage = WB_IDLE;
		break;
	}
}

/* It goes to sleep, with a time to wake if there is something to wait for. */
static void rest(const struct cache *c, struct wb *w, vtime_t now)
{
	w->running = 0;
	if (wb_has_dirty(w) && c->dirty_writeback_centisecs > 0)
		w->timer =
			now + (vtime_t)c->dirty_writeback_centisecs * NS_PER_CS;
}

/* bandwidth_estimate_start(): idle times say nothing about the disk. */
static void wake(struct wb *w, vtime_t now)
{
	w->running = 1;
	w->wake = 0;
	w->timer = NEVER;
	if (w->nr_writeback || jiffies(now) - w->bw_stamp <= WB_HZ / 5)
		return;
	w->bw_stamp = jiffies(now);
	w->dirtied_stamp = w->nr_dirtied;
	w->written_stamp = w->nr_written;
}

int wb_step(struct cache *c, struct ctx *ctx, uint32_t id, folio_clean *clean,
	    void *arg, vtime_t *ret_at)
{
	struct wb *w = wb_at(c, id);
	int r;

	r = w->commit_at <= ctx->now ? journal_commit(c, ctx, id) : 0;
	if (r < 0)
		return r;
	if (!w->running && wb_due(w) > ctx->now) {
		*ret_at = wb_due(w);
		return 0;
	}
	if (!w->running)
		wake(w, ctx->now);
	while (w->running) {
		if (w->work) {
			r = work_step(c, ctx, w, clean, arg);
			if (r)
				return r;
			if (w->work == WB_ALL)
				w->start_all = 0;
			w->work = WB_IDLE;
		}
		look_for_work(c, w, ctx->now);
		if (w->stage == WB_IDLE && !w->wake)
			rest(c, w, ctx->now);
		else if (w->stage == WB_IDLE)
			wake(w, ctx->now);
	}
	*ret_at = wb_due(w);
	return 0;
}
