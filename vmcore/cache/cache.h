/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_CACHE_H
#define VMCORE_CACHE_H

#include "vmcore/base/pool.h"
#include "vmcore/base/tree.h"
#include "vmcore/base/xarray.h"
#include "vmcore/cache/dcache.h"
#include "vmcore/cache/hold.h"
#include "vmcore/cache/hugetlb.h"
#include "vmcore/cache/journal.h"
#include "vmcore/cache/swap.h"
#include "vmcore/cache/wb.h"
#include "vmcore/kmem/kmem.h"

/*
 * DOC: files, the page cache, readahead, shared memory, disks.
 *
 * Models:  mm/filemap.c, mm/readahead.c, mm/shmem.c, mm/page-writeback.c,
 *          mm/truncate.c, mm/workingset.c, fs/ext4 as far as folio sizes go.
 * Owns:    inodes, open files, page cache trees, disks and their requests.
 * Units:   bytes for positions and sizes, pages for indexes.
 * Order:   requests of a disk are served in the order they came.
 * Omits:   file contents beyond a content id a page; directories are paths.
 */
enum inode_kind {
	INODE_DISK, /* a file of a disk's file system */
	INODE_SHMEM, /* tmpfs file, shared anonymous, SysV segment */
	INODE_BLOCK, /* the block device itself: Buffers */
	INODE_HUGETLB,
	INODE_DEVICE, /* a character device: device.h */
};

#define INODE_UNLINKED	 1u /* no name any more; freed at last close */
#define INODE_SYSV	 2u /* /SYSV........ */
#define INODE_DEVZERO	 4u /* shared anonymous memory */
#define INODE_ACCOUNTED	 8u /* shmem charged to Committed_AS at creation */
#define INODE_LIVE	 16u /* the record is in use */
#define INODE_TMPFS	 32u /* counts against the size of the tmpfs mount */
#define INODE_REFERENCED 64u /* I_REFERENCED: one more round on the LRU */
#define INODE_DIR	 128u /* a folder; its size is that of its blocks */
/* content.h: its first contents are a host file's; it has others now */
#define INODE_OUTSIDE 256u
#define INODE_NUMBERS 512u

struct inode {
	char path[128]; /* as maps shows it, without " (deleted)" */
	uint64_t size; /* bytes */
	uint64_t nr_cached; /* pages in the cache */
	uint64_t nr_dirty, nr_writeback;
	uint64_t nr_evicted; /* shadow entries, pages */
	uint32_t nr_io; /* requests under way */
	uint32_t dir_bytes; /* INODE_DIR: its entries */
	uint32_t nr_writes; /* makes the contents of written pages differ */
	uint32_t ino; /* number shown in maps */
	uint32_t kind, flags, disk;
	uint32_t refs; /* open files and segments */
	uint32_t nr_mmap_writable;
	uint32_t mmap_root; /* interval tree of VMAs (space owns the nodes) */
	uint32_t hash_next; /* by path */
	uint32_t slab, group; /* its inode object, whom it is charged to */
	uint32_t dentry; /* its name: struct dentry */
	uint32_t lru, lru_next, lru_prev; /* unused: struct sb_lru */
	uint64_t seed; /* contents are a function of seed and index */
	uint64_t made; /* pages it had at first: the others are holes */
	struct xarray written; /* content.h: what its disk has instead */
	uint64_t placed; /* extent.h: pages that have a place on the disk */
	uint32_t extents, extent_last;
	uint64_t dirtied_when;
	uint32_t dirty_next, dirty_prev; /* list of dirty inodes */
	uint32_t dirty_list; /* enum wb_where */
	uint32_t writeback_index; /* where writing goes on */
	struct xarray pages; /* head pfn << 1, or a shadow entry (odd) */
	uint64_t swapped; /* shmem pages in swap */
	/* hugetlb.h: by huge page, shared: pfn << 1; private: 1, its
	 * reservation is used up */
	struct xarray huge;
	uint64_t huge_resv; /* huge pages reserved and not there yet */
	uint32_t huge_size, huge_shared; /* enum huge_size */
	uint32_t policies, spare; /* of shared memory: list, by page */
};

/* What mbind(2) said of pages of shared memory. */
struct shmem_policy {
	uint32_t next, policy; /* mempolicy.h */
	uint64_t first, end; /* pages */
};

