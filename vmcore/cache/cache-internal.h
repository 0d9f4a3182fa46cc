/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_CACHE_INTERNAL_H
#define VMCORE_CACHE_INTERNAL_H

#include "vmcore/cache/cache.h"

/*
 * DOC: what the files of this floor share.
 *
 * Models:  mm/internal.h, include/linux/pagemap.h of 6.18.
 * Owns:    nothing.
 * Units:   pages.
 * Order:   does not apply.
 * Omits:   what other floors may call: cache.h.
 */
#define MAX_FOLIO_ORDER 9 /* MAX_PAGECACHE_ORDER */
/* The largest file of ext4 with blocks of 4 KiB. */
#define MAX_BYTES ((uint64_t)UINT32_MAX << PAGE_SHIFT)

/* mapping_gfp_mask() of ext4, and what readahead makes of it. */
#define GFP_CACHE     (GFP_HIGHUSER_MOVABLE | GFP_BIT_COMP)
#define GFP_READAHEAD (GFP_CACHE | GFP_BIT_NORETRY | GFP_BIT_NOWARN)

/* Entries of inode.pages: folios are even, shadows odd; what shared memory has
 * in swap is even and has a bit that no folio has. */
#define ENTRY_SWAP (1ull << 62)
static inline bool entry_is_folio(uint64_t entry)
{
	return entry && !(entry & (ENTRY_SWAP | 1));
}
static inline bool entry_is_swap(uint64_t entry)
{
	return (entry & (ENTRY_SWAP | 1)) == ENTRY_SWAP;
}
static inline uint64_t entry_of_swap(swp_t swp)
{
	return ENTRY_SWAP | (uint64_t)swp << 1;
}
static inline swp_t entry_swap(uint64_t entry)
{
	return (swp_t)(entry >> 1);
}
static inline bool entry_is_shadow(uint64_t entry)
{
	return entry & 1;
}
static inline pfn_t entry_folio(uint64_t entry)
{
	return (pfn_t)(entry >> 1);
}

