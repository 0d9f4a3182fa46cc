// SPDX-License-Identifier: Apache-2.0
/* Dirty inodes of a disk, its share of the thresholds, how fast it is:
 * mm/page-writeback.c, fs/fs-writeback.c. */
#include "vmcore/cache/cache-internal.h"

#define INIT_BW		   25600u /* 100 MiB a second */
#define BANDWIDTH_INTERVAL (WB_HZ / 5)
#define BANDWIDTH_PERIOD   1024u /* 3 s in jiffies, up to a power of 2 */
#define COMPLETIONS_NS	   3000000000u /* VM_COMPLETIONS_PERIOD_LEN */
#define NS_PER_CS	   10000000u
#define NS_PER_SEC	   1000000000u

void wb_init(struct wb *w)
{
	w->write_bandwidth = w->avg_write_bandwidth = INIT_BW;
	w->dirty_ratelimit = w->balanced_dirty_ratelimit = INIT_BW;
	w->timer = w->laptop_at = w->commit_at = NEVER;
}

uint32_t wb_of(const struct cache *c, const struct inode *inode)
{
	if (inode->disk)
		return inode->disk;
	return c->disks.used ? 1 : 0;
}

/* --- lists ------------------------------------------------------------------
 */
static void list_del(struct cache *c, struct wb *w, const struct inode *inode)
{
	struct wb_list *l = &w->list[inode->dirty_list];

	if (inode->dirty_prev)
		inode_at(c, inode->dirty_prev)->dirty_next = inode->dirty_next;
	else
		l->head = inode->dirty_next;
	if (inode->dirty_next)
		inode_at(c, inode->dirty_next)->dirty_prev = inode->dirty_prev;
	else
		l->tail = inode->dirty_prev;
}

void wb_move(struct cache *c, uint32_t id, enum wb_where where)
{
	struct inode *inode = inode_at(c, id);
	struct wb *w = wb_at(c, wb_of(c, inode));
	struct wb_list *l = &w->list[where];

	if (inode->dirty_list)
		list_del(c, w, inode);
	inode->dirty_list = where;
	inode->dirty_next = inode->dirty_prev = 0;
	if (!where)
		return;
	inode->dirty_prev = l->tail;
	if (l->tail)
		inode_at(c, l->tail)->dirty_next = id;
	else
		l->head = id;
	l->tail = id;
}

/* msecs_to_jiffies() of what is negative as an int is for ever. */
static vtime_t interval(const struct cache *c)
{
	int64_t cs = c->dirty_writeback_centisecs;

	if (cs < 0 || cs > INT32_MAX / 10)
		return NEVER;
	return (vtime_t)cs * NS_PER_CS;
}

/* wb_wakeup_delayed(): an earlier time stays. */
static void wake_later(struct cache *c, struct wb *w, vtime_t now)
{
	vtime_t after = interval(c);

	if (w->timer != NEVER || after == NEVER)
		return;
	w->timer = now + after;
	c->flush_wake = 1;
}

void wb_dirtied(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t nr)
{
	struct inode *inode = inode_at(c, id);
	uint32_t disk = wb_of(c, inode);
	struct wb *w = wb_at(c, disk);

	if (!inode->dirty_list) {
		bool first = !wb_has_dirty(w);

		inode->dirtied_when = ctx->now;
		wb_move(c, id, WB_DIRTY);
		if (first)
			wake_later(c, w, ctx->now);
	}
	inode->nr_dirty += nr;
	w->nr_dirty += nr;
	w->nr_dirtied += nr;
	ctx->dirtied += (uint32_t)nr;
	ctx->dirtied_disk = disk;
}

void wb_cleaned(struct cache *c, uint32_t id, uint64_t nr)
{
	struct inode *inode = inode_at(c, id);

	inode->nr_dirty -= nr;
	wb_at(c, wb_of(c, inode))->nr_dirty -= nr;
	if (!inode->nr_dirty)
		wb_move(c, id, WB_NOWHERE);
}

/* --- shares -----------------------------------------------------------------
 */
/* writeout_period(): what was completed counts half each 3 s. */
static void age_domain(struct wb_domain *d, vtime_t now)
{
	while (d->period_end <= now) {
		if (d->completions <= 1) {
			d->period_end = NEVER;
			return;
		}
		d->completions >>= 1;
		d->period++;
		d->period_end += COMPLETIONS_NS;
	}
}

static void age_wb(const struct wb_domain *d, struct wb *w)
{
	uint64_t periods = d->period - w->period;

	w->completions = periods < 64 ? w->completions >> periods : 0;
	w->period = d->period;
}

uint64_t wb_thresh(struct cache *c, struct wb *w, vtime_t now, uint64_t thresh,
		   uint64_t dirty)
{
	struct wb_domain *d = &c->domain;
	uint64_t all, share;

	age_domain(d, now);
	age_wb(d, w);
	all = d->completions > w->completions ? d->completions : w->completions;
	share = all ? thresh * w->completions / all : 0;
	/* Who has not written for long may begin all the same. */
	if (thresh > dirty && share < (thresh - dirty) / 8)
		share = (thresh - dirty) / 8;
	return share;
}