/* An open file: one readahead state, shared by fork. */
struct file {
	uint32_t inode, refs;
	uint32_t slab, group; /* its filp object, whom it is charged to */
	uint32_t advice; /* FILE_RANDOM, FILE_SEQUENTIAL */
	uint32_t ra_start, ra_size, ra_async, ra_pages, ra_order; /* pages */
	uint32_t mmap_miss;
	uint32_t area; /* INODE_DEVICE: its vmalloc area, 0 none */
	int64_t prev_pos; /* bytes; -1 none */
	/* A window that memory ran out in: it goes on with the next step. */
	uint32_t todo_first; /* where it began */
	uint32_t todo_next, todo_end; /* pages left of it, end exclusive */
	uint32_t todo_mark; /* page that gets PG_READAHEAD, UINT32_MAX none */
	uint32_t todo_flags, todo_tries;
};
#define FILE_RANDOM	1u
#define FILE_SEQUENTIAL 2u

struct disk {
	char name[32];
	char mount[64]; /* "/" of its file system, "" none */
	uint64_t size_bytes, latency_ns, bandwidth; /* bytes/s, 0: no limit */
	uint32_t rotational, readahead_pages;
	uint32_t major, minor;
	uint32_t bdev; /* inode of the block device */
	uint32_t extents; /* tree by place */
	uint64_t next_place;
	uint32_t io_pages; /* largest request; 0: 1280K, without limit 4M */
	vtime_t busy_until;
	vtime_t stamp; /* io_ns is counted up to here */
	uint64_t ns[2], io_ns, weighted_ns; /* behind the ms below */
	/* what diskstats shows */
	uint64_t ios[2], merges[2], sectors[2], ms[2];
	uint64_t in_flight, io_ms, weighted_ms;
	struct wb wb;
	struct journal journal;
};

/* A request under way; completion is an event of the clock. */
struct io {
	uint32_t disk, inode; /* inode 0: of the swap cache */
	uint64_t index; /* first page, or slot (swp_t) */
	uint32_t pages, write;
	vtime_t done_at;
	vtime_t submitted_at;
	uint32_t direct, spare; /* it has no folios */
	uint32_t next; /* of the submitted list, in order */
	uint32_t waiters; /* actors waiting: the scheduler's list */
};

struct cache {
	struct host *host;
	struct phys *phys;
	struct control *control;
	struct kmem *kmem;
	struct pool inodes, files, disks, ios;
	struct pool nodes; /* xarray nodes of every inode */
	struct pool dentries, sb_lrus;
	struct pool swap_clusters, swap_dirs;
	struct pool swap_maps; /* beside swap_clusters, not saved */
	struct swap_memo *swap_memo; /* SWAP_MEMO, by place; nor is this */
	struct pool huge_nodes; /* xarray nodes of inode.huge, journal.heads */
	struct pool policies; /* of shared memory */
	struct pool contents; /* xarray nodes of inode.written */
	struct pool extents;
	struct pool holds; /* hold.h */
	uint32_t hash[1024]; /* inodes by path */
	uint32_t negative[1024]; /* dentries without an inode, by path */
	uint64_t nr_negative;
	struct wb wb; /* of a machine without disks: no thread */
	struct wb_domain domain;
	uint32_t flush_wake; /* some wb has a wish: see flushers_wake() */
	uint32_t device; /* inode of /dev/mapdrv, 0: never opened */
	uint32_t next_ino, next_anon_ino;
	uint64_t nr_made; /* files made but by name_create(), ever */
	/* knobs, rows in cache_knobs[] */
	int32_t dirty_ratio, dirty_background_ratio;
	uint64_t dirty_bytes, dirty_background_bytes;
	int32_t dirty_expire_centisecs, dirty_writeback_centisecs;
	int32_t dirtytime_expire_seconds, laptop_mode;
	int32_t vfs_cache_pressure, vfs_cache_pressure_denom;
	int32_t page_cluster;
	/* I/O that must wait for the clock: ids to schedule, drained by task */
	uint32_t submitted_head, submitted_tail;
	uint64_t tmpfs_pages; /* of the tmpfs mount, at most half of memory */
	struct swap swap;
	struct hugepool huge[NR_HUGE_SIZES];
};