static inline uint64_t frame_pages(const struct frame *f)
{
	return (uint64_t)1 << frame_order(f);
}
static inline uint64_t folio_end(const struct frame *f)
{
	return f->index + frame_pages(f);
}
static inline uint64_t inode_pages(const struct inode *inode)
{
	return (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* --- folio.c ----------------------------------------------------------- */
#define FOLIO_READ	 1u /* locked: a read will fill it */
#define FOLIO_REFERENCED 2u
/*
 * A charged folio of 2^@order pages in the cache at @index, on the LRU.
 * @flags: FOLIO_*. Return: 0, EEXIST (a page is cached there), NEED_*, or a
 * host errno; then nothing changed.
 */
int folio_new(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	      unsigned order, uint32_t gfp, uint32_t flags, pfn_t *ret_folio);
/* Move a per-node counter by the folio's pages, and its group's share. */
static inline void folio_stat(struct cache *c, const struct frame *f,
			      pfn_t folio, enum node_stat item, int sign)
{
	group_stat(c->control, frame_group(f), pfn_node(c->phys, folio), item,
		   sign * (int64_t)frame_pages(f));
}
/* Forget every shadow entry of [@first, @last]. */
void shadows_drop(struct cache *c, struct ctx *ctx, uint32_t inode,
		  uint64_t first, uint64_t last);

/* --- content.c ---------------------------------------------------------- */
/* The number of what @ctx writes to a page of @inode now. */
uint32_t content_new(const struct ctx *ctx, struct inode *inode);
/* A folio was read from its disk, or made as if. */
void content_read(struct cache *c, pfn_t folio);
/* It goes to its disk. 0 or a host errno. */
int content_written(struct cache *c, pfn_t folio);
/* Pages [@first, @last] were written past the cache. The same. */
int content_direct(struct cache *c, const struct ctx *ctx, uint32_t inode,
		   uint64_t first, uint64_t last);
/* The file ends with page @pages: what was written beyond is forgotten. */
void content_cut(struct cache *c, uint32_t inode, uint64_t pages);

/* --- cache-tree.c: inode.pages with its slab objects -------------------- */
/* xa_node.spare: its inode (upper half), the group charged for it, and bit 0:
 * it is a leaf of nothing but shadows, counted and listed. */
static inline uint32_t node_group(const struct xa_node *n)
{
	return (uint32_t)n->spare >> 1;
}
/* Nodes for [@index, @index + @nr) exist and are charged. 0, NEED_*, host. */
int tree_reserve(struct cache *c, struct ctx *ctx, uint32_t inode,
		 uint64_t index, uint64_t nr);
/* Drop what tree_reserve() made and nothing was stored in. */
void tree_trim(struct cache *c, struct ctx *ctx, struct inode *inode,
	       uint64_t index, uint64_t nr);
/* Store into what tree_reserve() made: cannot fail. 0 erases. */
void tree_set(struct cache *c, struct ctx *ctx, struct inode *inode,
	      uint64_t index, uint64_t entry);

/* Forget the shadows of a leaf that holds nothing else; it goes. */
void tree_drop_leaf(struct cache *c, struct ctx *ctx, uint32_t leaf);

/* --- workingset.c ------------------------------------------------------- */
uint64_t shadow_make(struct cache *c, pfn_t folio, uint32_t target);
bool shadow_recent(const struct cache *c, uint64_t shadow, bool file,
		   bool *ret_workingset);
/* A folio comes back where @shadow was (workingset_refault()). */
void shadow_refault(struct cache *c, pfn_t folio, uint64_t shadow);

/* --- readahead.c --------------------------------------------------------- */
/* Go on with a window that waited for memory. 0, NEED_*, host errno. */
int ra_continue(struct cache *c, struct ctx *ctx, uint32_t file);
int ra_sync(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t index,
	    uint64_t req);
int ra_async(struct cache *c, struct ctx *ctx, uint32_t file, pfn_t folio,
	     uint64_t index, uint64_t req);
int ra_force(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t index,
	     uint64_t nr);
/* Read the window ra_start, ra_size, ra_async, ra_order of the file. */
int ra_window(struct cache *c, struct ctx *ctx, uint32_t file);

/* --- holes.c -------------------------------------------------------------- */
/* First page of [@index, @index + @max) that seems not to be cached, @index +
 * @max if all are. */
uint64_t hole_behind(const struct cache *c, uint32_t inode, uint64_t index,
		     uint64_t max);
/* Pages directly before @index > 0 that seem to be cached, at most @max;
 * @ret_whole: they reach back to the beginning of the file. */
uint64_t cached_before(const struct cache *c, uint32_t inode, uint64_t index,
		       uint64_t max, bool *ret_whole);

/* --- shmem.c -------------------------------------------------------------- */
int shmem_fault(struct cache *c, struct ctx *ctx, uint32_t inode,
		uint64_t index, pfn_t *ret_folio, bool *ret_major);
int shmem_read(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t pos,
	       uint32_t len, uint32_t *ret_len);
int shmem_write(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t pos,
		uint32_t len, uint32_t *ret_len);
/* A page of shared memory went: what was charged for it alone. */
/* Pages more, of which some may be charged already: 0, ENOSPC. */
int shmem_account(struct cache *c, const struct inode *inode, uint64_t nr);
void shmem_pages_gone(struct cache *c, const struct inode *inode, uint64_t nr);
bool path_is_tmpfs(const char *path);
/* What it has in swap goes (shmem-swap.c). */
void shmem_swap_drop(struct cache *c, struct ctx *ctx, uint32_t inode);

/* --- filemap.c ------------------------------------------------------------ */
/* Wait until the folio can be used. 0, WAIT_IO, host errno. */
int folio_make_uptodate(struct cache *c, struct ctx *ctx, pfn_t folio);

/* --- meta.c --------------------------------------------------------------- */
/* Where inode @ino of @disk and block @block of folder @ino lie: pages. */
uint32_t meta_inode_page(const struct cache *c, uint32_t disk, uint64_t ino);
uint32_t meta_folder_page(const struct cache *c, uint32_t disk, uint64_t ino,
			  uint64_t block);
/* A page of the block device is there and has buffers. 0, NEED_*, WAIT_IO,
 * host errno. */
int meta_read(struct cache *c, struct ctx *ctx, uint32_t disk, uint32_t page);
/* The same for that of an inode, with those around it. */
int meta_read_inode(struct cache *c, struct ctx *ctx, uint32_t disk,
		    uint64_t ino);
/* A block that nobody has written yet: there without being read. 0, NEED_*,
 * host errno. */
int meta_new(struct cache *c, struct ctx *ctx, uint32_t disk, uint32_t page);
/* The block of inode @ino, which is new. 0, NEED_*, WAIT_IO, host errno. */
int meta_new_inode(struct cache *c, struct ctx *ctx, uint32_t disk,
		   uint64_t ino);
#define META_GROUP_PAGES 32768u
#define META_ROOT_INO	 2u /* EXT4_ROOT_INO */
#define META_SUPER	 0u /* pages of the device: the super block, and */
#define META_GROUPS	 1u /* the descriptors of its groups */
/* The bitmaps of the group that page @page or inode @ino is in. */
uint32_t meta_block_bitmap(const struct cache *c, uint32_t disk, uint64_t page);
uint32_t meta_inode_bitmap(const struct cache *c, uint32_t disk, uint64_t ino);

/* --- journal.c ------------------------------------------------------------ */
/* A cached page of the device is changed. 0, NEED_*, host errno. */
int journal_add(struct cache *c, struct ctx *ctx, uint32_t disk, uint32_t page);
/* Is it one that the mounted file system has for good, and uses? */
bool folio_held(const struct cache *c, pfn_t folio);
/* It has a cached page from now on. 0 or host errno. */
int journal_hold(struct cache *c, uint32_t disk, uint32_t page);
/* Is the page changed by what is not committed? */
bool journal_runs(const struct cache *c, uint32_t disk, uint32_t page);
/* What was changed goes to the journal. 0, WAIT_IO (it is on its way), host
 * errno. */
int journal_commit(struct cache *c, struct ctx *ctx, uint32_t disk);
/* Its shrinker (jbd2_journal_shrink_count(), _scan()). */
uint64_t journal_count(const struct cache *c, uint32_t disk);
uint32_t journal_batch(const struct cache *c, uint32_t disk);
uint64_t journal_scan(struct cache *c, struct ctx *ctx, uint32_t disk,
		      uint64_t nr);

/* --- inode.c ----------------------------------------------------------------
 */
/* Give an object back that @group was charged for, whoever acts. */
void object_free(struct cache *c, struct ctx *ctx, uint32_t group, pfn_t slab);
/* Its inode and dentry, which may have been freed. 0, NEED_*, host errno. */
int inode_objects(struct cache *c, struct ctx *ctx, uint32_t inode);
uint64_t hash_path(const char *path);
int inode_new(struct cache *c, const char *path, uint32_t kind,
	      uint32_t *ret_inode);
void inode_hash_add(struct cache *c, uint32_t inode);
void inode_hash_del(struct cache *c, uint32_t inode);
/* The first folio of [@index, end of the file) with a request under way. */
pfn_t inode_busy_folio(const struct cache *c, uint32_t inode, uint64_t index);
/* Pages from @index on go that no table maps, and shadow entries. */
void inode_drop_pages(struct cache *c, struct ctx *ctx, uint32_t inode,
		      uint64_t index);
/* Free an inode that has no name and no user, now or after its requests. */
void inode_release(struct cache *c, struct ctx *ctx, uint32_t inode);

/* --- dcache.c --------------------------------------------------------------
 */
/* Lists for objects of @slab on @disk: then they can be put there. 0 or a
 * host errno. */
int lru_reserve(struct cache *c, uint32_t disk, pfn_t slab, uint32_t group);
uint32_t lru_of(const struct cache *c, uint32_t disk, pfn_t slab,
		uint32_t group);
static inline struct sb_lru *lru_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->sb_lrus, id);
}
/* A name for @inode, new or its negative one. 0, NEED_*, host errno. */
int dentry_attach(struct cache *c, struct ctx *ctx, uint32_t inode);
/* It bears another name now; a negative dentry of that name goes. */
void dentry_move(struct cache *c, struct ctx *ctx, uint32_t inode);
/* Is there a name for @path in memory that lookups have found again? 0: none;
 * 1: there is; 2: another look changes nothing. */
