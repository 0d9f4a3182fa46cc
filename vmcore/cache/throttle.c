// SPDX-License-Identifier: Apache-2.0
/* Writers sleep so that they dirty no faster than disks write:
 * balance_dirty_pages() (mm/page-writeback.c). */
#include "vmcore/cache/cache-internal.h"

#define POLL_PAGES	 32u /* DIRTY_POLL_THRESH, 128 KiB */
#define EXCEEDED_PAGES	 8u
#define MAX_PAUSE	 (WB_HZ / 5)
#define HZ_UP		 256u /* HZ up to a power of 2 */
#define RATELIMIT_SHIFT	 10
#define BANDWIDTH_EIGHTH 8u

/* pos_ratio_polynom(): 1 at the setpoint, 2 below, 0 at the limit. */
static uint64_t polynom(uint64_t setpoint, uint64_t dirty, uint64_t limit)
{
	int64_t one = 1 << RATELIMIT_SHIFT;
	int64_t x = ((int64_t)setpoint - (int64_t)dirty) * one;
	int64_t ratio;

	x /= (int64_t)((limit - setpoint) | 1);
	ratio = x * x / one * x / one + one;
	if (ratio < 0)
		return 0;
	return (uint64_t)(ratio > 2 * one ? 2 * one : ratio);
}

/* The disk's own line: slower where it has more than its share, faster where
 * it runs dry. */
static uint64_t of_disk(const struct wb_look *l, uint64_t setpoint,
			uint64_t bandwidth, uint64_t ratio)
{
	uint64_t mine = l->wb_thresh < l->thresh ? l->wb_thresh : l->thresh;
	uint64_t x = (mine << 16) / (l->thresh | 1), own, span, end;

	own = setpoint * x >> 16;
	span = (l->thresh - mine + BANDWIDTH_EIGHTH * bandwidth) * x >> 16;
	end = own + span;
	if (l->wb_dirty + span / 4 < end)
		ratio = ratio * (end - l->wb_dirty) / (span | 1);
	else
		ratio /= 4;
	end = mine / 2;
	if (l->wb_dirty < end)
		ratio = l->wb_dirty > end / 8 ? ratio * end / l->wb_dirty
					      : ratio * 8;
	return ratio;
}

/* wb_position_ratio(): how far below the limit, in 1/1024. */
static uint64_t position(const struct wb_look *l, const struct wb *w)
{
	uint64_t freerun = (l->thresh + l->bg) / 2;
	uint64_t setpoint = (freerun + l->limit) / 2;

	if (l->dirty >= l->limit)
		return 0;
	return of_disk(l, setpoint, w->avg_write_bandwidth,
		       polynom(setpoint, l->dirty, l->limit));
}

/* dirty_poll_interval() */
static uint32_t poll_interval(uint64_t dirty, uint64_t thresh)
{
	return thresh > dirty ? 1u << (ilog2(thresh - dirty) / 2) : 1;
}

/* Jiffies that one pause may last at most, should last at least, and pages
 * until the next. */
struct pause {
	uint64_t most, least, pages;
};

/* wb_max_pause(): the disk must not run dry meanwhile. */
static uint64_t max_pause(const struct wb *w, uint64_t wb_dirty)
{
	uint64_t t = wb_dirty / (1 + w->avg_write_bandwidth / 32) + 1;

	return t < MAX_PAUSE ? t : MAX_PAUSE;
}

/* wb_min_pause() */
static void min_pause(const struct wb *w, uint64_t task, struct pause *p)
{
	unsigned hi = ilog2(w->avg_write_bandwidth);
	unsigned lo = ilog2(w->dirty_ratelimit);
	uint64_t t = WB_HZ / 100;

	if (hi > lo)
		t += (hi - lo) * (10 * WB_HZ) / 1024;
	if (t > 1 + p->most / 2)
		t = 1 + p->most / 2;
	p->pages = w->dirty_ratelimit * t / HZ_UP;
	if (p->pages < POLL_PAGES) {
		t = p->most;
		p->pages = w->dirty_ratelimit * t / HZ_UP;
		if (p->pages > POLL_PAGES) {
			p->pages = POLL_PAGES;
			t = WB_HZ * POLL_PAGES / w->dirty_ratelimit;
		}
	}
	if (WB_HZ * p->pages / (task + 1) > p->most) {
		t = p->most;
		p->pages = task * t / HZ_UP;
	}
	p->least = p->pages >= POLL_PAGES ? 1 + t / 2 : t;
}