extern const struct knob cache_knobs[];
extern const unsigned nr_cache_knobs;
enum cache_hook {
	CACHE_HOOK_NONE,
	CACHE_HOOK_DIRTY_RATIO,
	CACHE_HOOK_DIRTY_BYTES,
	CACHE_HOOK_BG_RATIO,
	CACHE_HOOK_BG_BYTES,
	CACHE_HOOK_WRITEBACK, /* and it is another value */
};
void cache_changed(struct cache *c, enum cache_hook hook);

int cache_init(struct cache *c, struct host *host, struct control *control,
	       struct kmem *kmem);
void cache_fini(struct cache *c);
int cache_archive(struct cache *c, struct archive *a);
void cache_check(const struct cache *c, check_report *report, void *arg);

static inline struct inode *inode_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->inodes, id);
}
/* Records of the pool that are no inode are told by this alone. */
static inline bool inode_used(const struct inode *inode)
{
	return inode->flags & INODE_LIVE;
}
static inline struct file *file_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->files, id);
}
static inline struct disk *disk_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->disks, id);
}
static inline struct io *io_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->ios, id);
}

/* --- disks and names (inode.c, disk.c) --------------------------------- */
/* A disk as @like says (names, size, speed); makes its block device inode.
 * Return: 0 or a host errno. */
int disk_new(struct cache *c, const struct disk *like, uint32_t *ret_disk);
/* Before the clock starts: what mounting its file system brings into memory.
 * Return: 0, NEED_*, host errno. */
int disk_mount(struct cache *c, struct ctx *ctx, uint32_t disk);
/* @path is absolute. ID_NONE: no such file. */
uint32_t inode_find(const struct cache *c, const char *path);
/*
 * Create or resize (the file then has that size and nothing cached but what
 * is mapped). Below /dev/shm and /tmpfs it is a tmpfs file. Return: 0,
 * ENAMETOOLONG, EBUSY (a disk's own inode), ETXTBSY (a swap file), NEED_*,
 * WAIT_IO, host errno.
 */
int inode_make(struct cache *c, struct ctx *ctx, const char *path,
	       uint64_t size, uint32_t *ret_inode);
/*
 * Shared memory: nameless (shared anonymous) or SysV (@flags INODE_DEVZERO,
 * INODE_SYSV), its pages charged to Committed_AS when @account, else one by
 * one. The caller opens it; the last file_put() frees it; inode_unlink() does
 * if it was never opened. Return: 0, ENOMEM, NEED_*, host errno.
 */
int shmem_new(struct cache *c, struct ctx *ctx, const char *path, uint64_t size,
	      uint32_t flags, bool account, uint32_t *ret_inode);
/* Remove the name; pages stay while somebody has it open or mapped.
 * Return: 0, EBUSY (a disk's own inode), EPERM (a swap file). */
int inode_unlink(struct cache *c, struct ctx *ctx, uint32_t inode);

/* stat(2): the name and inode are in memory afterwards, a missing name as a
 * negative dentry. Return: 0, ENOENT, NEED_*, host errno. */
int path_lookup(struct cache *c, struct ctx *ctx, const char *path);
/* Objects that nobody uses. */
struct dcache_count {
	uint64_t dentries, inodes, negative; /* on the lists; of all names */
};
void dcache_count(const struct cache *c, struct dcache_count *ret_count);

/* Return: 0, NEED_*, host errno. A new file has one reference. */
int file_open(struct cache *c, struct ctx *ctx, uint32_t inode,
	      uint32_t *ret_file);
void file_get(struct cache *c, uint32_t file);
/* Last put of an unlinked inode drops its pages and frees it. */
void file_put(struct cache *c, struct ctx *ctx, uint32_t file);

/* --- page cache (folio.c, filemap.c, write.c, shmem.c) ------------------ */
/* Head pfn of the folio that caches page @index, PFN_NONE if none does. */
pfn_t cache_find(const struct cache *c, uint32_t inode, uint64_t index);
/* First cached index in [@index, @end), UINT64_MAX if none; the folio's head
 * in @ret_folio. */
uint64_t cache_next(const struct cache *c, uint32_t inode, uint64_t index,
		    uint64_t end, pfn_t *ret_folio);
/* Is the folio held by the journal: its buffers are busy? */
bool folio_pinned(const struct cache *c, pfn_t folio);
/*
 * One step of pread(2): up to 64 KiB from @pos. Return: 0 and the bytes
 * read (0 at end of file), NEED_*, WAIT_IO, host errno.
 */