int dentry_state(const struct cache *c, uint32_t inode, const char *path);
/* The last user of its name is gone. */
void dentry_put(struct cache *c, uint32_t inode);
/* The file is removed: its name becomes negative unless it is in use. */
void dentry_unlink(struct cache *c, uint32_t inode);
void dentry_free(struct cache *c, struct ctx *ctx, uint32_t dentry);
uint64_t dentry_prune(struct cache *c, struct ctx *ctx, uint32_t lru,
		      uint64_t nr);
/* To the list of unused inodes, if it is one; @rotate: or seen again. */
void inode_lru_add(struct cache *c, uint32_t inode, bool rotate);
uint64_t inode_prune(struct cache *c, struct ctx *ctx, uint32_t lru,
		     uint64_t nr);
/* Its objects are given back. */
void inode_evict(struct cache *c, struct ctx *ctx, uint32_t inode);

/* --- write.c ---------------------------------------------------------------
 */
/* A folio goes: try_to_free_buffers(). */
void folio_drop_buffers(struct cache *c, struct ctx *ctx, pfn_t folio);

/* --- dirty.c -------------------------------------------------------------- */
/* Dirty no longer, for writing it or (@cancel) for dropping it. */
void folio_clear_dirty(struct cache *c, pfn_t folio, bool cancel);
void folio_end_writeback(struct cache *c, pfn_t folio, vtime_t now);
/* How much of each node may be dirty, for an allocation that is to be. */
void dirty_node_limits(struct cache *c);