static void completed(struct cache *c, struct wb *w, vtime_t now, uint64_t nr)
{
	struct wb_domain *d = &c->domain;

	age_domain(d, now);
	age_wb(d, w);
	w->completions += nr;
	d->completions += nr;
	if (d->period_end == NEVER)
		d->period_end = now + COMPLETIONS_NS;
}

/* --- estimates --------------------------------------------------------------
 */
/* wb_update_write_bandwidth(): the mean of the last 3 s, then smoothed. */
static void update_bandwidth(struct wb *w, uint64_t elapsed)
{
	uint64_t bw = (w->nr_written - w->written_stamp) * WB_HZ;
	uint64_t avg = w->avg_write_bandwidth, old = w->write_bandwidth;

	if (elapsed > BANDWIDTH_PERIOD) {
		bw /= elapsed;
		avg = bw;
	} else {
		bw += old * (BANDWIDTH_PERIOD - elapsed);
		bw /= BANDWIDTH_PERIOD;
		if (avg > old && old >= bw)
			avg -= (avg - old) >> 3;
		if (avg < old && old <= bw)
			avg += (old - avg) >> 3;
	}
	w->write_bandwidth = bw;
	w->avg_write_bandwidth = avg ? avg : 1;
}

/* domain_update_dirty_limit(): up at once, down by and by. */
static void update_limit(struct wb_domain *d, uint64_t now,
			 const struct wb_look *look)
{
	uint64_t low = look->thresh > look->dirty ? look->thresh : look->dirty;

	if (now - d->limit_stamp < BANDWIDTH_INTERVAL)
		return;
	d->limit_stamp = now;
	if (d->dirty_limit < look->thresh)
		d->dirty_limit = look->thresh;
	else if (d->dirty_limit > low)
		d->dirty_limit -= (d->dirty_limit - low) >> 5;
}

static uint64_t least(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x = a < b ? a : b;

	return x < c ? x : c;
}

static uint64_t most(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x = a > b ? a : b;

	return x > c ? x : c;
}

/* wb_update_dirty_ratelimit(): the rate at which writers together dirty what
 * the disk writes; it moves only where both guesses agree. */
static void update_ratelimit(struct wb *w, uint64_t elapsed,
			     const struct wb_look *look)
{
	uint64_t rate = (w->nr_dirtied - w->dirtied_stamp) * WB_HZ / elapsed;
	uint64_t limit = w->dirty_ratelimit, step = 0, x;
	uint64_t setpoint = ((look->thresh + look->bg) / 2 + look->limit) / 2;
	uint64_t task = (limit * look->pos_ratio >> 10) + 1;
	uint64_t balanced = task * w->avg_write_bandwidth / (rate | 1);
	unsigned shift = 64;

	if (balanced > w->avg_write_bandwidth)
		balanced = w->avg_write_bandwidth;
	if (look->dirty < setpoint) {
		x = least(w->balanced_dirty_ratelimit, balanced, task);
		step = limit < x ? x - limit : 0;
	} else {
		x = most(w->balanced_dirty_ratelimit, balanced, task);
		step = limit > x ? limit - x : 0;
	}
	if (limit / (2 * step + 1) < 64)
		shift = (unsigned)(limit / (2 * step + 1));
	step = shift < 64 ? ((step >> shift) + 7) / 8 : 0;
	limit = limit < balanced ? limit + step : limit - step;
	w->dirty_ratelimit = limit ? limit : 1;
	w->balanced_dirty_ratelimit = balanced;
}

void wb_estimate(struct cache *c, struct wb *w, vtime_t now,
		 const struct wb_look *look)
{
	uint64_t elapsed = jiffies(now) - w->bw_stamp;

	if (elapsed < BANDWIDTH_INTERVAL)
		return;
	if (look) {
		update_limit(&c->domain, jiffies(now), look);
		update_ratelimit(w, elapsed, look);
	}
	update_bandwidth(w, elapsed);
	w->dirtied_stamp = w->nr_dirtied;
	w->written_stamp = w->nr_written;
	w->bw_stamp = jiffies(now);
}

void wb_written(struct cache *c, vtime_t now, uint32_t id, uint64_t nr)
{
	struct inode *inode = inode_at(c, id);
	struct wb *w = wb_at(c, wb_of(c, inode));

	inode->nr_writeback -= nr;
	w->nr_writeback -= nr;
	w->nr_written += nr;
	completed(c, w, now, nr);
	if (!w->nr_writeback)
		wb_estimate(c, w, now, NULL);
}

/* laptop_io_completion() */
void wb_laptop(struct cache *c, uint32_t disk, vtime_t now)
{
	if (c->laptop_mode <= 0)
		return;
	wb_at(c, disk)->laptop_at = now + (vtime_t)c->laptop_mode * NS_PER_SEC;
	c->flush_wake = 1;
}