int file_read(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pos,
	      uint32_t len, uint32_t *ret_len);
/* One step of pwrite(2), up to 64 KiB; the file grows as needed. Return: as
 * file_read(), or ENOSPC (tmpfs full, or nothing left to commit), EFBIG. */
int file_write(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pos,
	       uint32_t len, uint32_t *ret_len);

/* The policy of page @index of shared memory, 0 none; from now on of [@first,
 * @end), 0 or a host errno. */
uint32_t shmem_policy(const struct cache *c, uint32_t inode, uint64_t index);
int shmem_policy_set(struct cache *c, uint32_t inode, uint64_t first,
		     uint64_t end, uint32_t policy);
/*
 * A folio of 2^@order pages around page @index of shared memory, of zeroes.
 * Return: 0, EEXIST (not all of it is a hole), ENOSPC, NEED_*, host errno.
 */
int shmem_new_large(struct cache *c, struct ctx *ctx, uint32_t inode,
		    uint64_t index, unsigned order, uint32_t gfp,
		    pfn_t *ret_folio);
/*
 * The frames from @to on, charged and of order 9, become the huge page at
 * @index of @inode, with what is cached there: that is mapped by nobody, goes,
 * and none of it is in swap. Return: 0, EEXIST (nothing is cached there),
 * ENOSPC, NEED_*, host errno; then nothing changed.
 */
int shmem_collapse(struct cache *c, struct ctx *ctx, uint32_t inode,
		   uint64_t index, pfn_t to);

/* What a fault tells the cache about its mapping. */
#define FAULT_RAND  1u /* VM_RAND_READ */
#define FAULT_SEQ   2u /* VM_SEQ_READ */
#define FAULT_EXEC  4u /* VM_EXEC: the window starts at the page */
#define FAULT_WRITE 8u /* shmem: a write fault */
#define FAULT_HUGE  16u /* VM_HUGEPAGE: 2 MiB at a time */
#define FAULT_TRIED 32u /* FAULT_FLAG_TRIED: again after WAIT_IO */
/*
 * The folio for a fault on page @index (filemap_fault(), shmem_fault()):
 * readahead, then wait. @vma_first, @vma_last: pages of the file the VMA
 * covers, for exec windows. @ret_major becomes true when the page had to be
 * read, also with WAIT_IO (the repeated step finds it cached), and is never
 * made false. Return: 0, FAULT_SIGBUS beyond the end or without space on
 * tmpfs, NEED_*, WAIT_IO, host errno.
 */
int file_fault(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t index,
	       uint32_t how, uint64_t vma_first, uint64_t vma_last,
	       pfn_t *ret_folio, bool *ret_major);
/* Fault-around mapped @pages that were not PG_WORKINGSET: fewer misses
 * (filemap_map_pages()). */
static inline void file_mapped_around(struct file *f, uint32_t pages)
{
	f->mmap_miss -= pages < f->mmap_miss ? pages : f->mmap_miss;
}

/* A clean page of @inode at @index, as if it had been read, without any disk.
 * Return: 0, EEXIST, NEED_*, host errno. */
int cache_fill(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	       pfn_t *ret_folio);

/* Drop clean, unmapped, unlocked pages of [@first, @last] and shadow entries;
 * pages dropped. */
uint64_t cache_invalidate(struct cache *c, struct ctx *ctx, uint32_t inode,
			  uint64_t first, uint64_t last);
/* Remove one folio from its inode and free it: @shadow leaves an eviction
 * entry. The folio must be clean and unmapped; it leaves the LRU. */
void cache_remove(struct cache *c, struct ctx *ctx, pfn_t folio, bool shadow);
/* The same for reclaim on behalf of @target (GROUP_ROOT: of a zone). */
void cache_evict(struct cache *c, struct ctx *ctx, pfn_t folio,
		 uint32_t target);
/* The file's pages of @folio are those of @to from now on (migration). */
void cache_replace(struct cache *c, struct ctx *ctx, pfn_t folio, pfn_t to);
/* @folio is about to become single pages: its file knows them from now on, its
 * buffers, which are clean, go. */
void file_split(struct cache *c, struct ctx *ctx, pfn_t folio);
/* Some of these pages, from @folio on, are one folio again. */
void file_rejoin(struct cache *c, struct ctx *ctx, pfn_t folio);
/* posix_fadvise(2): @advice as POSIX_FADV_* 0..5. Return: 0, EINVAL, NEED_*,
 * host errno. */