static void look_at(struct cache *c, struct wb *w, vtime_t now,
		    struct wb_look *l)
{
	const struct vmstat *v = &c->phys->stat;

	dirty_limits(c, &l->bg, &l->thresh);
	l->dirty = (uint64_t)(vmstat_node_sum(v, NR_FILE_DIRTY) +
			      vmstat_node_sum(v, NR_WRITEBACK));
	l->limit = l->thresh > c->domain.dirty_limit ? l->thresh
						     : c->domain.dirty_limit;
	l->wb_thresh = wb_thresh(c, w, now, l->thresh, l->dirty);
	l->wb_dirty = w->nr_dirty + w->nr_writeback;
}

static void start_background(struct cache *c, struct wb *w)
{
	if (w->running)
		return;
	w->wake = 1;
	c->flush_wake = 1;
}

static int sleep_for(struct ctx *ctx, struct dirtier *d, uint64_t pause,
		     uint64_t pages, bool again)
{
	d->paused_when = jiffies(ctx->now) + pause;
	d->nr_pause = (uint32_t)pages;
	/* At the limit it asks again, else it has paid. */
	if (!again)
		d->nr_dirtied = 0;
	ctx->wait_until = ctx->now + pause * NS_PER_JIFFY;
	ctx->wait_disk = 1;
	return WAIT_TIME;
}

/* Above the free run: how long for the pages it dirtied. */
static int throttle(struct ctx *ctx, const struct wb *w,
		    const struct wb_look *l, struct dirtier *d)
{
	uint64_t task = w->dirty_ratelimit * l->pos_ratio >> RATELIMIT_SHIFT;
	uint64_t now = jiffies(ctx->now), period;
	struct pause p = { .most = max_pause(w, l->wb_dirty) };
	int64_t pause;

	min_pause(w, task, &p);
	if (!task)
		return sleep_for(ctx, d, p.most, p.pages, true);
	period = (uint64_t)WB_HZ * d->nr_dirtied / task;
	pause = (int64_t)period;
	if (d->paused_when)
		pause -= (int64_t)(now - d->paused_when);
	if (pause >= (int64_t)p.least)
		return sleep_for(ctx, d,
				 (uint64_t)pause < p.most ? (uint64_t)pause
							  : p.most,
				 p.pages, false);
	/* It thought for so long that it owes nothing, or too little yet. */
	if (pause < -(int64_t)WB_HZ) {
		d->paused_when = now;
		d->nr_dirtied = 0;
	} else if (period) {
		d->paused_when += period;
		d->nr_dirtied = 0;
	} else if (d->nr_pause <= d->nr_dirtied) {
		d->nr_pause += d->nr_dirtied;
	}
	return 0;
}

int wb_balance(struct cache *c, struct ctx *ctx, uint32_t id, struct dirtier *d)
{
	struct wb *w = wb_at(c, id);
	uint32_t most = d->nr_pause ? d->nr_pause : POLL_PAGES;
	struct wb_look l = { 0 };

	if (w->dirty_exceeded && most > EXCEEDED_PAGES)
		most = EXCEEDED_PAGES;
	if (!w->actor || d->nr_dirtied < most)
		return 0;
	look_at(c, w, ctx->now, &l);
	if (l.dirty <= (l.thresh + l.bg) / 2) {
		/* Laptops spin up for the higher threshold alone. */
		if (!c->laptop_mode && l.dirty > l.bg)
			start_background(c, w);
		d->paused_when = jiffies(ctx->now);
		d->nr_dirtied = 0;
		d->nr_pause = poll_interval(l.dirty, l.thresh);
		w->dirty_exceeded = 0;
		return 0;
	}
	start_background(c, w);
	w->dirty_exceeded = l.wb_dirty > l.wb_thresh && l.dirty > l.thresh;
	l.pos_ratio = position(&l, w);
	wb_estimate(c, w, ctx->now, &l);
	return throttle(ctx, w, &l, d);
}