/* --- wb.c ------------------------------------------------------------------
 */
void wb_init(struct wb *w);
/* Which disk's thread writes @inode: that of the first for files of none. */
uint32_t wb_of(const struct cache *c, const struct inode *inode);
/* The inode to the end of another list of its disk (WB_NOWHERE: of none). */
void wb_move(struct cache *c, uint32_t inode, enum wb_where where);
/* Pages became dirty, clean, began or ended to be written. */
void wb_dirtied(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t nr);
void wb_cleaned(struct cache *c, uint32_t inode, uint64_t nr);
void wb_written(struct cache *c, vtime_t now, uint32_t inode, uint64_t nr);
static inline bool wb_has_dirty(const struct wb *w)
{
	return w->list[WB_DIRTY].head || w->list[WB_IO].head ||
	       w->list[WB_MORE_IO].head;
}
/* The share of @thresh that falls to @w when @dirty pages are dirty. */
uint64_t wb_thresh(struct cache *c, struct wb *w, vtime_t now, uint64_t thresh,
		   uint64_t dirty);
/* A period of laptop_mode after I/O of @disk everything is written. */
void wb_laptop(struct cache *c, uint32_t disk, vtime_t now);
/* Estimates, at most each 200 ms; @pos_ratio 0: of the disk alone. */
struct wb_look {
	uint64_t thresh, bg, dirty; /* of all disks */
	uint64_t limit, wb_thresh, wb_dirty, pos_ratio;
};
void wb_estimate(struct cache *c, struct wb *w, vtime_t now,
		 const struct wb_look *look);
static inline uint64_t jiffies(vtime_t now)
{
	return now / NS_PER_JIFFY;
}
static inline unsigned ilog2(uint64_t x)
{
	unsigned n = 0;

	while (x >>= 1)
		n++;
	return n;
}

/* --- writeback.c -----------------------------------------------------------
 */
/* Pages [@first, @end), at most about @nr of them. */
struct write_range {
	uint64_t first, end, nr;
};
/*
 * Start writing; what is being written already is passed over. @range->first
 * moves to where it ended. @ret_nr, pages started, may be NULL. Return: 0 or
 * a host errno.
 */
int writeback_range(struct cache *c, struct ctx *ctx, uint32_t inode,
		    struct write_range *range, folio_clean *clean, void *arg,
		    uint64_t *ret_nr);

/* Write the dirty pages of [@first, @last] and wait, as file_sync() but for
 * the journal. */
int pages_sync(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t first,
	       uint64_t last, struct sync_at *at, folio_clean *clean,
	       void *arg);

/* --- disk.c -----------------------------------------------------------------
 */
/*
 * Read or write folios that cover [@index, @index + @pages): locked or
 * PG_WRITEBACK ones. Done at once by a disk that takes no time.
 * Return: 0 or a host errno, then done all the same.
 */
int io_submit(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	      uint64_t pages, bool write);
/* The same past the cache. Return: 0 (a disk that takes no time), WAIT_IO for
 * the last of its requests, host errno. */
int io_direct(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	      uint64_t pages, bool write);
/* The same for slots of swap, @pages in a row; a write takes its time, and
 * with the write before it may make one request. */
int io_swap(struct cache *c, struct ctx *ctx, swp_t swp, uint32_t pages,
	    bool write);
/* The step waits for the request of @folio. Return: WAIT_IO. */
int io_wait(const struct cache *c, struct ctx *ctx, pfn_t folio);
uint32_t disk_io_pages(const struct disk *d);
uint32_t disk_of_path(const struct cache *c, const char *path);

/* --- shmem-policy.c ------------------------------------------------------ */
/* folio_new() where policies of the file's pages, else the task's, have it. */
int shmem_folio_new(struct cache *c, struct ctx *ctx, uint32_t id,
		    uint64_t index, unsigned order, uint32_t gfp,
		    pfn_t *ret_folio);
void shmem_policy_drop(struct cache *c, uint32_t inode);

#endif