int file_advise(struct cache *c, struct ctx *ctx, uint32_t file,
		unsigned advice, uint64_t pos, uint64_t len);
/* drop_caches bits 1 (pages of every inode) and 2 (slab). */
void cache_drop(struct cache *c, struct ctx *ctx, unsigned bits);

/* What cachestat(2) answers, pages. */
struct cachestat {
	uint64_t nr_cache, nr_dirty, nr_writeback;
	uint64_t nr_evicted, nr_recently_evicted;
};
/* Of pages [@first, @last]. */
void cache_stat(const struct cache *c, uint32_t inode, uint64_t first,
		uint64_t last, struct cachestat *ret_stat);

/* --- dirty pages and requests (dirty.c, writeback.c, disk.c) ------------ */
/* The request that @folio is locked or under writeback for, 0 none. */
uint32_t folio_io(const struct cache *c, pfn_t folio);
/* A mapping made the folio dirty, or write(2) did: counters, inode list. */
void folio_mark_dirty(struct cache *c, struct ctx *ctx, pfn_t folio);
/* Before that: a buffer head for each of its pages (create_empty_buffers(),
 * for write(2) and page_mkwrite()). Return: 0, NEED_*, host errno. */
int folio_buffers(struct cache *c, struct ctx *ctx, pfn_t folio);
/* Before a folio goes out its mappings are cleaned through @clean(arg, folio),
 * which space provides; NULL: it has none. */
typedef void folio_clean(void *arg, pfn_t folio);
/*
 * Write the dirty pages of [@first, @last] and wait: fsync, msync. One pass:
 * what is dirtied behind it is left. @at is zero at first and kept between
 * steps. Return: 0, STEP_MORE, WAIT_IO, host errno.
 */
struct sync_at {
	uint64_t next; /* page: up to here all was started */
	uint32_t inode; /* of all of them; sync */
	uint32_t waiting; /* all is started */
};
int file_sync(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t first,
	      uint64_t last, struct sync_at *at, folio_clean *clean, void *arg);
/* The same for every inode: sync(2). */
int cache_sync_step(struct cache *c, struct ctx *ctx, struct sync_at *at,
		    folio_clean *clean, void *arg);
/* Start writing up to @nr dirty pages of @inode, from the lowest index on,
 * without waiting. Return: 0 or a host errno; pages started in @ret_nr. */
int cache_writeback(struct cache *c, struct ctx *ctx, uint32_t inode,
		    uint64_t nr, folio_clean *clean, void *arg,
		    uint64_t *ret_nr);
/* Dirty thresholds, pages (9.1). */
void dirty_limits(const struct cache *c, uint64_t *ret_background,
		  uint64_t *ret_threshold);

/* --- writeback in time (wb.c, flush.c, throttle.c) ----------------------- */
/* That of disk @id; 0: of no disk. */
static inline struct wb *wb_at(struct cache *c, uint32_t id)
{
	return id ? &disk_at(c, id)->wb : &c->wb;
}
/* Whatever is dirty now shall be written: wakeup_flusher_threads(). */
void cache_start_writeback(struct cache *c);
/* One step of the thread of disk @id. Return: STEP_MORE; 0 and when it wants
 * to run again in @ret_at (NEVER: when it is woken); a host errno. */
int wb_step(struct cache *c, struct ctx *ctx, uint32_t id, folio_clean *clean,
	    void *arg, vtime_t *ret_at);
/* When the sleeping thread wants to run; 0: at once. */
vtime_t wb_due(const struct wb *w);
/*
 * Who dirtied pages of disk @id looks whether that was too fast
 * (balance_dirty_pages()). Return: 0, or WAIT_TIME: ask again then.
 */
int wb_balance(struct cache *c, struct ctx *ctx, uint32_t id,
	       struct dirtier *d);

/*
 * Requests that take time wait in the submitted list until the scheduler has
 * an event for them: the next one, off the list; 0: none. At io->done_at it
 * calls io_complete(): pages become uptodate or written, the record goes (who
 * is in io->waiters must be woken).
 */
uint32_t io_take_submitted(struct cache *c);
void io_complete(struct cache *c, struct ctx *ctx, uint32_t io);

#endif
